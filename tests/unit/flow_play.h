/* SPDX-License-Identifier: MIT */
/* TCP packets for tests of the flow table, and a user that writes down what he is told. */
#ifndef KRBWHY_TESTS_FLOW_PLAY_H
#define KRBWHY_TESTS_FLOW_PLAY_H

#include <stdio.h>
#include <stdlib.h>

#include "flow/flow.h"
#include "harness.h"

enum { CLIENT, SERVER };
enum { PLAY_CALLS = 16384, PLAY_ROOM = 1 << 20 };

struct play_call {
    int64_t flow;
    int side;
    uint64_t offset;
    size_t len;
    bool gap_before, gap_after, ended, by_fin;
    int64_t first_frame, frame;
    char text[32]; /* how the data begins */
};

struct play {
    struct flow_table *table;
    struct packet packet;
    uint32_t next[2]; /* sequence numbers */
    /* How much of a segment is taken; NULL: all of it. */
    size_t (*consume)(struct play *play, int side, const struct segment *segment);
    size_t say; /* for `consume` */
    bool unclaimed;
    struct play_call call[PLAY_CALLS];
    size_t num_calls;
    int64_t bytes_of;            /* flow of: */
    uint8_t bytes[2][PLAY_ROOM]; /* what was consumed, at its offset */
    bool here[2][PLAY_ROOM];
    char closed[4096]; /* "1:closed 2:reset " */
    char problems[4096];
    size_t num_problems;
};

static size_t play_data(void *user, struct flow *flow, int side, const struct segment *segment)
{
    struct play *play = user;
    size_t taken = segment->data.len, i;

    flow->claimed = !play->unclaimed;
    if (play->num_calls < PLAY_CALLS) {
        struct play_call *call = &play->call[play->num_calls++];

        *call = (struct play_call){flow->id,
                                   side,
                                   segment->offset,
                                   segment->data.len,
                                   segment->gap_before,
                                   segment->gap_after,
                                   segment->ended,
                                   segment->by_fin,
                                   segment->first_frame,
                                   segment->frame,
                                   ""};
        if (segment->data.len > 0)
            memcpy(call->text, segment->data.at,
                   size_min(segment->data.len, sizeof(call->text) - 1));
    }
    if (flow->id != play->bytes_of)
        memset(play->here, 0, sizeof(play->here));
    play->bytes_of = flow->id;
    if (play->consume != NULL)
        taken = play->consume(play, side, segment);
    for (i = 0; taken != FLOW_IGNORE && i < taken && i < segment->data.len; i++) {
        uint64_t at = segment->offset + i;

        if (at >= PLAY_ROOM)
            break;
        if (play->here[side][at])
            test_fail(__FILE__, __LINE__, "byte %llu given twice", (unsigned long long)at);
        play->here[side][at] = true;
        play->bytes[side][at] = segment->data.at[i];
    }
    return taken;
}

static void play_closed(void *user, struct flow *flow, const char *what)
{
    struct play *play = user;
    size_t len = strlen(play->closed);

    snprintf(play->closed + len, sizeof(play->closed) - len, "%lld:%s ", (long long)flow->id, what);
}

static void play_problem(void *user, const char *code, int64_t frame, int64_t offset,
                         const char *message)
{
    struct play *play = user;
    size_t len = strlen(play->problems);

    (void)offset;
    snprintf(play->problems + len, sizeof(play->problems) - len, "%s@%lld:%ld ", code,
             (long long)frame, strtol(message, NULL, 10));
    play->num_problems++;
}

/* A table with a user that takes everything; play_end closes it. */
static inline struct play *play_begin(void)
{
    struct play *play = calloc(1, sizeof(*play));
    struct flow_events events = {play, play_data, play_closed, play_problem};

    play->table = flow_table_open(&events);
    play->packet.transport = 6;
    address_parse("10.0.5.3", &play->packet.src);
    address_parse("10.0.5.2", &play->packet.dst);
    play->packet.sport = 50044;
    play->packet.dport = 80;
    play->packet.pid = -1;
    play->packet.has_time = true;
    play->next[CLIENT] = 1000;
    play->next[SERVER] = 5000;
    return play;
}

static inline void play_end(struct play *play)
{
    flow_table_finish(play->table);
    CHECK_INT(flow_table_memory(play->table, NULL), 0);
    flow_table_close(play->table);
    free(play);
}

/* One packet from a side at that sequence number; `missing` more bytes were cut off. Frames and
 * milliseconds count up by themselves. */
static inline void play_cut(struct play *play, int side, uint8_t flags, uint32_t seq,
                            const void *data, size_t len, size_t missing)
{
    struct packet p = play->packet;
    struct bytes exact = test_exact((struct bytes){data, len});

    play->packet.frame++;
    play->packet.time_ns += 1000000;
    p.frame = play->packet.frame;
    p.time_ns = play->packet.time_ns;
    if (side == SERVER) {
        p.src = play->packet.dst;
        p.dst = play->packet.src;
        p.sport = play->packet.dport;
        p.dport = play->packet.sport;
    }
    p.flags = flags;
    p.seq = seq;
    p.ack = play->next[1 - side];
    p.payload = exact;
    p.missing = missing;
    flow_table_tcp(play->table, &p);
    free((void *)exact.at);
}

static inline void play_raw(struct play *play, int side, uint8_t flags, uint32_t seq,
                            const void *data, size_t len)
{
    play_cut(play, side, flags, seq, data, len, 0);
}

/* Text at the side's next sequence number, which moves on. */
static inline void play_text(struct play *play, int side, const char *text)
{
    play_raw(play, side, TCP_ACK, play->next[side], text, strlen(text));
    play->next[side] += (uint32_t)strlen(text);
}

/* Text `ahead` bytes further; the next number stays. */
static inline void play_text_at(struct play *play, int side, int ahead, const char *text)
{
    play_raw(play, side, TCP_ACK, play->next[side] + (uint32_t)ahead, text, strlen(text));
}

/* Of everything the other side is at. */
static inline void play_ack(struct play *play, int side)
{
    play_raw(play, side, TCP_ACK, play->next[side], NULL, 0);
}

/* Three frames; the first bytes of the sides are at their next numbers. */
static inline void play_handshake(struct play *play)
{
    uint32_t server = play->next[SERVER];

    play->next[SERVER] = 0;
    play_raw(play, CLIENT, TCP_SYN, play->next[CLIENT] - 1, NULL, 0);
    play->next[SERVER] = server;
    play_raw(play, SERVER, TCP_SYN | TCP_ACK, server - 1, NULL, 0);
    play_ack(play, CLIENT);
}

static inline void play_fin(struct play *play, int side)
{
    play_raw(play, side, TCP_FIN | TCP_ACK, play->next[side]++, NULL, 0);
}

#endif
