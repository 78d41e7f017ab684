/* SPDX-License-Identifier: MIT */
/* A buffered view of an input: any number of its next bytes side by side, without copying them out.
 */
#ifndef KRBWHY_CAPTURE_STREAM_H
#define KRBWHY_CAPTURE_STREAM_H

#include "capture/input.h"

struct stream {
    struct input *input; /* borrowed */
    uint8_t *buffer;     /* on a page boundary: the kernel copies faster to there */
    size_t room, at, end;
    uint64_t offset; /* of buffer[at] in the input */
};

void stream_open(struct stream *stream, struct input *input);
void stream_close(struct stream *stream);

/* Reads on until len bytes wait, or the input ends. */
struct bytes stream_fill(struct stream *stream, size_t len);

/* The next min(len, what is left of the input) bytes, borrowed until the next call. Memory grows
 * with what the input really holds, not with len. */
static inline struct bytes stream_look(struct stream *stream, size_t len)
{
    if (stream->end - stream->at < len)
        return stream_fill(stream, len);
    return (struct bytes){stream->buffer + stream->at, len};
}

/* Passes over bytes that were looked at: len <= length of the last look. */
static inline void stream_take(struct stream *stream, size_t len)
{
    stream->at += len;
    stream->offset += len;
}

bool stream_read_over(struct stream *stream, uint64_t len);

/* Passes over len bytes whether they were looked at or not; false when the input ends before. */
static inline bool stream_skip(struct stream *stream, uint64_t len)
{
    if (stream->end - stream->at < len)
        return stream_read_over(stream, len);
    stream_take(stream, (size_t)len);
    return true;
}

#endif
