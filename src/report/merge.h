/* SPDX-License-Identifier: MIT */
/* Results of separate runs (--format ndjson) as the report of one run over everything. */
#ifndef KRBWHY_REPORT_MERGE_H
#define KRBWHY_REPORT_MERGE_H

#include "report/groups.h"

struct jsonc_object;

struct merged_line {
    const char *path; /* of its first capture, else of its first evidence; "" for none */
    struct bytes raw; /* as it was read, without its end */
    struct jsonc_object *document;
    size_t number; /* order of reading */
};

/* All zero is a valid, empty result. */
struct merged {
    struct arena arena;
    struct merged_line *at;
    size_t num, room;
    size_t num_damaged; /* lines that were left out */
};

/* Adds one document of schema krbwhy/1 (copied); false when it is none, or is nested deeper than
 * LIMIT_MERGE_DEPTH. */
bool merged_add(struct merged *merged, struct bytes line);

/* Adds every line of a file (of --format ndjson or --resume); false, with the reason in *out_error
 * (static text), when it cannot be read, or a line is longer than LIMIT_MERGE_LINE_BYTES. Lines
 * that are no document are counted. */
bool merged_read(struct merged *merged, const char *path, const char **out_error);

/* Orders by path, as a folder is walked: files before folders, names in byte order, but consecutive
 * files (capture/series.h) side by side where the first of them stands. Of lines with the same
 * capture that are equal byte for byte, one stays. */
void merged_sort(struct merged *merged);

/* Findings that do not only inform. */
size_t merged_num_findings(const struct merged *merged);

/* Groups of all documents, sorted. */
void merged_groups(const struct merged *merged, struct groups *out);

/* Appends the report as `format` has it: json and ndjson the same bytes as one run, text and
 * markdown the groups and the summary. False for any other format. */
bool merged_render(const struct merged *merged, const char *format, struct text *out,
                   const struct report_style *style);

void merged_clear(struct merged *merged);

/* For document sinks: sums over all documents. */
struct merged_totals {
    int64_t captures, evidence, attempts, failed;
    /* In the arena given; in order of first appearance. Those beyond LIMIT_MERGE_CAUSES are
     * together in the last, "others". */
    struct view_count *by_cause;
    size_t num_by_cause;
    int64_t findings;
    bool partial; /* a document says that it is not complete */
};
void merged_totals(const struct merged *merged, struct arena *arena, struct merged_totals *out);

#endif
