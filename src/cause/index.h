/* SPDX-License-Identifier: MIT */
/* The log of a case by what judges ask for: built once, then looked up. */
#ifndef KRBWHY_CAUSE_INDEX_H
#define KRBWHY_CAUSE_INDEX_H

#include "base/map.h"
#include "correlate/attempt.h"

struct index {
    const struct joined_case *joined;
    struct map attempts;  /* SPN -> indices of attempts with it */
    struct map tickets;   /* SPN -> ids of TGS-REPs whose ticket carries it */
    struct map as;        /* client address -> ids of AS-REQ, AS-REP and errors of an AS exchange */
    struct map computers; /* first label -> ids of observations that name it as a computer */
    struct map here;      /* server address -> ids of NTLM CHALLENGEs from it */
    struct map told;      /* client address -> ids of DNS responses to it */
    struct map kdcs;      /* address -> ids of messages it sent as a KDC */
    struct log
        evidence;      /* the facts of evidence files alone, with their ids; no arena of its own */
    struct map offers; /* client address -> ids of 401s and 407s that offered Negotiate to it */
    struct map talk;   /* client address -> ids of its requests to a KDC */
};

void index_build(struct index *out, const struct joined_case *joined); /* *out is zeroed */
void index_clear(struct index *index);

/* The fact of that id among index->evidence; NULL when it is none. */
const struct observation *index_fact(const struct index *index, int64_t id);

/* How many entries of one key are looked at, newest first: a bound on work, not on results that
 * matter. */
enum { INDEX_NEARBY = 256 };

uint64_t index_name(const char *name);
uint64_t index_label(const char *name); /* of the first label, "$" at the end ignored */
uint64_t index_address(const struct address *address);

/* True when an account's name ends in '$', as those of computers and managed accounts do; false for
 * NULL and for '$' alone. */
bool index_is_machine(const char *name);

/* An observation that shows that the name's first label is that of a computer: an NTLM CHALLENGE, a
 * machine account's AS-REQ, an error in the name of "label$". `except` (an observation id) does not
 * count. 0 when there is none. */
int64_t index_computer(const struct index *index, const char *name, int64_t except);

#endif
