/* SPDX-License-Identifier: MIT */
/* Files that travel with a capture: what people attach to a ticket. One file per kind, one row each
 * in kinds.def; recognised by content alone. */
#ifndef KRBWHY_EVIDENCE_EVIDENCE_H
#define KRBWHY_EVIDENCE_EVIDENCE_H

#include "observation/log.h"

/* The character set converters. Opened before a process gives up the right to open files, because
 * iconv loads them from disk. */
struct converters;
struct converters *converters_open(void); /* never NULL; one that is missing is simply not tried */
void converters_close(struct converters *converters); /* NULL is fine */

/* Reads one file and appends to the log: its `evidence_file` record, then facts in line order and
 * `problem` records for what could not be read, each with source.line (from 1). The rest of *base
 * is copied into every source. Returns the kind (static, a name of kinds.def; of several kinds
 * pasted into one file the one that stands out), or NULL when it is none that is known: then there
 * is a single problem, "unknown-evidence" with what it looks like, or "unknown-data" when that is
 * not known either. `converters` may be NULL: they are then opened for this call. Never fails;
 * bytes beyond LIMIT_EVIDENCE_BYTES are left out, with a problem. */
const char *evidence_read(struct log *log, const struct source *base, struct bytes content,
                          struct converters *converters);

#endif
