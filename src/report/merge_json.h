/* SPDX-License-Identifier: MIT */
/* Private to merge*.c. */
#ifndef KRBWHY_REPORT_MERGE_JSON_H
#define KRBWHY_REPORT_MERGE_JSON_H

#include "report/jsonc.h"
#include "report/merge.h"

/* A member of an object; NULL, 0 or "no items" when it is none or of another type. */
struct jsonc_object *merge_member(struct jsonc_object *in, const char *key);
/* Within LIMIT_MERGE_NUMBER, either sign. */
int64_t merge_bounded(struct jsonc_object *number);
const char *merge_text(struct jsonc_object *in, const char *key);
int64_t merge_int(struct jsonc_object *in, const char *key);
size_t merge_length(struct jsonc_object *in, const char *key);
struct jsonc_object *merge_item(struct jsonc_object *in, const char *key, size_t i);

/* Evidence files of all documents, each path once. */
size_t merge_num_evidence(const struct merged *merged);

/* One document of all, numbered anew. */
void merge_json(const struct merged *merged, struct text *out);

#endif
