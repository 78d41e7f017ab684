/* SPDX-License-Identifier: MIT */
/* Pieces of text: borrowed bytes, taken apart by words rather than by characters. ASCII only where
 * case matters; UTF-8 passes through. */
#ifndef KRBWHY_EVIDENCE_SPAN_H
#define KRBWHY_EVIDENCE_SPAN_H

#include <stdint.h>

#include "base/bytes.h"

static inline struct bytes span(const uint8_t *at, size_t len)
{
    struct bytes s = {at, len};
    return s;
}

/* The part behind / before an offset; offsets beyond the end count as the end. */
struct bytes span_from(struct bytes s, size_t at);
struct bytes span_to(struct bytes s, size_t at);

/* Without blanks and tabs on both sides (span_trim), or at the end (span_trim_end). */
struct bytes span_trim(struct bytes s);
struct bytes span_trim_end(struct bytes s);

bool span_is(struct bytes s, const char *word);        /* equal */
bool span_is_nocase(struct bytes s, const char *word); /* ASCII case ignored */
bool span_starts(struct bytes s, const char *word);
bool span_starts_nocase(struct bytes s, const char *word);
bool span_ends(struct bytes s, const char *word);

/* Offset of the first (span_find_last: last) occurrence, or SIZE_MAX. */
size_t span_find(struct bytes s, const char *word);
size_t span_find_nocase(struct bytes s, const char *word);
size_t span_find_last(struct bytes s, const char *word);

static inline bool span_has(struct bytes s, const char *word)
{
    return span_find(s, word) != SIZE_MAX;
}

static inline bool span_has_nocase(struct bytes s, const char *word)
{
    return span_find_nocase(s, word) != SIZE_MAX;
}

/* The next word of *rest (ended by blanks), which is cut off it; empty when there is none. */
struct bytes span_word(struct bytes *rest);

/* The last word of s. */
struct bytes span_last_word(struct bytes s);

/* A whole decimal number with an optional sign, or hexadecimal behind 0x; false when s is anything
 * else or does not fit. */
bool span_int(struct bytes s, int64_t *out);

static inline bool span_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* Whether c is one of the characters of `set`; NUL never is. */
static inline bool span_among(uint8_t c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static inline bool span_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static inline bool span_alnum(uint8_t c)
{
    return span_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#endif
