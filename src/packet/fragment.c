/* SPDX-License-Identifier: MIT */
#include "packet/fragment.h"

#include "base/limits.h"
#include "base/memory.h"

enum {
    DATAGRAM_BYTES = 65535,
    NUM_RANGES = 48, /* disjoint pieces of one datagram; more are not kept */
    /* A datagram that got nothing for so many frames is over. Identifications of 16 bits come again
     * after 65536 packets of a host, and a left-over must not meet the next datagram of that name.
     */
    STALE_FRAMES = 32768,
    NUM_PIECES = 256 /* fragments of one datagram whose place is remembered */
};

struct range {
    uint32_t from, to;
};

struct datagram {
    struct address src, dst;
    uint32_t id;
    uint8_t protocol;  /* IPv4 identity */
    uint8_t following; /* protocol of the fragment with offset 0 */
    bool end_known;
    size_t end;                     /* of the payload, once the last fragment was seen */
    struct range range[NUM_RANGES]; /* sorted, disjoint, not touching */
    size_t num_ranges;
    uint8_t *buffer;
    size_t room;
    struct packet_piece *pieces;
    size_t num_pieces;
    int64_t first_frame, last_frame;
};

struct fragments {
    uint32_t hash[LIMIT_FRAGMENT_DATAGRAMS]; /* of datagram[i]; 0: free */
    struct datagram datagram[LIMIT_FRAGMENT_DATAGRAMS];
    size_t bytes;
    uint8_t *completed; /* the buffer lent out last */
    struct packet_piece *completed_pieces;
    size_t num_completed_pieces;
    struct fragment_counts counts;
};

struct fragments *fragments_open(void)
{
    return memory_take(1, sizeof(struct fragments));
}

static void count(int64_t *counter, int64_t *first, int64_t frame)
{
    if ((*counter)++ == 0 || frame < *first)
        *first = frame;
}

/* FNV-1a over the identity; never 0. Only spreads the search: equality is checked in full. */
static uint32_t identity_hash(const struct fragment *f)
{
    uint32_t hash = 2166136261u ^ f->id;
    size_t i;

    for (i = 0; i < sizeof(f->src.octet); i++)
        hash = (hash ^ f->src.octet[i] ^ (uint32_t)f->dst.octet[i] << 8) * 16777619u;
    return hash == 0 ? 1 : hash;
}

static uint8_t identity_protocol(const struct fragment *f)
{
    return f->src.family == 4 ? f->protocol : 0;
}

static void forget(struct fragments *fragments, size_t i)
{
    struct datagram *d = &fragments->datagram[i];

    memory_drop(d->buffer);
    memory_drop(d->pieces);
    fragments->bytes -= d->room;
    fragments->hash[i] = 0;
    memset(d, 0, sizeof(*d));
}

static void give_up(struct fragments *fragments, size_t i, bool limit)
{
    struct fragment_counts *counts = &fragments->counts;
    int64_t frame = fragments->datagram[i].first_frame;

    count(&counts->incomplete, &counts->first_incomplete, frame);
    if (limit)
        count(&counts->limited, &counts->first_limited, frame);
    forget(fragments, i);
}

/* Gives up the datagram that waits longest, but not `keep`; false when there is no other. */
static bool give_up_oldest(struct fragments *fragments, size_t keep)
{
    size_t i, oldest = LIMIT_FRAGMENT_DATAGRAMS;

    for (i = 0; i < LIMIT_FRAGMENT_DATAGRAMS; i++) {
        if (fragments->hash[i] == 0 || i == keep)
            continue;
        if (oldest == LIMIT_FRAGMENT_DATAGRAMS ||
            fragments->datagram[i].last_frame < fragments->datagram[oldest].last_frame)
            oldest = i;
    }
    if (oldest == LIMIT_FRAGMENT_DATAGRAMS)
        return false;
    give_up(fragments, oldest, true);
    return true;
}

