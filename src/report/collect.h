/* SPDX-License-Identifier: MIT */
/* --collect: a script that collects what a diagnosis needs, filled in with the names of a case. */
#ifndef KRBWHY_REPORT_COLLECT_H
#define KRBWHY_REPORT_COLLECT_H

#include "report/report.h"

/* Is this a role: client, server or dc? */
bool collect_role(const char *role);

/* Appends a cmd.exe script with CRLF line ends for that role; nothing for another. Names come from
 * the first failed attempt of the report (NULL or none: they stand as values to be set at the top).
 * A name with characters that a shell could mind is left out. */
void collect_render(struct text *out, const char *role, const struct report *report);

#endif
