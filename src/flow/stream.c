/* SPDX-License-Identifier: MIT */
#include "flow/stream.h"

#include "base/memory.h"
#include "flow/handover.h"
#include "flow/sum.h"

/* Missing bytes that the other side acknowledged are lost to the capture. But a capture may hold
 * the acknowledgement before the bytes (several queues, several interfaces): they are waited for
 * during another SETTLE_FRAMES to twice as many frames of the connection, or until it was quiet for
 * a while. */
enum { SETTLE_FRAMES = 32 };
#define GIVE_UP_NS INT64_C(30000000000) /* not acknowledged (one side captured): longer */

#define EARLIER_START (INT64_C(1) << 20) /* bytes before the first one seen are taken from here */

void stream_init(struct stream *s, uint32_t base, bool exact)
{
    memset(s, 0, sizeof(*s));
    s->base = base;
    s->exact = exact;
}

void stream_clear(struct stream *s)
{
    memory_drop(s->buffer);
    s->buffer = NULL;
    s->head = s->room = 0;
    ranges_clear(&s->early);
    marks_clear(&s->marks);
}

size_t stream_memory(const struct stream *s)
{
    return s->room + s->early.held + s->marks.room * sizeof(struct mark);
}

/* ---- Bytes ---- */

static void note_difference(const struct stream_io *io, uint64_t offset, size_t len)
{
    io->problem(io->user, "differing-retransmission", io->now.frame, offset, len);
}

/* Bytes that came before are compared with what is left of the first copy. */
static void compare(const struct stream *s, const struct stream_io *io, uint64_t offset,
                    struct bytes bytes)
{
    uint64_t from = offset > s->read ? offset : s->read, end = offset + bytes.len;
    unsigned i;

    end = end < s->end ? end : s->end;
    if (stream_buffered(s) > 0 && from < end) {
        if (memcmp(s->buffer + s->head + (from - s->read), bytes.at + (from - offset),
                   (size_t)(end - from)) != 0)
            note_difference(io, offset, bytes.len);
        return;
    }
    for (i = 0; i < PASSED_FRAMES; i++)
        if (s->passed[i].len > 0 && s->passed[i].offset == offset &&
            s->passed[i].len == bytes.len && s->passed[i].sum != sum_of(bytes)) {
            note_difference(io, offset, bytes.len);
            return;
        }
}

/* `read` is what was wanted before they came: what is skipped is not summed up either. */
static void remember(struct stream *s, const struct stream_io *io, uint64_t read, uint64_t offset,
                     struct bytes bytes)
{
    struct passed *passed = &s->passed[s->next_passed % PASSED_FRAMES];

    if (!*io->remember || bytes.len == 0 || bytes.len > UINT32_MAX || read >= offset + bytes.len)
        return;
    *passed = (struct passed){offset, (uint32_t)bytes.len, sum_of(bytes)};
    s->next_passed++;
}

static struct bytes behind(struct bytes bytes, uint64_t skip)
{
    size_t by = skip < bytes.len ? (size_t)skip : bytes.len;

    if (by > 0)
        bytes.at += by;
    bytes.len -= by;
    return bytes;
}

/* Bytes that begin at or before the edge and reach beyond `end`. `marked`: they were early, and
 * their marks are set. */
static void accept(struct stream *s, const struct stream_io *io, uint64_t offset,
                   struct bytes bytes, size_t cut, bool marked)
{
    uint64_t end = offset + bytes.len;
    struct view view = {.borrowed = !marked, .gap_after = cut > 0};
    size_t have = stream_buffered(s);

    if (have > 0 && have + bytes.len > io->limit_bytes) {
        io->problem(io->user, "limit-stream", io->now.frame, s->read, have);
        stream_pass_gap(s, io, s->end, false);
        if (s->over)
            return;
        have = stream_buffered(s);
    }
    if (have > 0) {
        bytes = behind(bytes, s->end - offset);
        stream_keep(s, have, bytes);
        if (!marked && bytes.len > 0)
            marks_add(&s->marks, s->end, io->now);
        s->end = end > s->end ? end : s->end;
        view.borrowed = false;
        stream_deliver_buffer(s, io, view);
    } else {
        s->end = end > s->end ? end : s->end;
        bytes = behind(bytes, s->read - offset);
        if (bytes.len > 0 || (cut > 0 && s->read == end)) {
            uint64_t from = s->read;

            view.data = bytes;
            stream_deliver(s, io, view);
            if (!s->over && s->read < s->end && cut == 0) {
                stream_keep(s, 0, behind(bytes, s->read - from));
                if (!marked)
                    marks_add(&s->marks, s->read, io->now);
            }
        }
        stream_forget_marks(s);
    }
    if (cut > 0 && !s->over)
        stream_pass_gap(s, io, end + cut, s->read <= end);
}

/* Takes in one range of early bytes as they arrived, frame by frame: what begins with a segment can
 * be recognised by that, in front of which something was lost. */
