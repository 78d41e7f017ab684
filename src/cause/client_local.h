/* SPDX-License-Identifier: MIT */
/* Log-ons that end inside the client, with no error on the wire. */
#ifndef KRBWHY_CAUSE_CLIENT_LOCAL_H
#define KRBWHY_CAUSE_CLIENT_LOCAL_H

#include "correlate/attempt.h"

/* The AS-REP names the realm in other letters than the request, the client did not ask for
 * canonical names nor, as Windows does, whether to send a PAC, and the attempt went no further. */
bool client_local_is(const struct joined_case *joined, const struct attempt *attempt);

#endif
