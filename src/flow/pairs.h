/* SPDX-License-Identifier: MIT */
/* The pairs of endpoints that are remembered: pool, hash index, and who is forgotten first. One
 * small record each, so that a flood of pairs is cheap. */
#ifndef KRBWHY_FLOW_PAIRS_H
#define KRBWHY_FLOW_PAIRS_H

#include "base/address.h"

struct connection; /* flow/connection.h */

/* Both endpoints as numbers, the lower one (address, then port) first, so that either direction
 * finds it: a port below 32 bits that stand for the address. Those are the IPv4 address itself. Of
 * an IPv6 address they are a keyed sum, and only with `octet` is the key equal to another. */
struct pair_key {
    uint64_t end[2];      /* [0] also has family and transport, above 48 bits */
    uint8_t octet[2][16]; /* only of wide keys */
};

enum { PAIR_PORT_BITS = 16, PAIR_END_BITS = 48, PAIR_FAMILY_AT = 48, PAIR_TRANSPORT_AT = 56 };
#define PAIR_WIDE (UINT64_C(0x80) << PAIR_FAMILY_AT)

enum pair_state {
    PAIR_WAITING, /* TCP without any payload yet: nothing but this record */
    PAIR_ACTIVE,  /* has a conn */
    PAIR_IGNORED, /* nobody's: only a SYN matters */
    PAIR_CLOSED,  /* over: only a SYN matters */
    PAIR_UDP
};

/* How well the sequence number of a side's first byte is known. */
enum start {
    START_UNKNOWN,
    START_GUESSED, /* from the other side's acknowledgement */
    START_SEEN,    /* from a packet without payload */
    START_SYN
};

/* Fills a cache line where a pointer has 64 bits. */
struct pair {
    uint64_t end[2];       /* as in struct pair_key */
    uint32_t first_seq[2]; /* of stream offset 0, per side */
    union {
        struct connection *conn; /* ACTIVE */
        int64_t first_frame;     /* WAITING and UDP: the first packet, with first_ns */
    };
    int64_t first_ns;
    int64_t id;          /* 0: not in use */
    uint32_t last_frame; /* of its latest packet, modulo 2^32 */
    uint32_t next;       /* in the list of free or spent ones */
    uint32_t number;     /* its own, from 1 */
    uint8_t state;       /* enum pair_state */
    uint8_t start[2];    /* enum start, per side */
    bool opener : 1;     /* which end of the key is side 0 */
    bool listed : 1;     /* is in the list of spent ones */
    bool answered : 1;   /* a SYN with ACK was seen */
    uint8_t fin : 2;     /* a bit per side: seen while waiting */
};

/* Pairs come from chunks, which never move. A slot of the index is the number of a pair in its
 * lower bits, with some bits of the hash above; 0 is a free one. */
enum { PAIR_NUMBER_BITS = 20, PAIRS_CHUNK = 512 };
#define PAIR_NUMBER_MASK ((UINT32_C(1) << PAIR_NUMBER_BITS) - 1)

struct pairs {
    struct pair **chunk;
    uint8_t (**octets)[2][16]; /* of the wide keys, by number; NULL: no chunk has any */
    size_t num_chunks;
    size_t made; /* pairs of the chunks that were ever used */
    size_t num;  /* in use */
    size_t limit;
    uint32_t free; /* list, by number; 0 ends it */
    uint32_t spent_first, spent_last;
    size_t hand, active_hand; /* numbers of the pairs that the hands point at, less one */
    uint32_t *slots;
    size_t num_slots;    /* power of two */
    uint64_t secret[10]; /* random, for each word that is hashed */
};

/* Of a pair, `end` picks one of its key. */
static inline uint8_t pair_family(const struct pair *pair)
{
    return (uint8_t)(pair->end[0] >> PAIR_FAMILY_AT) & 0x7F;
}

static inline uint8_t pair_transport(const struct pair *pair)
{
    return (uint8_t)(pair->end[0] >> PAIR_TRANSPORT_AT);
}

static inline uint16_t pair_port(const struct pair *pair, int end)
{
    return (uint16_t)pair->end[end];
}

/* Its octets, 16 of them, as in struct address. */
void pair_octets(const struct pairs *pairs, const struct pair *pair, int end, uint8_t *out);

void pairs_init(struct pairs *pairs, size_t limit);
void pairs_limit(struct pairs *pairs, size_t limit); /* before the first */
void pairs_clear(struct pairs *pairs);

