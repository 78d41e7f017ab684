/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct test *tests;
static bool failed, skipped;

void test_register(struct test *test)
{
    struct test **at = &tests;

    while (*at != NULL)
        at = &(*at)->next;
    *at = test;
}

void test_fail(const char *file, int line, const char *format, ...)
{
    va_list args;

    failed = true;
    printf("# %s:%d: ", file, line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

void test_skip(const char *reason)
{
    skipped = true;
    printf("# skipped: %s\n", reason);
}

struct bytes test_hex(const char *hex)
{
    uint8_t *out = malloc(strlen(hex) / 2 + 1);
    size_t len = 0;
    int high = -1;

    for (; *hex != '\0'; hex++) {
        int digit = isdigit((unsigned char)*hex)    ? *hex - '0'
                    : isxdigit((unsigned char)*hex) ? tolower((unsigned char)*hex) - 'a' + 10
                                                    : -1;
        if (digit < 0)
            continue;
        if (high < 0) {
            high = digit;
        } else {
            out[len++] = (uint8_t)(high << 4 | digit);
            high = -1;
        }
    }
    return (struct bytes){out, len};
}

struct bytes test_exact(struct bytes bytes)
{
    uint8_t *copy = malloc(bytes.len == 0 ? 1 : bytes.len);

    if (bytes.len > 0)
        memcpy(copy, bytes.at, bytes.len);
    return (struct bytes){copy, bytes.len};
}

int main(int argc, char **argv)
{
    const char *program = strrchr(argv[0], '/');
    int status = 0;

    program = program == NULL ? argv[0] : program + 1;
    for (struct test *test = tests; test != NULL; test = test->next) {
        if (argc > 1 && strcmp(argv[1], test->name) != 0)
            continue;
        failed = skipped = false;
        test->run();
        printf("%s %s/%s\n", failed ? "not ok" : skipped ? "skip" : "ok", program, test->name);
        status |= failed;
        fflush(stdout);
    }
    return status;
}
