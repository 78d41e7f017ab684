/* SPDX-License-Identifier: MIT */
/* From the bytes of a text file to UTF-8, whatever a Windows console or an editor wrote. */
#ifndef KRBWHY_EVIDENCE_DECODE_H
#define KRBWHY_EVIDENCE_DECODE_H

#include "base/text.h"

struct converters;

/* Appends the text as UTF-8, without a byte order mark, to *out and returns the name of the
 * encoding (static): "UTF-8", "UTF-16LE", "UTF-16BE" with or without a mark, or the code page that
 * fits best ("CP850", "CP1252", "CP866", "CP1251", "CP932", "CP936", "CP950"). Bytes that the
 * encoding does not have become U+FFFD; no-break spaces become blanks, and invisible marks are left
 * out. NULL, and nothing appended, when the bytes are no text. */
const char *decode_text(const struct converters *converters, struct bytes raw, struct text *out);

#endif
