/* SPDX-License-Identifier: MIT */
/* What is kept of a capture until its secrets are looked for. */
#ifndef KRBWHY_REWRITE_REDACT_PARTS_H
#define KRBWHY_REWRITE_REDACT_PARTS_H

#include "base/map.h"
#include "base/memory.h"
#include "rewrite/patch.h"
#include "rewrite/redact.h"

enum { TCP = 6, UDP = 17, TCP_SUM = 16, UDP_SUM = 6 };

/* One payload. */
struct unit {
    size_t way;     /* of redactor.ways + 1; 0: stands by itself */
    int64_t offset; /* in the stream of the way */
    size_t order;
    int64_t frame;
    size_t at;        /* of the payload in the frame's data or, with pieces, in the datagram */
    size_t data, len; /* in redactor.store */
    size_t pieces, num_pieces;
    size_t header_len; /* of TCP or UDP right before it; 0: no checksum to mend */
    uint16_t sum;
    uint8_t transport;
};

/* One direction of a connection. */
struct way {
    struct address src, dst;
    uint16_t sport, dport;
    bool from_syn;
    uint32_t base, last_seq;
    int64_t last_offset;
};

/* A fragment whose datagram is not complete. */
struct waiting {
    int64_t frame;
    size_t at, len;
    bool done;
};

struct redactor {
    struct unit *units;
    size_t num_units, units_room;
    struct way *ways;
    size_t num_ways, ways_room;
    struct map by_ends;
    struct packet_piece *pieces;
    size_t num_pieces, pieces_room;
    struct waiting *waiting;
    size_t num_waiting, waiting_room;
    struct text store;
    struct patches patches;
    struct scan_counts counts;
    bool unreachable;
};

/* Room for one more. */
static inline void *grown(void *at, size_t num, size_t *room, size_t size)
{
    if (num < *room)
        return at;
    *room = *room == 0 ? 64 : *room * 2;
    return memory_grow(at, *room, size);
}

#endif
