/* SPDX-License-Identifier: MIT */
/* KRB5_TRACE of MIT krb5 (src/include/k5-trace.h): "[pid] seconds.microseconds: message". Never
 * translated. Each request for credentials is a fact, with the last result that is about it. */
#include "base/limits.h"
#include "evidence/kind.h"

enum {
    PROTOCOL = 1765328384, /* the error table krb5: -1765328384 + n is error n of RFC 4120 */
    NOT_FOUND = 141,       /* KRB5_CC_NOTFOUND: the cache does not hold it yet, no result at all */
    PROTOCOL_CODES = 128
};

struct state {
    const struct document *document;
    struct krb5trace fact;
    struct bytes pid; /* of the request under way; processes that share a file are told apart */
    int64_t line;     /* of the request; 0 none */
};

/* The message behind "[16405] 1558539531.157985: "; whatever a log put in front is left out. */
static bool trace_line(struct bytes text, struct bytes *out_pid, int64_t *out_seconds,
                       struct bytes *out_message)
{
    size_t at = 0, close;

    for (;; at++) {
        struct bytes rest = span_from(text, at), word;
        size_t dot;

        at += size_min(span_find(rest, "["), text.len - at);
        if (at >= text.len)
            return false;
        rest = span_from(text, at + 1);
        close = span_find(rest, "] ");
        if (close == SIZE_MAX)
            return false;
        *out_pid = span_to(rest, close);
        rest = span_from(rest, close + 2);
        word = span_word(&rest);
        dot = span_find(word, ".");
        if (close < 12 && close > 0 && span_digit(out_pid->at[0]) && span_ends(word, ":") &&
            dot != SIZE_MAX && dot > 8 && span_int(span_to(word, dot), out_seconds)) {
            *out_message = span_trim(rest);
            return true;
        }
    }
}

/* "A -> B" at the front of s, up to `end`. */
static bool take_pair(const struct document *document, struct bytes s, const char *end,
                      const char **out_client, const char **out_server)
{
    size_t arrow = span_find(s, " -> ");
    struct bytes rest;

    if (arrow == SIZE_MAX)
        return false;
    rest = span_from(s, arrow + 4);
    rest = span_to(rest, size_min(span_find(rest, end), rest.len));
    *out_client = document_text(document, span_to(s, arrow));
    *out_server = document_text(document, rest);
    return *out_client != NULL && *out_server != NULL;
}

static void end_request(struct state *state)
{
    if (state->line > 0)
        document_fact(state->document, KIND_krb5trace, state->line, &state->fact);
    memset(&state->fact, 0, sizeof(state->fact));
    state->line = 0;
}

/* "-1765328377/Server not found in Kerberos database" or "0/Success". */
static bool take_result(struct state *state, struct bytes text)
{
    size_t slash = span_find(text, "/");
    int64_t code;

    if (slash == SIZE_MAX || !span_int(span_to(text, slash), &code) ||
        code == NOT_FOUND - (int64_t)PROTOCOL)
        return false;
    if (code == 0)
        state->fact.error_code = optint(0);
    else if (code >= -(int64_t)PROTOCOL && code < PROTOCOL_CODES - (int64_t)PROTOCOL)
        state->fact.error_code = optint(code + PROTOCOL);
    else
        state->fact.error_code.set = false;
    state->fact.message = document_text(state->document, span_from(text, slash + 1));
    return true;
}

static struct bytes behind(struct bytes message, const char *start)
{
    return span_starts(message, start) ? span_from(message, strlen(start)) : span_to(message, 0);
}

static void start_request(struct state *state, int64_t line, int64_t seconds, struct bytes pid)
{
    end_request(state);
    state->line = line;
    state->pid = pid;
    state->fact.time_s = optint(seconds);
}

/* The service's own trace: which ticket it was, a library that cannot open it does not say. */
static bool take_acceptor(struct state *state, int64_t line, int64_t seconds, struct bytes pid,
                          struct bytes message)
{
    struct bytes rest = behind(message, "Failed to decrypt AP-REQ ticket: ");

    if (rest.len == 0)
        return false;
    start_request(state, line, seconds, pid);
    state->fact.acceptor = true;
    take_result(state, rest);
    end_request(state);
    return true;
}

static void take_message(struct state *state, int64_t line, int64_t seconds, struct bytes pid,
                         struct bytes message)
{
    static const char *const results[] = {"TGS request result: ", "Got cred; ",
                                          "Received error from KDC: "};
    const char *client, *server;
    struct bytes rest;
    size_t i;

    if (take_acceptor(state, line, seconds, pid, message))
        return;
    rest = behind(message, "Getting credentials ");
    if (rest.len > 0 && take_pair(state->document, rest, " using ccache", &client, &server)) {
        start_request(state, line, seconds, pid);
        state->fact.client = client;
        state->fact.server = server;
        return;
    }
    rest = behind(message, "Getting initial credentials for ");
    if (rest.len > 0) {
        start_request(state, line, seconds, pid);
        state->fact.client = document_text(state->document, rest);
        return;
    }
    if (state->line == 0 || !bytes_equal(state->pid, pid))
        return;
    for (i = 0; i < sizeof(results) / sizeof(results[0]); i++)
        if ((rest = behind(message, results[i])).len > 0)
            take_result(state, rest);
    /* what the cache already holds needs no KDC */
    rest = behind(message, "Retrieving ");
    i = span_find(rest, " with result: 0/");
    if (i != SIZE_MAX && state->fact.server != NULL &&
        take_pair(state->document, rest, " from ", &client, &server) &&
        strcmp(server, state->fact.server) == 0)
        take_result(state, span_from(rest, i + strlen(" with result: ")));
}

static void read_trace(const struct document *document)
{
    struct state state = {.document = document};
    struct bytes pid, message;
    struct cursor cursor;
    struct line line;
    int64_t seconds;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line))
        if (trace_line(line.text, &pid, &seconds, &message))
            take_message(&state, line.number, seconds, pid, message);
    end_request(&state);
}

static int score_trace(const struct document *document)
{
    static const char *const words[] = {"Getting credentials ", "Getting initial credentials for ",
                                        "Failed to decrypt AP-REQ ticket: "};
    struct bytes pid, message;
    struct cursor cursor;
    struct line line;
    int64_t seconds;
    size_t i;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line))
        for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (span_has(line.text, words[i]) && trace_line(line.text, &pid, &seconds, &message) &&
                span_starts(message, words[i]))
                return SCORE_SURE;
    return SCORE_NONE;
}

const struct evidence_kind evidence_krb5trace = {"krb5trace", score_trace, read_trace};
