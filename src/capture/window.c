/* SPDX-License-Identifier: MIT */
#include "capture/window.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"

enum { WINDOW_STEP = 256 << 10, PAGE = 4096 }; /* the kernel copies faster to whole pages */

/* A descriptor without an unpacker, on a regular file: its input begins where reading began. */
static bool attach(struct window *window, const struct input *input)
{
    struct stat stat;
    off_t at;

    if (input->fd < 0 || fstat(input->fd, &stat) != 0 || !S_ISREG(stat.st_mode))
        return false;
    at = lseek(input->fd, 0, SEEK_CUR);
    if (at < 0 || (uint64_t)at < input->num_read || at > stat.st_size)
        return false;
    window->fd = input->fd;
    window->base = (uint64_t)at - input->num_read;
    window->size = (uint64_t)stat.st_size - window->base;
    return true;
}

static bool load(struct window *window, struct input *input)
{
    size_t got = 1;

    while (got > 0 && window->len <= LIMIT_LOADED_BYTES) {
        if (window->len == window->room) {
            window->room = window->room == 0 ? WINDOW_STEP : window->room * 2;
            window->buffer = memory_grow(window->buffer, window->room, 1);
        }
        got = input_read(input, window->buffer + window->len, window->room - window->len);
        window->len += got;
    }
    window->size = window->len;
    return window->len <= LIMIT_LOADED_BYTES;
}

bool window_init(struct window *window, struct input *input)
{
    memset(window, 0, sizeof(*window));
    window->fd = -1;
    return attach(window, input) || load(window, input);
}

void window_share(struct window *window, const struct window *of)
{
    *window = *of;
    if (of->fd < 0) {
        window->borrowed = true;
        return;
    }
    window->buffer = NULL;
    window->len = window->room = 0;
}

/* Fills the buffer from `offset` (and from where its page begins) with at least len bytes, unless
 * the file ends before. */
static void slide(struct window *window, uint64_t offset, size_t len)
{
    size_t back = offset < PAGE ? (size_t)offset : (size_t)((window->base + offset) % PAGE),
           want = back + len;

    offset -= back;
    if (window->room < want || window->room == 0) {
        memory_drop(window->buffer);
        window->room = want > WINDOW_STEP ? (want / PAGE + 1) * PAGE : WINDOW_STEP;
        window->buffer = memory_take_aligned(window->room, PAGE);
    }
    window->at = offset;
    window->len = 0;
    while (window->len < want) {
        ssize_t got = pread(window->fd, window->buffer + window->len, window->room - window->len,
                            (off_t)(window->base + offset + window->len));

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        window->len += (size_t)got;
    }
    if (window->len > window->size - window->at) /* the file grew since */
        window->len = (size_t)(window->size - window->at);
}

struct bytes window_fill(struct window *window, uint64_t offset, size_t len)
{
    size_t skipped;

    if (offset >= window->size)
        return (struct bytes){NULL, 0};
    if (len > window->size - offset)
        len = (size_t)(window->size - offset);
    if (window->fd >= 0 && (offset < window->at || offset + len > window->at + window->len))
        slide(window, offset, len);
    skipped = (size_t)(offset - window->at);
    if (skipped >= window->len)
        return (struct bytes){NULL, 0};
    return (struct bytes){window->buffer + skipped, size_min(len, window->len - skipped)};
}

void window_clear(struct window *window)
{
    if (!window->borrowed)
        memory_drop(window->buffer);
    memset(window, 0, sizeof(*window));
}
