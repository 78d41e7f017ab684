/* SPDX-License-Identifier: MIT */
/* pcapng blocks that hold a packet, and those that Wireshark numbers like one. */
#include "base/limits.h"
#include "capture/pcapng.h"

enum { OPTION_COMMENT = 1, NANOSECONDS = 1000000000 };

/* rest * NANOSECONDS / units, rounded down, in 64 bits; rest < units. Beyond what one product can
 * hold (units of picoseconds and finer) it is a multiplication bit by bit, with the remainder kept
 * below `units`. */
static uint64_t nanoseconds_of(uint64_t rest, uint64_t units)
{
    uint64_t quotient = 0, left = 0;
    unsigned bit;

    if (rest <= UINT64_MAX / NANOSECONDS)
        return rest * NANOSECONDS / units;
    for (bit = 1u << 29; bit != 0; bit >>= 1) { /* NANOSECONDS < 2^30 */
        bool carry = left >= units - left;

        left = carry ? left - (units - left) : left * 2;
        quotient = quotient * 2 + carry;
        if ((NANOSECONDS & bit) == 0)
            continue;
        carry = left >= units - rest;
        left = carry ? left - (units - rest) : left + rest;
        quotient += carry;
    }
    return quotient;
}

/* Time stamps are a count of units since 1970; the result is false when it is beyond the years
 * that 64 bits of nanoseconds hold (1677 to 2262). */
static bool time_of(const struct pcapng_interface *interface, uint64_t stamp, int64_t *out_ns)
{
    uint64_t second = stamp / interface->units, rest = stamp % interface->units;
    uint64_t part = nanoseconds_of(rest, interface->units);
    int64_t sum;

    return second <= INT64_MAX &&
           !__builtin_add_overflow((int64_t)second, interface->offset_s, &sum) &&
           !__builtin_mul_overflow(sum, (int64_t)NANOSECONDS, &sum) &&
           !__builtin_add_overflow(sum, (int64_t)part, out_ns);
}

/* etl2pcapng begins the comment of every packet with "PID=1234" (and goes on with " TID=5" and
 * more): the process that was running, which for a sent packet is the one that sent it. */
static int64_t pid_of(struct bytes comment)
{
    static const char mark[4] = {'P', 'I', 'D', '='};
    int64_t pid = 0;
    size_t i = sizeof(mark);

    if (comment.len <= sizeof(mark) || memcmp(comment.at, mark, sizeof(mark)) != 0)
        return -1;
    for (; i < comment.len && comment.at[i] >= '0' && comment.at[i] <= '9'; i++) {
        pid = pid * 10 + (comment.at[i] - '0');
        if (pid > UINT32_MAX)
            return -1;
    }
    if (i == sizeof(mark) || (i < comment.len && comment.at[i] != ' ' && comment.at[i] != 0))
        return -1;
    return pid;
}

/* Early versions of etl2pcapng pad the comment with NULs and count them. */
static struct bytes without_padding(struct bytes comment)
{
    while (comment.len > 0 && comment.at[comment.len - 1] == 0)
        comment.len--;
    return comment;
}

static void take_options(struct capture *capture, struct pcapng_block *block, struct frame *frame)
{
    struct pcapng *pcapng = capture->state;
    struct pcapng_option option;

    while (pcapng_take_option(block, &option)) {
        if (option.code != OPTION_COMMENT)
            continue;
        if (frame->comment.len == 0)
            frame->comment = without_padding(option.value);
        if (frame->pid < 0)
            frame->pid = pid_of(option.value);
    }
    if (!reader_ok(&block->body) && !block->cut)
        pcapng_note(capture, block, &pcapng->noted_option, "an option longer than its block");
}

/* The captured bytes. A block over the limit gives as many as there are in memory. */
static bool take_data(struct pcapng_block *block, size_t len, struct frame *frame)
{
    struct reader *body = &block->body;

    if (block->cut)
        len = size_min(len, reader_left(body));
    frame->data = reader_bytes(body, len);
    reader_skip(body, size_min((4 - len % 4) % 4, reader_left(body)));
    return reader_ok(body);
}

