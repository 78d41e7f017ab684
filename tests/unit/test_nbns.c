/* SPDX-License-Identifier: MIT */
#include "protocol/nbns.h"

#include <stdlib.h>

#include "harness.h"

static const char *decoded(const char *encoded)
{
    static char out[DNS_NAME_ROOM];

    nbns_name(encoded, out);
    return out;
}

TEST(names)
{
    /* RFC 1001 14.1 has "The NetBIOS name" with a slip in the second letter, GH for GI, and FRED */
    CHECK_STR(decoded("FEGIGFCAEOGFHEECEJEPFDCAGOGBGNGF.NETBIOS.COM"),
              "The NetBIOS nam<65>.NETBIOS.COM");
    CHECK_STR(decoded("EGFCEFEECACACACACACACACACACACACA.NETBIOS.COM"), "FRED.NETBIOS.COM");
    /* "*" filled with zeros (a node status request), and a domain's suffix */
    CHECK_STR(decoded("CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "*");
    CHECK_STR(decoded("EGFCEFEECACACACACACACACACACACABM"), "FRED<1c>");
    CHECK_STR(decoded("EGFCEFEECACACACACACACACACACACAAA"), "FRED");
}

TEST(what_is_not_encoded_stays)
{
    char out[DNS_NAME_ROOM];

    CHECK(!nbns_name("", out));
    CHECK_STR(out, "");
    CHECK(!nbns_name("EGFC", out));
    CHECK_STR(out, "EGFC");
    CHECK(!nbns_name("EGFCEFEECACACACACACACACACACACACAA", out));
    CHECK(!nbns_name("EGFCEFEECACACACACACACACACACACA.A", out));
    CHECK(!nbns_name("QGFCEFEECACACACACACACACACACACACA", out));
}

/* RFC 1002 4.2.13: positive name query response with two addresses. */
static const char response[] =
    "0001 8500 0000 0001 0000 0000"
    "20 454746434546454543414341434143414341434143414341434143414341434100"
    "0020 0001 000493e0 000c 0000 0a000502 6000 0a000504";

TEST(addresses_of_a_response)
{
    struct bytes bytes = test_hex(response), octets;
    struct dns_message message;
    struct dns_record record;
    struct reader data;
    char room[DNS_TYPE_ROOM];

    CHECK(nbns_plausible(bytes));
    CHECK(dns_parse(bytes, 0, &message));
    CHECK(dns_take_record(&message, &record));
    CHECK_STR(decoded(record.name), "FRED");
    CHECK_STR(nbns_type_name(record.type, room), "NB");
    reader_init(&data, record.data, false);
    CHECK(nbns_take_address(&data, &octets) && octets.at[3] == 2);
    CHECK(nbns_take_address(&data, &octets) && octets.at[3] == 4);
    CHECK(!nbns_take_address(&data, &octets) && reader_ok(&data));
    free((void *)bytes.at);
}

TEST(what_cannot_be_a_header)
{
    struct bytes bytes = test_hex(response);
    size_t len;

    for (len = 0; len < DNS_HEADER_BYTES; len++)
        CHECK(!nbns_plausible((struct bytes){bytes.at, len}));
    ((uint8_t *)(uintptr_t)bytes.at)[2] = 0x08; /* opcode 1 */
    CHECK(!nbns_plausible(bytes));
    free((void *)bytes.at);
}
