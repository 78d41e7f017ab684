/* SPDX-License-Identifier: MIT */
/* Any record to bytes and back, by its description: one codec for all of records.def. */
#ifndef KRBWHY_OBSERVATION_CODEC_H
#define KRBWHY_OBSERVATION_CODEC_H

#include "base/arena.h"
#include "base/reader.h"
#include "base/text.h"
#include "observation/record.h"
#include "observation/texts.h"

/* Appends the fields of the record, in table order. */
void record_encode(struct text *out, const struct record_type *type, const void *record);

/* Fills the zeroed *record from bytes that are not trusted; texts come out as clean UTF-8. Faults
 * are left in the reader (FAULT_MALFORMED; FAULT_LIMIT beyond nesting of 8). Texts and lists live
 * in the arena; texts: those in it, each kept once. */
void record_decode(struct reader *reader, struct arena *arena, struct texts *texts,
                   const struct record_type *type, void *record);

/* The same from the packed form (packed.h), whose texts are in `texts`; lists live in the arena. */
void record_unpack(struct reader *reader, struct arena *arena, const struct texts *texts,
                   const struct record_type *type, void *record);

/* Deep copy of *from into *to. */
void record_copy(struct arena *arena, const struct record_type *type, const void *from, void *to);

/* Brings every number of the record, and of those in it, into the ranges of limits.h: LIMIT_SECONDS
 * for fields named _s, LIMIT_NANOSECONDS for _ns and Windows file times, LIMIT_NUMBER for others.
 * The record, with all that it points to, is one that may be written to. */
void record_bound(const struct record_type *type, void *record);

#endif
