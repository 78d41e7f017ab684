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
    bool any_order;          /* jobs are done as they come */
    bool
        in_turn; /* no record of a job comes before all earlier jobs are done; not with any_order */
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
    bool too_many;       /* they are not, but were too many (LIMIT_SERIES_FILES) */
};

/* What became of a job, when all of its records were handed over (they are worth reading whatever
 * happened): what went wrong with the worker itself is NULL or one line. An input that could not be
 * opened has no records and that line. */
struct job_result {
    bool any;         /* something came through the pipe */
    bool cut;         /* and ended in the middle of a record */
    bool unreadable;  /* the input could not be opened or read at all */
    bool unconfined;  /* it should have run in the sandbox, and the kernel refused that */
    bool interrupted; /* by a signal: it was not begun, or its worker had to be killed */
    bool again;       /* a worker died, and another one read the files behind the one it was at */
    const char *failure; /* NULL: the (last) worker finished */
};

/* Who takes what workers send. */
struct worker_taker {
    /* One encoded observation (log_decode) of a job, in the order in which it was written; borrowed
     * until the call returns. Those of several jobs come mixed (but see in_turn). */
    void (*record)(void *user, size_t index, struct bytes record);
    void (*done)(void *user, size_t index, const struct job_result *result);
    void *user;
};

/* What is said of a stream that ends in the middle of a record. */
#define WORKER_CUT "the worker's last record is incomplete"

/* Code of the problem of a file whose worker died, where another one went on with the next file. */
#define WORKER_ENDED "worker-ended"

/* True for the record with which a further file of a job begins. */
bool worker_begins_file(struct bytes record, struct next_file *out);

/* After SIGINT or SIGTERM (interrupt.h) no job is begun, workers end where they are and say so in
 * their observations, and what they saw is delivered. Reads every input, hands over records as they
 * come and says `done` once per job, in the order of jobs whatever setup->jobs is (but see
 * any_order). Returns when all are done. Never fails as a whole: what goes wrong with one input is
 * in its result. */
void worker_run(const struct worker_setup *setup, const struct job *jobs, size_t num,
                const struct worker_taker *taker);

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

/* Decodes a record that a worker sent into the log (log_begin). NULL, or what is wrong with it
 * (static text), with nothing appended. */
const char *worker_decode_record(struct log *log, struct bytes record);

/* Decodes all of a worker's records into the log as input number `input`. False when they are
 * damaged; what came before is kept, *out_problem (static text) says why. */
bool worker_decode(struct log *log, int64_t input, struct bytes raw, const char **out_problem);

#endif
