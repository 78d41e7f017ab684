/* SPDX-License-Identifier: MIT */
/* The shapes of setspn's lines, which are the same in every language. */
#ifndef KRBWHY_EVIDENCE_SETSPN_SHAPE_H
#define KRBWHY_EVIDENCE_SETSPN_SHAPE_H

#include "evidence/document.h"

/* A colon, ASCII or full-width, at the end. */
bool setspn_ends_in_colon(struct bytes s);

/* A heading, words and a DN ended by a colon: the DN; empty for other lines. */
struct bytes setspn_heading_dn(struct bytes text);

/* "Checking domain DC=test,DC=com": the naming context; empty for other lines. */
struct bytes setspn_checked_domain(struct bytes text);

/* The word for forest in one of several languages. */
bool setspn_says_forest(struct bytes text);

/* "HTTP/x is registered on these accounts:" in any word order: the SPN; empty for other lines. */
struct bytes setspn_duplicate_heading(struct bytes text);

/* A prompt with a path or host in it. */
bool setspn_is_prompt(struct bytes text);

/* An SPN of a list below a DN that is indented by dn_indent: what stands alone in a line and has a
 * slash, however malformed it is. */
bool setspn_is_listed(const struct line *line, size_t dn_indent);

/* More than one word with letters, or other than ASCII: no rule, no code fence, no remark "OK". */
bool setspn_is_sentence(struct bytes text);

/* "found 0 group of duplicate SPNs." and its translations: a number, and SPN untranslated. */
bool setspn_is_count(struct bytes text);

#endif
