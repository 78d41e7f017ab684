/* SPDX-License-Identifier: MIT */
/* What the files that draw the HTML report share. Every text that comes from an input goes through
 * text_put_html, in attributes too. */
#ifndef KRBWHY_REPORT_HTML_H
#define KRBWHY_REPORT_HTML_H

#include "report/document.h"

enum { HTML_FINDING_PARTS = DOCUMENT_FILTER + 1 };

struct html_page {
    struct text *out;      /* where what comes next is written: the document, or a slot */
    struct text *document; /* the whole */
    struct view *view;
    bool batch;              /* several incidents, each folded */
    bool overview;           /* is written */
    int level;               /* of a section's heading: <h3>, in a batch <h4> */
    enum document_part part; /* of the section that is written */
    const struct report_case *in;
    const struct view_finding *finding; /* that is written; NULL: none */
    bool open;                          /* an incident's elements are open */
    bool list, folded;                  /* a list is open; the rest of it is folded */
    size_t items;                       /* of the section */
    int64_t incidents;                  /* number of the one that is written */
    bool *full; /* a batch: per case, whether it is shown beyond its row in the overview */
    size_t num_full;
    size_t folder_len;       /* of the folder that all captures are in, with its slash */
    int64_t pictures;        /* drawn so far, for ids */
    struct text head, words; /* of the finding: its verdict, its explanation */
    struct text slots[HTML_FINDING_PARTS];
};

/* The style sheet and the script; their hashes stand in the content security policy. */
extern const char html_style[], html_script[];

/* Markup as it stands with `text` escaped in its middle; before and after are not escaped. */
void html_put(struct text *out, const char *before, const char *text, const char *after);

/* The whole seconds of a time, "2011-10-14 05:10:05", or with `clock` its time of day with
 * milliseconds. In the view's arena. */
const char *html_time(struct view *view, int64_t ns, bool clock);

/* The path without the folder that all captures of a batch share. */
const char *html_path(const struct html_page *page, const char *path);

/* The page's beginning and end. */
void html_begin(struct html_page *page);
void html_end(struct html_page *page);

/* Who holds which key: client, DNS, KDC, server. finding may be NULL (nothing failed). */
void html_keys(struct html_page *page, const struct view_attempt *shown,
               const struct finding *finding);

/* The ladder: who told whom what; a file's name stands where another begins. */
void html_ladder(struct html_page *page, const struct say_step *steps, size_t num,
                 const struct view_times *times, bool name_files);

/* The same as a table. */
void html_steps(struct html_page *page, const struct say_step *steps, size_t num,
                const struct view_times *times);

/* How sure the finding is, and what that means. */
void html_confidence(struct html_page *page, const struct finding *f);

/* An authentication, folded: who, how it ended, every message. */
void html_attempt(struct html_page *page, const struct view_attempt *shown);

/* Writes the finding whose parts were gathered, if any, into the document. */
void html_end_finding(struct html_page *page);

/* The heading of a batch. */
void html_totals(struct html_page *page);

/* A batch: a row per incident, and when they happened. */
void html_overview(struct html_page *page);

/* A batch: fills `full`, at most LIMIT_HTML_INCIDENTS. */
void html_choose(struct html_page *page);

/* What was read, and how. */
void html_files(struct html_page *page);

#endif
