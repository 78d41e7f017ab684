/* SPDX-License-Identifier: MIT */
/* What an Ethernet type names, and the small tags that stand between Ethernet and IP. */
#include "packet/walk.h"

void walk_type_or_length(struct walk *walk, uint16_t type)
{
    if (type >= 0x600) {
        walk_ethertype(walk, type);
    } else if (type <= 1500) {
        walk_trim_hint(walk, type);
        walk->next = decode_llc;
    }
}

/* A tag of `len` octets whose last two are the next type. */
static void skip_tag(struct walk *walk, size_t len)
{
    const uint8_t *tag = walk_take(walk, len);

    if (tag != NULL)
        walk_type_or_length(walk, be16(tag + len - 2));
}

/* IEEE 802.1Q, 802.1ad: priority and VLAN, type. */
static void decode_vlan(struct walk *walk)
{
    skip_tag(walk, 4);
}

/* IEEE 802.1BR. */
static void decode_etag(struct walk *walk)
{
    skip_tag(walk, 8);
}

/* Cisco VN-Tag, and the redundancy tag of IEC 62439-3. */
static void decode_vntag(struct walk *walk)
{
    skip_tag(walk, 6);
}

/* Cisco MetaData: version, length, then options and the type. */
static void decode_cisco_metadata(struct walk *walk)
{
    skip_tag(walk, 8);
}

/* IEEE 802.1ah: service tag, then a whole frame. */
static void decode_provider_backbone(struct walk *walk)
{
    walk_skip(walk, 4);
    walk->next = decode_ethernet;
}

/* Cisco FabricPath: a tag of 2 octets, then a whole frame. */
static void decode_fabricpath(struct walk *walk)
{
    walk_skip(walk, 2);
    walk->next = decode_ethernet;
}

/* IEEE 802.1AE. Readable unless it is encrypted (E) or changed (C); the check value at its end
 * falls behind the IP length. */
static void decode_macsec(struct walk *walk)
{
    const uint8_t *tag = walk_take(walk, 6);

    if (tag == NULL)
        return;
    if ((tag[0] & 0x0C) != 0) {
        walk_hidden(walk, " encrypted by MACsec");
        return;
    }
    if ((tag[0] & 0x20) != 0)
        walk_skip(walk, 8); /* the sender's identifier */
    skip_tag(walk, 2);
}

static void decode_transparent_bridge(struct walk *walk)
{
    if (walk_inner(walk))
        walk->next = decode_ethernet;
}

struct ethertype_row {
    uint16_t ethertype;
    void (*decode)(struct walk *walk);
    const char *hidden; /* no decoder: IP may be in there */
};

/* The most frequent ones first. Types that are not here carry no IP, as far as is known. */
static const struct ethertype_row ethertypes[] = {
    {0x0800, decode_ip, NULL},
    {0x86DD, decode_ip, NULL},
    {0x8100, decode_vlan, NULL},
    {0x88A8, decode_vlan, NULL},
    {0x9100, decode_vlan, NULL}, /* QinQ before 802.1ad */
    {0x9200, decode_vlan, NULL},
    {0x8864, decode_pppoe, NULL},
    {0x8847, decode_mpls, NULL},
    {0x8848, decode_mpls, NULL},
    {0x6558, decode_transparent_bridge, NULL},
    {0x8870, decode_llc, NULL}, /* jumbo LLC frames */
    {0x88BE, decode_erspan_2, NULL},
    {0x22EB, decode_erspan_3, NULL},
    {0x880B, decode_ppp, NULL},
    {0x88E5, decode_macsec, NULL},
    {0x88E7, decode_provider_backbone, NULL},
    {0x8903, decode_fabricpath, NULL},
    {0x8926, decode_vntag, NULL},
    {0x892F, decode_vntag, NULL},
    {0x893F, decode_etag, NULL},
    {0x8909, decode_cisco_metadata, NULL},
    {0x894F, decode_nsh, NULL},
    {0x22F3, decode_trill, NULL},
    {0x4305, NULL, " with B.A.T.M.A.N. mesh headers"},
};

void walk_ethertype(struct walk *walk, uint16_t ethertype)
{
    size_t i;

    for (i = 0; i < sizeof(ethertypes) / sizeof(ethertypes[0]); i++) {
        if (ethertypes[i].ethertype != ethertype)
            continue;
        walk->next = ethertypes[i].decode;
        if (walk->next == NULL)
            walk_hidden(walk, ethertypes[i].hidden);
        return;
    }
}
