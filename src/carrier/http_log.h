/* SPDX-License-Identifier: MIT */
/* A whole HTTP message becomes observations: http, and those of the tokens in it. */
#ifndef KRBWHY_CARRIER_HTTP_LOG_H
#define KRBWHY_CARRIER_HTTP_LOG_H

#include "carrier/http_pairs.h"

/* Appends the message, whose head http_parse_head takes, and its tokens. `request`: http.request.
 * Returns the id; 0 when the log is full or the head is none. */
int64_t http_log(struct carriage *carriage, const struct http_message *message, int64_t request);

#endif
