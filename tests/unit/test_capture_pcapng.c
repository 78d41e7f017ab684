/* SPDX-License-Identifier: MIT */
/* pcapng (draft-ietf-opsawg-pcapng). What Wireshark makes of the odd ones was seen with tshark
 * 4.0.17 on files made like these. */
#include "pcapng_file.h"

static void make_usual(struct made *made)
{
    put_section(made);
    put_interface(made, 1, 262144, 9, 0);
    put_enhanced(made, 0, 1700000000123456789, 1, 61, NULL);
    put_enhanced(made, 0, 1700000000123456790, 2, 42, NULL);
    put_simple(made, 60, 60);
}

TEST(either_byte_order)
{
    int big;

    for (big = 0; big < 2; big++) {
        struct made made = {.big = big};
        struct seen seen;

        make_usual(&made);
        see(&seen, &made);
        CHECK_INT(seen.num, 3);
        CHECK_INT(seen.num_problems, 0);
        CHECK_INT(seen.frames[0].time_ns, 1700000000123456789);
        CHECK_INT(seen.frames[0].data.len, 61);
        CHECK_INT(seen.frames[0].wire_len, 161);
        CHECK_INT(seen.first_octet[1], 2);
        CHECK(seen.frames[1].has_time && !seen.frames[2].has_time);
        CHECK_INT(seen.frames[2].time_ns, 0);
        CHECK_STR(seen.info, "pcapng 3 tool 1 why EN10MB");
    }
}

TEST(sections_of_either_byte_order)
{
    struct made made = {0};
    struct seen seen;

    make_usual(&made);
    made.big = true;
    put_section(&made);
    put_interface(&made, 101, 65535, 0xFF, 0);
    put_interface(&made, 105, 0, 0xFF, 0);
    put_enhanced(&made, 1, 7000001, 4, 10, NULL);
    see(&seen, &made);
    CHECK_INT(seen.num, 4);
    CHECK_INT(seen.frames[3].link_type, 105);
    CHECK_INT(seen.frames[3].interface, 2); /* the first section has one */
    CHECK_INT(seen.frames[3].time_ns, 7000001000);
    CHECK_STR(seen.info, "pcapng 4 tool 1 why EN10MB IEEE802_11");
}

TEST(resolutions)
{
    static const struct {
        uint8_t resolution;
        int64_t offset_s;
        uint64_t stamp;
        int64_t want_ns;
    } cases[] = {{6, 0, 1500000, 1500000000},
                 {0, 0, 1700000000, 1700000000000000000},
                 {9, -5, 1000000001, -3999999999},
                 {9, 3600, 1, 3600000000001},
                 {12, 0, 1700000123456789012, 1700000123456789},
                 {19, 0, 15000000000000000000u, 1500000000},
                 {19, 0, 12345678901234567891u, 1234567890},
                 {18, 0, 999999999999999999u, 999999999},
                 {0x80, 0, 3, 3000000000},
                 {0x88, 0, 256 + 64, 1250000000},
                 {0xA0, 0, (UINT64_C(9) << 31) + 12345, 4500002874}, /* as tshark */
                 {0xBF, 0, UINT64_C(3) << 62, 1500000000},
                 {0xBF, 0, UINT64_MAX, 1999999999}};
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct made made = {0};
        struct seen seen;

        put_section(&made);
        put_interface(&made, 1, 0, cases[i].resolution, cases[i].offset_s);
        put_enhanced(&made, 0, cases[i].stamp, 1, 20, NULL);
        see(&seen, &made);
        CHECK(seen.frames[0].has_time);
        CHECK_INT(seen.frames[0].time_ns, cases[i].want_ns);
    }
}

TEST(a_time_beyond_what_fits)
{
    struct made made = {0};
    struct seen seen;

    put_section(&made);
    put_interface(&made, 1, 0, 0xFF, 0);
    put_enhanced(&made, 0, UINT64_MAX, 1, 20, NULL);
    put_enhanced(&made, 0, UINT64_MAX, 1, 20, NULL);
    see(&seen, &made);
    CHECK_INT(seen.num, 2);
    CHECK(!seen.frames[0].has_time);
    CHECK_INT(seen.num_problems, 1);
    CHECK_STR(seen.code, "malformed-block");
}

TEST(process_ids_of_etl2pcapng)
{
    static const struct {
        const char *comment;
        int64_t pid;
    } cases[] = {{"PID=1234", 1234},
                 {"PID=4 TID=5", 4},
                 {"PID=812 ProcessorNumber=0", 812},
                 {"PID=4294967295", 4294967295},
                 {"PID=4294967296", -1},
                 {"PID=", -1},
                 {"PID=12x", -1},
                 {"see PID=12", -1}};
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct made made = {0};
        struct seen seen;

        put_section(&made);
        put_interface(&made, 1, 0, 0xFF, 0);
        put_enhanced(&made, 0, 1, 1, 21, cases[i].comment);
        see(&seen, &made);
        CHECK_INT(seen.frames[0].pid, cases[i].pid);
        CHECK_INT(seen.frames[0].comment.len, strlen(cases[i].comment));
    }
}

