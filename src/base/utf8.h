/* SPDX-License-Identifier: MIT */
/* UTF-8 as RFC 3629 defines it; the only place that knows the encoding. */
#ifndef KRBWHY_BASE_UTF8_H
#define KRBWHY_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* One scalar value from the front of raw (len > 0): returns how many bytes it takes (1 to 4) and
 * sets *out_scalar; an ill-formed start gives U+FFFD and the length of the maximal ill-formed part.
 */
size_t utf8_take(struct bytes raw, uint32_t *out_scalar);

/* Encodes a scalar value into out (4 bytes of room); returns the number of bytes written. */
size_t utf8_put(uint32_t scalar, char *out);

/* Length of raw after cleaning (ill-formed parts and NUL become U+FFFD); writes the cleaned text,
 * without a NUL at its end, when out is not NULL. */
size_t utf8_clean(struct bytes raw, char *out);

#endif
