/* SPDX-License-Identifier: MIT */
/* LINKTYPE_WIRESHARK_UPPER_PDU: what "Export PDUs to File" writes. TLVs in network order, the
 * length without padding of its own; then the unit itself. Tags after Wireshark's
 * exported_pdu_tlvs.h. */
#include "packet/walk.h"

enum {
    TAG_END = 0,
    TAG_DISSECTOR = 12,
    TAG_HEURISTIC = 13,
    TAG_TABLE = 14,
    TAG_IPV4_SRC = 20,
    TAG_IPV4_DST = 21,
    TAG_IPV6_SRC = 22,
    TAG_IPV6_DST = 23,
    TAG_PORT_TYPE = 24,
    TAG_SRC_PORT = 25,
    TAG_DST_PORT = 26,
    TAG_TABLE_VALUE = 32,
    TAG_DIRECTION = 35
};

enum { PORT_TYPE_TCP = 2, PORT_TYPE_UDP = 3, DIRECTION_RECEIVED = 1 };

struct pdu_row {
    const char *dissector;
    const char *pdu;                   /* the name this program uses; NULL: a layer */
    void (*decode)(struct walk *walk); /* of the layer */
};

/* Wireshark's names for one protocol over several carriers are one name here. Dissectors that are
 * not listed keep their names. */
static const struct pdu_row pdus[] = {
    {"http", "http", NULL},
    {"http-over-tcp", "http", NULL},
    {"http-over-tls", "http", NULL},
    {"http_tcp", "http", NULL},
    {"http_tls", "http", NULL},
    {"kerberos", "kerberos", NULL},
    {"kerberos.udp", "kerberos", NULL},
    {"dns", "dns", NULL},
    {"dns.udp", "dns", NULL},
    {"dns_udp", "dns", NULL},
    {"ip", NULL, decode_ip},
    {"ipv6", NULL, decode_ip},
    {"eth", NULL, decode_ethernet},
    {"eth_withoutfcs", NULL, decode_ethernet},
    {"eth_maybefcs", NULL, decode_ethernet},
    {"eth_withfcs", NULL, decode_ethernet},
    {"tcp", NULL, decode_tcp},
    {"udp", NULL, decode_udp},
};

/* A dissector table in place of a dissector ("OSI layer 4"): by the table's value. TCP units are
 * whole ones, put together by Wireshark, and named by the port it went by. */
static const struct {
    uint16_t port;
    const char *pdu;
} tcp_ports[] = {{80, "http"},   {3128, "http"}, {5985, "http"},   {8080, "http"},
                 {8000, "http"}, {53, "dns"},    {88, "kerberos"}, {464, "kpasswd"},
                 {389, "ldap"},  {3268, "ldap"}, {445, "smb2"}};

struct tags {
    struct bytes name, table;
    uint32_t table_value, port_type, sport, dport, direction;
    bool has_direction;
};

static uint32_t number(struct bytes value)
{
    return value.len >= 4 ? be32(value.at) : 0;
}

static struct bytes without_padding(struct bytes text)
{
    while (text.len > 0 && text.at[text.len - 1] == '\0')
        text.len--;
    return text;
}

static void take_tag(struct walk *walk, struct tags *tags, uint16_t tag, struct bytes value)
{
    switch (tag) {
    case TAG_DISSECTOR:
    case TAG_HEURISTIC:
        if (tags->name.len == 0)
            tags->name = without_padding(value);
        break;
    case TAG_TABLE:
        tags->table = without_padding(value);
        break;
    case TAG_TABLE_VALUE:
        tags->table_value = number(value);
        break;
    case TAG_IPV4_SRC:
    case TAG_IPV6_SRC:
        walk->src = address_from(value);
        break;
    case TAG_IPV4_DST:
    case TAG_IPV6_DST:
        walk->dst = address_from(value);
        break;
    case TAG_PORT_TYPE:
        tags->port_type = number(value);
        break;
    case TAG_SRC_PORT:
        tags->sport = number(value);
        break;
    case TAG_DST_PORT:
        tags->dport = number(value);
        break;
    case TAG_DIRECTION:
        tags->direction = number(value);
        tags->has_direction = true;
        break;
    default:
        break;
    }
}

