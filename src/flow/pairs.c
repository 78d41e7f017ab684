/* SPDX-License-Identifier: MIT */
#include "flow/pairs.h"

#include <stdlib.h>
#include <sys/auxv.h>

#include "base/limits.h"
#include "base/memory.h"

enum { FIRST_SLOTS = 1024, IDLE_CANDIDATES = 16, LINE = 64 };

_Static_assert(LIMIT_FLOWS <= PAIR_NUMBER_MASK, "a slot holds every number");
_Static_assert(sizeof(void *) != 8 || sizeof(struct pair) == LINE, "a cache line");

static inline uint64_t rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

/* A random number for each word of a key, from those of the process (Steele, Lea, Flood: "Fast
 * splittable pseudorandom number generators"). */
static void fill_secret(struct pairs *pairs, const uint64_t seed[2])
{
    uint64_t state = seed[0];
    size_t i;

    for (i = 0; i < sizeof(pairs->secret) / sizeof(*pairs->secret); i++) {
        uint64_t z = (state += 0x9E3779B97F4A7C15u);

        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        pairs->secret[i] = (z ^ z >> 31) ^ rotate(seed[1], (unsigned)i * 5 + 1);
    }
}

void pairs_init(struct pairs *pairs, size_t limit)
{
    const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);
    uint64_t seed[2] = {0, 0};

    memset(pairs, 0, sizeof(*pairs));
    pairs_limit(pairs, limit);
    pairs->num_slots = FIRST_SLOTS;
    pairs->slots = memory_take(pairs->num_slots, sizeof(*pairs->slots));
    /* 16 random bytes that every process has, without a system call that a sandbox may refuse. */
    if (random != NULL)
        memcpy(seed, random, sizeof(seed));
    fill_secret(pairs, seed);
}

void pairs_limit(struct pairs *pairs, size_t limit)
{
    pairs->limit = size_min(limit, PAIR_NUMBER_MASK);
}

void pairs_clear(struct pairs *pairs)
{
    size_t i;

    for (i = 0; i < pairs->num_chunks; i++) {
        memory_drop(pairs->chunk[i]);
        if (pairs->octets != NULL)
            memory_drop(pairs->octets[i]);
    }
    memory_drop(pairs->chunk);
    memory_drop(pairs->octets);
    memory_drop(pairs->slots);
    memset(pairs, 0, sizeof(*pairs));
}

/* ---- Keys ---- */

/* What stands for the address in a key. */
static uint32_t sum_of_octets(const struct pairs *pairs, const uint8_t *octets)
{
    uint64_t words[2];

    memcpy(words, octets, sizeof(words));
    return (uint32_t)((pairs->secret[5] + pairs_sum(&pairs->secret[6], words[0]) +
                       pairs_sum(&pairs->secret[8], words[1])) >>
                      32);
}

int pair_key_init_wide(const struct pairs *pairs, struct pair_key *key, const struct address *src,
                       uint16_t sport, const struct address *dst, uint16_t dport)
{
    int order = memcmp(src->octet, dst->octet, sizeof(src->octet)),
        end = order > 0 || (order == 0 && sport > dport);

    memcpy(key->octet[end], src->octet, sizeof(key->octet[end]));
    memcpy(key->octet[1 - end], dst->octet, sizeof(key->octet[end]));
    key->end[end] = (uint64_t)sum_of_octets(pairs, src->octet) << PAIR_PORT_BITS | sport;
    key->end[1 - end] = (uint64_t)sum_of_octets(pairs, dst->octet) << PAIR_PORT_BITS | dport;
    key->end[0] |= PAIR_WIDE;
    return end;
}

static uint8_t (*octets_of(const struct pairs *pairs, uint32_t number))[16]
{
    return pairs->octets[(number - 1) / PAIRS_CHUNK][(number - 1) % PAIRS_CHUNK];
}

bool pair_has_octets(const struct pairs *pairs, const struct pair *pair, const struct pair_key *key)
{
    return memcmp(octets_of(pairs, pair->number), key->octet, sizeof(key->octet)) == 0;
}

