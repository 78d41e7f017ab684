/* SPDX-License-Identifier: MIT */
/* Text inside JSON (RFC 8259), as ConvertTo-Json writes events. */
#ifndef KRBWHY_EVIDENCE_JSON_H
#define KRBWHY_EVIDENCE_JSON_H

#include "evidence/document.h"

/* When the document looks like JSON: *out is a copy of it whose strings have their escapes decoded,
 * so that a message reads as text; line numbers stay those of the file. False for other documents.
 */
bool json_unescape(const struct document *document, struct document *out);

#endif
