/* SPDX-License-Identifier: MIT */
#include "flow/pairs.h"

#include <stdlib.h>
#include <sys/auxv.h>

#include "base/memory.h"

enum { CHUNK_PAIRS = 512, FIRST_SLOTS = 1024, IDLE_CANDIDATES = 16 };

static inline uint32_t be32_of(uint32_t loaded)
{
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? loaded : __builtin_bswap32(loaded);
}

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
    pairs->limit = limit;
    pairs->num_slots = FIRST_SLOTS;
    pairs->slots = memory_take(pairs->num_slots, sizeof(*pairs->slots));
    /* 16 random bytes that every process has, without a system call that a sandbox may refuse. */
    if (random != NULL)
        memcpy(seed, random, sizeof(seed));
    fill_secret(pairs, seed);
}

void pairs_clear(struct pairs *pairs)
{
    size_t i;

    for (i = 0; i < pairs->num_chunks; i++)
        memory_drop(pairs->chunk[i]);
    memory_drop(pairs->chunk);
    memory_drop(pairs->slots);
    memset(pairs, 0, sizeof(*pairs));
}

static struct pair *pair_of(const struct pairs *pairs, uint32_t number)
{
    size_t index = (size_t)number - 1;

    return &pairs->chunk[index / CHUNK_PAIRS][index % CHUNK_PAIRS];
}

void pair_key_init(struct pair_key *key, uint8_t transport, const struct address *src,
                   uint16_t sport, const struct address *dst, uint16_t dport, int *out_end)
{
    uint32_t first[2];
    int order, end;

    /* Most often the first octets tell, without a call. */
    memcpy(&first[0], src->octet, 4);
    memcpy(&first[1], dst->octet, 4);
    if (first[0] != first[1])
        order = be32_of(first[0]) < be32_of(first[1]) ? -1 : 1;
    else
        order = memcmp(src->octet, dst->octet, sizeof(src->octet));
    end = order > 0 || (order == 0 && sport > dport);

    memcpy(key->octet[end], src->octet, 16);
    memcpy(key->octet[1 - end], dst->octet, 16);
    key->port[end] = sport;
    key->port[1 - end] = dport;
    key->family = src->family;
    key->transport = transport;
    *out_end = end;
}

/* Multilinear-HM (Lemire, Kaser: "Strongly universal string hashing is fast"): whoever does not
 * know the secret cannot choose keys that collide more often than random ones do. */
uint32_t pairs_hash(const struct pairs *pairs, const struct pair_key *key)
{
    const uint64_t *secret = pairs->secret;
    uint32_t word[8];
    uint64_t sum = secret[0];
    size_t i;

    sum += (secret[1] + ((uint32_t)key->port[0] << 16 | key->port[1])) *
           (secret[2] + ((uint32_t)key->family << 8 | key->transport));
    if (key->family == 4) {
        memcpy(&word[0], key->octet[0], 4);
        memcpy(&word[1], key->octet[1], 4);
        sum += (secret[3] + word[0]) * (secret[4] + word[1]);
    } else {
        memcpy(word, key->octet, sizeof(key->octet));
        for (i = 0; i < 8; i += 2)
            sum += (secret[5 + i] + word[i]) * (secret[6 + i] + word[i + 1]);
    }
    return (uint32_t)(sum >> 32);
}

struct pair *pairs_find(struct pairs *pairs, const struct pair_key *key, uint32_t hash)
{
    size_t mask = pairs->num_slots - 1, at;

    for (at = hash & mask; pairs->slots[at].number != 0; at = (at + 1) & mask) {
        struct pair *pair;

        if (pairs->slots[at].hash != hash)
            continue;
        pair = pair_of(pairs, pairs->slots[at].number);
        if (pair_key_equal(&pair->key, key))
            return pair;
    }
    return NULL;
}

static void place(struct pair_slot *slots, size_t mask, struct pair_slot slot)
{
    size_t at = slot.hash & mask;

    while (slots[at].number != 0)
        at = (at + 1) & mask;
    slots[at] = slot;
}

