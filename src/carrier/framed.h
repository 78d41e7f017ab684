/* SPDX-License-Identifier: MIT */
/* Protocols on TCP whose messages begin with their length: each message as a whole, those that
 * nobody reads skipped, and which message answers which. */
#ifndef KRBWHY_CARRIER_FRAMED_H
#define KRBWHY_CARRIER_FRAMED_H

#include "carrier/carrier.h"

enum framed_start {
    FRAMED_NONE, /* no message begins here */
    FRAMED_MORE, /* cannot tell from so few bytes */
    FRAMED_SKIP, /* one that is not read */
    FRAMED_READ  /* one to be handed over */
};

struct framed;

/* What one of the carriers adds. */
struct framed_rules {
    /* What begins at the front of `first`; FRAMED_SKIP and FRAMED_READ set *out_len, above 0. */
    enum framed_start (*measure)(struct bytes first, size_t *out_len);
    /* Takes a message with all that stands in front of it; source->damaged is "incomplete" when it
     * is less than whole. */
    void (*message)(struct framed *framed, struct carriage *carriage, const struct source *source,
                    struct bytes message);
};

/* What struct carrier asks for, of a carrier whose `rules` are set; framed_finish frees what
 * framed_open gave. */
void *framed_open(const struct carrier *self, struct carriage *carriage, struct flow *flow);
size_t framed_feed(void *framed, struct carriage *carriage, struct flow *flow, int side,
                   const struct segment *segment);
void framed_finish(void *framed, struct carriage *carriage, struct flow *flow);

/* A message that was decoded, for the log. */
struct framed_record {
    enum kind kind;
    const void *record; /* of that kind */
    bool response;
    uint64_t number;    /* that an answer has in common with its request */
    struct bytes token; /* empty: none */
};

/* Appends the record, remembers it when it is a request (in place of an older
 * one with that number), and observes its token below
 * it. Everything is borrowed for the call. */
void framed_observe(struct framed *framed, struct carriage *carriage, const struct source *source,
                    const struct framed_record *what);

/* Requests of a connection that are remembered: answers come soon, and the oldest is forgotten. */
enum { FRAMED_OPEN = 32 };

/* The observation that an answer with this number belongs to; 0: not seen. It stays, for a further
 * answer to it. */
int64_t framed_answer(const struct framed *framed, uint64_t number);

#endif
