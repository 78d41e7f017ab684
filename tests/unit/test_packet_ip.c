/* SPDX-License-Identifier: MIT */
/* IP lengths, fragments, transport headers: the near twins of one another. */
#include "base/limits.h"
#include "packet_bench.h"

enum { RAW = 101, UDP_LEN = 26, MORE = 0x2000 };

/* UDP 64506 to 53 with 26 - 8 octets of payload, for fragments at 0, 8, 16, 24. */
static const uint8_t udp[UDP_LEN] = {0xFB, 0xFA, 0x00, 0x35, 0x00, 0x1A, 0x00, 0x00, 'a',
                                     'b',  'c',  'd',  'e',  'f',  'g',  'h',  'i',  'j',
                                     'k',  'l',  'm',  'n',  'o',  'p',  'q',  'r'};

struct bench {
    struct problems problems;
    struct packet_decoder *decoder;
    struct packet packet;
    uint8_t *frame_copy; /* what the packet borrows from */
    uint8_t buffer[4096];
    size_t len, missing_on_wire;
    int64_t frame;
};

static void open_bench(struct bench *bench)
{
    memset(bench, 0, sizeof(*bench));
    bench->decoder = bench_open(&bench->problems);
}

static void close_bench(struct bench *bench)
{
    bench_close(bench->decoder);
    free(bench->frame_copy);
}

/* Decodes what stands in the buffer as raw IP, from a block of its exact size. The block before it
 * is gone by then: what the decoder keeps must be its own. */
static bool decode(struct bench *bench)
{
    struct frame frame;

    free(bench->frame_copy);
    bench->frame_copy = malloc(bench->len == 0 ? 1 : bench->len);
    memcpy(bench->frame_copy, bench->buffer, bench->len);
    frame = bench_frame(RAW, (struct bytes){bench->frame_copy, bench->len});
    frame.number = ++bench->frame;
    frame.wire_len += bench->missing_on_wire;
    return packet_decode(bench->decoder, &frame, &bench->packet);
}

static void put(struct bench *bench, const void *bytes, size_t len)
{
    memcpy(bench->buffer + bench->len, bytes, len);
    bench->len += len;
}

static void put_ipv4(struct bench *bench, size_t total_len, uint16_t id, uint16_t fragment,
                     uint8_t protocol)
{
    const uint8_t header[20] = {0x45,
                                0,
                                (uint8_t)(total_len >> 8),
                                (uint8_t)total_len,
                                (uint8_t)(id >> 8),
                                (uint8_t)id,
                                (uint8_t)(fragment >> 8),
                                (uint8_t)fragment,
                                64,
                                protocol,
                                0,
                                0,
                                10,
                                0,
                                5,
                                3,
                                10,
                                0,
                                5,
                                1};

    put(bench, header, sizeof(header));
}

/* One fragment: octets [from, to) of udp. */
static bool fragment4(struct bench *bench, uint16_t id, size_t from, size_t to, bool more)
{
    bench->len = 0;
    put_ipv4(bench, 20 + to - from, id, (uint16_t)((more ? MORE : 0) | from / 8), 17);
    put(bench, udp + from, to - from);
    return decode(bench);
}

static void put_ipv6(struct bench *bench, size_t payload_len, uint8_t next)
{
    const uint8_t header[8] = {0x60, 0, 0, 0, (uint8_t)(payload_len >> 8), (uint8_t)payload_len,
                               next, 64};
    uint8_t address[16] = {0x20, 0x01, 0x0D, 0xB8};

    put(bench, header, sizeof(header));
    address[15] = 3;
    put(bench, address, 16);
    address[15] = 1;
    put(bench, address, 16);
}

static bool fragment6(struct bench *bench, uint32_t id, size_t from, size_t to, bool more)
{
    const uint8_t header[8] = {17,
                               0,
                               (uint8_t)(from >> 8),
                               (uint8_t)(from | more),
                               (uint8_t)(id >> 24),
                               (uint8_t)(id >> 16),
                               (uint8_t)(id >> 8),
                               (uint8_t)id};

    bench->len = 0;
    put_ipv6(bench, 8 + to - from, 44);
    put(bench, header, 8);
    put(bench, udp + from, to - from);
    return decode(bench);
}

