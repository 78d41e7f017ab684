/* SPDX-License-Identifier: MIT */
/* At the end each direction of a connection is put in order and scanned as a whole, and what
 * changed goes back to every frame that holds a copy of it. */
#include <stdlib.h>

#include "base/limits.h"
#include "rewrite/redact_parts.h"

/* ---- what changed goes back to the frames ---- */

/* Octets of the frame or the datagram that the unit stands in. */
static void put(struct redactor *r, const struct unit *unit, size_t at, struct bytes bytes)
{
    size_t i;

    if (unit->num_pieces == 0)
        patches_add(&r->patches, unit->frame, at, bytes);
    for (i = unit->pieces; i < unit->pieces + unit->num_pieces; i++) {
        const struct packet_piece *piece = &r->pieces[i];
        size_t from = at > piece->offset ? at : piece->offset;
        size_t to = size_min(at + bytes.len, piece->offset + piece->len);

        if (from >= to)
            continue;
        if (piece->at == SIZE_MAX)
            r->unreachable = true;
        else
            patches_add(&r->patches, piece->frame, piece->at + (from - piece->offset),
                        (struct bytes){bytes.at + (from - at), to - from});
    }
}

/* `now`: the unit's payload as it is to be. */
static void put_unit(struct redactor *r, const struct unit *unit, const uint8_t *now)
{
    const uint8_t *was = (const uint8_t *)r->store.at + unit->data;
    size_t from = 0, to = unit->len;
    uint8_t octets[2];
    uint16_t sum;

    while (from < to && was[from] == now[from])
        from++;
    while (to > from && was[to - 1] == now[to - 1])
        to--;
    if (from == to)
        return;
    put(r, unit, unit->at + from, (struct bytes){now + from, to - from});
    if (unit->header_len == 0 || (unit->transport == UDP && unit->sum == 0))
        return;
    sum = checksum_mend(unit->sum, (struct bytes){was, unit->len}, (struct bytes){now, unit->len});
    if (sum == 0 && unit->transport == UDP)
        sum = 0xFFFF; /* RFC 768: 0 says that there is none */
    octets[0] = (uint8_t)(sum >> 8);
    octets[1] = (uint8_t)sum;
    put(r, unit, unit->at - unit->header_len + (unit->transport == TCP ? TCP_SUM : UDP_SUM),
        (struct bytes){octets, 2});
}

static void scan_alone(struct redactor *r, const struct unit *unit, uint8_t *now, bool headless)
{
    struct scan scan = {.at = now, .len = unit->len, .headless = headless, .counts = &r->counts};

    scan_run(&scan);
}

static void finish_single(struct redactor *r, const struct unit *unit)
{
    uint8_t *now = memory_take(unit->len, 1);

    memcpy(now, r->store.at + unit->data, unit->len);
    scan_alone(r, unit, now, false);
    put_unit(r, unit, now);
    memory_drop(now);
}

/* ---- one direction ---- */

/* Units [first, last) that stand close enough to be looked at together. Where they are too many,
 * the last LIMIT_REDACT_OVERLAP octets are looked at again with the next ones: what begins there
 * may end there. */
struct stretch {
    size_t first, last, next; /* next: the first unit of the next stretch */
    int64_t begin;
    size_t len, stop; /* stop: secrets that begin behind it belong to the next stretch */
    uint8_t *was, *now;
    struct scan_hole *holes;
    size_t num_holes, holes_room;
};

/* What one stretch leaves to the next. */
struct carry {
    int64_t reached; /* up to here all is done */
    int64_t begin;   /* of these octets, as they are to be, up to `reached` or their end */
    uint8_t *at;
    size_t len;
    bool follows; /* the next stretch goes on where this one stopped */
    bool open;    /* something may have been cut there */
};

static int64_t end_of(const struct unit *unit)
{
    return unit->offset + (int64_t)unit->len;
}

static void find_stretch(const struct redactor *r, struct stretch *s, size_t end)
{
    int64_t to = r->units[s->first].offset;
    bool full = false;

    s->begin = to;
    for (s->last = s->first; s->last < end; s->last++) {
        const struct unit *unit = &r->units[s->last];

        if (unit->offset - to > (int64_t)LIMIT_REDACT_GAP)
            break;
        full = s->last > s->first && end_of(unit) - s->begin > (int64_t)LIMIT_REDACT_RUN;
        if (full)
            break;
        if (end_of(unit) > to)
            to = end_of(unit);
    }
    s->len = s->stop = (size_t)(to - s->begin);
    s->next = s->last;
    if (!full || s->len <= LIMIT_REDACT_OVERLAP)
        return;
    s->stop = s->len - LIMIT_REDACT_OVERLAP;
    for (s->next = s->first; end_of(&r->units[s->next]) <= s->begin + (int64_t)s->stop; s->next++)
        continue;
    if (s->next > s->first)
        return;
    s->stop = s->len; /* one unit is nearly all of it */
    s->next = s->last;
}