static const struct pcapng_interface *find_interface(const struct pcapng *pcapng, uint32_t index)
{
    return index < pcapng->num_interfaces ? &pcapng->interfaces[index] : NULL;
}

/* What enhanced and obsolete packet blocks have in common, behind the interface. */
static enum pcapng_step take_packet(struct capture *capture, struct pcapng_block *block,
                                    uint32_t index, struct frame *out_frame)
{
    struct pcapng *pcapng = capture->state;
    const struct pcapng_interface *interface;
    uint64_t stamp;
    size_t len;

    stamp = (uint64_t)pcapng_u32(block, &block->body) << 32;
    stamp |= pcapng_u32(block, &block->body);
    len = pcapng_u32(block, &block->body);
    out_frame->wire_len = pcapng_u32(block, &block->body);
    if (!reader_ok(&block->body))
        return pcapng_stop(capture, block, "a packet block shorter than its fields");
    interface = find_interface(pcapng, index);
    if (interface == NULL)
        return pcapng_stop(capture, block, "a packet of an interface that was not described");
    if (!take_data(block, len, out_frame))
        return pcapng_stop(capture, block, "more captured bytes than the block holds");
    out_frame->link_type = interface->link_type;
    out_frame->interface = pcapng->first_interface + index;
    out_frame->has_time = time_of(interface, stamp, &out_frame->time_ns);
    if (!out_frame->has_time) {
        out_frame->time_ns = 0;
        pcapng_note(capture, block, &pcapng->noted_time, "a time beyond the year 2262");
    }
    if (reader_left(&block->body) >= 4)
        take_options(capture, block, out_frame);
    return PCAPNG_FRAME;
}

enum pcapng_step pcapng_enhanced(struct capture *capture, struct pcapng_block *block,
                                 struct frame *out_frame)
{
    uint32_t index = pcapng_u32(block, &block->body);

    return take_packet(capture, block, index, out_frame);
}

enum pcapng_step pcapng_obsolete(struct capture *capture, struct pcapng_block *block,
                                 struct frame *out_frame)
{
    uint16_t index = pcapng_u16(block, &block->body);

    reader_skip(&block->body, 2); /* packets dropped */
    return take_packet(capture, block, index, out_frame);
}

/* No time, no interface (the first is meant) and no captured length: that is what the block, the
 * snapshot length and the original length leave (draft section 4.4). */
enum pcapng_step pcapng_simple(struct capture *capture, struct pcapng_block *block,
                               struct frame *out_frame)
{
    struct pcapng *pcapng = capture->state;
    const struct pcapng_interface *interface = find_interface(pcapng, 0);
    size_t len;

    len = out_frame->wire_len = pcapng_u32(block, &block->body);
    if (!reader_ok(&block->body))
        return pcapng_stop(capture, block, "a packet block shorter than its fields");
    if (interface == NULL)
        return pcapng_stop(capture, block, "a packet of an interface that was not described");
    if (interface->snaplen > 0)
        len = size_min(len, interface->snaplen);
    if (!take_data(block, len, out_frame))
        return pcapng_stop(capture, block, "more captured bytes than the block holds");
    out_frame->link_type = interface->link_type;
    out_frame->interface = pcapng->first_interface;
    return PCAPNG_FRAME;
}

enum pcapng_step pcapng_record(struct capture *capture, struct pcapng_block *block,
                               struct frame *out_frame)
{
    (void)capture;
    if (block->type == 0xBAD || block->type == 0x40000BAD)
        reader_skip(&block->body, 4); /* whose block it is: Private Enterprise Number */
    out_frame->data = reader_rest(&block->body);
    out_frame->wire_len = out_frame->data.len;
    out_frame->link_type = LINK_PCAPNG_RECORD;
    return PCAPNG_FRAME;
}
