/* SPDX-License-Identifier: MIT */
#include "flow/pairs.h"

#include <stdlib.h>
#include <sys/auxv.h>

#include "base/memory.h"

enum { CHUNK_PAIRS = 512, FIRST_SLOTS = 1024, IDLE_CANDIDATES = 16 };

void pairs_init(struct pairs *pairs, size_t limit)
{
    const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);

    memset(pairs, 0, sizeof(*pairs));
    pairs->limit = limit;
    pairs->num_slots = FIRST_SLOTS;
    pairs->slots = memory_take(pairs->num_slots, sizeof(*pairs->slots));
    /* 16 random bytes that every process has, without a system call that a sandbox may refuse. */
    if (random != NULL)
        memcpy(pairs->secret, random, sizeof(pairs->secret));
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
    int order, end;

    /* Most often the first octets tell, without a call. */
    for (order = 0; order < 4 && src->octet[order] == dst->octet[order];)
        order++;
    order = order < 4 ? src->octet[order] - dst->octet[order]
                      : memcmp(src->octet, dst->octet, sizeof(src->octet));
    end = order > 0 || (order == 0 && sport > dport);

    memcpy(key->octet[end], src->octet, 16);
    memcpy(key->octet[1 - end], dst->octet, 16);
    key->port[end] = sport;
    key->port[1 - end] = dport;
    key->family = src->family;
    key->transport = transport;
    *out_end = end;
}

/* SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF") over whole words. */
struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static inline void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

uint32_t pairs_hash(const struct pairs *pairs, const struct pair_key *key)
{
    uint64_t k0 = pairs->secret[0], k1 = pairs->secret[1], word[4];
    struct sip s = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                    k1 ^ 0x7465646279746573u};
    size_t i;

    if (key->family == 4) {
        memcpy(word, key->octet[0], 4);
        memcpy((uint8_t *)word + 4, key->octet[1], 4);
        sip_word(&s, word[0]);
    } else {
        memcpy(word, key->octet, sizeof(key->octet));
        for (i = 0; i < 4; i++)
            sip_word(&s, word[i]);
    }
    sip_word(&s, (uint64_t)key->port[0] << 48 | (uint64_t)key->port[1] << 32 |
                     (uint64_t)key->family << 8 | key->transport);
    s.v2 ^= 0xFF;
    for (i = 0; i < 3; i++)
        sip_round(&s);
    s.v0 ^= s.v1 ^ s.v2 ^ s.v3;
    return (uint32_t)(s.v0 ^ s.v0 >> 32);
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
