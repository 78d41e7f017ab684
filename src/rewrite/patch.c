/* SPDX-License-Identifier: MIT */
#include "rewrite/patch.h"

#include <stdlib.h>

#include "base/memory.h"

void patches_add(struct patches *patches, int64_t frame, size_t at, struct bytes bytes)
{
    if (bytes.len == 0)
        return;
    if (patches->num == patches->room) {
        patches->room = patches->room == 0 ? 64 : patches->room * 2;
        patches->at = memory_grow(patches->at, patches->room, sizeof(*patches->at));
    }
    patches->at[patches->num] =
        (struct patch){frame, at, bytes.len, patches->store.len, patches->num};
    patches->num++;
    text_put_bytes(&patches->store, bytes);
}

static int compare(const void *a, const void *b)
{
    const struct patch *x = a, *y = b;

    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

void patches_sort(struct patches *patches)
{
    if (patches->num > 0)
        qsort(patches->at, patches->num, sizeof(*patches->at), compare);
}

/* The first that is not of an earlier frame. */
static size_t find(const struct patches *patches, int64_t frame)
{
    size_t low = 0, high = patches->num;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (patches->at[middle].frame < frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool patches_have(const struct patches *patches, int64_t frame)
{
    size_t i = find(patches, frame);

    return i < patches->num && patches->at[i].frame == frame;
}

void patches_apply(const struct patches *patches, int64_t frame, uint8_t *data, size_t len)
{
    size_t i;

    for (i = find(patches, frame); i < patches->num && patches->at[i].frame == frame; i++) {
        const struct patch *patch = &patches->at[i];

        if (patch->at < len)
            memcpy(data + patch->at, patches->store.at + patch->bytes,
                   size_min(patch->len, len - patch->at));
    }
}

void patches_clear(struct patches *patches)
{
    memory_drop(patches->at);
    text_clear(&patches->store);
    memset(patches, 0, sizeof(*patches));
}

static uint32_t word(struct bytes bytes, size_t at)
{
    return (uint32_t)bytes.at[at] << 8 | (at + 1 < bytes.len ? bytes.at[at + 1] : 0u);
}

uint16_t checksum_mend(uint16_t sum, struct bytes was, struct bytes now)
{
    uint64_t total = (uint16_t)~sum;
    size_t i;

    for (i = 0; i < size_min(was.len, now.len); i += 2)
        total += (~word(was, i) & 0xFFFF) + word(now, i);
    while (total >> 16 != 0)
        total = (total & 0xFFFF) + (total >> 16);
    return (uint16_t)~total;
}
