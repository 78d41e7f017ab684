/* SPDX-License-Identifier: MIT */
/* Manual pages and completions, from the tables that drive the program. Built and run by make; not
 * installed. */
#ifndef KRBWHY_SHARE_PAGES_H
#define KRBWHY_SHARE_PAGES_H

#include <stddef.h>

#include "base/text.h"
#include "cli/options.h"

/* What may stand for the argument of an option. */
struct word {
    const char *word;
    const char *about; /* NULL none */
};

/* Calls visit(user, word) for each word that may stand for the option's argument, in a fixed order.
 */
void words_visit(const struct option_row *row, void (*visit)(void *user, const struct word *word),
                 void *user);

/* Is the option's argument the name of a file? */
bool words_file(const struct option_row *row);

/* May the option be given several times? */
bool words_repeat(const struct option_row *row);

/* The first part of the option's description, for a menu: up to its first colon, semicolon or
 * parenthesis. */
void words_short(struct text *out, const struct option_row *row);

/* krbwhy(1). `date`: YYYY-MM-DD. */
void page_man(struct text *out, const char *date);

/* krbwhy-json(5) from the JSON schema in the file `path`; false when it cannot be read. */
bool page_json(struct text *out, const char *date, const char *path);

void page_bash(struct text *out);
void page_zsh(struct text *out);
void page_fish(struct text *out);

/* Text of a manual page: no letter of it is taken for a request or an escape. */
void roff_put(struct text *out, const char *str);

/* A line with the macro in front, its argument quoted: .SH "SEE ALSO". */
void roff_macro(struct text *out, const char *macro, const char *argument);

/* Words of text, one sentence a line, long ones broken. */
void roff_fill(struct text *out, const char *str);

/* A line of text as it is, which is bold when `bold`. */
void roff_line(struct text *out, const char *str, bool bold);

#endif
