/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"

/* Blocks double up to the largest: most arenas hold little, and a batch has thousands of them. */
enum { FIRST_BLOCK_BYTES = 2 * 1024, ARENA_BLOCK_BYTES = 64 * 1024 };

struct arena_block {
    struct arena_block *older;
    size_t used, room;
    max_align_t data[];
};

static struct arena_block *new_block(struct arena *arena, size_t need)
{
    size_t room = arena->newest == NULL ? FIRST_BLOCK_BYTES
                                        : size_min(arena->newest->room, ARENA_BLOCK_BYTES / 2) * 2;
    size_t total = SIZE_MAX;
    struct arena_block *block;

    if (room < need)
        room = need;
    (void)size_add(room, sizeof(*block), &total);
    block = memory_take(1, total);
    block->room = room;
    block->older = arena->newest;
    arena->newest = block;
    return block;
}

/* `align` is a power of two. */
static void *take(struct arena *arena, size_t want, size_t align)
{
    struct arena_block *block = arena->newest;
    size_t start = block == NULL ? 0 : (block->used + align - 1) & ~(align - 1);

    if (block == NULL || start > block->room || block->room - start < want) {
        block = new_block(arena, want);
        start = 0;
    }
    block->used = start + want;
    arena->used += want;
    return (uint8_t *)block->data + start;
}

void *arena_take(struct arena *arena, size_t num, size_t size)
{
    size_t want = SIZE_MAX; /* what does not fit: memory_take refuses it */

    (void)size_mul(num, size, &want);
    return take(arena, want == 0 ? 1 : want, _Alignof(max_align_t));
}

struct bytes arena_bytes(struct arena *arena, struct bytes raw)
{
    struct bytes copy = {NULL, raw.len};
    uint8_t *fresh;

    if (raw.len == 0)
        return copy;
    fresh = take(arena, raw.len, 1);
    memcpy(fresh, raw.at, raw.len);
    copy.at = fresh;
    return copy;
}

const char *arena_text(struct arena *arena, struct bytes raw)
{
    size_t len = utf8_clean(raw, NULL), with_nul = SIZE_MAX;
    char *fresh;

    (void)size_add(len, 1, &with_nul);
    fresh = take(arena, with_nul, 1);
    utf8_clean(raw, fresh);
    fresh[len] = '\0';
    return fresh;
}

const char *arena_text16(struct arena *arena, struct bytes raw)
{
    char *out = arena_take(arena, raw.len / 2 * 3 + 1, 1);
    size_t len = 0, i;

    for (i = 0; i + 1 < raw.len; i += 2) {
        uint32_t unit = (uint32_t)(raw.at[i] | raw.at[i + 1] << 8);

        if (unit >= 0xD800 && unit < 0xDC00 && raw.len - i >= 4) {
            uint32_t low = (uint32_t)(raw.at[i + 2] | raw.at[i + 3] << 8);

            if (low >= 0xDC00 && low < 0xE000) {
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        len += utf8_put(unit >= 0xD800 && unit < 0xE000 ? 0xFFFD : unit, out + len);
    }
    return arena_text(arena, (struct bytes){(uint8_t *)out, len}); /* NUL becomes U+FFFD too */
}

const char *arena_print(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    int len;
    char *fresh;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        abort(); /* only for an invalid format, which -Wformat=2 rejects */
    fresh = take(arena, (size_t)len + 1, 1);
    vsnprintf(fresh, (size_t)len + 1, format, again);
    va_end(again);
    return fresh;
}

void arena_reset(struct arena *arena)
{
    struct arena_block *kept = arena->newest;
    struct arena older;

    if (kept == NULL || kept->room > ARENA_BLOCK_BYTES) {
        arena_clear(arena);
        return;
    }
    older = (struct arena){.newest = kept->older};
    arena_clear(&older);
    kept->older = NULL;
    memset(kept->data, 0, kept->used); /* as arena_take promises */
    kept->used = 0;
    arena->used = 0;
}

void arena_clear(struct arena *arena)
{
    while (arena->newest != NULL) {
        struct arena_block *older = arena->newest->older;

        memory_drop(arena->newest);
        arena->newest = older;
    }
    arena->used = 0;
}
