/* SPDX-License-Identifier: MIT */
/* HTTP/1.x (RFC 9112) on any port. A message belongs to the frame that holds the last byte of its
 * body; bodies are skipped by length up to that byte. */
#include "protocol/http.h"

#include "base/limits.h"
#include "base/memory.h"
#include "carrier/http_pairs.h"
#include "carrier/tls.h"

enum stage {
    STAGE_START, /* a start line comes next */
    STAGE_LOST,  /* somewhere inside of something: wait for a start line */
    STAGE_LENGTH,
    STAGE_CHUNK, /* a chunk's size comes next */
    STAGE_CHUNK_DATA,
    STAGE_CHUNK_END, /* the line end behind a chunk */
    STAGE_TRAILER,
    STAGE_TO_END /* of the connection */
};

struct side {
    enum stage stage;
    bool after_gap;               /* bytes went by unread since the place was lost */
    size_t scanned;               /* how far the end of the head at hand was looked for */
    uint64_t until;               /* stream offset where the body, or the chunk's data, ends */
    int64_t late;                 /* the last frame of the bytes that came with the latest gap */
    struct http_message *message; /* whose body this is; NULL: it is logged already */
};

struct http_state {
    struct side side[2];
    struct http_pairs pairs;
    bool tunnel;                 /* a CONNECT was seen: anything may follow */
    const struct carrier *inner; /* what follows */
    void *inner_state;
};

/* What one call works with. */
struct call {
    struct http_state *state;
    struct carriage *carriage;
    struct flow *flow;
    const struct segment *segment;
    int number; /* of the side */
    struct side *side;
    bool late; /* the segment came in several frames and was not completed by the last of them: a
                  gap was given up. A message in it is then taken up to its last byte, to see the
                  frame of that one */
    int64_t frame, time_ns; /* in which a message ends that ends here */
};

/* More than any connection carries. */
#define SKIP_TO_END ((size_t)1 << 48)

/* ---- The end of a message ---- */

/* Logs a message that ends in the segment at hand. */
static void end_message(const struct call *call, struct http_message *message, const char *damaged)
{
    message->source.frame = call->frame;
    message->source.time_ns = call->time_ns;
    if (damaged != NULL)
        message->source.damaged = damaged;
    http_message_end(message, call->carriage);
}

static void end_body(const struct call *call, const char *damaged)
{
    struct http_message *message = call->side->message;

    call->side->message = NULL;
    call->side->stage = STAGE_START;
    if (message != NULL)
        end_message(call, message, damaged);
}

/* From here on it is not known where a message begins. */
static void lose(const struct call *call, const char *damaged)
{
    end_body(call, damaged);
    call->side->stage = STAGE_LOST;
    call->side->scanned = 0;
    call->side->after_gap = false;
    http_pairs_lose(&call->state->pairs, call->carriage);
}

/* ---- Heads ---- */

/* Keeps the message until its body has gone by, or logs it now when that is not possible. */
static void hold(const struct call *call, struct http_message *message, enum stage stage)
{
    call->side->stage = stage;
    call->side->message = http_message_keep(message, call->carriage);
    if (call->side->message == NULL)
        end_message(call, message, NULL);
}

static size_t begin_length(const struct call *call, struct http_message *message, uint64_t length)
{
    const struct segment *segment = call->segment;
    uint64_t all = message->head.len + length; /* length is below 2^62 */

    if (all == segment->data.len || (all < segment->data.len && !call->late)) {
        end_message(call, message, NULL);
        return (size_t)all;
    }
    call->side->until = segment->offset + all;
    if (segment->gap_after && !segment->ended && all > segment->data.len) {
        /* The frame was cut: tshark does not wait for what was not captured either. */
        end_message(call, message, NULL);
        call->side->stage = STAGE_LENGTH;
    } else {
        hold(call, message, STAGE_LENGTH);
    }
    return (size_t)all - 1;
}

static size_t begin_body(const struct call *call, struct http_message *message,
                         const struct http_head *head, enum http_body body)
{
    size_t len = message->head.len;

    if (http_is_rpc_channel(head)) { /* its length says nothing; tshark shows the head at once */
        end_message(call, message, NULL);
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
        return SKIP_TO_END;
    case HTTP_BODY_NONE:
        return begin_length(call, message, 0);
    case HTTP_BODY_TUNNEL:
        break;
    }
    end_message(call, message, NULL);
    return head->status == 101 ? FLOW_IGNORE : len;
}

