/* SPDX-License-Identifier: MIT */
/* Tunnels over UDP. A port is only a hint: each row looks at the payload, and is strict enough to
 * leave ordinary traffic alone that happens to use its port. */
#include "packet/walk.h"

/* The payload of the UDP packet at hand, as a row sees it. */
struct look {
    const uint8_t *at;
    size_t len;     /* captured */
    size_t missing; /* not captured */
};

/* True when the payload from `at` on is one IP packet, no less and no more. */
static bool is_ip_from(const struct look *look, size_t at)
{
    const uint8_t *ip = look->at + at;
    size_t len;

    if (at > look->len || look->len - at < 20)
        return false;
    len = look->len - at + look->missing;
    if (ip[0] >> 4 == 4)
        return (ip[0] & 0x0F) >= 5 && be16(ip + 2) == len;
    return ip[0] >> 4 == 6 && (size_t)be16(ip + 4) + 40 == len;
}

/* Takes the tunnel's header; what follows it is recognised by looks. */
static bool enter(struct walk *walk, size_t header_len, void (*next)(struct walk *))
{
    if (!walk_inner(walk))
        return false;
    walk->guessed = true;
    walk_skip(walk, header_len);
    walk->next = next;
    return true;
}

/* RFC 7348: flags with I set, 24 reserved bits (group policy uses them when G is set), network
 * identifier, 8 reserved bits. */
static bool enter_vxlan(struct walk *walk, const struct look *look)
{
    const uint8_t *h = look->at;

    if (look->len < 8 + 14 || (h[0] & 0x7F) != 0x08 || h[7] != 0)
        return false;
    if ((h[0] & 0x80) == 0 && (h[1] != 0 || h[2] != 0 || h[3] != 0))
        return false;
    return enter(walk, 8, decode_ethernet);
}

/* draft-ietf-nvo3-vxlan-gpe: P set, next protocol in the fourth octet. */
static bool enter_vxlan_gpe(struct walk *walk, const struct look *look)
{
    static void (*const next[])(struct walk *) = {NULL, decode_ip, decode_ip, decode_ethernet,
                                                  decode_nsh};
    const uint8_t *h = look->at;

    if (look->len < 8 + 14 || (h[0] & 0x0C) != 0x0C || h[7] != 0 || h[3] == 0 || h[3] > 4)
        return false;
    return enter(walk, 8, next[h[3]]);
}

/* RFC 8926: version 0 and length of the options in units of 4, flags, type, identifier. */
static bool enter_geneve(struct walk *walk, const struct look *look)
{
    const uint8_t *h = look->at;
    size_t len;
    uint16_t type;

    if (look->len < 8)
        return false;
    len = 8 + (size_t)(h[0] & 0x3F) * 4;
    type = be16(h + 2);
    if (h[0] >> 6 != 0 || (h[1] & 0x3F) != 0 || h[7] != 0 || look->len < len + 14 ||
        (type != 0x6558 && type != 0x0800 && type != 0x86DD))
        return false;
    return enter(walk, len, type == 0x6558 ? decode_ethernet : decode_ip);
}

/* 3GPP TS 29.281: version 1, message 255 (G-PDU), length, then options and extension headers. */
static bool enter_gtp(struct walk *walk, const struct look *look)
{
    const uint8_t *h = look->at;
    size_t len = 8;
    uint8_t extension;

    if (look->len < 8 || (h[0] & 0xF8) != 0x30 || h[1] != 0xFF ||
        (size_t)be16(h + 2) + 8 != look->len + look->missing)
        return false;
    if ((h[0] & 0x07) != 0) {
        len = 12;
        if (look->len < len)
            return false;
        extension = (h[0] & 0x04) != 0 ? h[11] : 0;
        while (extension != 0) {
            size_t extension_len = len < look->len ? (size_t)h[len] * 4 : 0;

            if (extension_len == 0 || extension_len > look->len - len)
                return false;
            len += extension_len;
            extension = h[len - 1];
        }
    }
    /* The inner packet may be longer than what the tunnel brought of it: taps cut before sending.
     */
    if (look->len < len + 20 || (h[len] >> 4 != 4 && h[len] >> 4 != 6))
        return false;
    return enter(walk, len, decode_ip);
}

