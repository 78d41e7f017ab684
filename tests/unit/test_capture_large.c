/* SPDX-License-Identifier: MIT */
/* pcapng blocks and packets larger than buffers, and larger than the limits. */
#include "base/limits.h"
#include "pcapng_file.h"

/* More than the buffer of the stream holds, and a packet far over the usual 262144 bytes. */
TEST(large_blocks)
{
    size_t big_len = 3u << 20, packet = 2000000;
    static struct made head, tail, skipped, frame;
    struct seen seen;
    struct bytes file;
    uint8_t *at;

    put_section(&head);
    put_interface(&head, 1, 0, 0xFF, 0);
    put32(&skipped, 0x777);
    put32(&skipped, (uint32_t)big_len);
    put32(&frame, 6);
    put32(&frame, (uint32_t)packet + 32);
    put32(&frame, 0);
    put64(&frame, 5);
    put32(&frame, (uint32_t)packet);
    put32(&frame, (uint32_t)packet);
    put_simple(&tail, 60, 60);
    file.len = head.len + big_len + packet + 32 + tail.len;
    at = calloc(file.len, 1);
    file.at = at;
    memcpy(at, head.at, head.len);
    memcpy(at + head.len, skipped.at, skipped.len);
    memcpy(at + head.len + big_len - 4, skipped.at + 4, 4);
    memcpy(at + head.len + big_len, frame.at, frame.len);
    memcpy(at + head.len + big_len + packet + 28, frame.at + 4, 4);
    memcpy(at + file.len - tail.len, tail.at, tail.len);
    see_from(&seen, file, false, 1000);
    CHECK_INT(seen.num, 2);
    CHECK_INT(seen.num_problems, 0);
    CHECK_INT(seen.frames[0].data.len, packet);
    CHECK_INT(seen.first_octet[1], 0x33);
    free(at);
}

/* Many blocks of all lengths: some end at, and some go over, each end of a buffer. */
TEST(blocks_that_go_over_the_end_of_a_buffer)
{
    static struct made head, block;
    size_t room = 4u << 20, len = 0, num = 0, i;
    uint8_t *at = malloc(room);
    struct seen seen;

    put_section(&head);
    put_interface(&head, 1, 0, 9, 0);
    memcpy(at, head.at, head.len);
    for (len = head.len; len + 70000 < room; len += block.len, num++) {
        block.len = 0;
        put_enhanced(&block, 0, num, (uint8_t)num, num % 100 == 99 ? 65000 : num * 7919 % 1500,
                     num % 11 == 0 ? "PID=7" : NULL);
        memcpy(at + len, block.at, block.len);
    }
    for (i = 0; i < 3; i++) {
        see_from(&seen, (struct bytes){at, len - i * 5}, false, i * 999);
        CHECK_INT(seen.num, i == 0 ? num : num - 1);
        CHECK_INT(seen.num_problems, i > 0);
    }
    free(at);
}

/* Writes at an offset of a file that is sparse elsewhere. */
static void write_at(int fd, size_t at, const struct made *made)
{
    if (pwrite(fd, made->at, made->len, (off_t)at) != (ssize_t)made->len)
        abort();
}

static void put_lengths(struct made *made, size_t packet, size_t block)
{
    put32(made, 6);
    put32(made, (uint32_t)block);
    put32(made, 0);
    put64(made, 5);
    put32(made, (uint32_t)packet);
    put32(made, (uint32_t)packet);
}

/* A packet over the limit, in a block that fits into memory and in one that does not. */
TEST(packets_over_the_limit)
{
    static const size_t lens[] = {LIMIT_FRAME_BYTES + 1000, LIMIT_BLOCK_BYTES + 1000};
    size_t i;

    for (i = 0; i < 2; i++) {
        struct made head = {0}, first = {0}, last = {0}, length = {0};
        size_t block = lens[i] + 32, num = 0;
        struct seen seen = {0};
        struct capture_events events = {&seen, see_problem, NULL, NULL};
        int fd = memfd_create("large", MFD_CLOEXEC);
        struct arena arena = {0};
        struct capture *capture;
        const char *message;
        struct frame frame;

        put_section(&head);
        put_interface(&head, 1, 0, 0xFF, 0);
        put_lengths(&first, lens[i], block);
        put32(&length, (uint32_t)block);
        put_simple(&last, 60, 60);
        write_at(fd, 0, &head);
        write_at(fd, head.len, &first);
        write_at(fd, head.len + block - 4, &length);
        write_at(fd, head.len + block, &last);
        CHECK_INT(capture_open(fd, (struct bytes){NULL, 0}, &events, &arena, &capture, &message),
                  CAPTURE_OK);
        while (capture_next(capture, &frame) == CAPTURE_OK) {
            num++;
            CHECK_INT(frame.number, num);
            CHECK_INT(frame.data.len, num == 1 ? LIMIT_FRAME_BYTES : 60);
            CHECK_INT(frame.wire_len, num == 1 ? lens[i] : 60);
        }
        CHECK_INT(num, 2);
        CHECK_INT(seen.num_problems, 1);
        CHECK_STR(seen.code, "limit-frame");
        capture_close(capture);
        arena_clear(&arena);
    }
}
