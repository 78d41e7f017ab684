/* SPDX-License-Identifier: MIT */
/* The unpackers: what each library packs, cut and damaged at every byte. */
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/limits.h"
#include "capture_file.h"

static size_t pack_gzip(uint8_t *out, size_t room, const uint8_t *at, size_t len)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)at, .avail_in = (uInt)len};

    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    deflate(&stream, Z_FINISH);
    deflateEnd(&stream);
    return stream.total_out;
}

static size_t pack_zstd(uint8_t *out, size_t room, const uint8_t *at, size_t len)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t made;

    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    made = ZSTD_compress2(context, out, room, at, len);
    ZSTD_freeCCtx(context);
    return made;
}

static size_t pack_lz4(uint8_t *out, size_t room, const uint8_t *at, size_t len)
{
    LZ4F_preferences_t preferences = {.frameInfo = {.contentChecksumFlag = 1}};

    return LZ4F_compressFrame(out, room, at, len, &preferences);
}

static size_t pack_xz(uint8_t *out, size_t room, const uint8_t *at, size_t len)
{
    size_t made = 0;

    lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, at, len, out, &made, room);
    return made;
}

static const struct {
    const char *name;
    size_t (*pack)(uint8_t *out, size_t room, const uint8_t *at, size_t len);
} packers[] = {{"gzip", pack_gzip}, {"zstd", pack_zstd}, {"lz4", pack_lz4}, {"xz", pack_xz}};

enum { NUM_PACKERS = sizeof(packers) / sizeof(*packers), NUM_PACKETS = 12 };

/* Packets whose bytes do not compress to nothing. */
static void make_capture(struct made *made)
{
    uint32_t state = 1, i, k;

    put32(made, 0xa1b2c3d4);
    put16(made, 2);
    put16(made, 4);
    put64(made, 0);
    put32(made, 65535);
    put32(made, 1);
    for (i = 0; i < NUM_PACKETS; i++) {
        put32(made, i);
        put32(made, i);
        put32(made, 40);
        put32(made, 40);
        for (k = 0; k < 10; k++)
            put32(made, state = state * 1103515245 + 12345);
    }
}

static struct made packed;

static void pack(size_t which)
{
    struct made made = {0};

    make_capture(&made);
    packed.len = packers[which].pack(packed.at, sizeof(packed.at), made.at, made.len);
}

TEST(each_unpacks)
{
    size_t i;

    for (i = 0; i < NUM_PACKERS; i++) {
        struct seen seen;
        char want[64];

        pack(i);
        see_from(&seen, (struct bytes){packed.at, packed.len}, i % 2 == 0, 3);
        snprintf(want, sizeof(want), "pcap in %s %d - - EN10MB", packers[i].name, NUM_PACKETS);
        CHECK_STR(seen.info, want);
        CHECK_INT(seen.num_problems, 0);
    }
}

TEST(each_takes_several_streams)
{
    size_t i;

    for (i = 0; i < NUM_PACKERS; i++) {
        struct made made = {0};
        struct seen seen;

        make_capture(&made);
        packed.len = packers[i].pack(packed.at, sizeof(packed.at), made.at, 100);
        packed.len += packers[i].pack(packed.at + packed.len, sizeof(packed.at) - packed.len,
                                      made.at + 100, made.len - 100);
        see(&seen, &packed);
        CHECK_INT(seen.num, NUM_PACKETS);
        CHECK_INT(seen.num_problems, 0);
    }
}

/* Every cut is noticed, also one within the checksum behind the last packet. */
TEST(every_prefix_is_cut_short)
{
    size_t i, len;

    for (i = 0; i < NUM_PACKERS; i++) {
        pack(i);
        for (len = 0; len < packed.len; len++) {
            struct seen seen;

            see_from(&seen, (struct bytes){packed.at, len}, false, 0);
            if (seen.status != CAPTURE_OK) {
                CHECK(seen.message[0] != 0);
                continue;
            }
            CHECK_INT(seen.num_problems, 1);
            CHECK_STR(seen.code, "truncated-file");
            CHECK_INT(seen.problem_frame, seen.num);
        }
    }
}

TEST(every_byte_damaged)
{
    size_t i, at;

    for (i = 0; i < NUM_PACKERS; i++) {
        pack(i);
        for (at = 0; at < packed.len; at++) {
            struct seen seen;

            packed.at[at] ^= 0x55;
            see(&seen, &packed);
            CHECK(seen.num <= NUM_PACKETS);
            /* A flag that nobody reads, or a name: nothing need be wrong then. */
            if (seen.status == CAPTURE_OK && seen.num < NUM_PACKETS)
                CHECK(seen.num_problems > 0);
            packed.at[at] ^= 0x55;
        }
    }
}

/* A pcapng block of zeros that nobody would skip through by hand. */
TEST(what_unpacks_to_too_much)
{
    static const uint8_t head[] = {0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A,
                                   1,    0,    0,    0,    0,  0, 0, 0, 0,    0,    0,    0,
                                   28,   0,    0,    0,    7,  7, 7, 7, 0,    0,    0,    0xF0};
    size_t len = LIMIT_RATIO_FLOOR * 2;
    uint8_t *big = calloc(len, 1);
    struct seen seen;

    memcpy(big, head, sizeof(head));
    packed.len = pack_zstd(packed.at, sizeof(packed.at), big, len);
    CHECK(packed.len < len / LIMIT_RATIO);
    see(&seen, &packed);
    CHECK_STR(seen.code, "limit-ratio");
    free(big);
}