static void fill(const struct redactor *r, struct stretch *s)
{
    size_t i, have = 0;

    for (i = s->first; i < s->last; i++) {
        const struct unit *unit = &r->units[i];
        size_t at = (size_t)(unit->offset - s->begin), known = have > at ? have - at : 0;

        if (at > have) {
            s->holes = grown(s->holes, s->num_holes, &s->holes_room, sizeof(*s->holes));
            s->holes[s->num_holes++] = (struct scan_hole){have, at};
        }
        if (known >= unit->len)
            continue;
        memcpy(s->was + at + known, r->store.at + unit->data + known, unit->len - known);
        have = at + unit->len;
    }
    memcpy(s->now, s->was, s->len);
}

/* A copy of what was sent twice may differ: it keeps its own octets where nothing was found. */
static void put_back(struct redactor *r, const struct stretch *s, const struct unit *unit)
{
    const uint8_t *was = s->was + (unit->offset - s->begin);
    const uint8_t *now = s->now + (unit->offset - s->begin);
    uint8_t *own = memory_take(unit->len, 1);
    size_t i;

    memcpy(own, r->store.at + unit->data, unit->len);
    if (memcmp(own, was, unit->len) != 0)
        scan_alone(r, unit, own, true);
    for (i = 0; i < unit->len; i++)
        if (was[i] != now[i])
            own[i] = now[i];
    put_unit(r, unit, own);
    memory_drop(own);
}

/* What the stretch before has done of this one. Returns how much that is. */
static size_t take_over(struct stretch *s, const struct carry *carry)
{
    size_t done, from, num;

    if (carry->reached <= s->begin)
        return 0;
    done = size_min((size_t)(carry->reached - s->begin), s->len);
    memset(s->now, 0, done);
    if (!carry->follows)
        return done;
    from = (size_t)(s->begin - carry->begin);
    num = from < carry->len ? size_min(done, carry->len - from) : 0;
    if (num > 0)
        memcpy(s->now, carry->at + from, num);
    return done;
}

static void hand_over(const struct redactor *r, const struct stretch *s, const struct scan *scan,
                      struct carry *carry)
{
    size_t done = s->stop > scan->reached ? s->stop : scan->reached;
    int64_t reached = s->begin + (int64_t)(scan->overrun > 0 ? s->len + scan->overrun : done);

    if (reached > carry->reached)
        carry->reached = reached;
    carry->follows = s->next < s->last;
    carry->open = scan->overrun == 0 && done == s->len;
    carry->len = 0;
    if (!carry->follows)
        return;
    carry->begin = r->units[s->next].offset;
    carry->len = s->len - (size_t)(carry->begin - s->begin);
    carry->at = memory_grow(carry->at, carry->len, 1);
    memcpy(carry->at, s->now + (carry->begin - s->begin), carry->len);
}

static void finish_stretch(struct redactor *r, struct stretch *s, struct carry *carry)
{
    struct scan scan = {.len = s->len, .stop = s->stop, .counts = &r->counts};
    const struct way *way = &r->ways[r->units[s->first].way - 1];
    size_t i;

    s->was = memory_take(s->len, 1);
    s->now = memory_take(s->len, 1);
    fill(r, s);
    scan.at = s->now;
    scan.start = take_over(s, carry);
    scan.holes = s->holes;
    scan.num_holes = s->num_holes;
    scan.headless = carry->follows    ? carry->open
                    : scan.start == 0 ? !way->from_syn || s->begin > 0
                                      : false;
    scan_run(&scan);
    for (i = s->first; i < s->next; i++)
        put_back(r, s, &r->units[i]);
    hand_over(r, s, &scan, carry);
    memory_drop(s->was);
    memory_drop(s->now);
    memory_drop(s->holes);
}

static void finish_way(struct redactor *r, size_t first, size_t end)
{
    struct carry carry = {.reached = INT64_MIN};

    while (first < end) {
        struct stretch s = {.first = first};

        find_stretch(r, &s, end);
        finish_stretch(r, &s, &carry);
        first = s.next;
    }
    memory_drop(carry.at);
}

static int compare_units(const void *a, const void *b)
{
    const struct unit *x = a, *y = b;

    if (x->way != y->way)
        return x->way < y->way ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* A fragment alone may be any part of a ticket. */
static void finish_waiting(struct redactor *r)
{
    uint8_t *zeros = memory_take(LIMIT_FRAME_BYTES, 1);
    size_t i;

    for (i = 0; i < r->num_waiting; i++) {
        const struct waiting *w = &r->waiting[i];

        if (w->done)
            continue;
        if (w->at == SIZE_MAX)
            r->unreachable = true;
        else
            patches_add(&r->patches, w->frame, w->at,
                        (struct bytes){zeros, size_min(w->len, LIMIT_FRAME_BYTES)});
        r->counts.zeroed++;
    }
    memory_drop(zeros);
}

bool redactor_finish(struct redactor *r)
{
    size_t i, k;

    if (r->num_units > 0)
        qsort(r->units, r->num_units, sizeof(*r->units), compare_units);
    for (i = 0; i < r->num_units; i = k) {
        k = i + 1;
        if (r->units[i].way == 0) {
            finish_single(r, &r->units[i]);
            continue;
        }
        while (k < r->num_units && r->units[k].way == r->units[i].way)
            k++;
        finish_way(r, i, k);
    }
    finish_waiting(r);
    patches_sort(&r->patches);
    return !r->unreachable;
}