static void check_whole(const struct bench *bench)
{
    CHECK_INT(bench->packet.transport, 17);
    CHECK_INT(bench->packet.sport, 64506);
    CHECK_INT(bench->packet.dport, 53);
    CHECK_INT(bench->packet.payload.len, UDP_LEN - 8);
    CHECK_INT(bench->packet.missing, 0);
    CHECK_INT(bench->packet.frame, bench->frame);
    CHECK(bench->packet.payload.len == UDP_LEN - 8 &&
          memcmp(bench->packet.payload.at, udp + 8, UDP_LEN - 8) == 0);
}

TEST(fragments_complete_in_the_frame_of_the_last_missing_piece)
{
    static const unsigned orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};
    size_t i, k;
    int version;

    for (version = 4; version <= 6; version += 2) {
        for (i = 0; i < 4; i++) {
            struct bench bench;

            open_bench(&bench);
            for (k = 0; k < 4; k++) {
                size_t from = orders[i][k] * 8, to = from == 24 ? UDP_LEN : from + 8;
                bool found = (version == 4 ? fragment4(&bench, 7, from, to, from != 24)
                                           : fragment6(&bench, 7, from, to, from != 24));

                CHECK(found == (k == 3));
            }
            check_whole(&bench);
            CHECK_INT(bench.packet.src.family, version);
            close_bench(&bench);
            CHECK_INT(bench.problems.num, 0);
        }
    }
}

TEST(datagrams_that_interleave_are_kept_apart)
{
    struct bench bench;

    open_bench(&bench);
    CHECK(!fragment4(&bench, 1, 0, 16, true));
    CHECK(!fragment4(&bench, 2, 16, UDP_LEN, false));
    CHECK(!fragment6(&bench, 1, 0, 16, true));
    CHECK(fragment4(&bench, 2, 0, 16, true));
    check_whole(&bench);
    CHECK(fragment4(&bench, 1, 16, UDP_LEN, false));
    check_whole(&bench);
    CHECK(fragment6(&bench, 1, 16, UDP_LEN, false));
    check_whole(&bench);
    close_bench(&bench);
    CHECK_INT(bench.problems.num, 0);
}

TEST(the_protocol_is_part_of_an_ipv4_datagrams_identity)
{
    struct bench bench;

    open_bench(&bench);
    CHECK(!fragment4(&bench, 1, 0, 16, true));
    bench.len = 0;
    put_ipv4(&bench, 20 + 10, 1, 2, 6);
    put(&bench, udp + 16, 10);
    CHECK(!decode(&bench));
    close_bench(&bench);
    CHECK_STR(bench.problems.code[0], "incomplete-fragments");
    CHECK_STR(bench.problems.message[0],
              "2 IP datagrams were given up, because fragments are missing");
    CHECK_INT(bench.problems.frame[0], 1);
}

TEST(a_duplicate_fragment_is_no_news)
{
    struct bench bench;

    open_bench(&bench);
    CHECK(!fragment4(&bench, 1, 0, 16, true));
    CHECK(!fragment4(&bench, 1, 0, 16, true));
    CHECK(fragment4(&bench, 1, 16, UDP_LEN, false));
    check_whole(&bench);
    close_bench(&bench);
    CHECK_INT(bench.problems.num, 0);
}

TEST(where_fragments_overlap_the_first_octet_stays)
{
    struct bench bench;

    open_bench(&bench);
    CHECK(!fragment4(&bench, 1, 8, 24, true));
    bench.len = 0; /* octets 0 to 16, of which 8 to 16 are others now */
    put_ipv4(&bench, 36, 1, MORE, 17);
    put(&bench, udp, 8);
    put(&bench, "XXXXXXXX", 8);
    CHECK(!decode(&bench));
    CHECK(fragment4(&bench, 1, 24, UDP_LEN, false));
    check_whole(&bench);
    close_bench(&bench);
    CHECK_INT(bench.problems.num, 1);
    CHECK_STR(bench.problems.code[0], "differing-fragments");
    CHECK_INT(bench.problems.frame[0], 2);
}

TEST(an_overlap_that_says_the_same_is_noted_as_such)
{
    struct bench bench;

    open_bench(&bench);
    CHECK(!fragment4(&bench, 1, 0, 16, true));
    CHECK(fragment4(&bench, 1, 8, UDP_LEN, false));
    check_whole(&bench);
    close_bench(&bench);
    CHECK_INT(bench.problems.num, 1);
    CHECK_STR(bench.problems.code[0], "overlapping-fragments");
}

