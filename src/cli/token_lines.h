/* SPDX-License-Identifier: MIT */
/* Private to token*.c: observations as labelled lines. */
#ifndef KRBWHY_CLI_TOKEN_LINES_H
#define KRBWHY_CLI_TOKEN_LINES_H

#include "base/text.h"
#include "observation/log.h"

/* One line: the label in its column, then the text, made harmless for a terminal. */
void line(struct text *out, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void lines_krb(struct text *out, const struct krb *krb);
void lines_ntlm(struct text *out, const struct ntlm *ntlm);

/* What a KRB-ERROR in a token means, in words; and what a token without one does. */
void lines_meaning(struct text *out, const struct krb *error);
void lines_state_meaning(struct text *out, const struct log *log);

#endif
