/* SPDX-License-Identifier: MIT */
/* For the unit tests of captures: small files are made in memory, read through a descriptor, and
 * what was delivered is kept. */
#ifndef KRBWHY_TESTS_CAPTURE_FILE_H
#define KRBWHY_TESTS_CAPTURE_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/container.h"
#include "harness.h"

#define MAYBE_UNUSED __attribute__((unused))

/* A file being made; integers are put in its byte order. */
struct made {
    uint8_t at[65536];
    size_t len;
    bool big;
};

static void put(struct made *made, const void *raw, size_t len)
{
    if (made->len + len > sizeof(made->at))
        abort();
    memcpy(made->at + made->len, raw, len);
    made->len += len;
}

static void put_integer(struct made *made, uint64_t value, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++) {
        uint8_t octet = (uint8_t)(value >> 8 * (made->big ? len - 1 - i : i));

        put(made, &octet, 1);
    }
}

MAYBE_UNUSED static void put16(struct made *made, uint32_t value)
{
    put_integer(made, value, 2);
}

MAYBE_UNUSED static void put32(struct made *made, uint32_t value)
{
    put_integer(made, value, 4);
}

MAYBE_UNUSED static void put64(struct made *made, uint64_t value)
{
    put_integer(made, value, 8);
}

/* len bytes that differ from frame to frame. */
MAYBE_UNUSED static void put_data(struct made *made, uint8_t seed, size_t len)
{
    for (; len > 0; len--)
        put(made, &seed, 1);
}

enum { SEEN_FRAMES = 16, SEEN_TEXT = 256 };

/* What reading a file gave. */
struct seen {
    enum capture_status status;
    char message[SEEN_TEXT]; /* of a refusal */
    size_t num;
    struct frame frames[SEEN_FRAMES]; /* data.at is stale: see first_octet */
    uint8_t first_octet[SEEN_FRAMES];
    size_t num_problems;
    char code[64], problem[SEEN_TEXT]; /* of the last problem */
    int64_t problem_frame, problem_offset;
    char names[SEEN_TEXT]; /* "1.2.3.4=name;" as hexadecimal address */
    char info[SEEN_TEXT];  /* "format packets application comment links" */
    uint64_t sum;          /* of everything that was delivered, in its order */
};

static void add_sum(struct seen *seen, const void *raw, size_t len)
{
    const uint8_t *at = raw;

    for (; len > 0; len--)
        seen->sum = (seen->sum ^ *at++) * UINT64_C(0x100000001b3);
}

static void add_number(struct seen *seen, int64_t number)
{
    add_sum(seen, &number, sizeof(number));
}

static void sum_frame(struct seen *seen, const struct frame *frame)
{
    add_number(seen, frame->number);
    add_number(seen, frame->time_ns);
    add_number(seen, frame->has_time);
    add_number(seen, (int64_t)frame->wire_len);
    add_number(seen, frame->link_type);
    add_number(seen, frame->interface);
    add_number(seen, frame->pid);
    add_number(seen, (int64_t)frame->data.len);
    add_sum(seen, frame->data.at, frame->data.len);
    add_sum(seen, frame->comment.at, frame->comment.len);
    if (frame->process != NULL)
        add_sum(seen, frame->process, strlen(frame->process));
}

static void see_problem(void *user, const char *code, int64_t frame, int64_t offset,
                        const char *message)
{
    struct seen *seen = user;

    seen->num_problems++;
    snprintf(seen->code, sizeof(seen->code), "%s", code);
    snprintf(seen->problem, sizeof(seen->problem), "%s", message);
    seen->problem_frame = frame;
    seen->problem_offset = offset;
    add_sum(seen, code, strlen(code));
    add_sum(seen, message, strlen(message));
    add_number(seen, frame);
    add_number(seen, offset);
}

static void see_name(void *user, const struct capture_name *name)
{
    struct seen *seen = user;
    size_t len = strlen(seen->names), i;

    for (i = 0; i < name->address.len && len + 2 < SEEN_TEXT; i++, len += 2)
        snprintf(seen->names + len, SEEN_TEXT - len, "%02x", name->address.at[i]);
    snprintf(seen->names + len, SEEN_TEXT - len, "=%s;", name->name);
}

static void see_info(struct seen *seen, const struct capture_info *info)
{
    size_t i, len;

    snprintf(seen->info, SEEN_TEXT, "%s %lld %s %s", info->format, (long long)info->packets,
             info->application == NULL ? "-" : info->application,
             info->comment == NULL ? "-" : info->comment);
    for (i = 0; i < info->num_link_types; i++) {
        len = strlen(seen->info);
        snprintf(seen->info + len, SEEN_TEXT - len, " %s", info->link_types[i]);
    }
}

