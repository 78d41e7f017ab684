/* SPDX-License-Identifier: MIT */
/* A security token of any carrier (HTTP Negotiate, SMB session setup, LDAP bind, ...) becomes
 * observations. */
#ifndef KRBWHY_CARRIER_TOKEN_H
#define KRBWHY_CARRIER_TOKEN_H

#include "carrier/carrier.h"

/* Appends a gss observation, then those of the message inside it: krb, with nested messages after
 * it, or ntlm. They are linked by ids: `message_id` (the message that carries the token, already in
 * the log; 0 none) and `order` (which authentication header of it, from 0) go to gss and ntlm.
 * `source` is copied with its own `damaged` refined: an empty one becomes "malformed" on the lines
 * of what is damaged; a token that source->damaged calls "incomplete" may end early. The bytes are
 * borrowed for the call. Nothing secret is kept. */
void token_observe(struct carriage *carriage, const struct source *source, struct bytes token,
                   int64_t message_id, int64_t order);

#endif
