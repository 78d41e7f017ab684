/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

static int value_of(uint8_t c)
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
        int value = value_of(s.at[i]);

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
