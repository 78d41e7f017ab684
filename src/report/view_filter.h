/* SPDX-License-Identifier: MIT */
/* Which frames a finding is about. */
#ifndef KRBWHY_REPORT_VIEW_FILTER_H
#define KRBWHY_REPORT_VIEW_FILTER_H

#include "report/view.h"

/* Input and frame of an observation; input SIZE_MAX for NULL. */
struct report_place view_place(const struct view *view, const struct observation *o);

/* The input whose frames a display filter of the finding selects. */
size_t view_filter_input(const struct view *view, const struct view_finding *shown);

/* "frame.number in {2,15}", in the view's arena; NULL: no frame is cited. */
const char *view_make_filter(struct view *view, const struct view_finding *shown);

#endif
