/* SPDX-License-Identifier: MIT */
/* Chromium's net-export log (net/log/net_log_event_type_list.h, chrome://net-export): the SPN that
 * the browser gave to the system, and what the system said. Read as JSON event by event, whatever
 * the order of their members, and as the viewer prints it ("--> spn = ..."). */
#include "evidence/kind.h"

enum { DEPTH = 16, REQUESTS = 512 };

struct request {
    struct netlog fact;
    int64_t source, line;
};

struct event {
    const char *spn, *url;
    struct optint status, net_error, source;
    int64_t line;
};

struct state {
    const struct document *document;
    struct bytes key[DEPTH]; /* the member under way at each depth */
    size_t depth, events;    /* depth of the array of events; 0 outside */
    struct event event;
    const char *page; /* host of the last request */
    struct request *requests;
    size_t num;
};

/* "public.example" of "https://public.example:8443/page". */
static const char *host_of(const struct document *document, struct bytes url)
{
    size_t at = span_find(url, "://"), len = 0;
    struct bytes rest = span_from(url, at == SIZE_MAX ? url.len : at + 3);

    while (len < rest.len && !span_among(rest.at[len], "/:?#"))
        len++;
    return document_text(document, span_to(rest, len));
}

static struct request *find_request(struct state *state, struct optint source)
{
    size_t i;

    for (i = state->num; source.set && i > 0; i--)
        if (state->requests[i - 1].source == source.value)
            return &state->requests[i - 1];
    return NULL;
}

/* The order within a file is that of time: the result of a request follows it. */
static void end_event(struct state *state)
{
    const struct event *event = &state->event;
    struct request *request;

    if (event->url != NULL)
        state->page = event->url;
    if (event->spn != NULL && state->num < REQUESTS) {
        request = &state->requests[state->num++];
        memset(request, 0, sizeof(*request));
        request->fact.spn = event->spn;
        request->fact.url_host = state->page;
        request->line = event->line;
        request->source = event->source.set ? event->source.value : -1;
    }
    request = find_request(state, event->source);
    if (request != NULL && event->status.set && !request->fact.security_status.set)
        request->fact.security_status = event->status;
    if (request != NULL && event->net_error.set && !request->fact.net_error.set)
        request->fact.net_error = event->net_error;
}

static struct bytes key_at(const struct state *state, size_t depth)
{
    struct bytes none = {NULL, 0};

    return depth < DEPTH ? state->key[depth] : none;
}

static void take_string(struct state *state, struct bytes value, int64_t line)
{
    struct bytes key = key_at(state, state->depth);

    if (state->events == 0)
        return;
    if (span_is(key, "spn") && looks_like_spn(value)) {
        state->event.spn = document_text(state->document, value);
        state->event.line = line;
    } else if ((span_is(key, "url") || span_is(key, "origin")) && span_starts(value, "http")) {
        state->event.url = host_of(state->document, value);
    }
}

static void take_number(struct state *state, struct bytes value)
{
    struct bytes key = key_at(state, state->depth);
    int64_t number;

    if (state->events == 0 || !span_int(value, &number))
        return;
    if (span_is(key, "security_status"))
        state->event.status = optint(number);
    else if (span_is(key, "net_error"))
        state->event.net_error = optint(number);
    else if (span_is(key, "id") && span_is(key_at(state, state->depth - 1), "source"))
        state->event.source = optint(number);
}

static void open_bracket(struct state *state, uint8_t c)
{
    if (c == '[' && state->events == 0 && span_is(key_at(state, state->depth), "events"))
        state->events = state->depth + 1;
    state->depth++;
    if (state->depth < DEPTH)
        state->key[state->depth].len = 0;
    if (c == '{' && state->events > 0 && state->depth == state->events + 1)
        memset(&state->event, 0, sizeof(state->event));
}

static void close_bracket(struct state *state)
{
    if (state->events > 0 && state->depth == state->events + 1)
        end_event(state);
    if (state->events > 0 && state->depth == state->events)
        state->events = 0;
    if (state->depth > 0)
        state->depth--;
}

/* The length of a string with its quotes; the whole rest when it does not end. */
static size_t string_len(struct bytes s)
{
    size_t i;

    for (i = 1; i < s.len; i++) {
        if (s.at[i] == '\\')
            i++;
        else if (s.at[i] == '"')
            return i + 1;
    }
    return s.len;
}

