/* SPDX-License-Identifier: MIT */
/* Link types: https://www.tcpdump.org/linktypes.html, and the first header of each. */
#include "capture/capture.h"
#include "packet/walk.h"

enum {
    AF_INET_ANY = 2,
    AF_INET6_LINUX = 10,
    AF_INET6_WINDOWS = 23,
    AF_INET6_NETBSD = 24, /* OpenBSD too */
    AF_INET6_FREEBSD = 28,
    AF_INET6_DARWIN = 30
};

static bool is_inet6(uint32_t family)
{
    return family == AF_INET6_LINUX || family == AF_INET6_WINDOWS || family == AF_INET6_NETBSD ||
           family == AF_INET6_FREEBSD || family == AF_INET6_DARWIN;
}

/* By the address family of whatever system captured. */
static void walk_family(struct walk *walk, uint32_t family)
{
    if (family == AF_INET_ANY || is_inet6(family))
        walk->next = decode_ip;
}

/* IEEE 802.3: destination, source, and a type, or under 0x600 the length of an LLC frame. */
void decode_ethernet(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 14);

    if (header == NULL)
        return;
    memcpy(walk->out->src_mac, header + 6, 6);
    walk->out->has_mac = true;
    walk_type_or_length(walk, be16(header + 12));
}

/* IEEE 802.2: DSAP, SSAP, control; SNAP (RFC 1042) behind AA AA 03. */
void decode_llc(struct walk *walk)
{
    const uint8_t *llc = walk_take(walk, 3), *snap;
    uint32_t oui;

    if (llc == NULL)
        return;
    if (llc[0] == 0x06 && llc[2] == 0x03) { /* IP without SNAP */
        walk->next = decode_ip;
        return;
    }
    if (llc[0] != 0xAA || llc[1] != 0xAA || llc[2] != 0x03)
        return; /* spanning tree, NetBEUI, OSI, ... */
    snap = walk_take(walk, 5);
    if (snap == NULL)
        return;
    oui = be32(snap) >> 8;
    if (oui == 0x000000 || oui == 0x0000F8) /* RFC 1042; IEEE 802.1H */
        walk_ethertype(walk, be16(snap + 3));
    else if (oui == 0x0080C2 && (be16(snap + 3) == 1 || be16(snap + 3) == 7)) {
        walk_skip(walk, 2); /* RFC 2684 section 5.2: bridged Ethernet, padded */
        walk->next = decode_ethernet;
    }
}

/* IEEE 802.5: access and frame control, addresses, source route, LLC. */
static void decode_token_ring(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 14), *route;

    if (header == NULL)
        return;
    if ((header[8] & 0x80) != 0) {
        if ((route = walk_view(walk, 1)) == NULL)
            return;
        walk_skip(walk, route[0] & 0x1F);
    }
    walk->next = decode_llc;
}

static void decode_fddi(struct walk *walk)
{
    walk_skip(walk, 13); /* frame control and addresses */
    walk->next = decode_llc;
}

enum { ARPHRD_NETLINK = 824, ARPHRD_GRE = 778, ARPHRD_RADIOTAP = 803, ARPHRD_WIFI = 801 };

/* What follows either kind of cooked header, by the kind of device and the protocol. */
static void cooked_payload(struct walk *walk, uint16_t device, uint16_t protocol)
{
    if (device == ARPHRD_RADIOTAP)
        walk->next = decode_wifi_radiotap;
    else if (device == ARPHRD_WIFI)
        walk->next = decode_wifi;
    else if (device == ARPHRD_NETLINK)
        return;
    else if (protocol >= 0x600)
        walk_ethertype(walk, protocol);
    else if (protocol == 4)
        walk->next = decode_llc;
}

static void cooked_address(struct walk *walk, size_t len, const uint8_t *address)
{
    if (len != 6)
        return;
    memcpy(walk->out->src_mac, address, 6);
    walk->out->has_mac = true;
}

/* LINKTYPE_LINUX_SLL: packet type, ARPHRD, address length, address[8], protocol. */
static void decode_sll(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 16);

    if (header == NULL)
        return;
    cooked_address(walk, be16(header + 4), header + 6);
    cooked_payload(walk, be16(header + 2), be16(header + 14));
}

/* LINKTYPE_LINUX_SLL2: protocol, 0, interface index, ARPHRD, packet type, address length,
 * address[8]. */
static void decode_sll2(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 20);

    if (header == NULL)
        return;
    cooked_address(walk, header[11], header + 12);
    cooked_payload(walk, be16(header + 8), be16(header));
}

/* LINKTYPE_NULL and LINKTYPE_LOOP: an address family, in the byte order of the capturing machine or
 * in network order; a family needs 16 bits at most. */
