/* SPDX-License-Identifier: MIT */
/* What both ends of a worker's pipe have to agree on. */
#ifndef KRBWHY_CLI_WORKER_PARTS_H
#define KRBWHY_CLI_WORKER_PARTS_H

#include "cli/worker.h"

enum { PIPE_CHUNK = 64 * 1024 }; /* bytes written and read at once */

/* How a worker's process ends: a status of its own says that it had to do without the sandbox. */
enum { ENDED_WELL = 0, ENDED_UNCONFINED = 64, ENDED_ALONE = 3 };

/* Runs in the forked process: enters the sandbox, reads the job's descriptors (-errno: could not be
 * opened) and writes its observations to `out`. */
_Noreturn void worker_child(const struct worker_setup *setup, const struct job *job, int *inputs,
                            int out);

/* Hands over each whole record (without its length) at the beginning of `raw`; returns how many
 * bytes they took. What is left is the beginning of one, or nothing. */
size_t worker_records(struct bytes raw, void (*take)(void *user, struct bytes record), void *user);

/* Where the records of a job are: in which of its files, and how many of them before that one
 * belong to the same capture. */
struct worker_place {
    size_t file, part;
};

/* Goes with a record that was handed over. */
void worker_place_follow(struct worker_place *place, struct bytes record);

/* A worker died in the middle of a job of several files. False when it was in the last one, and
 * `raw` (what came and was not handed over, from `place` on) is cut to whole records. Else the rest
 * of the job, without the file that was read, is in *out_rest, for another worker, and `raw` goes
 * on with what has to be said of the file that was read and of the next. */
bool worker_rest_of_job(const struct job *job, struct worker_place place, const char *failure,
                        struct text *raw, struct job *out_rest);

#endif
