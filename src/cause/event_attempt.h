/* SPDX-License-Identifier: MIT */
/* Event IDs 4 and 3 of the Kerberos client, and decoded frames copied as text, tell what the wire
 * would have: who could not open the ticket, and mostly the SPN. Made into attempts of their own,
 * where no capture is there. */
#ifndef KRBWHY_CAUSE_EVENT_ATTEMPT_H
#define KRBWHY_CAUSE_EVENT_ATTEMPT_H

#include "cause/index.h"

/* What one of them says. Texts are the observation's; target and time may be NULL. */
struct told {
    int64_t code;               /* of the KRB-ERROR */
    const char *server, *realm; /* sname and realm of who could not */
    const char *target, *time;  /* the SPN; the moment as written */
    const char *by;             /* "Event ID 4"; static */
};

/* False when the observation tells of no ticket that a service could not open. */
bool told_parse(struct told *out, const struct observation *seen);

/* An attempt that failed for every different pair of server and target, at most LIMIT_STANDING
 * (*out_more: there are others); one without a target only where no other names the same server.
 * Returns how many; *out lives in the arena. `error` of each is the observation. */
size_t event_attempts(struct attempt **out, const struct index *index, struct arena *arena,
                      bool *out_more);

/* The KRB-ERROR that such an observation stands for, in the arena; NULL when it is none. */
const struct krb *event_error(const struct log *log, int64_t observation, struct arena *arena);

#endif
