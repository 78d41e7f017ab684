/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "base/memory.h"
#include "flow/passing.h"

enum { CACHED_PAIRS = 1024 }; /* so few stay in the cache anyway */

struct flow_table *flow_table_open(const struct flow_events *events)
{
    struct flow_table *t = memory_take(1, sizeof(*t));
    const struct flow_limits limits = {LIMIT_FLOWS, LIMIT_CONNECTIONS, LIMIT_STREAM_BYTES,
                                       LIMIT_STREAM_RANGES, LIMIT_REASSEMBLY_BYTES};

    t->events = *events;
    t->limits = limits;
    pairs_init(&t->pairs, limits.flows);
    return t;
}

void flow_table_limit(struct flow_table *t, const struct flow_limits *limits)
{
    t->limits = *limits;
    pairs_limit(&t->pairs, limits->flows);
}

void flow_table_limit_memory(struct flow_table *t, size_t reassembly_bytes)
{
    t->limits.reassembly_bytes = reassembly_bytes;
    t->limits.stream_bytes = size_min(t->limits.stream_bytes, reassembly_bytes);
}

/* ---- Pairs ---- */

static void let_go(struct flow_table *t, struct pair *pair)
{
    if (t->evicted++ == 0)
        t->evicted_at = t->now.frame;
    connection_end_pair(t, pair, false, NULL);
}

static void make_room(struct flow_table *t)
{
    struct pair *victim = pairs_victim(&t->pairs);

    if (victim->state == PAIR_WAITING || victim->state == PAIR_ACTIVE)
        let_go(t, victim);
    if (t->last == victim)
        t->last = NULL;
    pairs_remove(&t->pairs, victim);
}

static void activate(struct flow_table *t, struct pair *pair)
{
    if (t->active >= t->limits.connections)
        let_go(t, pairs_idle_active(&t->pairs));
    connection_begin(t, pair);
}

/* Without a SYN the client is who has the higher port, else who sent first. */
static bool opener_of(const struct packet *p, int end)
{
    bool sender = p->transport == 6 && (p->flags & TCP_SYN) != 0 ? (p->flags & TCP_ACK) == 0
                                                                 : p->sport >= p->dport;

    return sender ? end : !end;
}

static void begin(struct flow_table *t, struct pair *pair, const struct packet *p, int end)
{
    pair->state = p->transport == 17 ? PAIR_UDP : PAIR_WAITING;
    pair->opener = opener_of(p, end);
    pair->start[0] = pair->start[1] = START_UNKNOWN;
    pair->fin = 0;
    pair->answered = false;
    pair->id = ++t->last_id;
    pair->first_frame = p->frame;
    pair->first_ns = p->time_ns;
}

static inline void locate(const struct flow_table *t, const struct packet *p, uint8_t transport,
                          struct flow_place *out)
{
    out->end = pair_key_init(&t->pairs, &out->key, transport, &p->src, p->sport, &p->dst, p->dport);
    out->hash = pairs_hash(&t->pairs, out->key.end);
}

/* A pair that is not the last packet's, made when new. */
static __attribute__((noinline)) struct pair *seek(struct flow_table *t, const struct packet *p,
                                                   const struct flow_place *place)
{
    struct pair *pair = pairs_find(&t->pairs, &place->key, place->hash);

    if (pair == NULL) {
        t->now = (struct arrival){p->frame, p->time_ns};
        if (pairs_full(&t->pairs))
            make_room(t);
        pair = pairs_add(&t->pairs, &place->key, place->hash);
        begin(t, pair, p, place->end);
    }
    t->last = pair;
    return pair;
}

/* The pair of a packet; *out_side is the sender's. */
static inline struct pair *pair_at(struct flow_table *t, const struct packet *p,
                                   const struct flow_place *place, int *out_side)
{
    struct pair *pair = t->last;

    if (pair == NULL || !pair_is(&t->pairs, pair, &place->key))
        pair = seek(t, p, place);
    t->now = (struct arrival){p->frame, p->time_ns};
    pair->last_frame = (uint32_t)p->frame;
    *out_side = place->end != pair->opener;
    return pair;
}

static struct pair *pair_of_packet(struct flow_table *t, const struct packet *p, uint8_t transport,
                                   int *out_side)
{
    struct flow_place place;

    locate(t, p, transport, &place);
    return pair_at(t, p, &place, out_side);
}

/* ---- TCP ---- */

