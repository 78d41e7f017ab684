/* SPDX-License-Identifier: MIT */
#include "asn1/pac.h"

#include "base/limits.h"
#include "base/reader.h"

enum {
    SERIALIZATION_HEADERS = 16, /* [MS-RPCE] 2.2.6.1 and 2.2.6.2 */
    NUM_TIMES = 6,
    GROUP_LEN = 8 /* GROUP_MEMBERSHIP */
};

/* RPC_UNICODE_STRING in the fixed part: true when text follows in the deferred part. */
static bool take_pointer(struct reader *in)
{
    reader_skip(in, 4); /* Length, MaximumLength: repeated with the text */
    return reader_le32(in) != 0;
}

/* The text behind such a pointer: a conformant varying array of UTF-16, aligned to 4. */
static struct bytes take_text(struct reader *in, bool present)
{
    struct bytes text = {NULL, 0};
    uint32_t num;

    if (!present)
        return text;
    reader_skip(in, 8); /* maximum count, offset */
    num = reader_le32(in);
    if (num > LIMIT_TOKEN_BYTES)
        reader_fail(in, FAULT_LIMIT, "a text of this length");
    text = reader_bytes(in, (size_t)num * 2);
    if (num % 2 != 0 && reader_left(in) > 0)
        reader_skip(in, 2);
    return text;
}

const char *pac_logon(struct arena *arena, struct bytes validation_info)
{
    struct bytes account = {NULL, 0}, domain;
    bool names[6], groups, server, has_domain;
    struct reader in;
    uint32_t num;
    size_t i;

    reader_init(&in, validation_info, false);
    reader_skip(&in, SERIALIZATION_HEADERS + 4); /* and the pointer to the structure */
    reader_skip(&in, NUM_TIMES * 8);
    for (i = 0; i < 6;
         i++) /* EffectiveName, FullName, LogonScript, ProfilePath, HomeDirectory, its drive */
        names[i] = take_pointer(&in);
    reader_skip(&in, 2 + 2 + 4 + 4 + 4); /* counts, UserId, PrimaryGroupId, GroupCount */
    groups = reader_le32(&in) != 0;
    reader_skip(&in, 4 + 16); /* UserFlags, UserSessionKey */
    server = take_pointer(&in);
    has_domain = take_pointer(&in);
    reader_skip(&in, 4 + 8 + 4 + 4 + 8 + 8 + 4 + 4); /* LogonDomainId ... Reserved3 */
    reader_skip(&in, 4 + 4 + 4 + 4 + 4); /* SidCount, ExtraSids, resource group: SID, count, ids */
    for (i = 0; i < 6; i++) {
        struct bytes text = take_text(&in, names[i]);

        if (i == 0)
            account = text;
    }
    if (groups) {
        num = reader_le32(&in);
        if (num > LIMIT_TOKEN_BYTES / GROUP_LEN)
            reader_fail(&in, FAULT_LIMIT, "so many groups");
        reader_skip(&in, (size_t)num * GROUP_LEN);
    }
    take_text(&in, server);
    domain = take_text(&in, has_domain);
    if (!reader_ok(&in) || account.len == 0)
        return NULL;
    return arena_print(arena, "%s\\%s", arena_text16(arena, domain), arena_text16(arena, account));
}
