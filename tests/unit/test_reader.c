/* SPDX-License-Identifier: MIT */
#include "base/reader.h"

#include "harness.h"

static const uint8_t sample[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09};

static struct reader sample_reader(size_t len, bool open)
{
    struct reader reader;

    reader_init(&reader, (struct bytes){sample, len}, open);
    return reader;
}

TEST(integers_in_both_orders)
{
    struct reader r = sample_reader(9, false);

    CHECK_INT(reader_be16(&r), 0x0102);
    CHECK_INT(reader_le16(&r), 0x0403);
    CHECK_INT(reader_be32(&r), 0x05060708);
    CHECK_INT(reader_u8(&r), 9);
    CHECK(reader_ok(&r));
    CHECK_INT(reader_left(&r), 0);
    r = sample_reader(9, false);
    CHECK_INT(reader_be24(&r), 0x010203);
    r = sample_reader(8, false);
    CHECK(reader_be64(&r) == 0x0102030405060708u);
    r = sample_reader(8, false);
    CHECK(reader_le64(&r) == 0x0807060504030201u);
    r = sample_reader(4, false);
    CHECK_INT(reader_le32(&r), 0x04030201);
}

TEST(an_open_end_needs_more_and_a_closed_one_is_malformed)
{
    struct reader r = sample_reader(3, true);

    reader_be32(&r);
    CHECK_INT(r.fault, FAULT_NEEDS_MORE);
    CHECK_INT(r.fault_at, 3);
    r = sample_reader(3, false);
    reader_u8(&r);
    reader_be32(&r);
    CHECK_INT(r.fault, FAULT_MALFORMED);
    CHECK_INT(r.fault_at, 1);
}

TEST(the_first_fault_sticks)
{
    struct reader r = sample_reader(2, false);

    reader_fail(&r, FAULT_UNSUPPORTED, "first");
    reader_fail(&r, FAULT_MALFORMED, "second");
    CHECK_INT(r.fault, FAULT_UNSUPPORTED);
    CHECK_STR(r.fault_what, "first");
    CHECK_INT(reader_u8(&r), 0);
    CHECK_INT(reader_left(&r), 0);
    CHECK_INT(reader_peek(&r), -1);
    CHECK_INT(reader_bytes(&r, 1).len, 0);
}

TEST(children_keep_absolute_offsets_and_fold_their_faults)
{
    struct reader r = sample_reader(9, true), child;

    reader_skip(&r, 2);
    child = reader_child(&r, 3);
    CHECK_INT(r.at, 5);
    CHECK_INT(reader_be24(&child), 0x030405);
    reader_u8(&child);
    CHECK_INT(child.fault, FAULT_MALFORMED); /* its length was declared */
    CHECK_INT(child.fault_at, 5);
    CHECK(reader_ok(&r));
    reader_close(&r, &child);
    CHECK_INT(r.fault_at, 5);
    CHECK_INT(r.fault, FAULT_MALFORMED);
}

TEST(a_child_longer_than_its_parent_covers_what_is_there)
{
    struct reader r = sample_reader(4, true), child = reader_child(&r, 10);

    CHECK_INT(r.fault, FAULT_NEEDS_MORE);
    CHECK_INT(reader_left(&child), 4);
    CHECK_INT(reader_be32(&child), 0x01020304);
    reader_u8(&child);
    CHECK_INT(child.fault, FAULT_NEEDS_MORE);
    r = sample_reader(4, false);
    child = reader_child(&r, SIZE_MAX);
    CHECK_INT(r.fault, FAULT_MALFORMED);
    CHECK_INT(reader_left(&child), 4);
}

TEST(seek_stays_inside)
{
    struct reader r = sample_reader(9, false);

    reader_seek(&r, 9);
    CHECK(reader_ok(&r));
    reader_seek(&r, 0);
    CHECK_INT(reader_u8(&r), 1);
    reader_seek(&r, 10);
    CHECK_INT(r.fault, FAULT_MALFORMED);
}

TEST(sizes_do_not_wrap)
{
    size_t out = 7;

    CHECK(!size_add(SIZE_MAX, 1, &out));
    CHECK(!size_mul(SIZE_MAX / 2, 3, &out));
    CHECK_INT(out, 7);
    CHECK(size_add(SIZE_MAX - 1, 1, &out) && out == SIZE_MAX);
    CHECK(size_mul(0, SIZE_MAX, &out) && out == 0);
}
