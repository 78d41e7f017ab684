/* SPDX-License-Identifier: MIT */
/* How a stream's bytes reach the user: views on the packet at hand or on the buffer, and gaps. */
#ifndef KRBWHY_FLOW_HANDOVER_H
#define KRBWHY_FLOW_HANDOVER_H

#include "flow/stream.h"

/* How many bytes the user left in the buffer. */
static inline size_t stream_buffered(const struct stream *s)
{
    return s->read < s->end ? (size_t)(s->end - s->read) : 0;
}

/* No byte before this one is missing to the user. */
static inline uint64_t stream_edge(const struct stream *s)
{
    return s->read > s->end ? s->read : s->end;
}

struct view {
    struct bytes data; /* from offset `read` */
    bool borrowed;     /* of the packet at hand: no marks tell where they are from */
    bool gap_after, ended, by_fin;
};

/* Calls the user until he takes nothing more. Sets `over` when he ignores the flow. */
void stream_deliver(struct stream *stream, const struct stream_io *io, struct view view);

/* Hands over the buffer (view.data is not looked at) and lets go of what was taken from it. */
void stream_deliver_buffer(struct stream *stream, const struct stream_io *io, struct view view);

/* Puts bytes behind the `have` ones in the buffer. */
void stream_keep(struct stream *stream, size_t have, struct bytes bytes);

/* Nothing before `to` will come. `told`: the user knows of the gap from the call that handed over
 * the bytes in front of it. What he left there is discarded. */
void stream_pass_gap(struct stream *stream, const struct stream_io *io, uint64_t to, bool told);

/* After bytes were taken: forgets where they are from. */
void stream_forget_marks(struct stream *stream);

#endif
