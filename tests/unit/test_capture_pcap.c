/* SPDX-License-Identifier: MIT */
/* Classic pcap as pcap-savefile(5) describes it, and gzip around it. */
#include <fcntl.h>
#include <zlib.h>

#include "capture_file.h"

static const uint32_t micro = 0xa1b2c3d4, nano = 0xa1b23c4d, kuznetzov = 0xa1b2cd34;

static void put_header(struct made *made, uint32_t magic, uint32_t snaplen, uint32_t link_type)
{
    put32(made, magic);
    put16(made, 2);
    put16(made, 4);
    put32(made, 0);
    put32(made, 0);
    put32(made, snaplen);
    put32(made, link_type);
}

static void put_packet(struct made *made, uint32_t second, uint32_t fraction, uint32_t len,
                       uint32_t wire_len, uint8_t seed)
{
    put32(made, second);
    put32(made, fraction);
    put32(made, len);
    put32(made, wire_len);
    put_data(made, seed, len);
}

static void make_three(struct made *made, uint32_t magic)
{
    put_header(made, magic, 65535, 1);
    put_packet(made, 1700000000, 123456, 60, 60, 1);
    put_packet(made, 1700000001, 5, 40, 1500, 2);
    put_packet(made, 0xFFFFFFFF, 0, 0, 0, 3);
}

TEST(either_byte_order)
{
    int big;

    for (big = 0; big < 2; big++) {
        struct made made = {.big = big};
        struct seen seen;

        make_three(&made, micro);
        see(&seen, &made);
        CHECK_INT(seen.num, 3);
        CHECK_INT(seen.frames[0].time_ns, 1700000000123456000);
        CHECK_INT(seen.frames[0].link_type, 1);
        CHECK_INT(seen.frames[0].pid, -1);
        CHECK_INT(seen.first_octet[1], 2);
        CHECK_INT(seen.frames[1].data.len, 40);
        CHECK_INT(seen.frames[1].wire_len, 1500);
        CHECK_INT(seen.frames[2].time_ns, 4294967295000000000); /* after 2038 */
        CHECK_INT(seen.num_problems, 0);
        CHECK_STR(seen.info, "pcap 3 - - EN10MB");
    }
}

/* From a record that only libpcap may judge on, it reads: nothing is lost or read twice. */
TEST(libpcap_takes_over)
{
    int big, i;

    for (big = 0; big < 2; big++) {
        struct made made = {.big = big};
        struct seen seen;

        put_header(&made, micro, 65535, 1);
        for (i = 0; i < 5; i++)
            put_packet(&made, (uint32_t)i, i == 2 ? 0x80000000 : 6, 50 + (uint32_t)i, 70,
                       (uint8_t)(10 + i));
        put(&made, "cut", 3);
        see(&seen, &made);
        CHECK_INT(seen.num, 5);
        for (i = 0; i < 5; i++) {
            CHECK_INT(seen.frames[i].data.len, 50 + i);
            CHECK_INT(seen.first_octet[i], 10 + i);
            if (i != 2)
                CHECK_INT(seen.frames[i].time_ns, i * INT64_C(1000000000) + 6000);
        }
        CHECK_INT(seen.num_problems, 1);
    }
}

TEST(nanoseconds)
{
    struct made made = {0};
    struct seen seen;

    make_three(&made, nano);
    see(&seen, &made);
    CHECK_INT(seen.frames[0].time_ns, 1700000000000123456);
}

TEST(kuznetzov)
{
    struct made made = {.big = true};
    struct seen seen;

    put_header(&made, kuznetzov, 65535, 1);
    put32(&made, 7);
    put32(&made, 8);
    put32(&made, 9);
    put32(&made, 10);
    put64(&made, 0); /* interface, protocol, packet type, padding */
    put_data(&made, 5, 9);
    see(&seen, &made);
    CHECK_INT(seen.num, 1);
    CHECK_INT(seen.frames[0].data.len, 9);
    CHECK_INT(seen.first_octet[0], 5);
    CHECK_INT(seen.frames[0].time_ns, 7000008000);
}

TEST(longer_than_the_snapshot_length)
{
    struct made made = {0};
    struct seen seen;

    put_header(&made, micro, 68, 113);
    put_packet(&made, 1, 2, 3000, 3000, 9);
    see(&seen, &made);
    CHECK_INT(seen.frames[0].data.len, 3000);
    CHECK_STR(seen.info, "pcap 1 - - LINUX_SLL");
}

TEST(more_captured_than_sent)
{
    struct made made = {0};
    struct seen seen;

    put_header(&made, micro, 65535, 1);
    put_packet(&made, 1, 2, 60, 20, 9);
    see(&seen, &made);
    CHECK_INT(seen.frames[0].data.len, 60);
    CHECK_INT(seen.frames[0].wire_len, 60); /* never less than the data */
}

