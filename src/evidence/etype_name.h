/* SPDX-License-Identifier: MIT */
/* The names that klist and ktutil print for encryption types. */
#ifndef KRBWHY_EVIDENCE_ETYPE_NAME_H
#define KRBWHY_EVIDENCE_ETYPE_NAME_H

#include "evidence/span.h"
#include "observation/record.h"

/* The number (RFC 3961 registry) of a name of MIT, Heimdal or Windows, with or without a
 * "DEPRECATED:" in front; absent for an unknown one. */
struct optint etype_number(struct bytes name);

#endif
