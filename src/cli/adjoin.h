/* SPDX-License-Identifier: MIT */
/* Whether a file goes on where the one before it ended (docs/decisions.md, "Consecutive files"). */
#ifndef KRBWHY_CLI_ADJOIN_H
#define KRBWHY_CLI_ADJOIN_H

#include "base/text.h"
#include "capture/capture.h"

/* What the next file is held against. All zero: nothing was read yet. */
struct adjoin {
    struct arena arena;
    const char **link_types, **interfaces; /* in the arena; NULL in it: an interface without name */
    size_t num_link_types, num_interfaces;
    const char *hardware, *os;
    bool zone_unknown, has_time;
    int64_t last_ns;
    uint64_t silence_ns; /* the longest between two frames */
};

/* From a to b, a <= b, whatever times a file claims. */
static inline uint64_t adjoin_gap(int64_t a, int64_t b)
{
    return (uint64_t)b - (uint64_t)a;
}

/* A frame more; for every frame of every file, so it does next to nothing. */
static inline void adjoin_frame(struct adjoin *adjoin, const struct frame *frame)
{
    if (!frame->has_time)
        return;
    if (adjoin->has_time && frame->time_ns > adjoin->last_ns &&
        adjoin_gap(adjoin->last_ns, frame->time_ns) > adjoin->silence_ns)
        adjoin->silence_ns = adjoin_gap(adjoin->last_ns, frame->time_ns);
    adjoin->last_ns = frame->time_ns;
    adjoin->has_time = true;
}

/* A file was read to its end. */
void adjoin_file(struct adjoin *adjoin, const struct capture_info *info);

/* True when the file whose first frame was just read belongs behind the one before it. Otherwise
 * *out_why is the reason, as the end of a sentence. */
bool adjoin_check(const struct adjoin *adjoin, const struct capture_info *info,
                  const struct frame *first, struct text *out_why);

void adjoin_clear(struct adjoin *adjoin);

#endif
