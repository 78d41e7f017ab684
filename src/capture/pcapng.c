/* SPDX-License-Identifier: MIT */
/* pcapng (draft-ietf-opsawg-pcapng): our own reader, because libpcap 1.10 refuses files with
 * several link types, snapshot lengths or byte orders. This file finds the blocks. */
#include "capture/pcapng.h"

#include "base/limits.h"
#include "base/memory.h"

enum {
    SECTION_TYPE = 0x0A0D0D0A, /* the same in either byte order */
    BYTE_ORDER_MAGIC = 0x1A2B3C4D,
    BLOCK_HEAD = 8,
    BLOCK_MIN = 12,
    /* Of a block over the limit: the fields of a packet, and more data than is delivered. */
    CUT_BLOCK_LEN = LIMIT_FRAME_BYTES + 64
};

/* Blocks that are not in the table are skipped: statistics (5), decryption secrets (10), and
 * whatever comes later. Those marked as records are none of a network either, but Wireshark 4
 * numbers them, and frame numbers are to be the ones it shows. */
static const struct {
    uint32_t type;
    enum pcapng_step (*take)(struct capture *capture, struct pcapng_block *block,
                             struct frame *out_frame);
} block_types[] = {
    {6, pcapng_enhanced},           /* the usual packet: first, to be found first */
    {3, pcapng_simple},             /* simple packet */
    {2, pcapng_obsolete},           /* packet, of drafts before 2010 */
    {1, pcapng_interface},          /* interface description */
    {4, pcapng_names},              /* name resolution */
    {SECTION_TYPE, pcapng_section}, /* section header */
    {9, pcapng_record},             /* systemd journal export */
    {0x204, pcapng_record},         /* sysdig event */
    {0x216, pcapng_record},         /* sysdig event, version 2 */
    {0x221, pcapng_record},         /* sysdig event, version 2, large payload */
    {0xBAD, pcapng_record},         /* custom */
    {0x40000BAD, pcapng_record},    /* custom, not to be copied */
};

static bool pcapng_recognise(struct bytes start)
{
    static const uint8_t type[4] = {0x0A, 0x0D, 0x0D, 0x0A};
    static const uint8_t little[4] = {0x4D, 0x3C, 0x2B, 0x1A}, big[4] = {0x1A, 0x2B, 0x3C, 0x4D};

    return start.len >= BLOCK_MIN && memcmp(start.at, type, 4) == 0 &&
           (memcmp(start.at + 8, little, 4) == 0 || memcmp(start.at + 8, big, 4) == 0);
}

static uint32_t load32(const uint8_t *at, bool big)
{
    struct reader reader;

    reader_init(&reader, (struct bytes){at, 4}, false);
    return big ? reader_be32(&reader) : reader_le32(&reader);
}

enum pcapng_step pcapng_stop(struct capture *capture, const struct pcapng_block *block,
                             const char *what)
{
    container_problem(capture, "malformed-file", (int64_t)block->at,
                      "the pcapng block at offset %llu, after frame %lld: %s; reading stops here",
                      (unsigned long long)block->at, (long long)capture->number, what);
    return PCAPNG_STOP;
}

void pcapng_note(struct capture *capture, const struct pcapng_block *block, bool *noted,
                 const char *what)
{
    if (!*noted)
        container_problem(capture, "malformed-block", (int64_t)block->at,
                          "the pcapng block at offset %llu, after frame %lld: %s (further ones are "
                          "not listed)",
                          (unsigned long long)block->at, (long long)capture->number, what);
    *noted = true;
}

/* Sets the byte order from a section header's magic; false when it is none. */
static bool set_order(struct pcapng *pcapng, struct bytes head)
{
    if (head.len < BLOCK_MIN)
        return true; /* too short to be seen: the caller finds that out */
    pcapng->big = pcapng->big_fields = load32(head.at + BLOCK_HEAD, true) == BYTE_ORDER_MAGIC;
    return pcapng->big || load32(head.at + BLOCK_HEAD, false) == BYTE_ORDER_MAGIC;
}

static uint64_t round_up(uint32_t len)
{
    return ((uint64_t)len + 3) & ~(uint64_t)3;
}

static bool ends_with_length(const struct pcapng *pcapng, struct bytes all, size_t end,
                             uint32_t len)
{
    uint32_t second =
        end >= BLOCK_MIN && end <= all.len ? load32(all.at + end - 4, pcapng->big) : 0;

    return second == len || (end % 4 == 0 && round_up(second) == end);
}

/* Length of a block that claims `len` bytes and begins `all`; 0 when its second length, at its end,
 * is another. A length that is no multiple of four is a common fault: most writers pad all the same
 * and Wireshark rounds both lengths up; some do not pad. */
static size_t settle_length(const struct pcapng *pcapng, struct bytes all, uint32_t len)
{
    if (ends_with_length(pcapng, all, (size_t)round_up(len), len))
        return (size_t)round_up(len);
    return ends_with_length(pcapng, all, len, len) ? len : 0;
}

/* Brings the body of a block into memory: as much of it as the limit allows. */
static enum pcapng_step take_body(struct capture *capture, struct pcapng_block *block, uint32_t len)
{
    struct pcapng *pcapng = capture->state;
    struct bytes all;
    size_t settled;

