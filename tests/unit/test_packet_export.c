/* SPDX-License-Identifier: MIT */
/* Records that are no packets off a wire: Wireshark's exported units, NetEvent, encrypted WiFi; and
 * what is counted. */
#include "packet_bench.h"

enum { UPPER_PDU = 252, WIFI = 105 };

struct record {
    struct problems problems;
    struct packet packet;
    struct bytes data;
    bool found;
    char name[64];
};

static void decode(struct record *record, uint32_t link_type, const char *hex)
{
    struct packet_decoder *decoder = bench_open(&record->problems);
    struct frame frame;

    record->data = test_hex(hex);
    frame = bench_frame(link_type, record->data);
    record->found = packet_decode(decoder, &frame, &record->packet);
    record->name[0] = '\0';
    if (record->found && record->packet.pdu != NULL)
        snprintf(record->name, sizeof(record->name), "%s", record->packet.pdu);
    bench_close(decoder);
}

static void drop(struct record *record)
{
    free((void *)record->data.at);
}

/* 10.9.0.2 port 46800 to 93.184.216.34 port 443, TCP, frame 6: as tshark -U "OSI layer 7" writes
 * it. */
#define TAGS "001400040a090002 001500045db8d822 0018000400000002 001900040000b6d0 001a0004000001bb "

TEST(an_exported_http_request)
{
    struct record r;
    char src[ADDRESS_TEXT_ROOM];

    decode(&r, UPPER_PDU,
           "000c0010 687474702d6f7665722d746c73000000 " TAGS "001e000400000006 00000000"
           "48454144202f20485454502f312e310d0a0d0a");
    CHECK(r.found);
    CHECK_STR(r.name, "http");
    CHECK_INT(r.packet.transport, 6);
    CHECK_STR(address_text(&r.packet.src, src), "10.9.0.2");
    CHECK_INT(r.packet.sport, 46800);
    CHECK_INT(r.packet.dport, 443);
    CHECK(!r.packet.pdu_from_server);
    CHECK_INT(r.packet.payload.len, 19);
    CHECK(memcmp(r.packet.payload.at, "HEAD / HTTP/1.1\r\n\r\n", 19) == 0);
    CHECK_INT(r.problems.num, 0);
    drop(&r);
}

TEST(an_exported_answer_over_ipv6)
{
    struct record r;
    char src[ADDRESS_TEXT_ROOM];

    /* the deprecated total length first, an unpadded name, direction received */
    decode(&r, UPPER_PDU,
           "000a000400000050 000c0008 6b65726265726f73"
           "00160010 20010db8000000000000000000000001 00170010 20010db8000000000000000000000003"
           "0018000400000003 0019000400000058 001a00040000fbfa 0023000400000001 00000000 7e00");
    CHECK(r.found);
    CHECK_STR(r.name, "kerberos");
    CHECK_INT(r.packet.transport, 17);
    CHECK_STR(address_text(&r.packet.src, src), "2001:db8::1");
    CHECK(r.packet.pdu_from_server);
    CHECK_INT(r.packet.payload.len, 2);
    drop(&r);
}

TEST(an_exported_unit_of_another_protocol_keeps_its_name_made_harmless)
{
    struct record r;

    decode(&r, UPPER_PDU, "000c0008 736970 1b 5b33316d" TAGS "00000000 494e56495445");
    CHECK(r.found);
    CHECK_STR(r.name, "sip?[31m");
    drop(&r);
}

TEST(an_exported_layer_is_decoded)
{
    struct record r;

    decode(&r, UPPER_PDU,
           "000c0004 69700000 00000000"
           "4500002d26000000401136bd0a0005030a000501 fbfa270f00190000 6b7262776879");
    CHECK(r.found);
    CHECK(r.packet.pdu == NULL);
    CHECK_INT(r.packet.transport, 17);
    CHECK_INT(r.packet.dport, 9999);
    drop(&r);
    decode(&r, UPPER_PDU,
           "000c0004 74637000" TAGS "00000000"
           "c37c0058f4cb3ff215228f1650180201 00000000 616263");
    CHECK(r.found);
    CHECK(r.packet.pdu == NULL);
    CHECK_INT(r.packet.sport, 50044);
    CHECK_INT(r.packet.src.family, 4);
    CHECK_INT(r.packet.payload.len, 3);
    drop(&r);
}

