/* SPDX-License-Identifier: MIT */
/* HTTP/1.x (RFC 9112) on any port. A message belongs to the frame that holds the last byte of its
 * body; bodies are skipped by length up to that byte. */
#include "protocol/http.h"

#include "base/limits.h"
#include "base/memory.h"
#include "carrier/http_state.h"

/* ---- The end of a message ---- */

/* Logs a message that ends in the segment at hand. */
void http_end_message(const struct http_call *call, struct http_message *message,
                      const char *damaged)
{
    message->source.frame = call->frame;
    message->source.time_ns = call->time_ns;
    if (damaged != NULL)
        message->source.damaged = damaged;
    http_message_end(message, call->carriage);
}

void http_end_body(const struct http_call *call, const char *damaged)
{
    struct http_message *message = call->side->message;

    call->side->message = NULL;
    call->side->stage = STAGE_START;
    if (message != NULL)
        http_end_message(call, message, damaged);
}

/* From here on it is not known where a message begins. */
void http_lose(const struct http_call *call, const char *damaged)
{
    http_end_body(call, damaged);
    call->side->stage = STAGE_LOST;
    call->side->scanned = 0;
    call->side->after_gap = false;
    http_pairs_lose(&call->state->pairs, call->carriage);
}

/* ---- Stages: each returns what it consumes, and consumes something or waits ---- */

/* Inside a body, or a chunk's data, that ends at `until`. */
static size_t skip_to(const struct http_call *call, uint64_t until)
{
    return until > call->segment->offset ? (size_t)(until - call->segment->offset) : 0;
}

static size_t take_length(const struct http_call *call)
{
    size_t left = skip_to(call, call->side->until);

    if (call->segment->data.len < left)
        return left - 1; /* the last byte tells in which frame it ends */
    http_end_body(call, NULL);
    return left;
}

static size_t take_chunk(const struct http_call *call)
{
    struct reader reader;
    uint64_t size;

    reader_init(&reader, call->segment->data, true);
    if (!http_take_chunk_line(&reader, &size)) {
        if (reader.fault == FAULT_NEEDS_MORE && !call->segment->gap_after)
            return 0;
        http_lose(call, reader.fault == FAULT_NEEDS_MORE ? "incomplete" : "malformed");
        return http_take_lost(call);
    }
    if (size == 0) {
        call->side->stage = STAGE_TRAILER;
        return reader.at;
    }
    call->side->stage = STAGE_CHUNK_DATA;
    call->side->until = call->segment->offset + reader.at + size;
    return reader.at + (size_t)size;
}

static size_t take_chunk_end(const struct http_call *call)
{
    struct bytes data = call->segment->data;
    size_t len = data.at[0] == '\r' ? 2 : 1;

    if (data.len < len)
        return 0;
    if (data.at[len - 1] != '\n') {
        http_lose(call, "malformed");
        return http_take_lost(call);
    }
    call->side->stage = STAGE_CHUNK;
    return len;
}

static size_t take_trailer(const struct http_call *call)
{
    struct reader reader;
    struct bytes line;

    reader_init(&reader, call->segment->data, true);
    if (!http_take_line(&reader, &line)) {
        if (call->segment->data.len <= LIMIT_HTTP_HEADER_BYTES)
            return 0;
        http_say_long_line(call);
        http_lose(call, "malformed");
        return http_take_lost(call);
    }
    if (line.len == 0)
        http_end_body(call, NULL);
    return reader.at;
}

/* ---- Calls ---- */

/* A gap came before the data: what it means to what was going on. */
static void pass_gap(const struct http_call *call)
{
    struct http_side *side = call->side;
    uint64_t offset = call->segment->offset;

    switch (side->stage) {
    case STAGE_LENGTH:
        if (offset < side->until)
            return; /* a length is not harmed */
        http_end_body(call, "after-gap");
        if (offset > side->until)
            http_lose(call, NULL);
        return;
    case STAGE_CHUNK_DATA:
        if (offset > side->until)
            http_lose(call, "after-gap");
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
        http_lose(call, "after-gap");
        return;
    }
}

static size_t take(const struct http_call *call)
{
    struct http_side *side = call->side;

    if (side->stage == STAGE_CHUNK_DATA && call->segment->offset >= side->until)
        side->stage = STAGE_CHUNK_END;
    switch (side->stage) {
    case STAGE_START:
        return http_take_start(call);
    case STAGE_LOST:
        return http_take_lost(call);
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
        return HTTP_SKIP_TO_END;
    }
    return FLOW_IGNORE;
}

/* Nothing more comes on this side. */
static void end_side(const struct http_call *call)
{
    bool whole = call->side->stage == STAGE_TO_END && call->segment->by_fin;

    http_end_body(call, whole ? NULL : "incomplete");
    call->side->stage = STAGE_LOST;
}

/* Where a message ends that ends with the first bytes of the segment. */
static void find_end(struct http_call *call)
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
    struct http_call call = {.state = state,
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

static void *http_open(const struct carrier *self, struct carriage *carriage, struct flow *flow)
{
    (void)self;
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

static enum claim http_claim(const struct carrier *self, struct bytes first, int side, bool hinted)
{
    (void)self;
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