/* The index of the fragment's datagram, a new one if need be. */
static size_t find_or_make(struct fragments *fragments, const struct fragment *f)
{
    uint32_t hash = identity_hash(f);
    size_t i, unused = LIMIT_FRAGMENT_DATAGRAMS;
    struct datagram *d;

    for (i = 0; i < LIMIT_FRAGMENT_DATAGRAMS; i++) {
        if (fragments->hash[i] == 0 && unused == LIMIT_FRAGMENT_DATAGRAMS)
            unused = i;
        if (fragments->hash[i] != hash)
            continue;
        d = &fragments->datagram[i];
        if (d->id != f->id || d->protocol != identity_protocol(f) ||
            !address_equal(&d->src, &f->src) || !address_equal(&d->dst, &f->dst))
            continue;
        if (f->frame - d->last_frame <= STALE_FRAMES)
            return i;
        give_up(fragments, i, false);
        unused = i;
        break;
    }
    if (unused == LIMIT_FRAGMENT_DATAGRAMS) {
        (void)give_up_oldest(fragments, LIMIT_FRAGMENT_DATAGRAMS);
        for (unused = 0; fragments->hash[unused] != 0; unused++)
            ;
    }
    fragments->hash[unused] = hash;
    d = &fragments->datagram[unused];
    d->src = f->src;
    d->dst = f->dst;
    d->id = f->id;
    d->protocol = identity_protocol(f);
    d->first_frame = d->last_frame = f->frame;
    return unused;
}

/* Makes room for `end` octets in datagram i, within the bound of all together. */
static void make_room(struct fragments *fragments, size_t i, size_t end)
{
    struct datagram *d = &fragments->datagram[i];
    size_t room = d->room == 0 ? 4096 : d->room;

    if (end <= d->room)
        return;
    while (room < end)
        room *= 2;
    room = size_min(room, DATAGRAM_BYTES);
    while (fragments->bytes - d->room + room > LIMIT_FRAGMENT_BYTES && give_up_oldest(fragments, i))
        ;
    fragments->bytes += room - d->room;
    d->buffer = memory_grow(d->buffer, room, 1);
    d->room = room;
}

struct filled {
    bool new, old;  /* there were octets not seen before; there were others */
    bool differing; /* of those seen before */
};

/* Copies into the buffer what of [from, to) is not there yet, and compares what is. */
static struct filled fill(struct datagram *d, size_t from, size_t to, const uint8_t *data)
{
    struct filled filled = {false, false, false};
    size_t i, at = from;

    for (i = 0; i < d->num_ranges && at < to; i++) {
        size_t have_from = d->range[i].from, have_to = d->range[i].to, end;

        if (have_to <= at)
            continue;
        if (have_from >= to)
            break;
        if (have_from > at) {
            memcpy(d->buffer + at, data + (at - from), have_from - at);
            filled.new = true;
            at = have_from;
        }
        end = size_min(have_to, to);
        filled.old = true;
        if (memcmp(d->buffer + at, data + (at - from), end - at) != 0)
            filled.differing = true;
        at = end;
    }
    if (at < to) {
        memcpy(d->buffer + at, data + (at - from), to - at);
        filled.new = true;
    }
    return filled;
}

/* Adds [from, to) to the sorted ranges, joining those it touches; false when there are too many. */
static bool add_range(struct datagram *d, uint32_t from, uint32_t to)
{
    size_t first = 0, last;

    while (first < d->num_ranges && d->range[first].to < from)
        first++;
    for (last = first; last < d->num_ranges && d->range[last].from <= to; last++) {
        if (d->range[last].from < from)
            from = d->range[last].from;
        if (d->range[last].to > to)
            to = d->range[last].to;
    }
    if (last == first && d->num_ranges == NUM_RANGES)
        return false;
    memmove(&d->range[first + 1], &d->range[last], (d->num_ranges - last) * sizeof(d->range[0]));
    d->num_ranges = d->num_ranges - (last - first) + 1;
    d->range[first] = (struct range){from, to};
    return true;
}

