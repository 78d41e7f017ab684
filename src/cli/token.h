/* SPDX-License-Identifier: MIT */
/* --token: one pasted token in words. */
#ifndef KRBWHY_CLI_TOKEN_H
#define KRBWHY_CLI_TOKEN_H

#include "base/text.h"

/* Explains a Negotiate, Kerberos or NTLM token, as base64 or hexadecimal, with or without a
 * header's name and scheme before it; see pasted.h. Appends readable lines to out, each ended by a
 * line feed; hostile names in it are harmless on a terminal. Nothing secret is shown: ciphertext
 * appears as its length and SHA-256. Returns 0, or 2 when it is no token at all (out then says so
 * in one line). */
int token_explain(struct text *out, const char *argument);

#endif
