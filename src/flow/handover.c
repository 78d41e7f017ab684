/* SPDX-License-Identifier: MIT */
#include "flow/handover.h"

#include "base/memory.h"

#define MAX_SKIP ((uint64_t)1 << 62)

enum { FIRST_BUFFER = 2048 };

static void drop_buffer(struct stream *s)
{
    memory_drop(s->buffer);
    s->buffer = NULL;
    s->head = s->room = 0;
}

static struct bytes buffer_view(const struct stream *s)
{
    return stream_buffered(s) == 0 ? (struct bytes){NULL, 0}
                                   : (struct bytes){s->buffer + s->head, stream_buffered(s)};
}

static void locate(const struct stream *s, const struct stream_io *io, const struct view *view,
                   struct segment *out)
{
    bool marked = !view->borrowed && view->data.len > 0;
    struct arrival first = marked ? marks_find(&s->marks, s->read) : io->now, last = io->now;

    if (!io->arrived)
        last = marked ? marks_latest(&s->marks, s->read, s->read + view->data.len) : s->last;
    if (!view->borrowed && !marked)
        first = last;
    out->first_frame = first.frame;
    out->first_ns = first.time_ns;
    out->frame = last.frame;
    out->time_ns = last.time_ns;
}

void stream_deliver(struct stream *s, const struct stream_io *io, struct view view)
{
    size_t taken;

    do {
        struct segment segment = {
            .data = view.data,
            .offset = view.data.len == 0 && view.ended && s->end < s->read ? s->end : s->read,
            .gap_before = s->gap_before,
            .gap_after = view.gap_after,
            .ended = view.ended,
            .by_fin = view.by_fin,
        };

        locate(s, io, &view, &segment);
        taken = io->data(io->user, &segment);
        s->gap_before = false;
        if (taken == FLOW_IGNORE) {
            s->over = s->ignored = true;
            return;
        }
        s->passing |= taken == FLOW_PASS;
        if (taken == FLOW_PASS || taken >= MAX_SKIP - s->read)
            s->read = MAX_SKIP;
        else
            s->read += taken;
        taken = size_min(taken, view.data.len);
        view.data.len -= taken;
        if (taken > 0)
            view.data.at += taken;
    } while (taken > 0 && view.data.len > 0);
}

void stream_forget_marks(struct stream *s)
{
    if (s->marks.room == 0)
        return;
    if (stream_buffered(s) == 0 && s->early.num == 0 && !s->absorbing)
        marks_clear(&s->marks);
    else
        marks_drop(&s->marks, s->read);
}

void stream_deliver_buffer(struct stream *s, const struct stream_io *io, struct view view)
{
    uint64_t before = s->read;

    view.data = buffer_view(s);
    stream_deliver(s, io, view);
    if (stream_buffered(s) == 0)
        drop_buffer(s);
    else
        s->head += (size_t)(s->read - before);
    stream_forget_marks(s);
}

void stream_keep(struct stream *s, size_t have, struct bytes bytes)
{
    size_t need = have + bytes.len; /* bounded by the caller */

    if (bytes.len == 0)
        return;
    if (s->head + need > s->room && need <= s->room / 2) {
        memmove(s->buffer, s->buffer + s->head, have);
        s->head = 0;
    } else if (s->head + need > s->room) {
        size_t room = need < FIRST_BUFFER / 2 ? FIRST_BUFFER : need * 2;
        uint8_t *fresh = memory_grow(NULL, room, 1);

        if (have > 0)
            memcpy(fresh, s->buffer + s->head, have);
        drop_buffer(s);
        s->buffer = fresh;
        s->room = room;
    }
    memcpy(s->buffer + s->head + have, bytes.at, bytes.len);
}

void stream_pass_gap(struct stream *s, const struct stream_io *io, uint64_t to, bool told)
{
    if (stream_buffered(s) > 0 && !told) {
        stream_deliver_buffer(s, io, (struct view){.gap_after = true});
        told = s->read <= s->end;
    }
    if (s->over)
        return;
    if (s->read < s->end) { /* he knows, and left them */
        s->read = s->end;
        s->gap_before = true;
        drop_buffer(s);
    }
    if (s->read < to && !told)
        stream_deliver(s, io, (struct view){.gap_after = true});
    if (s->read < to) {
        s->read = to;
        s->gap_before = true;
    }
    if (s->end < to)
        s->end = to;
    stream_forget_marks(s);
}