TEST(exported_dissector_tables)
{
    struct record r;

    decode(&r, UPPER_PDU,
           "000e0008 7564702e706f7274 001400040a000503 001500040a000501 0018000400000003"
           "001900040000fbfa 001a000400000035 0020000400000035 00000000 4bb1");
    CHECK(r.found);
    CHECK(r.packet.pdu == NULL);
    CHECK_INT(r.packet.transport, 17);
    CHECK_INT(r.packet.dport, 53);
    CHECK_INT(r.packet.payload.len, 2);
    drop(&r);
    decode(&r, UPPER_PDU, "000e0008 7463702e706f7274" TAGS "0020000400000050 00000000 4bb1");
    CHECK(r.found);
    CHECK_STR(r.name, "http");
    drop(&r);
    decode(&r, UPPER_PDU, "000e0004 78780000" TAGS "0020000400000050 00000000 4bb1");
    CHECK(!r.found);
    CHECK_STR(r.problems.message[0],
              "1 frame of exported units of an unknown kind was not decoded");
    drop(&r);
}

TEST(an_exported_unit_whose_tags_run_out_is_damaged)
{
    struct record r;

    decode(&r, UPPER_PDU, "000c0010 68747470");
    CHECK(!r.found);
    CHECK_STR(r.problems.code[0], "damaged-packet");
    drop(&r);
}

#define ETHERNET                                                                                   \
    "020000000002020000000001 0800 4500002d26000000401136bd0a0005030a000501 fbfa270f00190000"      \
    "6b7262776879 3a20696e6e65726d6f7374"

/* ETW record: header of 80 octets with provider and event, context, lengths; then two interface
 * indexes, the length 59, the frame. */
#define EVENT(provider, id)                                                                        \
    "5000 0000 0000 0000 00000000 00000000 0000000000000000" provider id                           \
    "00 00 00 00 0000 0000000000000000 0000000000000000 00000000000000000000000000000000"          \
    "00 00 0000 0000 4700 00"                                                                      \
    "01000000 02000000 3b000000" ETHERNET

TEST(a_packet_in_an_etw_record)
{
    struct record r;

    decode(&r, LINK_NETMON_EVENT, EVENT("6e00d62e29470946b4233ee7bcd678ef", "e903"));
    CHECK(r.found);
    CHECK_INT(r.packet.dport, 9999);
    CHECK_INT(r.packet.payload.len, 17);
    CHECK(r.packet.has_mac);
    drop(&r);
    decode(&r, LINK_NETMON_EVENT, EVENT("6e00d62e29470946b4233ee7bcd678ef", "ea03"));
    CHECK(!r.found);
    drop(&r);
    decode(&r, LINK_NETMON_EVENT, EVENT("653a85018f41364faefcdc0f1d2fd235", "e903"));
    CHECK(!r.found);
    CHECK_INT(r.problems.num, 0); /* any other event is ordinary */
    drop(&r);
}

#define ADDRESSES "020000000001 020000000002 020000000003"
#define SNAP_UDP                                                                                   \
    "aaaa03000000 0800 4500002d26000000401136bd0a0005030a000501 fbfa270f00190000"                  \
    "6b7262776879 3a20696e6e65726d6f7374"

