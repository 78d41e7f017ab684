/* SPDX-License-Identifier: MIT */
/* Pieces of text lines, for the decoders of HTTP only. */
#ifndef KRBWHY_PROTOCOL_HTTP_BYTES_H
#define KRBWHY_PROTOCOL_HTTP_BYTES_H

#include "base/bytes.h"

static inline bool http_is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static inline bool http_is_line_end(uint8_t c)
{
    return c == '\r' || c == '\n';
}

static inline bool http_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static inline uint8_t http_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* The octets from `from` up to `to`. */
static inline struct bytes http_part(struct bytes bytes, size_t from, size_t to)
{
    return bytes.at == NULL ? bytes : (struct bytes){bytes.at + from, to - from};
}

/* Without blanks and line ends around it. */
static inline struct bytes http_trim(struct bytes bytes)
{
    size_t from = 0, to = bytes.len;

    while (from < to && (http_is_blank(bytes.at[from]) || http_is_line_end(bytes.at[from])))
        from++;
    while (to > from && (http_is_blank(bytes.at[to - 1]) || http_is_line_end(bytes.at[to - 1])))
        to--;
    return http_part(bytes, from, to);
}

/* Without the CR before a line end. */
static inline struct bytes http_chomp(struct bytes line)
{
    while (line.len > 0 && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* Index of the octet, or bytes.len. */
static inline size_t http_find(struct bytes bytes, uint8_t octet)
{
    const uint8_t *at = bytes.len == 0 ? NULL : memchr(bytes.at, octet, bytes.len);

    return at == NULL ? bytes.len : (size_t)(at - bytes.at);
}

#endif
