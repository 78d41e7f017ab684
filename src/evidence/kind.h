/* SPDX-License-Identifier: MIT */
/* What a kind of evidence is: a row of kinds.def. */
#ifndef KRBWHY_EVIDENCE_KIND_H
#define KRBWHY_EVIDENCE_KIND_H

#include "evidence/document.h"

enum {
    SCORE_NONE = 0,
    SCORE_ENOUGH = 50, /* the file holds something of this kind */
    SCORE_SURE = 90
};

struct evidence_kind {
    const char *name;
    /* How sure it is, by content alone, that the document holds output of this kind: 0 to 100. */
    int (*score)(const struct document *document);
    /* Appends the facts. Lines of other kinds are passed over. */
    void (*read)(const struct document *document);
};

/* The table of kinds.def, ended by a NULL. */
extern const struct evidence_kind *const evidence_kinds[];

#define KIND(symbol) extern const struct evidence_kind evidence_##symbol;
#include "evidence/kinds.def"
#undef KIND

#endif
