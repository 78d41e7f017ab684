/* SPDX-License-Identifier: MIT */
/* One process per input: the side of the program that sees raw bytes, kept apart from the one that
 * judges. */
#ifndef KRBWHY_CLI_WORKER_H
#define KRBWHY_CLI_WORKER_H

#include <stdbool.h>

#include "base/text.h"
#include "observation/log.h"

struct converters;
struct keyring;

/* What every worker is given. All zero is right for one that runs in process. */
struct worker_setup {
    const struct keyring *keyring; /* NULL: no keytabs */
    /* Character sets of evidence. NULL: opened where they are needed, which the sandbox forbids. */
    struct converters *converters;
    size_t reassembly_bytes; /* of all TCP streams of an input; 0: LIMIT_REASSEMBLY_BYTES */
    long jobs;               /* workers side by side, at least 1 */
    bool no_sandbox;         /* workers keep the rights of the process */
    bool in_process;         /* tests and fuzzers: no fork */
    bool any_order;          /* results are delivered as they come */
    /* Called now and then while workers read: bytes of the inputs under way that are done, and how
     * many Kerberos messages were found so far. NULL: never. */
    void (*tick)(void *user, int64_t bytes, int64_t messages);
};

/* What one worker reads: a path, or "-" for standard input; and files that are consecutive by their
 * names, in their order. */
struct job {
    const char *path;
    const char *const *more;
    size_t num_more;
    const char *missing; /* files before the first are missing: a line for the report; or NULL */
};

/* What came back: the encoded observations (worth reading whatever happened), and what went wrong
 * with the worker itself: NULL, or one line. An input that could not be opened has no observations
 * and that line. */
struct job_result {
    struct bytes raw;    /* borrowed until the callback returns */
    bool unreadable;     /* the input could not be opened or read at all */
    bool unconfined;     /* it should have run in the sandbox, and the kernel refused that */
    bool interrupted;    /* by a signal: it was not begun, or its worker had to be killed */
    const char *failure; /* NULL: the worker finished */
};

/* After SIGINT or SIGTERM (interrupt.h) no job is begun, workers end where they are and say so in
 * their observations, and what they saw is delivered. Reads every input and calls `done` once per
 * job, in the order of jobs whatever setup->jobs is (but see any_order). Returns when all are done.
 * Never fails as a whole: what goes wrong with one input is in its result. */
void worker_run(const struct worker_setup *setup, const struct job *jobs, size_t num,
                void (*done)(void *user, size_t index, const struct job_result *result),
                void *user);

/* The left of the wall in one function: reads the descriptor (closed here) to its end and appends
 * what it holds to the log: observations of a capture and its `capture` record, or facts of an
 * evidence file and its `evidence_file` record, or a problem that says what it is. */
void worker_observe(int fd, const struct worker_setup *setup, struct log *log);

/* The same for a job of several files, whose descriptors (or -errno) stand in fds[] and are closed.
 * Before the records of each further file stands a `next_file`: where it is joined, what follows
 * belongs to the same capture, with frames counted on, and else begins a log of its own. A log that
 * keeps its records serves one file only. */
void worker_observe_files(const int *fds, const struct job *job, const struct worker_setup *setup,
                          struct log *log);

/* Decodes a worker's records into the log as input number `input`. False when they are damaged;
 * what came before is kept, *out_problem (static text) says why. */
bool worker_decode(struct log *log, int64_t input, struct bytes raw, const char **out_problem);

#endif
