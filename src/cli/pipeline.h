/* SPDX-License-Identifier: MIT */
/* The whole program after the command line was understood: inputs -> workers -> cases -> report. */
#ifndef KRBWHY_CLI_PIPELINE_H
#define KRBWHY_CLI_PIPELINE_H

#include "report/report.h"

struct output;

enum {
    EXIT_NOTHING_WRONG = 0,
    EXIT_FINDINGS = 1,
    EXIT_UNUSABLE = 2,  /* usage, or no input could be read */
    EXIT_PARTIAL = 128, /* and the signal: what was read until then is reported */
    EXIT_INTERRUPTED = 130
};

struct pipeline_options {
    const char *const *paths; /* captures, evidence files, directories, "-" */
    size_t num_paths;
    const char *const *evidence; /* -e */
    size_t num_evidence;
    const char *const *keytabs; /* -k */
    size_t num_keytabs;
    bool one_case; /* --case */
    bool all;
    bool events;         /* the decoded messages in place of a report */
    bool compare;        /* --compare: exactly two captures */
    const char *collect; /* --collect: a role of report/collect.h, in place of a report; NULL */
    long jobs;
    size_t reassembly_bytes; /* --limit-memory; 0: not given */
    bool no_sandbox;
    struct output *annotate, *extract; /* captures out: opened files; NULL: none */
    bool redact;
    const char *resume; /* --resume: what is finished is kept in this file; NULL */
    /* Called while captures are printed one by one: may write out and reset it. NULL: never. */
    void (*flush)(void *user, struct text *out);
    void *flush_user;
    const struct sink *sink;
    struct report_style style;
};

/* Appends the report (or events) to out and returns the exit status. Warnings go to stderr. The
 * captures asked for are written to their descriptors; EXIT_UNUSABLE when that failed; EXIT_PARTIAL
 * after SIGINT or SIGTERM (interrupt.h). */
int pipeline_run(const struct pipeline_options *options, struct text *out);

/* One line on stderr in the program's style: "krbwhy: SUBJECT: message", hostile names made
 * harmless. */
void pipeline_warn(const char *subject, const char *message);

#endif
