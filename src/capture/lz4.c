/* SPDX-License-Identifier: MIT */
/* LZ4 frames (lz4_Frame_format.md) through liblz4: any number of them one after the other. */
#include <lz4frame.h>

#include "base/memory.h"
#include "capture/container.h"

enum { PACKED_BUFFER = 128 << 10 };

struct lz4 {
    LZ4F_dctx *context;
    size_t at, end; /* of packed */
    size_t pending; /* what liblz4 said last: 0 at the end of a frame */
    uint8_t packed[PACKED_BUFFER];
};

static bool lz4_recognise(struct bytes start)
{
    return start.len >= 4 && memcmp(start.at, "\x04\x22\x4d\x18", 4) == 0;
}

static size_t lz4_read(struct input *input, uint8_t *out, size_t room)
{
    struct lz4 *lz4 = input->state;
    size_t made = 0;

    while (made == 0) {
        size_t taken;

        if (lz4->at == lz4->end) {
            lz4->at = 0;
            lz4->end = input_read(input->below, lz4->packed, sizeof(lz4->packed));
            if (lz4->end == 0 && lz4->pending == 0)
                return 0;
        }
        made = room;
        taken = lz4->end - lz4->at;
        lz4->pending =
            LZ4F_decompress(lz4->context, out, &made, lz4->packed + lz4->at, &taken, NULL);
        if (LZ4F_isError(lz4->pending))
            return input_fail(input, FAULT_MALFORMED, "the lz4 data are damaged");
        lz4->at += taken;
        if (made == 0 && lz4->end == 0)
            return input_fail(input, FAULT_CUT_SHORT, "the lz4 data are cut short");
    }
    return input_ratio_ok(input) ? made : 0;
}

static void lz4_close(struct input *input)
{
    struct lz4 *lz4 = input->state;

    LZ4F_freeDecompressionContext(lz4->context);
    memory_drop(lz4);
}

static const struct input_class lz4_class = {lz4_read, lz4_close};

static struct input *lz4_open(struct input *below)
{
    struct lz4 *lz4 = memory_take(1, sizeof(*lz4));

    if (LZ4F_isError(LZ4F_createDecompressionContext(&lz4->context, LZ4F_VERSION)))
        memory_exhausted();
    return input_stack(&lz4_class, lz4, below);
}

const struct unpacker unpacker_lz4 = {"lz4", lz4_recognise, lz4_open};
