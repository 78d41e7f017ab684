/* SPDX-License-Identifier: MIT */
/* What a file that is no evidence looks like, so that the warning helps. */
#ifndef KRBWHY_EVIDENCE_FOREIGN_H
#define KRBWHY_EVIDENCE_FOREIGN_H

#include "evidence/document.h"

/* "an event log (.evtx); export it with ...", ...; static, NULL when nothing is
 * known of it. */
const char *foreign_name(const struct document *document);

#endif
