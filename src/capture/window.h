/* SPDX-License-Identifier: MIT */
/* Random access to an input: by reading pieces of a regular file, or from memory where the input is
 * a pipe or compressed. */
#ifndef KRBWHY_CAPTURE_WINDOW_H
#define KRBWHY_CAPTURE_WINDOW_H

#include "capture/input.h"

struct window {
    int fd;        /* borrowed; -1: everything is in the buffer */
    uint64_t base; /* offset in fd of the input's first byte */
    uint64_t size; /* of the input */
    uint8_t *buffer;
    uint64_t at;      /* offset in the input of buffer[0] */
    size_t len, room; /* len: of it that belongs to the input */
    bool borrowed;    /* the buffer belongs to another window */
};

/* Covers the whole input, of which nothing was taken yet. False when it cannot be kept in memory:
 * it is no regular file and longer than LIMIT_LOADED_BYTES. The input must outlive the window. */
bool window_init(struct window *window, struct input *input);

/* A second place in the same input, to read from both by turns without losing either. `of` must
 * outlive it. */
void window_share(struct window *window, const struct window *of);

/* Reads on until the bytes asked for are in the buffer, or the input ends. */
struct bytes window_fill(struct window *window, uint64_t offset, size_t len);

/* The bytes [offset, offset + len) as far as they exist, borrowed until the next call. */
static inline struct bytes window_look(struct window *window, uint64_t offset, size_t len)
{
    uint64_t skipped = offset - window->at; /* wraps, and is too large, in front of the buffer */

    if (skipped >= window->len || len > window->len - skipped)
        return window_fill(window, offset, len);
    return (struct bytes){window->buffer + skipped, len};
}

void window_clear(struct window *window);

#endif
