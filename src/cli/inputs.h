/* SPDX-License-Identifier: MIT */
/* The files that a command line names: paths as they are, directories walked in a stable order. */
#ifndef KRBWHY_CLI_INPUTS_H
#define KRBWHY_CLI_INPUTS_H

#include <stdbool.h>

#include "base/arena.h"

struct input {
    const char *path;
    size_t folder; /* 0: named on the command line; else the number of the folder it was found in */
    size_t follows; /* of files that are consecutive by their names: how many stand before it */
    const char *missing; /* why it does not follow the number before it: a line; NULL: nothing */
    bool too_many;       /* that is because of LIMIT_SERIES_FILES */
    /* Known when it was read: */
    size_t part;           /* how many inputs before it its capture began; 0: with itself */
    int64_t frames_before; /* in those */
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

/* Puts files that are consecutive by their names (series.h) side by side, in the order of their
 * numbers, where the first of them stands, and sets `follows` and `missing`. Only files of one
 * folder, or named on the command line, and only those that begin as a capture does. */
void inputs_group(struct inputs *inputs);

void inputs_clear(struct inputs *inputs);

#endif
