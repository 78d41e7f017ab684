/* SPDX-License-Identifier: MIT */
/* GRE (RFC 2784, 2890, 2637, NVGRE RFC 7637) and what travels in it; NSH; TRILL. */
#include "packet/walk.h"

enum {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACK = 0x0080, /* version 1 */
    GRE_VERSION = 0x0007,
    TYPE_PPP = 0x880B,
    TYPE_ERSPAN = 0x88BE,
    TYPE_WCCP = 0x883E,
    TYPE_EOIP = 0x6400 /* MikroTik, as version 1: frame length, tunnel, Ethernet */
};

/* Version 1 (RFC 2637 section 4.1): payload length and call, sequence, acknowledgement, PPP. */
static void decode_gre_pptp(struct walk *walk, uint16_t flags, uint16_t type)
{
    const uint8_t *key;

    if ((flags & GRE_KEY) == 0 || (type != TYPE_PPP && type != TYPE_EOIP) ||
        (key = walk_take(walk, 4)) == NULL)
        return;
    if ((flags & GRE_SEQUENCE) != 0)
        walk_skip(walk, 4);
    if ((flags & GRE_ACK) != 0)
        walk_skip(walk, 4);
    if (be16(key) == 0)
        return; /* acknowledges only */
    walk_trim_hint(walk, be16(key));
    walk->next = type == TYPE_EOIP ? decode_ethernet : decode_ppp;
}

void decode_gre(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 4), *wccp;
    uint16_t flags, type;

    if (header == NULL || !walk_inner(walk))
        return;
    flags = be16(header);
    type = be16(header + 2);
    if ((flags & GRE_VERSION) == 1) {
        decode_gre_pptp(walk, flags, type);
        return;
    }
    if ((flags & GRE_VERSION) != 0 || (flags & GRE_ROUTING) != 0) {
        walk_hidden(walk, " of GRE in an old form");
        return;
    }
    if ((flags & GRE_CHECKSUM) != 0)
        walk_skip(walk, 4);
    if ((flags & GRE_KEY) != 0)
        walk_skip(walk, 4);
    if ((flags & GRE_SEQUENCE) != 0)
        walk_skip(walk, 4);
    if (type == TYPE_ERSPAN && (flags & GRE_SEQUENCE) == 0) {
        walk->next = decode_ethernet; /* ERSPAN type I has no header */
    } else if (type == TYPE_WCCP) {
        if ((wccp = walk_view(walk, 1)) != NULL && wccp[0] >> 4 != 4)
            walk_skip(walk, 4); /* the redirect header of version 2 */
        walk->next = decode_ip;
    } else {
        walk_ethertype(walk, type);
    }
}

/* draft-foschiano-erspan: version and VLAN, session, index. */
void decode_erspan_2(struct walk *walk)
{
    walk_skip(walk, 8);
    walk->next = decode_ethernet;
}

/* The same, type III: 12 octets, frame type (0 Ethernet, 2 IP) and the flag of a subheader of 8 in
 * the last two. */
void decode_erspan_3(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 12);
    unsigned frame_type;

    if (header == NULL)
        return;
    frame_type = be16(header + 10) >> 10 & 0x1F;
    if ((header[11] & 1) != 0)
        walk_skip(walk, 8);
    if (frame_type == 0)
        walk->next = decode_ethernet;
    else if (frame_type == 2)
        walk->next = decode_ip;
}

/* RFC 8300: length in units of 4 in the low bits of the second octet, next protocol in the fourth.
 */
void decode_nsh(struct walk *walk)
{
    const uint8_t *header = walk_view(walk, 4);
    size_t len;

    if (header == NULL || !walk_inner(walk))
        return;
    len = (size_t)(header[1] & 0x3F) * 4;
    if (len < 8) {
        walk_damaged(walk, " with an NSH header under 8 octets");
        return;
    }
    walk_skip(walk, len);
    switch (header[3]) {
    case 1:
    case 2:
        walk->next = decode_ip;
        break;
    case 3:
        walk->next = decode_ethernet;
        break;
    case 4:
        walk->next = decode_nsh;
        break;
    case 5:
        walk->next = decode_mpls;
        break;
    default:
        break;
    }
}

/* RFC 6325: flags with the length of the options in units of 4, egress, ingress, then a frame. */
void decode_trill(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 6);

    if (header == NULL || !walk_inner(walk))
        return;
    walk_skip(walk, (size_t)(be16(header) >> 6 & 0x1F) * 4);
    walk->next = decode_ethernet;
}
