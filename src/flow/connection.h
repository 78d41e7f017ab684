/* SPDX-License-Identifier: MIT */
/* A connection that carries data, and how its streams meet the user and the memory budget. */
#ifndef KRBWHY_FLOW_CONNECTION_H
#define KRBWHY_FLOW_CONNECTION_H

#include "flow/flow.h"
#include "flow/pairs.h"
#include "flow/spares.h"
#include "flow/stream.h"

struct connection {
    struct flow flow;
    struct pair *pair;
    struct stream *stream[2]; /* NULL until the side sent something */
    uint8_t mac[2][6];        /* of the side's last frame */
    bool has_mac[2];
};

struct flow_table {
    struct flow_events events;
    struct flow_limits limits;
    struct pairs pairs;
    struct pair *last; /* of the packet before: traffic comes in bursts. NULL: none, or removed */
    int64_t last_id;
    size_t active;                  /* connections */
    struct arrival now;             /* the packet being handled */
    size_t used, peak;              /* bytes of memory of all streams */
    struct stream *oldest, *newest; /* those that hold memory, by when they last grew */
    size_t evicted;                 /* open connections let go for newer ones */
    int64_t evicted_at;             /* frame of the first */
    struct flow udp;                /* what flow_table_udp lends */
    struct spares connections, streams;
};

/* What is known of a pair without a conn; the fields of the frame being handled are those of its
 * first packet. */
void flow_of_pair(struct flow *out, const struct pairs *pairs, const struct pair *pair);
void flow_set_mac(struct flow *flow, const uint8_t *mac); /* NULL: none */

/* WAITING becomes ACTIVE. */
void connection_begin(struct flow_table *table, struct pair *pair);

/* The pair's connection, if it has one, is over and the user is told. `what` NULL: it is only not
 * followed any further, and the word is found from what was seen. `arrived`: the packet at hand is
 * what ends it. */
void connection_end_pair(struct flow_table *table, struct pair *pair, bool arrived,
                         const char *what);

/* A packet without SYN or RST handling that connection_pass did not let by. seq: of the payload;
 * has_data false: the payload is to be overlooked. May end the connection. */
void connection_take(struct flow_table *table, struct connection *conn, const struct packet *packet,
                     int side, uint32_t seq, bool has_data);
void connection_pdu(struct flow_table *table, struct connection *conn, const struct packet *packet,
                    int side);

/* Whether a RST with that number may be from this side. */
bool connection_in_window(const struct connection *conn, int side, uint32_t seq);

/* Lets streams go until the memory is within its bound, those first that grew the longest ago. */
void connection_relieve(struct flow_table *table);

void connection_tell_evicted(struct flow_table *table);

#endif
