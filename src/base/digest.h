/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4), through libmd: how ciphertext is named without being kept. */
#ifndef KRBWHY_BASE_DIGEST_H
#define KRBWHY_BASE_DIGEST_H

#include <stdbool.h>

#include "base/bytes.h"

struct digest {
    bool set; /* false: absent, octets zero */
    uint8_t octet[32];
};

enum { DIGEST_TEXT_ROOM = 65 };

struct digest digest_of(struct bytes bytes);

/* 32 bits that tell different octets apart by chance only: cheap, the same on every machine, and
 * nothing that withstands intent. */
uint32_t digest_short(struct bytes bytes);

/* Lower-case hexadecimal in out[DIGEST_TEXT_ROOM]; "" when absent. Returns out. */
const char *digest_text(const struct digest *digest, char *out);

/* Both present and equal. */
static inline bool digest_equal(const struct digest *a, const struct digest *b)
{
    return a->set && b->set && memcmp(a->octet, b->octet, sizeof(a->octet)) == 0;
}

#endif
