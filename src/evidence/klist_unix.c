/* SPDX-License-Identifier: MIT */
/* klist of MIT krb5 and Heimdal, and their listings of keytabs (klist -k, ktutil). Dates follow the
 * locale: whatever stands before the principal is start and end, half and half. */
#include "evidence/etype_name.h"
#include "evidence/kind.h"

enum mode { NOTHING, TICKETS, KEYS };

struct state {
    const struct document *document;
    struct cursor cursor;
    enum mode mode;
    const char *cache, *client; /* of the whole cache */
    struct cached_ticket ticket;
    int64_t line; /* of the ticket; 0: none pending */
    bool slots;   /* ktutil of MIT: a slot number in front of the kvno */
};

static void end_ticket(struct state *state)
{
    if (state->line > 0 && state->ticket.server != NULL) {
        state->ticket.cache = state->cache;
        document_fact(state->document, KIND_cached_ticket, state->line, &state->ticket);
    }
    memset(&state->ticket, 0, sizeof(state->ticket));
    state->line = 0;
}

/* The value behind a label that the line begins with; false for other lines. */
static bool labelled(struct bytes text, const char *label, struct bytes *out)
{
    if (!span_starts_nocase(text, label))
        return false;
    *out = span_trim(span_from(text, strlen(label)));
    return true;
}

/* ---- Tickets ---- */

static void put_etype(struct state *state, struct bytes name)
{
    if (name.len == 0 || span_starts(name, ".."))
        return;
    state->ticket.etype = document_text(state->document, name);
    state->ticket.etype_number = etype_number(name);
}

/* "Etype (skey, tkt): A, B": the second is the ticket's. */
static void take_etypes(struct state *state, struct bytes text)
{
    size_t at = span_find(text, "Etype (skey, tkt):"), comma;
    struct bytes rest;

    if (at == SIZE_MAX || state->line == 0)
        return;
    rest = span_from(text, at + strlen("Etype (skey, tkt):"));
    comma = span_find(rest, ",");
    if (comma == SIZE_MAX)
        return;
    rest = span_trim(span_from(rest, comma + 1));
    put_etype(state, span_to(rest, size_min(span_find(rest, ","), rest.len)));
}

/* "10/18/17 20:03:05  10/19/17 20:03:05  krbtgt/A@A" */
static bool take_row(struct state *state, const struct line *line)
{
    struct bytes server = span_last_word(line->text), words[16], rest, times;
    size_t num = 0, half;

    times = span_trim_end(span_to(line->text, line->text.len - server.len));
    if (!span_has(server, "@") || times.len < 8 || !span_has(times, ":"))
        return false;
    rest = times;
    while (num < 16 && (words[num] = span_word(&rest)).len > 0)
        num++;
    if (num < 2 || num == 16)
        return false;
    half = num / 2;
    if (span_starts(words[num - 1], ">>>")) /* Heimdal: >>>Expired<<< */
        half = num - 1;
    else if (num % 2 != 0)
        return false;
    end_ticket(state);
    state->line = line->number;
    state->ticket.client = state->client;
    state->ticket.server = document_text(state->document, server);
    state->ticket.start = document_text(
        state->document,
        span(times.at, (size_t)(words[half - 1].at + words[half - 1].len - times.at)));
    state->ticket.end = document_text(
        state->document, span(words[half].at, (size_t)(times.at + times.len - words[half].at)));
    return true;
}

