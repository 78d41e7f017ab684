/* SPDX-License-Identifier: MIT */
#include "flow/passing.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"

/* A RST is believed this far around what is expected; more ahead, because the capture may have lost
 * what was before it. */
#define RST_BEHIND (INT64_C(1) << 20)
#define RST_AHEAD  (INT64_C(1) << 24)

/* ---- The user's view ---- */

void flow_of_pair(struct flow *out, const struct pairs *pairs, const struct pair *pair)
{
    int side;

    memset(out, 0, sizeof(*out));
    out->id = pair->id;
    out->transport = pair_transport(pair);
    for (side = 0; side < 2; side++) {
        int end = side == 0 ? pair->opener : !pair->opener;

        out->address[side].family = pair_family(pair);
        pair_octets(pairs, pair, end, out->address[side].octet);
        out->port[side] = pair_port(pair, end);
    }
    out->saw_syn = pair->start[0] == START_SYN;
    out->saw_syn_ack = pair->answered;
    out->pid = -1;
    out->first_frame = out->frame = pair->first_frame;
    out->first_ns = out->time_ns = pair->first_ns;
}

void flow_set_mac(struct flow *flow, const uint8_t *mac)
{
    static const char digits[] = "0123456789abcdef";
    char *text = flow->src_mac_text;
    size_t i;

    if (mac == NULL || (flow->has_mac && memcmp(flow->src_mac, mac, sizeof(flow->src_mac)) == 0)) {
        flow->has_mac = mac != NULL;
        return;
    }
    memcpy(flow->src_mac, mac, sizeof(flow->src_mac));
    flow->has_mac = true;
    for (i = 0; i < sizeof(flow->src_mac); i++) {
        *text++ = digits[mac[i] >> 4];
        *text++ = digits[mac[i] & 0xF];
        *text++ = ':';
    }
    text[-1] = '\0';
}

/* The user pointer of stream_io: one direction of one connection. */
struct direction {
    struct flow_table *table;
    struct connection *conn;
    int side;
};

static size_t hand_over(void *user, const struct segment *segment)
{
    const struct direction *d = user;
    struct connection *conn = d->conn;
    const bool claimed = conn->flow.claimed;
    size_t taken;

    flow_set_mac(&conn->flow, conn->has_mac[d->side] ? conn->mac[d->side] : NULL);
    taken = d->table->events.data(d->table->events.user, &conn->flow, d->side, segment);
    if (!claimed && conn->flow.claimed && conn->stream[1 - d->side] != NULL)
        stream_resume(conn->stream[1 - d->side]);
    return taken;
}

static const struct {
    const char *code, *what;
} complaints[] = {
    {"stream-gap", "are not in the capture, before this frame"},
    {"differing-retransmission", "came again with other content; the first copy is used"},
    {"limit-stream", "were waiting and are given up: more than one direction may hold"},
    {"limit-reassembly", "were waiting and are given up: more than all connections may hold"},
};

static void complain(void *user, const char *code, int64_t frame, uint64_t offset, uint64_t len)
{
    const struct direction *d = user;
    const struct flow *flow = &d->conn->flow;
    char from[ADDRESS_TEXT_ROOM], to[ADDRESS_TEXT_ROOM], message[320];
    size_t i;

    if (!flow->claimed || d->table->events.problem == NULL)
        return;
    for (i = 0; strcmp(complaints[i].code, code) != 0;)
        i++;
    snprintf(message, sizeof(message), "%" PRIu64 " bytes from %s port %u to %s port %u %s", len,
             address_text(&flow->address[d->side], from), flow->port[d->side],
             address_text(&flow->address[1 - d->side], to), flow->port[1 - d->side],
             complaints[i].what);
    d->table->events.problem(d->table->events.user, code, frame, (int64_t)offset, message);
}

static struct stream_io io_of(struct direction *d, bool arrived)
{
    return (struct stream_io){.user = d,
                              .data = hand_over,
                              .problem = complain,
                              .now = {d->conn->flow.frame, d->conn->flow.time_ns},
                              .arrived = arrived,
                              .remember = &d->conn->flow.claimed,
                              .limit_bytes = d->table->limits.stream_bytes,
                              .limit_ranges = d->table->limits.stream_ranges};
}

/* ---- Memory ---- */