static void decode_null(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 4);
    uint32_t family;

    if (header == NULL)
        return;
    if (header[0] == 0xFF && header[1] == 0x03) { /* PPP of some BSDs: FF 03, protocol */
        walk_ppp_protocol(walk, be16(header + 2));
        return;
    }
    family = le32(header) <= 0xFFFF ? le32(header) : be32(header);
    if (family > 0xFFFF)
        family = be16(header + 2); /* Cisco HDLC under this name: 0F 00, Ethernet type */
    if (family >= 0x600)
        walk_ethertype(walk, (uint16_t)family);
    else
        walk_family(walk, family);
}

/* LINKTYPE_PFLOG: its length, then the address family; padded to 4 octets. */
static void decode_pflog(struct walk *walk)
{
    const uint8_t *header = walk_view(walk, 2);

    if (header == NULL)
        return;
    if (header[0] < 4) {
        walk_damaged(walk, " with a pflog header under 4 octets");
        return;
    }
    walk_skip(walk, (size_t)(header[0] + 3) & ~(size_t)3);
    walk_family(walk, header[1]);
}

/* LINKTYPE_ENC: address family in host order, SPI, flags. */
static void decode_enc(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 12);

    if (header != NULL)
        walk_family(walk, le32(header) <= 0xFFFF ? le32(header) : be32(header));
}

/* LINKTYPE_IPNET: version, family as Solaris counts (26 is IPv6), and 22 octets more. */
static void decode_ipnet(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 24);

    if (header != NULL && (header[1] == AF_INET_ANY || header[1] == 26))
        walk->next = decode_ip;
}

/* LINKTYPE_PKTAP (Darwin): header length, record type, the link type that follows; host order,
 * which is little endian on every such machine of the last years. */
static void decode_pktap(struct walk *walk)
{
    const uint8_t *header = walk_view(walk, 12);

    if (header == NULL)
        return;
    if (le32(header) < 12) {
        walk_damaged(walk, " with a pktap header under 12 octets");
        return;
    }
    walk_skip(walk, le32(header));
    if (le32(header + 4) == 1)
        walk_link(walk, le32(header + 8));
}

/* RFC 2427: address, control, then NLPID; or address and an Ethernet type (Cisco). */
static void decode_frame_relay(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 4);

    if (header == NULL || (header[1] & 1) == 0)
        return; /* longer addresses are not in use */
    if (header[2] == 0x03 && (header[3] == 0xCC || header[3] == 0x8E))
        walk->next = decode_ip;
    else if (header[2] != 0x03)
        walk_ethertype(walk, be16(header + 2));
}

/* LINKTYPE_ETHERNET_MPACKET: a preamble of 8 octets. */
static void decode_mpacket(struct walk *walk)
{
    walk_skip(walk, 8);
    walk->next = decode_ethernet;
}

struct link_row {
    uint32_t link_type;
    void (*decode)(struct walk *walk);
};

/* The most frequent ones first. */
static const struct link_row links[] = {
    {1, decode_ethernet},
    {113, decode_sll},
    {276, decode_sll2},
    {101, decode_ip}, /* RAW, and the DLT numbers that some files carry for it */
    {12, decode_ip},
    {14, decode_ip},
    {228, decode_ip}, /* IPV4, IPV6 */
    {229, decode_ip},
    {0, decode_null}, /* NULL, LOOP */
    {108, decode_null},
    {105, decode_wifi},
    {127, decode_wifi_radiotap},
    {119, decode_wifi_prism},
    {163, decode_wifi_avs},
    {192, decode_ppi},
    {LINK_NETMON_WIFI, decode_wifi_netmon},
    {LINK_NETMON_EVENT, decode_netmon_event},
    {252, decode_export_pdu},
    {9, decode_ppp_hdlc},
    {50, decode_ppp_hdlc},
    {51, decode_pppoe},
    {166, decode_ppp_pppd},
    {204, decode_ppp_with_direction},
    {104, decode_cisco_hdlc},
    {219, decode_mpls},
    {239, decode_nflog},
    {117, decode_pflog},
    {109, decode_enc},
    {226, decode_ipnet},
    {258, decode_pktap},
    {107, decode_frame_relay},
    {6, decode_token_ring},
    {10, decode_fddi},
    {100, decode_llc}, /* ATM_RFC1483 */
    {11, decode_llc},  /* its DLT number */
    {274, decode_mpacket},
};

void walk_link(struct walk *walk, uint32_t link_type)
{
    struct tally_what what = {"unknown-link-type", "frame",   " of link type",
                              "not decoded",       link_type, link_name_find};
    size_t i;

    for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        if (links[i].link_type == link_type) {
            walk->next = links[i].decode;
            return;
        }
    }
    if (link_type == LINK_NETMON_METADATA || link_type == LINK_PCAPNG_RECORD)
        return; /* no packets by nature */
    if (link_type == LINK_NETMON_OTHER)
        what = (struct tally_what){"unknown-link-type", "frame", " of an unknown media type",
                                   "not decoded",       0,       NULL};
    tally_note(&walk->decoder->tallies, &what, 1, walk->frame->number, 0);
}
