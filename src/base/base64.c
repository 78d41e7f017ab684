/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

int base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(struct arena *arena, struct bytes s, struct bytes *out)
{
    uint8_t *to = arena_take(arena, s.len / 4 * 3 + 3, 1);
    uint32_t bits = 0;
    size_t have = 0, len = 0, i;

    out->at = to;
    for (i = 0; i < s.len && s.at[i] != '='; i++) {
        int value = base64_value(s.at[i]);

        if (s.at[i] == ' ' || s.at[i] == '\t' || s.at[i] == '\r' || s.at[i] == '\n')
            continue;
        if (value < 0)
            break;
        bits = bits << 6 | (uint32_t)value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            to[len++] = (uint8_t)(bits >> have);
        }
    }
    out->len = len;
    return have < 6 && (i == s.len || s.at[i] == '=');
}

void base64_encode(struct text *out, struct bytes s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t i, k;

    for (i = 0; i < s.len; i += 3) {
        size_t left = s.len - i;
        uint32_t bits = (uint32_t)s.at[i] << 16;

        bits |= left > 1 ? (uint32_t)s.at[i + 1] << 8 : 0;
        bits |= left > 2 ? (uint32_t)s.at[i + 2] : 0;
        for (k = 0; k < 4; k++)
            text_put_char(out, k > left ? '=' : digits[bits >> (18 - 6 * k) & 63]);
    }
}
