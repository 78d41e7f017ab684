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

const char *address_text(const struct address *address, char *out)
{
    int family = address->family == 4 ? AF_INET : AF_INET6;

    out[0] = '\0';
    if (address->family != 0)
        (void)inet_ntop(family, address->octet, out,
                        ADDRESS_TEXT_ROOM); /* cannot fail: room fits */
    return out;
}
