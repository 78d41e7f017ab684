/* SPDX-License-Identifier: MIT */
/* What a capture without findings held, and what would have to be in it. */
#ifndef KRBWHY_REPORT_SEEN_H
#define KRBWHY_REPORT_SEEN_H

#include "report/document.h"

void seen_draw(struct view *view, const struct report_case *in, const struct document_sink *sink,
               void *page);

#endif
