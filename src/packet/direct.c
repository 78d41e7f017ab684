/* SPDX-License-Identifier: MIT */
/* Most frames are whole Ethernet frames with IPv4 without options and TCP or UDP: those are read in
 * one go. Whatever is not exactly that is left to the walk, which gives the same for these frames.
 */
#include "packet/walk.h"

enum {
    LINK_ETHERNET = 1,
    TYPE_IPV4 = 0x0800,
    TYPE_VLAN = 0x8100,
    ETHERNET_LEN = 14,
    VLAN_LEN = 4,
    IPV4_LEN = 20,
    TCP_LEN = 20,
    UDP_LEN = 8,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    IPV4_FRAGMENT = 0x3FFF /* more fragments, or an offset */
};

static inline void set_ipv4(struct address *out, const uint8_t *octet)
{
    out->family = 4;
    memcpy(out->octet, octet, 4);
    memset(out->octet + 4, 0, sizeof(out->octet) - 4);
}

/* What of a frame does not depend on its transport. */
static inline void set_common(struct packet *out, const struct frame *frame, const uint8_t *ip)
{
    const uint8_t *l4 = ip + IPV4_LEN;

    out->frame = frame->number;
    out->time_ns = frame->time_ns;
    out->has_time = frame->has_time;
    set_ipv4(&out->src, ip + 12);
    set_ipv4(&out->dst, ip + 16);
    out->sport = be16(l4);
    out->dport = be16(l4 + 2);
    memcpy(out->src_mac, frame->data.at + 6, sizeof(out->src_mac));
    out->has_mac = true;
    out->missing = 0;
    out->process = frame->process;
    out->pid = frame->pid;
    out->pdu = NULL;
    out->pdu_from_server = false;
}

/* `len` octets of the datagram are there behind its IP header. */
static inline bool take_tcp(const struct frame *frame, const uint8_t *ip, size_t len,
                            struct packet *out)
{
    const uint8_t *l4 = ip + IPV4_LEN;
    size_t header_len;

    if (len < TCP_LEN)
        return false;
    header_len = (size_t)(l4[12] >> 4) * 4;
    if (header_len < TCP_LEN || header_len > len)
        return false;
    set_common(out, frame, ip);
    out->transport = PROTOCOL_TCP;
    out->seq = be32(l4 + 4);
    out->ack = be32(l4 + 8);
    out->flags = l4[13];
    out->payload = (struct bytes){l4 + header_len, len - header_len};
    out->header_len = header_len;
    return true;
}

static bool take_udp(const struct frame *frame, const uint8_t *ip, size_t len, struct packet *out)
{
    const uint8_t *l4 = ip + IPV4_LEN;
    size_t said;

    if (len < UDP_LEN)
        return false;
    said = be16(l4 + 4);
    if (said < UDP_LEN || said > len || walk_may_tunnel(be16(l4), be16(l4 + 2)))
        return false;
    set_common(out, frame, ip);
    out->transport = PROTOCOL_UDP;
    out->seq = out->ack = 0;
    out->flags = 0;
    out->payload = (struct bytes){l4 + UDP_LEN, said - UDP_LEN};
    out->header_len = UDP_LEN;
    return true;
}

bool packet_direct(const struct frame *frame, struct packet *out)
{
    const uint8_t *ip = frame->data.at + ETHERNET_LEN;
    size_t left = frame->data.len, len;

    if (left < ETHERNET_LEN + VLAN_LEN + IPV4_LEN || frame->link_type != LINK_ETHERNET ||
        frame->wire_len != left)
        return false;
    left -= ETHERNET_LEN;
    if (be16(ip - 2) == TYPE_VLAN) {
        ip += VLAN_LEN;
        left -= VLAN_LEN;
    }
    len = be16(ip + 2);
    if (be16(ip - 2) != TYPE_IPV4 || ip[0] != 0x45 || (be16(ip + 6) & IPV4_FRAGMENT) != 0 ||
        len <= IPV4_LEN || len > left)
        return false;
    len -= IPV4_LEN;
    if (ip[9] == PROTOCOL_TCP)
        return take_tcp(frame, ip, len, out);
    return ip[9] == PROTOCOL_UDP && take_udp(frame, ip, len, out);
}
