/* SPDX-License-Identifier: MIT */
/* Blocks of one size that are given back and taken again by turns, as those of short connections:
 * some are kept at hand, without asking the heap. */
#ifndef KRBWHY_FLOW_SPARES_H
#define KRBWHY_FLOW_SPARES_H

#include <string.h>

#include "base/memory.h"

enum { SPARES_MOST = 64 };

/* All zero is valid and empty. */
struct spares {
    void *at[SPARES_MOST];
    size_t num;
};

/* A zeroed block of `size` bytes, the same for all of these spares; the caller owns it. */
static inline void *spares_take(struct spares *spares, size_t size)
{
    return spares->num > 0 ? memset(spares->at[--spares->num], 0, size) : memory_take(1, size);
}

/* Takes a block of spares_take back. */
static inline void spares_give(struct spares *spares, void *block)
{
    if (spares->num < SPARES_MOST)
        spares->at[spares->num++] = block;
    else
        memory_drop(block);
}

static inline void spares_clear(struct spares *spares)
{
    while (spares->num > 0)
        memory_drop(spares->at[--spares->num]);
}

#endif
