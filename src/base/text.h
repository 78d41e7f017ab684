/* SPDX-License-Identifier: MIT */
/* A string that grows, and the escaping of hostile names: one function per output context. */
#ifndef KRBWHY_BASE_TEXT_H
#define KRBWHY_BASE_TEXT_H

#include <stdarg.h>
#include <stdint.h>

#include "base/bytes.h"

/* All zero is a valid, empty text. `at` is NUL-terminated once anything was put; see text_str. */
struct text {
    char *at;
    size_t len, room;
};

void text_clear(struct text *text); /* frees; empty and usable again */
void text_reset(struct text *text); /* length 0, memory kept */

/* The text as a C string, never NULL, borrowed until the next change. */
const char *text_str(const struct text *text);

void text_put(struct text *text, const char *str);
void text_put_bytes(struct text *text, struct bytes bytes); /* as they are */
void text_put_char(struct text *text, char c);

/* Where len bytes and a NUL may be written behind the text, whose len the caller raises then. */
char *text_room(struct text *text, size_t len);

void text_putf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vputf(struct text *text, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Escaping. `str` is clean UTF-8 (arena_text); the result is harmless in its context:
 * plain     terminals and logs: C0, C1, DEL, bidirectional overrides and other invisible format
 *           characters, and U+2028/2029 become \xNN or \u{NNNN}
 * ascii     the same, and everything beyond ASCII becomes \u{NNNN} too
 * json      the inside of a JSON string (RFC 8259 section 7), without the quotes; U+2028/9 escaped
 * too html      text and quoted attribute values markdown  one line of GitHub, Jira or Azure DevOps
 * Markdown: metacharacters escaped where they could mean something, also inside table cells; no
 * line breaks, no HTML, no autolinks
 * A byte sequence that is not UTF-8 after all becomes U+FFFD in each. */
void text_put_plain(struct text *text, const char *str);
void text_put_ascii(struct text *text, const char *str);
void text_put_json(struct text *text, const char *str);
void text_put_html(struct text *text, const char *str);
void text_put_markdown(struct text *text, const char *str);

#endif
