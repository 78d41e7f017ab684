/* SPDX-License-Identifier: MIT */
/* gzip (RFC 1952) through zlib: any number of members one after the other. */
#include <zlib.h>

#include "base/memory.h"
#include "capture/container.h"

enum { PACKED_BUFFER = 128 << 10, GZIP_WINDOW = 15 + 16 /* zlib's code for "gzip only" */ };

struct gzip {
    z_stream stream;
    bool within; /* a member has begun and not ended */
    bool any;    /* at least one member has ended */
    uint8_t packed[PACKED_BUFFER];
};

static bool gzip_recognise(struct bytes start)
{
    return start.len >= 3 && start.at[0] == 0x1f && start.at[1] == 0x8b && start.at[2] == 8;
}

/* False at the end of the packed input. */
static bool refill(struct input *input, struct gzip *gzip)
{
    if (gzip->stream.avail_in > 0)
        return true;
    gzip->stream.next_in = gzip->packed;
    gzip->stream.avail_in = (uInt)input_read(input->below, gzip->packed, sizeof(gzip->packed));
    return gzip->stream.avail_in > 0;
}

/* Behind a member: another one, or padding of zeros or garbage, which gzip ignores too. */
static bool begin_member(struct gzip *gzip)
{
    if (gzip->any && gzip->stream.next_in[0] != 0x1f)
        return false;
    gzip->within = true;
    return !gzip->any || inflateReset(&gzip->stream) == Z_OK;
}

static size_t gzip_read(struct input *input, uint8_t *out, size_t room)
{
    struct gzip *gzip = input->state;
    uInt asked = (uInt)size_min(room, 1u << 30);

    gzip->stream.next_out = out;
    gzip->stream.avail_out = asked;
    while (gzip->stream.avail_out == asked) {
        int status;

        if (!refill(input, gzip))
            return gzip->within || !gzip->any
                       ? input_fail(input, FAULT_CUT_SHORT, "the gzip data are cut short")
                       : 0;
        if (!gzip->within && !begin_member(gzip))
            return 0;
        status = inflate(&gzip->stream, Z_NO_FLUSH);
        if (status == Z_MEM_ERROR)
            memory_exhausted();
        if (status == Z_STREAM_END) {
            gzip->within = false;
            gzip->any = true;
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            input_fail(input, FAULT_MALFORMED, "the gzip data are damaged");
            break;
        }
    }
    return input_ratio_ok(input) ? asked - gzip->stream.avail_out : 0;
}

static void gzip_close(struct input *input)
{
    struct gzip *gzip = input->state;

    inflateEnd(&gzip->stream);
    memory_drop(gzip);
}

static const struct input_class gzip_class = {gzip_read, gzip_close};

static struct input *gzip_open(struct input *below)
{
    struct gzip *gzip = memory_take(1, sizeof(*gzip));

    if (inflateInit2(&gzip->stream, GZIP_WINDOW) != Z_OK)
        memory_exhausted();
    return input_stack(&gzip_class, gzip, below);
}

const struct unpacker unpacker_gzip = {"gzip", gzip_recognise, gzip_open};