static void accept_range(struct stream *s, const struct stream_io *io, const struct range *range)
{
    struct bytes left = {range->at, range->len};
    uint64_t from = range->offset;

    do {
        uint64_t next = marks_next(&s->marks, from);
        size_t len = next - from < left.len ? (size_t)(next - from) : left.len;
        size_t cut = len == left.len ? range->cut : 0;

        if (from + len + cut > s->end)
            accept(s, io, from, (struct bytes){left.at, len}, cut, true);
        left = behind(left, len);
        from += len;
    } while (left.len > 0 && !s->over);
}

/* Takes in the early bytes that nothing is missing in front of any more. */
static void absorb(struct stream *s, const struct stream_io *io)
{
    s->absorbing = s->early.num > 0;
    while (!s->over && s->early.num > 0 && s->early.at[0].offset <= stream_edge(s)) {
        struct range range;

        ranges_take(&s->early, &range);
        if (s->early.num > 0 && s->early.at[0].offset - range_end(&range) < range.cut)
            range.cut = (size_t)(s->early.at[0].offset - range_end(&range));
        accept_range(s, io, &range);
        memory_drop(range.at);
    }
    if (s->over) {
        stream_clear(s);
    } else if (s->absorbing) {
        s->absorbing = false;
        stream_forget_marks(s);
    }
}

/* The last call of a stream. */
static void conclude(struct stream *s, const struct stream_io *io, bool by_fin)
{
    stream_deliver_buffer(s, io, (struct view){.gap_after = true, .ended = true, .by_fin = by_fin});
    s->over = true;
    stream_clear(s);
}

static bool is_pending(const struct stream *s)
{
    return !s->over && (s->early.num > 0 || (s->has_fin && s->end < s->fin));
}

/* After any change: everything up to a FIN came, or something is waited for. */
static void review(struct stream *s, const struct stream_io *io)
{
    if (!s->over && s->has_fin && s->end >= s->fin)
        conclude(s, io, true);
    if (is_pending(s) && !s->waiting) {
        s->acked_recent = s->acked_settled = 0;
        s->frames = 0;
    }
    s->waiting = is_pending(s);
}

/* Gives up what is missing in front of the first early byte, or of a FIN. */
static void give_up(struct stream *s, struct stream_io *io)
{
    bool tail = s->early.num == 0, arrived = io->arrived;
    uint64_t to = tail ? s->fin : s->early.at[0].offset, from = stream_edge(s);
    struct arrival at = tail ? io->now : marks_find(&s->marks, to);

    io->arrived = false;
    if (from < to)
        io->problem(io->user, "stream-gap", at.frame, from, to - from);
    if (tail) {
        conclude(s, io, false);
    } else {
        stream_pass_gap(s, io, to, false);
        absorb(s, io);
    }
    review(s, io);
    io->arrived = arrived;
}

void stream_relieve(struct stream *s, struct stream_io *io)
{
    bool arrived = io->arrived;

    if (s->early.num > 0) {
        give_up(s, io);
        return;
    }
    io->arrived = false;
    stream_pass_gap(s, io, s->end, false);
    io->arrived = arrived;
    if (s->over)
        stream_clear(s);
}

struct storing {
    struct stream *stream;
    const struct stream_io *io;
};

static void mark_early(void *user, uint64_t offset)
{
    const struct storing *storing = user;

    marks_add(&storing->stream->marks, offset, storing->io->now);
}

/* Keeps bytes for which others are missing in front; false when a limit forbids it. */
static bool keep_early(struct stream *s, const struct stream_io *io, uint64_t offset,
                       struct bytes bytes, size_t cut)
{
    struct storing storing = {s, io};

    /* One packet may fill the space around each range that is there. */
    if (stream_buffered(s) + s->early.len + bytes.len > io->limit_bytes ||
        s->early.num >= io->limit_ranges)
        return false;
    if (!ranges_store(&s->early, offset, bytes, cut, mark_early, &storing))
        note_difference(io, offset, bytes.len);
    return true;
}

/* Bytes that nothing is missing in front of. Where early ones are there already, those stay. */
static void take_next(struct stream *s, const struct stream_io *io, uint64_t offset,
                      struct bytes bytes, size_t cut)
{
    uint64_t end = offset + bytes.len, read = s->read;
    struct bytes whole = bytes;
    bool fresh = offset >= s->end;

    if (!fresh)
        compare(s, io, offset, bytes);
    if (s->early.num > 0 && end + cut > s->early.at[0].offset) {
        uint64_t to = s->early.at[0].offset;

        if (end > to) /* beyond a limit it is let go: then it counts as missing */
            (void)keep_early(s, io, to, behind(bytes, to - offset), cut);
        cut = end < to ? (size_t)(to - end) : 0;
        bytes.len = size_min(bytes.len, (size_t)(to - offset));
    }
    accept(s, io, offset, bytes, cut, false);
    if (fresh)
        remember(s, io, read, offset, whole);
    absorb(s, io);
}