/* pair_key_init where an address is not IPv4; family and transport are not set. */
int pair_key_init_wide(const struct pairs *pairs, struct pair_key *key, const struct address *src,
                       uint16_t sport, const struct address *dst, uint16_t dport);

/* The key of two endpoints; returns which end of it the source is. */
static inline int pair_key_init(const struct pairs *pairs, struct pair_key *key, uint8_t transport,
                                const struct address *src, uint16_t sport,
                                const struct address *dst, uint16_t dport)
{
    uint64_t a = (uint64_t)be32(src->octet) << PAIR_PORT_BITS | sport,
             b = (uint64_t)be32(dst->octet) << PAIR_PORT_BITS | dport;
    int end = a > b;

    key->end[0] = end ? b : a;
    key->end[1] = end ? a : b;
    if (__builtin_expect(src->family == 6 || dst->family == 6, 0))
        end = pair_key_init_wide(pairs, key, src, sport, dst, dport);
    key->end[0] |= (uint64_t)transport << PAIR_TRANSPORT_AT | (uint64_t)src->family
                                                                  << PAIR_FAMILY_AT;
    return end;
}

/* Multilinear-HM (Lemire, Kaser: "Strongly universal string hashing is fast"): whoever does not
 * know the secret cannot choose words that collide more often than random ones do. */
static inline uint64_t pairs_sum(const uint64_t *secret, uint64_t words)
{
    return (secret[0] + (uint32_t)words) * (secret[1] + (words >> 32));
}

/* Of the ends of a key. Nothing that is printed depends on it. */
static inline uint32_t pairs_hash(const struct pairs *pairs, const uint64_t end[2])
{
    return (uint32_t)((pairs->secret[0] + pairs_sum(&pairs->secret[1], end[0]) +
                       pairs_sum(&pairs->secret[3], end[1])) >>
                      32);
}

static inline struct pair *pairs_at(const struct pairs *pairs, uint32_t number)
{
    size_t index = (size_t)number - 1;

    return &pairs->chunk[index / PAIRS_CHUNK][index % PAIRS_CHUNK];
}

/* Of a wide key whose ends are equal: whether the octets are. */
bool pair_has_octets(const struct pairs *pairs, const struct pair *pair,
                     const struct pair_key *key);

static inline bool pair_is(const struct pairs *pairs, const struct pair *pair,
                           const struct pair_key *key)
{
    return pair->end[0] == key->end[0] && pair->end[1] == key->end[1] &&
           ((key->end[0] & PAIR_WIDE) == 0 || pair_has_octets(pairs, pair, key));
}

/* Ask the memory for what pairs_find will look at: the slot, and when that is there the pair. */
static inline void pairs_fetch_slot(const struct pairs *pairs, uint32_t hash)
{
    __builtin_prefetch(&pairs->slots[hash & (pairs->num_slots - 1)]);
}

static inline void pairs_fetch(const struct pairs *pairs, uint32_t hash)
{
    uint32_t slot = pairs->slots[hash & (pairs->num_slots - 1)];

    if (((slot ^ hash) & ~PAIR_NUMBER_MASK) == 0 && slot != 0)
        __builtin_prefetch(pairs_at(pairs, slot & PAIR_NUMBER_MASK));
}

/* The pair, or NULL. Valid until it is removed. */
struct pair *pairs_find(struct pairs *pairs, const struct pair_key *key, uint32_t hash);

static inline bool pairs_full(const struct pairs *pairs)
{
    return pairs->num >= pairs->limit;
}

/* Adds a pair with that key, which must not be there, while there is room. All else is zero. */
struct pair *pairs_add(struct pairs *pairs, const struct pair_key *key, uint32_t hash);

/* Nothing will be lost with this pair (closed, ignored, UDP): it is the first to go. */
void pairs_spent(struct pairs *pairs, struct pair *pair);

/* Whom to forget for a newcomer: the longest spent, else one that had no packet for long. NULL when
 * there is none at all. It is to be removed, whatever is done with it before: pairs_spent has no
 * effect on it. */
struct pair *pairs_victim(struct pairs *pairs);

/* The like among those with a connection; it stays where it is. NULL when there is none. */
struct pair *pairs_idle_active(struct pairs *pairs);

void pairs_remove(struct pairs *pairs, struct pair *pair);

/* All pairs in the given state in order of their ids; the caller drops the array. */
struct pair **pairs_in_order(struct pairs *pairs, enum pair_state state, enum pair_state or_state,
                             size_t *out_num);

#endif
