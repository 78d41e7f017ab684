/* SPDX-License-Identifier: MIT */
/* What judges make of evidence files and keys: sentences, and when something is proven. */
#ifndef KRBWHY_CAUSE_PROOF_H
#define KRBWHY_CAUSE_PROOF_H

#include "cause/facts.h"
#include "cause/judgement.h"

/* The key that made the ticket and the account that tried are those of two accounts, and both are
 * known: from a key that opens the ticket, or from files that list both. */
bool proof_two_accounts(const struct facts *facts);

/* A key of the computer that the SPN names opens the ticket, and another account tried. */
bool proof_target_key(const struct facts *facts);

/* One account: the holder of the SPN is who tried. */
bool proof_one_account(const struct facts *facts);

/* Refutes a cause that supposes one account with two keys; true when it did. */
bool proof_excludes_keys(const struct facts *facts, struct judgement *judgement);

/* Refutes a cause that supposes two accounts; true when it did. */
bool proof_excludes_owners(const struct facts *facts, struct judgement *judgement);

/* Refutes a look-alike of a cause that evidence proves, by that evidence. */
void proof_settles(const struct facts *facts, const char *cause, struct judgement *judgement);

/* Says who holds the SPN and who tried, as far as evidence shows it. */
void proof_say(const struct facts *facts, struct judgement *judgement);

#endif
