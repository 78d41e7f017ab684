/* SPDX-License-Identifier: MIT */
/* Payloads are kept with their places; at the end each direction of a connection is put in order
 * and scanned as a whole, and what changed goes back to every frame that holds a copy of it. */
#include "rewrite/redact.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/memory.h"
#include "rewrite/patch.h"

enum { TCP = 6, UDP = 17, TCP_SUM = 16, UDP_SUM = 6 };

/* One payload. */
struct unit {
    size_t way;     /* of redactor.ways + 1; 0: stands by itself */
    int64_t offset; /* in the stream of the way */
    size_t order;
    int64_t frame;
    size_t at;        /* of the payload in the frame's data or, with pieces, in the datagram */
    size_t data, len; /* in redactor.store */
    size_t pieces, num_pieces;
    size_t header_len; /* of TCP or UDP right before it; 0: no checksum to mend */
    uint16_t sum;
    uint8_t transport;
};

/* One direction of a connection. */
struct way {
    struct address src, dst;
    uint16_t sport, dport;
    bool from_syn;
    uint32_t base, last_seq;
    int64_t last_offset;
};

/* A fragment whose datagram is not complete. */
struct waiting {
    int64_t frame;
    size_t at, len;
    bool done;
};

struct redactor {
    struct unit *units;
    size_t num_units, units_room;
    struct way *ways;
    size_t num_ways, ways_room;
    struct map by_ends;
    struct packet_piece *pieces;
    size_t num_pieces, pieces_room;
    struct waiting *waiting;
    size_t num_waiting, waiting_room;
    struct text store;
    struct patches patches;
    struct scan_counts counts;
    bool unreachable;
};

struct redactor *redactor_open(void)
{
    return memory_take(1, sizeof(struct redactor));
}

