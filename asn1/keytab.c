/* SPDX-License-Identifier: MIT */
#include "asn1/keytab.h"

#include "base/limits.h"

enum { SANE_ENTRY = 1 << 20 };

static uint16_t take16(struct reader *in, bool little)
{
    return little ? reader_le16(in) : reader_be16(in);
}

static uint32_t take32(struct reader *in, bool little)
{
    return little ? reader_le32(in) : reader_be32(in);
}

static struct bytes take_counted(struct reader *in, bool little)
{
    return reader_bytes(in, take16(in, little));
}

const char *keytab_principal(struct arena *arena, const struct keytab_key *key)
{
    struct reader in = key->components;
    const char *name = "";
    size_t i;

    for (i = 0; i < key->num_components; i++) {
        const char *part = arena_text(arena, take_counted(&in, key->little));

        name = i == 0 ? part : arena_print(arena, "%s/%s", name, part);
    }
    return arena_print(arena, "%s@%s", name, arena_text(arena, key->realm));
}

/* Principal, name type, time stamp, kvno of 8 bits, etype, key, and mostly a kvno of 32 bits, which
 * overrides the short one unless it is 0. `old` is 05 01: it counts the realm as a component and
 * has no name type. */
static void take_entry(struct reader *in, bool old, struct keytab_key *key)
{
    size_t i;
    uint32_t kvno;

    key->num_components = take16(in, key->little);
    if (old && key->num_components > 0)
        key->num_components--;
    if (key->num_components > LIMIT_NAME_COMPONENTS)
        reader_fail(in, FAULT_LIMIT, "a principal of too many components");
    key->realm = take_counted(in, key->little);
    key->components = *in;
    for (i = 0; i < key->num_components; i++)
        take_counted(in, key->little);
    if (!old)
        reader_skip(in, 4); /* name type */
    key->time_s = take32(in, key->little);
    key->kvno = reader_u8(in);
    key->etype = (int16_t)take16(in, key->little);
    key->key = take_counted(in, key->little);
    if (reader_left(in) >= 4 && (kvno = take32(in, key->little)) != 0)
        key->kvno = kvno;
}

/* 05 01 does not say its byte order: the length of the first entry must fit the file. */
static bool is_little(struct reader in, size_t len)
{
    uint32_t first = reader_le32(&in);

    return reader_ok(&in) && first > 0 && first < len;
}

static void note(struct keytab_fault *fault, const struct reader *in)
{
    if (reader_ok(in) || fault->what != NULL)
        return;
    fault->what = in->fault_what;
    fault->at = in->fault_at;
}

static bool has_version(struct bytes raw)
{
    return raw.len >= 2 && raw.at[0] == 5 && (raw.at[1] == 1 || raw.at[1] == 2);
}

static bool sane(struct reader in, bool little)
{
    int64_t len = (int32_t)take32(&in, little);

    return !reader_ok(&in) || (len >= -SANE_ENTRY && len <= SANE_ENTRY);
}

bool keytab_looks(struct bytes raw)
{
    struct reader in;

    if (!has_version(raw))
        return false;
    reader_init(&in, raw, false);
    reader_skip(&in, 2);
    return sane(in, false) || (raw.at[1] == 1 && sane(in, true));
}

bool keytab_parse(struct bytes raw, void (*take)(void *user, const struct keytab_key *key),
                  void *user, struct keytab_fault *out_fault)
{
    struct reader in, entry;
    bool old, little;

    memset(out_fault, 0, sizeof(*out_fault));
    if (!has_version(raw)) {
        out_fault->what = "not a keytab";
        return false;
    }
    reader_init(&in, raw, false);
    reader_skip(&in, 2);
    old = raw.at[1] == 1;
    little = old && is_little(in, raw.len);
    while (reader_left(&in) > 0) {
        struct keytab_key key = {.little = little};
        int32_t len = (int32_t)take32(&in, little);

        if (len == 0 || len == INT32_MIN) /* the end, where room was left */
            break;
        if (len < 0) { /* a hole that a deleted entry left */
            reader_skip(&in, (size_t)-len);
            continue;
        }
        entry = reader_child(&in, (size_t)len);
        take_entry(&entry, old, &key);
        if (reader_ok(&entry) && reader_ok(&in))
            take(user, &key);
        note(out_fault, &entry);
    }
    note(out_fault, &in);
    return out_fault->what == NULL;
}
