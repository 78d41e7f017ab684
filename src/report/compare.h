/* SPDX-License-Identifier: MIT */
/* --compare: did the fix work? Two captures held against each other, SPN by SPN. */
#ifndef KRBWHY_REPORT_COMPARE_H
#define KRBWHY_REPORT_COMPARE_H

#include "report/report.h"

/* Appends the comparison of the report's first two cases, as text. Returns true when everything
 * that failed before was seen to work after, and nothing fails in the second; false otherwise, also
 * when something was not tried again. */
bool compare_render(struct text *out, const struct report *report);

#endif
