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

uint32_t digest_short(struct bytes bytes)
{
    uint64_t hash = UINT64_C(0x9E3779B97F4A7C15) ^ bytes.len;
    size_t at, i;

    for (at = 0; at < bytes.len; at += 8) {
        uint64_t word = 0;

        for (i = 0; i < 8 && at + i < bytes.len; i++)
            word |= (uint64_t)bytes.at[at + i] << (8 * i);
        hash = (hash ^ word) * UINT64_C(0xD6E8FEB86659FD93); /* odd, so that no bit is lost */
        hash ^= hash >> 32;
    }
    return (uint32_t)(hash ^ hash >> 29);
}
