/* SPDX-License-Identifier: MIT */
#include "flow/ranges.h"

#include "base/memory.h"

enum { FIRST_RANGES = 4 };

static void make_place(struct ranges *ranges, size_t at)
{
    if (ranges->num == ranges->room) {
        size_t room = ranges->room == 0 ? FIRST_RANGES : ranges->room * 2;

        ranges->at = memory_grow(ranges->at, room, sizeof(*ranges->at));
        ranges->held += (room - ranges->room) * sizeof(*ranges->at);
        ranges->room = room;
    }
    if (at < ranges->num)
        memmove(&ranges->at[at + 1], &ranges->at[at], (ranges->num - at) * sizeof(*ranges->at));
    ranges->num++;
}

static void close_place(struct ranges *ranges, size_t at)
{
    ranges->num--;
    memmove(&ranges->at[at], &ranges->at[at + 1], (ranges->num - at) * sizeof(*ranges->at));
}

static void append(struct ranges *ranges, struct range *range, struct bytes bytes)
{
    size_t need = range->len + bytes.len; /* both are bounded by LIMIT_STREAM_BYTES */

    if (need > range->room) {
        size_t room = range->room == 0 || range->room * 2 < need ? need : range->room * 2;

        range->at = memory_grow(range->at, room, 1);
        ranges->held += room - range->room;
        range->room = room;
    }
    if (bytes.len > 0)
        memcpy(range->at + range->len, bytes.at, bytes.len);
    range->len = need;
    ranges->len += bytes.len;
}

/* Joins the range with those that follow without a gap, as long as they are not longer than it:
 * then a byte is copied at most log n times, whatever the order of arrival is. */
static void merge(struct ranges *ranges, size_t at)
{
    while (at + 1 < ranges->num) {
        struct range *range = &ranges->at[at], *next = range + 1;

        if (range_end(range) != next->offset || next->len > range->len)
            break;
        append(ranges, range, (struct bytes){next->at, next->len});
        range->cut = next->cut;
        ranges->len -= next->len;
        ranges->held -= next->room;
        memory_drop(next->at);
        close_place(ranges, at + 1);
    }
}

/* Stores bytes that overlap nothing, before the range of index `at`. */
static void insert(struct ranges *ranges, size_t at, uint64_t offset, struct bytes bytes,
                   size_t cut)
{
    struct range *before = at > 0 ? &ranges->at[at - 1] : NULL;

    if (before != NULL && range_end(before) == offset) {
        at--;
    } else {
        make_place(ranges, at);
        ranges->at[at] = (struct range){.offset = offset};
    }
    append(ranges, &ranges->at[at], bytes);
    ranges->at[at].cut = cut;
    merge(ranges, at);
}

/* Index of the first range that ends behind the offset. New bytes mostly belong to the end. */
static size_t first_behind(const struct ranges *ranges, uint64_t offset)
{
    size_t at = ranges->num;

    while (at > 0 && range_end(&ranges->at[at - 1]) > offset)
        at--;
    return at;
}

static bool same(const struct range *range, uint64_t offset, const uint8_t *bytes, size_t len)
{
    return len == 0 || memcmp(range->at + (offset - range->offset), bytes, len) == 0;
}

bool ranges_store(struct ranges *ranges, uint64_t offset, struct bytes bytes, size_t cut,
                  void (*stored)(void *user, uint64_t offset), void *user)
{
    size_t at = first_behind(ranges, offset);
    bool match = true;

    if (bytes.len == 0 && cut > 0 && (at == ranges->num || ranges->at[at].offset > offset)) {
        insert(ranges, at, offset, bytes, cut);
        stored(user, offset);
    }
    while (bytes.len > 0) {
        struct range *range = at < ranges->num ? &ranges->at[at] : NULL;
        size_t len = bytes.len;

        if (range != NULL && range->offset <= offset) {
            len = (size_t)(range_end(range) - offset);
            len = size_min(len, bytes.len);
            match &= same(range, offset, bytes.at, len);
            at++;
        } else {
            if (range != NULL && range->offset - offset < len)
                len = (size_t)(range->offset - offset);
            insert(ranges, at, offset, (struct bytes){bytes.at, len}, len == bytes.len ? cut : 0);
            stored(user, offset);
            at = first_behind(ranges, offset + len);
        }
        offset += len;
        bytes.at += len;
        bytes.len -= len;
    }
    return match;
}

void ranges_take(struct ranges *ranges, struct range *out)
{
    *out = ranges->at[0];
    ranges->len -= out->len;
    ranges->held -= out->room;
    close_place(ranges, 0);
    if (ranges->num == 0)
        ranges_clear(ranges);
}

void ranges_put_front(struct ranges *ranges, const struct range *range)
{
    make_place(ranges, 0);
    ranges->at[0] = *range;
    ranges->len += range->len;
    ranges->held += range->room;
}

void ranges_shift(struct ranges *ranges, uint64_t by)
{
    size_t i;

    for (i = 0; i < ranges->num; i++)
        ranges->at[i].offset += by;
}

void ranges_clear(struct ranges *ranges)
{
    size_t i;

    for (i = 0; i < ranges->num; i++)
        memory_drop(ranges->at[i].at);
    memory_drop(ranges->at);
    memset(ranges, 0, sizeof(*ranges));
}
