/* SPDX-License-Identifier: MIT */
#include "rewrite/redact.h"

#include "base/memory.h"

struct redactor {
    struct scan_counts counts;
};

struct redactor *redactor_open(void)
{
    return memory_take(1, sizeof(struct redactor));
}

bool redactor_frame(struct redactor *redactor, const struct frame *frame,
                    const struct packet *packet, const struct packet_pieces *pieces)
{
    (void)redactor;
    (void)frame;
    (void)packet;
    (void)pieces;
    return true;
}

void redactor_finish(struct redactor *redactor)
{
    (void)redactor;
}

bool redactor_has(struct redactor *redactor, int64_t frame)
{
    (void)redactor;
    (void)frame;
    return false;
}

void redactor_apply(struct redactor *redactor, int64_t frame, uint8_t *data, size_t frame_len)
{
    (void)redactor;
    (void)frame;
    (void)data;
    (void)frame_len;
}

const struct scan_counts *redactor_counts(const struct redactor *redactor)
{
    return &redactor->counts;
}

void redactor_close(struct redactor *redactor)
{
    memory_drop(redactor);
}