/* Heimdal klist -v: a block of labelled lines that "Server:" begins. */
static bool take_verbose(struct state *state, const struct line *line)
{
    struct bytes value, rest;
    int64_t kvno;

    if (labelled(line->text, "Server: ", &value) && !span_has(value, " @ ")) {
        end_ticket(state);
        state->line = line->number;
        state->ticket.server = document_text(state->document, value);
        state->ticket.client = state->client;
        return true;
    }
    if (state->line == 0)
        return false;
    if (labelled(line->text, "Client: ", &value)) {
        state->ticket.client = document_text(state->document, value);
    } else if (labelled(line->text, "Ticket etype: ", &value)) {
        size_t comma = span_find(value, ",");

        put_etype(state, span_to(value, size_min(comma, value.len)));
        rest = span_from(value, size_min(span_find(value, "kvno "), value.len));
        span_word(&rest);
        if (span_int(span_trim(rest), &kvno))
            state->ticket.kvno = optint(kvno);
    } else if (labelled(line->text, "Auth time: ", &value)) {
        state->ticket.start = document_text(state->document, value);
    } else if (labelled(line->text, "Start time: ", &value)) {
        state->ticket.start = document_text(state->document, value);
    } else if (labelled(line->text, "End time: ", &value)) {
        state->ticket.end = document_text(state->document, value);
    } else {
        return false;
    }
    return true;
}

/* ---- Keys ---- */

/* "4 01/01/1970 01:00 HTTP/x@R (aes256-cts-hmac-sha1-96)", or Heimdal's "4  aes256-...  HTTP/x@R".
 * With -K the key itself stands there too: it is passed over. */
static bool take_key(struct state *state, const struct line *line)
{
    struct bytes rest = line->text, word = span_word(&rest);
    struct key key = {0};
    size_t close;

    if (!span_int(word, &key.kvno))
        return false;
    if (state->slots && !span_int(span_word(&rest), &key.kvno))
        return false;
    while (key.principal == NULL && (word = span_word(&rest)).len > 0) {
        if (!key.etype.set)
            key.etype = etype_number(word);
        if (span_has(word, "@"))
            key.principal = document_text(state->document, word);
    }
    if (key.principal == NULL)
        return false;
    rest = span_trim(rest);
    close = span_find(rest, ")");
    if (span_starts(rest, "(") && !span_starts(rest, "(0x") && close != SIZE_MAX)
        key.etype = etype_number(span_from(span_to(rest, close), 1));
    document_fact(state->document, KIND_key, line->number, &key);
    return true;
}

/* ---- Lines ---- */

static bool take_heading(struct state *state, struct bytes text)
{
    struct bytes value;

    if (labelled(text, "Ticket cache: ", &value) || labelled(text, "Credentials cache: ", &value)) {
        end_ticket(state);
        state->mode = TICKETS;
        state->cache = document_text(state->document, value);
        state->client = NULL;
    } else if (state->mode == TICKETS && (labelled(text, "Default principal: ", &value) ||
                                          labelled(text, "Principal: ", &value))) {
        state->client = document_text(state->document, value);
    } else if (labelled(text, "Keytab name: ", &value) || labelled(text, "KVNO ", &value) ||
               (labelled(text, "Vno ", &value) && span_has(text, "Type")) ||
               (labelled(text, "slot ", &value) && span_has(text, "KVNO"))) {
        end_ticket(state);
        state->mode = KEYS;
        state->slots = span_starts(text, "slot");
    } else {
        return false;
    }
    return true;
}

static void take_line(struct state *state, const struct line *line)
{
    struct bytes text = line->text, value;

    if (text.len == 0 || take_heading(state, text))
        return;
    if (state->mode == KEYS) {
        take_key(state, line);
    } else if (state->mode == TICKETS && !take_row(state, line) && !take_verbose(state, line)) {
        take_etypes(state, text);
        /* S4U: the ticket is another user's */
        if (state->line > 0 && labelled(text, "for client ", &value))
            state->ticket.client = document_text(
                state->document, span_to(value, size_min(span_find(value, ","), value.len)));
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
    struct state state = {.document = document};
    struct cursor cursor;
    struct line line;
    int best = SCORE_NONE;

    cursor_init(&cursor, document);
    while (best < SCORE_SURE && cursor_take(&cursor, &line)) {
        if (!take_heading(&state, line.text))
            continue;
        if (span_starts_nocase(line.text, "KVNO ") || span_starts_nocase(line.text, "Vno ") ||
            span_starts_nocase(line.text, "slot "))
            best = best < 80 && span_has(line.text, "Principal") ? 80 : best;
        else
            best = SCORE_SURE;
    }
    return best;
}

const struct evidence_kind evidence_klist_unix = {"klist", score_klist, read_klist};
