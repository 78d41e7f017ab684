/* SPDX-License-Identifier: MIT */
/* Where an HTTP connection stands, and the stages in which its bytes are taken; for the files of
 * the HTTP carrier only. */
#ifndef KRBWHY_CARRIER_HTTP_STATE_H
#define KRBWHY_CARRIER_HTTP_STATE_H

#include "carrier/http_pairs.h"

enum http_stage {
    STAGE_START, /* a start line comes next */
    STAGE_LOST,  /* somewhere inside of something: wait for a start line */
    STAGE_LENGTH,
    STAGE_CHUNK, /* a chunk's size comes next */
    STAGE_CHUNK_DATA,
    STAGE_CHUNK_END, /* the line end behind a chunk */
    STAGE_TRAILER,
    STAGE_TO_END /* of the connection */
};

struct http_side {
    enum http_stage stage;
    bool after_gap;               /* bytes went by unread since the place was lost */
    size_t scanned;               /* how far the end of the head at hand was looked for */
    size_t line_checked;          /* octets of a start line without an end that were found good */
    size_t line_scanned;          /* how far its end was looked for */
    uint64_t until;               /* stream offset where the body, or the chunk's data, ends */
    int64_t late;                 /* the last frame of the bytes that came with the latest gap */
    struct http_message *message; /* whose body this is; NULL: it is logged already */
};

struct http_state {
    struct http_side side[2];
    struct http_pairs pairs;
    bool tunnel;                 /* a CONNECT was seen: anything may follow */
    const struct carrier *inner; /* what follows */
    void *inner_state;
};

/* What one call works with. */
struct http_call {
    struct http_state *state;
    struct carriage *carriage;
    struct flow *flow;
    const struct segment *segment;
    int number; /* of the side */
    struct http_side *side;
    bool late; /* the segment came in several frames and was not completed by the last of them: a
                  gap was given up. A message in it is then taken up to its last byte, to see the
                  frame of that one */
    int64_t frame, time_ns; /* in which a message ends that ends here */
};

/* Logs a message that ends in the segment at hand; `damaged`, when not NULL, replaces its own. */
void http_end_message(const struct http_call *call, struct http_message *message,
                      const char *damaged);

/* The body is over: logs its message, if that is not in the log yet. A start line comes next. */
void http_end_body(const struct http_call *call, const char *damaged);

void http_say_long_line(const struct http_call *call);

/* From here on it is not known where a message begins. */
void http_lose(const struct http_call *call, const char *damaged);

/* STAGE_START and STAGE_LOST: return what they consume, as flow_events.data. */
size_t http_take_start(const struct http_call *call);
size_t http_take_lost(const struct http_call *call);

/* More than any connection carries. */
#if SIZE_MAX > UINT32_MAX
#define HTTP_SKIP_TO_END ((size_t)1 << 48)
#else
#define HTTP_SKIP_TO_END (SIZE_MAX / 2)
#endif

#endif
