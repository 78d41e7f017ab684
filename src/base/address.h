/* SPDX-License-Identifier: MIT */
/* An IP address of either version. */
#ifndef KRBWHY_BASE_ADDRESS_H
#define KRBWHY_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct address {
    uint8_t family;    /* 4, 6, or 0 for none */
    uint8_t octet[16]; /* network order; unused ones are zero, so that two addresses compare by
                          memcmp */
};

enum { ADDRESS_TEXT_ROOM = 46 };

/* From raw network-order octets: 4 or 16 of them; any other length gives family 0. */
struct address address_from(struct bytes raw);

/* From text ("10.0.5.2", "fe80::1"; no port, no zone); false when it is no address. */
bool address_parse(const char *text, struct address *out);

/* RFC 5952 text in out[ADDRESS_TEXT_ROOM]; "" for family 0. Returns out. */
const char *address_text(const struct address *address, char *out);

static inline bool address_equal(const struct address *a, const struct address *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

#endif
