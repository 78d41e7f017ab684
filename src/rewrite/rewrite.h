/* SPDX-License-Identifier: MIT */
/* Captures out: the input once more, as pcapng, with comments on the frames that the findings cite,
 * cut down to their conversations, without its secrets. */
#ifndef KRBWHY_REWRITE_REWRITE_H
#define KRBWHY_REWRITE_REWRITE_H

#include "rewrite/plan.h"

struct rewrite {
    const struct plan *plan;
    bool extract; /* only frames of the plan's conversations */
    bool redact;
    int out;                  /* descriptor, borrowed */
    const char *const *names; /* of several inputs, for the comments of an extract; may be NULL */
    /* What the reader of the result has to know; one line, borrowed. */
    void (*tell)(void *user, const char *line);
    void *user;
};

/* Reads the capture behind the descriptors `in` (borrowed; from their start; several for
 * consecutive files of one capture, which become one file with frames counted on) again and writes
 * the result to rewrite->out. A pcapng input keeps every block that is written as it stands, but
 * for what is added or overwritten; any other becomes pcapng with one interface for each interface
 * and link type. Not kept: what comes after damage that ends the reading. False, with one line in
 * *out_error, when it cannot be read or written. */
bool rewrite_run(const struct rewrite *rewrite, const int *in, size_t num, struct text *out_error);

#endif
