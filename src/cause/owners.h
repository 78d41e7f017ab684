/* SPDX-License-Identifier: MIT */
/* What spn-wrong-account, duplicate-spn, http-shadows-host and upn-shadows-spn have in common: the
 * SPN is not on the account that opened, and the wire alone does not say how that came. */
#ifndef KRBWHY_CAUSE_OWNERS_H
#define KRBWHY_CAUSE_OWNERS_H

#include "cause/facts.h"
#include "cause/judgement.h"

/* Strength of the family for this attempt; 0 when it does not apply; -1 when it is refuted, the
 * judgement then says why. */
int owners_strength(const struct facts *facts, struct judgement *judgement);

/* The statements that the family shares, for and against. */
void owners_say(const struct facts *facts, struct judgement *judgement);

/* Refutes, and true, where the answer shows that the right service was reached under this name:
 * it has another key for it (31, 44), or took another ticket for it. */
bool owners_right_service(const struct facts *facts, struct judgement *judgement);

#endif
