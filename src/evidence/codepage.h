/* SPDX-License-Identifier: MIT */
/* Which code page a console wrote: none of them marks its output, so the most plausible one wins.
 */
#ifndef KRBWHY_EVIDENCE_CODEPAGE_H
#define KRBWHY_EVIDENCE_CODEPAGE_H

#include "base/bytes.h"

enum { CODEPAGES = 7 };

/* Name number i (< CODEPAGES) as iconv knows it. */
const char *codepage_name(size_t i);

/* How much `raw`, which code page i decodes to `text` (UTF-8), looks like words of its languages:
 * higher is better, only the order counts. */
long codepage_score(size_t i, struct bytes raw, struct bytes text);

#endif
