/* SPDX-License-Identifier: MIT */
/* klist of Windows in any language: "#N>" begins a ticket, and its lines keep their order, so that
 * no label has to be understood. Dates are M/D/YYYY whatever the language; some regional formats
 * print date and time once more behind it. */
#include "evidence/etype_name.h"
#include "evidence/kind.h"

enum stage { OUTSIDE, CLIENT, SERVER, ETYPE, FLAGS, TIMES, CACHE_FLAGS, KDC, DONE };

struct state {
    const struct document *document;
    struct cursor cursor;
    enum stage stage;
    struct cached_ticket ticket;
    int64_t line;
    const char *logon;
    struct bytes before[6]; /* values of the last labelled lines: klist tgt */
    size_t num_before;
};

/* ---- Values ---- */

static bool is_value_of(struct bytes text, struct bytes *out)
{
    struct bytes label;

    return split_label(text, &label, out);
}

/* "alice @ CONTOSO.COM" without the blanks around the at sign. */
static const char *principal(const struct document *document, struct bytes value)
{
    size_t at = span_find_last(value, "@");

    if (at == SIZE_MAX)
        return document_text(document, value);
    return arena_print(document->scratch, "%s@%s",
                       arena_text(document->scratch, span_trim_end(span_to(value, at))),
                       arena_text(document->scratch, span_trim(span_from(value, at + 1))));
}

/* Length of "10/13/2022", "16.07.2026" or "2026-07-16" at the front; 0 for none. */
static size_t date_len(struct bytes s)
{
    size_t groups = 0, i = 0;

    for (;;) {
        size_t digits = 0;

        while (i < s.len && span_digit(s.at[i]) && digits < 4) {
            digits++;
            i++;
        }
        if (digits == 0)
            return 0;
        if (++groups == 3)
            return i < s.len && !span_blank(s.at[i]) ? 0 : i;
        if (i == s.len || !span_among(s.at[i], "/.-"))
            return 0;
        i++;
    }
}

/* Where a date begins in s, or SIZE_MAX. */
static size_t find_date(struct bytes s)
{
    size_t i;

    for (i = 0; i < s.len; i++)
        if (span_digit(s.at[i]) && (i == 0 || !span_alnum(s.at[i - 1])) &&
            date_len(span_from(s, i)) > 0)
            return i;
    return SIZE_MAX;
}

/* "7/16/2026 9:58:40 (local)" without the remark; the date that comes twice given once. */
static const char *moment(const struct document *document, struct bytes value)
{
    struct bytes date = span_to(value, date_len(value)), rest;
    size_t remark = span_find(value, "("), wide = span_find(value, "\xEF\xBC\x88"), i;
    char *out;

    value = span_trim_end(span_to(value, size_min(remark, wide)));
    rest = span_trim(span_from(value, date.len));
    if (date_len(rest) == 0)
        return document_text(document, value);
    rest = span_trim(span_from(rest, date_len(rest)));
    out = (char *)(uintptr_t)arena_print(document->scratch, "%s %s",
                                         arena_text(document->scratch, date),
                                         arena_text(document->scratch, rest));
    for (i = date.len; out[i] != '\0'; i++)
        if (out[i] == '.' && span_digit((uint8_t)out[i - 1]))
            out[i] = ':';
    return out;
}

/* ---- Tickets ---- */

static void end_ticket(struct state *state)
{
    if (state->stage != OUTSIDE && state->ticket.server != NULL) {
        state->ticket.cache = state->logon;
        document_fact(state->document, KIND_cached_ticket, state->line, &state->ticket);
    }
    memset(&state->ticket, 0, sizeof(state->ticket));
    state->stage = OUTSIDE;
    state->num_before = 0;
}

static bool is_flags(struct bytes text)
{
    size_t hex = span_find(text, "0x");

    return hex != SIZE_MAX && span_has(span_from(text, hex), "->");
}

static void put_etype(struct state *state, struct bytes value)
{
    state->ticket.etype = document_text(state->document, value);
    state->ticket.etype_number = etype_number(value);
}

static void put_time(struct state *state, struct bytes value)
{
    const char *text = moment(state->document, value);

    if (state->ticket.start == NULL)
        state->ticket.start = text;
    else if (state->ticket.end == NULL)
        state->ticket.end = text;
}

/* The lines behind the times: session key type, cache flags ("0x1 -> ..." or a number), KDC. */
static void take_tail(struct state *state, struct bytes value)
{
    bool number = value.len > 0 && span_digit(value.at[0]);

    if (state->stage == KDC) {
        state->ticket.kdc = document_text(state->document, value);
        state->stage = DONE;
    } else if (state->stage == TIMES && !number) {
        state->stage = CACHE_FLAGS; /* that was the session key's type */
    } else if (state->stage == CACHE_FLAGS && number) {
        state->stage = KDC;
    }
}

static void take_ticket_line(struct state *state, struct bytes text)
{
    struct bytes value;
    size_t at = find_date(text);

    if ((state->stage == SERVER || state->stage == ETYPE) && is_flags(text)) {
        state->stage = FLAGS;
        return;
    }
    if (state->stage >= SERVER && state->stage <= TIMES && at != SIZE_MAX) {
        put_time(state, span_from(text, at));
        state->stage = TIMES;
        return;
    }
    if (!is_value_of(text, &value))
        return;
    switch (state->stage) {
    case CLIENT:
        state->ticket.server = principal(state->document, value);
        state->stage = SERVER;
        break;
    case SERVER:
        put_etype(state, value);
        state->stage = ETYPE;
        break;
    default:
        take_tail(state, value);
        break;
    }
}

