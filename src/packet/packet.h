/* SPDX-License-Identifier: MIT */
/* From a frame to the transport payload: link types, VLAN and tunnel headers, IP, fragments,
 * TCP/UDP. */
#ifndef KRBWHY_PACKET_PACKET_H
#define KRBWHY_PACKET_PACKET_H

#include "base/address.h"
#include "capture/frame.h"

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

/* The innermost transport packet of a frame. Borrowed: valid until the next packet_decode. */
struct packet {
    int64_t frame, time_ns;
    bool has_time;
    uint8_t transport;       /* 6 TCP, 17 UDP, 0: nothing this program follows */
    struct address src, dst; /* innermost */
    uint16_t sport, dport;
    uint8_t src_mac[6];
    bool has_mac;
    /* TCP */
    uint32_t seq, ack;
    uint8_t flags;
    /* The payload as far as it was captured, without padding and trailers; and how many octets of
     * it follow that the capture does not have: cut by the snap length, or promised by the IP
     * length and beyond the end of the frame. */
    struct bytes payload;
    size_t missing;
    size_t header_len;   /* octets of the TCP or UDP header, which stands right before payload.at */
    const char *process; /* as in struct frame */
    int64_t pid;
    /* A decrypted or dissected unit handed over by Wireshark's "Export PDUs" (LINKTYPE 252): its
     * protocol name ("http", "kerberos", "dns", or else Wireshark's name of the dissector: clean
     * ASCII, borrowed like the payload); NULL for ordinary packets. `payload` is then that unit,
     * and transport is 0 where the file does not tell it. */
    const char *pdu;
    bool pdu_from_server; /* sent from the lower port; unused unless pdu */
};

/* Decoder state of one capture: fragments that wait, counters. */
struct packet_decoder;

struct packet_events {
    void *user;
    /* As capture_events.problem; frame is the first one, the offset is in it (-1: none). All come
     * from packet_decoder_finish, each kind once, with a count in its message:
     * cut-frame              the capture kept too little of them
     * damaged-packet         headers that contradict themselves (one problem per contradiction)
     * unknown-link-type      one per link type
     * undecoded-layer        a header that hides IP (IPsec, compressed PPP, ...), one per header
     * encrypted-wifi, limit-tunnel-depth
     * incomplete-fragments, limit-fragments, overlapping-fragments, differing-fragments
     * What is ordinary and carries no IP (ARP, ICMP, spanning tree, ...) is no problem. */
    void (*problem)(void *user, const char *code, int64_t frame, int64_t offset,
                    const char *message);
};

struct packet_decoder *packet_decoder_open(const struct packet_events *events);

/* True when the frame holds (or completes, for IP fragments) a TCP or UDP packet, or an exported
 * PDU. Anything else, damaged headers included, is false: damage and unknown layers are counted and
 * named once. */
bool packet_decode(struct packet_decoder *decoder, const struct frame *frame, struct packet *out);

/* The same for the plainest frames only, which need no state and so may be read ahead of others:
 * false, and *out undefined, for all that packet_decode is to see. */
bool packet_direct(const struct frame *frame, struct packet *out);

/* Where octets of an IP datagram came from. */
struct packet_piece {
    int64_t frame;
    size_t at;     /* in the frame's data; SIZE_MAX: in no frame, but within another datagram */
    size_t offset; /* in the datagram's payload */
    size_t len;
};

struct packet_pieces {
    struct bytes datagram; /* what packet->payload points into; empty: the frame itself */
    const struct packet_piece *at;
    size_t num;
};

/* For who writes packets anew. After packet_decode was true: the fragments that made the packet,
 * none for a packet that stands in its frame. After it was false: the fragment that the frame
 * holds, or none. Borrowed until the next packet_decode. */
void packet_decoder_pieces(const struct packet_decoder *decoder, struct packet_pieces *out);

/* Says what was counted (unknown link types and layers, fragments that never completed). */
void packet_decoder_finish(struct packet_decoder *decoder);

void packet_decoder_close(struct packet_decoder *decoder);

#endif
