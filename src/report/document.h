/* SPDX-License-Identifier: MIT */
/* The report for people: one walk over it, and what a format has to be able to draw. Text, Markdown
 * and HTML differ only in the drawing; what is said, and in which order, is decided here. */
#ifndef KRBWHY_REPORT_DOCUMENT_H
#define KRBWHY_REPORT_DOCUMENT_H

#include "report/say.h"

/* The head of a finding. */
struct document_verdict {
    int64_t number, of;      /* 1 of 3, within the document */
    const char *says;        /* what happened, one sentence */
    const char *title;       /* why, one line; NULL: `says` has said it */
    const char *cause;       /* id */
    const char *confidence;  /* NULL: only informs */
    const char *explanation; /* a paragraph; may be NULL */
    int64_t repeats;         /* of this very request, beyond the one shown */
};

/* What a section is about, for formats that draw sections in a way or order of their own. */
enum document_part {
    DOCUMENT_CHAIN,
    DOCUMENT_FOR,
    DOCUMENT_AGAINST,
    DOCUMENT_OTHERS,
    DOCUMENT_MISSING,
    DOCUMENT_REMEDIES,
    DOCUMENT_FILTER, /* up to here: of a finding */
    DOCUMENT_SEEN,
    DOCUMENT_GAPS,
    DOCUMENT_ATTEMPTS, /* up to here: of an incident */
    DOCUMENT_GROUPS,   /* from here: of the document */
    DOCUMENT_PROBLEMS,
    DOCUMENT_SUMMARY
};

/* All texts are unescaped: names in them are hostile. `page` is the format's own state. */
struct document_sink {
    bool verdict_first; /* of a single incident the verdict is the first line, not the file */
    /* May be NULL: all are drawn. Whether this incident is. */
    bool (*wants)(void *page, const struct report_case *in);
    /* May be NULL. What comes is about this incident, or this finding; `part` stands before its
     * section. */
    void (*incident)(void *page, const struct report_case *in);
    void (*finding)(void *page, const struct view_finding *shown);
    void (*part)(void *page, enum document_part part);

    void (*open)(void *page, struct view *view); /* may be NULL. Comes first */
    void (*begin)(void *page);
    /* Of an incident: the files it is about ("" for none), and how it went. */
    void (*heading)(void *page, const char *files, const char *text);
    void (*verdict)(void *page, const struct document_verdict *verdict);
    void (*section)(void *page, const char *title); /* of a finding, or of the document */
    void (*paragraph)(void *page, const char *text);
    void (*steps)(void *page, const struct say_step *steps, size_t num,
                  const struct view_times *times, bool name_files);
    /* An item of a list. lead: what it is about, NULL for none; places: where it is seen, "" for
     * nowhere. */
    void (*item)(void *page, const char *lead, const char *text, const char *places);
    /* To be copied and typed: never broken. Belongs to the item or section before it. */
    void (*command)(void *page, const char *command);
    void (*card)(void *page, int64_t number, const struct remedy *remedy);
    void (*end_section)(void *page);
    void (*end)(void *page);
};

/* True for what is typed as it stands: it begins with the name of a program or a PowerShell
 * command. Where a remedy may hold either, a command is not to be broken. False for NULL. */
bool document_is_command(const char *text);

/* Begins a section: `part`, then `section`. */
void document_section(const struct document_sink *sink, void *page, enum document_part part,
                      const char *title);

/* Draws the whole report. */
void document_render(const struct report *report, const struct document_sink *sink, void *page);

struct merged;

/* The same for merged documents (report/merge.h): their groups and the summary. */
void document_merged(const struct merged *merged, const struct document_sink *sink, void *page);

#endif
