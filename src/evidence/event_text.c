/* SPDX-License-Identifier: MIT */
/* Events as text: copied from Event Viewer, wevtutil, Format-List, Format-Table, a chat. */
#include "evidence/event.h"

enum {
    LINES_BEFORE = 24,    /* of a header: where the date may stand */
    HEADER_BYTES = 1000,  /* of a line of a header: longer ones are none */
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

/* Its text, without what is too long for a header. */
static struct bytes header(const struct line *line)
{
    return span_to(line->text, HEADER_BYTES);
}

static void put_squeezed(struct text *out, struct bytes s)
{
    struct bytes word;

    s = span_to(s, MESSAGE_BYTES);
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

/* A property of PowerShell, "TimeCreated : ..." or "\"TimeCreated\": ...": never translated. */
static bool is_time_property(struct bytes text)
{
    static const char *const names[] = {"TimeCreated", "TimeGenerated", "TimeWritten"};
    size_t i;

    if (span_starts(text, "\""))
        text = span_from(text, 1);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (span_starts(text, names[i]))
            return true;
    return false;
}

static bool is_message_property(struct bytes text)
{
    return span_starts(text, "Message ") || span_starts(text, "\"Message\"");
}

/* PowerShell may print the message first and the rest of the object behind it. */
static bool find_when_behind(struct cursor cursor, struct when *out)
{
    struct line line;
    size_t lines = 0;

    while (lines++ < 2 * LINES_BEFORE && cursor_take(&cursor, &line)) {
        if (is_message_property(line.text) || span_has(line.text, "KRB_AP_ERR_MODIFIED"))
            return false;
        if (is_time_property(line.text) && when_find(header(&line), out))
            return true;
    }
    return false;
}

/* "Source: Microsoft-Windows-Security-Kerberos", "Event ID: 4": a line of an event's own header. */
static bool is_event_header(const struct line *line)
{
    struct bytes label, value, word;
    int64_t id;

    if (!split_label(header(line), &label, &value) || label.len > 40)
        return false;
    word = argument_take(&value);
    return span_has(word, "Kerberos") || span_is(word, "KDC") ||
           (span_int(word, &id) && id > 0 && id < 100 && span_trim(value).len < 2 &&
            (span_has_nocase(label, "id") || span_has_nocase(label, "event")));
}

/* Whether an event's header stands in one block with the line `at` lines back, above or below. */
static bool beside_header(const struct recent *recent, size_t at)
{
    const struct line *line;
    size_t i;

    for (i = at; i > 0 && back(recent, i)->text.len > 0; i--)
        if (is_event_header(back(recent, i)))
            return true;
    for (i = at; (line = back(recent, i)) != NULL && line->text.len > 0; i++)
        if (is_event_header(line))
            return true;
    return false;
}

/* Whether the date so many lines back belongs to the message: it stands in one block with it or
 * with the event's header. Else it is of some other output. */
static bool is_ours(const struct recent *recent, size_t date)
{
    size_t i;

    for (i = 1; i < date; i++)
        if (back(recent, i)->text.len == 0)
            return beside_header(recent, date);
    return true;
}

/* "FirstTimeWritten", "LastTimeWritten": a summary of many events has no time of its own. */
static bool is_summary(struct bytes text)
{
    if (span_starts(text, "\""))
        text = span_from(text, 1);
    return span_starts(text, "FirstTime") || span_starts(text, "LastTime");
}

/* The nearest date above the newest line, or behind it in an object that begins with its message.
 */
static bool find_when(const struct document *document, const struct recent *recent,
                      const struct cursor *cursor, struct when *out)
{
    const struct line *line, *above = back(recent, 1);
    struct bytes clock = {NULL, 0};
    int64_t seconds = 0;
    size_t i;

    if (is_message_property(back(recent, 0)->text) &&
        (above == NULL || above->text.len == 0 || span_is(above->text, "{")))
        return find_when_behind(*cursor, out);
    for (i = 0; (line = back(recent, i)) != NULL; i++) {
        if (i > 0 &&
            (span_starts(line->text, "Event[") || span_has(header(line), "KRB_AP_ERR_MODIFIED")))
            break;
        if (!is_summary(line->text) && when_find(header(line), out)) {
            if (!is_ours(recent, i))
                break;
            if (!out->has_time && clock.len > 0) /* "Date: 10/13/2011", "Time: 10:10:05 PM" */
                when_find(bytes_of_text(arena_print(document->scratch, "%s %s",
                                                    arena_text(document->scratch, out->text),
                                                    arena_text(document->scratch, clock))),
                          out);
            return true;
        }
        if (clock.len == 0)
            when_find_time(header(line), &clock, &seconds);
    }
    return find_when_behind(*cursor, out);
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
        if (!split_label(header(line), &label, &value))
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
    struct when when;
    struct bytes rest;
    size_t next;

    put_before(&before, recent,
               span_from(span_to(line->text, at), at > HEADER_BYTES ? at - HEADER_BYTES : 0));
    rest = span_from(line->text, at + strlen(constant));
    next = span_find(rest, constant);
    put_squeezed(&after, span_to(rest, next));
    if (next == SIZE_MAX)
        put_message(&after, *cursor, line);
    if (event4_parse(sink->document,
                     span_from(bytes_of_text(text_str(&before)),
                               before.len > SENTENCE_BYTES ? before.len - SENTENCE_BYTES : 0),
                     bytes_of_text(text_str(&after)), &event)) {
        if (find_when(sink->document, recent, cursor, &when))
            EVENT_PUT_WHEN(sink->document, &event, &when);
        event.computer = find_computer(sink->document, recent);
        event_put(sink, line->number, &event);
    }
    text_clear(&before);
    text_clear(&after);
}

/* JSON may have many events in a line. */
static void try_line(struct event_sink *sink, const struct cursor *cursor, const struct line *line,
                     const struct recent *recent)
{
    size_t from = 0, at;

    while ((at = span_find(span_from(line->text, from), "KRB_AP_ERR_MODIFIED")) != SIZE_MAX) {
        try_event4(sink, cursor, line, recent, from + at);
        from += at + 1;
    }
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
    struct when when;
    int64_t code;

    if (!error_code(line->text, &code) || !take_rows(sink->document, *cursor, &event))
        return;
    event.error_code = optint(code);
    if (find_when(sink->document, recent, cursor, &when))
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

/* The words may be broken over this line and the next. */
static bool begins_kdc(const struct cursor *cursor, const struct line *line)
{
    struct text both = {0};
    struct line next;
    bool found = is_kdc_line(header(line));

    if (found || line->text.len == 0 || line->width > 200 || !cursor_peek(cursor, &next) ||
        next.number > line->number + 1 || is_kdc_line(header(&next)))
        return found;
    put_squeezed(&both, header(line));
    put_squeezed(&both, header(&next));
    found = is_kdc_line(bytes_of_text(text_str(&both)));
    text_clear(&both);
    return found;
}

/* 26 and 27 have the same words as 14 and 16: "Event ID: 27", "Event: 27", "Id : 27", and what
 * other languages make of it. */
static void put_kdc_id(struct kdc_event *event, const struct recent *recent)
{
    struct bytes label, value;
    int64_t id;
    size_t i;

    for (i = 0; event->id != 11 && back(recent, i) != NULL; i++) {
        if (!split_label(header(back(recent, i)), &label, &value) ||
            !span_int(argument_take(&value), &id) || (id != 26 && id != 27) || label.len > 40)
            continue;
        if (span_has_nocase(label, "id") || span_has_nocase(label, "event") ||
            span_has_nocase(label, "ereignis"))
            event->id = id;
    }
}

static void try_kdc(struct event_sink *sink, const struct cursor *cursor, const struct line *line,
                    const struct recent *recent)
{
    struct kdc_event event = {0};
    struct text message = {0};
    struct when when;

    if (!begins_kdc(cursor, line))
        return;
    put_before(&message, recent, line->text);
    put_message(&message, *cursor, line);
    if (kdc_event_parse(sink->document, bytes_of_text(text_str(&message)), &event)) {
        put_kdc_id(&event, recent);
        if (find_when(sink->document, recent, cursor, &when))
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

    cursor_init(&cursor, sink->document);
    while (cursor_take(&cursor, &line)) {
        remember(&recent, &line);
        if (sink->kind == KIND_event3)
            try_event3(sink, &cursor, &line, &recent);
        else if (sink->kind == KIND_kdc_event)
            try_kdc(sink, &cursor, &line, &recent);
        else
            try_line(sink, &cursor, &line, &recent);
    }
}
