/* SPDX-License-Identifier: MIT */
/* A decoded KRB-ERROR copied as text out of Network Monitor, Message Analyzer or Wireshark: the
 * number of the error, and below it realm and sname of who answered. */
#include "evidence/kind.h"

enum { ROWS = 24 }; /* how many lines below its code an error's names stand at most */

/* "- Error: ..." and "+ Realm: ..." without the mark of the tree. */
static struct bytes without_mark(struct bytes text)
{
    while (text.len > 1 && span_among(text.at[0], "+-") && span_blank(text.at[1]))
        text = span_trim(span_from(text, 1));
    return text;
}

static bool is_label(struct bytes label, const char *const *names)
{
    for (; *names != NULL; names++)
        if (span_is_nocase(label, *names))
            return true;
    return false;
}

/* "KRB_AP_ERR_MODIFIED (41)", "eRR-S-PRINCIPAL-UNKNOWN (7)": a constant, and its number. */
static bool code_of(struct bytes value, int64_t *out)
{
    size_t open = span_find_last(value, "("), close = span_find_last(value, ")");
    bool known = span_starts_nocase(value, "KRB") || span_starts_nocase(value, "KDC_ERR") ||
                 span_starts_nocase(value, "eRR-");

    return known && open != SIZE_MAX && close != SIZE_MAX && close > open &&
           span_int(span_to(span_from(value, open + 1), close - open - 1), out) && *out >= 0 &&
           *out < 256;
}

/* A row that gives the code of a KRB-ERROR. */
static bool error_row(struct bytes text, int64_t *out)
{
    static const char *const names[] = {"ErrorCode", "error-code", "error_code", NULL};
    struct bytes label, value;

    return split_label(without_mark(text), &label, &value) && is_label(label, names) &&
           code_of(value, out);
}

static void put_component(const struct document *document, struct netmon *fact, struct bytes value)
{
    const char *text = document_text(document, value);

    if (text == NULL)
        return;
    fact->sname =
        fact->sname == NULL ? text : arena_print(document->scratch, "%s/%s", fact->sname, text);
}

/* Realm and sname from the rows below the code, until the next message begins. */
static void put_names(const struct document *document, struct cursor cursor, struct netmon *fact)
{
    static const char *const realms[] = {"Realm", NULL};
    static const char *const whole[] = {"Sname", NULL};
    static const char *const pieces[] = {"SNameString", "sname-string item", NULL};
    struct bytes label, value;
    struct line line;
    int64_t code;
    size_t rows = 0;

    while (rows++ < ROWS && cursor_take(&cursor, &line) && !error_row(line.text, &code)) {
        if (!split_label(without_mark(line.text), &label, &value) || value.len == 0)
            continue;
        if (is_label(label, realms) && fact->realm == NULL)
            fact->realm = document_text(document, value);
        else if (is_label(label, whole) && fact->sname == NULL)
            fact->sname = document_text(document, value);
        else if (is_label(label, pieces))
            put_component(document, fact, value);
    }
}

static void read_netmon(const struct document *document)
{
    struct cursor cursor;
    struct line line;
    int64_t code;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line)) {
        struct netmon fact = {0};

        if (!error_row(line.text, &code))
            continue;
        fact.error_code = optint(code);
        put_names(document, cursor, &fact);
        document_fact(document, KIND_netmon, line.number, &fact);
    }
}

static int score_netmon(const struct document *document)
{
    struct cursor cursor;
    struct line line;
    int64_t code;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line))
        if (error_row(line.text, &code))
            return SCORE_SURE;
    return SCORE_NONE;
}

const struct evidence_kind evidence_netmon = {"netmon", score_netmon, read_netmon};
