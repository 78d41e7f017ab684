/* SPDX-License-Identifier: MIT */
/* Texts that come again and again (names, hardware addresses, words of a table), each kept once. */
#ifndef KRBWHY_OBSERVATION_TEXTS_H
#define KRBWHY_OBSERVATION_TEXTS_H

#include "base/arena.h"

/* All zero is valid and empty. */
struct texts {
    const char **at; /* NUL-terminated clean UTF-8, in the arena given to texts_add */
    size_t num, room;
    uint32_t *slots; /* index + 1, by hash; 0 is free */
    size_t num_slots;
};

/* The index of the text that these bytes are when they were cleaned (arena_text). One that is known
 * may get another index when too many others look alike: what was made to collide costs memory, and
 * no time. */
size_t texts_add(struct texts *texts, struct arena *arena, struct bytes raw);

void texts_clear(struct texts *texts); /* the texts themselves are the arena's */

#endif
