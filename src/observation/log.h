/* SPDX-License-Identifier: MIT */
/* The append-only log of observations: everything the stages right of the wall may know, and its
 * codec for the pipe between worker and parent and for files in tests. */
#ifndef KRBWHY_OBSERVATION_LOG_H
#define KRBWHY_OBSERVATION_LOG_H

#include <stdio.h>

#include "base/arena.h"
#include "base/reader.h"
#include "base/text.h"
#include "observation/record.h"
#include "observation/texts.h"

enum kind {
    KIND_NONE,
#define KIND(record) KIND_##record,
#include "observation/kinds.def"
#undef KIND
    KIND_END
};

/* One observation. `id` counts from 1 within its log; 0 is "not seen" wherever an id is stored. */
struct observation {
    int64_t id;
    enum kind kind;
    struct source source;
    union {
        const void *record;
#define KIND(name) const struct name *name;
#include "observation/kinds.def"
#undef KIND
    };
};

struct packed;

/* All zero is a valid, empty log. Records and their texts live in `arena`. */
struct log {
    struct arena arena;
    struct texts texts;     /* of log_decode: in the arena, each once */
    struct observation *at; /* in order; at[i].id == i + 1 where nothing is packed */
    size_t num, room;
    int64_t last;          /* id that was given last, packed ones included */
    struct packed *packed; /* see log_pack; NULL: all stand in `at` */
    size_t num_dns;        /* packed or passed on DNS messages; of them, packed responses: */
    size_t num_dns_responses;
    size_t most; /* tests: in place of LIMIT_OBSERVATIONS; 0: that */
    bool full;   /* the limit was met; later ones are dropped */
    /* Of the writer that is read (log_begin), or since log_restart: how many were dropped, the
     * frame of the first of them (0: none), and how many stand here that say something about the
     * input itself: for these there is room beyond the limit. */
    size_t dropped, about_input;
    int64_t dropped_frame;
    size_t dropped_dns; /* beyond LIMIT_DNS_MESSAGES: names may not take the room of the rest */
    int64_t dropped_dns_frame;
    /* For log_decode, set by log_begin: what is read next comes from input number `input`, whose id
     * n is this log's base + n. */
    int64_t base, input;
    /* Of a capture in several files: frames before each of them; num_files 0 is one file. */
    int64_t *files;
    size_t num_files;
    /* When set, observations are passed on and not kept (log_find knows none of them): a worker
     * writes each to its pipe here, so that its memory does not grow with the capture. */
    void (*on_append)(void *user, const struct observation *observation);
    void *user;
};

const struct record_type *kind_type(enum kind kind); /* NULL for KIND_NONE and unknown values */

/* Appends a copy of *record (a struct of the kind's record type; nested lists and texts are
 * deep-copied, so they may be borrowed). Returns its id, or 0 when the log is full. */
int64_t log_append(struct log *log, enum kind kind, const struct source *source,
                   const void *record);

/* What is appended from now on is of the next file of the same capture: source.part is set by
 * log_append, for a frame by its number (up to frames_before: an earlier file), else the latest. */
void log_next_file(struct log *log, int64_t frames_before);

/* For a log that passes on: what follows is another log, whose ids count from 1. */
void log_restart(struct log *log);

/* DNS messages that are decoded from now on (the log is empty) are kept packed: they count in ids,
 * do not stand in `at`, and are had by log_look and log_find. */
void log_pack(struct log *log);

/* Says, as problems "limit-observations" and "limit-dns" of the input, how many observations were
 * dropped since log_begin (log_restart) and from which frame on; nothing when none were. */
void log_note_dropped(struct log *log);

/* Appends the observations of `from` as those of input number `input`. They are shared, not copied:
 * `from` outlives the log, unchanged. What is dropped is said. */
void log_add(struct log *log, const struct log *from, int64_t input);

/* All that is in the log becomes that of input number `input`. */
void log_renumber(struct log *log, int64_t input);

/* The observation with that id; NULL for 0 or an unknown id. Valid as long as the log, and kept for
 * that: not for walking through all. */
const struct observation *log_find(const struct log *log, int64_t id);

/* Where a packed observation is looked at. All zero is valid; log_leave. */
struct log_room {
    struct arena arena;
    struct observation observation;
};

/* The observation with that id (1 to log->last), or NULL. A packed one is in the room until the
 * next look; its texts are the log's. */
const struct observation *log_look(const struct log *log, int64_t id, struct log_room *room);

/* Its source alone, which is cheaper; NULL likewise. */
const struct source *log_look_source(const struct log *log, int64_t id, struct log_room *room);

void log_leave(struct log_room *room);

/* The observation with that id, when it is not packed; else NULL. */
const struct observation *log_whole(const struct log *log, int64_t id);

/* First and last of a source become their difference, and back: equal ones take no room. */
void log_relate(struct source *source);

void log_clear(struct log *log);

/* Appends the wire form of one observation to out: u32 big-endian length, then the body. */
void log_encode(struct text *out, const struct observation *observation);

/* What log_decode reads from now on comes from another writer: its ids count from 1, and its
 * source.capture is replaced by `input`. */
void log_begin(struct log *log, int64_t input);

/* Reads one observation from a body (without its length) into the log. The bytes are not trusted:
 * any fault (FAULT_MALFORMED, FAULT_LIMIT) is left in the reader, and false is returned with
 * nothing appended. Ids are assigned anew; they must come in the order in which they were written.
 */
bool log_decode(struct log *log, struct reader *reader);

/* Whole logs in files: the magic "krbwhy-log/3\n", then encoded observations. log_load returns
 * false and sets *out_problem (static text) when the file is none, damaged or unreadable; what came
 * before the damage is kept. */
bool log_save(const struct log *log, FILE *file);
bool log_load(struct log *log, FILE *file, const char **out_problem);

/* Field by field equality and a readable dump ("name=value" per line, absent fields left out), of
 * any record. */
bool record_equal(const struct record_type *type, const void *a, const void *b);
void record_dump(struct text *out, const struct record_type *type, const void *record, int indent);

#endif
