/* SPDX-License-Identifier: MIT */
/* IP datagrams put together from their fragments (RFC 791 section 3.2, RFC 8200 section 4.5).
 * Memory is bounded (LIMIT_FRAGMENT_*); when it runs out, the datagram that waits longest goes. */
#ifndef KRBWHY_PACKET_FRAGMENT_H
#define KRBWHY_PACKET_FRAGMENT_H

#include "base/address.h"
#include "packet/packet.h"

struct fragment {
    struct address src, dst;
    uint32_t id;
    uint8_t protocol; /* IPv4: part of the identity; IPv6: of the header that follows */
    size_t offset;    /* octets from the start of the datagram's payload */
    bool more;        /* it is not the last one */
    struct bytes data;
    int64_t frame;
    size_t at; /* of the data in the frame; SIZE_MAX: it is in another datagram */
};

enum fragment_result {
    FRAGMENT_WAITS,
    FRAGMENT_COMPLETES, /* *out_datagram is the whole payload */
    FRAGMENT_BAD        /* beyond 65535 octets, or with an end that contradicts an earlier one */
};

/* What happened that a report has to mention. */
struct fragment_counts {
    int64_t incomplete, first_incomplete; /* datagrams given up, and the first frame of the first */
    int64_t limited, first_limited;       /* those of them that had to go for lack of room */
    int64_t overlap, first_overlap;       /* fragments that partly repeat others; a mere duplicate
                                             is none */
    int64_t differing, first_differing;   /* fragments whose repeated octets are different */
};

struct fragments;

struct fragments *fragments_open(void);

/* Takes one fragment; its data is copied. Where fragments overlap, the octet seen first stays. On
 * FRAGMENT_COMPLETES *out_datagram is valid until the next completion, and *out_protocol is the
 * protocol of the fragment with offset 0. */
enum fragment_result fragments_add(struct fragments *fragments, const struct fragment *fragment,
                                   struct bytes *out_datagram, uint8_t *out_protocol);

/* The fragments of the datagram completed last, in order of arrival, duplicates included; a bounded
 * number of them. Valid until the next completion. */
void fragments_pieces(const struct fragments *fragments, const struct packet_piece **out,
                      size_t *out_num);

/* Gives up what still waits. */
void fragments_finish(struct fragments *fragments);

const struct fragment_counts *fragments_counts(const struct fragments *fragments);

void fragments_close(struct fragments *fragments);

#endif
