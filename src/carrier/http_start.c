/* SPDX-License-Identifier: MIT */
/* The beginnings of HTTP messages: start lines, heads, what kind of body follows. */
#include "base/limits.h"
#include "carrier/http_state.h"
#include "carrier/tls.h"
#include "protocol/http.h"

/* Keeps the message until its body has gone by, or logs it now when that is not possible. */
static void hold(const struct http_call *call, struct http_message *message, enum http_stage stage)
{
    call->side->stage = stage;
    call->side->message = http_message_keep(message, call->carriage);
    if (call->side->message == NULL)
        http_end_message(call, message, NULL);
}

static size_t begin_length(const struct http_call *call, struct http_message *message,
                           uint64_t length)
{
    const struct segment *segment = call->segment;
    uint64_t all = message->head.len + length; /* length is below 2^62 */

    if (all == segment->data.len || (all < segment->data.len && !call->late)) {
        http_end_message(call, message, NULL);
        return (size_t)all;
    }
    call->side->until = segment->offset + all;
    if (segment->gap_after && !segment->ended && all > segment->data.len) {
        /* The frame was cut: tshark does not wait for what was not captured either. */
        http_end_message(call, message, NULL);
        call->side->stage = STAGE_LENGTH;
    } else {
        hold(call, message, STAGE_LENGTH);
    }
    return (size_t)all - 1;
}

static size_t begin_body(const struct http_call *call, struct http_message *message,
                         const struct http_head *head, enum http_body body)
{
    size_t len = message->head.len;

    if (http_is_rpc_channel(head)) { /* its length says nothing; tshark shows the head at once */
        http_end_message(call, message, NULL);
        call->side->stage = STAGE_LENGTH;
        call->side->until = call->segment->offset + len + head->length;
        return len;
    }
    switch (body) {
    case HTTP_BODY_LENGTH:
        return begin_length(call, message, head->length);
    case HTTP_BODY_CHUNKED:
        hold(call, message, STAGE_CHUNK);
        return len;
    case HTTP_BODY_TO_END:
        hold(call, message, STAGE_TO_END);
        return HTTP_SKIP_TO_END;
    case HTTP_BODY_NONE:
        return begin_length(call, message, 0);
    case HTTP_BODY_TUNNEL:
        break;
    }
    http_end_message(call, message, NULL);
    return head->status == 101 ? FLOW_IGNORE : len;
}

/* A message whose head is the first `len` bytes. `cut`: that is not all of it. */
static size_t begin_message(const struct http_call *call, size_t len, bool cut)
{
    struct http_pairs *pairs = &call->state->pairs;
    struct http_message message = {.head = {call->segment->data.at, len}};
    struct http_head head;
    struct bytes method = {NULL, 0};

    call->side->scanned = 0;
    if (!http_parse_head(message.head, &head))
        return len; /* cannot be: its first line was looked at */
    message.parsed = &head;
    message.source = carrier_source(call->flow, call->number, call->segment, "http",
                                    call->side->after_gap ? "after-gap" : NULL);
    call->side->after_gap = false;
    message.response = head.response;
    if (head.response) {
        message.exchange = http_pairs_answer(pairs, head.status / 100 == 1 && head.status != 101);
        message.number = pairs->num_responses;
        if (message.exchange != NULL)
            method = bytes_of_text(message.exchange->method);
    } else {
        message.exchange = http_pairs_ask(pairs, call->carriage, &message.source, head.method);
        message.number = pairs->num_requests;
        call->state->tunnel |= http_is(head.method, "CONNECT");
    }
    if (cut) {
        http_end_message(call, &message, "incomplete");
        http_lose(call, NULL);
        return len;
    }
    return begin_body(call, &message, &head, http_body_of(&head, method));
}

static size_t leave(const struct http_call *call)
{
    const struct carrier *inner = &carrier_tls;
    enum claim claim = inner->claim(inner, call->segment->data, call->number, false);

    if (claim == CLAIM_MORE && !call->segment->gap_after)
        return 0;
    if (claim != CLAIM_YES)
        return FLOW_IGNORE;
    call->state->inner = inner;
    call->state->inner_state = inner->open(inner, call->carriage, call->flow);
    return inner->feed(call->state->inner_state, call->carriage, call->flow, call->number,
                       call->segment);
}

/* A start line or the line of a trailer goes on for longer than any is read. */
void http_say_long_line(const struct http_call *call)
{
    struct source source = carrier_source(call->flow, call->number, call->segment, "http", NULL);

    carrier_limit(call->carriage, CARRIER_HTTP_HEADER, &source);
}

