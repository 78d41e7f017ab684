/* SPDX-License-Identifier: MIT */
/* Which frame brought which byte of what a stream holds. */
#ifndef KRBWHY_FLOW_MARKS_H
#define KRBWHY_FLOW_MARKS_H

#include <stddef.h>
#include <stdint.h>

struct arrival {
    int64_t frame, time_ns;
};

/* Bytes from `offset` up to the next mark. When the list is full, every second mark is folded into
 * the one before it: `first` stays right for the first byte, `last` for the whole. */
struct mark {
    uint64_t offset;
    struct arrival first, last;
};

/* All zero is a valid, empty list; sorted by offset. */
struct marks {
    struct mark *at;
    size_t num, room;
};

/* The bytes from `offset` on, up to the next mark that is there already, came with `arrival`. */
void marks_add(struct marks *marks, uint64_t offset, struct arrival arrival);

/* What brought the byte; the list must not be empty. */
struct arrival marks_find(const struct marks *marks, uint64_t offset);

/* Where the next arrival's bytes begin behind `offset`; UINT64_MAX when there are none. */
uint64_t marks_next(const struct marks *marks, uint64_t offset);

/* What brought the latest of the bytes [from, to); the list must not be empty. */
struct arrival marks_latest(const struct marks *marks, uint64_t from, uint64_t to);

/* Forgets what only concerns bytes before `offset`. */
void marks_drop(struct marks *marks, uint64_t offset);

void marks_shift(struct marks *marks, uint64_t by);
void marks_clear(struct marks *marks);

#endif
