/* SPDX-License-Identifier: MIT */
/* One run of the program under way: what the files of the pipeline share. */
#ifndef KRBWHY_CLI_RUN_H
#define KRBWHY_CLI_RUN_H

#include "cli/inputs.h"
#include "cli/pipeline.h"
#include "cli/progress.h"
#include "cli/resume.h"
#include "report/merge.h"

/* What an input turned out to be. */
enum input_class { CLASS_IGNORED, CLASS_CAPTURE, CLASS_EVIDENCE };

/* One incident under way. */
struct incident {
    struct log log;
    struct joined_case joined;
    struct findings findings;
};

/* What a worker sent about an input. */
struct taken {
    size_t from, to; /* indices into the log's observations */
    bool any;        /* something came */
    enum input_class class;
    const char *damaged; /* what is wrong with a record, behind which nothing counts; NULL */
};

/* A job under way: which input its records are about. */
struct intake {
    bool begun;
    bool interrupted; /* it said so */
    size_t file;      /* an input */
    size_t capture;   /* the first file of its capture */
};

/* Inputs are known by their index in `inputs`; "per input" is an array of as many. */
struct run {
    const struct pipeline_options *options;
    struct inputs inputs;
    struct log *logs;       /* per input; of one case all stand in the first (run_log) */
    struct taken *taken;    /* per input that is a capture or an evidence file */
    struct intake *intakes; /* per job (an index into order) */
    enum input_class *class;
    bool *lost;           /* per input: its worker died and left nothing */
    struct keyring *ring; /* until everything was read; NULL: no keytabs */
    size_t num_findings;
    size_t num_cut_short; /* files of jobs that a signal ended */
    struct progress progress;
    bool warned_unconfined;
    /* Of a batch: */
    struct incident *incidents;
    size_t num_incidents;
    /* Of captures that are judged and written one by one: */
    bool streams;
    size_t *order;          /* of reading: what may be evidence first */
    size_t num_jobs, first; /* inputs to be read; of them, those that may be evidence */
    size_t delivered;       /* results so far of what may be evidence */
    size_t next, end; /* the first input that was not looked at; behind the last that was read */
    bool *done, *looked_at; /* per input: read; and judged, or of no interest */
    struct text *keys;      /* per input: of --resume; empty: not to be kept */
    size_t num_streamed, num_usable;
    bool missed_evidence; /* what may be evidence was not read: a signal */
    struct resume resume;
    struct merged merged; /* with --resume: what is finished */
    struct text *out;
};

/* True when all inputs are one case, whose log is built while they are read. */
bool run_in_turn(const struct run *run);

/* The log that holds what was read of a capture or an evidence file. */
struct log *run_log(const struct run *run, size_t index);

/* Evidence named on the command line goes with every capture; evidence found in a folder, with the
 * captures of that folder. */
bool run_goes_with(const struct run *run, size_t evidence, size_t capture);

/* How many inputs the job that begins with this one reads. */
size_t run_num_files(const struct run *run, size_t index);

/* True for a capture, and for the first of the files that hold one. */
bool run_is_capture(const struct run *run, size_t index);

/* The problems of an input on stderr, at most LIMIT_WARNINGS of them, and what is damaged. */
void run_warn(const struct run *run, size_t index);

/* ---- results.c ---- */

struct job_result;

/* For worker_run: takes a record that a job (an index into run->order) sent; and what became of the
 * job. `user` is the run. */
void run_take_record(void *user, size_t job, struct bytes record);
void run_take_result(void *user, size_t job, const struct job_result *result);

void results_open(struct run *run);
void results_clear(struct run *run);

/* Bytes of a file; 0 for what is none. */
int64_t run_file_size(const char *path);

/* ---- batch.c: everything is read, then judged and written ---- */

/* Judges what was read and appends the report (or events) to out; writes the captures asked for.
 * Returns the exit status. */
int batch_finish(struct run *run, struct text *out);
void batch_clear(struct run *run);

/* ---- streams.c: captures are judged, written and let go of one by one ---- */

/* Only what is printed a capture a line, or kept that way, can be let go of early. */
bool streams_can(const struct pipeline_options *options);

/* In which order inputs are read (run->order), and which need not be. Also for a batch. */
void streams_plan(struct run *run);

/* Looks at every input whose turn has come, once all that may be evidence is here. */
void streams_advance(struct run *run);

/* What is left to be written when all were looked at; the exit status. */
int streams_finish(struct run *run);

#endif
