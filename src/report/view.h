/* SPDX-License-Identifier: MIT */
/* A report made ready for sinks: numbered, counted, resolved. What every format says comes from
 * here, so that no two can differ. */
#ifndef KRBWHY_REPORT_VIEW_H
#define KRBWHY_REPORT_VIEW_H

#include "report/report.h"

/* A capture or an evidence file, with its number among its own kind. */
struct view_input {
    int64_t number;
    const struct report_input *input;
    const struct log *log;            /* the first case's that holds it; NULL: in none */
    const struct joined_case *joined; /* of that case */
    const struct capture_file *file;  /* NULL: evidence, or the worker did not get that far */
    const char *kind;                 /* evidence */
    int64_t facts;                    /* evidence */
    const struct problem **problems;
    size_t num_problems;
    const struct observation **comments; /* that people wrote on its frames, in order */
    size_t num_comments;
    bool has_clock; /* something is known about its clock */
    bool has_offset;
    int64_t offset_ms; /* how far the capture's clock is ahead of UTC, or of the reference capture's
                          clock */
    const struct case_clock *clock; /* the pairing that says so; NULL: a zone, or nothing */
    const char *clock_basis;
    bool local;           /* its times are local, and nothing in it tells of which zone */
    struct optint zone_s; /* of the machine that captured: seconds to add to UTC */
    int64_t to_utc_ns;    /* add to its times to have UTC */
    bool named; /* its case has several captures: a frame is cited with the name of its file */
};

/* Where something stands. */
struct view_source {
    bool set;
    const struct view_input *input;
    int64_t place; /* frame of a capture, line of an evidence file */
    int64_t frame; /* the same, counted through the files of one capture */
    int64_t time_ns;
};

struct view_attempt {
    int64_t id; /* unique in the document */
    const struct report_case *in;
    const struct attempt *attempt;
};

struct view_finding {
    int64_t id;
    const struct report_case *in;
    const struct finding *finding;
    const int64_t *attempts; /* ids of the document, ascending */
    size_t num_attempts;
    const struct view_attempt *first; /* of those; NULL: none */
    const char *filter;               /* for Wireshark; NULL: no frame is cited */
};

/* How the times of a chain are shown. */
struct view_times {
    bool local;           /* as the file has them: local, of an unknown zone; else UTC */
    struct optint zone_s; /* known: local times are shown beside UTC */
    bool of_client;       /* the zone is the client's, else that of the machine that captured */
};

struct view_count {
    const char *cause;
    int64_t num;
};

struct view {
    struct arena arena;
    const struct report *report;
    struct view_input *captures, *evidence;
    size_t num_captures, num_evidence;
    struct view_input **by_input;  /* index of the input list -> one of the above; NULL: none */
    struct view_attempt *attempts; /* shown */
    size_t num_attempts;
    struct view_finding *findings; /* shown */
    size_t num_findings;
    bool partial; /* an input, or a part of one, is missing: a signal, or a worker that ended early
                   */
    int64_t total_attempts, failed; /* whether shown or not */
    struct view_count *by_cause;
    size_t num_by_cause;
};

/* Everything is borrowed from the report, which outlives the view. *view is zeroed. Cases
 * [first, first + num) are shown; with num < report->num_cases only the inputs that occur in them.
 */
void view_init(struct view *view, const struct report *report, size_t first, size_t num);
void view_clear(struct view *view);

/* Where the observation stands; not set for 0, an unknown id or an input that is not shown. */
struct view_source view_source(const struct view *view, const struct log *log, int64_t observation);

/* The capture that a finding is about: of its first attempt, else of the first observation that it
 * cites, else the first of its case. NULL when none is shown. */
const struct view_input *view_finding_capture(const struct view *view,
                                              const struct view_finding *shown);
/* Its path; "" for none. */
const char *view_finding_path(const struct view *view, const struct view_finding *shown);

/* "succeeded", "failed", "fell-back", "unknown"; static. */
const char *view_outcome(enum outcome outcome);

/* The observations that an attempt names, in order of input, frame and id, each once, at most
 * VIEW_CHAIN. Returns how many. */
enum { VIEW_CHAIN = 48 };
size_t view_chain(const struct attempt *attempt, const struct log *log, int64_t *out);

#endif
