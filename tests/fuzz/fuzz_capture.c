/* SPDX-License-Identifier: MIT */
/* Any bytes as a capture, by the content's own choice of container; read from a file, one by one
 * and several at a time with short cuts for what is usual, and through a pipe, which must agree. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "capture/container.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { MAX_FRAMES = 20000, FRAMES = 8, PIPE_BYTES = 60000 };

struct outcome {
    enum capture_status status;
    int64_t frames, problems;
    uint64_t bytes, sum;
};

static void note_problem(void *user, const char *code, int64_t frame, int64_t offset,
                         const char *message)
{
    struct outcome *outcome = user;

    assert(code[0] != 0 && message[0] != 0);
    assert(frame >= 0 && frame <= outcome->frames + 1 && offset >= -1);
    outcome->problems++;
}

static void note_name(void *user, const struct capture_name *name)
{
    struct outcome *outcome = user;

    assert(name->address.len == 4 || name->address.len == 16);
    outcome->sum += strlen(name->name) + name->address.at[name->address.len - 1];
}

static void note_frame(struct outcome *outcome, const struct frame *frame)
{
    size_t i;

    assert(frame->number == ++outcome->frames);
    assert(frame->data.len <= LIMIT_FRAME_BYTES && frame->data.len <= frame->wire_len);
    assert(frame->has_time || frame->time_ns == 0);
    assert(frame->link_type <= LINK_PCAPNG_RECORD);
    assert(frame->pid >= -1 && frame->pid <= UINT32_MAX);
    for (i = 0; i < frame->data.len; i += 1 + frame->data.len / 64)
        outcome->sum = outcome->sum * 31 + frame->data.at[i]; /* within its bounds: ASan looks */
    for (i = 0; i < frame->comment.len; i++)
        outcome->sum += frame->comment.at[i];
    outcome->sum += (uint64_t)frame->time_ns + frame->interface + frame->wire_len +
                    (frame->process == NULL ? 0 : strlen(frame->process));
    outcome->bytes += frame->data.len;
}

static struct outcome read_all(int fd, const uint8_t *first, size_t first_len, bool general)
{
    struct outcome outcome = {0};
    struct capture_events events = {&outcome, note_problem, note_name, NULL};
    struct arena arena = {0};
    struct capture *capture;
    const char *message;
    struct frame frames[FRAMES];
    size_t num, i;

    outcome.status =
        capture_open(fd, (struct bytes){first, first_len}, &events, &arena, &capture, &message);
    assert(outcome.status != CAPTURE_END);
    if (outcome.status == CAPTURE_OK) {
        capture->general = general;
        while (outcome.frames < MAX_FRAMES &&
               (num = general ? capture_next(capture, frames) == CAPTURE_OK
                              : capture_take(
                                    capture, frames,
                                    size_min(FRAMES, (size_t)(MAX_FRAMES - outcome.frames)))) > 0)
            for (i = 0; i < num; i++)
                note_frame(&outcome, &frames[i]);
        assert(capture_info(capture)->packets <= outcome.frames);
        assert(capture_info(capture)->format != NULL);
        capture_close(capture);
    } else {
        assert(capture == NULL && message != NULL && message[0] != 0);
    }
    arena_clear(&arena);
    return outcome;
}

static int file_of(const uint8_t *data, size_t len)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    return fd;
}

static int pipe_of(const uint8_t *data, size_t len)
{
    int ends[2];

    if (pipe(ends) != 0 || write(ends[1], data, len) != (ssize_t)len)
        abort();
    close(ends[1]);
    return ends[0];
}

static void compare(struct outcome a, struct outcome b)
{
    assert(a.status == b.status && a.frames == b.frames);
    assert(a.problems == b.problems && a.bytes == b.bytes && a.sum == b.sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct outcome file = read_all(file_of(data, len), NULL, 0, false);
    size_t ahead = len / 3;

    compare(file, read_all(file_of(data, len), NULL, 0, true));
    if (len <= PIPE_BYTES)
        compare(file, read_all(pipe_of(data + ahead, len - ahead), data, ahead, false));
    return 0;
}
