/* SPDX-License-Identifier: MIT */
/* Which response answers which request (RFC 9112 9.3.2: by order), and messages that wait: a head
 * for the end of its body, a response for the request that is still on its way. */
#ifndef KRBWHY_CARRIER_HTTP_PAIRS_H
#define KRBWHY_CARRIER_HTTP_PAIRS_H

#include "carrier/carrier.h"

struct http_head; /* protocol/http.h */

struct http_exchange {
    struct http_exchange *next; /* younger */
    unsigned refs;
    char method[9];               /* cut off; enough for HEAD and CONNECT */
    bool pending;                 /* the request is not in the log yet */
    int64_t request;              /* its id */
    struct http_message *waiting; /* complete responses, oldest first */
    size_t num_waiting;
};

struct http_message {
    struct http_message *next;
    bool response;
    int64_t number;
    struct http_exchange
        *exchange; /* a reference; NULL: of a response whose request is not known */
    struct bytes head;
    const struct http_head *parsed; /* what was read in it; NULL: to be read again (it is kept) */
    struct source source;
    char mac[18]; /* what source.src_mac points to in a message that is kept */
    size_t held;  /* bytes counted in carriage->held; 0: borrowed for the call */
};

/* Of one connection. All zero is a valid start. */
struct http_pairs {
    struct http_exchange *oldest; /* that no response has begun to answer */
    bool lossy; /* messages were missed: then no more than one request is taken to be open */
    int64_t num_requests, num_responses;
};

/* A request began at `source`: its exchange, with a reference for the caller. Too many that are
 * open (LIMIT_HTTP_OPEN) are given up. */
struct http_exchange *http_pairs_ask(struct http_pairs *pairs, struct carriage *carriage,
                                     const struct source *source, struct bytes method);

/* A response began: the exchange it belongs to, with a reference for the caller; NULL when its
 * request was not seen. An interim one (1xx) leaves it open. */
struct http_exchange *http_pairs_answer(struct http_pairs *pairs, bool interim);

/* Messages of one side were missed. */
void http_pairs_lose(struct http_pairs *pairs, struct carriage *carriage);

void http_pairs_clear(struct http_pairs *pairs, struct carriage *carriage);

/* A copy of the message that holds its head. NULL when LIMIT_HELD_BYTES forbids it (a problem is
 * logged the first time). The reference to the exchange goes with it. */
struct http_message *http_message_keep(const struct http_message *message,
                                       struct carriage *carriage);

/* The message is complete: logs it, or lets it wait for its request. Gives back its reference, and
 * the message itself when it was kept. */
void http_message_end(struct http_message *message, struct carriage *carriage);

#endif
