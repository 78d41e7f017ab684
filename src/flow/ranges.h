/* SPDX-License-Identifier: MIT */
/* Bytes that came before those in front of them: sorted pieces of a stream that do not overlap. */
#ifndef KRBWHY_FLOW_RANGES_H
#define KRBWHY_FLOW_RANGES_H

#include "base/bytes.h"

struct range {
    uint64_t offset;
    uint8_t *at;
    size_t len, room;
    size_t cut; /* so many bytes behind these were on the wire and not in the capture */
};

/* All zero is a valid, empty list. */
struct ranges {
    struct range *at;
    size_t num, room;
    size_t len;  /* bytes in all of them */
    size_t held; /* bytes of memory for that */
};

static inline uint64_t range_end(const struct range *range)
{
    return range->offset + range->len;
}

/* What of the bytes is not there already is copied. `stored` is called with the offset of each
 * part. Returns false when some of them are there with another value: the first copy stays. May
 * need num + 1 places more than there are (the caller checks the bound). */
bool ranges_store(struct ranges *ranges, uint64_t offset, struct bytes bytes, size_t cut,
                  void (*stored)(void *user, uint64_t offset), void *user);

/* Takes the first one out of the list: the caller drops out->at. The list must not be empty. */
void ranges_take(struct ranges *ranges, struct range *out);

/* Puts a heap block that ends at or before the first one in front of it and takes it over. */
void ranges_put_front(struct ranges *ranges, const struct range *range);

void ranges_shift(struct ranges *ranges, uint64_t by);
void ranges_clear(struct ranges *ranges);

#endif
