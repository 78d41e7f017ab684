/* SPDX-License-Identifier: MIT */
/* Every link type, tag and tunnel: whole frames, every strict prefix of them, and trailing octets.
 */
#include "packet/packet.h"

#include "packet/walk.h"
#include "packet_bench.h"

struct vector {
    const char *name;
    uint32_t link_type;
    const char *hex;
    uint8_t transport;
    const char *src;
    uint16_t sport;
    const char *dst;
    uint16_t dport;
    size_t payload_len;
};

#define VECTOR(name, link_type, hex, transport, src, sport, dst, dport, payload_len)               \
    {#name, link_type, hex, transport, src, sport, dst, dport, payload_len},
#define BUILT VECTOR
static const struct vector vectors[] = {
#include "packet_vectors.def"
};

enum { NUM_VECTORS = sizeof(vectors) / sizeof(vectors[0]) };

static bool is_wanted(const struct packet *packet, const struct vector *v)
{
    return packet->transport == v->transport && packet->sport == v->sport &&
           packet->dport == v->dport;
}

/* Lengths of 0 in the IP header: the packet is as long as its frame. */
static bool has_no_length(const struct vector *v)
{
    return strstr(v->name, "length_0") != NULL;
}

static bool is_same(const struct packet *a, const struct packet *b)
{
    return a->frame == b->frame && a->time_ns == b->time_ns && a->has_time == b->has_time &&
           a->transport == b->transport && address_equal(&a->src, &b->src) &&
           address_equal(&a->dst, &b->dst) && a->sport == b->sport && a->dport == b->dport &&
           memcmp(a->src_mac, b->src_mac, 6) == 0 && a->has_mac == b->has_mac && a->seq == b->seq &&
           a->ack == b->ack && a->flags == b->flags && a->payload.at == b->payload.at &&
           a->payload.len == b->payload.len && a->missing == b->missing &&
           a->header_len == b->header_len && a->process == b->process && a->pid == b->pid &&
           a->pdu == b->pdu && a->pdu_from_server == b->pdu_from_server;
}

/* Every prefix, and each octet of the headers changed: what is read in one go the walk reads the
 * same way, and has nothing to complain about. */
TEST(short_way_is_the_walk)
{
    size_t i, at, num = 0;

    for (i = 0; i < NUM_VECTORS; i++) {
        struct bytes data = test_hex(vectors[i].hex);
        uint8_t *copy = malloc(data.len);

        memcpy(copy, data.at, data.len);
        for (at = 0; at <= 3 * data.len; at++) {
            size_t len = at <= data.len ? at : data.len;
            uint8_t *octet = at <= data.len ? NULL : &copy[(at - 1) % data.len];
            const uint8_t change = at <= 2 * data.len ? 0x01 : 0xF0;
            struct bytes exact;
            struct frame frame;
            struct packet one, two;
            struct problems problems;
            struct packet_decoder *decoder = bench_open(&problems);

            if (octet != NULL)
                *octet ^= change;
            exact = test_exact((struct bytes){copy, len});
            frame = bench_frame(vectors[i].link_type, exact);
            frame.number = 7;
            frame.time_ns = 8;
            memset(&one, 0xA5, sizeof(one));
            memset(&two, 0x5A, sizeof(two));
            if (packet_direct(&frame, &one)) {
                num++;
                CHECK(packet_walk(decoder, &frame, &two) && is_same(&one, &two));
                bench_close(decoder);
                CHECK_INT(problems.num, 0);
            } else {
                bench_close(decoder);
            }
            if (octet != NULL)
                *octet ^= change;
            free((void *)exact.at);
        }
        free(copy);
        free((void *)data.at);
    }
    CHECK(num > 500);
}

TEST(vectors_as_tshark_shows_them)
{
    size_t i;

    for (i = 0; i < NUM_VECTORS; i++) {
        const struct vector *v = &vectors[i];
        struct bytes data = test_hex(v->hex), exact = test_exact(data);
        struct frame frame = bench_frame(v->link_type, exact);
        struct problems problems;
        struct packet_decoder *decoder = bench_open(&problems);
        struct packet packet;
        char src[ADDRESS_TEXT_ROOM], dst[ADDRESS_TEXT_ROOM];
        bool found = packet_decode(decoder, &frame, &packet);

        bench_close(decoder);
        if (!found || !is_wanted(&packet, v) || packet.payload.len != v->payload_len ||
            packet.missing != 0 || strcmp(address_text(&packet.src, src), v->src) != 0 ||
            strcmp(address_text(&packet.dst, dst), v->dst) != 0)
            test_fail(__FILE__, __LINE__, "%s: %d %d %s %d %s %d payload %zu missing %zu", v->name,
                      found, packet.transport, address_text(&packet.src, src), packet.sport,
                      address_text(&packet.dst, dst), packet.dport, packet.payload.len,
                      packet.missing);
        if (found && v->payload_len == 17)
            CHECK(memcmp(packet.payload.at, "krbwhy: innermost", 17) == 0);
        if (problems.num != 0)
            test_fail(__FILE__, __LINE__, "%s: %s", v->name, problems.message[0]);
        free((void *)exact.at);
        free((void *)data.at);
    }
}

/* Decodes the first `len` octets of v's frame, `wire_len` long on the wire. */
static bool decode_prefix(const struct vector *v, struct bytes whole, size_t len, size_t wire_len,
                          struct packet *out, size_t *out_problems)
{
    struct bytes exact = test_exact((struct bytes){whole.at, len});
    struct frame frame = bench_frame(v->link_type, exact);
    struct problems problems;
    struct packet_decoder *decoder = bench_open(&problems);
    bool found;

    frame.wire_len = wire_len;
    found = packet_decode(decoder, &frame, out);
    if (found && out->payload.len > 0)
        CHECK(out->payload.at >= exact.at && out->payload.at + out->payload.len <= exact.at + len);
    bench_close(decoder);
    *out_problems = problems.num;
    if (wire_len > len && has_problem(&problems, "damaged-packet"))
        test_fail(__FILE__, __LINE__, "%s cut at %zu is called damaged: %s", v->name, len,
                  problems.message[0]);
    free((void *)exact.at);
    return found;
}

TEST(a_frame_cut_by_the_snap_length_says_what_is_missing)
{
    size_t i, len, problems;

    for (i = 0; i < NUM_VECTORS; i++) {
        const struct vector *v = &vectors[i];
        struct bytes data = test_hex(v->hex);
        bool seen = false;

        for (len = 0; len < data.len; len++) {
            struct packet packet;
            bool found = decode_prefix(v, data, len, data.len, &packet, &problems);
            bool wanted = found && is_wanted(&packet, v);

            if (seen && !wanted)
                test_fail(__FILE__, __LINE__, "%s: found, and lost again at %zu", v->name, len);
            seen = wanted;
            if (wanted && packet.payload.len + packet.missing != v->payload_len)
                test_fail(__FILE__, __LINE__, "%s at %zu: %zu and %zu missing", v->name, len,
                          packet.payload.len, packet.missing);
            if (wanted && (packet.missing > 0) != (problems > 0))
                test_fail(__FILE__, __LINE__, "%s at %zu: %zu missing and %zu problems", v->name,
                          len, packet.missing, problems);
        }
        /* The last octet may be a trailer; with a payload, its first octet suffices. */
        if (v->payload_len == 17 && !seen)
            test_fail(__FILE__, __LINE__, "%s: not found without its last octet", v->name);
        free((void *)data.at);
    }
}

TEST(a_frame_that_just_ends_early_is_no_cut_one)
{
    size_t i, len, problems;

    for (i = 0; i < NUM_VECTORS; i++) {
        const struct vector *v = &vectors[i];
        struct bytes data = test_hex(v->hex);

        for (len = 0; len < data.len; len++) {
            struct packet packet;

            if (!decode_prefix(v, data, len, len, &packet, &problems) || !is_wanted(&packet, v))
                continue;
            if (has_no_length(v))
                CHECK_INT(packet.missing, 0);
            else
                CHECK_INT(packet.payload.len + packet.missing, v->payload_len);
        }
        free((void *)data.at);
    }
}

TEST(octets_behind_the_ip_length_are_cut_off)
{
    size_t i, problems;

    for (i = 0; i < NUM_VECTORS; i++) {
        const struct vector *v = &vectors[i];
        struct bytes data = test_hex(v->hex);
        uint8_t *longer = malloc(data.len + 9);
        struct bytes with_trailer = {longer, data.len + 9};
        struct packet packet;

        memcpy(longer, data.at, data.len);
        memset(longer + data.len, 0x45, 9);
        if (!decode_prefix(v, with_trailer, data.len + 9, data.len + 9, &packet, &problems) ||
            !is_wanted(&packet, v) ||
            packet.payload.len != v->payload_len + (has_no_length(v) ? 9 : 0))
            test_fail(__FILE__, __LINE__, "%s: payload %zu", v->name, packet.payload.len);
        free(longer);
        free((void *)data.at);
    }
}

TEST(the_link_address_is_that_of_the_innermost_frame)
{
    static const struct {
        const char *name, *address; /* NULL: none */
    } cases[] = {
        {"ethernet_ipv4_tcp", "020000000001"},
        {"vlan_ad_q", "020000000001"},
        {"sll", "020000000001"},
        {"sll2", "020000000001"},
        {"vxlan", "020000000101"},
        {"nvgre", "020000000101"},
        {"provider_backbone", "020000000101"},
        {"wifi_from_ds", "020000000003"},
        {"wifi_to_ds", "020000000002"},
        {"wifi_four_addresses", "020000000004"},
        {"wifi_ad_hoc_ipv6", "020000000002"},
        {"raw_101", NULL},
        {"null_le", NULL},
        {"ipip", NULL},
        {"gtp", NULL},
        {"sll_gre_device", NULL},
    };
    size_t i, k, problems;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (k = 0; k < NUM_VECTORS && strcmp(vectors[k].name, cases[i].name) != 0; k++)
            ;
        CHECK(k < NUM_VECTORS);
        if (k == NUM_VECTORS)
            continue;
        struct bytes data = test_hex(vectors[k].hex);
        struct packet packet;

        CHECK(decode_prefix(&vectors[k], data, data.len, data.len, &packet, &problems));
        CHECK_INT(packet.has_mac, cases[i].address != NULL);
        if (cases[i].address != NULL) {
            struct bytes address = test_hex(cases[i].address);

            if (memcmp(packet.src_mac, address.at, 6) != 0)
                test_fail(__FILE__, __LINE__, "%s", cases[i].name);
            free((void *)address.at);
        }
        free((void *)data.at);
    }
}
