/* SPDX-License-Identifier: MIT */
/* Where the report goes: standard output, or a file that is written whole or not at all. */
#ifndef KRBWHY_CLI_OUTPUT_H
#define KRBWHY_CLI_OUTPUT_H

#include "base/text.h"
#include "report/report.h"

enum output_result {
    OUTPUT_DONE,
    OUTPUT_NOBODY_READS, /* the other end of the pipe is gone: nothing to complain about */
    OUTPUT_FAILED        /* *out_error says why */
};

struct output {
    const char *path;   /* NULL: standard output */
    const char *option; /* that named it, for messages: "--output" */
    int fd;
    bool temporary; /* fd is a file beside `path` that has to be renamed */
    bool skip;      /* nothing is to be written after all */
    size_t slot;    /* of the temporary file among those of the process */
};

/* Opens the output before the work begins, so that a folder that cannot be written to is known at
 * once. path: NULL or "-" for standard output. A file is written under a temporary name beside it
 * and takes its place in output_write; what is no regular file (a device, a pipe) is written to as
 * it is. The temporary file is removed when the process ends early: by output_drop, by running out
 * of memory, by SIGHUP, SIGINT or SIGTERM. False when it cannot be opened; one line in *out_error.
 */
bool output_open(struct output *output, const char *path, struct text *out_error);

/* The same for the output of another option ("--annotate"), which is always a file: "-" is refused.
 */
bool output_open_file(struct output *output, const char *option, const char *path,
                      struct text *out_error);

/* For a file whose content was written to output->fd: closes it and puts it in its place; with
 * output->skip leaves what is there. */
bool output_commit(struct output *output, struct text *out_error);

/* Writes a part of it and resets `text`. Left as it is when that fails: output_write then says why.
 */
void output_append(struct output *output, struct text *text);

/* Writes it all and closes. */
enum output_result output_write(struct output *output, const struct text *text,
                                struct text *out_error);

/* Closes without writing; removes the temporary file. */
void output_drop(struct output *output);

/* How standard output wants to be written to: a terminal's width, COLUMNS, or 80; colour on a
 * terminal that is not "dumb" and without NO_COLOR. */
struct report_style output_style(const struct output *output);

/* SIGINT ends the process with 130, after the temporary file was removed; SIGTERM and SIGHUP by
 * themselves; unless interrupt.h defers it. */
void output_catch_signals(void);

#endif
