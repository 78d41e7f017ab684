/* SPDX-License-Identifier: MIT */
/* IEEE 802.11 data frames, and the headers that capturing systems put before them. */
#include "packet/walk.h"

enum {
    FC_TO_DS = 0x0100,
    FC_FROM_DS = 0x0200,
    FC_MORE_FRAGMENTS = 0x0400,
    FC_PROTECTED = 0x4000,
    FC_ORDER = 0x8000,
    SUBTYPE_NO_DATA = 4,
    SUBTYPE_QOS = 8,
    QOS_AGGREGATE = 0x80 /* A-MSDU present */
};

/* RFC 1042 SNAP: a frame that was captured decrypted keeps its Protected bit. */
static bool is_snap(const uint8_t *at)
{
    static const uint8_t snap[] = {0xAA, 0xAA, 0x03, 0x00, 0x00};

    return memcmp(at, snap, sizeof(snap)) == 0;
}

static size_t header_len(uint16_t control, unsigned subtype)
{
    size_t len = 24;

    if ((control & (FC_TO_DS | FC_FROM_DS)) == (FC_TO_DS | FC_FROM_DS))
        len += 6; /* fourth address */
    if ((subtype & SUBTYPE_QOS) != 0)
        len += (control & FC_ORDER) != 0 ? 2 + 4 : 2; /* QoS control, HT control */
    return len;
}

static void take_source(struct walk *walk, uint16_t control, const uint8_t *header)
{
    const uint8_t *source = header + 10;

    if ((control & FC_FROM_DS) != 0)
        source = (control & FC_TO_DS) != 0 ? header + 24 : header + 16;
    memcpy(walk->out->src_mac, source, 6);
    walk->out->has_mac = true;
}

/* `pad`: the header is padded to 4 octets (a habit of Atheros cards that radiotap tells of). */
static void data_frame(struct walk *walk, bool pad)
{
    const uint8_t *header = walk_view(walk, 2), *body;
    uint16_t control;
    unsigned subtype;
    size_t len;

    if (header == NULL)
        return;
    control = le16(header);
    subtype = control >> 4 & 0x0F;
    if ((control & 0x0F) != 0x08 || (subtype & SUBTYPE_NO_DATA) != 0)
        return; /* management, control, another version; nothing in it */
    len = header_len(control, subtype);
    header = walk_take(walk, len);
    if (header == NULL)
        return;
    if (pad && len % 4 != 0)
        walk_skip(walk, 4 - len % 4);
    take_source(walk, control, header);
    if (reader_left(&walk->in) == 0 && walk->missing == 0)
        return;
    body = walk_view(walk, 8);
    if (body == NULL)
        return;
    if ((control & FC_PROTECTED) != 0 && !is_snap(body)) {
        walk_note(walk, "encrypted-wifi", "frame", " of 802.11 with encrypted data", "not decoded");
        return;
    }
    if ((control & FC_MORE_FRAGMENTS) != 0 || (le16(header + 22) & 0x0F) != 0) {
        walk_hidden(walk, " of fragmented 802.11 data");
        return;
    }
    if ((subtype & SUBTYPE_QOS) != 0 &&
        (header[len - ((control & FC_ORDER) != 0 ? 6 : 2)] & QOS_AGGREGATE) != 0 &&
        !is_snap(body)) {
        walk_hidden(walk, " of aggregated 802.11 data");
        return;
    }
    walk->next = decode_llc;
}

void decode_wifi(struct walk *walk)
{
    data_frame(walk, false);
}

static void decode_wifi_padded(struct walk *walk)
{
    data_frame(walk, true);
}

/* https://www.radiotap.org: version 0, pad, length, words of presence bits (bit 31: another
 * follows), then the fields in the order of their bits. Of interest: bit 1, the flags, behind bit
 * 0, a time stamp aligned to 8. */
void decode_wifi_radiotap(struct walk *walk)
{
    const uint8_t *header = walk_view(walk, 8);
    size_t len, at = 8;
    uint32_t present;

    if (header == NULL)
        return;
    len = le16(header + 2);
    present = le32(header + 4);
    if (len < 8) {
        walk_damaged(walk, " with a radiotap header under 8 octets");
        return;
    }
    header = walk_take(walk, len);
    if (header == NULL)
        return;
    while (at + 4 <= len && (le32(header + at - 4) & 0x80000000u) != 0)
        at += 4;
    if ((present & 1) != 0)
        at = ((at + 7) & ~(size_t)7) + 8;
    walk->next = (present & 2) != 0 && at < len && (header[at] & 0x20) != 0 ? decode_wifi_padded
                                                                            : decode_wifi;
}

/* LINKTYPE_IEEE802_11_AVS: version 0x8021100x, header length, in network order. */
void decode_wifi_avs(struct walk *walk)
{
    const uint8_t *header = walk_view(walk, 8);

    if (header == NULL)
        return;
    if (be32(header + 4) < 8) {
        walk_damaged(walk, " with an AVS header under 8 octets");
        return;
    }
    walk_skip(walk, be32(header + 4));
    walk->next = decode_wifi;
}

/* LINKTYPE_IEEE802_11_PRISM: message code, length of the whole header, in the order of the
 * capturing machine. AVS headers come under this type as well. */
void decode_wifi_prism(struct walk *walk)
{
    const uint8_t *header = walk_view(walk, 8);
    uint32_t len;

    if (header == NULL)
        return;
    if (be32(header) >> 4 == 0x08021100) {
        walk->next = decode_wifi_avs;
        return;
    }
    len = le32(header + 4) <= 0xFFFF ? le32(header + 4) : be32(header + 4);
    if (len < 8) {
        walk_damaged(walk, " with a Prism header under 8 octets");
        return;
    }
    walk_skip(walk, len);
    walk->next = decode_wifi;
}

/* Network Monitor: version 2, length, then operation mode and radio facts. */
void decode_wifi_netmon(struct walk *walk)
{
    const uint8_t *header = walk_view(walk, 3);

    if (header == NULL)
        return;
    if (header[0] != 2 || le16(header + 1) < 32) {
        walk_damaged(walk, " with an unknown Network Monitor 802.11 prefix");
        return;
    }
    walk_skip(walk, le16(header + 1));
    walk->next = decode_wifi;
}

/* LINKTYPE_PPI: version, flags, length, link type of what follows the fields. */
void decode_ppi(struct walk *walk)
{
    const uint8_t *header = walk_view(walk, 8);

    if (header == NULL)
        return;
    if (le16(header + 2) < 8) {
        walk_damaged(walk, " with a PPI header under 8 octets");
        return;
    }
    walk_skip(walk, le16(header + 2));
    walk_link(walk, le32(header + 4));
}
