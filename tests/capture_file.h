/* SPDX-License-Identifier: MIT */
/* For the unit tests of captures: small files are made in memory, read through a descriptor, and
 * what was delivered is kept. */
#ifndef KRBWHY_TESTS_CAPTURE_FILE_H
#define KRBWHY_TESTS_CAPTURE_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/capture.h"
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
};

static void see_problem(void *user, const char *code, int64_t frame, int64_t offset,
                        const char *message)
{
    struct seen *seen = user;

    seen->num_problems++;
    snprintf(seen->code, sizeof(seen->code), "%s", code);
    snprintf(seen->problem, sizeof(seen->problem), "%s", message);
    seen->problem_frame = frame;
    seen->problem_offset = offset;
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

/* Reads a file to its end. `ahead`: how many of its bytes were read before it is opened. */
MAYBE_UNUSED static void see_from(struct seen *seen, struct bytes file, bool pipe_wanted,
                                  size_t ahead)
{
    struct capture_events events = {seen, see_problem, see_name, NULL};
    struct capture *capture;
    struct arena arena = {0};
    const char *message;
    struct frame frame;
    int fd = descriptor_of(file, pipe_wanted);
    uint8_t *first = malloc(ahead + 1);

    memset(seen, 0, sizeof(*seen));
    if (read(fd, first, ahead) != (ssize_t)ahead)
        abort();
    seen->status =
        capture_open(fd, (struct bytes){first, ahead}, &events, &arena, &capture, &message);
    free(first);
    if (seen->status == CAPTURE_OK) {
        while (capture_next(capture, &frame) == CAPTURE_OK) {
            CHECK_INT(frame.number, seen->num + 1);
            if (seen->num < SEEN_FRAMES) {
                seen->first_octet[seen->num] = frame.data.len > 0 ? frame.data.at[0] : 0;
                seen->frames[seen->num] = frame;
            }
            seen->num++;
        }
        CHECK_INT(capture_next(capture, &frame), CAPTURE_END);
        see_info(seen, capture_info(capture));
        capture_close(capture);
    } else {
        CHECK(capture == NULL);
        snprintf(seen->message, sizeof(seen->message), "%s", message);
    }
    arena_clear(&arena);
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