/* A descriptor on the bytes: a pipe where asked for (they must fit), else a regular file. */
static int descriptor_of(struct bytes bytes, bool pipe_wanted)
{
    int ends[2];

    if (!pipe_wanted) {
        ends[0] = memfd_create("capture", MFD_CLOEXEC);
        if (write(ends[0], bytes.at, bytes.len) != (ssize_t)bytes.len)
            abort();
        lseek(ends[0], 0, SEEK_SET);
        return ends[0];
    }
    if (pipe(ends) != 0 || write(ends[1], bytes.at, bytes.len) != (ssize_t)bytes.len)
        abort();
    close(ends[1]);
    return ends[0];
}

/* Reads a file to its end. `ahead`: how many of its bytes were read before it is opened. `general`:
 * one by one, without the short cuts for what is usual; else several frames at a time. */
static void see_one_way(struct seen *seen, struct bytes file, bool pipe_wanted, size_t ahead,
                        bool general)
{
    struct capture_events events = {seen, see_problem, see_name, NULL};
    struct capture *capture;
    struct arena arena = {0};
    const char *message;
    struct frame frames[5];
    size_t num, i;
    int fd = descriptor_of(file, pipe_wanted);
    uint8_t *first = malloc(ahead + 1);

    memset(seen, 0, sizeof(*seen));
    if (read(fd, first, ahead) != (ssize_t)ahead)
        abort();
    seen->status =
        capture_open(fd, (struct bytes){first, ahead}, &events, &arena, &capture, &message);
    free(first);
    if (seen->status == CAPTURE_OK) {
        capture->general = general;
        while ((num = general ? capture_next(capture, frames) == CAPTURE_OK
                              : capture_take(capture, frames, (size_t)seen->num % 5 + 1)) > 0)
            for (i = 0; i < num; i++) {
                CHECK_INT(frames[i].number, seen->num + 1);
                sum_frame(seen, &frames[i]);
                if (seen->num < SEEN_FRAMES) {
                    seen->first_octet[seen->num] =
                        frames[i].data.len > 0 ? frames[i].data.at[0] : 0;
                    seen->frames[seen->num] = frames[i];
                }
                seen->num++;
            }
        CHECK_INT(capture_next(capture, frames), CAPTURE_END);
        CHECK(capture_take(capture, frames, 5) == 0);
        see_info(seen, capture_info(capture));
        capture_close(capture);
    } else {
        CHECK(capture == NULL);
        snprintf(seen->message, sizeof(seen->message), "%s", message);
    }
    arena_clear(&arena);
}

/* Reads a file to its end, with and without short cuts, which must agree. */
MAYBE_UNUSED static void see_from(struct seen *seen, struct bytes file, bool pipe_wanted,
                                  size_t ahead)
{
    struct seen general;

    see_one_way(&general, file, pipe_wanted, ahead, true);
    see_one_way(seen, file, pipe_wanted, ahead, false);
    CHECK_INT(seen->status, general.status);
    CHECK_INT(seen->num, general.num);
    CHECK_INT(seen->num_problems, general.num_problems);
    CHECK(seen->sum == general.sum);
    CHECK_STR(seen->info, general.info);
    CHECK_STR(seen->names, general.names);
    CHECK_STR(seen->message, general.message);
}

MAYBE_UNUSED static void see(struct seen *seen, struct made *made)
{
    see_from(seen, (struct bytes){made->at, made->len}, false, 0);
}

/* Cuts the file at every byte behind its header: what is delivered is a prefix of the whole, and
 * the damage is named except where the cut is at a boundary (num_boundaries of them). */
MAYBE_UNUSED static void check_prefixes(const struct made *made, size_t header_len,
                                        size_t num_boundaries)
{
    struct seen whole, cut;
    size_t len, clean = 0, i;

    see_from(&whole, (struct bytes){made->at, made->len}, false, 0);
    CHECK_INT(whole.status, CAPTURE_OK);
    for (len = 0; len < header_len; len++) {
        see_from(&cut, (struct bytes){made->at, len}, false, 0);
        CHECK(cut.status == CAPTURE_NOT || cut.status == CAPTURE_FAILED);
        CHECK(cut.message[0] != 0);
    }
    for (; len < made->len; len++) {
        see_from(&cut, (struct bytes){made->at, len}, len % 2 == 0, len % 3 == 0 ? len / 2 : 0);
        CHECK_INT(cut.status, CAPTURE_OK);
        CHECK(cut.num <= whole.num);
        for (i = 0; i < cut.num && i < SEEN_FRAMES; i++) {
            CHECK_INT(cut.frames[i].time_ns, whole.frames[i].time_ns);
            CHECK_INT(cut.frames[i].data.len, whole.frames[i].data.len);
            CHECK_INT(cut.first_octet[i], whole.first_octet[i]);
        }
        if (cut.num_problems == 0) {
            clean++;
            continue;
        }
        CHECK_INT(cut.num_problems, 1);
        CHECK_STR(cut.code, "truncated-file");
        CHECK_INT(cut.problem_frame, cut.num);
        CHECK(cut.problem_offset <= (int64_t)len);
    }
    CHECK_INT(clean, num_boundaries);
}

#endif
