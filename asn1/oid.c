/* SPDX-License-Identifier: MIT */
#include "asn1/oid.h"

#include <stdio.h>

#include "base/reader.h"

static const struct {
    enum oid_mech mech;
    const char *dotted, *name;
} known[] = {
    {MECH_SPNEGO, "1.3.6.1.5.5.2", "SPNEGO"},
    {MECH_KRB5, "1.2.840.113554.1.2.2", "Kerberos 5"},
    {MECH_KRB5_MS, "1.2.840.48018.1.2.2", "Kerberos 5, Microsoft's old identifier"},
    {MECH_KRB5_U2U, "1.2.840.113554.1.2.2.3", "Kerberos 5 user-to-user"},
    {MECH_NTLM, "1.3.6.1.4.1.311.2.2.10", "NTLM"},
    {MECH_NEGOEX, "1.3.6.1.4.1.311.2.2.30", "NegoEx"},
    {MECH_IAKERB, "1.3.6.1.5.2.5", "IAKERB"},
    {MECH_PKU2U, "1.3.6.1.5.2.7", "PKU2U"},
    {MECH_OTHER, "1.3.5.1.5.2", "Kerberos 5, identifier of an old draft"},
};

enum { NUM_KNOWN = sizeof(known) / sizeof(known[0]) };

/* One arc in base 128, at most 32 bits. */
static uint32_t take_arc(struct reader *in)
{
    uint32_t arc = 0;
    uint8_t octet;

    do {
        octet = reader_u8(in);
        if (arc > UINT32_MAX >> 7)
            reader_fail(in, FAULT_LIMIT, "an arc of more than 32 bits");
        arc = arc << 7 | (octet & 0x7F);
    } while (reader_ok(in) && (octet & 0x80) != 0);
    return arc;
}

bool oid_text(struct bytes content, char *out)
{
    struct reader in;
    size_t at = 0;
    bool first = true;

    out[0] = '\0';
    reader_init(&in, content, false);
    while (reader_left(&in) > 0) {
        uint32_t arc = take_arc(&in), top = arc >= 80 ? 2 : arc / 40;
        int put;

        if (first)
            put = snprintf(out, OID_TEXT_ROOM, "%u.%u", top, arc - top * 40);
        else
            put = snprintf(out + at, OID_TEXT_ROOM - at, ".%u", arc);
        first = false;
        if (!reader_ok(&in) || put < 0 || (size_t)put >= OID_TEXT_ROOM - at) {
            out[0] = '\0';
            return false;
        }
        at += (size_t)put;
    }
    return !first;
}

enum oid_mech oid_mech(struct bytes content)
{
    char dotted[OID_TEXT_ROOM];
    size_t i;

    if (!oid_text(content, dotted))
        return MECH_OTHER;
    for (i = 0; i < NUM_KNOWN; i++)
        if (strcmp(known[i].dotted, dotted) == 0)
            return known[i].mech;
    return MECH_OTHER;
}

const char *oid_name(const char *dotted)
{
    size_t i;

    for (i = 0; i < NUM_KNOWN; i++)
        if (strcmp(known[i].dotted, dotted) == 0)
            return known[i].name;
    return NULL;
}