/* Whether a SYN belongs to the connection that is known. */
static bool same_connection(const struct pair *pair, int side, uint32_t seq)
{
    int32_t behind;

    if (pair->start[side] == START_UNKNOWN)
        return pair->state == PAIR_WAITING || pair->state == PAIR_ACTIVE;
    behind = (int32_t)(pair->first_seq[side] - (seq + 1));
    if (pair->start[side] == START_SYN)
        return behind == 0;
    return behind >= -1 && behind < 0x10000; /* a SYN behind the data that followed it */
}

/* Begins a new connection on the pair when the SYN says so. */
static void take_syn(struct flow_table *t, struct pair *pair, const struct packet *p, int *side)
{
    int end = *side == 0 ? pair->opener : !pair->opener;
    bool same = same_connection(pair, *side, p->seq);

    if (!same && pair->state != PAIR_WAITING) {
        connection_end_pair(t, pair, false, NULL);
        begin(t, pair, p, end);
        *side = end != pair->opener;
    } else if (pair->state == PAIR_WAITING && pair->start[0] != START_SYN) {
        pair->opener = opener_of(p, end); /* the SYN knows better than the ports */
        if (*side != (end != pair->opener)) {
            pair->start[0] = pair->start[1] = START_UNKNOWN;
            *side = end != pair->opener;
        }
    }
    if (pair->state == PAIR_WAITING || same) {
        pair->first_seq[*side] = p->seq + 1;
        pair->start[*side] = START_SYN;
    }
    pair->answered |= (p->flags & TCP_ACK) != 0;
    if (pair->state == PAIR_ACTIVE) {
        pair->conn->flow.saw_syn |= pair->start[0] == START_SYN;
        pair->conn->flow.saw_syn_ack |= pair->answered;
    }
}

/* Learns where the sides' streams begin; false for a keep-alive, whose byte means nothing. */
static bool note_start(struct pair *pair, const struct packet *p, int side)
{
    bool one = p->payload.len + p->missing == 1;

    if (pair->start[1 - side] == START_UNKNOWN && (p->flags & TCP_ACK) != 0) {
        pair->start[1 - side] = START_GUESSED;
        pair->first_seq[1 - side] = p->ack;
    }
    if (pair->start[side] >= START_SEEN)
        return true;
    if (one && pair->start[side] == START_UNKNOWN && p->payload.len == 1 && p->payload.at[0] == 0) {
        pair->start[side] = START_GUESSED;
        pair->first_seq[side] = p->seq + 1;
    }
    if (one && pair->first_seq[side] == p->seq + 1)
        return false;
    pair->start[side] = START_SEEN;
    pair->first_seq[side] = p->seq;
    return true;
}

/* A RST is believed when it fits: a forged or stale one must not end the connection. */
static bool believable(const struct pair *pair, const struct packet *p, int side, bool refusal)
{
    if (pair->state == PAIR_ACTIVE)
        return connection_in_window(pair->conn, side, p->seq);
    if (refusal) /* its sequence number is 0; it acknowledges the SYN (RFC 9293, section 3.10.7.1)
                  */
        return (p->flags & TCP_ACK) == 0 || p->ack - pair->first_seq[0] <= 0xFFFF;
    return pair->start[side] < START_SEEN || p->seq - pair->first_seq[side] + 0x10000 <= 0x20000;
}

static void take_rst(struct flow_table *t, struct pair *pair, const struct packet *p, int side)
{
    bool refusal =
        pair->start[0] == START_SYN && !pair->answered && side == 1 && pair->start[1] < START_SEEN;

    if (believable(pair, p, side, refusal))
        connection_end_pair(t, pair, true, refusal ? "refused" : "reset");
}

static void take_rest(struct flow_table *t, struct pair *pair, const struct packet *p, int side)
{
    bool syn = (p->flags & TCP_SYN) != 0, fin = (p->flags & TCP_FIN) != 0;
    bool has_data = p->payload.len + p->missing > 0;

    if (!note_start(pair, p, side))
        has_data = false;
    if (pair->state == PAIR_WAITING) {
        bool ahead = fin && p->seq + syn != pair->first_seq[side]; /* of data not seen yet */

        if (fin && !has_data && !ahead)
            pair->fin |= side == 0 ? 1 : 2;
        if (pair->fin == 3) {
            connection_end_pair(t, pair, true, "closed");
            return;
        }
        if (!has_data && !ahead)
            return;
        activate(t, pair);
    }
    if (!connection_pass(t, pair->conn, p, side, p->seq + syn, has_data))
        connection_take(t, pair->conn, p, side, p->seq + syn, has_data);
}

