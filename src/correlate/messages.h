/* SPDX-License-Identifier: MIT */
/* What attempts over any protocol share: the messages that carry tokens (http, smb2, ldap, dcerpc),
 * the tokens in them, which answers which, and what the connection adds. Part of join.h. */
#ifndef KRBWHY_CORRELATE_MESSAGES_H
#define KRBWHY_CORRELATE_MESSAGES_H

#include "correlate/join.h"

/* The tokens that hang below a message, first of each kind; observation ids, 0: none. */
struct tokens {
    int64_t gss, ap_req, ap_rep, error, ntlm;
};

/* Whether it is a message that may carry tokens; and whether it answers one, and which (0: not
 * seen). */
bool messages_is_one(const struct observation *seen, bool *out_response, int64_t *out_request);

/* Fills replies, children, conns, flow_messages and hello of the join; before all that follows. */
void messages_index(struct join *join);

struct tokens messages_tokens(const struct join *join, int64_t message);

/* When the connection of a request began (its first message seen), for what DNS answers are held
 * against: the request at the latest. */
int64_t messages_begin_ns(const struct join *join, const struct observation *request);

/* E8: the computer that says its name in an NTLM CHALLENGE on the same connection. */
void messages_explain_computer(struct join *join, struct attempt *attempt,
                               const struct source *flow);

/* Sets how an attempt ended; `how` is static, or lives in the case. */
void attempt_end(struct attempt *attempt, enum outcome outcome, const char *how);

/* No answer was seen: was the connection cut off? */
void messages_judge_silence(struct join *join, struct attempt *attempt, const struct source *flow);

/* The same client failed with Kerberos at the same server just before: NTLM then belongs to that
 * attempt. NULL: it did not. */
struct attempt *messages_failed_before(struct join *join, const struct observation *request);

#endif