static void note_long_head(const struct http_call *call)
{
    struct problem problem = {.code = "limit-http-header",
                              .at_frame = optint(call->segment->frame),
                              .message = "the head of an HTTP message is too long; its beginning "
                                         "is shown",
                              .times = 1};
    struct source source = carrier_source(call->flow, call->number, call->segment, "http", NULL);

    log_append(call->carriage->log, KIND_problem, &source, &problem);
}

/* More of a start line that still has no end, and is not yet twice as long as when it was looked
 * at: so that all its segments together are looked at a few times only. */
static bool is_same_line(const struct http_call *call)
{
    struct http_side *side = call->side;
    struct bytes data = call->segment->data;
    size_t checked = side->line_checked, scanned = side->line_scanned;

    side->line_checked = 0;
    if (checked == 0 || scanned > data.len || call->segment->gap_after ||
        data.len > LIMIT_HTTP_HEADER_BYTES || data.len >= 2 * checked ||
        memchr(data.at + scanned, '\n', data.len - scanned) != NULL)
        return false;
    side->line_checked = checked;
    side->line_scanned = data.len;
    return true;
}

static void wait_for_line(const struct http_call *call)
{
    call->side->line_checked = call->side->line_scanned = call->segment->data.len;
}

size_t http_take_start(const struct http_call *call)
{
    struct bytes data = call->segment->data;
    bool last = call->segment->gap_after;
    size_t len;

    for (len = 0; len < data.len && (data.at[len] == '\r' || data.at[len] == '\n'); len++)
        continue;
    if (len > 0)
        return len; /* RFC 9112 2.2: empty lines before a request are passed over */
    if (is_same_line(call))
        return 0;
    switch (call->side->scanned > 0 ? HTTP_LINE_REQUEST : http_start_line(data)) {
    case HTTP_LINE_MORE:
        if (last)
            http_lose(call, NULL);
        else
            wait_for_line(call);
        return last ? data.len : 0;
    case HTTP_LINE_NO:
        if (call->state->tunnel)
            return leave(call);
        if (data.len > LIMIT_HTTP_HEADER_BYTES &&
            memchr(data.at, '\n', LIMIT_HTTP_HEADER_BYTES) == NULL)
            http_say_long_line(call);
        http_lose(call, NULL);
        return http_take_lost(call);
    case HTTP_LINE_REQUEST:
    case HTTP_LINE_RESPONSE:
        break;
    }
    len = http_head_len(data, &call->side->scanned);
    if (len > 0 && len <= LIMIT_HTTP_HEADER_BYTES)
        return begin_message(call, len, false);
    if (len > LIMIT_HTTP_HEADER_BYTES || data.len > LIMIT_HTTP_HEADER_BYTES)
        note_long_head(call);
    else if (!last)
        return 0;
    return begin_message(call, size_min(data.len, LIMIT_HTTP_HEADER_BYTES), true);
}

enum { STATUS_LINE_MAX = 256 };

/* Where the next start line may begin behind `at`: behind a line end, or at a status line, before
 * which a body need not end in one. */
static size_t next_candidate(struct bytes data, size_t at)
{
    struct bytes rest = {data.at + at, data.len - at};
    const uint8_t *end = memchr(rest.at, '\n', rest.len);
    size_t line = end == NULL ? data.len : (size_t)(end - data.at) + 1;
    const uint8_t *status = memmem(rest.at + 1, line - at - 1, "HTTP/1.", 7);

    return status == NULL ? line : (size_t)(status - data.at);
}

/* What stands at a candidate. Within a line only so much is looked at: there may be many in it. */
static enum http_line look_at(struct bytes data, size_t at)
{
    bool at_line = at == 0 || data.at[at - 1] == '\n';
    struct bytes rest = {data.at + at, data.len - at};
    enum http_line line;

    if (at_line || rest.len <= STATUS_LINE_MAX)
        return http_start_line(rest);
    rest.len = STATUS_LINE_MAX;
    line = http_start_line(rest);
    return line == HTTP_LINE_MORE ? HTTP_LINE_NO : line;
}

size_t http_take_lost(const struct http_call *call)
{
    struct bytes data = call->segment->data;
    size_t at;

    if (is_same_line(call))
        return 0;
    for (at = 0; at < data.len; at = next_candidate(data, at)) {
        switch (look_at(data, at)) {
        case HTTP_LINE_REQUEST:
        case HTTP_LINE_RESPONSE:
            call->side->stage = STAGE_START;
            if (at == 0)
                return http_take_start(call);
            call->side->after_gap = true;
            return at;
        case HTTP_LINE_MORE:
            if (at == 0 && !call->segment->gap_after)
                wait_for_line(call);
            at = call->segment->gap_after ? data.len : at;
            call->side->after_gap |= at > 0;
            return at;
        case HTTP_LINE_NO:
            break;
        }
    }
    call->side->after_gap = true;
    return data.len;
}
