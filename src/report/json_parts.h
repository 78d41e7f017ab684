/* SPDX-License-Identifier: MIT */
/* The members of "attempts" and "findings". */
#ifndef KRBWHY_REPORT_JSON_PARTS_H
#define KRBWHY_REPORT_JSON_PARTS_H

#include "report/json.h"
#include "report/view.h"

void json_attempt(struct json *json, const struct view *view, const struct view_attempt *shown);
void json_finding(struct json *json, const struct view *view, const struct view_finding *shown);

#endif
