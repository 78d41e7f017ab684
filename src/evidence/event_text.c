/* SPDX-License-Identifier: MIT */
/* Events as text: copied from Event Viewer, wevtutil, Format-List, Format-Table, a chat. */
#include "evidence/event.h"

enum {
    LINES_BEFORE = 24,    /* of a header: where the date may stand */
    MESSAGE_BYTES = 4096, /* of a message with its blanks squeezed */
    SENTENCE_BYTES = 300  /* in front of the constant */
};

/* The last lines read, so that a header can be looked up behind its message. */
struct recent {
    struct line at[LINES_BEFORE];
    size_t num; /* ever */
};

static void remember(struct recent *recent, const struct line *line)
{
    recent->at[recent->num++ % LINES_BEFORE] = *line;
}

/* The i-th line back (0: the newest); NULL when it is gone. */
static const struct line *back(const struct recent *recent, size_t i)
{
    return i < recent->num && i < LINES_BEFORE ? &recent->at[(recent->num - 1 - i) % LINES_BEFORE]
                                               : NULL;
}

static void put_squeezed(struct text *out, struct bytes s)
{
    struct bytes word;

    while (out->len < MESSAGE_BYTES && (word = span_word(&s)).len > 0) {
        if (out->len > 0 && out->at[out->len - 1] != ' ')
            text_put_char(out, ' ');
        text_put_bytes(out, word);
    }
}

/* A console breaks long lines anywhere, each at the same column; the rest begins at column 0. Text
 * that an editor wrapped between words has lines of differing width. */
static bool is_broken(const struct line *line, const struct line *next)
{
    return (line->width == 80 || line->width == 120) && next->width == line->width &&
           next->indent == 0 && span_trim_end(line->raw).len == line->raw.len;
}

/* Message lines from the cursor on, until something that is no prose ends them. */
static void put_message(struct text *out, struct cursor cursor, const struct line *first)
{
    struct line before = *first, line;
    size_t empty = 0;

    while (out->len < MESSAGE_BYTES && cursor_take(&cursor, &line)) {
        empty = line.text.len == 0 ? empty + 1 : 0;
        if (empty > 3 || span_has(line.text, "KRB_AP_ERR_MODIFIED") ||
            span_starts(line.text, "Event[") || span_starts(line.text, "Log Name:") ||
            span_starts(line.text, "Event Type:"))
            return;
        if (is_broken(&before, &line))
            text_put_bytes(out, line.text);
        else
            put_squeezed(out, line.text);
        before = line;
    }
}

/* ---- Header ---- */

static bool find_when(const struct recent *recent, struct when *out, const char **out_joined,
                      const struct document *document)
{
    const struct line *line;
    struct bytes clock = {NULL, 0};
    int64_t seconds = 0;
    size_t i;

    for (i = 0; (line = back(recent, i)) != NULL; i++) {
        if (i > 0 &&
            (span_starts(line->text, "Event[") || span_has(line->text, "KRB_AP_ERR_MODIFIED")))
            return false;
        if (when_find(line->text, out)) {
            if (!out->has_time && clock.len > 0) { /* "Date: 10/13/2011", "Time: 10:10:05 PM" */
                *out_joined = arena_print(document->scratch, "%s %s",
                                          arena_text(document->scratch, out->text),
                                          arena_text(document->scratch, clock));
                when_find(bytes_of_text(*out_joined), out);
            }
            return true;
        }
        if (clock.len == 0)
            when_find_time(line->text, &clock, &seconds);
    }
    return false;
}

/* The value of "Computer:", which a few languages translate. */
static const char *find_computer(const struct document *document, const struct recent *recent)
{
    static const char *const labels[] = {
        "Computer",
        "Computername",
        "Ordinateur",
        "Equipo",
        "MachineName",
        "\"MachineName\"",
        "\xD0\x9A\xD0\xBE\xD0\xBC\xD0\xBF\xD1\x8C\xD1\x8E\xD1\x82\xD0\xB5\xD1\x80",
        "\xE3\x82\xB3\xE3\x83\xB3\xE3\x83\x94\xE3\x83\xA5\xE3\x83\xBC\xE3\x82\xBF\xE3\x83\xBC",
        "\xE8\xAE\xA1\xE7\xAE\x97\xE6\x9C\xBA"};
    const struct line *line;
    struct bytes label, value;
    size_t i, k;

    for (i = 0; (line = back(recent, i)) != NULL; i++) {
        if (!split_label(line->text, &label, &value))
            continue;
        for (k = 0; k < sizeof(labels) / sizeof(labels[0]); k++)
            if (span_is_nocase(span_trim(label), labels[k]))
                return document_text(document, argument_take(&value));
    }
    return NULL;
}

/* ---- Event 4 ---- */

/* What precedes the constant: its own line and, where a console broke the sentence, earlier ones.
 */
static void put_before(struct text *out, const struct recent *recent, struct bytes own)
{
    size_t i;

    for (i = 3; i > 0; i--)
        if (back(recent, i) != NULL)
            put_squeezed(out, back(recent, i)->text);
    put_squeezed(out, own);
}

