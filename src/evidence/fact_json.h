/* SPDX-License-Identifier: MIT */
/* Facts of evidence files as --events prints them. */
#ifndef KRBWHY_EVIDENCE_FACT_JSON_H
#define KRBWHY_EVIDENCE_FACT_JSON_H

#include "base/text.h"
#include "observation/log.h"

/* The event name of a fact ("spn-owner", "iis-site"); NULL for other kinds of observation and for
 * facts that are not printed. Static. */
const char *fact_event(enum kind kind);

/* Appends one JSON object and a line feed: "event", "file", "line", then the fields of the fact.
 * False, and nothing appended, when fact_event is NULL. */
bool fact_json(struct text *out, const struct observation *observation, const char *file);

#endif
