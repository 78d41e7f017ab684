/* SPDX-License-Identifier: MIT */
/* TCP (RFC 9293) and UDP (RFC 768): what the walk is after. */
#include "packet/walk.h"

enum { TRANSPORT_TCP = 6, TRANSPORT_UDP = 17 };

/* The rest of the layer is the payload of a transport packet. */
static void found(struct walk *walk, uint8_t transport, const uint8_t *ports)
{
    struct packet *out = walk->out;

    walk->found = true;
    out->transport = transport;
    out->src = walk->src;
    out->dst = walk->dst;
    out->sport = be16(ports);
    out->dport = be16(ports + 2);
    out->header_len = (size_t)(walk->in.base + walk->in.at - ports);
    out->payload = (struct bytes){walk->in.base + walk->in.at, reader_left(&walk->in)};
    out->missing = walk->missing;
}

void decode_tcp(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 20);
    size_t options_len, left;

    if (header == NULL)
        return;
    if (header[12] >> 4 < 5) {
        walk_damaged(walk, " with a TCP header under 20 octets");
        return;
    }
    options_len = (size_t)(header[12] >> 4) * 4 - 20;
    left = reader_left(&walk->in);
    if (options_len > left && options_len - left <= walk->missing) {
        walk->missing -= options_len - left; /* cut within the options: no payload is here */
        options_len = left;
    }
    if (options_len > left) {
        walk_damaged(walk, " with a TCP header longer than its packet");
        return;
    }
    walk_skip(walk, options_len);
    found(walk, TRANSPORT_TCP, header);
    walk->out->seq = be32(header + 4);
    walk->out->ack = be32(header + 8);
    walk->out->flags = header[13];
}

void decode_udp(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 8);
    size_t len;

    if (header == NULL)
        return;
    len = be16(header + 4);
    if (len == 0 && !walk->no_length && walk->src.family == 4) {
        walk_damaged(walk, " with a UDP length of 0");
        return;
    }
    if (len > 0 && len < 8) {
        walk_damaged(walk, " with a UDP length under 8");
        return;
    }
    if (len > 0)
        walk_trim_hint(walk, len - 8); /* the IP length has the last word */
    found(walk, TRANSPORT_UDP, header);
    walk->out->seq = walk->out->ack = 0;
    walk->out->flags = 0;
    walk_udp_tunnel(walk, be16(header), be16(header + 2));
}