/* "#0>     Client: alice @ CONTOSO.COM": what stands behind the mark; false for other lines. */
static bool ticket_start(struct bytes text, struct bytes *out)
{
    size_t i = 1;

    if (text.len < 3 || text.at[0] != '#')
        return false;
    while (i < text.len && span_digit(text.at[i]))
        i++;
    if (i == 1 || i == text.len || text.at[i] != '>')
        return false;
    *out = span_trim(span_from(text, i + 1));
    return true;
}

static void start_ticket(struct state *state, const struct line *line, struct bytes text)
{
    struct bytes value;

    end_ticket(state);
    state->line = line->number;
    state->stage = CLIENT;
    if (is_value_of(text, &value))
        state->ticket.client = principal(state->document, value);
}

/* ---- klist tgt ---- */

/* Six labelled lines (service, target, client, domain, target domain, alternative target domain)
 * stand before the flags, which have a label with a colon here. */
static bool start_tgt(struct state *state, const struct line *line, struct bytes text)
{
    const struct document *document = state->document;
    struct bytes *v = state->before;
    struct bytes value;

    if (state->num_before < 6 || !is_flags(text) || !is_value_of(text, &value) ||
        !span_starts(value, "0x"))
        return false;
    state->stage = FLAGS;
    state->line = line->number;
    state->ticket.client =
        arena_print(document->scratch, "%s@%s", arena_text(document->scratch, v[2]),
                    arena_text(document->scratch, v[3]));
    state->ticket.server =
        arena_print(document->scratch, "%s/%s@%s", arena_text(document->scratch, v[0]),
                    arena_text(document->scratch, v[4]), arena_text(document->scratch, v[3]));
    return true;
}

static void remember(struct state *state, struct bytes value)
{
    if (state->num_before == 6) {
        memmove(state->before, state->before + 1, 5 * sizeof(state->before[0]));
        state->num_before--;
    }
    state->before[state->num_before++] = value;
}

/* "KeyType 0x12 - AES-256-CTS-HMAC-SHA1-96" */
static bool take_tgt_key(struct state *state, struct bytes text)
{
    size_t dash = span_find(text, " - ");

    if (state->ticket.etype != NULL || dash == SIZE_MAX || !span_has(text, "0x"))
        return false;
    put_etype(state, span_trim(span_from(text, dash + 3)));
    return true;
}

/* ---- Lines ---- */

/* A line is the rest of the one before it when that one filled the console and this one has neither
 * indent nor label. */
static struct bytes join_wrapped(struct state *state, const struct line *line)
{
    struct cursor ahead = state->cursor;
    struct bytes text = line->text, value;
    struct line next;
    int joined = 0;

    while (joined++ < 4 && line->width >= 79 && cursor_take(&ahead, &next) && next.text.len > 0 &&
           next.indent == 0 && next.text.at[0] != '#' && !is_value_of(next.text, &value)) {
        text = bytes_of_text(arena_print(state->document->scratch, "%s%s",
                                         arena_text(state->document->scratch, text),
                                         arena_text(state->document->scratch, next.text)));
        state->cursor = ahead;
        if (next.width < 79)
            break;
    }
    return text;
}

/* Where "0:0x3e7" of the heading stands, at the end of a short line, or SIZE_MAX. Lists of sessions
 * ("[0] ...") are none. */
static size_t find_logon(struct bytes text)
{
    size_t at = span_find(text, "0:0x"), end;

    if (at == SIZE_MAX || text.len > 120 || text.at[0] == '[' ||
        (at > 0 && text.at[at - 1] != ' ' && text.at[at - 1] != ':' && text.at[at - 1] < 0x80))
        return SIZE_MAX;
    for (end = at + 4; end < text.len && span_alnum(text.at[end]); end++)
        continue;
    return end > at + 4 && text.len - end <= 12 ? at : SIZE_MAX;
}

static bool take_logon(struct state *state, struct bytes text)
{
    size_t at = find_logon(text);
    struct bytes rest;

    if (at == SIZE_MAX)
        return false;
    end_ticket(state);
    rest = span_from(text, at);
    state->logon = document_text(state->document, span_word(&rest));
    return true;
}

static void take_line(struct state *state, const struct line *line)
{
    struct bytes text = line->text, found, rest;

    if (text.len == 0)
        return;
    text = join_wrapped(state, line);
    if (ticket_start(text, &found)) {
        start_ticket(state, line, found);
    } else if (take_logon(state, text) || start_tgt(state, line, text)) {
        return;
    } else if (state->stage == OUTSIDE) {
        if (is_value_of(text, &found))
            remember(state, found);
        else
            state->num_before = 0;
    } else if ((line_command(text).len < text.len && span_has(text, ":\\")) ||
               split_dotted(text, &found, &rest)) {
        end_ticket(state); /* a prompt, or rows of another program */
    } else if (!(state->stage == FLAGS && take_tgt_key(state, text))) {
        take_ticket_line(state, text);
    }
}

static void read_klist(const struct document *document)
{
    struct state state = {.document = document};
    struct line line;

    cursor_init(&state.cursor, document);
    while (cursor_take(&state.cursor, &line))
        take_line(&state, &line);
    end_ticket(&state);
}

static int score_klist(const struct document *document)
{
    struct cursor cursor;
    struct line line;
    struct bytes found;
    int best = SCORE_NONE;

    cursor_init(&cursor, document);
    while (best < SCORE_SURE && cursor_take(&cursor, &line)) {
        int score = SCORE_NONE;

        if (ticket_start(line.text, &found) && span_has(found, "@"))
            score = SCORE_SURE;
        else if (find_logon(line.text) != SIZE_MAX)
            score = 60;
        best = score > best ? score : best;
    }
    return best;
}

const struct evidence_kind evidence_klist_windows = {"klist", score_klist, read_klist};
