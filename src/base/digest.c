/* SPDX-License-Identifier: MIT */
#include "base/digest.h"

#include <sha2.h>

struct digest digest_of(struct bytes bytes)
{
    struct digest out = {0};
    SHA2_CTX context;

    SHA256Init(&context);
    if (bytes.len > 0)
        SHA256Update(&context, bytes.at, bytes.len);
    SHA256Final(out.octet, &context);
    out.set = true;
    return out;
}

const char *digest_text(const struct digest *digest, char *out)
{
    static const char hex[] = "0123456789abcdef";
    size_t i;

    out[0] = '\0';
    if (!digest->set)
        return out;
    for (i = 0; i < sizeof(digest->octet); i++) {
        out[2 * i] = hex[digest->octet[i] >> 4];
        out[2 * i + 1] = hex[digest->octet[i] & 15];
    }
    out[DIGEST_TEXT_ROOM - 1] = '\0';
    return out;
}
