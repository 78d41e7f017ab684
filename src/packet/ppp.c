/* SPDX-License-Identifier: MIT */
/* PPP (RFC 1661, 1662), PPPoE (RFC 2516) and Cisco HDLC. */
#include "packet/walk.h"

/* One or two octets: an odd first octet is the whole protocol (RFC 1661 section 6.5). */
static void take_protocol(struct walk *walk)
{
    const uint8_t *at = walk_view(walk, 1);
    size_t len;

    if (at == NULL)
        return;
    len = (at[0] & 1) != 0 ? 1 : 2;
    at = walk_take(walk, len);
    if (at != NULL)
        walk_ppp_protocol(walk, len == 1 ? at[0] : be16(at));
}

void decode_ppp(struct walk *walk)
{
    const uint8_t *at = walk_peek(walk, 2);

    if (at != NULL && at[0] == 0xFF && at[1] == 0x03)
        walk_skip(walk, 2);
    take_protocol(walk);
}

void decode_ppp_hdlc(struct walk *walk)
{
    const uint8_t *at = walk_view(walk, 1);

    if (at != NULL && (at[0] == 0x0F || at[0] == 0x8F))
        walk->next = decode_cisco_hdlc;
    else
        walk->next = decode_ppp;
}

/* LINKTYPE_PPP_WITH_DIR: an octet that tells the direction, then PPP. */
void decode_ppp_with_direction(struct walk *walk)
{
    walk_skip(walk, 1);
    walk->next = decode_ppp;
}

/* Linux pppd: the direction in place of the address FF, then 03 and the protocol. */
void decode_ppp_pppd(struct walk *walk)
{
    const uint8_t *at = walk_view(walk, 2);

    if (at == NULL)
        return;
    if (at[0] <= 1)
        walk_skip(walk, at[1] == 0x03 ? 2 : 1);
    walk->next = decode_ppp;
}

/* Version and type, code, session, length; code 0 is session data. */
void decode_pppoe(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 6);

    if (header == NULL)
        return;
    if (header[0] != 0x11) {
        walk_damaged(walk, " with a PPPoE version that is not 1");
        return;
    }
    if (header[1] != 0)
        return;
    walk_trim_hint(walk, be16(header + 4));
    take_protocol(walk);
}

/* Address, control, Ethernet type. */
void decode_cisco_hdlc(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 4);

    if (header != NULL)
        walk_ethertype(walk, be16(header + 2));
}

/* RFC 1990 with sequence numbers of 24 bits. A packet that is whole in one fragment can be read. */
static void decode_multilink(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 4);

    if (header == NULL)
        return;
    if ((header[0] & 0xC0) != 0xC0) {
        walk_hidden(walk, " of PPP multilink fragments");
        return;
    }
    walk->guessed = true;
    walk->next = decode_ppp;
}

struct ppp_row {
    uint16_t protocol;
    void (*decode)(struct walk *walk);
    const char *hidden; /* no decoder: IP may be in there */
};

/* IANA "PPP DLL Protocol Numbers"; those from 0x8000 on are control protocols. */
static const struct ppp_row protocols[] = {
    {0x0021, decode_ip, NULL},
    {0x0057, decode_ip, NULL},
    {0x0281, decode_mpls, NULL},
    {0x0283, decode_mpls, NULL},
    {0x003D, decode_multilink, NULL},
    {0x002D, NULL, " of PPP with compressed TCP headers"},
    {0x002F, NULL, " of PPP with compressed TCP headers"},
    {0x0053, NULL, " of encrypted PPP"},
    {0x00FD, NULL, " of compressed or encrypted PPP"},
};

void walk_ppp_protocol(struct walk *walk, uint16_t protocol)
{
    size_t i;

    for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        if (protocols[i].protocol != protocol)
            continue;
        walk->next = protocols[i].decode;
        if (walk->next == NULL)
            walk_hidden(walk, protocols[i].hidden);
        return;
    }
}
