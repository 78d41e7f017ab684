/* SPDX-License-Identifier: MIT */
/* Observations that come by the million and are looked at singly (DNS messages) as bytes: about 60
 * each where a struct takes 600. Each can be had as a struct again (log_look, log_find). */
#ifndef KRBWHY_OBSERVATION_PACKED_H
#define KRBWHY_OBSERVATION_PACKED_H

#include "base/map.h"
#include "observation/log.h"

/* All that was read of one writer (log_begin). */
struct packed_run {
    int64_t before; /* ids up to this one are older */
    int64_t input;
};

struct packed {
    struct text
        bytes;       /* kind, source, record of each, with indices in place of texts (packing.c) */
    uint32_t *place; /* of id n at n - 1: where it is (enum packed_place) */
    size_t room;
    struct packed_run *runs;
    size_t num_runs;
    struct map found; /* id -> index into kept: those that log_find gave out */
    const struct observation **kept;
    size_t num_kept, room_kept;
    struct arena arena; /* of those */
};

/* place: an index into the log's `at`; with the highest bit an offset into `bytes`; or nothing. */
#define PACKED_BIT     0x80000000u
#define PACKED_NOWHERE 0xFFFFFFFFu
#define PACKED_MOST    ((size_t)0x7FFFFFFF) /* bytes */

/* One that was packed. */
struct packed_one {
    size_t offset;
    bool response; /* of DNS */
};

/* True for kinds that are packed: they hold no references, and nothing refers to them. */
bool packed_kind(enum kind kind);

/* The next id, log->last, is there. */
void packed_place(struct log *log, uint32_t place);

/* Reads the source and the record of that kind, which are not trusted, as log_decode does, and
 * packs them behind the others. False: faults are left in the reader, and nothing was packed. */
bool packed_take(struct log *log, enum kind kind, struct reader *reader, struct packed_one *out);

/* Parts of log_begin, log_renumber and log_clear; a log that packs nothing is none of their
 * business. */
void log_begin_packed(struct log *log, int64_t input);
void log_renumber_packed(struct log *log, int64_t input);
void log_clear_packed(struct log *log);

/* The kind of what stands there; its source with the capture of its run (id), and its record;
 * texts live as long as the log, the rest in the arena. */
void packed_read(const struct log *log, int64_t id, size_t offset, struct arena *arena,
                 struct observation *out);
void packed_read_source(const struct log *log, int64_t id, size_t offset, struct arena *arena,
                        struct source *out);

#endif
