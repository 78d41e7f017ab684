/* SPDX-License-Identifier: MIT */
/* Input: one byte that says how the user behaves, then packets of six bytes each:
 * who (bit 0: side, bits 1-2: which client port, bits 3-7: half seconds that passed since the
 * last), TCP flags, sequence number (16 bits, near the wrap), bytes of payload, bytes that were cut
 * off. A byte of payload is the low byte of its sequence number, so that whatever is handed over
 * shows where it belongs. Every rule of flow.h that can be checked from outside is asserted. */
#include <assert.h>
#include <stdlib.h>

#include "flow/flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { PACKET_BYTES = 6, MAX_PAYLOAD = 255 };

struct fuzz {
    struct flow_table *table;
    uint8_t manner;
    size_t flows, closed;
};

struct side {
    bool called, ended, consumed;
    uint64_t read; /* where the next call must begin, unless there is a gap */
    uint8_t base;  /* low byte of the sequence number of offset 0 */
    bool has_base;
};

struct tracker {
    struct side side[2];
};

/* Sequence and payload agree, and nothing comes twice. */
static void check(struct side *side, const struct segment *segment)
{
    uint8_t base = 0;
    size_t i;

    assert(!side->ended);
    assert(segment->data.len > 0 || segment->gap_after);
    assert(!segment->ended || segment->gap_after);
    assert(!segment->by_fin || segment->ended);
    assert(segment->frame >= segment->first_frame && segment->first_frame > 0);
    if (segment->ended && segment->data.len == 0)
        assert(segment->offset <= side->read || segment->gap_before);
    else if (side->called && side->consumed)
        assert(segment->gap_before ? segment->offset >= side->read : segment->offset == side->read);
    for (i = 0; i < segment->data.len; i++) {
        base = (uint8_t)(segment->data.at[i] - (uint8_t)(segment->offset + i));
        if (side->has_base)
            assert(base == side->base);
        side->base = base;
        side->has_base = true;
    }
    if (!side->consumed) /* an earlier start may still be taken */
        side->has_base = false;
    side->called = true;
    side->ended = segment->ended;
}

static size_t take_data(void *user, struct flow *flow, int at, const struct segment *segment)
{
    struct fuzz *fuzz = user;
    struct tracker *tracker = flow->state;
    struct side *side;
    size_t len = segment->data.len, taken = len;

    if (tracker == NULL) {
        tracker = flow->state = calloc(1, sizeof(*tracker));
        fuzz->flows++;
        flow->claimed = true;
    }
    side = &tracker->side[at];
    check(side, segment);
    switch ((fuzz->manner ^ (segment->offset >> 2)) & 7) {
    case 0:
        taken = 0;
        break;
    case 1:
        taken = len / 2;
        break;
    case 2:
        taken = len + 40;
        break;
    case 3:
        taken = (fuzz->manner & 0x80) != 0 && segment->offset > 300 ? FLOW_IGNORE : len;
        break;
    default:
        break;
    }
    if (taken == FLOW_IGNORE) {
        side->ended = true;
        tracker->side[1 - at].ended = true;
        return taken;
    }
    if (taken > 0) {
        side->consumed = true;
        if (len > 0) {
            side->has_base = true;
            side->base = (uint8_t)(segment->data.at[0] - (uint8_t)segment->offset);
        }
    }
    side->read = segment->offset + taken;
    return taken;
}

static void take_end(void *user, struct flow *flow, const char *what)
{
    struct fuzz *fuzz = user;

    assert(what != NULL);
    if (flow->state != NULL)
        fuzz->closed++;
    free(flow->state);
    flow->state = NULL;
}

static void take_problem(void *user, const char *code, int64_t frame, int64_t offset,
                         const char *message)
{
    (void)user;
    (void)offset;
    assert(code != NULL && frame > 0 && message[0] != '\0');
}

static void send(struct fuzz *fuzz, const uint8_t *in, struct packet *packet, uint32_t next[2])
{
    static const struct address client = {4, {10, 0, 0, 1}}, server = {4, {10, 0, 0, 2}};
    uint8_t *payload = malloc(in[4] == 0 ? 1 : in[4]);
    int side = in[0] & 1;
    uint16_t port = (uint16_t)(50000 + (in[0] >> 1 & 3));
    size_t i;

    packet->frame++;
    packet->time_ns += (int64_t)(in[0] >> 3) * 500000000;
    packet->src = side == 0 ? client : server;
    packet->dst = side == 0 ? server : client;
    packet->sport = side == 0 ? port : 88;
    packet->dport = side == 0 ? 88 : port;
    packet->flags = in[1];
    packet->seq = 0xFFFFFC00u + ((uint32_t)in[2] << 8 | in[3]);
    packet->ack = next[1 - side];
    next[side] = packet->seq + in[4];
    for (i = 0; i < in[4]; i++)
        payload[i] = (uint8_t)(packet->seq + ((in[1] & TCP_SYN) != 0) + i);
    packet->payload = (struct bytes){payload, in[4]};
    packet->missing = in[5];
    flow_table_tcp(fuzz->table, packet);
    free(payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct fuzz fuzz = {.manner = len > 0 ? data[0] : 0};
    const struct flow_events events = {&fuzz, take_data, take_end, take_problem};
    const struct flow_limits limits = {3, 2, (fuzz.manner & 0x40) != 0 ? 100 : 2000, 8, 20000};
    struct packet packet = {.transport = 6, .pid = -1};
    uint32_t next[2] = {0xFFFFFC00u, 0xFFFFFC00u};
    size_t at, peak;

    fuzz.table = flow_table_open(&events);
    flow_table_limit(fuzz.table, &limits);
    for (at = 1; at + PACKET_BYTES <= len; at += PACKET_BYTES) {
        send(&fuzz, data + at, &packet, next);
        assert(flow_table_memory(fuzz.table, &peak) <= limits.reassembly_bytes);
    }
    flow_table_finish(fuzz.table);
    assert(flow_table_memory(fuzz.table, NULL) == 0);
    assert(fuzz.flows == fuzz.closed);
    flow_table_close(fuzz.table);
    return 0;
}