static bool is_complete(const struct datagram *d)
{
    return d->end_known && d->num_ranges == 1 && d->range[0].from == 0 && d->range[0].to == d->end;
}

/* Whether the fragment agrees with the end of the datagram as known so far. */
static bool fits_end(const struct datagram *d, size_t end, bool more)
{
    if (d->end_known)
        return more ? end <= d->end : end == d->end;
    return more || d->num_ranges == 0 || d->range[d->num_ranges - 1].to <= end;
}

static void add_piece(struct datagram *d, const struct fragment *f)
{
    if (d->num_pieces == NUM_PIECES)
        return;
    if ((d->num_pieces & (d->num_pieces - 1)) == 0) /* room is a power of two */
        d->pieces =
            memory_grow(d->pieces, d->num_pieces == 0 ? 1 : d->num_pieces * 2, sizeof(*d->pieces));
    d->pieces[d->num_pieces++] = (struct packet_piece){f->frame, f->at, f->offset, f->data.len};
}

/* What the datagram owns passes to whoever asked for it, until the next one. */
static void lend(struct fragments *fragments, struct datagram *d)
{
    memory_drop(fragments->completed);
    memory_drop(fragments->completed_pieces);
    fragments->completed = d->buffer;
    fragments->completed_pieces = d->pieces;
    fragments->num_completed_pieces = d->num_pieces;
    d->buffer = NULL; /* lent out: forget must not free them */
    d->pieces = NULL;
}

void fragments_pieces(const struct fragments *fragments, const struct packet_piece **out,
                      size_t *out_num)
{
    *out = fragments->completed_pieces;
    *out_num = fragments->num_completed_pieces;
}

enum fragment_result fragments_add(struct fragments *fragments, const struct fragment *f,
                                   struct bytes *out_datagram, uint8_t *out_protocol)
{
    struct fragment_counts *counts = &fragments->counts;
    size_t i, end;
    struct datagram *d;
    struct filled filled;

    if (!size_add(f->offset, f->data.len, &end) || end > DATAGRAM_BYTES || f->data.len == 0)
        return FRAGMENT_BAD;
    i = find_or_make(fragments, f);
    d = &fragments->datagram[i];
    if (!fits_end(d, end, f->more))
        return FRAGMENT_BAD;
    make_room(fragments, i, end);
    filled = fill(d, f->offset, end, f->data.at);
    if (filled.differing)
        count(&counts->differing, &counts->first_differing, f->frame);
    else if (filled.old && filled.new)
        count(&counts->overlap, &counts->first_overlap, f->frame);
    if (!add_range(d, (uint32_t)f->offset, (uint32_t)end)) {
        give_up(fragments, i, true);
        return FRAGMENT_WAITS;
    }
    if (f->offset == 0)
        d->following = f->protocol;
    if (!f->more) {
        d->end_known = true;
        d->end = end;
    }
    d->last_frame = f->frame;
    add_piece(d, f);
    if (!is_complete(d))
        return FRAGMENT_WAITS;
    *out_protocol = d->following;
    *out_datagram = (struct bytes){d->buffer, d->end};
    lend(fragments, d);
    forget(fragments, i);
    return FRAGMENT_COMPLETES;
}

void fragments_finish(struct fragments *fragments)
{
    size_t i;

    for (i = 0; i < LIMIT_FRAGMENT_DATAGRAMS; i++)
        if (fragments->hash[i] != 0)
            give_up(fragments, i, false);
}

const struct fragment_counts *fragments_counts(const struct fragments *fragments)
{
    return &fragments->counts;
}

void fragments_close(struct fragments *fragments)
{
    size_t i;

    if (fragments == NULL)
        return;
    for (i = 0; i < LIMIT_FRAGMENT_DATAGRAMS; i++) {
        memory_drop(fragments->datagram[i].buffer);
        memory_drop(fragments->datagram[i].pieces);
    }
    memory_drop(fragments->completed);
    memory_drop(fragments->completed_pieces);
    memory_drop(fragments);
}
