/* SPDX-License-Identifier: MIT */
/* Drives a carrier of a TCP protocol without packets: bytes of both sides as they would come in
 * order, gaps, ends. It keeps the contract of flow/flow.h. */
#ifndef KRBWHY_TESTS_FEED_H
#define KRBWHY_TESTS_FEED_H

#include <stdlib.h>

#include "base/memory.h"
#include "carrier/carrier.h"

struct feed_side {
    uint8_t *at;      /* everything that came, from offset 0 */
    int64_t *frame;   /* of each byte */
    size_t len, room; /* bytes that came or were given up */
    uint64_t read;    /* what the carrier consumed; may be ahead of len */
    bool gap_before, over;
    bool waited; /* the view was held back behind a gap: its end is the frame of its last byte */
};

struct feed {
    const struct carrier *carrier;
    struct log log;
    struct arena scratch;
    struct carriage carriage;
    struct flow flow;
    void *state;
    struct feed_side side[2];
    bool ignored;
    bool overrun; /* the carrier skipped more than a stream can have */
};

static inline void feed_open(struct feed *feed, const struct carrier *carrier)
{
    memset(feed, 0, sizeof(*feed));
    feed->carrier = carrier;
    feed->carriage.log = &feed->log;
    feed->carriage.scratch = &feed->scratch;
    feed->flow.id = 1;
    feed->flow.transport = 6;
    feed->flow.port[0] = 40000;
    feed->flow.port[1] = 80;
    address_parse("10.0.5.3", &feed->flow.address[0]);
    address_parse("10.0.5.2", &feed->flow.address[1]);
    feed->state = carrier->open(carrier, &feed->carriage, &feed->flow);
}

/* Hands over what is unread, in a block of its exact size. */
static inline void feed_deliver(struct feed *feed, int side, struct segment segment)
{
    struct feed_side *s = &feed->side[side];
    size_t taken = 0;

    do {
        size_t left = s->read < s->len ? s->len - (size_t)s->read : 0;
        uint8_t *exact = memory_take(left, 1);

        if (left > 0)
            memcpy(exact, s->at + s->read, left);
        segment.data = (struct bytes){left == 0 ? NULL : exact, left};
        segment.offset = left == 0 && segment.ended ? s->len : s->read;
        segment.gap_before = s->gap_before;
        segment.frame = s->waited ? s->frame[s->len - 1] : feed->flow.frame;
        segment.first_frame = left == 0 ? feed->flow.frame : s->frame[s->read];
        segment.time_ns = segment.frame * 1000;
        segment.first_ns = segment.first_frame * 1000;
        taken = feed->carrier->feed(feed->state, &feed->carriage, &feed->flow, side, &segment);
        arena_reset(&feed->scratch);
        memory_drop(exact);
        s->gap_before = false;
        if (taken == FLOW_IGNORE) {
            feed->ignored = true;
            return;
        }
        feed->overrun |= taken > SIZE_MAX / 2; /* what skips to the end, with 32 bits */
        s->read += taken;
    } while (taken > 0 && s->read < s->len);
}

static inline void feed_grow(struct feed_side *s, size_t more)
{
    while (s->len + more > s->room) {
        s->room = s->room == 0 ? 4096 : s->room * 2;
        s->at = memory_grow(s->at, s->room, 1);
        s->frame = memory_grow(s->frame, s->room, sizeof(*s->frame));
    }
}

/* The next bytes of a side, in a frame of their own. */
static inline void feed_push(struct feed *feed, int side, struct bytes bytes)
{
    struct feed_side *s = &feed->side[side];
    size_t i;

    feed->flow.frame++;
    if (feed->ignored || s->over || bytes.len == 0)
        return;
    feed_grow(s, bytes.len);
    memcpy(s->at + s->len, bytes.at, bytes.len);
    for (i = 0; i < bytes.len; i++)
        s->frame[s->len + i] = feed->flow.frame;
    s->len += bytes.len;
    if (s->read < s->len)
        feed_deliver(feed, side, (struct segment){0});
}

/* So many bytes are missing, and it is known at once. */
static inline void feed_gap(struct feed *feed, int side, size_t len)
{
    struct feed_side *s = &feed->side[side];

    if (feed->ignored || s->over || len == 0)
        return;
    if (s->read <= s->len)
        feed_deliver(feed, side, (struct segment){.gap_after = true});
    feed_grow(s, len);
    memset(s->at + s->len, 0, len);
    memset(s->frame + s->len, 0, len * sizeof(*s->frame));
    s->len += len;
    if (s->read < s->len) {
        s->read = s->len;
        s->gap_before = true;
    }
}

/* Pieces, each in a frame of its own, that come at once in a later frame, when a gap before them is
 * given up. */
static inline void feed_wait(struct feed *feed, int side, const char *const *pieces, size_t num)
{
    struct feed_side *s = &feed->side[side];
    size_t i, k, len;

    for (i = 0; i < num; i++) {
        len = strlen(pieces[i]);
        feed->flow.frame++;
        feed_grow(s, len);
        memcpy(s->at + s->len, pieces[i], len);
        for (k = 0; k < len; k++)
            s->frame[s->len + k] = feed->flow.frame;
        s->len += len;
    }
    feed->flow.frame++;
    s->gap_before = s->waited = true;
    feed_deliver(feed, side, (struct segment){0});
    s->waited = false;
}

static inline void feed_end(struct feed *feed, int side, bool by_fin)
{
    feed->flow.frame++;
    if (feed->ignored || feed->side[side].over)
        return;
    feed_deliver(feed, side, (struct segment){.gap_after = true, .ended = true, .by_fin = by_fin});
    feed->side[side].over = true;
}

/* The flow is over; the log stays. */
static inline void feed_finish(struct feed *feed)
{
    int side;

    feed->carrier->finish(feed->state, &feed->carriage, &feed->flow);
    for (side = 0; side < 2; side++) {
        memory_drop(feed->side[side].at);
        memory_drop(feed->side[side].frame);
    }
    arena_clear(&feed->scratch);
}

static inline void feed_clear(struct feed *feed)
{
    log_clear(&feed->log);
}

/* Everything that was logged as text; frames and times only when asked for. The caller clears it.
 */
static inline struct text feed_dump(const struct feed *feed, bool frames)
{
    struct text out = {0};
    size_t i;

    for (i = 0; i < feed->log.num; i++) {
        struct observation o = feed->log.at[i];

        if (!frames)
            o.source.first_frame = o.source.frame = o.source.first_ns = o.source.time_ns = 0;
        record_dump(&out, &source_type, &o.source, 0);
        if (!frames && o.kind == KIND_problem) {
            struct problem problem = *o.problem;

            problem.at_frame.set = false;
            record_dump(&out, kind_type(o.kind), &problem, 2);
            continue;
        }
        record_dump(&out, kind_type(o.kind), o.record, 2);
    }
    return out;
}

#endif
