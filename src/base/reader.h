/* SPDX-License-Identifier: MIT */
/* The bounded cursor that all parsing goes through. Its first fault sticks: after it every read
 * gives zero or empty, so that a parser may check once, at its end.
 *
 * A reader is `open` when the input it covers may continue behind its end: running out is then
 * FAULT_NEEDS_MORE. A child has a declared length: running out of it is FAULT_MALFORMED. */
#ifndef KRBWHY_BASE_READER_H
#define KRBWHY_BASE_READER_H

#include "base/bytes.h"
#include "base/fault.h"

struct reader {
    const uint8_t *base; /* shared by all children, so that offsets are absolute */
    size_t at, end;      /* offsets from base; at <= end */
    bool open;
    enum fault fault;
    size_t fault_at;        /* offset from base of the first fault */
    const char *fault_what; /* static text: what was wrong there */
};

/* A reader over borrowed bytes; open unless the caller knows that nothing can follow. */
void reader_init(struct reader *reader, struct bytes bytes, bool open);

static inline bool reader_ok(const struct reader *reader)
{
    return reader->fault == FAULT_NONE;
}

/* Bytes left to read; 0 after a fault. */
static inline size_t reader_left(const struct reader *reader)
{
    return reader_ok(reader) ? reader->end - reader->at : 0;
}

/* Records a fault at the current offset (reader_fail_at: at the given one) unless there is one
 * already. `what` must be static text. */
void reader_fail(struct reader *reader, enum fault fault, const char *what);
void reader_fail_at(struct reader *reader, enum fault fault, const char *what, size_t at);

/* Integers, big endian (be) or little endian (le); 0 after a fault. */
uint8_t reader_u8(struct reader *reader);
uint16_t reader_be16(struct reader *reader);
uint32_t reader_be24(struct reader *reader);
uint32_t reader_be32(struct reader *reader);
uint64_t reader_be64(struct reader *reader);
uint16_t reader_le16(struct reader *reader);
uint32_t reader_le32(struct reader *reader);
uint64_t reader_le64(struct reader *reader);

/* The next len bytes, borrowed from the reader's input; empty after a fault. */
struct bytes reader_bytes(struct reader *reader, size_t len);

/* Everything that is left; empty after a fault. */
struct bytes reader_rest(struct reader *reader);

void reader_skip(struct reader *reader, size_t len);

/* The next byte without taking it; -1 when there is none (no fault is recorded). */
int reader_peek(const struct reader *reader);

/* Moves to an absolute offset from base within [0, end]; FAULT_MALFORMED outside. */
void reader_seek(struct reader *reader, size_t offset);

/* A closed reader over the next len bytes, which the parent skips. When fewer are left the parent
 * gets its fault and the child covers what is there: a child over damaged input can still be read.
 * Such a child is open, because its missing bytes are missing from the input, not from its own
 * content. */
struct reader reader_child(struct reader *parent, size_t len);

/* Folds the child's fault, if any, into the parent. */
void reader_close(struct reader *parent, const struct reader *child);

#endif