TEST(fragments_behind_the_end_are_damaged)
{
    struct bench bench;

    open_bench(&bench);
    CHECK(!fragment4(&bench, 1, 8, 16, false));
    CHECK(!fragment4(&bench, 1, 16, 24, true));
    CHECK(!fragment4(&bench, 1, 16, 24, false)); /* a second end */
    bench.len = 0;
    put_ipv4(&bench, 20 + 16, 1, 0x1FFF, 17); /* beyond 65535 octets */
    put(&bench, udp, 16);
    CHECK(!decode(&bench));
    CHECK(fragment4(&bench, 1, 0, 8, true));
    close_bench(&bench);
    CHECK(has_problem(&bench.problems, "damaged-packet"));
}

TEST(a_datagram_may_be_as_long_as_its_length_can_say)
{
    struct bench bench;
    size_t at;

    open_bench(&bench);
    for (at = 0; at < 65535; at += 2048) {
        size_t len = at + 2048 > 65535 ? 65535 - at : 2048;

        bench.len = 0;
        put_ipv4(&bench, 20 + len, 1, (uint16_t)((at + len < 65535 ? MORE : 0) | at / 8), 17);
        memset(bench.buffer + bench.len, 'x', len);
        if (at == 0) /* UDP without a port; its length is the rest */
            memcpy(bench.buffer + bench.len, "\xFB\xFA\x00\x35\xFF\xFF\x00\x00", 8);
        bench.len += len;
        CHECK_INT(decode(&bench), at + len == 65535);
    }
    CHECK_INT(bench.packet.payload.len, 65527);
    close_bench(&bench);
    CHECK_INT(bench.problems.num, 0);
}

TEST(a_cut_fragment_is_not_taken_for_a_whole_one)
{
    struct bench bench;

    open_bench(&bench);
    bench.missing_on_wire = 4;
    bench.len = 0;
    put_ipv4(&bench, 20 + 16, 1, MORE, 17);
    put(&bench, udp, 12);
    CHECK(!decode(&bench));
    bench.missing_on_wire = 0;
    CHECK(!fragment4(&bench, 1, 16, UDP_LEN, false));
    close_bench(&bench);
    CHECK(has_problem(&bench.problems, "cut-frame"));
    CHECK(has_problem(&bench.problems, "incomplete-fragments"));
}

TEST(waiting_datagrams_are_bounded_and_the_oldest_goes)
{
    struct bench bench;
    uint16_t id;

    open_bench(&bench);
    for (id = 1; id <= LIMIT_FRAGMENT_DATAGRAMS + 1; id++)
        CHECK(!fragment4(&bench, id, 0, 16, true));
    CHECK(!fragment4(&bench, 1, 16, UDP_LEN, false)); /* gone, and takes the place of 2 */
    CHECK(fragment4(&bench, 3, 16, UDP_LEN, false));
    check_whole(&bench);
    close_bench(&bench);
    CHECK(has_problem(&bench.problems, "limit-fragments"));
}

TEST(large_datagrams_are_bounded_by_their_octets)
{
    struct bench bench;
    uint16_t id;

    open_bench(&bench);
    for (id = 1; id <= 100; id++) { /* each needs room for 65000 octets */
        bench.len = 0;
        put_ipv4(&bench, 20 + 8, id, (uint16_t)(MORE | 65000 / 8), 17);
        put(&bench, udp, 8);
        CHECK(!decode(&bench));
    }
    close_bench(&bench);
    CHECK(has_problem(&bench.problems, "limit-fragments"));
}

TEST(a_left_over_does_not_meet_the_next_datagram_of_its_name)
{
    struct bench bench;

    open_bench(&bench);
    CHECK(!fragment4(&bench, 1, 16, UDP_LEN, false));
    bench.frame += 40000;
    CHECK(!fragment4(&bench, 1, 0, 16, true));
    CHECK(fragment4(&bench, 1, 16, UDP_LEN, false));
    check_whole(&bench);
    close_bench(&bench);
    CHECK_STR(bench.problems.message[0],
              "1 IP datagram was given up, because fragments are missing");
}

