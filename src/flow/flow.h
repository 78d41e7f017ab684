/* SPDX-License-Identifier: MIT */
/* TCP connections: the flow table, and in each direction the stream of bytes in order. */
#ifndef KRBWHY_FLOW_FLOW_H
#define KRBWHY_FLOW_FLOW_H

#include "base/address.h"
#include "base/bytes.h"
#include "flow/pairs.h"
#include "packet/packet.h"

/* What a user keeps about a flow is his (`state`); the rest is the table's. */
struct flow {
    int64_t id;                /* from 1, in order of appearance; UDP pairs count too */
    struct address address[2]; /* [0] opened the connection: sent the SYN, or else the first packet
                                  from the higher port, or the first packet; [1] is the server */
    uint16_t port[2];
    uint8_t transport;
    bool saw_syn, saw_syn_ack;
    const char
        *process; /* owner of the connection where a frame said it; borrowed from the capture */
    int64_t pid;
    void *state;  /* the user's; NULL at first */
    bool claimed; /* the user's: problems of the streams are told from then on; false at first */
    int64_t first_frame, first_ns; /* the first packet */
    uint64_t stream_bytes[2];      /* up to the last byte seen, of either side */
    /* Of the frame being handled: */
    int64_t frame, time_ns;
    uint8_t src_mac[6]; /* of the sender of the segment at hand, as last seen */
    bool has_mac;
    char src_mac_text[18]; /* aa:bb:cc:dd:ee:ff; only while has_mac */
};

/* Bytes of one direction in stream order that the user has not consumed yet. Borrowed until the
 * callback returns. What one frame completes may come in several calls, each beginning where the
 * user stopped. data.len is 0 only with gap_after: what comes next is known to be missing, or the
 * stream ended with nothing left over. */
struct segment {
    struct bytes data;
    uint64_t offset; /* of data in the stream, from the first byte seen; what was to be skipped and
                        did not come before the stream ended: the offset where it ended */
    bool gap_before; /* bytes are missing in front of data (reported once per gap) */
    bool gap_after;  /* no byte behind data will come: a gap was given up, the frame was cut, or the
                        stream ended */
    bool ended;      /* gap_after because of FIN, RST or the end of the capture */
    bool by_fin;     /* ended in the regular way: FIN seen and nothing missing */
    int64_t first_frame, first_ns; /* the frame that brought data[0] */
    int64_t frame, time_ns; /* the frame that completed this view: the one being handled; when a gap
                               was given up, or at the end of the capture, the one that brought the
                               latest of the bytes */
};

/* `side`: 0 bytes from address[0], 1 from address[1]. */
struct flow_events {
    void *user;
    /* Returns how many bytes are consumed, counted from the start of data. May exceed data.len: the
     * excess is skipped as it arrives without being buffered (bodies), over gaps too, and nothing
     * is called until a byte behind it comes. To be called in the frame that holds the last byte of
     * a body, skip up to that byte and consume it then; when it is known to be missing the call is
     * empty, with gap_after. FLOW_IGNORE drops the flow: it costs one table lookup per packet from
     * then on and `closed` is called at once. FLOW_PASS skips this side's bytes until the flow is
     * claimed. When gap_after is set, whatever is not consumed is
     * discarded by the table. Called again as long as it consumes something and bytes are left. */
    size_t (*data)(void *user, struct flow *flow, int side, const struct segment *segment);
    /* The connection is over (both FINs, RST, port reuse, limits, end of capture); free flow->state
     * here. Called once per flow, after the last data call, for flows without any data too. `what`
     * as in conn.what of records.def. */
    void (*closed)(void *user, struct flow *flow, const char *what);
    /* code: of claimed flows differing-retransmission, stream-gap (given up; the frame is the first
     * behind it), limit-stream, limit-reassembly; limit-flows once, at the end. offset: in the
     * stream; -1 none. The message is borrowed. */
    void (*problem)(void *user, const char *code, int64_t frame, int64_t offset,
                    const char *message);
};

#define FLOW_IGNORE SIZE_MAX
#define FLOW_PASS   (SIZE_MAX - 1)

struct flow_table;

struct flow_table *flow_table_open(const struct flow_events *events);

struct flow_limits {
    size_t flows, connections, stream_bytes, stream_ranges, reassembly_bytes;
};

/* Bounds other than those of base/limits.h; before the first packet. */
void flow_table_limit(struct flow_table *table, const struct flow_limits *limits);

/* The bound of all reassembly memory alone: of one stream it bounds no more than that either. */
void flow_table_limit_memory(struct flow_table *table, size_t reassembly_bytes);

/* Takes one TCP packet. */
void flow_table_tcp(struct flow_table *table, const struct packet *packet);

/* Where the table looks for a packet's flow: known ahead, so that it is on its way from memory
 * while other packets are handled. */
struct flow_place {
    struct pair_key key;
    uint32_t hash;
    int end; /* of the key: the sender's */
};

/* The places of packets that will be handed in, those of TCP with flow_table_tcp_at. Changes
 * nothing. */
void flow_table_locate(const struct flow_table *table, const struct packet *packets, size_t num,
                       struct flow_place *out);
void flow_table_tcp_at(struct flow_table *table, const struct packet *packet,
                       const struct flow_place *place);

/* The flow of a UDP packet (or exported PDU), made when new; *out_side is the sender's side.
 * Borrowed until the next call. Never reassembled; `closed` is not called for it and `state` is not
 * kept. */
struct flow *flow_table_udp(struct flow_table *table, const struct packet *packet, int *out_side);

/* A byte unit that is in order by itself (exported PDU of a TCP protocol): passed to `data` as a
 * whole segment of the pair's flow, with gap_after unset. */
void flow_table_pdu(struct flow_table *table, const struct packet *packet);

/* End of the capture: hands over what is buffered, closes every flow in order of appearance. */
void flow_table_finish(struct flow_table *table);

/* Bytes of reassembly memory in use now and at most so far. */
size_t flow_table_memory(const struct flow_table *table, size_t *out_peak);

void flow_table_close(struct flow_table *table);

#endif