/* Room for one more. */
static void *grown(void *at, size_t num, size_t *room, size_t size)
{
    if (num < *room)
        return at;
    *room = *room == 0 ? 64 : *room * 2;
    return memory_grow(at, *room, size);
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

static void keep_pieces(struct redactor *r, struct unit *unit, const struct packet_pieces *pieces)
{
    size_t i, k;

    unit->pieces = r->num_pieces;
    unit->num_pieces = pieces->num;
    for (i = 0; i < pieces->num; i++) {
        r->pieces = grown(r->pieces, r->num_pieces, &r->pieces_room, sizeof(*r->pieces));
        r->pieces[r->num_pieces++] = pieces->at[i];
        for (k = r->num_waiting; k > 0; k--)
            if (r->waiting[k - 1].frame == pieces->at[i].frame)
                r->waiting[k - 1].done = true;
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

/* ---- what changed goes back to the frames ---- */

/* Octets of the frame or the datagram that the unit stands in. */
static void put(struct redactor *r, const struct unit *unit, size_t at, struct bytes bytes)
{
    size_t i;

    if (unit->num_pieces == 0)
        patches_add(&r->patches, unit->frame, at, bytes);
    for (i = unit->pieces; i < unit->pieces + unit->num_pieces; i++) {
        const struct packet_piece *piece = &r->pieces[i];
        size_t from = at > piece->offset ? at : piece->offset;
        size_t to = size_min(at + bytes.len, piece->offset + piece->len);

        if (from >= to)
            continue;
        if (piece->at == SIZE_MAX)
            r->unreachable = true;
        else
            patches_add(&r->patches, piece->frame, piece->at + (from - piece->offset),
                        (struct bytes){bytes.at + (from - at), to - from});
    }
}

/* `now`: the unit's payload as it is to be. */
static void put_unit(struct redactor *r, const struct unit *unit, const uint8_t *now)
{
    const uint8_t *was = (const uint8_t *)r->store.at + unit->data;
    size_t from = 0, to = unit->len;
    uint8_t octets[2];
    uint16_t sum;

    while (from < to && was[from] == now[from])
        from++;
    while (to > from && was[to - 1] == now[to - 1])
        to--;
    if (from == to)
        return;
    put(r, unit, unit->at + from, (struct bytes){now + from, to - from});
    if (unit->header_len == 0 || (unit->transport == UDP && unit->sum == 0))
        return;
    sum = checksum_mend(unit->sum, (struct bytes){was, unit->len}, (struct bytes){now, unit->len});
    if (sum == 0 && unit->transport == UDP)
        sum = 0xFFFF; /* RFC 768: 0 says that there is none */
    octets[0] = (uint8_t)(sum >> 8);
    octets[1] = (uint8_t)sum;
    put(r, unit, unit->at - unit->header_len + (unit->transport == TCP ? TCP_SUM : UDP_SUM),
        (struct bytes){octets, 2});
}

static void scan_alone(struct redactor *r, const struct unit *unit, uint8_t *now, bool headless)
{
    struct scan scan = {.at = now, .len = unit->len, .headless = headless, .counts = &r->counts};

    scan_run(&scan);
}

static void finish_single(struct redactor *r, const struct unit *unit)
{
    uint8_t *now = memory_take(unit->len, 1);

    memcpy(now, r->store.at + unit->data, unit->len);
    scan_alone(r, unit, now, false);
    put_unit(r, unit, now);
    memory_drop(now);
}

/* ---- one direction ---- */

/* Units [first, last) that stand close enough to be looked at together. */
struct stretch {
    size_t first, last;
    int64_t begin;
    size_t len;
    uint8_t *was, *now;
    struct scan_hole *holes;
    size_t num_holes, holes_room;
};

static void find_stretch(const struct redactor *r, struct stretch *s, size_t end)
{
    int64_t to = r->units[s->first].offset;

    s->begin = to;
    for (s->last = s->first; s->last < end; s->last++) {
        const struct unit *unit = &r->units[s->last];
        int64_t unit_end = unit->offset + (int64_t)unit->len;

        if (unit->offset - to > (int64_t)LIMIT_REDACT_GAP ||
            (s->last > s->first && unit_end - s->begin > (int64_t)LIMIT_REDACT_RUN))
            break;
        if (unit_end > to)
            to = unit_end;
    }
    s->len = (size_t)(to - s->begin);
}

static void fill(const struct redactor *r, struct stretch *s)
{
    size_t i, have = 0;

    for (i = s->first; i < s->last; i++) {
        const struct unit *unit = &r->units[i];
        size_t at = (size_t)(unit->offset - s->begin), known = have > at ? have - at : 0;

        if (at > have) {
            s->holes = grown(s->holes, s->num_holes, &s->holes_room, sizeof(*s->holes));
            s->holes[s->num_holes++] = (struct scan_hole){have, at};
        }
        if (known >= unit->len)
            continue;
        memcpy(s->was + at + known, r->store.at + unit->data + known, unit->len - known);
        have = at + unit->len;
    }
    memcpy(s->now, s->was, s->len);
}

/* A copy of what was sent twice may differ: it keeps its own octets where nothing was found. */
static void put_back(struct redactor *r, const struct stretch *s, const struct unit *unit)
{
    const uint8_t *was = s->was + (unit->offset - s->begin);
    const uint8_t *now = s->now + (unit->offset - s->begin);
    uint8_t *own = memory_take(unit->len, 1);
    size_t i;

    memcpy(own, r->store.at + unit->data, unit->len);
    if (memcmp(own, was, unit->len) != 0)
        scan_alone(r, unit, own, true);
    for (i = 0; i < unit->len; i++)
        if (was[i] != now[i])
            own[i] = now[i];
    put_unit(r, unit, own);
    memory_drop(own);
}

/* Returns how many octets behind its end belong to a secret in it. `wiped`: how many at its start
 * belong to one of the stretch before. */
static size_t finish_stretch(struct redactor *r, struct stretch *s, size_t wiped)
{
    struct scan scan = {.len = s->len, .counts = &r->counts};
    const struct way *way = &r->ways[r->units[s->first].way - 1];
    size_t i;

    s->was = memory_take(s->len, 1);
    s->now = memory_take(s->len, 1);
    fill(r, s);
    memset(s->now, 0, size_min(wiped, s->len));
    scan.at = s->now;
    scan.holes = s->holes;
    scan.num_holes = s->num_holes;
    scan.headless = !way->from_syn || s->begin > 0;
    scan_run(&scan);
    for (i = s->first; i < s->last; i++)
        put_back(r, s, &r->units[i]);
    memory_drop(s->was);
    memory_drop(s->now);
    memory_drop(s->holes);
    return wiped > s->len + scan.overrun ? wiped - s->len : scan.overrun;
}

static void finish_way(struct redactor *r, size_t first, size_t end)
{
    int64_t reached = INT64_MIN; /* where the secret that was begun last ends */

    while (first < end) {
        struct stretch s = {.first = first};
        size_t over;

        find_stretch(r, &s, end);
        over = finish_stretch(r, &s, reached > s.begin ? (size_t)(reached - s.begin) : 0);
        reached = s.begin + (int64_t)(s.len + over);
        first = s.last;
    }
}

static int compare_units(const void *a, const void *b)
{
    const struct unit *x = a, *y = b;

    if (x->way != y->way)
        return x->way < y->way ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* A fragment alone may be any part of a ticket. */
static void finish_waiting(struct redactor *r)
{
    uint8_t *zeros = memory_take(LIMIT_FRAME_BYTES, 1);
    size_t i;

    for (i = 0; i < r->num_waiting; i++) {
        const struct waiting *w = &r->waiting[i];

        if (w->done)
            continue;
        if (w->at == SIZE_MAX)
            r->unreachable = true;
        else
            patches_add(&r->patches, w->frame, w->at,
                        (struct bytes){zeros, size_min(w->len, LIMIT_FRAME_BYTES)});
        r->counts.zeroed++;
    }
    memory_drop(zeros);
}

bool redactor_finish(struct redactor *r)
{
    size_t i, k;

    if (r->num_units > 0)
        qsort(r->units, r->num_units, sizeof(*r->units), compare_units);
    for (i = 0; i < r->num_units; i = k) {
        k = i + 1;
        if (r->units[i].way == 0) {
            finish_single(r, &r->units[i]);
            continue;
        }
        while (k < r->num_units && r->units[k].way == r->units[i].way)
            k++;
        finish_way(r, i, k);
    }
    finish_waiting(r);
    patches_sort(&r->patches);
    return !r->unreachable;
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
