/* SPDX-License-Identifier: MIT */
/* Zstandard (RFC 8878) through libzstd: any number of frames one after the other. */
#include <zstd.h>

#include "base/memory.h"
#include "capture/container.h"

enum { PACKED_BUFFER = 128 << 10, WINDOW_LOG_MAX = 27 /* 128 MiB, what the zstd tool accepts */ };

struct zstd {
    ZSTD_DStream *stream;
    ZSTD_inBuffer in;
    size_t pending; /* what libzstd said last: 0 at the end of a frame */
    uint8_t packed[PACKED_BUFFER];
};

static bool zstd_recognise(struct bytes start)
{
    static const uint8_t frame[4] = {0x28, 0xB5, 0x2F, 0xFD}, skippable[3] = {0x2A, 0x4D, 0x18};

    return start.len >= 4 &&
           (memcmp(start.at, frame, 4) == 0 || /* or what pzstd puts before it */
            ((start.at[0] & 0xF0) == 0x50 && memcmp(start.at + 1, skippable, 3) == 0));
}

static size_t zstd_read(struct input *input, uint8_t *out, size_t room)
{
    struct zstd *zstd = input->state;
    ZSTD_outBuffer made = {out, room, 0};

    while (made.pos == 0) {
        if (zstd->in.pos == zstd->in.size) {
            zstd->in.pos = 0;
            zstd->in.size = input_read(input->below, zstd->packed, sizeof(zstd->packed));
            /* Output may still wait inside the library, which an empty input flushes. */
            if (zstd->in.size == 0 && zstd->pending == 0)
                return 0;
        }
        zstd->pending = ZSTD_decompressStream(zstd->stream, &made, &zstd->in);
        if (ZSTD_isError(zstd->pending))
            return input_fail(input, FAULT_MALFORMED, "the zstd data are damaged");
        if (made.pos == 0 && zstd->in.size == 0)
            return input_fail(input, FAULT_CUT_SHORT, "the zstd data are cut short");
    }
    return input_ratio_ok(input) ? made.pos : 0;
}

static void zstd_close(struct input *input)
{
    struct zstd *zstd = input->state;

    ZSTD_freeDStream(zstd->stream);
    memory_drop(zstd);
}

static const struct input_class zstd_class = {zstd_read, zstd_close};

static struct input *zstd_open(struct input *below)
{
    struct zstd *zstd = memory_take(1, sizeof(*zstd));

    zstd->stream = ZSTD_createDStream();
    zstd->in.src = zstd->packed;
    if (zstd->stream == NULL)
        memory_exhausted();
    ZSTD_DCtx_setParameter(zstd->stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    return input_stack(&zstd_class, zstd, below);
}

const struct unpacker unpacker_zstd = {"zstd", zstd_recognise, zstd_open};
