/* SPDX-License-Identifier: MIT */
#include "carrier/carrier.h"

struct source carrier_source(const struct flow *flow, int side, const struct segment *segment,
                             const char *carrier, const char *damaged)
{
    struct source source = {
        .flow = flow->id,
        .reply = side == 1,
        .transport = flow->transport,
        .first_frame = segment != NULL ? segment->first_frame : flow->frame,
        .frame = segment != NULL ? segment->frame : flow->frame,
        .first_ns = segment != NULL ? segment->first_ns : flow->time_ns,
        .time_ns = segment != NULL ? segment->time_ns : flow->time_ns,
        .src = flow->address[side],
        .sport = flow->port[side],
        .dst = flow->address[1 - side],
        .dport = flow->port[1 - side],
        .src_mac = flow->has_mac ? flow->src_mac_text : NULL,
        .carrier = carrier,
        .damaged = damaged,
        .process = flow->process,
    };

    if (flow->pid > 0)
        source.pid = optint(flow->pid);
    return source;
}
