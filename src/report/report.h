/* SPDX-License-Identifier: MIT */
/* What is reported, and how it is asked for. A report is a list of inputs and one case per
 * incident; a sink (sinks.def) renders it. The same report gives the same bytes, whatever the
 * locale, the time zone or the order in which workers finished. */
#ifndef KRBWHY_REPORT_REPORT_H
#define KRBWHY_REPORT_REPORT_H

#include "base/text.h"
#include "cause/finding.h"
#include "correlate/attempt.h"
#include "observation/log.h"

/* One input, in the order of the command line. `source.capture` of every observation is an index
 * into the list of inputs; in the output captures and evidence are numbered apart, each from 0. */
struct report_input {
    const char *path; /* as given; "-" for standard input */
    bool evidence;    /* an evidence file; else a capture */
    bool ignored;     /* neither: unreadable, or of no known kind. Has no number in the output */
    const char *kind; /* evidence: setspn, ldif, ...; NULL: taken from its evidence_file record */
    size_t num_facts; /* evidence; 0: taken from its evidence_file record */
    size_t part;      /* of consecutive files of one capture: how many inputs before this one it
                         began; 0: a file of its own, or the first. They stand side by side */
    int64_t frames_before; /* in those files */
};

/* Where an observation stands: its file, and the frame as that file counts. SIZE_MAX for an input
 * that is not there. */
struct report_place {
    size_t input;
    int64_t frame;
};
struct report_place report_place(const struct report_input *inputs, size_t num_inputs,
                                 const struct source *source);

/* One incident: a capture with the evidence that goes with it, or everything named with --case. */
struct report_case {
    const struct log *log;
    const struct joined_case *joined;
    const struct findings *findings;
};

/* Everything is borrowed until rendering has returned. */
struct report {
    const struct report_input *inputs;
    size_t num_inputs;
    const struct report_case *cases;
    size_t num_cases;
    bool all; /* --all: also attempts that no finding names, and findings that only inform */
    bool interrupted; /* a signal ended the reading: something that was named is not in it */
};

/* How a person will look at it; formats for machines ignore it. */
struct report_style {
    size_t width; /* columns; 0: 80; never less than 60 are used */
    bool colour;  /* terminal control sequences for colour may be used */
    bool ascii;   /* text and brief: nothing beyond ASCII */
};

/* A format. One file and one row in sinks.def. */
struct sink {
    const char *name;   /* as --format takes it */
    const char *about;  /* for --help */
    const char *suffix; /* usual end of a file's name, for messages: ".json" */
    void (*render)(struct text *out, const struct report *report, const struct report_style *style);
};

/* The rows of sinks.def, ended by a row whose name is NULL. The first is the default. */
extern const struct sink report_sinks[];

/* The sink of that name; NULL when there is none. */
const struct sink *report_sink(const char *name);

/* Appends the whole report in that format to out. */
void report_render(struct text *out, const struct sink *sink, const struct report *report,
                   const struct report_style *style);

/* Findings that do not only inform: what decides the exit status. */
size_t report_num_findings(const struct report *report);

/* --events: appends the decoded messages of a log, one JSON object a line, in frame order, one
 * input after the other. `inputs` gives the numbers of captures. Evidence inputs are left out
 * unless `evidence` is set. */
void events_render(struct text *out, const struct report_input *inputs, size_t num_inputs,
                   const struct log *log, bool evidence);

#endif
