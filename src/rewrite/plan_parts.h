/* SPDX-License-Identifier: MIT */
/* What the making of a plan knows. */
#ifndef KRBWHY_REWRITE_PLAN_PARTS_H
#define KRBWHY_REWRITE_PLAN_PARTS_H

#include "report/view.h"
#include "rewrite/plan.h"

enum { NUM_CONTEXTS = 64 };

/* A client on its way to a service. */
struct context {
    struct address client;
    const char *spn;
    int64_t from_ns, to_ns;
};

struct planning {
    struct plan *plan;
    struct view view;
    const struct log *log;
    int64_t input;
    struct context contexts[NUM_CONTEXTS];
    size_t num_contexts;
};

/* The frames and the conversation of an observation. */
void plan_add_source(struct planning *planning, int64_t id);

/* Notes what the attempt's chain covers; then adds what rules look at around it without citing it.
 */
void plan_note_context(struct planning *planning, const struct attempt *attempt,
                       const int64_t *chain, size_t num);
void plan_add_contexts(struct planning *planning);

#endif