static void unlink_stream(struct flow_table *t, struct stream *s)
{
    *(s->older != NULL ? &s->older->newer : &t->oldest) = s->newer;
    *(s->newer != NULL ? &s->newer->older : &t->newest) = s->older;
    s->older = s->newer = NULL;
}

/* After anything was done with a stream. */
static void account(struct flow_table *t, struct stream *s)
{
    size_t now = stream_memory(s), before = s->held;

    if (now == before)
        return;
    t->used = t->used - before + now;
    t->peak = t->used > t->peak ? t->used : t->peak;
    s->held = now;
    if (before > 0 && (now == 0 || now > before))
        unlink_stream(t, s);
    if (now > before) {
        s->older = t->newest;
        *(t->newest != NULL ? &t->newest->newer : &t->oldest) = s;
        t->newest = s;
    }
}

/* ---- Beginning and end ---- */

static struct stream *make_stream(struct flow_table *t, struct connection *conn, int side,
                                  uint32_t base, bool exact)
{
    struct stream *s = spares_take(&t->streams, sizeof(*s));

    stream_init(s, base, exact);
    s->owner = conn;
    s->last = (struct arrival){conn->flow.frame, conn->flow.time_ns};
    conn->stream[side] = s;
    return s;
}

void connection_begin(struct flow_table *t, struct pair *pair)
{
    struct connection *conn = spares_take(&t->connections, sizeof(*conn));
    int side;

    t->active++;
    flow_of_pair(&conn->flow, &t->pairs, pair);
    conn->pair = pair;
    for (side = 0; side < 2; side++)
        if ((pair->fin >> side & 1) != 0)
            make_stream(t, conn, side, pair->first_seq[side], true)->over = true;
    pair->state = PAIR_ACTIVE;
    pair->conn = conn;
}

static void retire(struct flow_table *t, struct pair *pair, struct flow *flow,
                   enum pair_state state, const char *what)
{
    if (what == NULL)
        what = flow->saw_syn && !flow->saw_syn_ack && pair->start[1] < START_SEEN ? "unanswered"
                                                                                  : "opened";
    if (t->events.closed != NULL)
        t->events.closed(t->events.user, flow, what);
    pair->state = (uint8_t)state;
    pairs_spent(&t->pairs, pair);
}

static void drop(struct flow_table *t, struct connection *conn, enum pair_state state,
                 const char *what)
{
    struct pair *pair = conn->pair;
    int side;

    for (side = 0; side < 2; side++) {
        struct stream *s = conn->stream[side];

        if (s == NULL)
            continue;
        conn->flow.stream_bytes[side] = s->end;
        stream_clear(s);
        account(t, s);
        spares_give(&t->streams, s);
        conn->stream[side] = NULL;
    }
    retire(t, pair, &conn->flow, state, what);
    spares_give(&t->connections, conn);
    t->active--;
}

/* Whether the connection goes on; otherwise it is gone. */
static bool goes_on(struct flow_table *t, struct connection *conn)
{
    const struct stream *a = conn->stream[0], *b = conn->stream[1];

    if ((a != NULL && a->ignored) || (b != NULL && b->ignored))
        drop(t, conn, PAIR_IGNORED, NULL);
    else if (a != NULL && b != NULL && a->over && b->over)
        drop(t, conn, PAIR_CLOSED, "closed");
    else
        return true;
    return false;
}

static bool is_finished(const struct stream *s)
{
    return s != NULL && (s->has_fin || s->over);
}

static void end_connection(struct flow_table *t, struct connection *conn, bool arrived,
                           const char *what)
{
    bool ignored = false;
    int side;

    /* Both FINs came, and in front of one of them something is missing. */
    if (what == NULL && is_finished(conn->stream[0]) && is_finished(conn->stream[1]))
        what = "closed";
    for (side = 0; side < 2 && !ignored; side++) {
        struct direction d = {t, conn, side};
        struct stream_io io = io_of(&d, arrived);
        struct stream *s = conn->stream[side];

        if (s == NULL || s->over)
            continue;
        conn->flow.stream_bytes[side] = s->end;
        stream_finish(s, &io);
        account(t, s);
        ignored = s->ignored;
    }
    drop(t, conn, PAIR_CLOSED, what);
}

