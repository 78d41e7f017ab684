/* SPDX-License-Identifier: MIT */
/* Whose a TCP connection is, found from the first bytes that are seen of it. */
#ifndef KRBWHY_CARRIER_CLAIMS_H
#define KRBWHY_CARRIER_CLAIMS_H

#include "carrier/carrier.h"

enum { CLAIMS_PORTS = 128 };

/* Whom to ask, and on which ports anybody of them is asked first. */
struct claims {
    const struct carrier *const *table;
    uint8_t port[65536 / 8]; /* a bit each: whether it is in `ports` */
    struct {
        uint16_t port;
        uint64_t carriers; /* a bit for each row of the table */
    } ports[CLAIMS_PORTS];
    size_t num_ports;
};

void claims_init(struct claims *claims, const struct carrier *const *table);

/* Whether it is a port of anybody. */
static inline bool claims_know_port(const struct claims *claims, uint16_t port)
{
    return (claims->port[port / 8] >> (port % 8) & 1) != 0;
}

bool claims_is_port(const struct carrier *carrier, uint16_t port);

/* flow->state of the observer. */
struct speaker {
    const struct carrier *carrier; /* NULL while nobody claimed the flow */
    void *state;                   /* the carrier's */
    bool overheard[2];             /* bytes of this side went by unclaimed */
    unsigned tries[2];             /* segments of each side that nobody claimed */
};

/* The first carrier whose port one of the flow's is; NULL: nobody's. Where the SYN was not seen it
 * is not known for certain who the server is: then either port counts. */
const struct carrier *claims_hinted(const struct claims *claims, const struct flow *flow);

/* The carrier of a dissector's name in exported PDUs; NULL: none. */
const struct carrier *claims_named(const struct carrier *const *table, const char *dissector);

/* Asks for a segment of a flow that is nobody's yet; `sure`, when not NULL, is whose it is without
 * asking. When somebody claims it, flow->state is a speaker with its carrier set, and the result
 * does not matter. Else the result is what to return to the flow table. The speaker, if any, is the
 * caller's. */
size_t claims_ask(const struct claims *claims, const struct carrier *sure, struct flow *flow,
                  int side, const struct segment *segment);

/* An observer over another table than that of carriers.def. */
struct observer *observer_open_with(struct carriage *carriage, const struct carrier *const *table);

#endif