/* RFC 4380 section 5.1.1: authentication (00 01) and origin (00 00) may precede IPv6. */
static bool enter_teredo(struct walk *walk, const struct look *look)
{
    const uint8_t *h = look->at;
    size_t len = 0;

    if (look->len >= 4 && be16(h) == 1)
        len = 4 + (size_t)h[2] + h[3] + 9;
    if (len + 2 <= look->len && be16(h + len) == 0)
        len += 8;
    if (!is_ip_from(look, len) || h[len] >> 4 != 6)
        return false;
    return enter(walk, len, decode_ip);
}

/* RFC 2661 section 3.1: data messages of version 2. */
static bool enter_l2tp(struct walk *walk, const struct look *look)
{
    const uint8_t *h = look->at;
    size_t len = 6;
    uint16_t flags;

    if (look->len < 12)
        return false;
    flags = be16(h);
    if ((flags & 0x8000) != 0 || (flags & 0x34FF) != 2)
        return false; /* control, reserved bits set, or another version */
    if ((flags & 0x4000) != 0) {
        if (be16(h + 2) > look->len + look->missing)
            return false;
        len += 2;
    }
    if ((flags & 0x0800) != 0)
        len += 4;
    if ((flags & 0x0200) != 0) {
        if (look->len < len + 2)
            return false;
        len += 2 + (size_t)be16(h + len);
    }
    if (look->len < len + 2 || (h[len] != 0xFF && h[len] != 0x00 && (h[len] & 1) == 0))
        return false;
    return enter(walk, len, decode_ppp);
}

/* RFC 8086: GRE version 0 without routing. */
static bool enter_gre(struct walk *walk, const struct look *look)
{
    uint16_t type;

    if (look->len < 24 || (look->at[0] & 0x4F) != 0 || look->at[1] != 0)
        return false;
    type = be16(look->at + 2);
    if (type != 0x0800 && type != 0x86DD && type != 0x6558 && type != 0x8847)
        return false;
    return enter(walk, 0, decode_gre);
}

/* RFC 7510: a label stack whose bottom is near, then IP. */
static bool enter_mpls(struct walk *walk, const struct look *look)
{
    size_t at = 0;

    while (at + 4 <= look->len && at < 32 && (look->at[at + 2] & 1) == 0)
        at += 4;
    if (at == 32 || !is_ip_from(look, at + 4))
        return false;
    return enter(walk, 0, decode_mpls);
}

/* draft-massar-v6ops-ayiya: sizes of identity (as a power of 2) and signature (in units of 4),
 * next header, epoch, identity, signature. */
static bool enter_ayiya(struct walk *walk, const struct look *look)
{
    const uint8_t *h = look->at;
    size_t len;

    if (look->len < 8 || h[3] != 41)
        return false;
    len = 8 + ((size_t)1 << (h[0] >> 4)) + (size_t)(h[1] >> 4) * 4;
    if (!is_ip_from(look, len))
        return false;
    return enter(walk, len, decode_ip);
}

/* RFC 3948: an SPI that is not 0 (IKE has 0 there), and padding to 4 octets (RFC 4303). */
static bool note_esp(struct walk *walk, const struct look *look)
{
    if (look->len > 16 && (look->len + look->missing) % 4 == 0 && be32(look->at) != 0)
        walk_hidden(walk, " of IPsec ESP");
    return false;
}

struct udp_tunnel {
    uint16_t port;
    bool source_too; /* peers use the port on both sides */
    bool (*enter)(struct walk *walk, const struct look *look);
};

static const struct udp_tunnel tunnels[] = {
    {4789, false, enter_vxlan},  {8472, false, enter_vxlan}, {4790, false, enter_vxlan_gpe},
    {6081, false, enter_geneve}, {2152, true, enter_gtp},    {3544, true, enter_teredo},
    {1701, true, enter_l2tp},    {4754, false, enter_gre},   {6635, false, enter_mpls},
    {5072, true, enter_ayiya},   {4500, true, note_esp},
};

static bool is_port_of(const struct udp_tunnel *tunnel, uint16_t sport, uint16_t dport)
{
    return tunnel->port == dport || (tunnel->source_too && tunnel->port == sport);
}

bool walk_may_tunnel(uint16_t sport, uint16_t dport)
{
    size_t i;

    for (i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++)
        if (is_port_of(&tunnels[i], sport, dport))
            return true;
    return false;
}

bool walk_udp_tunnel(struct walk *walk, uint16_t sport, uint16_t dport)
{
    const struct look look = {walk->in.base + walk->in.at, reader_left(&walk->in), walk->missing};
    size_t i;

    for (i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++)
        if (is_port_of(&tunnels[i], sport, dport))
            return tunnels[i].enter(walk, &look);
    return false;
}