/* As early versions wrote it: padded to four bytes, and the padding counted. */
TEST(comment_with_counted_padding)
{
    struct made made = {0};
    struct seen seen;
    size_t at;

    put_section(&made);
    put_interface(&made, 1, 0, 0xFF, 0);
    at = begin(&made, 6);
    put32(&made, 0);
    put64(&made, 5);
    put32(&made, 4);
    put32(&made, 4);
    put_data(&made, 6, 4);
    put16(&made, 1);
    put16(&made, 8);
    put(&made, "PID=77\0\0", 8);
    put32(&made, 0);
    end(&made, at);
    see(&seen, &made);
    CHECK_INT(seen.frames[0].pid, 77);
    CHECK_INT(seen.frames[0].comment.len, 6);
}

TEST(names)
{
    struct made made = {0};
    struct seen seen;
    size_t at;

    put_section(&made);
    at = begin(&made, 4);
    put16(&made, 1);
    put16(&made, 4 + 8);
    put(&made, "\x0a\0\0\1one\0two", 12); /* the last NUL is missing */
    put16(&made, 7);                      /* an unknown kind */
    put16(&made, 3);
    put(&made, "xyz", 4);
    put16(&made, 2);
    put16(&made, 16 + 3);
    put(&made, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1\xff\x62\0", 20);
    put32(&made, 0);
    end(&made, at);
    see(&seen, &made);
    CHECK_STR(seen.names, "0a000001=one;0a000001=two;"
                          "fe800000000000000000000000000001=\xef\xbf\xbd"
                          "b;");
    CHECK_INT(seen.num_problems, 0);
}

TEST(longer_than_the_snapshot_length)
{
    struct made made = {0};
    struct seen seen;

    put_section(&made);
    put_interface(&made, 1, 20, 0xFF, 0);
    put_enhanced(&made, 0, 1, 1, 60, NULL);
    put_simple(&made, 60, 20);
    see(&seen, &made);
    CHECK_INT(seen.frames[0].data.len, 60);
    CHECK_INT(seen.frames[1].data.len, 20);
    CHECK_INT(seen.frames[1].wire_len, 60);
}

TEST(an_interface_that_was_not_described)
{
    struct made made = {0};
    struct seen seen;

    put_section(&made);
    put_interface(&made, 1, 0, 0xFF, 0);
    put_enhanced(&made, 0, 1, 1, 60, NULL);
    put_enhanced(&made, 1, 1, 1, 60, NULL);
    see(&seen, &made);
    CHECK_INT(seen.num, 1);
    CHECK_STR(seen.code, "malformed-file");
    CHECK_INT(seen.problem_frame, 1);
}

TEST(obsolete_packet)
{
    struct made made = {.big = true};
    struct seen seen;
    size_t at;

    put_section(&made);
    put_interface(&made, 1, 0, 0xFF, 0);
    at = begin(&made, 2);
    put16(&made, 0);
    put16(&made, 0xFFFF);
    put64(&made, 3000000);
    put32(&made, 5);
    put32(&made, 9);
    put_data(&made, 8, 5);
    end(&made, at);
    see(&seen, &made);
    CHECK_INT(seen.num, 1);
    CHECK_INT(seen.frames[0].time_ns, 3000000000);
    CHECK_INT(seen.frames[0].data.len, 5);
}

TEST(blocks_that_are_skipped_and_blocks_that_are_numbered)
{
    static const struct {
        uint32_t type;
        size_t num;
    } cases[] = {{5, 2},     {7, 2},     {10, 2},         {0x777, 2}, {0x80000001, 2}, {9, 3},
                 {0x204, 3}, {0xBAD, 3}, {0x40000BAD, 3}, {0x216, 3}, {0x221, 3}};
    size_t i, at;

    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct made made = {0};
        struct seen seen;

        put_section(&made);
        put_interface(&made, 1, 0, 0xFF, 0);
        put_enhanced(&made, 0, 1, 1, 60, NULL);
        at = begin(&made, cases[i].type);
        put_data(&made, 0, 40);
        end(&made, at);
        put_enhanced(&made, 0, 1, 2, 60, NULL);
        see(&seen, &made);
        CHECK_INT(seen.num, cases[i].num);
        CHECK_INT(seen.num_problems, 0);
        CHECK_INT(strncmp(seen.info, "pcapng 2 ", 9), 0); /* packets */
        if (cases[i].num == 3)
            CHECK_INT(seen.frames[1].link_type, LINK_PCAPNG_RECORD);
    }
}

