/* SPDX-License-Identifier: MIT */
#include "protocol/dns.h"

#include <stdlib.h>

#include "harness.h"

/* The four names of the example in RFC 1035 4.1.4, which stand at offsets 20, 40, 64 and 92 of a
 * message there; here at 0, 12, 18 and 20 (the pointers adjusted). */
static const char rfc_names[] = "0146 03495349 0441525041 00"
                                "03464f4f c000"
                                "c006"
                                "00";

TEST(names_of_rfc_1035)
{
    struct bytes bytes = test_hex(rfc_names);
    struct reader reader;
    char name[DNS_NAME_ROOM];

    reader_init(&reader, bytes, false);
    CHECK(dns_take_name(&reader, bytes.len, name));
    CHECK_STR(name, "F.ISI.ARPA");
    CHECK(dns_take_name(&reader, bytes.len, name));
    CHECK_STR(name, "FOO.F.ISI.ARPA");
    CHECK(dns_take_name(&reader, bytes.len, name));
    CHECK_STR(name, "ARPA");
    CHECK(dns_take_name(&reader, bytes.len, name));
    CHECK_STR(name, "");
    CHECK_INT(reader_left(&reader), 0);
    free((void *)bytes.at);
}

static enum fault name_fault(const char *hex, size_t at, bool open)
{
    struct bytes bytes = test_hex(hex), exact = test_exact(bytes);
    struct reader reader;
    char name[DNS_NAME_ROOM];

    reader_init(&reader, exact, open);
    reader_seek(&reader, at);
    dns_take_name(&reader, exact.len, name);
    CHECK(reader_ok(&reader) || name[0] == '\0');
    free((void *)bytes.at);
    free((void *)exact.at);
    return reader.fault;
}

TEST(names_that_are_none)
{
    CHECK_INT(name_fault("c000", 0, false), FAULT_MALFORMED);     /* itself */
    CHECK_INT(name_fault("c002c000", 0, false), FAULT_MALFORMED); /* forward */
    CHECK_INT(name_fault("0161c000", 0, false), FAULT_MALFORMED); /* round and round */
    CHECK_INT(name_fault("c002c000", 2, false), FAULT_MALFORMED); /* back and forward */
    CHECK_INT(name_fault("4161", 0, false), FAULT_UNSUPPORTED);   /* RFC 6891 5 */
    CHECK_INT(name_fault("8161", 0, false), FAULT_UNSUPPORTED);
    CHECK_INT(name_fault("0161 0100 0162 00", 0, false), FAULT_UNSUPPORTED);
    CHECK_INT(name_fault("0361", 0, false), FAULT_MALFORMED);
    CHECK_INT(name_fault("0361", 0, true), FAULT_NEEDS_MORE);
    CHECK_INT(name_fault("c0", 0, true), FAULT_NEEDS_MORE);
    CHECK_INT(name_fault("", 0, true), FAULT_NEEDS_MORE);
}

/* num labels of len octets and a root. */
static enum fault labels_fault(size_t num, size_t len)
{
    uint8_t bytes[512] = {0};
    char name[DNS_NAME_ROOM];
    struct reader reader;
    size_t i;

    memset(bytes, 1, num * (len + 1));
    for (i = 0; i < num; i++)
        bytes[i * (len + 1)] = (uint8_t)len;
    reader_init(&reader, (struct bytes){bytes, num * (len + 1) + 1}, false);
    if (dns_take_name(&reader, reader.end, name))
        CHECK_INT(strlen(name), num * len * 4 + num - 1); /* each octet is shown as \001 */
    return reader.fault;
}

TEST(a_name_has_at_most_255_octets)
{
    CHECK_INT(labels_fault(127, 1), FAULT_NONE);
    CHECK_INT(labels_fault(128, 1), FAULT_MALFORMED);
    CHECK_INT(labels_fault(4, 62), FAULT_NONE);
    CHECK_INT(labels_fault(4, 63), FAULT_MALFORMED);
}

TEST(pointers_are_bounded)
{
    uint8_t bytes[256] = {1, 'a', 0};
    char name[DNS_NAME_ROOM];
    struct reader reader;
    size_t i, pointers = 0;

    for (i = 3; i < 200; i += 2, pointers++) {
        bytes[i] = 0xC0;
        bytes[i + 1] = (uint8_t)(i == 3 ? 0 : i - 2);
        reader_init(&reader, (struct bytes){bytes, sizeof(bytes)}, false);
        reader_seek(&reader, i);
        CHECK(dns_take_name(&reader, reader.end, name) == (pointers < 48));
        CHECK_INT(reader.fault, pointers < 48 ? FAULT_NONE : FAULT_LIMIT);
    }
}

