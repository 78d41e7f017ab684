/* SPDX-License-Identifier: MIT */
/* Event ID 4 of the Kerberos client tells what the wire would have: the SPN, and who could not open
 * the ticket. Made into attempts of their own, where no capture is there. */
#ifndef KRBWHY_CAUSE_EVENT_ATTEMPT_H
#define KRBWHY_CAUSE_EVENT_ATTEMPT_H

#include "cause/index.h"

/* An attempt that failed with 41 for every different pair of server and target among the events,
 * at most LIMIT_STANDING. Returns how many; *out lives in the arena. `error` of each is the event's
 * observation. */
size_t event_attempts(struct attempt **out, const struct index *index, struct arena *arena);

/* The KRB-ERROR that an event stands for, in the arena; NULL when the observation is no event. */
const struct krb *event_error(const struct log *log, int64_t observation, struct arena *arena);

#endif
