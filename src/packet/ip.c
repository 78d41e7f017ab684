/* SPDX-License-Identifier: MIT */
/* IPv4 (RFC 791), IPv6 (RFC 8200) and its extension headers, and what follows them. */
#include "packet/walk.h"

enum { IPV4_MORE = 0x2000, IPV4_OFFSET = 0x1FFF };

static void set_address(struct address *out, uint8_t family, const uint8_t *octet)
{
    static const struct address none = {0};

    *out = none;
    out->family = family;
    if (family == 4)
        memcpy(out->octet, octet, 4);
    else
        memcpy(out->octet, octet, 16);
}

/* Gives a fragment to those that wait. When it completes its datagram, the walk goes on in there.
 */
static void take_fragment(struct walk *walk, uint32_t id, uint8_t protocol, size_t offset,
                          bool more)
{
    struct fragment fragment = {.src = walk->src,
                                .dst = walk->dst,
                                .id = id,
                                .protocol = protocol,
                                .offset = offset,
                                .more = more,
                                .frame = walk->frame->number};
    struct bytes datagram;
    const struct bytes *in = &walk->frame->data;

    fragment.data = reader_rest(&walk->in);
    /* Addresses of one buffer or of another: compared as numbers. */
    fragment.at = (uintptr_t)fragment.data.at - (uintptr_t)in->at;
    if ((uintptr_t)fragment.data.at < (uintptr_t)in->at || fragment.at > in->len)
        fragment.at = SIZE_MAX;
    walk->decoder->piece =
        (struct packet_piece){fragment.frame, fragment.at, offset, fragment.data.len};
    if (walk->missing > 0) {
        walk_cut(walk);
        return;
    }
    switch (fragments_add(walk->decoder->fragments, &fragment, &datagram, &protocol)) {
    case FRAGMENT_WAITS:
        return;
    case FRAGMENT_BAD:
        walk_damaged(walk, " with an IP fragment that does not fit its datagram");
        return;
    case FRAGMENT_COMPLETES:
        break;
    }
    if (!walk_deeper(walk))
        return;
    walk->decoder->datagram = datagram;
    reader_init(&walk->in, datagram, false);
    walk->no_length = false;
    walk_ip_protocol(walk, protocol);
}

static void decode_ipv4(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 20);
    size_t header_len, total_len;
    uint16_t fragment;

    if (header == NULL)
        return;
    header_len = (size_t)(header[0] & 0x0F) * 4;
    total_len = be16(header + 2);
    walk->no_length = total_len == 0; /* send offload: the card fills it in */
    if (header_len < 20) {
        walk_damaged(walk, " with an IPv4 header under 20 octets");
        return;
    }
    if (total_len != 0 && total_len < header_len) {
        walk_damaged(walk, " with an IPv4 length under that of the header");
        return;
    }
    if (total_len != 0)
        walk_trim(walk, total_len - 20);
    walk_skip(walk, header_len - 20);
    set_address(&walk->src, 4, header + 12);
    set_address(&walk->dst, 4, header + 16);
    fragment = be16(header + 6);
    if (!reader_ok(&walk->in))
        return;
    if ((fragment & (IPV4_MORE | IPV4_OFFSET)) == 0)
        walk_ip_protocol(walk, header[9]);
    else
        take_fragment(walk, be16(header + 4), header[9], (size_t)(fragment & IPV4_OFFSET) * 8,
                      (fragment & IPV4_MORE) != 0);
}

static void decode_ipv6(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 40);
    size_t len;

    if (header == NULL)
        return;
    len = be16(header + 4);
    walk->no_length = len == 0; /* send offload, or the length is in a jumbo option */
    walk->ipv6_at = walk->in.at;
    if (len != 0)
        walk_trim(walk, len);
    set_address(&walk->src, 6, header + 8);
    set_address(&walk->dst, 6, header + 24);
    walk_ip_protocol(walk, header[6]);
}

void decode_ip(struct walk *walk)
{
    const uint8_t *at = walk_view(walk, 1);

    if (at == NULL)
        return;
    if (at[0] >> 4 == 4)
        walk->next = decode_ipv4;
    else if (at[0] >> 4 == 6)
        walk->next = decode_ipv6;
    else
        walk_damaged(walk, " with an IP version that is neither 4 nor 6");
}

static void decode_inner_ip(struct walk *walk)
{
    if (walk_inner(walk))
        walk->next = decode_ip;
}

static void decode_inner_ethernet(struct walk *walk)
{
    if (walk_inner(walk))
        walk->next = decode_ethernet;
}