/* What tshark 4.0.17 prints for these labels. */
TEST(odd_octets_come_out_as_in_tshark)
{
    static const struct {
        const char *hex, *text;
    } cases[] = {
        {"03 612e62 03636f6d 00", "a.b.com"},
        {"03 615c62 00", "a\\b"},
        {"03 612262 00", "a\"b"},
        {"07 612862294024 3b 00", "a(b)@$;"},
        {"03 610062 00", "a\\000b"},
        {"06 61 07080a0d 62 00", "a\\a\\b\\n\\rb"},
        {"04 61c3a962 00", "a\xc3\xa9"
                           "b"},
        {"03 61ff62 00", "a\xef\xbf\xbd"
                         "b"},
        {"03 612062 00", "a b"},
        {"02 7f1b 00", "\\177\\033"},
        {"04 5c303031 00", "\\001"},
        {"03 090b0c 00", "\\t\\v\\f"},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bytes bytes = test_hex(cases[i].hex);
        struct reader reader;
        char name[DNS_NAME_ROOM];

        reader_init(&reader, bytes, false);
        CHECK(dns_take_name(&reader, bytes.len, name));
        CHECK_STR(name, cases[i].text);
        free((void *)bytes.at);
    }
}

/* Lab capture ad-a-cname-winmit.pcap, frame 4: an SRV answer of Samba. */
static const char srv_answer[] =
    "d39985000001000100010000095f6b65726265726f73045f756470045445535403434f4d0000210001c00c00210001"
    "00000384001400000064005803646331047465737403636f6d00c03f0006000100000e100023c03b0a686f73746d61"
    "73746572c03f0000000a00000384000002580001518000000e10";

TEST(an_srv_answer)
{
    struct bytes bytes = test_hex(srv_answer);
    struct dns_message message;
    struct dns_record record;
    char value[DNS_VALUE_ROOM], type[DNS_TYPE_ROOM];

    CHECK(dns_plausible(bytes));
    CHECK(dns_parse(bytes, 0, &message));
    CHECK_INT(message.id, 0xd399);
    CHECK(message.response && message.authoritative && !message.truncated);
    CHECK_INT(message.rcode, 0);
    CHECK(message.has_question);
    CHECK_STR(message.qname, "_kerberos._udp.TEST.COM");
    CHECK_STR(dns_type_name(message.qtype, type), "SRV");
    CHECK(dns_take_record(&message, &record));
    CHECK_INT(record.section, DNS_ANSWER);
    CHECK_STR(record.name, "_kerberos._udp.TEST.COM");
    CHECK_INT(record.ttl, 900);
    CHECK(dns_value(&message, &record, value));
    CHECK_STR(value, "0 100 88 dc1.test.com");
    CHECK(dns_take_record(&message, &record));
    CHECK_INT(record.section, DNS_AUTHORITY);
    CHECK_STR(record.name, "test.com");
    CHECK_STR(dns_type_name(record.type, type), "SOA");
    CHECK(!dns_value(&message, &record, value));
    CHECK(!dns_take_record(&message, &record));
    CHECK_INT(message.reader.fault, FAULT_NONE);
    CHECK_INT(message.value_fault, FAULT_NONE);
    free((void *)bytes.at);
}

/* How many records can be read of the first len bytes; the fault of the message in *out. */
static size_t count_records(struct bytes bytes, size_t len, size_t missing, enum fault *out)
{
    struct bytes exact = test_exact((struct bytes){bytes.at, len});
    struct dns_message message;
    struct dns_record record;
    char value[DNS_VALUE_ROOM];
    size_t num = 0;

    *out = FAULT_NEEDS_MORE;
    if (dns_parse(exact, missing, &message)) {
        for (; dns_take_record(&message, &record); num++)
            dns_value(&message, &record, value);
        *out = message.reader.fault;
    } else {
        CHECK(len < DNS_HEADER_BYTES);
    }
    free((void *)exact.at);
    return num;
}

