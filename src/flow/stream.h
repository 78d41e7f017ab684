/* SPDX-License-Identifier: MIT */
/* One direction of a connection put in order. Bytes in order pass through without a copy; what the
 * user leaves, and what came too early, is kept. Offsets count from the first byte of the stream.
 */
#ifndef KRBWHY_FLOW_STREAM_H
#define KRBWHY_FLOW_STREAM_H

#include "flow/flow.h"
#include "flow/marks.h"
#include "flow/ranges.h"

/* A frame's bytes as they came in, to tell a retransmission that differs after they are gone. */
struct passed {
    uint64_t offset;
    uint32_t len, sum;
};

enum { PASSED_FRAMES = 4 };

struct stream {
    uint32_t base; /* sequence number of offset 0 */
    bool exact;    /* base is from a SYN: nothing can be before it */
    bool has_fin;
    bool gap_before; /* not yet told to the user */
    bool over;       /* ended or ignored: whatever comes is dropped */
    bool ignored;    /* the user returned FLOW_IGNORE */
    bool passing;    /* the user returned FLOW_PASS: `read` is out of reach */
    uint64_t read;   /* the next byte the user wants; may be ahead of `end` (skipped) */
    uint64_t end;    /* every byte before it came or was given up */
    uint64_t fin;    /* offset behind the last byte, when has_fin */

    uint8_t *buffer; /* the bytes [read, end), when there are any, from buffer + head */
    size_t head, room;
    struct ranges early; /* all beyond both `read` and `end` */
    struct marks marks;  /* of the buffer and the early ones */
    bool absorbing;      /* early bytes are being handed over: their marks stay */
    struct arrival last; /* of the latest byte */

    /* How long missing bytes have been acknowledged (stream_tick). */
    uint64_t acked, acked_recent, acked_settled;
    unsigned frames;
    bool waiting;
    int64_t touched_ns;

    struct passed passed[PASSED_FRAMES];
    unsigned next_passed;

    size_t held; /* bytes of memory, as stream_memory said last; the owner's book-keeping */
    struct stream *older, *newer;
    void *owner;
};

/* The packet being handled, and where things go. */
struct stream_io {
    void *user;
    /* As flow_events.data. */
    size_t (*data)(void *user, const struct segment *segment);
    /* `len` is what the code counts: the bytes that are missing, that differ, that are held. */
    void (*problem)(void *user, const char *code, int64_t frame, uint64_t offset, uint64_t len);
    struct arrival now;
    bool arrived;         /* what is handed over became complete by this packet */
    const bool *remember; /* while true, sums of passed frames are kept */
    size_t limit_bytes, limit_ranges;
};

void stream_init(struct stream *stream, uint32_t base, bool exact);
void stream_clear(struct stream *stream);

/* Bytes of one packet; `missing` more were on the wire behind them. */
void stream_push(struct stream *stream, struct stream_io *io, uint32_t seq, struct bytes payload,
                 size_t missing);

/* The same for bytes that are in order by themselves. */
void stream_append(struct stream *stream, struct stream_io *io, struct bytes payload,
                   size_t missing);

/* A FIN stands behind the byte before seq. */
void stream_fin(struct stream *stream, struct stream_io *io, uint32_t seq);

/* After each packet of the connection, either side's: gives missing bytes up when the other side
 * had them for some time, or when nothing came for long. */
void stream_tick(struct stream *stream, struct stream_io *io);

/* Gives up what makes the stream hold memory, in one step: the first gap, else the bytes that the
 * user left. */
void stream_relieve(struct stream *stream, struct stream_io *io);

/* The connection ends here: hands over all that is held and says so. */
void stream_finish(struct stream *stream, struct stream_io *io);

/* How far ahead (behind: negative) of what is expected the sequence number is. */
static inline int64_t stream_distance(const struct stream *s, uint32_t seq)
{
    return (int32_t)(seq - (s->base + (uint32_t)s->end));
}

#define STREAM_FAR_AHEAD (INT64_C(1) << 30) /* not of this connection */
#define STREAM_SETTLE_NS INT64_C(500000000) /* a quiet time */

/* Before a packet of the connection, either side's, is looked at: what was acknowledged before a
 * quiet time is settled. */
static inline void stream_turn(struct stream *s, int64_t time_ns)
{
    if (s->waiting && time_ns - s->touched_ns >= STREAM_SETTLE_NS)
        s->acked_recent = s->acked_settled = s->acked;
    s->touched_ns = time_ns;
}

/* The other side acknowledged everything before `ack`. */
static inline void stream_ack(struct stream *s, uint32_t ack)
{
    int64_t distance = stream_distance(s, ack);

    if (distance > 0 && distance < STREAM_FAR_AHEAD && s->end + (uint64_t)distance > s->acked)
        s->acked = s->end + (uint64_t)distance;
}

/* Whether these are the next bytes, the user skips them all (bodies), and nothing else waits: then
 * counting them with stream_pass is all that stream_push would do. */
static inline bool stream_skips(const struct stream *s, uint32_t seq, size_t len)
{
    return seq == s->base + (uint32_t)s->end && s->read >= s->end + len && !s->over &&
           !s->has_fin && !s->waiting && s->early.num == 0 && s->room == 0 && s->marks.room == 0;
}

static inline void stream_pass(struct stream *s, size_t len, struct arrival now)
{
    s->end += len;
    s->last = now;
}

/* The user wants what comes from now on, if he was passing over it. */
static inline void stream_resume(struct stream *s)
{
    if (s->passing && !s->over)
        s->read = s->end;
    s->passing = false;
}

/* Bytes of memory it holds now. */
size_t stream_memory(const struct stream *stream);

#endif