static bool is_key(struct bytes behind)
{
    while (behind.len > 0 && span_among(behind.at[0], " \t\r\n"))
        behind = span_from(behind, 1);
    return span_starts(behind, ":");
}

static void scan_json(struct state *state, struct bytes s)
{
    int64_t line = 1;
    size_t len;

    while (s.len > 0) {
        uint8_t c = s.at[0];

        len = 1;
        if (c == '\n') {
            line++;
        } else if (c == '{' || c == '[') {
            open_bracket(state, c);
        } else if (c == '}' || c == ']') {
            close_bracket(state);
        } else if (c == '"') {
            struct bytes text;

            len = string_len(s);
            text = span_to(span_from(s, 1), len < 2 ? 0 : len - 2);
            if (is_key(span_from(s, len)) && state->depth < DEPTH)
                state->key[state->depth] = text;
            else
                take_string(state, text, line);
        } else if (span_digit(c) || c == '-') {
            while (len < s.len && span_alnum(s.at[len]))
                len++;
            take_number(state, span_to(s, len));
        }
        s = span_from(s, len);
    }
}

/* ---- The viewer's text ---- */

/* `--> spn = "HTTP/x"`, `--> status = {"net_error":-338,"security_status":-2146893022}` */
static struct bytes viewer_value(struct bytes text, const char *name)
{
    struct bytes rest =
        span_starts(text, "--> ") ? span_trim(span_from(text, 4)) : span_to(text, 0);

    if (!span_starts(rest, name))
        return span_to(rest, 0);
    rest = span_trim(span_from(rest, strlen(name)));
    return span_starts(rest, "=") ? span_trim(span_from(rest, 1)) : span_to(rest, 0);
}

static void viewer_number(struct bytes value, const char *name, struct optint *out)
{
    size_t at = span_find(value, name), len = 1;
    struct bytes rest = span_from(value, at == SIZE_MAX ? value.len : at + strlen(name));
    int64_t number;

    if (rest.len == 0)
        return;
    while (len < rest.len && span_digit(rest.at[len]))
        len++;
    if (span_int(span_to(rest, len), &number))
        *out = optint(number);
}

static void scan_viewer(struct state *state)
{
    struct bytes value;
    struct cursor cursor;
    struct line line;

    cursor_init(&cursor, state->document);
    while (cursor_take(&cursor, &line)) {
        struct request *last = state->num == 0 ? NULL : &state->requests[state->num - 1];

        value = viewer_value(line.text, "url");
        if (value.len > 0)
            state->page = host_of(state->document, argument_take(&value));
        value = viewer_value(line.text, "spn");
        value = argument_take(&value);
        if (looks_like_spn(value) && state->num < REQUESTS) {
            last = &state->requests[state->num++];
            memset(last, 0, sizeof(*last));
            last->fact.spn = document_text(state->document, value);
            last->fact.url_host = state->page;
            last->line = line.number;
        }
        value = viewer_value(line.text, "status");
        if (value.len > 0 && last != NULL && !last->fact.security_status.set) {
            viewer_number(value, "\"security_status\":", &last->fact.security_status);
            viewer_number(value, "\"net_error\":", &last->fact.net_error);
        }
    }
}

/* ---- */

static bool is_json(const struct document *document)
{
    return span_has(document->text, "\"logEventTypes\"") || span_has(document->text, "\"events\"");
}

static void read_netlog(const struct document *document)
{
    struct state state = {.document = document,
                          .requests =
                              arena_take(document->scratch, REQUESTS, sizeof(struct request))};
    size_t i;

    if (is_json(document))
        scan_json(&state, document->text);
    else
        scan_viewer(&state);
    for (i = 0; i < state.num; i++)
        document_fact(document, KIND_netlog, state.requests[i].line, &state.requests[i].fact);
}

static int score_netlog(const struct document *document)
{
    bool named = span_has(document->text, "AUTH_LIBRARY_INIT_SEC_CTX");

    if (!named)
        return SCORE_NONE;
    return (is_json(document) && span_has(document->text, "\"spn\"")) ||
                   span_has(document->text, "--> spn = ")
               ? SCORE_SURE
               : SCORE_NONE;
}

const struct evidence_kind evidence_netlog = {"netlog", score_netlog, read_netlog};
