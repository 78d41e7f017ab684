/* SPDX-License-Identifier: MIT */
/* Pages for people who start from a symptom: a cause, an error, a message, a client. */
#ifndef KRBWHY_CAUSE_EXPLAIN_H
#define KRBWHY_CAUSE_EXPLAIN_H

#include <stdbool.h>

#include "base/text.h"

/* Appends a page of plain text, lines at most 78 columns, on `argument`: the id of a cause
 * ("cname-spn"), a Kerberos error as number, hexadecimal or name ("41", "0x29",
 * "KRB_AP_ERR_MODIFIED"), a Windows code in any of its forms ("0x80090322", "-2146893022", "1396"),
 * part of an error message ("Cannot generate SSPI context"), or a client whose SPN rule is wanted
 * ("chrome", "curl"). "list" gives all that can be asked for. False, with nothing appended, when
 * nothing is known of it. The argument is not trusted. */
bool explain(struct text *out, const char *argument);

/* Appends docs/causes.md, made from the same tables. */
void explain_markdown(struct text *out);

#endif
