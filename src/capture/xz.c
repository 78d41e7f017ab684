/* SPDX-License-Identifier: MIT */
/* xz (The .xz File Format 1.1) through liblzma: any number of streams one after the other. */
#include <lzma.h>

#include "base/memory.h"
#include "capture/container.h"

enum { PACKED_BUFFER = 128 << 10 };

/* xz -9 needs 65 MiB; what asks for more is refused. */
static const uint64_t memory_limit = (uint64_t)160 << 20;

struct xz {
    lzma_stream stream;
    uint8_t packed[PACKED_BUFFER];
};

static bool xz_recognise(struct bytes start)
{
    static const uint8_t magic[6] = {0xFD, '7', 'z', 'X', 'Z', 0};

    return start.len >= 6 && memcmp(start.at, magic, 6) == 0;
}

static size_t fail(struct input *input, lzma_ret status)
{
    switch (status) {
    case LZMA_MEM_ERROR:
        memory_exhausted();
    case LZMA_MEMLIMIT_ERROR:
        return input_fail(input, FAULT_LIMIT, "the xz data need too much memory");
    case LZMA_OPTIONS_ERROR:
        return input_fail(input, FAULT_UNSUPPORTED, "the xz data use unknown options");
    case LZMA_BUF_ERROR:
        return input_fail(input, FAULT_CUT_SHORT, "the xz data are cut short");
    default:
        return input_fail(input, FAULT_MALFORMED, "the xz data are damaged");
    }
}

static size_t xz_read(struct input *input, uint8_t *out, size_t room)
{
    struct xz *xz = input->state;

    xz->stream.next_out = out;
    xz->stream.avail_out = room;
    while (xz->stream.avail_out == room) {
        lzma_ret status;

        if (xz->stream.avail_in == 0) {
            xz->stream.next_in = xz->packed;
            xz->stream.avail_in = input_read(input->below, xz->packed, sizeof(xz->packed));
        }
        status = lzma_code(&xz->stream, xz->stream.avail_in == 0 ? LZMA_FINISH : LZMA_RUN);
        if (status == LZMA_STREAM_END)
            break;
        if (status != LZMA_OK) {
            fail(input, status);
            break;
        }
    }
    return input_ratio_ok(input) ? room - xz->stream.avail_out : 0;
}

static void xz_close(struct input *input)
{
    struct xz *xz = input->state;

    lzma_end(&xz->stream);
    memory_drop(xz);
}

static const struct input_class xz_class = {xz_read, xz_close};

static struct input *xz_open(struct input *below)
{
    static const lzma_stream fresh = LZMA_STREAM_INIT;
    struct xz *xz = memory_take(1, sizeof(*xz));

    xz->stream = fresh;
    if (lzma_stream_decoder(&xz->stream, memory_limit, LZMA_CONCATENATED) != LZMA_OK)
        memory_exhausted();
    return input_stack(&xz_class, xz, below);
}

const struct unpacker unpacker_xz = {"xz", xz_recognise, xz_open};
