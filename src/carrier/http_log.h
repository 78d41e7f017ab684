/* SPDX-License-Identifier: MIT */
/* A whole HTTP message becomes observations: http, and those of the tokens in it. */
#ifndef KRBWHY_CARRIER_HTTP_LOG_H
#define KRBWHY_CARRIER_HTTP_LOG_H

#include "carrier/carrier.h"

/* Appends the message whose head this is (borrowed for the call; http_parse_head takes it) and its
 * tokens. `number`: http.number, `request`: http.request. Returns the id; 0 when the log is full or
 * the head is none. */
int64_t http_log(struct carriage *carriage, const struct source *source, struct bytes head,
                 int64_t number, int64_t request);

#endif
