/* SPDX-License-Identifier: MIT */
#include "capture/stream.h"

#include "base/memory.h"

enum { STREAM_ROOM = 1 << 20 };

void stream_open(struct stream *stream, struct input *input)
{
    memset(stream, 0, sizeof(*stream));
    stream->input = input;
    stream->room = STREAM_ROOM;
    stream->buffer = memory_take(stream->room, 1);
}

void stream_close(struct stream *stream)
{
    memory_drop(stream->buffer);
    memset(stream, 0, sizeof(*stream));
}

/* Makes room behind the bytes that wait: by moving them to the front, or by growing. */
static void make_room(struct stream *stream, size_t len)
{
    size_t waiting = stream->end - stream->at;

    if (stream->at > 0) {
        memmove(stream->buffer, stream->buffer + stream->at, waiting);
        stream->at = 0;
        stream->end = waiting;
    }
    if (waiting == stream->room && stream->room < len) {
        stream->room *= 2;
        stream->buffer = memory_grow(stream->buffer, stream->room, 1);
    }
}

struct bytes stream_look(struct stream *stream, size_t len)
{
    while (stream->end - stream->at < len) {
        size_t got;

        if (stream->room - stream->at < len || stream->end == stream->room)
            make_room(stream, len);
        got = input_read(stream->input, stream->buffer + stream->end, stream->room - stream->end);
        if (got == 0)
            break;
        stream->end += got;
    }
    return (struct bytes){stream->buffer + stream->at, size_min(stream->end - stream->at, len)};
}

bool stream_skip(struct stream *stream, uint64_t len)
{
    while (len > 0) {
        size_t step = len < STREAM_ROOM ? (size_t)len : STREAM_ROOM;

        step = stream_look(stream, step).len;
        if (step == 0)
            return false;
        stream_take(stream, step);
        len -= step;
    }
    return true;
}