static bool udp4(struct bench *bench, size_t total_len, size_t captured, size_t missing_on_wire)
{
    bench->len = 0;
    put_ipv4(bench, total_len, 9717, 0, 17);
    put(bench, udp, captured - 20);
    bench->missing_on_wire = missing_on_wire;
    return decode(bench);
}

TEST(ipv4_length_0_goes_to_the_end_and_its_twin_is_cut)
{
    struct bench bench;

    open_bench(&bench);
    CHECK(udp4(&bench, 0, 46, 0));
    CHECK_INT(bench.packet.payload.len, 18);
    CHECK_INT(bench.packet.missing, 0);
    CHECK(udp4(&bench, 0, 40, 6)); /* offload, and cut by the snap length */
    CHECK_INT(bench.packet.payload.len, 12);
    CHECK_INT(bench.packet.missing, 6);
    CHECK(udp4(&bench, 46, 40, 6)); /* cut by the snap length */
    CHECK_INT(bench.packet.payload.len, 12);
    CHECK_INT(bench.packet.missing, 6);
    CHECK(udp4(&bench, 46, 40, 0)); /* ends before its IP length */
    CHECK_INT(bench.packet.payload.len, 12);
    CHECK_INT(bench.packet.missing, 6);
    CHECK(!udp4(&bench, 19, 46, 0)); /* shorter than its header */
    close_bench(&bench);
    CHECK(has_problem(&bench.problems, "cut-frame"));
    CHECK(has_problem(&bench.problems, "damaged-packet"));
}

TEST(udp_lengths)
{
    static const struct {
        size_t ip_len, udp_len;
        bool found;
        size_t payload_len;
    } cases[] = {
        {46, 26, true, 18}, {46, 20, true, 12}, /* the rest of the packet is no payload */
        {46, 8, true, 0},   {46, 7, false, 0},  {46, 0, false, 0}, /* 0 only without an IP length */
        {0, 0, true, 18},   {46, 30, true, 18}, /* the IP length has the last word */
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench bench;
        uint8_t length = (uint8_t)cases[i].udp_len;

        open_bench(&bench);
        put_ipv4(&bench, cases[i].ip_len, 1, 0, 17);
        put(&bench, udp, 5);
        put(&bench, &length, 1);
        put(&bench, udp + 6, UDP_LEN - 6);
        CHECK_INT(decode(&bench), cases[i].found);
        CHECK_INT(bench.packet.payload.len, cases[i].payload_len);
        close_bench(&bench);
        CHECK_INT(has_problem(&bench.problems, "damaged-packet"), !cases[i].found);
    }
}

/* RFC 2675: hop-by-hop option C2 with a length of 32 bits, counted from behind the IPv6 header. */
static bool jumbo(struct bench *bench, size_t payload_len, uint8_t jumbo_len, size_t trailer)
{
    const uint8_t hop[8] = {17, 0, 0xC2, 4, 0, 0, 0, jumbo_len};
    static const uint8_t zero[16];

    bench->len = 0;
    put_ipv6(bench, payload_len, 0);
    put(bench, hop, 8);
    put(bench, udp, 4);
    put(bench, zero, 2); /* a jumbo UDP packet has no length of its own */
    put(bench, udp + 6, UDP_LEN - 6);
    put(bench, zero, trailer);
    return decode(bench);
}

TEST(a_jumbo_option_gives_the_length)
{
    struct bench bench;

    open_bench(&bench);
    CHECK(jumbo(&bench, 0, 8 + UDP_LEN, 5));
    check_whole(&bench);
    CHECK(jumbo(&bench, 0, 8 + UDP_LEN - 2, 0));
    CHECK_INT(bench.packet.payload.len, UDP_LEN - 10);
    CHECK(jumbo(&bench, 8 + UDP_LEN, 20, 5)); /* the IPv6 header has a length: it counts */
    check_whole(&bench);
    CHECK(jumbo(&bench, 0, 7, 0)); /* ends within the option's own header: no length */
    check_whole(&bench);
    close_bench(&bench);
    CHECK_INT(bench.problems.num, 0);
}