static void take(struct stream *s, struct stream_io *io, uint64_t offset, struct bytes bytes,
                 size_t cut)
{
    uint64_t end = offset + bytes.len + cut;

    if (bytes.len > io->limit_bytes) {
        cut += bytes.len - io->limit_bytes;
        bytes.len = io->limit_bytes;
    }
    s->last = io->now;
    while (!s->over && end > s->end) {
        if (offset <= stream_edge(s)) {
            take_next(s, io, offset, bytes, cut);
            return;
        }
        if (keep_early(s, io, offset, bytes, cut))
            return;
        io->problem(io->user, "limit-stream", io->now.frame, s->read,
                    stream_buffered(s) + s->early.len);
        stream_relieve(s, io);
    }
    if (!s->over)
        compare(s, io, offset, bytes);
}

/* An earlier beginning than the one that was taken for it, before anything was taken: offsets
 * count from there now. */
static void start_earlier(struct stream *s, uint64_t by)
{
    struct range range = {by, NULL, stream_buffered(s), s->room, 0};

    ranges_shift(&s->early, by);
    marks_shift(&s->marks, by);
    if (range.len > 0) {
        if (s->head > 0)
            memmove(s->buffer, s->buffer + s->head, range.len);
        range.at = s->buffer;
        ranges_put_front(&s->early, &range);
        s->buffer = NULL;
        s->head = s->room = 0;
    }
    s->base -= (uint32_t)by;
    s->fin += s->has_fin ? by : 0;
    s->acked += by;
    s->acked_recent += by;
    s->acked_settled += by;
    s->end = 0;
    s->gap_before = false;
    memset(s->passed, 0, sizeof(s->passed));
}

void stream_push(struct stream *s, struct stream_io *io, uint32_t seq, struct bytes payload,
                 size_t missing)
{
    size_t total = payload.len + missing;
    int64_t distance = stream_distance(s, seq), offset = (int64_t)s->end + distance;

    if (s->over || total == 0 || distance > STREAM_FAR_AHEAD)
        return;
    if (total == 1 && distance == -1)
        return; /* a keep-alive: its byte means nothing (RFC 9293, section 3.8.4) */
    if (offset < 0 && !s->exact && s->read == 0 && offset >= -EARLIER_START) {
        start_earlier(s, (uint64_t)-offset);
        offset = 0;
    }
    if (offset < 0) {
        if (offset + (int64_t)payload.len <= 0)
            return;
        payload = behind(payload, (uint64_t)-offset);
        offset = 0;
    }
    if (s->has_fin && (uint64_t)offset + payload.len + missing > s->fin) {
        if ((uint64_t)offset >= s->fin)
            return;
        payload.len = size_min(payload.len, (size_t)(s->fin - (uint64_t)offset));
        missing = size_min(missing, (size_t)(s->fin - (uint64_t)offset) - payload.len);
    }
    take(s, io, (uint64_t)offset, payload, missing);
    review(s, io);
}

void stream_append(struct stream *s, struct stream_io *io, struct bytes payload, size_t missing)
{
    if (!s->over && payload.len + missing > 0)
        take(s, io, stream_edge(s), payload, missing);
}

void stream_fin(struct stream *s, struct stream_io *io, uint32_t seq)
{
    int64_t distance = stream_distance(s, seq);

    if (s->over || s->has_fin || distance > STREAM_FAR_AHEAD)
        return;
    s->has_fin = true;
    s->fin = distance < 0 ? s->end : s->end + (uint64_t)distance;
    review(s, io);
}

/* Whether more than one frame brought bytes for which others are missing. */
static bool is_corroborated(const struct stream *s)
{
    const struct range *first = &s->early.at[0];

    return s->early.num > 1 || marks_find(&s->marks, first->offset).frame !=
                                   marks_latest(&s->marks, first->offset, range_end(first)).frame;
}

static bool has_waited(const struct stream *s, const struct stream_io *io)
{
    uint64_t to = s->early.num == 0 ? s->fin : s->early.at[0].offset;

    if (s->acked_settled >= to)
        return true;
    /* A single stray packet far ahead must not lead the stream astray. */
    return s->early.num > 0 && is_corroborated(s) &&
           io->now.time_ns - marks_find(&s->marks, to).time_ns >= GIVE_UP_NS;
}

void stream_tick(struct stream *s, struct stream_io *io)
{
    if (!s->waiting)
        return;
    if (++s->frames >= SETTLE_FRAMES) {
        s->acked_settled = s->acked_recent;
        s->acked_recent = s->acked;
        s->frames = 0;
    }
    while (is_pending(s) && has_waited(s, io))
        give_up(s, io);
}

void stream_finish(struct stream *s, struct stream_io *io)
{
    while (is_pending(s))
        give_up(s, io);
    if (!s->over)
        conclude(s, io, false);
}
