/* SPDX-License-Identifier: MIT */
/* The render functions of sinks.def. */
#ifndef KRBWHY_REPORT_SINKS_H
#define KRBWHY_REPORT_SINKS_H

#include "report/report.h"

#define SINK(name, function, suffix, about)                                                        \
    void function(struct text *out, const struct report *report, const struct report_style *style);
#include "report/sinks.def"
#undef SINK

struct merged;

/* Groups and summary of merged documents. */
void text_merged(struct text *out, const struct merged *merged, const struct report_style *style);
void markdown_merged(struct text *out, const struct merged *merged);

#endif
