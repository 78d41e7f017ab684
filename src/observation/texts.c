/* SPDX-License-Identifier: MIT */
#include "observation/texts.h"

#include "base/memory.h"

enum { FIRST_SLOTS = 64, MOST_PROBES = 32 };

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

static size_t hash_of(struct bytes text)
{
    uint64_t hash = mix(0xcbf29ce484222325u, text.len), word;
    size_t i;

    for (i = 0; i + 8 <= text.len; i += 8) {
        memcpy(&word, text.at + i, 8);
        hash = mix(hash, word);
    }
    word = 0;
    if (i < text.len)
        memcpy(&word, text.at + i, text.len - i);
    hash = mix(hash, word);
    return (size_t)(hash ^ hash >> 32);
}

static bool is_text(const char *text, struct bytes raw)
{
    return strlen(text) == raw.len && memcmp(text, raw.at, raw.len) == 0;
}

static void enter(struct texts *texts, size_t hash, size_t index)
{
    size_t i;

    for (i = 0; i < MOST_PROBES; i++) {
        uint32_t *slot = &texts->slots[(hash + i) & (texts->num_slots - 1)];

        if (*slot != 0)
            continue;
        *slot = (uint32_t)(index + 1);
        return;
    }
}

static void grow(struct texts *texts)
{
    size_t i;

    texts->room = texts->room == 0 ? FIRST_SLOTS : texts->room * 2;
    texts->at = memory_grow(texts->at, texts->room, sizeof(*texts->at));
    texts->num_slots = texts->room * 2;
    memory_drop(texts->slots);
    texts->slots = memory_take(texts->num_slots, sizeof(*texts->slots));
    for (i = 0; i < texts->num; i++)
        enter(texts, hash_of(bytes_of_text(texts->at[i])), i);
}

static bool find(const struct texts *texts, size_t hash, struct bytes raw, size_t *out)
{
    size_t i;

    for (i = 0; i < MOST_PROBES && texts->num_slots > 0; i++) {
        uint32_t slot = texts->slots[(hash + i) & (texts->num_slots - 1)];

        if (slot == 0)
            return false;
        *out = slot - 1;
        if (is_text(texts->at[*out], raw))
            return true;
    }
    return false;
}

size_t texts_add(struct texts *texts, struct arena *arena, struct bytes raw)
{
    size_t hash, index;
    const char *clean;

    if (raw.len == 0)
        raw = bytes_of_text("");
    hash = hash_of(raw);
    if (find(texts, hash, raw, &index))
        return index;
    clean = arena_text(arena, raw);
    if (!is_text(clean, raw)) {
        hash = hash_of(bytes_of_text(clean));
        if (find(texts, hash, bytes_of_text(clean), &index))
            return index;
    }
    if (texts->num == texts->room)
        grow(texts);
    texts->at[texts->num] = clean;
    enter(texts, hash, texts->num);
    return texts->num++;
}

void texts_clear(struct texts *texts)
{
    memory_drop(texts->at);
    memory_drop(texts->slots);
    memset(texts, 0, sizeof(*texts));
}
