/* SPDX-License-Identifier: MIT */
#include "evidence/span.h"

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

struct bytes span_from(struct bytes s, size_t at)
{
    size_t skip = size_min(at, s.len);

    return skip == 0 ? s : span(s.at + skip, s.len - skip);
}

struct bytes span_to(struct bytes s, size_t at)
{
    return span(s.at, size_min(at, s.len));
}

struct bytes span_trim_end(struct bytes s)
{
    while (s.len > 0 && span_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

struct bytes span_trim(struct bytes s)
{
    while (s.len > 0 && span_blank(s.at[0]))
        s = span_from(s, 1);
    return span_trim_end(s);
}

static bool equal_at(struct bytes s, size_t at, struct bytes word, bool nocase)
{
    size_t i;

    if (word.len > s.len - at)
        return false;
    for (i = 0; i < word.len; i++) {
        uint8_t a = s.at[at + i], b = word.at[i];

        if (a != b && !(nocase && lower(a) == lower(b)))
            return false;
    }
    return true;
}

bool span_is(struct bytes s, const char *word)
{
    return bytes_equal(s, bytes_of_text(word));
}

bool span_is_nocase(struct bytes s, const char *word)
{
    return s.len == strlen(word) && equal_at(s, 0, bytes_of_text(word), true);
}

bool span_starts(struct bytes s, const char *word)
{
    return equal_at(s, 0, bytes_of_text(word), false);
}

bool span_starts_nocase(struct bytes s, const char *word)
{
    return equal_at(s, 0, bytes_of_text(word), true);
}

bool span_ends(struct bytes s, const char *word)
{
    size_t len = strlen(word);

    return s.len >= len && equal_at(s, s.len - len, bytes_of_text(word), false);
}

size_t span_find(struct bytes s, const char *word)
{
    const uint8_t *hit = s.len == 0 ? NULL : memmem(s.at, s.len, word, strlen(word));

    return hit == NULL ? SIZE_MAX : (size_t)(hit - s.at);
}

size_t span_find_nocase(struct bytes s, const char *word)
{
    struct bytes w = bytes_of_text(word);
    size_t i;

    for (i = 0; w.len <= s.len && i <= s.len - w.len; i++)
        if (equal_at(s, i, w, true))
            return i;
    return SIZE_MAX;
}

size_t span_find_last(struct bytes s, const char *word)
{
    size_t len = strlen(word), i;

    for (i = s.len >= len ? s.len - len + 1 : 0; i > 0; i--)
        if (equal_at(s, i - 1, bytes_of_text(word), false))
            return i - 1;
    return SIZE_MAX;
}

struct bytes span_word(struct bytes *rest)
{
    struct bytes s = span_trim(*rest);
    size_t len = 0;

    while (len < s.len && !span_blank(s.at[len]))
        len++;
    *rest = span_from(s, len);
    return span_to(s, len);
}

struct bytes span_last_word(struct bytes s)
{
    size_t at;

    s = span_trim_end(s);
    for (at = s.len; at > 0 && !span_blank(s.at[at - 1]); at--)
        continue;
    return span_from(s, at);
}

static int digit_of(uint8_t c)
{
    if (span_digit(c))
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

bool span_int(struct bytes s, int64_t *out)
{
    int base = 10;
    bool negative = s.len > 0 && s.at[0] == '-';
    int64_t value = 0;
    size_t i;

    if (s.len > 0 && (s.at[0] == '-' || s.at[0] == '+'))
        s = span_from(s, 1);
    if (s.len > 2 && span_starts_nocase(s, "0x")) {
        base = 16;
        s = span_from(s, 2);
    }
    if (s.len == 0)
        return false;
    for (i = 0; i < s.len; i++) {
        int digit = digit_of(s.at[i]);

        if (digit >= base || value > (INT64_MAX - digit) / base)
            return false;
        value = value * base + digit;
    }
    *out = negative ? -value : value;
    return true;
}
