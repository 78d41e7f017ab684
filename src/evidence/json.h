/* SPDX-License-Identifier: MIT */
/* Text inside JSON (RFC 8259), as ConvertTo-Json writes events. */
#ifndef KRBWHY_EVIDENCE_JSON_H
#define KRBWHY_EVIDENCE_JSON_H

#include "base/text.h"
#include "evidence/document.h"

/* A copy of a JSON document whose strings have their escapes decoded, so that a message reads as
 * text, one member a line; line numbers stay those of the file. Owns what it points to. */
struct unescaped {
    struct document document;
    struct text text;
    int64_t *lines;
};

/* False, and nothing to clear, when the document does not look like JSON. */
bool unescaped_init(struct unescaped *unescaped, const struct document *document);
void unescaped_clear(struct unescaped *unescaped);

#endif
