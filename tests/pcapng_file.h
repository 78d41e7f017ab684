/* SPDX-License-Identifier: MIT */
/* For the unit tests: blocks of pcapng files (draft-ietf-opsawg-pcapng). */
#ifndef KRBWHY_TESTS_PCAPNG_FILE_H
#define KRBWHY_TESTS_PCAPNG_FILE_H

#include "capture_file.h"

static const uint32_t section = 0x0A0D0D0A;

MAYBE_UNUSED static size_t begin(struct made *made, uint32_t type)
{
    size_t at = made->len;

    put32(made, type);
    put32(made, 0);
    return at;
}

MAYBE_UNUSED static void pad(struct made *made)
{
    put_data(made, 0, (4 - made->len % 4) % 4);
}

/* Ends a block: the length stands at its begin and at its end. */
MAYBE_UNUSED static void end(struct made *made, size_t at)
{
    size_t len, keep;

    pad(made);
    len = made->len + 4 - at;
    put32(made, (uint32_t)len);
    keep = made->len;
    made->len = at + 4;
    put32(made, (uint32_t)len);
    made->len = keep;
}

MAYBE_UNUSED static void put_option(struct made *made, uint32_t code, const char *value)
{
    put16(made, code);
    put16(made, (uint32_t)strlen(value));
    put(made, value, strlen(value));
    pad(made);
}

MAYBE_UNUSED static void put_section(struct made *made)
{
    size_t at = begin(made, section);

    put32(made, 0x1A2B3C4D);
    put16(made, 1);
    put16(made, 0);
    put64(made, UINT64_MAX);
    put_option(made, 4, "tool 1");
    put_option(made, 1, "why");
    put32(made, 0);
    end(made, at);
}

/* resolution: if_tsresol, 0xFF for none. */
MAYBE_UNUSED static void put_interface(struct made *made, uint32_t link_type, uint32_t snaplen,
                                       uint8_t resolution, int64_t offset_s)
{
    size_t at = begin(made, 1);

    put16(made, link_type);
    put16(made, 0);
    put32(made, snaplen);
    if (resolution != 0xFF) {
        put16(made, 9);
        put16(made, 1);
        put(made, &resolution, 1);
        pad(made);
    }
    if (offset_s != 0) {
        put16(made, 14);
        put16(made, 8);
        put64(made, (uint64_t)offset_s);
    }
    put32(made, 0);
    end(made, at);
}

MAYBE_UNUSED static void put_enhanced(struct made *made, uint32_t interface, uint64_t stamp,
                                      uint8_t seed, size_t len, const char *comment)
{
    size_t at = begin(made, 6);

    put32(made, interface);
    put32(made, (uint32_t)(stamp >> 32));
    put32(made, (uint32_t)stamp);
    put32(made, (uint32_t)len);
    put32(made, (uint32_t)len + 100);
    put_data(made, seed, len);
    pad(made);
    if (comment != NULL) {
        put_option(made, 2, "\1\2\3\4"); /* flags */
        put_option(made, 1, comment);
    }
    end(made, at);
}

MAYBE_UNUSED static void put_simple(struct made *made, uint32_t wire_len, size_t len)
{
    size_t at = begin(made, 3);

    put32(made, wire_len);
    put_data(made, 0x33, len);
    end(made, at);
}

#endif
