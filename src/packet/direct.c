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
    IPV4_FRAGMENT = 0x3FFF /* more fragments, or an offset */
};

/* Length of what stands in front of the IPv4 header; 0: something else is there. */
static size_t link_len(struct bytes data)
{
    if (data.len < ETHERNET_LEN + VLAN_LEN)
        return 0;
    if (be16(data.at + 12) == TYPE_IPV4)
        return ETHERNET_LEN;
    if (be16(data.at + 12) == TYPE_VLAN && be16(data.at + 16) == TYPE_IPV4)
        return ETHERNET_LEN + VLAN_LEN;
    return 0;
}

/* Length of the transport header at `l4`, of which len > 0 octets are there; *len becomes what the
 * header says. 0: not for here. */
static size_t transport_len(const uint8_t *l4, uint8_t protocol, size_t *len)
{
    size_t header_len, said;

    if (protocol == 6 && *len >= TCP_LEN) {
        header_len = (size_t)(l4[12] >> 4) * 4;
        return header_len >= TCP_LEN && header_len <= *len ? header_len : 0;
    }
    if (protocol != 17 || *len < UDP_LEN)
        return 0;
    said = be16(l4 + 4);
    if (said < UDP_LEN || said > *len || walk_may_tunnel(be16(l4), be16(l4 + 2)))
        return 0;
    *len = said;
    return UDP_LEN;
}

static inline void set_ipv4(struct address *out, const uint8_t *octet)
{
    out->family = 4;
    memcpy(out->octet, octet, 4);
    memset(out->octet + 4, 0, sizeof(out->octet) - 4);
}

bool packet_direct(const struct frame *frame, struct packet *out)
{
    const struct bytes data = frame->data;
    size_t ip_at = frame->link_type == LINK_ETHERNET ? link_len(data) : 0, len, header_len;
    const uint8_t *ip, *l4;

    if (ip_at == 0 || frame->wire_len != data.len || data.len - ip_at < IPV4_LEN)
        return false;
    ip = data.at + ip_at;
    len = be16(ip + 2);
    if (ip[0] != 0x45 || (be16(ip + 6) & IPV4_FRAGMENT) != 0 || len <= IPV4_LEN ||
        len > data.len - ip_at)
        return false;
    len -= IPV4_LEN;
    l4 = ip + IPV4_LEN;
    header_len = transport_len(l4, ip[9], &len);
    if (header_len == 0)
        return false;
    out->frame = frame->number;
    out->time_ns = frame->time_ns;
    out->has_time = frame->has_time;
    out->transport = ip[9];
    set_ipv4(&out->src, ip + 12);
    set_ipv4(&out->dst, ip + 16);
    out->sport = be16(l4);
    out->dport = be16(l4 + 2);
    memcpy(out->src_mac, data.at + 6, sizeof(out->src_mac));
    out->has_mac = true;
    out->seq = ip[9] == 6 ? be32(l4 + 4) : 0;
    out->ack = ip[9] == 6 ? be32(l4 + 8) : 0;
    out->flags = ip[9] == 6 ? l4[13] : 0;
    out->payload = (struct bytes){l4 + header_len, len - header_len};
    out->missing = 0;
    out->header_len = header_len;
    out->process = frame->process;
    out->pid = frame->pid;
    out->pdu = NULL;
    out->pdu_from_server = false;
    return true;
}
