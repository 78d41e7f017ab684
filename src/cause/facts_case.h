/* SPDX-License-Identifier: MIT */
/* The part of facts.h that looks at the rest of the case. */
#ifndef KRBWHY_CAUSE_FACTS_CASE_H
#define KRBWHY_CAUSE_FACTS_CASE_H

#include "cause/facts.h"

/* Fills same, rep_*, works_*, class_*, later_success, own, server_is_kdc. */
void facts_case(struct facts *facts);

/* Fills ev. */
void facts_evidence(struct facts *facts);

/* Parts of facts_evidence: the Event ID 4 of this failure, with the acceptor it names; and the
 * rest, from hosts_line to password_b. */
void facts_keys(struct facts *facts); /* opener, opened, key_* */

/* "IIS01$" and "IIS01" are one account in setspn's output. */
bool facts_same_account(const char *a, const char *b);

/* The acceptor's account against another one. */
enum match facts_compare(const struct facts *facts, const char *account, bool computer);

void facts_events(struct facts *facts);
void facts_files(struct facts *facts);

/* A DNS response that gave this client an address for another name; 0 none. */
int64_t facts_other_names(const struct facts *facts);

/* The client asks DNS again for what it was just told: it keeps no cache. */
bool facts_no_cache(const struct facts *facts);

/* Any DNS answer to this client has that name in it. */
bool facts_told_of(const struct facts *facts, const char *host);

/* The client's own requests to a KDC are in the capture. */
bool facts_client_talks(const struct facts *facts);

#endif