/* Wireshark takes both lengths as rounded up; blocks without padding are read too. */
TEST(lengths_that_are_no_multiple_of_four)
{
    int kind;

    for (kind = 0; kind < 4; kind++) {
        uint32_t first = kind == 2 ? 92 : 89, second = kind == 1 ? 92 : 89;
        struct made made = {0};
        struct seen seen;

        put_section(&made);
        put_interface(&made, 1, 0, 0xFF, 0);
        put32(&made, 6);
        put32(&made, first);
        put32(&made, 0);
        put64(&made, 0);
        put32(&made, 57);
        put32(&made, 57);
        put_data(&made, 4, 57);
        if (kind != 3)
            put_data(&made, 0, 3);
        put32(&made, second);
        put_simple(&made, 60, 60);
        see(&seen, &made);
        CHECK_INT(seen.num, 2);
        CHECK_INT(seen.frames[0].data.len, 57);
    }
}

TEST(damage_is_named_with_its_offset)
{
    struct made made = {0};
    struct seen seen;
    size_t last;

    make_usual(&made);
    last = made.len - 76; /* the simple packet */
    made.at[last + 75] ^= 1;
    see(&seen, &made);
    CHECK_INT(seen.num, 2);
    CHECK_STR(seen.code, "malformed-file");
    CHECK_INT(seen.problem_offset, last);
    CHECK_INT(seen.problem_frame, 2);
    made.at[last + 75] ^= 1;
    memset(made.at + last, 0, 76);
    see(&seen, &made);
    CHECK_INT(seen.num, 2);
    CHECK_INT(seen.problem_offset, last);
}

TEST(an_option_that_is_too_long)
{
    struct made made = {0};
    struct seen seen;
    size_t at;

    put_section(&made);
    put_interface(&made, 1, 0, 0xFF, 0);
    at = begin(&made, 6);
    put32(&made, 0);
    put64(&made, 5);
    put32(&made, 4);
    put32(&made, 4);
    put_data(&made, 6, 4);
    put16(&made, 1);
    put16(&made, 500);
    end(&made, at);
    put_simple(&made, 60, 60);
    see(&seen, &made);
    CHECK_INT(seen.num, 2); /* its packet is whole */
    CHECK_STR(seen.code, "malformed-block");
    CHECK_INT(seen.frames[0].comment.len, 0);
}

TEST(an_unknown_version)
{
    struct made made = {0};
    struct seen seen;

    make_usual(&made);
    made.at[12] = 2;
    see(&seen, &made);
    CHECK_INT(seen.status, CAPTURE_FAILED);
    CHECK(strstr(seen.message, "version") != NULL);
}

TEST(every_prefix)
{
    struct made made = {0};

    make_usual(&made);
    /* behind the section, the interface and the first two packets */
    check_prefixes(&made, 52, 4);
}

static void make_odd(struct made *made, bool big)
{
    struct made fresh = {.big = big};
    size_t at;

    *made = fresh;
    put_section(made);
    put_interface(made, 1, 262144, 9, 0);
    put_interface(made, 1, 0, 6, 3600);
    put_interface(made, 101, 0, 12, 0);
    put_enhanced(made, 0, 1700000000123456789, 1, 21, NULL);
    put_enhanced(made, 0, 1700000000123456789, 2, 22, "a comment");
    put_enhanced(made, 1, 1700000000123456, 3, 23, NULL);
    put_enhanced(made, 2, 1700000000123456789, 4, 24, NULL);
    at = begin(made, 6); /* options without a comment, and no end mark */
    put32(made, 0);
    put64(made, 0);
    put32(made, 3);
    put32(made, 3);
    put_data(made, 5, 3);
    pad(made);
    put_option(made, 2, "flags");
    put_option(made, 4, "12345678");
    end(made, at);
    put_simple(made, 8, 8);
    put_enhanced(made, 0, UINT64_MAX, 6, 4, NULL);
    put_enhanced(made, 0, 7, 7, 0, NULL);
}

/* see() reads each with the short cut for usual packets and without it. */
TEST(every_octet_changed)
{
    static const uint8_t changes[] = {0x01, 0x03, 0x80, 0xFF};
    static struct made made;
    struct seen seen;
    size_t i, k;
    int big;

    for (big = 0; big < 2; big++) {
        make_odd(&made, big != 0);
        see(&seen, &made);
        CHECK_INT(seen.num, 8);
        CHECK_INT(seen.frames[4].data.len, 3);
        CHECK_INT(seen.frames[1].comment.len, 9);
        for (i = 0; i < made.len; i++)
            for (k = 0; k < sizeof(changes); k++) {
                made.at[i] ^= changes[k];
                see(&seen, &made);
                made.at[i] ^= changes[k];
            }
        make_odd(&made, big != 0);
        see(&seen, &made);
        CHECK_INT(seen.num, 8);
    }
}
