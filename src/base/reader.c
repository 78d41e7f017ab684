/* SPDX-License-Identifier: MIT */
#include "base/reader.h"

void reader_init(struct reader *reader, struct bytes bytes, bool open)
{
    memset(reader, 0, sizeof(*reader));
    reader->base = bytes.at;
    reader->end = bytes.len;
    reader->open = open;
}

void reader_fail_at(struct reader *reader, enum fault fault, const char *what, size_t at)
{
    if (reader->fault != FAULT_NONE)
        return;
    reader->fault = fault;
    reader->fault_at = at;
    reader->fault_what = what;
}

void reader_fail(struct reader *reader, enum fault fault, const char *what)
{
    reader_fail_at(reader, fault, what, reader->at);
}

/* True when len bytes may be read now. */
static inline bool have(struct reader *reader, size_t len)
{
    if (!reader_ok(reader))
        return false;
    if (reader->end - reader->at >= len)
        return true;
    if (reader->open)
        reader_fail_at(reader, FAULT_NEEDS_MORE, "the input ends here", reader->end);
    else
        reader_fail(reader, FAULT_MALFORMED, "a value is longer than what holds it");
    return false;
}

/* The next len bytes, taken; NULL after a fault. */
static inline const uint8_t *take(struct reader *reader, size_t len)
{
    const uint8_t *at;

    if (!have(reader, len))
        return NULL;
    at = reader->base + reader->at;
    reader->at += len;
    return at;
}

static inline uint32_t le32(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

uint8_t reader_u8(struct reader *reader)
{
    const uint8_t *at = take(reader, 1);

    return at == NULL ? 0 : at[0];
}

uint16_t reader_be16(struct reader *reader)
{
    const uint8_t *at = take(reader, 2);

    return (uint16_t)(at == NULL ? 0 : at[0] << 8 | at[1]);
}

uint32_t reader_be24(struct reader *reader)
{
    const uint8_t *at = take(reader, 3);

    return at == NULL ? 0 : (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
}

uint32_t reader_be32(struct reader *reader)
{
    const uint8_t *at = take(reader, 4);

    return at == NULL ? 0 : be32(at);
}

uint64_t reader_be64(struct reader *reader)
{
    const uint8_t *at = take(reader, 8);

    return at == NULL ? 0 : (uint64_t)be32(at) << 32 | be32(at + 4);
}

uint16_t reader_le16(struct reader *reader)
{
    const uint8_t *at = take(reader, 2);

    return (uint16_t)(at == NULL ? 0 : at[1] << 8 | at[0]);
}

uint32_t reader_le32(struct reader *reader)
{
    const uint8_t *at = take(reader, 4);

    return at == NULL ? 0 : le32(at);
}

uint64_t reader_le64(struct reader *reader)
{
    const uint8_t *at = take(reader, 8);

    return at == NULL ? 0 : (uint64_t)le32(at + 4) << 32 | le32(at);
}

struct bytes reader_bytes(struct reader *reader, size_t len)
{
    struct bytes out = {NULL, 0};

    if (len == 0 || !have(reader, len))
        return out;
    out.at = reader->base + reader->at;
    out.len = len;
    reader->at += len;
    return out;
}

struct bytes reader_rest(struct reader *reader)
{
    return reader_bytes(reader, reader_left(reader));
}

void reader_skip(struct reader *reader, size_t len)
{
    if (have(reader, len))
        reader->at += len;
}

int reader_peek(const struct reader *reader)
{
    return reader_left(reader) == 0 ? -1 : reader->base[reader->at];
}

void reader_seek(struct reader *reader, size_t offset)
{
    if (!reader_ok(reader))
        return;
    if (offset > reader->end)
        reader_fail(reader, FAULT_MALFORMED, "an offset points behind the end");
    else
        reader->at = offset;
}

struct reader reader_child(struct reader *parent, size_t len)
{
    struct reader child = *parent;

    child.open = false;
    if (!reader_ok(parent)) {
        child.at = child.end = parent->at;
        return child;
    }
    if (have(parent, len)) {
        child.end = parent->at + len;
        parent->at += len;
        return child;
    }
    child.open = parent->open;
    child.end = parent->end;
    parent->at = parent->end;
    return child;
}

void reader_close(struct reader *parent, const struct reader *child)
{
    if (!reader_ok(child))
        reader_fail_at(parent, child->fault, child->fault_what, child->fault_at);
}
