/* SPDX-License-Identifier: MIT */
/* --resume: a file with one line for each capture that is finished, so that a run that was stopped
 * goes on where it was. A line is {"resume":{what was read},"document":{its result}}, written with
 * one write(2). */
#ifndef KRBWHY_CLI_RESUME_H
#define KRBWHY_CLI_RESUME_H

#include "base/map.h"
#include "base/text.h"

/* All zero is closed. */
struct resume {
    int fd;
    char *at; /* what the file held when it was opened */
    size_t len;
    struct map lines; /* hash of what was read -> offset of the line */
    int64_t synced_s; /* when the disk was waited for, of a clock that only runs; 0: nothing put */
};

/* Opens or makes the file and locks it; a last line without its end is cut off. False, with one
 * line in *out_error. */
bool resume_open(struct resume *resume, const char *path, struct text *out_error);

/* The beginning of the line for a file as it is now: its path, size and time of modification, and
 * what else its result depends on. False when there is no such file. */
bool resume_key(struct text *out, const char *path, uint64_t settings);

/* The document of a capture that is finished; borrowed until resume_close. The last one counts. */
bool resume_find(const struct resume *resume, const struct text *key, struct bytes *out_document);

/* Appends one finished capture, and every few seconds waits until the disk has what was appended.
 * False when it could not be written as a whole; then nothing of it stays. */
bool resume_put(struct resume *resume, const struct text *key, struct bytes document);

void resume_close(struct resume *resume);

#endif