/* Dissector names are ASCII; what is not becomes '?', what is too long is cut. */
static const char *keep_name(struct walk *walk, struct bytes name)
{
    char *out = walk->decoder->pdu_name;
    size_t i, len = size_min(name.len, PDU_NAME_ROOM - 1);

    for (i = 0; i < len; i++)
        out[i] = name.at[i] > 0x20 && name.at[i] < 0x7F ? (char)name.at[i] : '?';
    out[len] = '\0';
    return out;
}

static const struct pdu_row *find_row(struct bytes name)
{
    size_t i;

    for (i = 0; i < sizeof(pdus) / sizeof(pdus[0]); i++)
        if (bytes_equal(name, bytes_of_text(pdus[i].dissector)))
            return &pdus[i];
    return NULL;
}

/* The unit is what is left. */
static void found_unit(struct walk *walk, const struct tags *tags, const char *pdu)
{
    struct packet *out = walk->out;

    out->pdu = pdu;
    out->transport = tags->port_type == PORT_TYPE_TCP   ? 6
                     : tags->port_type == PORT_TYPE_UDP ? 17
                                                        : 0;
    walk->found = pdu != NULL || out->transport == 17;
    out->src = walk->src;
    out->dst = walk->dst;
    out->sport = (uint16_t)tags->sport;
    out->dport = (uint16_t)tags->dport;
    out->payload = (struct bytes){walk->in.base + walk->in.at, reader_left(&walk->in)};
    out->missing = walk->missing;
    /* A server's port is the lower one. */
    if (out->sport != out->dport)
        out->pdu_from_server = out->sport < out->dport;
    else
        out->pdu_from_server = tags->has_direction && tags->direction == DIRECTION_RECEIVED;
}

/* The unit that a dissector table is called with; false when it is none of interest. */
static bool by_table(struct walk *walk, const struct tags *tags)
{
    size_t i;

    if (bytes_equal(tags->table, bytes_of_text("udp.port"))) {
        found_unit(walk, tags, NULL); /* a datagram like any other */
        return walk->out->transport == 17;
    }
    if (bytes_equal(tags->table, bytes_of_text("tcp.port"))) {
        for (i = 0; i < sizeof(tcp_ports) / sizeof(tcp_ports[0]); i++)
            if (tcp_ports[i].port == tags->table_value)
                found_unit(walk, tags, tcp_ports[i].pdu);
        return true;
    }
    if (bytes_equal(tags->table, bytes_of_text("ip.proto")))
        walk_ip_protocol(walk, (uint8_t)tags->table_value);
    else if (bytes_equal(tags->table, bytes_of_text("ethertype")))
        walk_ethertype(walk, (uint16_t)tags->table_value);
    else
        return false;
    return true;
}

void decode_export_pdu(struct walk *walk)
{
    struct tags tags = {0};
    const struct pdu_row *row;

    for (;;) {
        const uint8_t *head = walk_take(walk, 4);
        struct bytes value;

        if (head == NULL)
            return;
        value = reader_bytes(&walk->in, be16(head + 2));
        if (!reader_ok(&walk->in))
            return;
        if (be16(head) == TAG_END)
            break;
        take_tag(walk, &tags, be16(head), value);
    }
    if (tags.name.len == 0) {
        if (!by_table(walk, &tags))
            walk_hidden(walk, " of exported units of an unknown kind");
        return;
    }
    row = find_row(tags.name);
    if (row != NULL && row->pdu == NULL)
        walk->next = row->decode;
    else
        found_unit(walk, &tags, row != NULL ? row->pdu : keep_name(walk, tags.name));
}
