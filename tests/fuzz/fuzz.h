/* SPDX-License-Identifier: MIT */
/* What several harnesses need: files in memory, a sequence of numbers, text that is harmless. */
#ifndef KRBWHY_TESTS_FUZZ_H
#define KRBWHY_TESTS_FUZZ_H

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A file that holds these bytes, read from its start. */
static inline int fuzz_file(struct bytes bytes)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    if (fd < 0 || write(fd, bytes.at, bytes.len) != (ssize_t)bytes.len || lseek(fd, 0, SEEK_SET))
        abort();
    return fd;
}

/* A name by which the file can be opened once more. */
static inline const char *fuzz_path(int fd, char out[64])
{
    snprintf(out, 64, "/proc/self/fd/%d", fd);
    return out;
}

/* Appends what the file holds. */
static inline void fuzz_content(int fd, struct text *out)
{
    struct stat is;

    if (fstat(fd, &is) != 0 ||
        pread(fd, text_room(out, (size_t)is.st_size), (size_t)is.st_size, 0) != is.st_size)
        abort();
    out->len += (size_t)is.st_size;
    out->at[out->len] = '\0';
}

/* FNV-1a of the input, never 0: where a sequence of numbers begins. */
static inline uint32_t fuzz_seed(const uint8_t *data, size_t len)
{
    uint32_t state = 2166136261u;

    for (; len > 0; len--)
        state = (state ^ *data++) * 16777619u;
    return state | 1;
}

static inline uint32_t fuzz_next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Lines of clean UTF-8, without controls but (tabs) between columns. */
static inline void fuzz_check_lines(const char *at, size_t len, bool tabs)
{
    size_t i;

    assert(len == 0 || utf8_clean((struct bytes){(const uint8_t *)at, len}, NULL) == len);
    for (i = 0; i < len; i++)
        assert(((unsigned char)at[i] >= ' ' && at[i] != 0x7F) || at[i] == '\n' ||
               (tabs && at[i] == '\t'));
}

#endif