/* A message whose head is the first `len` bytes. `cut`: that is not all of it. */
static size_t begin_message(const struct call *call, size_t len, bool cut)
{
    struct http_pairs *pairs = &call->state->pairs;
    struct http_message message = {.head = {call->segment->data.at, len}};
    struct http_head head;
    struct bytes method = {NULL, 0};

    call->side->scanned = 0;
    if (!http_parse_head(message.head, &head))
        return len; /* cannot be: its first line was looked at */
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
        message.exchange = http_pairs_ask(pairs, call->carriage, head.method);
        message.number = pairs->num_requests;
        call->state->tunnel |= http_is(head.method, "CONNECT");
    }
    if (cut) {
        end_message(call, &message, "incomplete");
        lose(call, NULL);
        return len;
    }
    return begin_body(call, &message, &head, http_body_of(&head, method));
}

/* ---- Stages: each returns what it consumes, and consumes something or waits ---- */

static size_t leave(const struct call *call)
{
    const struct carrier *inner = &carrier_tls;
    enum claim claim = inner->claim(call->segment->data, call->number, false);

    if (claim == CLAIM_MORE && !call->segment->gap_after)
        return 0;
    if (claim != CLAIM_YES)
        return FLOW_IGNORE;
    call->state->inner = inner;
    call->state->inner_state = inner->open(call->carriage, call->flow);
    return inner->feed(call->state->inner_state, call->carriage, call->flow, call->number,
                       call->segment);
}

static size_t take_lost(const struct call *call);

static void note_long_head(const struct call *call)
{
    struct problem problem = {.code = "limit-http-header",
                              .at_frame = optint(call->segment->frame),
                              .message = "the head of an HTTP message is too long; its beginning "
                                         "is shown",
                              .times = 1};
    struct source source = carrier_source(call->flow, call->number, call->segment, "http", NULL);

    log_append(call->carriage->log, KIND_problem, &source, &problem);
}

