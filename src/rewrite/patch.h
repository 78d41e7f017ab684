/* SPDX-License-Identifier: MIT */
/* Octets to be written into frames. */
#ifndef KRBWHY_REWRITE_PATCH_H
#define KRBWHY_REWRITE_PATCH_H

#include "base/text.h"

struct patch {
    int64_t frame;
    size_t at; /* in the frame's data */
    size_t len;
    size_t bytes; /* where they begin in patches.store */
    size_t order;
};

/* All zero is a valid, empty list. */
struct patches {
    struct patch *at;
    size_t num, room;
    struct text store;
};

void patches_add(struct patches *patches, int64_t frame, size_t at, struct bytes bytes);

/* After the last patches_add, before the next two. */
void patches_sort(struct patches *patches);

/* Whether there is one for the frame. */
bool patches_have(const struct patches *patches, int64_t frame);

/* Writes those of the frame, in the order of patches_add, as far as they are within the data. */
void patches_apply(const struct patches *patches, int64_t frame, uint8_t *data, size_t len);

void patches_clear(struct patches *patches);

/* The Internet checksum `sum` (RFC 1071) of octets of which `was`, at an even place, became `now`
 * (RFC 1624): right if it was right, as wrong as it was otherwise. */
uint16_t checksum_mend(uint16_t sum, struct bytes was, struct bytes now);

#endif
