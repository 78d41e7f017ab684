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
    /* Payload as far as it was captured, and how long it was on the wire. missing > 0: the frame
     * was cut. */
    struct bytes payload;
    size_t missing;
    const char *process; /* as in struct frame */
    int64_t pid;
    /* A decrypted or dissected unit handed over by Wireshark's "Export PDUs" (LINKTYPE 252): its
     * protocol name
     * ("http", "kerberos", "dns"); NULL for ordinary packets. `payload` is then that unit. */
    const char *pdu;
    bool pdu_from_server; /* unused unless pdu */
};

/* Decoder state of one capture: fragments that wait, counters. */
struct packet_decoder;

struct packet_events {
    void *user;
    /* As capture_events.problem; the offset is in the frame. Repeats of one code come only once
     * with a count at the end of the capture (packet_decoder_finish). */
    void (*problem)(void *user, const char *code, int64_t frame, int64_t offset,
                    const char *message);
};

struct packet_decoder *packet_decoder_open(const struct packet_events *events);

/* True when the frame holds (or completes, for IP fragments) a TCP or UDP packet, or an exported
 * PDU. Anything else, damaged headers included, is false: damage and unknown layers are counted and
 * named once. */
bool packet_decode(struct packet_decoder *decoder, const struct frame *frame, struct packet *out);

/* Says what was counted (unknown link types and layers, fragments that never completed). */
void packet_decoder_finish(struct packet_decoder *decoder);

void packet_decoder_close(struct packet_decoder *decoder);

#endif
