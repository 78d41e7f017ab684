/* SPDX-License-Identifier: MIT */
/* Base64, RFC 4648 section 4. */
#ifndef KRBWHY_BASE_BASE64_H
#define KRBWHY_BASE_BASE64_H

#include "base/arena.h"
#include "base/text.h"

/* The value of a character of the alphabet, 0 to 63; -1: it is none. */
int base64_value(uint8_t c);

/* Decodes s (blanks ignored, padding may be missing) into the arena. False when it holds anything
 * else or ends within a byte; what was decoded before that is in *out all the same. */
bool base64_decode(struct arena *arena, struct bytes s, struct bytes *out);

/* Appends s in Base64, with padding. */
void base64_encode(struct text *out, struct bytes s);

#endif