TEST(every_prefix_of_an_answer)
{
    struct bytes bytes = test_hex(srv_answer);
    size_t len, last = 0;

    for (len = 0; len < bytes.len; len++) {
        enum fault fault;
        size_t num = count_records(bytes, len, bytes.len - len, &fault);

        CHECK(num >= last && num <= 2);
        CHECK_INT(fault, FAULT_NEEDS_MORE);
        last = num;
        if (len < DNS_HEADER_BYTES)
            continue;
        CHECK_INT(count_records(bytes, len, 0, &fault), num);
        CHECK_INT(fault, FAULT_MALFORMED);
    }
    CHECK_INT(last, 2);
    free((void *)bytes.at);
}

TEST(the_extended_rcode_and_the_root_of_an_opt_record)
{
    /* RFC 6891 6.1.3: BADVERS is 16: 1 in the upper eight bits, 0 in the header. */
    struct bytes bytes = test_hex("0001 8000 0000 0000 0000 0001 00 0029 1000 01000000 0000");
    struct dns_message message;
    struct dns_record record;

    CHECK(dns_parse(bytes, 0, &message));
    CHECK(!message.has_question);
    CHECK(dns_take_record(&message, &record));
    CHECK_STR(record.name, "");
    CHECK_INT(record.section, DNS_ADDITIONAL);
    CHECK_INT(message.rcode, 16);
    free((void *)bytes.at);
}

TEST(a_damaged_value_does_not_hide_the_next_record)
{
    /* An A record of three octets, then one of four. */
    struct bytes bytes = test_hex("0001 8000 0000 0002 0000 0000"
                                  "00 0001 0001 00000001 0003 0a0001"
                                  "00 0001 0001 00000001 0004 0a000102");
    struct dns_message message;
    struct dns_record record;
    char value[DNS_VALUE_ROOM];

    CHECK(dns_parse(bytes, 0, &message));
    CHECK(dns_take_record(&message, &record));
    CHECK(!dns_value(&message, &record, value));
    CHECK_INT(message.value_fault, FAULT_MALFORMED);
    CHECK(dns_take_record(&message, &record));
    CHECK(dns_value(&message, &record, value));
    CHECK_STR(value, "10.0.1.2");
    CHECK_INT(message.reader.fault, FAULT_NONE);
    free((void *)bytes.at);
}

TEST(a_truncated_answer_is_not_damaged)
{
    /* TC, one of two records. */
    struct bytes bytes =
        test_hex("0001 8200 0000 0002 0000 0000 00 0001 0001 00000001 0004 0a000102");
    struct dns_message message;
    struct dns_record record;

    CHECK(dns_parse(bytes, 0, &message));
    CHECK(message.truncated);
    CHECK(dns_take_record(&message, &record));
    CHECK(!dns_take_record(&message, &record));
    CHECK_INT(message.reader.fault, FAULT_NONE);
    free((void *)bytes.at);
}

TEST(names_that_expand_without_end_are_bounded)
{
    /* 4000 records of 12 octets: a pointer to a name of 250 octets that are shown as four each. */
    static uint8_t bytes[65535];
    struct dns_message message;
    struct dns_record record;
    size_t at = DNS_HEADER_BYTES, i, num = 0;

    memset(bytes, 0, sizeof(bytes));
    bytes[2] = 0x80;
    bytes[5] = 1;
    bytes[6] = 0x0F;
    for (i = 0; i < 4; i++, at += 62)
        bytes[at++] = 62;
    at += 5;
    while (at + 12 <= sizeof(bytes)) {
        bytes[at] = 0xC0;
        bytes[at + 1] = DNS_HEADER_BYTES;
        at += 12;
    }
    CHECK(dns_parse((struct bytes){bytes, sizeof(bytes)}, 0, &message));
    while (dns_take_record(&message, &record))
        num++;
    CHECK(num > 1000 && num < 1100);
    CHECK_INT(message.reader.fault, FAULT_LIMIT);
}

TEST(types_have_names)
{
    char room[DNS_TYPE_ROOM];

    CHECK_STR(dns_type_name(1, room), "A");
    CHECK_STR(dns_type_name(39, room), "DNAME");
    CHECK_STR(dns_type_name(65, room), "HTTPS");
    CHECK_STR(dns_type_name(257, room), "CAA");
    CHECK_STR(dns_type_name(65535, room), "TYPE65535");
}
