/* SPDX-License-Identifier: MIT */
/* Payloads are kept with their places, until all are there (redact_scan.c). */
#include "rewrite/redact.h"

#include "base/limits.h"
#include "base/memory.h"
#include "rewrite/redact_parts.h"

struct redactor *redactor_open(void)
{
    return memory_take(1, sizeof(struct redactor));
}

/* ---- taking frames ---- */

static bool same_ends(const struct way *way, const struct packet *packet)
{
    return way->sport == packet->sport && way->dport == packet->dport &&
           address_equal(&way->src, &packet->src) && address_equal(&way->dst, &packet->dst);
}

/* The direction that a TCP packet belongs to; a SYN with another number begins a new one. Returns
 * its index + 1. */
static size_t find_way(struct redactor *r, const struct packet *packet)
{
    uint16_t ports[2] = {packet->sport, packet->dport};
    uint64_t hash = map_hash(
        map_hash(map_hash(MAP_SEED, (struct bytes){packet->src.octet, sizeof(packet->src.octet)}),
                 (struct bytes){packet->dst.octet, sizeof(packet->dst.octet)}),
        (struct bytes){(const uint8_t *)ports, sizeof(ports)});
    bool syn = (packet->flags & TCP_SYN) != 0;
    uint32_t seq = packet->seq + syn;
    int64_t index;
    size_t at = 0;
    struct way *way;

    while (map_next(&r->by_ends, hash, &at, &index)) {
        way = &r->ways[index];
        if (same_ends(way, packet) && (!syn || (way->from_syn && way->base == seq)))
            return (size_t)index + 1;
        if (same_ends(way, packet))
            break;
    }
    r->ways = grown(r->ways, r->num_ways, &r->ways_room, sizeof(*r->ways));
    r->ways[r->num_ways] = (struct way){.src = packet->src,
                                        .dst = packet->dst,
                                        .sport = packet->sport,
                                        .dport = packet->dport,
                                        .from_syn = syn,
                                        .base = seq,
                                        .last_seq = seq};
    map_add(&r->by_ends, hash, (int64_t)r->num_ways);
    return ++r->num_ways;
}

static struct unit *add_unit(struct redactor *r, int64_t frame, struct bytes payload)
{
    struct unit *unit;

    r->units = grown(r->units, r->num_units, &r->units_room, sizeof(*r->units));
    unit = &r->units[r->num_units];
    *unit = (struct unit){
        .order = r->num_units, .frame = frame, .data = r->store.len, .len = payload.len};
    r->num_units++;
    text_put_bytes(&r->store, payload);
    return unit;
}

/* The fragment of that frame has found its datagram. Frames ascend. */
static void stop_waiting(struct redactor *r, int64_t frame)
{
    size_t low = 0, high = r->num_waiting;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (r->waiting[middle].frame < frame)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < r->num_waiting && r->waiting[low].frame == frame; low++)
        r->waiting[low].done = true;
}

static void keep_pieces(struct redactor *r, struct unit *unit, const struct packet_pieces *pieces)
{
    size_t i;

    unit->pieces = r->num_pieces;
    unit->num_pieces = pieces->num;
    for (i = 0; i < pieces->num; i++) {
        r->pieces = grown(r->pieces, r->num_pieces, &r->pieces_room, sizeof(*r->pieces));
        r->pieces[r->num_pieces++] = pieces->at[i];
        stop_waiting(r, pieces->at[i].frame);
    }
}

static void keep_waiting(struct redactor *r, const struct packet_piece *piece)
{
    r->waiting = grown(r->waiting, r->num_waiting, &r->waiting_room, sizeof(*r->waiting));
    r->waiting[r->num_waiting++] = (struct waiting){piece->frame, piece->at, piece->len, false};
}

static void take_tcp(struct redactor *r, struct unit *unit, const struct packet *packet)
{
    struct way *way;
    uint32_t seq = packet->seq + ((packet->flags & TCP_SYN) != 0);

    unit->way = find_way(r, packet);
    way = &r->ways[unit->way - 1];
    unit->offset = way->last_offset + (int32_t)(seq - way->last_seq);
    way->last_offset = unit->offset;
    way->last_seq = seq;
}

static void take_packet(struct redactor *r, const struct frame *frame, const struct packet *packet,
                        const struct packet_pieces *pieces)
{
    bool whole = pieces->datagram.len == 0;
    const uint8_t *base = whole ? frame->data.at : pieces->datagram.at, *sum;
    struct unit *unit = add_unit(r, frame->number, packet->payload);

    unit->at = (size_t)(packet->payload.at - base);
    unit->transport = packet->transport;
    if (packet->pdu == NULL && packet->header_len > 0) {
        sum = packet->payload.at - packet->header_len +
              (packet->transport == TCP ? TCP_SUM : UDP_SUM);
        unit->header_len = packet->header_len;
        unit->sum = (uint16_t)(sum[0] << 8 | sum[1]);
    }
    if (!whole)
        keep_pieces(r, unit, pieces);
    if (packet->transport == TCP && packet->pdu == NULL)
        take_tcp(r, unit, packet);
}

bool redactor_frame(struct redactor *r, const struct frame *frame, const struct packet *packet,
                    const struct packet_pieces *pieces)
{
    if (packet != NULL && packet->payload.len > 0)
        take_packet(r, frame, packet, pieces);
    else if (packet != NULL && packet->transport == TCP && (packet->flags & TCP_SYN) != 0)
        (void)find_way(r, packet);
    else if (packet == NULL && pieces->datagram.len > 0)
        keep_pieces(r, add_unit(r, frame->number, pieces->datagram), pieces);
    else if (packet == NULL && pieces->num > 0)
        keep_waiting(r, &pieces->at[0]);
    else if (packet == NULL && frame->data.len > 0)
        add_unit(r, frame->number, frame->data); /* perhaps a packet within an ICMP error */
    return r->store.len <= LIMIT_REDACT_BYTES;
}

bool redactor_has(struct redactor *r, int64_t frame)
{
    return patches_have(&r->patches, frame);
}

void redactor_apply(struct redactor *r, int64_t frame, uint8_t *data, size_t frame_len)
{
    patches_apply(&r->patches, frame, data, frame_len);
}

const struct scan_counts *redactor_counts(const struct redactor *r)
{
    return &r->counts;
}

void redactor_close(struct redactor *r)
{
    if (r == NULL)
        return;
    memory_drop(r->units);
    memory_drop(r->ways);
    memory_drop(r->pieces);
    memory_drop(r->waiting);
    map_clear(&r->by_ends);
    text_clear(&r->store);
    patches_clear(&r->patches);
    memory_drop(r);
}
