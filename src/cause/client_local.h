/* SPDX-License-Identifier: MIT */
/* Log-ons that end inside the client, with no error on the wire and so no failed attempt. */
#ifndef KRBWHY_CAUSE_CLIENT_LOCAL_H
#define KRBWHY_CAUSE_CLIENT_LOCAL_H

#include "cause/index.h"

/* The next AS exchange behind observation `after` (0 to begin) whose reply names the realm in other
 * letters than the request and after which the client asked for nothing more. Fills a bare attempt
 * (no id) with client, KDC and the two messages; returns the reply's id, 0 when there is none. */
int64_t client_local_next(const struct index *index, int64_t after, struct attempt *out);

#endif
