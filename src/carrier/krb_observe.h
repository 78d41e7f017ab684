/* SPDX-License-Identifier: MIT */
/* Kerberos messages become observations. */
#ifndef KRBWHY_CARRIER_KRB_OBSERVE_H
#define KRBWHY_CARRIER_KRB_OBSERVE_H

#include "asn1/kerberos.h"
#include "carrier/carrier.h"

/* Reads the message at the front of `in` (moved behind it) and appends a krb observation, and after
 * it one for each message nested in it, in the order in which they stand there. `gss`: id of the
 * token around it, 0 none. source->damaged, when NULL, becomes "incomplete" or "malformed" as the
 * message is. Returns the id; 0, with nothing appended, when it is no Kerberos message.
 * `salvage`: the frame is damaged; only what can be salvaged of a KRB-ERROR is looked for. */
int64_t krb_observe(struct carriage *carriage, const struct source *source, struct reader *in,
                    int64_t gss, bool salvage);

#endif
