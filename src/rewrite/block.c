/* SPDX-License-Identifier: MIT */
#include "rewrite/block.h"

#include "base/limits.h"
#include "base/reader.h"

enum {
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_APPLICATION = 4, /* shb_userappl */
    OPTION_NAME = 2,        /* if_name */
    OPTION_TSRESOL = 9,
    OPTION_MAX_LEN = 65535 - 3,
    PACKET_HEAD = 28 /* of an enhanced or obsolete packet block, before the data */
};

/* Integers in the byte order of the section. */
struct order {
    struct text *out;
    bool big;
};

static void put16(struct order order, uint32_t value)
{
    text_put_char(order.out, (char)(order.big ? value >> 8 : value));
    text_put_char(order.out, (char)(order.big ? value : value >> 8));
}

static void put32(struct order order, uint32_t value)
{
    put16(order, order.big ? value >> 16 : value & 0xFFFF);
    put16(order, order.big ? value & 0xFFFF : value >> 16);
}

static uint32_t load(const uint8_t *at, bool big, size_t len)
{
    uint32_t value = 0;
    size_t i;

    for (i = 0; i < len; i++)
        value = value << 8 | at[big ? i : len - 1 - i];
    return value;
}

static void pad(struct text *out, size_t len)
{
    for (; len % 4 != 0; len++)
        text_put_char(out, 0);
}

/* A value that is too long for an option is cut, between characters of UTF-8. */
static void put_option(struct order order, uint32_t code, struct bytes value)
{
    if (value.len > OPTION_MAX_LEN) {
        value.len = OPTION_MAX_LEN;
        while (value.len > 0 && (value.at[value.len] & 0xC0) == 0x80)
            value.len--;
    }
    put16(order, code);
    put16(order, (uint32_t)value.len);
    text_put_bytes(order.out, value);
    pad(order.out, value.len);
}

static void put_text_option(struct order order, uint32_t code, const char *value)
{
    if (value != NULL && value[0] != '\0')
        put_option(order, code, bytes_of_text(value));
}

/* The length of a block stands at either end of it. */
static void close_block(struct order order, size_t begin)
{
    struct text length = {0};
    struct order to = {&length, order.big};

    put32(to, (uint32_t)(order.out->len - begin + 4));
    memcpy(order.out->at + begin + 4, length.at, 4);
    text_put_bytes(order.out, (struct bytes){(const uint8_t *)length.at, 4});
    text_clear(&length);
}

static size_t open_block(struct order order, uint32_t type)
{
    size_t begin = order.out->len;

    put32(order, type);
    put32(order, 0);
    return begin;
}

uint32_t block_type(struct bytes raw, bool big)
{
    return raw.len < 4 ? 0 : load(raw.at, big, 4);
}

void block_put_section(struct text *out, const char *application, const char *comment)
{
    struct order order = {out, false};
    size_t begin = open_block(order, BLOCK_SECTION);

    put32(order, 0x1A2B3C4D);
    put16(order, 1);
    put16(order, 0);
    put32(order, UINT32_MAX); /* the section's length is not given */
    put32(order, UINT32_MAX);
    put_text_option(order, OPTION_COMMENT, comment);
    put_text_option(order, OPTION_APPLICATION, application);
    put32(order, OPTION_END);
    close_block(order, begin);
}

void block_put_interface(struct text *out, uint32_t link_type, const char *name)
{
    static const uint8_t nanoseconds[] = {9};
    struct order order = {out, false};
    size_t begin = open_block(order, BLOCK_INTERFACE);

    put16(order, link_type);
    put16(order, 0);
    put32(order, 0);
    put_text_option(order, OPTION_NAME, name);
    put_option(order, OPTION_TSRESOL, (struct bytes){nanoseconds, sizeof(nanoseconds)});
    put32(order, OPTION_END);
    close_block(order, begin);
}

void block_put_frame(struct text *out, const struct frame *frame, uint32_t interface,
                     const char *comment)
{
    struct order order = {out, false};
    size_t begin = open_block(order, BLOCK_ENHANCED);
    uint64_t stamp = (uint64_t)frame->time_ns;

    put32(order, interface);
    put32(order, (uint32_t)(stamp >> 32));
    put32(order, (uint32_t)stamp);
    put32(order, (uint32_t)frame->data.len);
    put32(order, (uint32_t)size_min(frame->wire_len, UINT32_MAX));
    text_put_bytes(out, frame->data);
    pad(out, frame->data.len);
    if (frame->comment.len > 0)
        put_option(order, OPTION_COMMENT, frame->comment);
    put_text_option(order, OPTION_COMMENT, comment);
    if (frame->comment.len > 0 || comment != NULL)
        put32(order, OPTION_END);
    close_block(order, begin);
}