TEST(wifi_behind_the_network_monitor_prefix)
{
    struct record r;
    static const uint8_t third[6] = {2, 0, 0, 0, 0, 3};

    decode(&r, LINK_NETMON_WIFI,
           "02 2000 01000000 00000000 00000000 00000000 00000000 00 0000000000000000"
           "0802 0000" ADDRESSES "1000" SNAP_UDP);
    CHECK(r.found);
    CHECK_INT(r.packet.dport, 9999);
    CHECK(memcmp(r.packet.src_mac, third, 6) == 0); /* from the distribution system */
    drop(&r);
    decode(&r, LINK_NETMON_WIFI,
           "02 1f00 00000000 00000000 00000000 00000000 00000000 00 00000000");
    CHECK(!r.found);
    CHECK_STR(r.problems.code[0], "damaged-packet");
    drop(&r);
}

TEST(wifi_that_cannot_be_read_is_counted)
{
    struct record r;

    decode(&r, WIFI, "0842 0000" ADDRESSES "1000" SNAP_UDP); /* decrypted by the capturing card */
    CHECK(r.found);
    CHECK_INT(r.problems.num, 0);
    drop(&r);
    decode(&r, WIFI, "0842 0000" ADDRESSES "1000 0100002000000000 0011223344556677");
    CHECK(!r.found);
    CHECK_STR(r.problems.code[0], "encrypted-wifi");
    CHECK_STR(r.problems.message[0], "1 frame of 802.11 with encrypted data was not decoded");
    drop(&r);
    decode(&r, WIFI, "0806 0000" ADDRESSES "1000" SNAP_UDP); /* more fragments */
    CHECK(!r.found);
    CHECK_STR(r.problems.code[0], "undecoded-layer");
    drop(&r);
    decode(&r, WIFI, "8801 0000" ADDRESSES "1000 8000 020000000001 020000000002 0035" SNAP_UDP);
    CHECK(!r.found);
    CHECK_STR(r.problems.message[0], "1 frame of aggregated 802.11 data was not decoded");
    drop(&r);
    decode(&r, WIFI, "8881 0000" ADDRESSES "1000 8000 00000000 020000000001 0200" SNAP_UDP);
    CHECK(!r.found); /* the same behind HT control */
    CHECK_STR(r.problems.message[0], "1 frame of aggregated 802.11 data was not decoded");
    drop(&r);
    decode(&r, WIFI, "c801 0000" ADDRESSES "1000 0000"); /* QoS, without data */
    CHECK(!r.found);
    CHECK_INT(r.problems.num, 0);
    drop(&r);
    decode(&r, WIFI, "4801 0000" ADDRESSES "1000"); /* without data */
    CHECK(!r.found);
    CHECK_INT(r.problems.num, 0);
    drop(&r);
    decode(&r, WIFI, "8000 0000" ADDRESSES "1000" SNAP_UDP); /* a beacon */
    CHECK(!r.found);
    CHECK_INT(r.problems.num, 0);
    drop(&r);
}

TEST(link_types_that_are_not_decoded_are_named_once)
{
    static const uint8_t data[40] = {0};
    struct problems problems;
    struct packet_decoder *decoder = bench_open(&problems);
    struct packet packet;
    int i;

    for (i = 1; i <= 312; i++) {
        struct frame frame = bench_frame(195, (struct bytes){data, sizeof(data)});

        frame.number = i;
        CHECK(!packet_decode(decoder, &frame, &packet));
        frame.link_type = LINK_NETMON_METADATA;
        CHECK(!packet_decode(decoder, &frame, &packet));
        if (i != 7)
            continue;
        frame.link_type = 65000;
        CHECK(!packet_decode(decoder, &frame, &packet));
    }
    CHECK_INT(problems.num, 0); /* only at the end */
    bench_close(decoder);
    CHECK_INT(problems.num, 2);
    CHECK_STR(problems.code[0], "unknown-link-type");
    CHECK_STR(problems.message[0], "312 frames of link type IEEE802_15_4 were not decoded");
    CHECK_INT(problems.frame[0], 1);
    CHECK_STR(problems.message[1], "1 frame of link type 65000 was not decoded");
    CHECK_INT(problems.frame[1], 7);
}

