/* SPDX-License-Identifier: MIT */
/* How far a long run is, on stderr when that is a terminal. Nothing in the results depends on it.
 */
#ifndef KRBWHY_CLI_PROGRESS_H
#define KRBWHY_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool shown, terminal;
    int64_t begun_ms, drawn_ms; /* of a clock that never goes back */
    size_t files, num_files;
    int64_t bytes, num_bytes;
    size_t findings;
};

/* For that many files and bytes to be read. */
void progress_init(struct progress *progress, size_t num_files, int64_t num_bytes);

/* One file more was read. */
void progress_add(struct progress *progress, int64_t bytes, size_t findings);

/* Draws when a second has gone by, ten times a second at most. `bytes`: of the files under way.
 * `messages`: of Kerberos, in all that was read. */
void progress_show(struct progress *progress, int64_t bytes, int64_t messages);

/* Takes the line away. */
void progress_clear(struct progress *progress);

#endif
