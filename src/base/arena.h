/* SPDX-License-Identifier: MIT */
/* Memory that is given back all at once. One arena for a run of one capture. */
#ifndef KRBWHY_BASE_ARENA_H
#define KRBWHY_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct arena_block;

/* All zero is a valid, empty arena. */
struct arena {
    struct arena_block *newest;
    size_t used; /* bytes handed out, for limits and statistics */
};

/* num * size zeroed bytes aligned for any type, valid until arena_clear. Never NULL (see memory.h).
 */
void *arena_take(struct arena *arena, size_t num, size_t size);

/* A copy of the bytes, valid until arena_clear. */
struct bytes arena_bytes(struct arena *arena, struct bytes raw);

/* A NUL-terminated copy that is valid UTF-8 whatever the bytes are: each maximal ill-formed
 * subsequence, and NUL, becomes U+FFFD (Unicode 15, section 3.9, "substitution of maximal
 * subparts"). Never NULL. Valid until arena_clear. */
const char *arena_text(struct arena *arena, struct bytes raw);

/* As arena_text, from UTF-16LE; unpaired surrogates become U+FFFD, an odd last byte is dropped. */
const char *arena_text16(struct arena *arena, struct bytes raw);

/* printf into the arena. The result is not cleaned: arguments must be clean text already. */
const char *arena_print(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Forgets everything that was handed out and keeps a block for what comes next: for memory that is
 * used between two messages, where arena_clear would cost an allocation for each. */
void arena_reset(struct arena *arena);

/* Frees everything; the arena is empty and usable again. */
void arena_clear(struct arena *arena);

#endif
