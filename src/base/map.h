/* SPDX-License-Identifier: MIT */
/* A multimap from hashes to numbers. Whoever looks up compares the real keys himself; values of one
 * hash come newest first, so results never depend on the table's layout. */
#ifndef KRBWHY_BASE_MAP_H
#define KRBWHY_BASE_MAP_H

#include "base/arena.h"

struct map_entry {
    uint64_t hash;
    int64_t value;
    size_t next; /* index + 1 of an older entry of the same chain; 0 ends it */
};

/* All zero is a valid, empty map. */
struct map {
    struct map_entry *entries;
    size_t num, room;
    size_t *heads; /* index + 1 of the newest entry of each chain */
    size_t num_heads;
};

/* FNV-1a, 64 bit; start with MAP_SEED and chain calls for keys of several parts. */
#define MAP_SEED 0xcbf29ce484222325u
uint64_t map_hash(uint64_t hash, struct bytes key);
/* The same for a name without case (ASCII) and without a dot at its end. */
uint64_t map_hash_name(uint64_t hash, const char *name);

void map_add(struct map *map, uint64_t hash, int64_t value);

/* Walks the values of a hash, newest first: start with *at = 0; false when there are no more. */
bool map_next(const struct map *map, uint64_t hash, size_t *at, int64_t *out_value);

void map_clear(struct map *map);

#endif
