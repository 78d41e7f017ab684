/* SPDX-License-Identifier: MIT */
#include "carrier/framed.h"

#include "base/limits.h"
#include "base/memory.h"
#include "carrier/token.h"

struct side {
    bool lost;         /* no message boundary is known */
    uint64_t expected; /* stream offset at which the next message begins, when not lost */
};

struct open_request {
    uint64_t number;
    int64_t observation; /* 0: free */
};

struct framed {
    const struct carrier *carrier;
    struct side side[2];
    struct open_request open[FRAMED_OPEN];
    size_t num_asked; /* the next one's place, counted round */
};

void *framed_open(const struct carrier *self, struct carriage *carriage, struct flow *flow)
{
    struct framed *framed = memory_take(1, sizeof(*framed));

    (void)carriage;
    (void)flow;
    framed->carrier = self;
    return framed;
}

void framed_finish(void *framed, struct carriage *carriage, struct flow *flow)
{
    (void)carriage;
    (void)flow;
    memory_drop(framed);
}

/* Finds out where the messages are after a gap, or after nonsense: where a segment begins with
 * one. */
static void resume(const struct framed *framed, struct side *side, const struct segment *segment)
{
    size_t len;

    if (segment->gap_before && segment->offset != side->expected)
        side->lost = true;
    if (side->lost && framed->carrier->rules->measure(segment->data, &len) >= FRAMED_SKIP)
        side->lost = false;
}

/* Hands over a message of len bytes that begins at the front of data; 0: it is not all there yet.
 */
static size_t take(struct framed *framed, struct carriage *carriage, const struct flow *flow,
                   int side, const struct segment *segment, struct bytes data, size_t len,
                   bool after_gap)
{
    struct source source =
        carrier_source(flow, side, segment, framed->carrier->name, after_gap ? "after-gap" : NULL);

    if (len > LIMIT_MESSAGE_BYTES) {
        carrier_limit(carriage, CARRIER_MESSAGE, &source);
        return len;
    }
    if (data.len < len && !segment->gap_after)
        return 0;
    if (data.len < len)
        source.damaged = "incomplete";
    data.len = size_min(data.len, len);
    framed->carrier->rules->message(framed, carriage, &source, data);
    return len;
}

size_t framed_feed(void *state, struct carriage *carriage, struct flow *flow, int side_index,
                   const struct segment *segment)
{
    struct framed *framed = state;
    struct side *side = &framed->side[side_index];
    bool after_gap = segment->gap_before;
    size_t used = 0, step, len = 0;

    resume(framed, side, segment);
    while (!side->lost && used < segment->data.len) {
        struct bytes rest = {segment->data.at + used, segment->data.len - used};
        enum framed_start start = framed->carrier->rules->measure(rest, &len);

        side->lost = start == FRAMED_NONE;
        if (start == FRAMED_NONE || start == FRAMED_MORE)
            break;
        step = start == FRAMED_SKIP
                   ? len
                   : take(framed, carriage, flow, side_index, segment, rest, len, after_gap);
        if (step == 0)
            break;
        after_gap = false;
        used += step; /* beyond the data when the rest is skipped as it comes */
        side->expected = segment->offset + used;
    }
    return (side->lost || segment->gap_after) && used < segment->data.len ? segment->data.len
                                                                          : used;
}

static void ask(struct framed *framed, uint64_t number, int64_t observation)
{
    size_t i;

    for (i = 0; i < FRAMED_OPEN && framed->open[i].number != number; i++)
        continue;
    if (i == FRAMED_OPEN)
        i = framed->num_asked++ % FRAMED_OPEN;
    framed->open[i] = (struct open_request){number, observation};
}

int64_t framed_answer(const struct framed *framed, uint64_t number)
{
    size_t i;

    for (i = 0; i < FRAMED_OPEN; i++)
        if (framed->open[i].observation != 0 && framed->open[i].number == number)
            return framed->open[i].observation;
    return 0;
}

void framed_observe(struct framed *framed, struct carriage *carriage, const struct source *source,
                    const struct framed_record *what)
{
    int64_t id = log_append(carriage->log, what->kind, source, what->record);

    if (!what->response)
        ask(framed, what->number, id);
    token_observe(carriage, source, what->token, id, 0);
}
