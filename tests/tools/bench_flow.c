/* SPDX-License-Identifier: MIT */
/* How many packets a second the flow table takes, by what they are. Argument: millions of packets
 * (20). Build it without sanitizers: the C files of src/flow and src/base, -O2 -D_GNU_SOURCE -Isrc
 * -I. -lmd. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "flow/flow.h"

enum { MANY_FLOWS = 10000 };

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t ignore(void *user, struct flow *flow, int side, const struct segment *segment)
{
    (void)user;
    (void)flow;
    (void)side;
    (void)segment;
    return FLOW_IGNORE;
}

static size_t take_all(void *user, struct flow *flow, int side, const struct segment *segment)
{
    *(uint64_t *)user += segment->data.len;
    (void)side;
    flow->claimed = true;
    return segment->data.len;
}

static size_t skip(void *user, struct flow *flow, int side, const struct segment *segment)
{
    *(uint64_t *)user += segment->data.len;
    (void)flow;
    (void)side;
    return (size_t)1 << 30;
}

static void set_flow(struct packet *packet, uint32_t number)
{
    packet->src.octet[1] = (uint8_t)(number >> 16);
    packet->src.octet[2] = (uint8_t)(number >> 8);
    packet->src.octet[3] = (uint8_t)number;
}

static uint64_t bytes;

static struct flow_table *open_table(size_t (*data)(void *, struct flow *, int,
                                                    const struct segment *))
{
    const struct flow_events events = {.user = &bytes, .data = data};

    return flow_table_open(&events);
}

static void report(const char *what, double begin, int64_t packets)
{
    double took = seconds() - begin;

    printf("%-44s %7.2f million packets/s, %6.1f ns each\n", what, (double)packets / took / 1e6,
           took * 1e9 / (double)packets);
}

static void run(const char *what,
                size_t (*data)(void *, struct flow *, int, const struct segment *), size_t flows,
                uint8_t flags, int64_t packets, bool swapped)
{
    static uint8_t payload[1460];
    struct flow_table *table = open_table(data);
    struct packet packet = {.transport = 6, .pid = -1, .sport = 50000, .dport = 8080};
    uint32_t *next = calloc(flows, sizeof(*next)), number = 1;
    double begin;
    int64_t i;

    packet.src = packet.dst = (struct address){4, {10, 0, 0, 1}};
    packet.payload = (struct bytes){payload, (flags & TCP_SYN) != 0 ? 0 : sizeof(payload)};
    packet.flags = flags;
    begin = seconds();
    for (i = 1; i <= packets; i++) {
        size_t flow;

        number = number * 1664525 + 1013904223;
        flow = (size_t)((uint64_t)number * flows >> 32);
        set_flow(&packet, (uint32_t)flow);
        packet.frame = i;
        packet.time_ns = i * 1000;
        packet.seq = next[flow];
        if (swapped && i % 16 == 0) /* two that changed places */
            packet.seq += (uint32_t)sizeof(payload);
        else if (swapped && i % 16 == 1)
            packet.seq -= (uint32_t)sizeof(payload);
        next[flow] += (uint32_t)packet.payload.len;
        flow_table_tcp(table, &packet);
    }
    report(what, begin, packets);
    flow_table_close(table);
    free(next);
}

int main(int argc, char **argv)
{
    int64_t packets = (argc > 1 ? strtol(argv[1], NULL, 10) : 20) * 1000000;

    run("unclaimed, 1 flow", ignore, 1, TCP_ACK, packets, false);
    run("unclaimed, 10 000 flows", ignore, MANY_FLOWS, TCP_ACK, packets, false);
    run("unclaimed, 1 000 000 flows", ignore, 1000000, TCP_ACK, packets, false);
    run("claimed, 1 flow, every byte read", take_all, 1, TCP_ACK, packets, false);
    run("claimed, 1 flow, some out of order", take_all, 1, TCP_ACK, packets, true);
    run("claimed, 10 000 flows, skipped", skip, MANY_FLOWS, TCP_ACK, packets, false);
    run("SYN flood", ignore, 1 << 24, TCP_SYN, packets, false);
    return 0;
}
