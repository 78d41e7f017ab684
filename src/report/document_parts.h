/* SPDX-License-Identifier: MIT */
/* What the files that walk over a report share. */
#ifndef KRBWHY_REPORT_DOCUMENT_PARTS_H
#define KRBWHY_REPORT_DOCUMENT_PARTS_H

#include "report/document.h"

struct walk {
    struct view *view;
    const struct document_sink *sink;
    void *page;
};

/* The text in the view's arena; the argument is cleared. */
const char *document_keep(const struct walk *walk, struct text *text);

/* Begins a section: `part`, then `section`. */
void document_begin(const struct walk *walk, enum document_part part, const char *title);

/* Says that not everything was read, where that is so. */
void document_partial(const struct document_sink *sink, void *page, bool partial);

/* The files that the incident is about, "a.pcap, b.pcap". */
const char *document_files(const struct walk *walk, const struct report_case *in);

/* The first line of what is about one incident is the verdict; the summary names the files. */
bool document_leaves_out_heading(const struct walk *walk);

void document_finding(const struct walk *walk, const struct view_finding *shown);
void document_problems(const struct walk *walk);
void document_summary(const struct walk *walk);

#endif
