/* SPDX-License-Identifier: MIT */
/* The pairs of endpoints that are remembered: pool, hash index, and who is forgotten first. One
 * small record each, so that a flood of pairs is cheap. */
#ifndef KRBWHY_FLOW_PAIRS_H
#define KRBWHY_FLOW_PAIRS_H

#include "base/address.h"

struct connection; /* flow/connection.h */

/* Both endpoints, the lower one (address, then port) first, so that either direction finds it. No
 * padding. */
struct pair_key {
    uint8_t octet[2][16];
    uint16_t port[2];
    uint8_t family;
    uint8_t transport;
};

_Static_assert(sizeof(struct pair_key) == 38, "no padding");

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

struct pair {
    struct pair_key key;
    uint8_t state;         /* enum pair_state */
    uint8_t opener;        /* which end of the key is side 0 */
    uint32_t first_seq[2]; /* of stream offset 0, per side */
    uint32_t next;         /* in the list of free or spent ones */
    int64_t last_frame;    /* of its latest packet */
    int64_t id;
    uint8_t start[2]; /* enum start, per side */
    bool fin[2];      /* seen while waiting, per side */
    bool listed;      /* is in the list of spent ones */
    bool answered;    /* a SYN with ACK was seen */
    union {
        struct connection *conn; /* ACTIVE */
        struct {
            int64_t frame, time_ns; /* of the first packet; WAITING and UDP */
        } first;
    };
};

struct pair_slot {
    uint32_t hash;
    uint32_t number; /* of the pair, from 1; 0: free */
};

struct pairs {
    struct pair **chunk;
    size_t num_chunks;
    size_t made; /* pairs of the pool that were ever used */
    size_t num;  /* in use */
    size_t limit;
    uint32_t free; /* list, by number; 0 ends it */
    uint32_t spent_first, spent_last;
    size_t hand, active_hand; /* numbers of the pairs that the hands point at, less one */
    struct pair_slot *slots;
    size_t num_slots;    /* power of two */
    uint64_t secret[13]; /* random, for each word of a key */
};

static inline bool pair_key_equal(const struct pair_key *a, const struct pair_key *b)
{
    uint64_t x[5] = {0}, y[5] = {0}; /* five words in place of a call */

    memcpy(x, a, sizeof(*a));
    memcpy(y, b, sizeof(*b));
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]) | (x[4] ^ y[4])) == 0;
}

void pairs_init(struct pairs *pairs, size_t limit);
void pairs_clear(struct pairs *pairs);

/* The normal form of the two endpoints; *out_end tells which end of the key the source is. */
void pair_key_init(struct pair_key *key, uint8_t transport, const struct address *src,
                   uint16_t sport, const struct address *dst, uint16_t dport, int *out_end);

/* Keyed, so that a capture cannot be made to collide. Nothing that is printed depends on it. */
uint32_t pairs_hash(const struct pairs *pairs, const struct pair_key *key);

/* The pair, or NULL. Valid until it is removed. */
struct pair *pairs_find(struct pairs *pairs, const struct pair_key *key, uint32_t hash);

static inline bool pairs_full(const struct pairs *pairs)
{
    return pairs->num >= pairs->limit;
}

/* Adds a zeroed pair with that key, which must not be there, while there is room. */
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
