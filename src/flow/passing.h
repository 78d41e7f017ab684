/* SPDX-License-Identifier: MIT */
/* What is done with every packet of a connection, and all that is done with most: acknowledgements,
 * and bytes that their reader skips, are counted and no more. */
#ifndef KRBWHY_FLOW_PASSING_H
#define KRBWHY_FLOW_PASSING_H

#include "flow/connection.h"

static inline void flow_of_packet(struct flow *flow, const struct packet *p)
{
    flow->frame = p->frame;
    flow->time_ns = p->time_ns;
    if (p->process != NULL)
        flow->process = p->process;
    if (p->pid > 0)
        flow->pid = p->pid;
}

static inline void connection_see(struct connection *conn, const struct packet *p, int side)
{
    flow_of_packet(&conn->flow, p);
    conn->has_mac[side] = p->has_mac;
    memcpy(conn->mac[side], p->src_mac, sizeof(conn->mac[side]));
}

/* Sees a packet without SYN or RST handling. True when nothing is left to do; else it goes on with
 * connection_take, whose arguments these are. */
static inline bool connection_pass(const struct flow_table *t, struct connection *conn,
                                   const struct packet *p, int side, uint32_t seq, bool has_data)
{
    struct stream *own = conn->stream[side], *other = conn->stream[1 - side];

    connection_see(conn, p, side);
    if (own != NULL)
        stream_turn(own, p->time_ns);
    if (other != NULL) {
        stream_turn(other, p->time_ns);
        if ((p->flags & TCP_ACK) != 0)
            stream_ack(other, p->ack);
    }
    if ((p->flags & TCP_FIN) != 0 || (other != NULL && other->waiting))
        return false;
    if (!has_data)
        return own == NULL || !own->waiting;
    if (own == NULL || p->missing > 0 || p->payload.len > t->limits.stream_bytes ||
        !stream_skips(own, seq, p->payload.len))
        return false;
    stream_pass(own, p->payload.len, (struct arrival){p->frame, p->time_ns});
    conn->flow.stream_bytes[side] = own->end;
    return true;
}

#endif
