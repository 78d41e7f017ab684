/* SPDX-License-Identifier: MIT */
/* Lines of a terminal: how wide text is, and where it is broken. */
#ifndef KRBWHY_REPORT_WRAP_H
#define KRBWHY_REPORT_WRAP_H

#include "base/text.h"

/* Columns that clean UTF-8 takes on a terminal: 0 for combining marks, 2 for East Asian wide
 * characters and pictographs (Unicode 15, UAX #11 W and F), else 1. */
size_t wrap_width(const char *str);

/* Appends str, made harmless for a terminal (text_put_plain), with its words on lines of at most
 * `width` columns. The cursor stands in column `column`; later lines begin with `indent` blanks. A
 * word that is too long for a line is never broken: it could be a name that somebody copies.
 * Returns the column behind the last word. No line end is put at the end. */
size_t wrap_put(struct text *out, const char *str, size_t width, size_t indent, size_t column);

/* Appends blanks up to `column`, given where the cursor is; none when it is beyond. */
void wrap_pad(struct text *out, size_t from, size_t column);

#endif