void pair_octets(const struct pairs *pairs, const struct pair *pair, int end, uint8_t *out)
{
    uint32_t address = (uint32_t)(pair->end[end] >> PAIR_PORT_BITS);
    size_t i;

    if ((pair->end[0] & PAIR_WIDE) != 0) {
        memcpy(out, octets_of(pairs, pair->number)[end], 16);
        return;
    }
    memset(out, 0, 16);
    for (i = 0; i < 4; i++)
        out[i] = (uint8_t)(address >> (24 - 8 * i));
}

/* Makes room for octets beside the chunk of the pair. */
static void keep_octets(struct pairs *pairs, uint32_t number, const struct pair_key *key)
{
    size_t chunk = (number - 1) / PAIRS_CHUNK;

    if (pairs->octets == NULL)
        pairs->octets = memory_take(pairs->num_chunks, sizeof(*pairs->octets));
    if (pairs->octets[chunk] == NULL)
        pairs->octets[chunk] = memory_take(PAIRS_CHUNK, sizeof(*pairs->octets[chunk]));
    memcpy(octets_of(pairs, number), key->octet, sizeof(key->octet));
}

/* ---- The index ---- */

struct pair *pairs_find(struct pairs *pairs, const struct pair_key *key, uint32_t hash)
{
    size_t mask = pairs->num_slots - 1, at;
    uint32_t slot;

    for (at = hash & mask; (slot = pairs->slots[at]) != 0; at = (at + 1) & mask) {
        struct pair *pair;

        if (((slot ^ hash) & ~PAIR_NUMBER_MASK) != 0)
            continue;
        pair = pairs_at(pairs, slot & PAIR_NUMBER_MASK);
        if (pair_is(pairs, pair, key))
            return pair;
    }
    return NULL;
}

static void place(uint32_t *slots, size_t mask, uint32_t hash, uint32_t number)
{
    size_t at = hash & mask;

    while (slots[at] != 0)
        at = (at + 1) & mask;
    slots[at] = (hash & ~PAIR_NUMBER_MASK) | number;
}

/* At most half of the slots are used, so that probing stays short. */
static void grow_slots(struct pairs *pairs)
{
    size_t num = pairs->num_slots * 2;
    uint32_t *slots = memory_take(num, sizeof(*slots)), i;

    for (i = 1; i <= pairs->made; i++) {
        const struct pair *pair = pairs_at(pairs, i);

        if (pair->id != 0)
            place(slots, num - 1, pairs_hash(pairs, pair->end), i);
    }
    memory_drop(pairs->slots);
    pairs->slots = slots;
    pairs->num_slots = num;
}

static void add_chunk(struct pairs *pairs)
{
    pairs->chunk = memory_grow(pairs->chunk, pairs->num_chunks + 1, sizeof(*pairs->chunk));
    if (pairs->octets != NULL) {
        pairs->octets = memory_grow(pairs->octets, pairs->num_chunks + 1, sizeof(*pairs->octets));
        pairs->octets[pairs->num_chunks] = NULL;
    }
    pairs->chunk[pairs->num_chunks++] =
        memory_take_aligned(PAIRS_CHUNK * sizeof(struct pair), LINE);
}

static uint32_t take_number(struct pairs *pairs)
{
    uint32_t number = pairs->free;

    if (number != 0) {
        pairs->free = pairs_at(pairs, number)->next;
        return number;
    }
    if (pairs->made == pairs->num_chunks * PAIRS_CHUNK)
        add_chunk(pairs);
    return (uint32_t)++pairs->made;
}

struct pair *pairs_add(struct pairs *pairs, const struct pair_key *key, uint32_t hash)
{
    uint32_t number;
    struct pair *pair;

    if ((pairs->num + 1) * 2 > pairs->num_slots)
        grow_slots(pairs);
    number = take_number(pairs);
    pair = pairs_at(pairs, number);
    *pair = (struct pair){.end = {key->end[0], key->end[1]}, .number = number};
    if (__builtin_expect((key->end[0] & PAIR_WIDE) != 0, 0))
        keep_octets(pairs, number, key);
    place(pairs->slots, pairs->num_slots - 1, hash, number);
    pairs->num++;
    return pair;
}