void flow_table_locate(const struct flow_table *t, const struct packet *packets, size_t num,
                       struct flow_place *out)
{
    size_t i;

    for (i = 0; i < num; i++)
        locate(t, &packets[i], packets[i].transport, &out[i]);
    if (t->pairs.made < CACHED_PAIRS)
        return;
    for (i = 0; i < num; i++)
        pairs_fetch_slot(&t->pairs, out[i].hash);
    for (i = 0; i < num; i++)
        pairs_fetch(&t->pairs, out[i].hash);
}

static __attribute__((noinline)) void take_any(struct flow_table *t, struct pair *pair,
                                               const struct packet *p, int side)
{
    if ((p->flags & TCP_SYN) != 0 && (p->flags & TCP_RST) == 0)
        take_syn(t, pair, p, &side);
    if (pair->state != PAIR_WAITING && pair->state != PAIR_ACTIVE)
        return;
    if ((p->flags & TCP_RST) != 0)
        take_rst(t, pair, p, side);
    else
        take_rest(t, pair, p, side);
}

/* Whether take_any comes to nothing more than the connection: no flag that says anything, and the
 * sides' streams have their beginnings. */
static inline bool is_plain(const struct pair *pair, const struct packet *p, int side)
{
    return (p->flags & (TCP_SYN | TCP_RST | TCP_FIN)) == 0 &&
           (pair->state > PAIR_ACTIVE ||
            (pair->state == PAIR_ACTIVE && pair->start[side] >= START_SEEN &&
             pair->start[1 - side] != START_UNKNOWN));
}

void flow_table_tcp_at(struct flow_table *t, const struct packet *p, const struct flow_place *place)
{
    int side;
    struct pair *pair = pair_at(t, p, place, &side);

    if (is_plain(pair, p, side)) {
        bool has_data = p->payload.len + p->missing > 0;

        if (pair->state != PAIR_ACTIVE || connection_pass(t, pair->conn, p, side, p->seq, has_data))
            return;
        connection_take(t, pair->conn, p, side, p->seq, has_data);
    } else {
        take_any(t, pair, p, side);
    }
    if (t->used > t->limits.reassembly_bytes)
        connection_relieve(t);
}

void flow_table_tcp(struct flow_table *t, const struct packet *p)
{
    struct flow_place place;

    locate(t, p, 6, &place);
    flow_table_tcp_at(t, p, &place);
}

struct flow *flow_table_udp(struct flow_table *t, const struct packet *p, int *out_side)
{
    struct pair *pair = pair_of_packet(t, p, 17, out_side);

    pairs_spent(&t->pairs, pair);
    flow_of_pair(&t->udp, &t->pairs, pair);
    flow_of_packet(&t->udp, p);
    t->udp.transport = p->transport;
    flow_set_mac(&t->udp, p->has_mac ? p->src_mac : NULL);
    return &t->udp;
}

void flow_table_pdu(struct flow_table *t, const struct packet *p)
{
    int side;
    struct pair *pair = pair_of_packet(t, p, 6, &side);

    if (address_equal(&p->src, &p->dst) && p->sport == p->dport)
        side = p->pdu_from_server;
    if (pair->state == PAIR_WAITING)
        activate(t, pair);
    if (pair->state == PAIR_ACTIVE)
        connection_pdu(t, pair->conn, p, side);
    connection_relieve(t);
}

void flow_table_finish(struct flow_table *t)
{
    size_t num, i;
    struct pair **all = pairs_in_order(&t->pairs, PAIR_WAITING, PAIR_ACTIVE, &num);

    for (i = 0; i < num; i++)
        connection_end_pair(t, all[i], false, NULL);
    memory_drop(all);
    if (t->evicted > 0)
        connection_tell_evicted(t);
    t->evicted = 0;
}

size_t flow_table_memory(const struct flow_table *t, size_t *out_peak)
{
    if (out_peak != NULL)
        *out_peak = t->peak;
    return t->used;
}

void flow_table_close(struct flow_table *t)
{
    if (t == NULL)
        return;
    flow_table_finish(t);
    pairs_clear(&t->pairs);
    spares_clear(&t->connections);
    spares_clear(&t->streams);
    memory_drop(t);
}
