/* SPDX-License-Identifier: MIT */
#include "capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"

static size_t descriptor_read(struct input *input, uint8_t *out, size_t room)
{
    for (;;) {
        ssize_t got = read(input->fd, out, room);

        if (got >= 0)
            return (size_t)got;
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN) { /* a pipe that somebody else made non-blocking */
            struct pollfd waited = {.fd = input->fd, .events = POLLIN};

            poll(&waited, 1, -1);
            continue;
        }
        input->error = errno;
        return input_fail(input, FAULT_CUT_SHORT, "it cannot be read");
    }
}

static const struct input_class descriptor = {descriptor_read, NULL};

struct input *input_open(int fd, struct bytes first)
{
    struct input *input = memory_take(1, sizeof(*input));

    input->class = &descriptor;
    input->fd = fd;
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* a hint: pipes refuse it */
    if (first.len > 0) {
        input->ahead = memory_take(first.len, 1);
        memcpy(input->ahead, first.at, first.len);
        input->ahead_end = first.len;
        input->num_read = first.len;
    }
    return input;
}

struct input *input_stack(const struct input_class *class, void *state, struct input *below)
{
    struct input *input = memory_take(1, sizeof(*input));

    input->class = class;
    input->state = state;
    input->below = below;
    input->fd = -1;
    return input;
}

static size_t read_more(struct input *input, uint8_t *out, size_t room)
{
    size_t got;

    if (input->fault != FAULT_NONE || room == 0)
        return 0;
    got = input->class->read(input, out, room);
    input->num_read += got;
    return got;
}

size_t input_read(struct input *input, uint8_t *out, size_t room)
{
    size_t waiting = input->ahead_end - input->ahead_at;

    if (waiting == 0)
        return read_more(input, out, room);
    if (waiting > room)
        waiting = room;
    memcpy(out, input->ahead + input->ahead_at, waiting);
    input->ahead_at += waiting;
    if (input->ahead_at == input->ahead_end) {
        memory_drop(input->ahead);
        input->ahead = NULL;
        input->ahead_at = input->ahead_end = 0;
    }
    return waiting;
}

struct bytes input_peek(struct input *input, size_t want)
{
    size_t waiting = input->ahead_end - input->ahead_at, got = 1;

    if (waiting < want) {
        uint8_t *grown = memory_take(want, 1);

        if (waiting > 0)
            memcpy(grown, input->ahead + input->ahead_at, waiting);
        memory_drop(input->ahead);
        input->ahead = grown;
        while (waiting < want && got > 0) {
            got = read_more(input, grown + waiting, want - waiting);
            waiting += got;
        }
        input->ahead_at = 0;
        input->ahead_end = waiting;
    }
    return (struct bytes){waiting == 0 ? NULL : input->ahead + input->ahead_at,
                          size_min(waiting, want)};
}

size_t input_fail(struct input *input, enum fault fault, const char *what)
{
    if (input->fault == FAULT_NONE) {
        input->fault = fault;
        input->what = what;
    }
    return 0;
}

bool input_ratio_ok(struct input *input)
{
    if (input->num_read <= LIMIT_RATIO_FLOOR ||
        input->num_read / LIMIT_RATIO <= input->below->num_read)
        return true;
    input_fail(input, FAULT_LIMIT, "it unpacks to an implausible size");
    return false;
}

void input_close(struct input *input)
{
    while (input != NULL) {
        struct input *below = input->below;

        if (input->class->close != NULL)
            input->class->close(input);
        if (input->fd >= 0)
            close(input->fd);
        memory_drop(input->ahead);
        memory_drop(input);
        input = below;
    }
}
