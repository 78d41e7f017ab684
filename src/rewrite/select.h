/* SPDX-License-Identifier: MIT */
/* A set of frame numbers. */
#ifndef KRBWHY_REWRITE_SELECT_H
#define KRBWHY_REWRITE_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is a valid, empty set. */
struct frame_set {
    uint8_t *bits;
    size_t len; /* bytes */
};

void frame_set_add(struct frame_set *set, int64_t frame); /* frame > 0 */
bool frame_set_has(const struct frame_set *set, int64_t frame);
void frame_set_clear(struct frame_set *set);

#endif
