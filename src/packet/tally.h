/* SPDX-License-Identifier: MIT */
/* What went by undecoded or damaged, counted per kind and told once, at the end of the capture. */
#ifndef KRBWHY_PACKET_TALLY_H
#define KRBWHY_PACKET_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "packet/packet.h"

/* What is told: "312 frames of link type X were not decoded" is noun "frame", subject " of link
 * type X", outcome "not decoded". All static text. Two notes are one when code, subject, outcome
 * and number are equal. */
struct tally_what {
    const char *code, *noun, *subject, *outcome;
    uint32_t number;                      /* printed behind the subject unless it is 0 */
    const char *(*name)(uint32_t number); /* printed in place of the number; NULL, or the result
                                             NULL: the number has no name */
};

struct tally {
    struct tally_what what;
    int64_t count, first_frame, first_offset;
};

enum { TALLY_ROOM = 64 };

/* All zero is valid and empty. */
struct tallies {
    struct tally at[TALLY_ROOM];
    size_t num, last; /* last: the one noted last, which most often is the next one as well */
    int64_t others;   /* counted beyond TALLY_ROOM kinds */
};

/* Counts `count` more. `offset` is in the frame, or -1. The texts are borrowed and must be static.
 */
void tally_note(struct tallies *tallies, const struct tally_what *what, int64_t count,
                int64_t frame, int64_t offset);

/* Raises one problem per kind, in the order of first appearance. */
void tally_tell(const struct tallies *tallies, const struct packet_events *events);

#endif
