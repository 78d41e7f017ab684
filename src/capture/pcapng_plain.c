/* SPDX-License-Identifier: MIT */
/* The usual packet of a pcapng file, taken in one go: an enhanced packet block that is whole and in
 * memory, of a described interface, whose time stamps are whole nanoseconds since 1970, and whose
 * options say nothing about the frame. Everything else is left to the general reader; tests hold
 * both against each other. */
#include "base/limits.h"
#include "capture/pcapng.h"

enum {
    ENHANCED = 6,
    HEAD_LEN = 28, /* type, length, interface, time (high, low), captured length, length */
    TAIL_LEN = 4,  /* the length again */
    PLAIN_MOST = 256 << 10
};

enum { OPTION_END = 0, OPTION_COMMENT = 1, OPTION_LEN = 4 };

struct head {
    uint32_t type, len, interface, high, low, captured, wire_len;
};

static inline uint32_t in_order(uint32_t value, bool turned)
{
    return turned ? __builtin_bswap32(value) : value;
}

static inline struct head load_head(const uint8_t *at, bool turned)
{
    struct head head;

    memcpy(&head, at, HEAD_LEN);
    head.type = in_order(head.type, turned);
    head.len = in_order(head.len, turned);
    head.interface = in_order(head.interface, turned);
    head.high = in_order(head.high, turned);
    head.low = in_order(head.low, turned);
    head.captured = in_order(head.captured, turned);
    head.wire_len = in_order(head.wire_len, turned);
    return head;
}

/* True when the options can be passed over: they end well, and no comment is among them. */
static bool pass_options(struct bytes options, bool turned)
{
    while (options.len >= OPTION_LEN) {
        uint16_t code, len;
        size_t whole;

        memcpy(&code, options.at, sizeof(code));
        memcpy(&len, options.at + 2, sizeof(len));
        code = turned ? __builtin_bswap16(code) : code;
        len = turned ? __builtin_bswap16(len) : len;
        whole = OPTION_LEN + (((size_t)len + 3) & ~(size_t)3);
        if (code == OPTION_END)
            return true;
        if (code == OPTION_COMMENT || whole > options.len)
            return false;
        options = (struct bytes){options.at + whole, options.len - whole};
    }
    return true;
}

/* The block behind its head. False when it is not as usual. */
static inline bool check_block(struct bytes block, const struct head *head, bool turned)
{
    size_t padded = HEAD_LEN + (((size_t)head->captured + 3) & ~(size_t)3), end;
    uint32_t second;

    if (block.len < head->len || head->len < padded + TAIL_LEN)
        return false;
    end = head->len - TAIL_LEN;
    memcpy(&second, block.at + end, sizeof(second));
    return in_order(second, turned) == head->len &&
           (end == padded || pass_options((struct bytes){block.at + padded, end - padded}, turned));
}

bool pcapng_take_plain(struct pcapng *pcapng, struct frame *out_frame)
{
    const bool turned = pcapng->big != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    struct bytes block = stream_look(&pcapng->stream, HEAD_LEN);
    const struct pcapng_interface *interface;
    struct head head;
    int64_t time_ns;

    if (block.len < HEAD_LEN || pcapng->big != pcapng->big_fields)
        return false;
    head = load_head(block.at, turned);
    if (head.type != ENHANCED || head.len > PLAIN_MOST || head.len % 4 != 0 ||
        head.captured > head.len || head.interface >= pcapng->num_interfaces)
        return false;
    interface = &pcapng->interfaces[head.interface];
    block = stream_look(&pcapng->stream, head.len);
    if (!check_block(block, &head, turned) || interface->unit_ns == 0 ||
        __builtin_mul_overflow((uint64_t)head.high << 32 | head.low, interface->unit_ns, &time_ns))
        return false;
    out_frame->time_ns = time_ns;
    out_frame->has_time = true;
    out_frame->wire_len = head.wire_len;
    out_frame->link_type = interface->link_type;
    out_frame->interface = pcapng->first_interface + head.interface;
    out_frame->data = (struct bytes){block.at + HEAD_LEN, head.captured};
    stream_take(&pcapng->stream, head.len);
    return true;
}
