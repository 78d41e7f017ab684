/* SPDX-License-Identifier: MIT */
#include "capture/stream.h"

#include "base/memory.h"

/* Half of a second level cache: what the kernel copied is still there when it is looked at. */
enum { STREAM_ROOM = 256 << 10, PAGE = 4096 };

void stream_open(struct stream *stream, struct input *input)
{
    memset(stream, 0, sizeof(*stream));
    stream->input = input;
    stream->room = STREAM_ROOM;
    stream->buffer = memory_take_aligned(stream->room, PAGE);
}

void stream_close(struct stream *stream)
{
    memory_drop(stream->buffer);
    memset(stream, 0, sizeof(*stream));
}

/* Makes room behind the bytes that wait, by moving them up to the first page boundary that they
 * reach, or to the front when they fill the buffer; or by growing. */
static void make_room(struct stream *stream, size_t len)
{
    size_t waiting = stream->end - stream->at, to = (PAGE - waiting % PAGE) % PAGE;

    if (to + len > stream->room)
        to = 0;
    if (waiting == stream->room) {
        uint8_t *grown = memory_take_aligned(stream->room * 2, PAGE);

        memcpy(grown, stream->buffer + stream->at, waiting);
        memory_drop(stream->buffer);
        stream->buffer = grown;
        stream->room *= 2;
    } else if (waiting > 0 && to != stream->at) {
        memmove(stream->buffer + to, stream->buffer + stream->at, waiting);
    }
    stream->at = to;
    stream->end = to + waiting;
}

struct bytes stream_fill(struct stream *stream, size_t len)
{
    while (stream->end - stream->at < len) {
        size_t waiting = stream->end - stream->at, got;

        /* A few bytes are moved for every read, many only when there is no other way. */
        if (waiting < PAGE || stream->room - stream->at < len || stream->end == stream->room)
            make_room(stream, len);
        got = input_read(stream->input, stream->buffer + stream->end, stream->room - stream->end);
        if (got == 0)
            break;
        stream->end += got;
    }
    return (struct bytes){stream->buffer + stream->at, size_min(stream->end - stream->at, len)};
}

bool stream_read_over(struct stream *stream, uint64_t len)
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
