/* SPDX-License-Identifier: MIT */
/* What the tests of the packet layer share: decode a frame, keep the problems. */
#ifndef KRBWHY_TESTS_PACKET_BENCH_H
#define KRBWHY_TESTS_PACKET_BENCH_H

#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "packet/packet.h"

struct problems {
    size_t num;
    char code[16][64], message[16][320];
    int64_t frame[16], offset[16];
};

static inline void keep_problem(void *user, const char *code, int64_t frame, int64_t offset,
                                const char *message)
{
    struct problems *problems = user;

    if (problems->num == 16)
        return;
    snprintf(problems->code[problems->num], 64, "%s", code);
    snprintf(problems->message[problems->num], 320, "%s", message);
    problems->frame[problems->num] = frame;
    problems->offset[problems->num++] = offset;
}

static inline struct packet_decoder *bench_open(struct problems *problems)
{
    struct packet_events events = {problems, keep_problem};

    memset(problems, 0, sizeof(*problems));
    return packet_decoder_open(&events);
}

static inline void bench_close(struct packet_decoder *decoder)
{
    packet_decoder_finish(decoder);
    packet_decoder_close(decoder);
}

static inline struct frame bench_frame(uint32_t link_type, struct bytes data)
{
    struct frame frame = {.number = 1, .link_type = link_type, .data = data, .pid = -1};

    frame.wire_len = data.len;
    return frame;
}

static inline bool has_problem(const struct problems *problems, const char *code)
{
    size_t i;

    for (i = 0; i < problems->num; i++)
        if (strcmp(problems->code[i], code) == 0)
            return true;
    return false;
}

#endif