/* RFC 3378: version 3, then a frame. */
static void decode_etherip(struct walk *walk)
{
    walk_skip(walk, 2);
    walk->next = decode_inner_ethernet;
}

/* RFC 4023. */
static void decode_inner_mpls(struct walk *walk)
{
    if (walk_inner(walk))
        walk->next = decode_mpls;
}

/* RFC 2675: the length of a jumbo payload counts from the end of the IPv6 header. */
static void jumbo_length(struct walk *walk, size_t len)
{
    size_t done = walk->in.at - walk->ipv6_at;

    if (walk->no_length && len >= done)
        walk_trim_hint(walk, len - done);
}

/* Hop-by-hop options: type, length, value; of interest is the jumbo length only. */
static void decode_hop_by_hop(struct walk *walk)
{
    const uint8_t *header = walk_view(walk, 2), *options;
    size_t len, at;

    if (header == NULL)
        return;
    len = ((size_t)header[1] + 1) * 8;
    options = walk_take(walk, len);
    if (options == NULL)
        return;
    for (at = 2; at + 1 < len; at += options[at] == 0 ? 1 : 2 + (size_t)options[at + 1])
        if (options[at] == 0xC2 && options[at + 1] == 4 && at + 6 <= len)
            jumbo_length(walk, be32(options + at + 2));
    walk_ip_protocol(walk, header[0]);
}

/* The destination of a packet on its way is in the routing header: it is the last address of types
 * 0 (RFC 2460) and 2 (RFC 6275), the first segment of type 4 (RFC 8754). */
static void decode_routing(struct walk *walk)
{
    const uint8_t *header = walk_view(walk, 4);
    size_t len;

    if (header == NULL)
        return;
    len = ((size_t)header[1] + 1) * 8;
    header = walk_take(walk, len);
    if (header == NULL)
        return;
    if (len >= 24 && header[3] > 0) {
        if (header[2] == 0 || header[2] == 2)
            set_address(&walk->dst, 6, header + len - 16);
        else if (header[2] == 4)
            set_address(&walk->dst, 6, header + 8);
    }
    walk_ip_protocol(walk, header[0]);
}

static void decode_destination(struct walk *walk)
{
    const uint8_t *header = walk_view(walk, 2);

    if (header == NULL)
        return;
    walk_skip(walk, ((size_t)header[1] + 1) * 8);
    walk_ip_protocol(walk, header[0]);
}

/* Next header, reserved, offset in units of 8 and M, identification. */
static void decode_ipv6_fragment(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 8);
    uint16_t offset;

    if (header == NULL)
        return;
    offset = be16(header + 2);
    if ((offset & 0xFFF9) == 0) /* a whole datagram (RFC 6946) */
        walk_ip_protocol(walk, header[0]);
    else
        take_fragment(walk, be32(header + 4), header[0], offset & 0xFFF8, (offset & 1) != 0);
}

/* RFC 4302: next header, length in units of 4 less 2. */
static void decode_authentication(struct walk *walk)
{
    const uint8_t *header = walk_view(walk, 2);

    if (header == NULL)
        return;
    walk_skip(walk, ((size_t)header[1] + 2) * 4);
    walk_ip_protocol(walk, header[0]);
}

struct protocol_row {
    void (*decode)(struct walk *walk);
    const char *hidden; /* no decoder: IP may be in there */
};

/* By protocol number; what is not here (ICMP, routing protocols, SCTP, ...) carries nothing that
 * this program follows. */
static const struct protocol_row protocols[256] = {
    [0] = {decode_hop_by_hop, NULL},
    [4] = {decode_inner_ip, NULL},
    [6] = {decode_tcp, NULL},
    [17] = {decode_udp, NULL},
    [41] = {decode_inner_ip, NULL},
    [43] = {decode_routing, NULL},
    [44] = {decode_ipv6_fragment, NULL},
    [47] = {decode_gre, NULL},
    [50] = {NULL, " of IPsec ESP"},
    [51] = {decode_authentication, NULL},
    [55] = {NULL, " of Mobile IP minimal encapsulation"},
    [60] = {decode_destination, NULL},
    [94] = {decode_inner_ip, NULL},
    [97] = {decode_etherip, NULL},
    [108] = {NULL, " of IPComp"},
    [115] = {NULL, " of L2TP version 3"},
    [137] = {decode_inner_mpls, NULL},
    [143] = {decode_inner_ethernet, NULL},
};

void walk_ip_protocol(struct walk *walk, uint8_t protocol)
{
    walk->next = protocols[protocol].decode;
    if (protocols[protocol].hidden != NULL)
        walk_hidden(walk, protocols[protocol].hidden);
}
