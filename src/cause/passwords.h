/* SPDX-License-Identifier: MIT */
/* What stale-service-password and stale-machine-account have in common: the right account, and a
 * key that is out of step with the directory. */
#ifndef KRBWHY_CAUSE_PASSWORDS_H
#define KRBWHY_CAUSE_PASSWORDS_H

#include "cause/facts.h"
#include "cause/judgement.h"

/* True, with the judgement refuted, when nothing of the kind can be. */
bool passwords_excluded(const struct facts *facts, struct judgement *judgement);

/* Other explanations of a difference in kvno come first. */
int passwords_weaken(const struct facts *facts, int strength);

void passwords_say(const struct facts *facts, struct judgement *judgement);

#endif