/* The slot that holds the pair. */
static size_t slot_of(const struct pairs *pairs, const struct pair *pair)
{
    size_t mask = pairs->num_slots - 1, at = pairs_hash(pairs, pair->end) & mask;

    while ((pairs->slots[at] & PAIR_NUMBER_MASK) != pair->number)
        at = (at + 1) & mask;
    return at;
}

/* Closes the hole at `at` by moving up those behind it that may stand there. */
static void close_slot(struct pairs *pairs, size_t at)
{
    size_t mask = pairs->num_slots - 1, next = at;

    for (;;) {
        size_t home;

        next = (next + 1) & mask;
        if (pairs->slots[next] == 0)
            break;
        home =
            pairs_hash(pairs, pairs_at(pairs, pairs->slots[next] & PAIR_NUMBER_MASK)->end) & mask;
        if (((next - home) & mask) < ((next - at) & mask))
            continue;
        pairs->slots[at] = pairs->slots[next];
        at = next;
    }
    pairs->slots[at] = 0;
}

/* ---- Who goes first ---- */

void pairs_spent(struct pairs *pairs, struct pair *pair)
{
    if (pair->listed)
        return;
    pair->listed = true;
    pair->next = 0;
    if (pairs->spent_last != 0)
        pairs_at(pairs, pairs->spent_last)->next = pair->number;
    else
        pairs->spent_first = pair->number;
    pairs->spent_last = pair->number;
}

static bool is_spent(const struct pair *pair)
{
    return pair->state != PAIR_WAITING && pair->state != PAIR_ACTIVE;
}

/* Those that came back to life since (ports reused) only leave the list. */
static struct pair *first_spent(struct pairs *pairs)
{
    while (pairs->spent_first != 0) {
        struct pair *pair = pairs_at(pairs, pairs->spent_first);

        pairs->spent_first = pair->next;
        if (pairs->spent_first == 0)
            pairs->spent_last = 0;
        pair->listed = false;
        if (is_spent(pair))
            return pair;
    }
    return NULL;
}

/* The longest idle one of some that follow the hand: exact when there are few, and near enough to
 * it when there are many, without a list that every packet would have to touch. */
static struct pair *find_idle(struct pairs *pairs, size_t *hand, bool only_active)
{
    struct pair *found = NULL;
    size_t steps, candidates = 0;

    for (steps = pairs->made; steps > 0 && candidates < IDLE_CANDIDATES; steps--) {
        struct pair *pair = pairs_at(pairs, (uint32_t)*hand + 1);

        *hand = (*hand + 1) % pairs->made;
        if (pair->id == 0 || (only_active && pair->state != PAIR_ACTIVE))
            continue;
        candidates++;
        if (found == NULL || (int32_t)(pair->last_frame - found->last_frame) < 0)
            found = pair;
    }
    return found;
}

struct pair *pairs_victim(struct pairs *pairs)
{
    struct pair *pair = first_spent(pairs);

    if (pair == NULL)
        pair = find_idle(pairs, &pairs->hand, false);
    if (pair != NULL)
        pair->listed = true;
    return pair;
}

struct pair *pairs_idle_active(struct pairs *pairs)
{
    return find_idle(pairs, &pairs->active_hand, true);
}

void pairs_remove(struct pairs *pairs, struct pair *pair)
{
    uint32_t number = pair->number;

    close_slot(pairs, slot_of(pairs, pair));
    *pair = (struct pair){.next = pairs->free, .number = number};
    pairs->free = number;
    pairs->num--;
}

static int by_id(const void *a, const void *b)
{
    int64_t left = (*(struct pair *const *)a)->id, right = (*(struct pair *const *)b)->id;

    return left < right ? -1 : left > right;
}

struct pair **pairs_in_order(struct pairs *pairs, enum pair_state state, enum pair_state or_state,
                             size_t *out_num)
{
    struct pair **all = memory_take(pairs->num, sizeof(struct pair *));
    size_t i, num = 0;

    for (i = 0; i < pairs->made; i++) {
        struct pair *pair = pairs_at(pairs, (uint32_t)i + 1);

        if (pair->id != 0 && (pair->state == state || pair->state == or_state))
            all[num++] = pair;
    }
    qsort(all, num, sizeof(struct pair *), by_id);
    *out_num = num;
    return all;
}
