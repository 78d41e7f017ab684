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

enum { HEADERS_LINE = 48 }; /* behind that stand the ends of most headers */
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

/* The frame of the block that the bytes begin with; returns the block's length. 0: it is not all
 * there, or not as usual. */
static inline size_t take_block(const struct pcapng *pcapng, struct bytes block, bool turned,
                                struct frame *out_frame)
{
    const struct pcapng_interface *interface;
    struct head head;
    int64_t time_ns;

    if (block.len < HEAD_LEN)
        return 0;
    head = load_head(block.at, turned);
    if (head.type != ENHANCED || head.len > PLAIN_MOST || head.len % 4 != 0 ||
        head.captured > head.len || head.interface >= pcapng->num_interfaces)
        return 0;
    interface = &pcapng->interfaces[head.interface];
    if (!check_block(block, &head, turned) || interface->unit_ns == 0 ||
        __builtin_mul_overflow((uint64_t)head.high << 32 | head.low, interface->unit_ns, &time_ns))
        return 0;
    out_frame->time_ns = time_ns;
    out_frame->has_time = true;
    out_frame->wire_len = head.wire_len > head.captured ? head.wire_len : head.captured;
    out_frame->link_type = interface->link_type;
    out_frame->interface = pcapng->first_interface + head.interface;
    out_frame->data = (struct bytes){block.at + HEAD_LEN, head.captured};
    return head.len;
}

static bool is_turned(const struct pcapng *pcapng)
{
    return pcapng->big != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

bool pcapng_take_plain(struct pcapng *pcapng, struct frame *out_frame)
{
    struct bytes block = stream_look(&pcapng->stream, HEAD_LEN);
    struct head head;
    size_t len;

    if (block.len < HEAD_LEN || pcapng->big != pcapng->big_fields)
        return false;
    head = load_head(block.at, is_turned(pcapng));
    if (head.type != ENHANCED || head.len > PLAIN_MOST)
        return false;
    len = take_block(pcapng, stream_look(&pcapng->stream, head.len), is_turned(pcapng), out_frame);
    if (len == 0)
        return false;
    stream_take(&pcapng->stream, len);
    return true;
}

size_t pcapng_take_many(struct pcapng *pcapng, struct frame *out_frames, size_t room)
{
    struct bytes left = {pcapng->stream.buffer + pcapng->stream.at,
                         pcapng->stream.end - pcapng->stream.at};
    const bool turned = is_turned(pcapng);
    const uint8_t *start = left.at;
    size_t num = 0, len;

    if (pcapng->pending > 0 || pcapng->big != pcapng->big_fields)
        return 0;
    while (num < room && (len = take_block(pcapng, left, turned, &out_frames[num])) > 0) {
        struct frame *frame = &out_frames[num++];

        __builtin_prefetch(frame->data.at + HEADERS_LINE);
        frame->comment = (struct bytes){NULL, 0};
        frame->process = NULL;
        frame->pid = -1;
        left = (struct bytes){left.at + len, left.len - len};
    }
    stream_take(&pcapng->stream, (size_t)(left.at - start));
    return num;
}
