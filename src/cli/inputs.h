/* SPDX-License-Identifier: MIT */
/* The files that a command line names: paths as they are, directories walked in a stable order. */
#ifndef KRBWHY_CLI_INPUTS_H
#define KRBWHY_CLI_INPUTS_H

#include <stdbool.h>

#include "base/arena.h"

struct input {
    const char *path;
    size_t folder; /* 0: named on the command line; else the number of the folder it was found in */
};

/* All zero is a valid, empty list. */
struct inputs {
    struct arena arena;
    struct input *at;
    size_t num, room;
    size_t folders; /* seen so far */
};

/* Adds a file, or all regular files below a directory: names in byte order, files before
 * folders, hidden ones and symbolic links to directories left out. `warn` is called with a path and
 * a reason for what cannot be looked into. */
void inputs_add(struct inputs *inputs, const char *path,
                void (*warn)(const char *path, const char *reason));

void inputs_clear(struct inputs *inputs);

#endif
