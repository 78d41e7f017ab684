/* SPDX-License-Identifier: MIT */
/* A finding in words, for somebody who does not know Kerberos. */
#ifndef KRBWHY_CAUSE_STORY_H
#define KRBWHY_CAUSE_STORY_H

#include "cause/cause.h"
#include "cause/incident.h"

/* One line with the case's names. */
const char *story_title(const struct facts *facts, const struct cause *cause, struct arena *arena);

/* A paragraph: who asked for what, whose key made the ticket, who tried it, why they differ.
 * `owner` may be NULL. */
const char *story_explain(const struct facts *facts, const struct cause *cause,
                          const struct incident *incident, const char *owner, bool expected,
                          struct arena *arena);

#endif