/* Where the list of options ends: at opt_endofopt, or where there is no further one. 0: damaged. */
static size_t find_end(struct bytes raw, bool big, size_t at)
{
    size_t end = raw.len - 4;

    while (end - at >= 4) {
        uint32_t code = load(raw.at + at, big, 2), len = load(raw.at + at + 2, big, 2);
        size_t whole = 4 + (((size_t)len + 3) & ~(size_t)3);

        if (code == OPTION_END)
            return at;
        if (whole > end - at)
            return 0;
        at += whole;
    }
    return at == end ? at : 0;
}

bool block_put_commented(struct text *out, struct bytes raw, bool big, const char *comment)
{
    struct order order = {out, big};
    uint32_t type = block_type(raw, big);
    size_t begin = out->len, at, options;

    if ((type != BLOCK_ENHANCED && type != BLOCK_PACKET) || raw.len < PACKET_HEAD + 4)
        return false;
    options = load(raw.at + 20, big, 4);
    if (options > raw.len - 4 - PACKET_HEAD)
        return false;
    options = size_min(PACKET_HEAD + ((options + 3) & ~(size_t)3), raw.len - 4);
    at = raw.len % 4 == 0 ? find_end(raw, big, options) : 0;
    if (at == 0)
        return false;
    text_put_bytes(out, (struct bytes){raw.at, at});
    put_text_option(order, OPTION_COMMENT, comment);
    put32(order, OPTION_END);
    close_block(order, begin);
    return true;
}

/* ---- without what people wrote ---- */

/* Behind the records of a name resolution block; 0: damaged. */
static size_t find_names_end(struct bytes raw, bool big)
{
    size_t at = 8, end = raw.len - 4;

    while (end - at >= 4) {
        uint32_t type = load(raw.at + at, big, 2), len = load(raw.at + at + 2, big, 2);
        size_t whole = 4 + (((size_t)len + 3) & ~(size_t)3);

        if (whole > end - at)
            return 0;
        at += whole;
        if (type == 0)
            return at;
    }
    return at;
}

/* Where the options of a block begin; 0: it has none, or is damaged. */
static size_t find_options(struct bytes raw, bool big)
{
    size_t at = 0, data;

    if (raw.len < 12)
        return 0;
    switch (block_type(raw, big)) {
    case BLOCK_SECTION:
        at = 24;
        break;
    case BLOCK_INTERFACE:
        at = 16;
        break;
    case BLOCK_STATISTICS:
        at = 20;
        break;
    case BLOCK_NAMES:
        at = find_names_end(raw, big);
        break;
    case BLOCK_ENHANCED:
    case BLOCK_PACKET:
        if (raw.len < PACKET_HEAD + 4)
            return 0;
        data = load(raw.at + 20, big, 4);
        if (data > raw.len - 4 - PACKET_HEAD)
            return 0;
        at = PACKET_HEAD + ((data + 3) & ~(size_t)3);
        break;
    default:
        break;
    }
    return at <= raw.len - 4 ? at : 0;
}

static bool is_written_by_people(uint32_t code)
{
    return code == OPTION_COMMENT || code == 2988 || code == 2989 || code == 19372 || code == 19373;
}

/* Appends the options that stay; returns how many do not. */
static int64_t put_kept(struct text *out, struct bytes raw, bool big, size_t at)
{
    struct order order = {out, big};
    size_t end = raw.len - 4;
    int64_t dropped = 0, kept = 0;

    while (end - at >= 4) {
        uint32_t code = load(raw.at + at, big, 2), len = load(raw.at + at + 2, big, 2);
        size_t whole = 4 + (((size_t)len + 3) & ~(size_t)3);

        if (code == OPTION_END && len == 0)
            at += 4;
        if ((code == OPTION_END) || whole > end - at)
            break;
        if (is_written_by_people(code))
            dropped++;
        else
            text_put_bytes(out, (struct bytes){raw.at + at, whole});
        kept += !is_written_by_people(code);
        at += whole;
    }
    if (kept > 0)
        put32(order, OPTION_END);
    return dropped + (at < end);
}

bool block_put_stripped(struct text *out, struct bytes raw, bool big, int64_t *inout_num)
{
    struct order order = {out, big};
    size_t at = find_options(raw, big), begin = out->len;
    int64_t num;

    if (at == 0)
        return false;
    text_put_bytes(out, (struct bytes){raw.at, at});
    num = put_kept(out, raw, big, at);
    if (num == 0) {
        out->len = begin;
        return false;
    }
    close_block(order, begin);
    *inout_num += num;
    return true;
}
