/* SPDX-License-Identifier: MIT */
/* A record of ipconfig /displaydns, whose rows have the same dots as those of ipconfig. */
#ifndef KRBWHY_EVIDENCE_DISPLAYDNS_H
#define KRBWHY_EVIDENCE_DISPLAYDNS_H

#include "evidence/document.h"

/* Whether a record begins on line `first`, behind which the cursor stands; it is moved behind the
 * record then. */
bool displaydns_skip(struct cursor *cursor, const struct line *first);

#endif
