/* SPDX-License-Identifier: MIT */
#include "carrier/http_pairs.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/memory.h"
#include "carrier/http_log.h"

/* ---- Messages ---- */

struct http_message *http_message_keep(const struct http_message *message,
                                       struct carriage *carriage)
{
    size_t held = sizeof(*message) + message->head.len;
    struct http_message *kept;

    if (held > LIMIT_HELD_BYTES - size_min(carriage->held, LIMIT_HELD_BYTES)) {
        struct problem problem = {.code = "limit-held",
                                  .message = "too many HTTP messages are open at once; some are "
                                             "shown in the frame of their head",
                                  .at_frame = optint(message->source.frame),
                                  .times = 1};

        if (!carriage->held_full)
            log_append(carriage->log, KIND_problem, &message->source, &problem);
        carriage->held_full = true;
        return NULL;
    }
    kept = memory_take(1, held);
    *kept = *message;
    memcpy(kept + 1, message->head.at, message->head.len);
    kept->head.at = (const uint8_t *)(kept + 1);
    kept->parsed = NULL; /* its views were of the frame */
    if (message->source.src_mac != NULL) {
        snprintf(kept->mac, sizeof(kept->mac), "%s", message->source.src_mac);
        kept->source.src_mac = kept->mac;
    }
    kept->held = held;
    carriage->held += held;
    return kept;
}

static void drop_message(struct http_message *message, struct carriage *carriage)
{
    if (message->held == 0)
        return;
    carriage->held -= message->held;
    memory_drop(message);
}

/* ---- Exchanges ---- */

static void log_waiting(struct http_exchange *exchange, struct carriage *carriage)
{
    while (exchange->waiting != NULL) {
        struct http_message *message = exchange->waiting;

        exchange->waiting = message->next;
        http_log(carriage, message, exchange->request);
        drop_message(message, carriage);
    }
}

static void release(struct http_exchange *exchange, struct carriage *carriage)
{
    if (exchange == NULL || --exchange->refs > 0)
        return;
    log_waiting(exchange, carriage);
    memory_drop(exchange);
}

/* Forgets the open requests up to the last `keep` ones. */
static void forget(struct http_pairs *pairs, struct carriage *carriage, size_t keep)
{
    struct http_exchange *exchange;
    size_t num = 0;

    for (exchange = pairs->oldest; exchange != NULL; exchange = exchange->next)
        num++;
    for (; num > keep; num--) {
        exchange = pairs->oldest;
        pairs->oldest = exchange->next;
        release(exchange, carriage);
    }
}

struct http_exchange *http_pairs_ask(struct http_pairs *pairs, struct carriage *carriage,
                                     const struct source *source, struct bytes method)
{
    struct http_exchange *exchange = memory_take(1, sizeof(*exchange)), **end = &pairs->oldest;
    size_t num = 0;

    if (pairs->lossy)
        forget(pairs, carriage, 0);
    for (; *end != NULL; end = &(*end)->next)
        num++;
    if (num >= LIMIT_HTTP_OPEN) { /* as where only one side was captured */
        carrier_limit(carriage, CARRIER_HTTP_OPEN, source);
        http_pairs_lose(pairs, carriage);
        forget(pairs, carriage, 0);
        end = &pairs->oldest;
    }
    exchange->refs = 2;
    exchange->pending = true;
    memcpy(exchange->method, method.at, size_min(method.len, sizeof(exchange->method) - 1));
    *end = exchange;
    pairs->num_requests++;
    return exchange;
}

struct http_exchange *http_pairs_answer(struct http_pairs *pairs, bool interim)
{
    struct http_exchange *exchange = pairs->oldest;

    pairs->num_responses++;
    if (exchange == NULL)
        return NULL;
    if (interim)
        exchange->refs++;
    else
        pairs->oldest = exchange->next; /* its reference goes to the response */
    return exchange;
}

void http_pairs_lose(struct http_pairs *pairs, struct carriage *carriage)
{
    pairs->lossy = true;
    forget(pairs, carriage, 1);
}

void http_pairs_clear(struct http_pairs *pairs, struct carriage *carriage)
{
    forget(pairs, carriage, 0);
}

/* ---- Ends ---- */

/* False when nothing has to be waited for, or no more can be. */
static bool wait_for_request(struct http_message *message, struct carriage *carriage)
{
    struct http_exchange *exchange = message->exchange;
    struct http_message **end = &exchange->waiting;

    if (!exchange->pending)
        return false;
    if (exchange->num_waiting >= LIMIT_HTTP_WAITING) {
        carrier_limit(carriage, CARRIER_HTTP_WAITING, &message->source);
        return false;
    }
    if (message->held == 0)
        message = http_message_keep(message, carriage);
    if (message == NULL)
        return false;
    while (*end != NULL)
        end = &(*end)->next;
    *end = message;
    message->next = NULL;
    message->exchange = NULL;
    exchange->num_waiting++;
    return true;
}

void http_message_end(struct http_message *message, struct carriage *carriage)
{
    struct http_exchange *exchange = message->exchange;

    if (!message->response && exchange != NULL) {
        exchange->request = http_log(carriage, message, 0);
        exchange->pending = false;
        log_waiting(exchange, carriage);
    } else if (exchange == NULL || !wait_for_request(message, carriage)) {
        http_log(carriage, message, exchange == NULL ? 0 : exchange->request);
    } else {
        release(exchange, carriage);
        return;
    }
    release(exchange, carriage);
    drop_message(message, carriage);
}