    block->cut = len > LIMIT_BLOCK_BYTES;
    all = stream_look(&pcapng->stream, block->cut ? CUT_BLOCK_LEN : (size_t)round_up(len));
    pcapng->pending = round_up(len);
    if (!block->cut) {
        settled = settle_length(pcapng, all, len);
        if (settled == 0 && all.len < round_up(len)) {
            container_ended(capture, (int64_t)block->at, false, "within a block");
            return PCAPNG_STOP;
        }
        if (settled == 0)
            return pcapng_stop(capture, block, "its two lengths differ");
        pcapng->pending = settled;
        all.len = settled - 4;
    }
    reader_init(&block->body, all, block->cut);
    reader_skip(&block->body, BLOCK_HEAD);
    return PCAPNG_FRAME;
}

/* The next block: PCAPNG_FRAME when there is one. It is passed over when the next is asked for. */
static enum pcapng_step take_block(struct capture *capture, struct pcapng_block *block)
{
    struct pcapng *pcapng = capture->state;
    struct bytes head = stream_look(&pcapng->stream, BLOCK_MIN);
    uint32_t len;

    block->at = pcapng->stream.offset;
    if (head.len >= 4 && load32(head.at, false) == SECTION_TYPE && !set_order(pcapng, head))
        return pcapng_stop(capture, block, "a section header without its byte-order magic");
    if (head.len < BLOCK_MIN) {
        container_ended(capture, (int64_t)block->at, head.len == 0, "in the header of a block");
        return PCAPNG_STOP;
    }
    block->type = load32(head.at, pcapng->big);
    block->big = pcapng->big_fields;
    len = load32(head.at + 4, pcapng->big);
    if (len < BLOCK_MIN)
        return pcapng_stop(capture, block, "its length is impossible");
    return take_body(capture, block, len);
}

static void tell_block(const struct capture *capture, const struct pcapng_block *block)
{
    const struct pcapng *pcapng = capture->state;
    size_t len = block->cut ? block->body.end : (size_t)pcapng->pending;

    if (capture->events.block != NULL)
        capture->events.block(capture->events.user, (struct bytes){block->body.base, len},
                              pcapng->big, block->cut);
}

static enum pcapng_step dispatch(struct capture *capture, struct pcapng_block *block,
                                 struct frame *out_frame)
{
    size_t i;

    for (i = 0; i < sizeof(block_types) / sizeof(*block_types); i++)
        if (block_types[i].type == block->type)
            return block_types[i].take(capture, block, out_frame);
    return PCAPNG_PASSED;
}

/* Passes over the block that was taken last. */
static bool pass_pending(struct capture *capture, struct pcapng *pcapng)
{
    uint64_t at = pcapng->stream.offset;
    uint64_t pending = pcapng->pending;

    pcapng->pending = 0;
    if (stream_skip(&pcapng->stream, pending))
        return true;
    container_ended(capture, (int64_t)at, false, "within a block");
    return false;
}

static enum capture_status pcapng_next(struct capture *capture, struct frame *out_frame)
{
    struct pcapng *pcapng = capture->state;
    enum pcapng_step step = PCAPNG_PASSED;
    const bool plain = !capture->general && capture->events.block == NULL;

    while (step == PCAPNG_PASSED) {
        struct pcapng_block block;

        if (pcapng->pending > 0 && !pass_pending(capture, pcapng))
            return CAPTURE_END;
        if (plain && pcapng_take_plain(pcapng, out_frame))
            return CAPTURE_OK;
        step = take_block(capture, &block);
        if (step != PCAPNG_FRAME)
            break;
        tell_block(capture, &block);
        step = dispatch(capture, &block, out_frame);
    }
    return step == PCAPNG_FRAME ? CAPTURE_OK : CAPTURE_END;
}

static size_t pcapng_take(struct capture *capture, struct frame *out_frames, size_t room)
{
    if (capture->general || capture->events.block != NULL)
        return 0;
    return pcapng_take_many(capture->state, out_frames, room);
}

static void refuse_with(void *user, const char *code, int64_t frame, int64_t offset,
                        const char *message)
{
    (void)code;
    (void)frame;
    (void)offset;
    container_refuse(user, "%s", message);
}

/* The first section header is read here: a file whose header is damaged is refused, not reported as
 * an empty capture with a problem. */
static enum capture_status pcapng_open(struct capture *capture)
{
    struct pcapng *pcapng = capture->state = memory_take(1, sizeof(*pcapng));
    struct capture_events events = capture->events, refusing = {capture, refuse_with, NULL, NULL};
    struct pcapng_block block;
    struct frame none;
    enum pcapng_step step;

    stream_open(&pcapng->stream, capture->input);
    capture->events = refusing;
    step = take_block(capture, &block);
    if (step == PCAPNG_FRAME)
        step = dispatch(capture, &block, &none);
    capture->events = events;
    if (step == PCAPNG_STOP)
        return CAPTURE_FAILED;
    tell_block(capture, &block);
    return CAPTURE_OK;
}

static void pcapng_close(struct capture *capture)
{
    struct pcapng *pcapng = capture->state;

    if (pcapng == NULL)
        return;
    stream_close(&pcapng->stream);
    memory_drop(pcapng->interfaces);
    arena_clear(&pcapng->scratch);
    memory_drop(pcapng);
}

const struct container container_pcapng = {.name = "pcapng",
                                           .recognise = pcapng_recognise,
                                           .open = pcapng_open,
                                           .next = pcapng_next,
                                           .take = pcapng_take,
                                           .close = pcapng_close};