TEST(link_types_whose_number_moved)
{
    static const struct {
        uint32_t in_file, link_type;
        const char *info;
    } cases[] = {
        {101, 101, "pcap 1 - - RAW"},        {12, 101, "pcap 1 - - RAW"},
        {14, 101, "pcap 1 - - RAW"},         {0, 0, "pcap 1 - - NULL"},
        {276, 276, "pcap 1 - - LINUX_SLL2"}, {0xFFF0, 0xFFF0, "pcap 1 - - LINKTYPE_65520"}};
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct made made = {0};
        struct seen seen;

        put_header(&made, micro, 65535, cases[i].in_file);
        put_packet(&made, 1, 2, 20, 20, 9);
        see(&seen, &made);
        CHECK_INT(seen.frames[0].link_type, cases[i].link_type);
        CHECK_STR(seen.info, cases[i].info);
    }
}

TEST(an_impossible_length)
{
    struct made made = {0};
    struct seen seen;

    put_header(&made, micro, 65535, 1);
    put_packet(&made, 1, 2, 20, 20, 9);
    put32(&made, 1);
    put32(&made, 1);
    put32(&made, 0x60000000);
    put32(&made, 0x60000000);
    put_data(&made, 1, 100);
    see(&seen, &made);
    CHECK_INT(seen.num, 1);
    CHECK_INT(seen.num_problems, 1);
    CHECK_STR(seen.code, "malformed-file");
    CHECK_INT(seen.problem_frame, 1);
    CHECK_INT(seen.problem_offset, 24 + 16 + 20);
}

TEST(every_prefix)
{
    struct made made = {0};

    make_three(&made, micro);
    check_prefixes(&made, 24, 3);
}

TEST(pipe_and_bytes_read_before)
{
    struct made made = {0};
    struct bytes file;
    struct seen seen;
    size_t ahead;

    make_three(&made, micro);
    file = (struct bytes){made.at, made.len};
    for (ahead = 0; ahead <= made.len; ahead += 13) {
        see_from(&seen, file, true, ahead);
        CHECK_INT(seen.num, 3);
        CHECK_INT(seen.first_octet[2], 0);
        CHECK_INT(seen.first_octet[0], 1);
    }
}

static void gzip_into(struct made *out, const uint8_t *at, size_t len)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)at, .avail_in = (uInt)len};

    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_out = out->at + out->len;
    stream.avail_out = (uInt)(sizeof(out->at) - out->len);
    deflate(&stream, Z_FINISH);
    out->len += stream.total_out;
    deflateEnd(&stream);
}

TEST(gzip_of_several_members)
{
    struct made made = {0}, packed = {0};
    struct seen seen;

    make_three(&made, micro);
    gzip_into(&packed, made.at, 50);
    gzip_into(&packed, made.at + 50, made.len - 50);
    put_data(&packed, 0, 32); /* padding of a tape */
    see(&seen, &packed);
    CHECK_INT(seen.num, 3);
    CHECK_INT(seen.num_problems, 0);
    CHECK_STR(seen.info, "pcap in gzip 3 - - EN10MB");
}

TEST(gzip_in_gzip)
{
    struct made made = {0}, once = {0}, twice = {0};
    struct seen seen;

    make_three(&made, micro);
    gzip_into(&once, made.at, made.len);
    gzip_into(&twice, once.at, once.len);
    see(&seen, &twice);
    CHECK_STR(seen.info, "pcap in gzip in gzip 3 - - EN10MB");
}

TEST(gzip_cut_or_damaged)
{
    struct made made = {0}, packed = {0};
    struct seen seen;
    size_t i;

    put_header(&made, micro, 65535, 1);
    for (i = 0; i < 12; i++)
        put_packet(&made, 1, (uint32_t)(i * 7919), (uint32_t)(i * 31), 1500, (uint8_t)(i * 57));
    gzip_into(&packed, made.at, made.len);
    for (i = packed.len / 2; i < packed.len; i++) {
        see_from(&seen, (struct bytes){packed.at, i}, false, 0);
        CHECK_INT(seen.status, CAPTURE_OK);
        CHECK(seen.num <= 12);
        CHECK_INT(seen.num_problems,
                  1); /* also where all packets are there and only the end is not */
        CHECK_STR(seen.code, "truncated-file");
    }
    packed.at[packed.len - 6] ^= 1; /* the checksum */
    see(&seen, &packed);
    CHECK_STR(seen.code, "malformed-file");
}

TEST(not_a_capture)
{
    struct made made = {0}, packed = {0};
    struct seen seen;

    see(&seen, &made);
    CHECK_INT(seen.status, CAPTURE_NOT);
    put_data(&made, 'a', 100);
    see(&seen, &made);
    CHECK_INT(seen.status, CAPTURE_NOT);
    gzip_into(&packed, made.at, made.len);
    see(&seen, &packed);
    CHECK_INT(seen.status, CAPTURE_NOT);
    CHECK(strncmp(seen.message, "in gzip: ", 9) == 0);
}

TEST(a_directory)
{
    struct capture *capture;
    struct arena arena = {0};
    const char *message;
    int fd = open("/", O_RDONLY | O_CLOEXEC);

    CHECK_INT(capture_open(fd, (struct bytes){NULL, 0}, NULL, &arena, &capture, &message),
              CAPTURE_FAILED);
    CHECK_STR(message, "it cannot be read: Is a directory");
    arena_clear(&arena);
}
