/* SPDX-License-Identifier: MIT */
/* What a failure that only an event log tells of can be said to be. */
#ifndef KRBWHY_CAUSE_EVENT_STORY_H
#define KRBWHY_CAUSE_EVENT_STORY_H

#include "cause/finding.h"
#include "cause/index.h"

/* Puts the event's own words into the finding of an attempt of event_attempts(): title,
 * explanation, the causes that it leaves open, and what to collect. A fix stays where files settle
 * the cause. */
void event_story(struct finding *finding, const struct attempt *attempt, const struct index *index,
                 struct arena *arena);

#endif
