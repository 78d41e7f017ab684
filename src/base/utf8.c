/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

enum { REPLACEMENT = 0xFFFD };

size_t utf8_take(struct bytes raw, uint32_t *out_scalar)
{
    uint8_t lead = raw.at[0], low = 0x80,
            high = 0xBF; /* range of the second byte, RFC 3629 section 4 */
    size_t need, i;
    uint32_t scalar;

    *out_scalar = lead;
    if (lead < 0x80)
        return 1;
    *out_scalar = REPLACEMENT;
    if (lead < 0xC2 || lead > 0xF4)
        return 1;
    need = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    scalar = lead & (0x3Fu >> need);
    if (lead == 0xE0)
        low = 0xA0;
    else if (lead == 0xED)
        high = 0x9F;
    else if (lead == 0xF0)
        low = 0x90;
    else if (lead == 0xF4)
        high = 0x8F;
    for (i = 1; i <= need; i++) {
        if (i >= raw.len || raw.at[i] < low || raw.at[i] > high)
            return i;
        scalar = scalar << 6 | (raw.at[i] & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    *out_scalar = scalar;
    return need + 1;
}

size_t utf8_put(uint32_t scalar, char *out)
{
    if (scalar < 0x80) {
        out[0] = (char)scalar;
        return 1;
    }
    if (scalar < 0x800) {
        out[0] = (char)(0xC0 | scalar >> 6);
        out[1] = (char)(0x80 | (scalar & 0x3F));
        return 2;
    }
    if (scalar < 0x10000) {
        out[0] = (char)(0xE0 | scalar >> 12);
        out[1] = (char)(0x80 | (scalar >> 6 & 0x3F));
        out[2] = (char)(0x80 | (scalar & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | scalar >> 18);
    out[1] = (char)(0x80 | (scalar >> 12 & 0x3F));
    out[2] = (char)(0x80 | (scalar >> 6 & 0x3F));
    out[3] = (char)(0x80 | (scalar & 0x3F));
    return 4;
}

/* Nearly all names are ASCII: the length of that part at the front. */
static size_t ascii_len(struct bytes raw)
{
    const uint64_t low = 0x0101010101010101u, high = 0x8080808080808080u;
    size_t len = 0;

    for (; raw.len - len >= sizeof(uint64_t); len += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, raw.at + len, sizeof(word));
        if (((word | (word - low)) & high) != 0) /* beyond ASCII, or a NUL, or all but so */
            break;
    }
    while (len < raw.len && raw.at[len] - 1u < 0x7F)
        len++;
    return len;
}

size_t utf8_clean(struct bytes raw, char *out)
{
    size_t total = 0;

    while (raw.len > 0) {
        uint32_t scalar;
        char encoded[4];
        size_t plain = ascii_len(raw), used, put;

        if (out != NULL && plain > 0)
            memcpy(out + total, raw.at, plain);
        total += plain;
        raw.at += plain;
        raw.len -= plain;
        if (raw.len == 0)
            break;
        used = utf8_take(raw, &scalar);
        put = utf8_put(scalar == 0 ? REPLACEMENT : scalar, encoded);
        if (out != NULL)
            memcpy(out + total, encoded, put);
        total += put;
        raw.at += used;
        raw.len -= used;
    }
    return total;
}