static void try_event4(struct event_sink *sink, const struct cursor *cursor,
                       const struct line *line, const struct recent *recent, size_t at)
{
    static const char constant[] = "KRB_AP_ERR_MODIFIED";
    struct event4 event = {0};
    struct text before = {0}, after = {0};
    const char *joined = NULL;
    struct when when;

    put_before(&before, recent, span_to(line->text, at));
    put_squeezed(&after, span_from(line->text, at + strlen(constant)));
    put_message(&after, *cursor, line);
    if (event4_parse(sink->document,
                     span_from(bytes_of_text(text_str(&before)),
                               before.len > SENTENCE_BYTES ? before.len - SENTENCE_BYTES : 0),
                     bytes_of_text(text_str(&after)), &event)) {
        if (find_when(recent, &when, &joined, sink->document))
            EVENT_PUT_WHEN(sink->document, &event, &when);
        event.computer = find_computer(sink->document, recent);
        event_put(sink, line->number, &event);
    }
    text_clear(&before);
    text_clear(&after);
}

/* ---- Event 3 ---- */

/* "Error Code: 0x7  KDC_ERR_S_PRINCIPAL_UNKNOWN": the number behind a label, and a constant. */
static bool error_code(struct bytes text, int64_t *out)
{
    struct bytes label, value, word;

    if (!split_label(text, &label, &value))
        return false;
    word = span_word(&value);
    value = span_trim(value);
    return span_starts(word, "0x") && span_int(word, out) && *out < 256 &&
           (span_starts(value, "KDC_") || span_starts(value, "KRB_") ||
            span_is(value, "Unknown Error"));
}

/* The rows behind the code keep their order: extended error, client realm and name, server realm
 * and name, target name. */
static bool take_rows(const struct document *document, struct cursor cursor, struct event3 *event)
{
    const char **const to[] = {&event->extended_error, &event->client_realm, &event->client_name,
                               &event->server_realm,   &event->server_name,  &event->target_name};
    struct bytes label, value;
    struct line line;
    size_t i = 0;

    while (i < sizeof(to) / sizeof(to[0]) && cursor_take(&cursor, &line)) {
        if (line.text.len == 0)
            continue;
        if (!split_label(line.text, &label, &value))
            break;
        *to[i] = document_text(document, i == 0 ? span_word(&value) : value);
        i++;
    }
    return i >= 4;
}

static void try_event3(struct event_sink *sink, const struct cursor *cursor,
                       const struct line *line, const struct recent *recent)
{
    struct event3 event = {0};
    const char *joined = NULL;
    struct when when;
    int64_t code;

    if (!error_code(line->text, &code) || !take_rows(sink->document, *cursor, &event))
        return;
    event.error_code = optint(code);
    if (find_when(recent, &when, &joined, sink->document))
        EVENT_PUT_WHEN(sink->document, &event, &when);
    event.computer = find_computer(sink->document, recent);
    event_put(sink, line->number, &event);
}

/* ---- KDC ---- */

static bool is_kdc_line(struct bytes text)
{
    return span_has(text, "DS_SERVICE_PRINCIPAL_NAME") ||
           span_has(text, "DS_USER_PRINCIPAL_NAME") || span_has(text, "DS_UNKNOWN_NAME") ||
           span_has(text, "did not have a suitable key");
}

static void try_kdc(struct event_sink *sink, const struct cursor *cursor, const struct line *line,
                    const struct recent *recent)
{
    struct kdc_event event = {0};
    struct text message = {0};
    const char *joined = NULL;
    struct bytes label, value;
    struct when when;
    int64_t id;
    size_t i;

    if (!is_kdc_line(line->text))
        return;
    put_before(&message, recent, line->text);
    put_message(&message, *cursor, line);
    if (kdc_event_parse(sink->document, bytes_of_text(text_str(&message)), &event)) {
        /* 26 and 27 have the same words as 14 and 16 */
        for (i = 0; back(recent, i) != NULL; i++)
            if (split_label(back(recent, i)->text, &label, &value) && span_ends(label, "ID") &&
                span_int(span_trim(value), &id) && (id == 26 || id == 27))
                event.id = id;
        if (find_when(recent, &when, &joined, sink->document))
            EVENT_PUT_WHEN(sink->document, &event, &when);
        event.computer = find_computer(sink->document, recent);
        event_put(sink, line->number, &event);
    }
    text_clear(&message);
}

void event_read_text(struct event_sink *sink)
{
    struct recent recent = {0};
    struct cursor cursor;
    struct line line;
    size_t at;

    cursor_init(&cursor, sink->document);
    cursor.doubled = sink->document->doubled;
    while (cursor_take(&cursor, &line)) {
        remember(&recent, &line);
        if (sink->kind == KIND_event3)
            try_event3(sink, &cursor, &line, &recent);
        else if (sink->kind == KIND_kdc_event)
            try_kdc(sink, &cursor, &line, &recent);
        else if ((at = span_find(line.text, "KRB_AP_ERR_MODIFIED")) != SIZE_MAX)
            try_event4(sink, &cursor, &line, &recent, at);
    }
}
