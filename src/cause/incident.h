/* SPDX-License-Identifier: MIT */
/* The same incident of many clients and attempts, gathered: judged once, counted. */
#ifndef KRBWHY_CAUSE_INCIDENT_H
#define KRBWHY_CAUSE_INCIDENT_H

#include "cause/index.h"

struct incident {
    const struct attempt *best; /* the attempt with the most complete chain; the first of equals */
    int64_t *attempts;          /* ids, ascending */
    size_t num_attempts, room;
    size_t num_clients; /* different addresses, counted up to a bound */
    bool informs;       /* normal, or hidden: shown with --all only */
};

struct incidents {
    struct incident *at; /* in order of the first attempt */
    size_t num, room;
};

/* Everything that did not succeed, by SPN, server, error and name in it. *out is zeroed. */
void incidents_gather(struct incidents *out, const struct index *index);
void incidents_clear(struct incidents *incidents);

#endif
