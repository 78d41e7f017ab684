/* SPDX-License-Identifier: MIT */
/* Long lines that a console broke at its last column. */
#ifndef KRBWHY_EVIDENCE_UNWRAP_H
#define KRBWHY_EVIDENCE_UNWRAP_H

#include "base/text.h"
#include "evidence/document.h"

/* A copy of a document with the broken lines joined; line numbers stay those of the file. Owns what
 * it points to. */
struct unwrapped {
    struct document document;
    struct text text;
    int64_t *lines;
};

/* True when the whole document looks as a console of 80, 100, 120 or 132 columns shows it: no line
 * is longer, and lines that end in the last column are more frequent than those that end just
 * before it, as they do where an editor wraps between words. False, and nothing to clear, else. */
bool unwrapped_init(struct unwrapped *unwrapped, const struct document *document);
void unwrapped_clear(struct unwrapped *unwrapped);

#endif