static size_t take_start(const struct call *call)
{
    struct bytes data = call->segment->data;
    bool last = call->segment->gap_after;
    size_t len;

    for (len = 0; len < data.len && (data.at[len] == '\r' || data.at[len] == '\n'); len++)
        continue;
    if (len > 0)
        return len; /* RFC 9112 2.2: empty lines before a request are passed over */
    switch (http_start_line(data)) {
    case HTTP_LINE_MORE:
        if (last)
            lose(call, NULL);
        return last ? data.len : 0;
    case HTTP_LINE_NO:
        if (call->state->tunnel)
            return leave(call);
        lose(call, NULL);
        return take_lost(call);
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

static size_t take_lost(const struct call *call)
{
    struct bytes data = call->segment->data;
    size_t at;

    for (at = 0; at < data.len; at = next_candidate(data, at)) {
        switch (http_start_line((struct bytes){data.at + at, data.len - at})) {
        case HTTP_LINE_REQUEST:
        case HTTP_LINE_RESPONSE:
            call->side->stage = STAGE_START;
            if (at == 0)
                return take_start(call);
            call->side->after_gap = true;
            return at;
        case HTTP_LINE_MORE:
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

/* Inside a body, or a chunk's data, that ends at `until`. */
static size_t skip_to(const struct call *call, uint64_t until)
{
    return until > call->segment->offset ? (size_t)(until - call->segment->offset) : 0;
}

static size_t take_length(const struct call *call)
{
    size_t left = skip_to(call, call->side->until);

    if (call->segment->data.len < left || (call->late && left > 1))
        return left - 1; /* the last byte tells in which frame it ends */
    end_body(call, NULL);
    return left;
}

static size_t take_chunk(const struct call *call)
{
    struct reader reader;
    uint64_t size;

    reader_init(&reader, call->segment->data, true);
    if (!http_take_chunk_line(&reader, &size)) {
        if (reader.fault == FAULT_NEEDS_MORE && !call->segment->gap_after)
            return 0;
        lose(call, reader.fault == FAULT_NEEDS_MORE ? "incomplete" : "malformed");
        return take_lost(call);
    }
    if (size == 0) {
        call->side->stage = STAGE_TRAILER;
        return reader.at;
    }
    call->side->stage = STAGE_CHUNK_DATA;
    call->side->until = call->segment->offset + reader.at + size;
    return reader.at + (size_t)size;
}

static size_t take_chunk_end(const struct call *call)
{
    struct bytes data = call->segment->data;
    size_t len = data.at[0] == '\r' ? 2 : 1;

    if (data.len < len)
        return 0;
    if (data.at[len - 1] != '\n') {
        lose(call, "malformed");
        return take_lost(call);
    }
    call->side->stage = STAGE_CHUNK;
    return len;
}

static size_t take_trailer(const struct call *call)
{
    struct reader reader;
    struct bytes line;

    reader_init(&reader, call->segment->data, true);
    if (!http_take_line(&reader, &line)) {
        if (call->segment->data.len <= LIMIT_HTTP_HEADER_BYTES)
            return 0;
        lose(call, "malformed");
        return take_lost(call);
    }
    if (line.len == 0)
        end_body(call, NULL);
    return reader.at;
}

/* ---- Calls ---- */

/* A gap came before the data: what it means to what was going on. */
static void pass_gap(const struct call *call)
{
    struct side *side = call->side;
    uint64_t offset = call->segment->offset;

    switch (side->stage) {
    case STAGE_LENGTH:
        if (offset < side->until)
            return; /* a length is not harmed */
        end_body(call, "after-gap");
        if (offset > side->until)
            lose(call, NULL);
        return;
    case STAGE_CHUNK_DATA:
        if (offset > side->until)
            lose(call, "after-gap");
        return;
    case STAGE_TO_END:
        if (side->message != NULL)
            side->message->source.damaged = "after-gap";
        return;
    case STAGE_START:
    case STAGE_LOST:
    case STAGE_CHUNK:
    case STAGE_CHUNK_END:
    case STAGE_TRAILER:
        lose(call, "after-gap");
        return;
    }
}

static size_t take(const struct call *call)
{
    struct side *side = call->side;

    if (side->stage == STAGE_CHUNK_DATA && call->segment->offset >= side->until)
        side->stage = STAGE_CHUNK_END;
    switch (side->stage) {
    case STAGE_START:
        return take_start(call);
    case STAGE_LOST:
        return take_lost(call);
    case STAGE_LENGTH:
        return take_length(call);
    case STAGE_CHUNK:
        return take_chunk(call);
    case STAGE_CHUNK_DATA:
        return skip_to(call, side->until);
    case STAGE_CHUNK_END:
        return take_chunk_end(call);
    case STAGE_TRAILER:
        return take_trailer(call);
    case STAGE_TO_END:
        return SKIP_TO_END;
    }
    return FLOW_IGNORE;
}

/* Nothing more comes on this side. */
static void end_side(const struct call *call)
{
    bool whole = call->side->stage == STAGE_TO_END && call->segment->by_fin;

    end_body(call, whole ? NULL : "incomplete");
    call->side->stage = STAGE_LOST;
}

/* Where a message ends that ends with the first bytes of the segment. */
static void find_end(struct call *call)
{
    const struct segment *segment = call->segment;
    bool first = call->side->stage == STAGE_TRAILER ||
                 (call->side->stage == STAGE_LENGTH && skip_to(call, call->side->until) == 1);

    if (segment->gap_before)
        call->side->late = segment->frame;
    call->late = segment->frame != segment->first_frame &&
                 (segment->frame != call->flow->frame || segment->frame == call->side->late);
    call->frame = call->late && first ? segment->first_frame : segment->frame;
    call->time_ns = call->late && first ? segment->first_ns : segment->time_ns;
}

static size_t http_feed(void *user, struct carriage *carriage, struct flow *flow, int side,
                        const struct segment *segment)
{
    struct http_state *state = user;
    struct call call = {.state = state,
                        .carriage = carriage,
                        .flow = flow,
                        .segment = segment,
                        .number = side,
                        .side = &state->side[side]};
    size_t taken = 0;

    if (state->inner != NULL)
        return state->inner->feed(state->inner_state, carriage, flow, side, segment);
    find_end(&call);
    if (segment->gap_before)
        pass_gap(&call);
    if (segment->data.len > 0)
        taken = take(&call);
    if (segment->ended && (taken == 0 || taken >= segment->data.len))
        end_side(&call);
    return taken;
}

static void *http_open(struct carriage *carriage, struct flow *flow)
{
    (void)carriage;
    (void)flow;
    return memory_take(1, sizeof(struct http_state));
}

static void finish_side(struct http_state *state, struct carriage *carriage, bool response)
{
    int i;

    for (i = 0; i < 2; i++) {
        struct http_message *message = state->side[i].message;

        if (message == NULL || message->response != response)
            continue;
        state->side[i].message = NULL;
        message->source.damaged = "incomplete";
        http_message_end(message, carriage);
    }
}

static void http_finish(void *user, struct carriage *carriage, struct flow *flow)
{
    struct http_state *state = user;

    if (state->inner != NULL)
        state->inner->finish(state->inner_state, carriage, flow);
    finish_side(state, carriage, false);
    finish_side(state, carriage, true);
    http_pairs_clear(&state->pairs, carriage);
    memory_drop(state);
}

static enum claim http_claim(struct bytes first, int side, bool hinted)
{
    (void)side;
    (void)hinted;
    switch (http_first_line(first)) {
    case HTTP_LINE_MORE:
        return CLAIM_MORE;
    case HTTP_LINE_NO:
        return CLAIM_NO;
    case HTTP_LINE_REQUEST:
    case HTTP_LINE_RESPONSE:
        break;
    }
    return CLAIM_YES;
}

static const uint16_t ports[] = {80, 5985, 8080, 3128, 8000, 8008, 8888, 47001, 0};

const struct carrier carrier_http = {
    .name = "http",
    .reference = "RFC 9112",
    .ports = ports,
    .claim = http_claim,
    .open = http_open,
    .feed = http_feed,
    .finish = http_finish,
};