void connection_end_pair(struct flow_table *t, struct pair *pair, bool arrived, const char *what)
{
    struct flow flow;

    if (pair->state == PAIR_ACTIVE) {
        if (arrived) {
            pair->conn->flow.frame = t->now.frame;
            pair->conn->flow.time_ns = t->now.time_ns;
        }
        end_connection(t, pair->conn, arrived, what);
    } else if (pair->state == PAIR_WAITING) {
        flow_of_pair(&flow, &t->pairs, pair);
        if (arrived) {
            flow.frame = t->now.frame;
            flow.time_ns = t->now.time_ns;
        }
        retire(t, pair, &flow, PAIR_CLOSED, what);
    }
}

/* ---- Packets ---- */

static void push(struct flow_table *t, struct connection *conn, const struct packet *p, int side,
                 uint32_t seq, bool has_data)
{
    struct direction d = {t, conn, side};
    struct stream_io io = io_of(&d, true);
    size_t total = has_data ? p->payload.len + p->missing : 0;
    bool fin = (p->flags & TCP_FIN) != 0;
    struct stream *s = conn->stream[side];

    if (s == NULL) {
        const struct pair *pair = conn->pair;
        bool exact = pair->start[side] == START_SYN;
        uint32_t base = pair->first_seq[side];

        if (total == 0 && !fin)
            return;
        /* The packet that showed the number may have been a keep-alive: one less than the next. */
        if (pair->start[side] == START_SEEN && seq == base + 1)
            base = seq;
        s = make_stream(t, conn, side, base, exact);
    }
    if (total > 0)
        stream_push(s, &io, seq, p->payload, p->missing);
    if (fin)
        stream_fin(s, &io, seq + (uint32_t)(p->payload.len + p->missing));
    conn->flow.stream_bytes[side] = s->end;
    account(t, s);
}

static void tick(struct flow_table *t, struct connection *conn, int side)
{
    struct stream *s = conn->stream[side];
    struct direction d = {t, conn, side};
    struct stream_io io;

    if (s == NULL || !s->waiting)
        return;
    io = io_of(&d, true);
    stream_tick(s, &io);
    account(t, s);
}

void connection_take(struct flow_table *t, struct connection *conn, const struct packet *p,
                     int side, uint32_t seq, bool has_data)
{
    int i;

    push(t, conn, p, side, seq, has_data);
    for (i = 0; i < 2 && goes_on(t, conn); i++)
        tick(t, conn, i);
    if (i == 2)
        (void)goes_on(t, conn);
}

void connection_pdu(struct flow_table *t, struct connection *conn, const struct packet *p, int side)
{
    struct direction d = {t, conn, side};
    struct stream_io io;
    struct stream *s = conn->stream[side];

    connection_see(conn, p, side);
    io = io_of(&d, true);
    if (s == NULL)
        s = make_stream(t, conn, side, 0, true);
    stream_append(s, &io, p->payload, p->missing);
    conn->flow.stream_bytes[side] = s->end;
    account(t, s);
    (void)goes_on(t, conn);
}

bool connection_in_window(const struct connection *conn, int side, uint32_t seq)
{
    const struct stream *s = conn->stream[side];
    int64_t distance;

    if (s != NULL)
        distance = stream_distance(s, seq);
    else if (conn->pair->start[side] >= START_SEEN)
        distance = (int32_t)(seq - conn->pair->first_seq[side]);
    else
        return true;
    return distance >= -RST_BEHIND && distance <= RST_AHEAD;
}

void connection_relieve(struct flow_table *t)
{
    while (t->used > t->limits.reassembly_bytes && t->oldest != NULL) {
        struct stream *s = t->oldest;
        struct connection *conn = s->owner;
        struct direction d = {t, conn, conn->stream[1] == s};
        struct stream_io io = io_of(&d, false);

        io.problem(io.user, "limit-reassembly", io.now.frame, s->read, s->held);
        stream_relieve(s, &io);
        account(t, s);
        (void)goes_on(t, conn);
    }
}

void connection_tell_evicted(struct flow_table *t)
{
    char message[160];

    if (t->events.problem == NULL)
        return;
    snprintf(message, sizeof(message),
             "more connections at once than are followed: %zu of them were let go before their end",
             t->evicted);
    t->events.problem(t->events.user, "limit-flows", t->evicted_at, -1, message);
}
