/* SPDX-License-Identifier: MIT */
/* Whose a TCP connection is, found from the first bytes that are seen of it. */
#ifndef KRBWHY_CARRIER_CLAIMS_H
#define KRBWHY_CARRIER_CLAIMS_H

#include "carrier/carrier.h"

/* flow->state of the observer. */
struct speaker {
    const struct carrier *carrier; /* NULL while nobody claimed the flow */
    void *state;                   /* the carrier's */
    bool overheard[2];             /* bytes of this side went by unclaimed */
    unsigned tries[2];             /* segments of each side that nobody claimed */
};

/* Whether a port of the flow is one of the carrier's. Where the SYN was not seen it is not known
 * for certain who the server is: then either port counts. */
bool claims_is_hint(const struct carrier *carrier, const struct flow *flow);

/* The first carrier whose port it is; NULL: nobody's. */
const struct carrier *claims_hinted(const struct carrier *const *table, const struct flow *flow);

/* The carrier of a dissector's name in exported PDUs; NULL: none. */
const struct carrier *claims_named(const struct carrier *const *table, const char *dissector);

/* Asks for a segment of a flow that is nobody's yet; `sure`, when not NULL, is whose it is without
 * asking. When somebody claims it, flow->state is a speaker with its carrier set, and the result
 * does not matter. Else the result is what to return to the flow table. The speaker, if any, is the
 * caller's. */
size_t claims_ask(const struct carrier *const *table, const struct carrier *sure, struct flow *flow,
                  int side, const struct segment *segment);

/* An observer over another table than that of carriers.def. */
struct observer *observer_open_with(struct carriage *carriage, const struct carrier *const *table);

#endif
