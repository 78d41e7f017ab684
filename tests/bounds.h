/* SPDX-License-Identifier: MIT */
/* What tests of bounds share: bytes put together, an input observed, observations counted. */
#ifndef KRBWHY_TESTS_BOUNDS_H
#define KRBWHY_TESTS_BOUNDS_H

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/worker.h"
#include "observation/log.h"

static inline struct bytes bytes_of(const struct text *text)
{
    return (struct bytes){(const uint8_t *)text->at, text->len};
}

static inline size_t num_of(const struct log *log, enum kind kind)
{
    size_t num = 0, i;

    for (i = 0; i < log->num; i++)
        num += log->at[i].kind == kind;
    return num;
}

static inline size_t num_code(const struct log *log, const char *code)
{
    size_t num = 0, i;

    for (i = 0; i < log->num; i++)
        num += log->at[i].kind == KIND_problem && strcmp(log->at[i].problem->code, code) == 0;
    return num;
}

static inline void put_number(struct text *out, uint64_t value, size_t len)
{
    while (len-- > 0)
        text_put_char(out, (char)(uint8_t)(value >> 8 * len));
}

static inline void put_little(struct text *out, uint64_t value, size_t len)
{
    for (; len > 0; len--, value >>= 8)
        text_put_char(out, (char)(uint8_t)value);
}

static inline void put_times(struct text *out, char c, size_t num)
{
    while (num-- > 0)
        text_put_char(out, c);
}

/* What an input of these bytes gives; log_clear(). */
static inline void observe(struct log *log, struct bytes content)
{
    const struct worker_setup setup = {0};
    int fd = memfd_create("input", MFD_CLOEXEC);

    memset(log, 0, sizeof(*log));
    if (write(fd, content.at, content.len) != (ssize_t)content.len)
        abort();
    lseek(fd, 0, SEEK_SET);
    worker_observe(fd, &setup, log);
}

#endif
