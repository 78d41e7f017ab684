/* SPDX-License-Identifier: MIT */
/* What the files of the codec share: how numbers and counted bytes are written. */
#ifndef KRBWHY_OBSERVATION_CODEC_PARTS_H
#define KRBWHY_OBSERVATION_CODEC_PARTS_H

#include <string.h>

#include "base/reader.h"
#include "base/text.h"
#include "observation/record.h"

enum { RECORD_DEPTH = 8 };

/* Every list type of records.def has this layout (record.h). */
struct any_list {
    const void *at;
    size_t num;
};

enum { MOST_OCTETS = 10 }; /* of a number */

/* Where the next octets go; room is made before they are put. */
struct pen {
    struct text *out;
    char *at, *end;
};

static inline void pen_grow(struct pen *pen, size_t len)
{
    pen->out->len = (size_t)(pen->at - pen->out->at);
    pen->at = text_room(pen->out, len);
    pen->end = pen->out->at + pen->out->room;
}

static inline void pen_room(struct pen *pen, size_t len)
{
    if ((size_t)(pen->end - pen->at) <= len)
        pen_grow(pen, len);
}

/* Numbers are mostly small: seven bits an octet, least first (LEB128). In the room that is there.
 */
static inline void put_u64(struct pen *pen, uint64_t value)
{
    while (value >= 0x80) {
        *pen->at++ = (char)(value | 0x80);
        value >>= 7;
    }
    *pen->at++ = (char)value;
}

/* Signed ones with the sign in the lowest bit, so that small negative ones stay small. */
static inline void put_i64(struct pen *pen, int64_t value)
{
    pen_room(pen, MOST_OCTETS);
    put_u64(pen, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

static inline void put_count(struct pen *pen, size_t count)
{
    pen_room(pen, MOST_OCTETS);
    put_u64(pen, count);
}

static inline void put_counted(struct pen *pen, const void *at, size_t len)
{
    pen_room(pen, MOST_OCTETS + len);
    put_u64(pen, len);
    memcpy(pen->at, at, len);
    pen->at += len;
}

/* ---- Back ---- */

static inline uint8_t take_octet(struct reader *reader)
{
    if (reader_ok(reader) && reader->at < reader->end)
        return reader->base[reader->at++];
    return reader_u8(reader);
}

static inline uint64_t take_u64(struct reader *reader)
{
    uint64_t value = 0;
    unsigned shift;

    for (shift = 0; shift < 64; shift += 7) {
        uint8_t octet = take_octet(reader);

        if (shift == 63 && octet > 1)
            break;
        value |= (uint64_t)(octet & 0x7F) << shift;
        if (octet < 0x80)
            return value;
    }
    reader_fail(reader, FAULT_MALFORMED, "a number of more than 64 bits");
    return 0;
}

static inline int64_t take_i64(struct reader *reader)
{
    uint64_t value = take_u64(reader);

    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

/* A count of things that take at least `each` bytes: more than the rest can hold is malformed. */
static inline size_t take_count(struct reader *reader, size_t each)
{
    uint64_t count = take_u64(reader);

    if (!reader_ok(reader) || count > reader_left(reader) / each) {
        reader_fail(reader, FAULT_MALFORMED, "a count that the record cannot hold");
        return 0;
    }
    return (size_t)count;
}

/* The most that a field of this name may be, either sign (limits.h). */
int64_t field_most(const char *name);

#endif
