/* SPDX-License-Identifier: MIT */
/* What a report's findings say about frames: which are cited and why, and which conversations they
 * belong to. Made right of the wall, from observations only. */
#ifndef KRBWHY_REWRITE_PLAN_H
#define KRBWHY_REWRITE_PLAN_H

#include "packet/packet.h"
#include "report/report.h"

struct plan_comment {
    int64_t frame;
    size_t order; /* in which it was said */
    const char *text;
};

/* Addresses and ports of both sides, the smaller end first. */
struct plan_flow {
    struct address address[2];
    uint16_t port[2];
    uint8_t transport;
};

struct plan {
    struct arena arena;
    struct plan_comment *comments; /* ascending by frame, each frame once */
    size_t num_comments, comments_room;
    struct plan_flow *flows; /* sorted, each once */
    size_t num_flows, flows_room;
    int64_t *frames; /* cited, and not found by way of a flow; ascending */
    size_t num_frames, frames_room;
    size_t num_findings;
    /* What the capture carries that opens doors: for the warning. */
    int64_t tickets, ntlm, basic;
};

/* Of the one capture among report->inputs with index `input`. *plan is zeroed. */
void plan_init(struct plan *plan, const struct report *report, int64_t input);
void plan_clear(struct plan *plan);

/* NULL: the frame is not cited. */
const char *plan_comment(const struct plan *plan, int64_t frame);

/* Whether the packet is of one of the conversations. */
bool plan_has_packet(const struct plan *plan, const struct packet *packet);
bool plan_has_frame(const struct plan *plan, int64_t frame);

#endif
