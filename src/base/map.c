/* SPDX-License-Identifier: MIT */
#include "base/map.h"

#include "base/memory.h"

uint64_t map_hash(uint64_t hash, struct bytes key)
{
    size_t i;

    for (i = 0; i < key.len; i++)
        hash = (hash ^ key.at[i]) * 0x100000001b3u;
    return hash;
}

uint64_t map_hash_name(uint64_t hash, const char *name)
{
    size_t len = strlen(name), i;

    if (len > 0 && name[len - 1] == '.')
        len--;
    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];

        hash = (hash ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * 0x100000001b3u;
    }
    return hash;
}

static size_t *head_of(const struct map *map, uint64_t hash)
{
    return &map->heads[(hash ^ hash >> 32) & (map->num_heads - 1)];
}

static void grow(struct map *map)
{
    size_t i;

    map->room = map->room == 0 ? 64 : map->room * 2;
    map->entries = memory_grow(map->entries, map->room, sizeof(*map->entries));
    memory_drop(map->heads);
    map->num_heads = map->room;
    map->heads = memory_take(map->num_heads, sizeof(*map->heads));
    for (i = 0; i < map->num; i++) {
        size_t *head = head_of(map, map->entries[i].hash);

        map->entries[i].next = *head;
        *head = i + 1;
    }
}

void map_add(struct map *map, uint64_t hash, int64_t value)
{
    size_t *head;

    if (map->num == map->room)
        grow(map);
    head = head_of(map, hash);
    map->entries[map->num] = (struct map_entry){hash, value, *head};
    *head = ++map->num;
}

bool map_next(const struct map *map, uint64_t hash, size_t *at, int64_t *out_value)
{
    size_t i;

    if (map->num == 0)
        return false;
    i = *at == 0 ? *head_of(map, hash) : map->entries[*at - 1].next;
    while (i != 0 && map->entries[i - 1].hash != hash)
        i = map->entries[i - 1].next;
    if (i == 0)
        return false;
    *at = i;
    *out_value = map->entries[i - 1].value;
    return true;
}

void map_clear(struct map *map)
{
    memory_drop(map->entries);
    memory_drop(map->heads);
    memset(map, 0, sizeof(*map));
}
