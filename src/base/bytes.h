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

/* Little endian integers that stand at `at`; the caller knows that they are there. */
static inline uint16_t bytes_le16(const uint8_t *at)
{
    return (uint16_t)(at[1] << 8 | at[0]);
}

static inline uint32_t bytes_le32(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static inline uint64_t bytes_le64(const uint8_t *at)
{
    return (uint64_t)bytes_le32(at + 4) << 32 | bytes_le32(at);
}

static inline size_t size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Numbers in network order; compilers make a load of it. */
static inline uint16_t be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

#endif