TEST(tcp_header_lengths)
{
    static const struct {
        uint8_t offset; /* of the data, in units of 4 */
        size_t captured, missing_on_wire;
        bool found;
        size_t payload_len, missing;
    } cases[] = {
        {5, 60, 0, true, 20, 0},   {6, 60, 0, true, 16, 0},  {10, 60, 0, true, 0, 0},
        {11, 60, 0, false, 0, 0},  {4, 60, 0, false, 0, 0},  {0, 60, 0, false, 0, 0},
        {8, 45, 15, true, 0, 8},  /* cut within the options */
        {10, 45, 15, true, 0, 0}, /* its options are all that is missing */
        {11, 45, 15, false, 0, 0}, {5, 45, 15, true, 5, 15}, {5, 39, 21, false, 0, 0},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench bench;
        uint8_t tcp[40] = {0xC3, 0x7C, 0, 88, 0xF4, 0xCB, 0x3F, 0xF2, 0x15, 0x22, 0x8F, 0x16};

        tcp[12] = (uint8_t)(cases[i].offset << 4);
        tcp[13] = TCP_PSH | TCP_ACK;
        open_bench(&bench);
        put_ipv4(&bench, 60, 1, 0, 6);
        put(&bench, tcp, cases[i].captured - 20);
        bench.missing_on_wire = cases[i].missing_on_wire;
        CHECK_INT(decode(&bench), cases[i].found);
        CHECK_INT(bench.packet.payload.len, cases[i].payload_len);
        CHECK_INT(bench.packet.missing, cases[i].missing);
        if (cases[i].found) {
            CHECK_INT(bench.packet.seq, 4106960882);
            CHECK_INT(bench.packet.ack, 354586390);
            CHECK_INT(bench.packet.flags, TCP_PSH | TCP_ACK);
            CHECK_INT(bench.packet.sport, 50044);
        }
        close_bench(&bench);
    }
}

TEST(headers_within_headers_are_bounded)
{
    struct bench bench;
    size_t depth, i;

    for (depth = LIMIT_TUNNEL_DEPTH; depth <= LIMIT_TUNNEL_DEPTH + 1; depth++) {
        open_bench(&bench);
        for (i = 0; i < depth; i++)
            put_ipv4(&bench, 20 * (depth - i + 1) + UDP_LEN, 1, 0, 4);
        put_ipv4(&bench, 20 + UDP_LEN, 1, 0, 17);
        put(&bench, udp, UDP_LEN);
        CHECK_INT(decode(&bench), depth == LIMIT_TUNNEL_DEPTH);
        close_bench(&bench);
        CHECK_INT(has_problem(&bench.problems, "limit-tunnel-depth"), depth > LIMIT_TUNNEL_DEPTH);
    }
}

TEST(a_fragmented_tunnel_is_put_together_before_it_is_opened)
{
    struct bench bench, inner;

    open_bench(&inner);
    put_ipv4(&inner, 20 + UDP_LEN, 5, 0, 17);
    put(&inner, udp, UDP_LEN);
    open_bench(&bench);
    put_ipv4(&bench, 20 + 24, 3, MORE, 4);
    put(&bench, inner.buffer, 24);
    CHECK(!decode(&bench));
    bench.len = 0;
    put_ipv4(&bench, 20 + inner.len - 24, 3, 3, 4);
    put(&bench, inner.buffer + 24, inner.len - 24);
    CHECK(decode(&bench));
    check_whole(&bench);
    close_bench(&bench);
    close_bench(&inner);
    CHECK_INT(bench.problems.num, 0);
}

TEST(what_hides_ip_is_named_once)
{
    struct bench bench;
    int i;

    open_bench(&bench);
    for (i = 0; i < 54; i++) {
        bench.len = 0;
        put_ipv4(&bench, 40, 1, 0, 50);
        put(&bench, udp, 20);
        CHECK(!decode(&bench));
    }
    bench.len = 0;
    put_ipv4(&bench, 40, 1, 0, 1); /* ICMP hides nothing */
    put(&bench, udp, 20);
    CHECK(!decode(&bench));
    close_bench(&bench);
    CHECK_INT(bench.problems.num, 1);
    CHECK_STR(bench.problems.code[0], "undecoded-layer");
    CHECK_STR(bench.problems.message[0], "54 frames of IPsec ESP were not decoded");
    CHECK_INT(bench.problems.frame[0], 1);
}
