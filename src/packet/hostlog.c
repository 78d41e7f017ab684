/* SPDX-License-Identifier: MIT */
/* Packets within the records of an operating system's own log: NFLOG of Linux, NetEvent of Windows.
 */
#include "packet/walk.h"

enum { NFLOG_PAYLOAD = 9 };

/* LINKTYPE_NFLOG: family, version 0, resource; then TLVs, padded to 4, whose length (with its
 * header) and type are in the order of the capturing machine. */
void decode_nflog(struct walk *walk)
{
    const uint8_t *header = walk_take(walk, 4), *tlv;
    bool big = false, first = true;

    if (header == NULL)
        return;
    if (header[1] != 0) {
        walk_damaged(walk, " with an unknown NFLOG version");
        return;
    }
    while (reader_left(&walk->in) > 0 && (tlv = walk_take(walk, 4)) != NULL) {
        size_t len;
        uint16_t type;

        if (first) /* the first of a packet is short: its other half is 0 */
            big = tlv[0] == 0 && tlv[1] != 0;
        first = false;
        len = big ? be16(tlv) : le16(tlv);
        type = (big ? be16(tlv + 2) : le16(tlv + 2)) & 0x7FFF;
        if (len < 4) {
            walk_damaged(walk, " with an NFLOG field under 4 octets");
            return;
        }
        if (type == NFLOG_PAYLOAD) {
            walk_trim_hint(walk, len - 4);
            walk->next = decode_ip;
            return;
        }
        walk_skip(walk, len - 4);
        walk_skip(walk, size_min((4 - len % 4) % 4, reader_left(&walk->in)));
    }
}

/* Microsoft-Windows-NDIS-PacketCapture {2ED6006E-4729-4609-B423-3EE7BCD678EF} */
static const uint8_t packet_capture[16] = {0x6E, 0x00, 0xD6, 0x2E, 0x29, 0x47, 0x09, 0x46,
                                           0xB4, 0x23, 0x3E, 0xE7, 0xBC, 0xD6, 0x78, 0xEF};

enum {
    EVENT_HEADER = 89,
    EVENT_PROVIDER = 24,
    EVENT_ID = 40,
    EVENT_EXTENDED = 84,
    EVENT_USER = 86,
    EVENT_PACKET = 1001
};

/* An ETW record as Network Monitor keeps it: EVENT_HEADER of 80 octets, processor and logger,
 * number of extended items, length of the user data, an octet. Of interest: the packet capture
 * provider's event 1001: two interface indexes, the length of the frame, the frame. */
void decode_netmon_event(struct walk *walk)
{
    const uint8_t *event = walk_take(walk, EVENT_HEADER), *user;

    if (event == NULL || memcmp(event + EVENT_PROVIDER, packet_capture, 16) != 0 ||
        le16(event + EVENT_ID) != EVENT_PACKET || le16(event + EVENT_EXTENDED) != 0)
        return;
    walk_trim_hint(walk, le16(event + EVENT_USER));
    user = walk_take(walk, 12);
    if (user == NULL)
        return;
    walk_trim_hint(walk, le32(user + 8));
    walk->next = decode_ethernet;
}
