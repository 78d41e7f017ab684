/* SPDX-License-Identifier: MIT */
/* One frame on its way through its headers, and the header decoders: each takes its header from
 * walk->in and names who decodes what follows. No decoder calls another, so that nothing recurses.
 *
 * A decoder that runs out of bytes just returns: the fault stays in walk->in, and the loop tells
 * "cut short by the capture" from "damaged" by walk->missing. */
#ifndef KRBWHY_PACKET_WALK_H
#define KRBWHY_PACKET_WALK_H

#include "base/limits.h"
#include "base/reader.h"
#include "packet/fragment.h"
#include "packet/packet.h"
#include "packet/tally.h"

enum { PDU_NAME_ROOM = 64 };

struct packet_decoder {
    struct packet_events events;
    struct tallies tallies;
    struct fragments *fragments;
    struct packet_piece piece;    /* of the frame at hand; len 0: it holds no fragment */
    struct bytes datagram;        /* that it completed; else empty */
    char pdu_name[PDU_NAME_ROOM]; /* of an exported PDU whose protocol has no row */
};

/* Everything is set by packet_decode; a new field is to be set there. */
struct walk {
    struct packet_decoder *decoder;
    const struct frame *frame;
    struct packet *out;
    struct reader in; /* what was captured of the layer at hand; its base is the frame, or a
                         reassembled datagram */
    size_t missing;   /* bytes of that layer behind in.end that the capture does not have */
    void (*next)(struct walk *walk); /* who decodes what is at in.at; NULL: nobody */
    struct address src, dst;         /* of the innermost IP header so far */
    size_t ipv6_at;                  /* where the payload of the innermost IPv6 header begins */
    const char *damage; /* what a decoder found wrong (static), beside the fault in `in` */
    unsigned depth;     /* headers inside headers */
    bool no_length; /* the IP header gives no length (offload, jumbo): UDP may give none as well */
    bool guessed;   /* a layer was recognised by its looks only: no complaint when it is none */
    bool found;     /* *out is filled */
};

static inline uint16_t le16(const uint8_t *at)
{
    return (uint16_t)(at[1] << 8 | at[0]);
}

static inline uint32_t le32(const uint8_t *at)
{
    return (uint32_t)le16(at + 2) << 16 | le16(at);
}

/* The next len > 0 bytes, taken; NULL, with the fault left in walk->in, when fewer were captured.
 * Borrowed from the layer. */
static inline const uint8_t *walk_take(struct walk *walk, size_t len)
{
    return reader_bytes(&walk->in, len).at;
}

/* The next len > 0 bytes, not taken; NULL, and no fault, when fewer were captured. */
static inline const uint8_t *walk_peek(const struct walk *walk, size_t len)
{
    return reader_left(&walk->in) < len ? NULL : walk->in.base + walk->in.at;
}

/* The next len > 0 bytes, not taken; NULL, with the fault left in walk->in, when fewer were
 * captured. */
static inline const uint8_t *walk_view(struct walk *walk, size_t len)
{
    const uint8_t *at = walk_peek(walk, len);

    if (at == NULL)
        reader_skip(&walk->in, len);
    return at;
}

static inline void walk_skip(struct walk *walk, size_t len)
{
    reader_skip(&walk->in, len);
}

/* The layer ends len bytes from here, says its header. What lies behind is cut off (padding,
 * trailers); what the capture lacks of it becomes walk->missing. A length beyond the frame is
 * noted. */
void walk_trim(struct walk *walk, size_t len);

/* The same where the length is only a hint: one that is too large is ignored. */
void walk_trim_hint(struct walk *walk, size_t len);

/* The header contradicts its format; `what` is static: " with an IPv4 header under 20 octets". */
void walk_damaged(struct walk *walk, const char *what);

/* Counts something of this frame; see tally.h. */
void walk_note(struct walk *walk, const char *code, const char *noun, const char *subject,
               const char *outcome);

/* " with IPsec ESP": a layer that hides IP from us. */
void walk_hidden(struct walk *walk, const char *subject);

/* Counts a frame of which the capture kept less than this program needs. */
void walk_cut(struct walk *walk);

/* A packet inside a packet: false, and noted, when there are too many. walk_deeper: within the same
 * link layer. */
bool walk_inner(struct walk *walk);
bool walk_deeper(struct walk *walk);

/* Name who decodes what follows, by number. Unknown ones end the walk silently, but for link types
 * and what is known to hide IP. */
void walk_link(struct walk *walk, uint32_t link_type);      /* link.c */
void walk_ethertype(struct walk *walk, uint16_t ethertype); /* ethertype.c */
void walk_type_or_length(struct walk *walk, uint16_t type); /* under 0x600 an LLC frame's length */
void walk_ip_protocol(struct walk *walk, uint8_t protocol); /* ip.c */
void walk_ppp_protocol(struct walk *walk, uint16_t protocol); /* ppp.c */

/* packet_decode by the walk alone, header by header. Where packet_direct is true it gives the same.
 */
bool packet_walk(struct packet_decoder *decoder, const struct frame *frame, struct packet *out);

/* Whether a port is that of a tunnel. tunnel_udp.c */
bool walk_may_tunnel(uint16_t sport, uint16_t dport);

/* True when a UDP payload of these ports is a tunnel that looks like one; its header is taken then
 * and walk->next set. Otherwise nothing changes. tunnel_udp.c */
bool walk_udp_tunnel(struct walk *walk, uint16_t sport, uint16_t dport);

/* Decoders that several files name. */
void decode_ethernet(struct walk *walk);
void decode_llc(struct walk *walk);
void decode_ip(struct walk *walk); /* either version, by its first four bits */
void decode_tcp(struct walk *walk);
void decode_udp(struct walk *walk);
void decode_ppp(struct walk *walk);      /* with or without address and control */
void decode_ppp_hdlc(struct walk *walk); /* the same, or Cisco HDLC */
void decode_ppp_with_direction(struct walk *walk);
void decode_ppp_pppd(struct walk *walk);
void decode_pppoe(struct walk *walk);
void decode_cisco_hdlc(struct walk *walk);
void decode_mpls(struct walk *walk);
void decode_gre(struct walk *walk);
void decode_erspan_2(struct walk *walk);
void decode_erspan_3(struct walk *walk);
void decode_nsh(struct walk *walk);
void decode_trill(struct walk *walk);
void decode_wifi(struct walk *walk);
void decode_wifi_radiotap(struct walk *walk);
void decode_wifi_prism(struct walk *walk);
void decode_wifi_avs(struct walk *walk);
void decode_wifi_netmon(struct walk *walk);
void decode_ppi(struct walk *walk);
void decode_netmon_event(struct walk *walk);
void decode_nflog(struct walk *walk);
void decode_export_pdu(struct walk *walk);

#endif