TEST(a_tunnels_port_alone_makes_no_tunnel)
{
    /* UDP from 64506 to the port, with a DNS query as payload. */
    static const char *const ports[] = {"12b5", "2118", "17c1", "0868", "0dd8", "06a5",
                                        "1292", "19eb", "13d0", "1194", "12b6"};
    size_t i;

    for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        struct record r;
        char hex[256];

        snprintf(hex, sizeof(hex),
                 "4500003e00000000401100000a0005030a000501 fbfa%s002a0000"
                 "000001000001000000000000 07636f6e746f736f0474657374 03636f6d00 00010001",
                 ports[i]);
        decode(&r, 101, hex);
        CHECK(r.found);
        CHECK_INT(r.packet.sport, 64506);
        CHECK_INT(r.packet.payload.len, 34);
        CHECK_INT(r.problems.num, 0);
        drop(&r);
    }
}

TEST(esp_over_udp_is_counted_and_ike_is_not)
{
    struct record r;

    decode(&r, 101,
           "4500003400004000401100000a0005030a000501 11941194 00200000"
           "c0ffee01 00000001 000102030405060708090a0b0c0d0e0f");
    CHECK(r.found); /* the datagram itself */
    CHECK_STR(r.problems.message[0], "1 frame of IPsec ESP was not decoded");
    drop(&r);
    decode(&r, 101,
           "4500003400004000401100000a0005030a000501 11941194 00200000"
           "00000000 00000001 000102030405060708090a0b0c0d0e0f");
    CHECK(r.found);
    CHECK_INT(r.problems.num, 0);
    drop(&r);
}

TEST(layers_that_hide_ip_are_named)
{
    static const struct {
        uint32_t link_type;
        const char *hex, *message;
    } cases[] = {
        {9, "ff03 00fd 9000 1122", "1 frame of compressed or encrypted PPP was not decoded"},
        {9, "ff03 003d 8000 0001 0021", "1 frame of PPP multilink fragments was not decoded"},
        {1, "020000000002 020000000001 88e5 2c00 00000001 0000000000000000 11223344",
         "1 frame encrypted by MACsec was not decoded"},
        {101, "450000240000 4000 402f0000 0a000503 0a000501 40000800 00000000 00000000 00000000",
         "1 frame of GRE in an old form was not decoded"},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct record r;

        decode(&r, cases[i].link_type, cases[i].hex);
        CHECK(!r.found);
        CHECK_STR(r.problems.code[0], "undecoded-layer");
        CHECK_STR(r.problems.message[0], cases[i].message);
        drop(&r);
    }
}

TEST(ordinary_frames_are_no_problem)
{
    static const struct {
        uint32_t link_type;
        const char *hex;
    } cases[] = {
        {1, "ffffffffffff 020000000001 0806 0001080006040001 020000000001 0a000503 000000000000"
            "0a000501"},                                                                /* ARP */
        {1, "0180c2000000 020000000001 0026 424203 0000000000 8000 020000000001"},      /* STP */
        {1, "0180c200000e 020000000001 88cc 0207040200000000010000"},                   /* LLDP */
        {1, "020000000002 020000000001 8863 1109 0000 0004 01010000"},                  /* PPPoE */
        {9, "ff03 c021 01010004"},                                                      /* LCP */
        {104, "8f00 8035 00000002 0000000000000000 ffff0000"},                          /* SLARP */
        {101, "4500001c00004000 40010000 0a000503 0a000501 0800f7ff00000000"},          /* ICMP */
        {101, "4600002000004000 01020000 0a000503 e0000016 94040000 2200f9fd00000000"}, /* IGMP */
        {101, "4500002000004000 40840000 0a000503 0a000501 0b590b590000000000000000"},  /* SCTP */
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct record r;

        decode(&r, cases[i].link_type, cases[i].hex);
        CHECK(!r.found);
        if (r.problems.num != 0)
            test_fail(__FILE__, __LINE__, "%zu: %s", i, r.problems.message[0]);
        drop(&r);
    }
}
