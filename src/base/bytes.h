/* SPDX-License-Identifier: MIT */
/* A borrowed view of bytes, and arithmetic on sizes that cannot wrap. */
#ifndef KRBWHY_BASE_BYTES_H
#define KRBWHY_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed: whoever hands it out says how long `at` stays valid. `at` may be NULL when len is 0. */
struct bytes {
    const uint8_t *at;
    size_t len;
};

/* The bytes of a C string, without its NUL. */
static inline struct bytes bytes_of_text(const char *text)
{
    struct bytes b = {(const uint8_t *)text, strlen(text)};
    return b;
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* *out = a + b (a * b); false, and *out untouched, when the result does not fit a size_t. */
static inline bool size_add(size_t a, size_t b, size_t *out)
{
    if (b > SIZE_MAX - a)
        return false;
    *out = a + b;
    return true;
}

static inline bool size_mul(size_t a, size_t b, size_t *out)
{
    if (a != 0 && b > SIZE_MAX / a)
        return false;
    *out = a * b;
    return true;
}

static inline size_t size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

#endif
