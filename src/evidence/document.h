/* SPDX-License-Identifier: MIT */
/* One evidence file as its readers see it: decoded, and taken line by line. */
#ifndef KRBWHY_EVIDENCE_DOCUMENT_H
#define KRBWHY_EVIDENCE_DOCUMENT_H

#include "base/reader.h"
#include "evidence/span.h"
#include "observation/log.h"

/* Everything is borrowed while the file is read. */
struct document {
    struct bytes raw;     /* the file */
    struct bytes text;    /* as UTF-8; empty when the file is binary */
    const char *encoding; /* NULL: binary */
    bool doubled;         /* an empty line stands behind each line, as forums paste */
    struct log *facts;    /* where readers put what they find */
    size_t *num_problems; /* those beyond LIMIT_PROBLEMS are only counted */
    struct arena *scratch;
    const struct source *base;
    const int64_t *line_map; /* the file's line per line of text, when text is a changed copy */
    size_t num_line_map;
};

/* A line without its end. */
struct line {
    int64_t number;    /* from 1 */
    struct bytes raw;  /* as it stands, without CR */
    struct bytes text; /* without blanks on both sides and a mail's "> " in front */
    size_t indent;     /* columns in front of text; a tab leads to the next multiple of 8 */
    size_t width;      /* columns to the end of the raw line, an octet counting one */
};

/* A copyable place in the document: copy it to look ahead. */
struct cursor {
    struct reader reader;
    int64_t number;
    bool doubled;
};

void cursor_init(struct cursor *cursor, const struct document *document);

/* The next line; false at the end. In a doubled document empty lines are left out. */
bool cursor_take(struct cursor *cursor, struct line *out);

/* The next line that is not empty, without taking it. */
bool cursor_peek(const struct cursor *cursor, struct line *out);

/* The file's line that a line of the text stands for. */
int64_t document_line(const struct document *document, int64_t line);

/* Appends a fact found at that line. */
void document_fact(const struct document *document, enum kind kind, int64_t line,
                   const void *record);

/* Notes that a line could not be read: code is a stable word, the message one line for a person. */
void document_problem(const struct document *document, int64_t line, const char *code,
                      const char *message);

/* A clean copy of a piece of the document, valid while it is read; NULL for an empty piece. */
const char *document_text(const struct document *document, struct bytes s);

/* ---- Shapes that several kinds share ---- */

/* The prompt in front of a command ("C:\>", "PS C:\x>", "[root@h ~]#", "$") cut off; the line as
 * it is when there is none. */
struct bytes line_command(struct bytes text);

/* The rest of a command line behind the program's name (with .exe or a path in front); false when
 * the line does not run that program. */
bool line_runs(struct bytes text, const char *program, struct bytes *out_arguments);

/* One argument: a word, or a quoted string without its quotes (straight or curly); empty: none. */
struct bytes argument_take(struct bytes *arguments);

/* "CN=..." or "OU=..." up to "DC=...": a whole distinguished name and nothing else. */
bool looks_like_dn(struct bytes s);

/* Where a distinguished name begins inside s, or SIZE_MAX. */
size_t find_dn(struct bytes s);

/* class/host[...]: a service principal name and nothing else. */
bool looks_like_spn(struct bytes s);

/* "label . . . : value", "label: value", "label:" split at the colon behind the dots, or at the
 * first colon that a blank or the end follows. False when there is no such colon. */
bool split_label(struct bytes text, struct bytes *out_label, struct bytes *out_value);

/* As split_label, and true only when dots fill the space before the colon. */
bool split_dotted(struct bytes text, struct bytes *out_label, struct bytes *out_value);

#endif
