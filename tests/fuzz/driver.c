/* SPDX-License-Identifier: MIT */
/* Runs a libFuzzer harness without libFuzzer: every seed as it is, every prefix of small seeds, and
 * a fixed number of mutations of each from a fixed random sequence. Prints one line: "ok NAME". A
 * crash or failed assertion ends it, and the input is left in build/NAME.crash. A file instead of a
 * folder of seeds is run as it is. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Of a harness that is slow: only the n-th part of the mutations and prefixes is run. */
extern const unsigned fuzz_weight __attribute__((weak));

enum { MUTATIONS = 4000, MAX_SEEDS = 400, MAX_SEED_BYTES = 1 << 20 };

static uint64_t state = 0x9E3779B97F4A7C15u;

static uint32_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

/* What is run, for who looks at a crash. */
static const uint8_t *current;
static size_t current_len;
static char crash_path[256];

void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void keep_input(void)
{
    int fd = current == NULL ? -1 : open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    if (fd >= 0 && write(fd, current, current_len) >= 0)
        close(fd);
    current = NULL;
}

static void aborted(int number)
{
    keep_input();
    signal(number, SIG_DFL);
    raise(number);
}

static void watch(const char *name)
{
    snprintf(crash_path, sizeof(crash_path), "build/%s.crash", name);
    signal(SIGABRT, aborted);
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(keep_input);
}

/* In a block of the exact size, so that an overrun is seen. */
static void run(const uint8_t *data, size_t len)
{
    uint8_t *exact = malloc(len == 0 ? 1 : len);

    if (len > 0)
        memcpy(exact, data, len);
    current = exact;
    current_len = len;
    LLVMFuzzerTestOneInput(exact, len);
    current = NULL;
    free(exact);
}

static void mutate(const uint8_t *seed, size_t len)
{
    uint8_t *copy = malloc(len + 1);
    size_t changes = 1 + next_random() % 6, keep = len;

    memcpy(copy, seed, len);
    while (changes-- > 0 && keep > 0) {
        size_t at = next_random() % keep;

        switch (next_random() % 5) {
        case 0:
            copy[at] ^= (uint8_t)(1u << next_random() % 8);
            break;
        case 1:
            copy[at] = (uint8_t)next_random();
            break;
        case 2:
            copy[at] = (uint8_t)(next_random() % 2 == 0 ? 0xFF : 0x80);
            break;
        case 3:
            memmove(copy + at, copy + at + 1, keep - at - 1);
            keep--;
            break;
        default:
            keep = next_random() % 8 == 0 ? at : keep;
            break;
        }
    }
    run(copy, keep);
    free(copy);
}

static size_t read_seed(const char *path, uint8_t **out)
{
    FILE *file = fopen(path, "rb");
    size_t len;

    if (file == NULL)
        return SIZE_MAX;
    *out = malloc(MAX_SEED_BYTES);
    len = fread(*out, 1, MAX_SEED_BYTES, file);
    fclose(file);
    return len;
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/');
    struct dirent **entries = NULL;
    int num = argc > 1 ? scandir(argv[1], &entries, NULL, alphasort) : 0, i;
    size_t seeds = 0, done = 0, weight = &fuzz_weight == NULL ? 1 : fuzz_weight;

    name = name == NULL ? argv[0] : name + 1;
    watch(name);
    if (argc > 1 && num < 0) {
        uint8_t *seed;
        size_t len = read_seed(argv[1], &seed);

        if (len == SIZE_MAX)
            return 1;
        run(seed, len);
        free(seed);
        return 0;
    }
    run((const uint8_t *)"", 0);
    for (i = 0; i < num && seeds < MAX_SEEDS; i++) {
        char path[4096];
        uint8_t *seed;
        size_t len, k;

        snprintf(path, sizeof(path), "%s/%s", argv[1], entries[i]->d_name);
        if (entries[i]->d_name[0] == '.' || (len = read_seed(path, &seed)) == SIZE_MAX)
            continue;
        seeds++;
        run(seed, len);
        for (k = 0; k < len && len <= 2048; k += weight)
            run(seed, k);
        for (k = 0; k < MUTATIONS / weight / (size_t)num + 1; k++, done++)
            mutate(seed, len);
        free(seed);
    }
    for (i = 0; i < num; i++)
        free(entries[i]);
    free(entries);
    printf("# %s: %zu seeds, %zu mutations\n", name, seeds, done);
    printf("%s %s\n", argc > 1 && seeds == 0 ? "not ok" : "ok", name);
    return argc > 1 && seeds == 0;
}
