/* SPDX-License-Identifier: MIT */
#include "protocol/nbns.h"

#include <stdio.h>

enum { NAME_CHARS = 16, SUFFIX_COMPUTER = 0x00, SUFFIX_SERVER = 0x20 };

bool nbns_plausible(struct bytes first)
{
    /* query, registration, release, WACK, refresh, refresh (as some send it), multi-homed
     * registration */
    static const uint16_t opcodes = 1 << 0 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 15;
    struct reader reader;
    uint16_t flags, counts[4];
    size_t i;

    reader_init(&reader, first, true);
    reader_skip(&reader, 2);
    flags = reader_be16(&reader);
    for (i = 0; i < 4; i++)
        counts[i] = reader_be16(&reader);
    return reader_ok(&reader) && (opcodes >> (flags >> 11 & 15) & 1) != 0 && counts[0] <= 1 &&
           counts[1] <= 255 && counts[2] <= 255 && counts[3] <= 255;
}

/* Half an octet as a letter from A to P; -1 for any other character. */
static int nibble(char c)
{
    return c >= 'A' && c <= 'P' ? c - 'A' : c >= 'a' && c <= 'p' ? c - 'a' : -1;
}

bool nbns_name(const char *encoded, char *out)
{
    uint8_t name[NAME_CHARS];
    const char *scope;
    size_t i, len;

    snprintf(out, DNS_NAME_ROOM, "%s", encoded);
    for (i = 0; i < NAME_CHARS; i++) {
        int high = nibble(encoded[2 * i]), low = high < 0 ? -1 : nibble(encoded[2 * i + 1]);

        if (low < 0)
            return false;
        name[i] = (uint8_t)(high << 4 | low);
    }
    scope = encoded + 2 * (size_t)NAME_CHARS;
    if (*scope != '\0' && *scope != '.')
        return false;
    for (len = NAME_CHARS - 1; len > 0 && (name[len - 1] == ' ' || name[len - 1] == 0); len--)
        continue;
    dns_show_octets((struct bytes){name, len}, out);
    i = strlen(out);
    if (name[NAME_CHARS - 1] != SUFFIX_COMPUTER && name[NAME_CHARS - 1] != SUFFIX_SERVER)
        i += (size_t)snprintf(out + i, DNS_NAME_ROOM - i, "<%02x>", name[NAME_CHARS - 1]);
    snprintf(out + i, DNS_NAME_ROOM - i, "%s", scope);
    return true;
}

const char *nbns_type_name(uint16_t type, char *room)
{
    return type == NBNS_TYPE_NB       ? "NB"
           : type == NBNS_TYPE_NBSTAT ? "NBSTAT"
                                      : dns_type_name(type, room);
}

bool nbns_take_address(struct reader *data, struct bytes *out_address)
{
    if (reader_left(data) == 0)
        return false;
    reader_skip(data, 2);
    *out_address = reader_bytes(data, 4);
    return reader_ok(data);
}