/* At most half of the slots are used, so that probing stays short. */
static void grow_slots(struct pairs *pairs)
{
    size_t num = pairs->num_slots * 2, i;
    struct pair_slot *slots = memory_take(num, sizeof(*slots));

    for (i = 0; i < pairs->num_slots; i++)
        if (pairs->slots[i].number != 0)
            place(slots, num - 1, pairs->slots[i]);
    memory_drop(pairs->slots);
    pairs->slots = slots;
    pairs->num_slots = num;
}

static uint32_t take_number(struct pairs *pairs)
{
    uint32_t number = pairs->free;

    if (number != 0) {
        pairs->free = pair_of(pairs, number)->next;
        return number;
    }
    if (pairs->made == pairs->num_chunks * CHUNK_PAIRS) {
        pairs->chunk = memory_grow(pairs->chunk, pairs->num_chunks + 1, sizeof(*pairs->chunk));
        pairs->chunk[pairs->num_chunks++] = memory_take(CHUNK_PAIRS, sizeof(struct pair));
    }
    return (uint32_t)++pairs->made;
}

struct pair *pairs_add(struct pairs *pairs, const struct pair_key *key, uint32_t hash)
{
    struct pair_slot slot = {hash, take_number(pairs)};
    struct pair *pair = pair_of(pairs, slot.number);

    if ((pairs->num + 1) * 2 > pairs->num_slots)
        grow_slots(pairs);
    memset(pair, 0, sizeof(*pair));
    pair->key = *key;
    place(pairs->slots, pairs->num_slots - 1, slot);
    pairs->num++;
    return pair;
}

/* The slot that holds the pair. */
static size_t slot_of(const struct pairs *pairs, const struct pair *pair)
{
    size_t mask = pairs->num_slots - 1, at = pairs_hash(pairs, &pair->key) & mask;

    while (pair_of(pairs, pairs->slots[at].number) != pair)
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
        if (pairs->slots[next].number == 0)
            break;
        home = pairs->slots[next].hash & mask;
        if (((next - home) & mask) < ((next - at) & mask))
            continue;
        pairs->slots[at] = pairs->slots[next];
        at = next;
    }
    pairs->slots[at].number = 0;
}

void pairs_spent(struct pairs *pairs, struct pair *pair)
{
    uint32_t number;

    if (pair->listed)
        return;
    number = pairs->slots[slot_of(pairs, pair)].number;
    pair->listed = true;
    pair->next = 0;
    if (pairs->spent_last != 0)
        pair_of(pairs, pairs->spent_last)->next = number;
    else
        pairs->spent_first = number;
    pairs->spent_last = number;
}

static bool is_spent(const struct pair *pair)
{
    return pair->state != PAIR_WAITING && pair->state != PAIR_ACTIVE;
}

/* Those that came back to life since (ports reused) only leave the list. */
static struct pair *first_spent(struct pairs *pairs)
{
    while (pairs->spent_first != 0) {
        struct pair *pair = pair_of(pairs, pairs->spent_first);

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
        struct pair *pair = pair_of(pairs, (uint32_t)*hand + 1);

        *hand = (*hand + 1) % pairs->made;
        if (pair->id == 0 || (only_active && pair->state != PAIR_ACTIVE))
            continue;
        candidates++;
        if (found == NULL || pair->last_frame < found->last_frame)
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
    size_t at = slot_of(pairs, pair);
    uint32_t number = pairs->slots[at].number;

    close_slot(pairs, at);
    memset(pair, 0, sizeof(*pair));
    pair->next = pairs->free;
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
        struct pair *pair = pair_of(pairs, (uint32_t)i + 1);

        if (pair->id != 0 && (pair->state == state || pair->state == or_state))
            all[num++] = pair;
    }
    qsort(all, num, sizeof(struct pair *), by_id);
    *out_num = num;
    return all;
}
