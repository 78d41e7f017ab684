/* SPDX-License-Identifier: MIT */
/* --annotate and --extract: the second reading of a hostile file, in a process of its own like the
 * first. */
#ifndef KRBWHY_CLI_COPY_H
#define KRBWHY_CLI_COPY_H

#include "cli/output.h"
#include "rewrite/plan.h"

struct copy {
    const struct plan *plan;
    const char *const *paths; /* of the input, or of the consecutive files of one capture */
    size_t num_paths;
    struct output *output;
    bool extract, redact, no_sandbox;
};

/* Several files become one. Writes to output->fd, or sets output->skip when there is nothing to
 * write. False after a line on stderr. */
bool copy_write(const struct copy *copy);

#endif
