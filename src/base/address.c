/* SPDX-License-Identifier: MIT */
#include "base/address.h"

#include <arpa/inet.h>

struct address address_from(struct bytes raw)
{
    struct address out = {0};

    if (raw.len != 4 && raw.len != 16)
        return out;
    out.family = raw.len == 4 ? 4 : 6;
    memcpy(out.octet, raw.at, raw.len);
    return out;
}

bool address_parse(const char *text, struct address *out)
{
    struct address parsed = {0};

    if (inet_pton(AF_INET, text, parsed.octet) == 1) {
        parsed.family = 4;
    } else {
        memset(&parsed, 0, sizeof(parsed));
        if (inet_pton(AF_INET6, text, parsed.octet) != 1)
            return false;
        parsed.family = 6;
    }
    *out = parsed;
    return true;
}

/* "10.0.5.2": what nearly all addresses are, without a call of sprintf. */
static const char *dotted(const uint8_t *octet, char *out)
{
    char *at = out;
    size_t i;

    for (i = 0; i < 4; i++) {
        if (octet[i] >= 100)
            *at++ = (char)('0' + octet[i] / 100);
        if (octet[i] >= 10)
            *at++ = (char)('0' + octet[i] / 10 % 10);
        *at++ = (char)('0' + octet[i] % 10);
        *at++ = '.';
    }
    at[-1] = '\0';
    return out;
}

const char *address_text(const struct address *address, char *out)
{
    out[0] = '\0';
    if (address->family == 4)
        return dotted(address->octet, out);
    if (address->family == 6) /* cannot fail: room fits */
        (void)inet_ntop(AF_INET6, address->octet, out, ADDRESS_TEXT_ROOM);
    return out;
}
