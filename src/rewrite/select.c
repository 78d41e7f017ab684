/* SPDX-License-Identifier: MIT */
#include "rewrite/select.h"

#include <string.h>

#include "base/memory.h"

void frame_set_add(struct frame_set *set, int64_t frame)
{
    size_t at = (size_t)frame / 8;

    if (at >= set->len) {
        size_t len = at + at / 2 + 64;

        set->bits = memory_grow(set->bits, len, 1);
        memset(set->bits + set->len, 0, len - set->len);
        set->len = len;
    }
    set->bits[at] |= (uint8_t)(1u << ((size_t)frame & 7));
}

bool frame_set_has(const struct frame_set *set, int64_t frame)
{
    size_t at = (size_t)frame / 8;

    return frame > 0 && at < set->len && (set->bits[at] >> ((size_t)frame & 7) & 1) != 0;
}

void frame_set_clear(struct frame_set *set)
{
    memory_drop(set->bits);
    memset(set, 0, sizeof(*set));
}
