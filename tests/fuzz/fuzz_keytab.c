/* SPDX-License-Identifier: MIT */
/* Any bytes as a keytab: entries lie inside, names are clean, what is damaged is said. */
#include <assert.h>
#include <stdlib.h>

#include "asn1/keytab.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct seen {
    struct bytes raw;
    struct arena arena;
    size_t num;
};

static void take(void *user, const struct keytab_key *key)
{
    struct seen *seen = user;
    const char *principal = keytab_principal(&seen->arena, key);

    assert(key->key.len == 0 || (key->key.at >= seen->raw.at &&
                                 key->key.at + key->key.len <= seen->raw.at + seen->raw.len));
    assert(strchr(principal, '@') != NULL);
    assert(utf8_clean(bytes_of_text(principal), NULL) == strlen(principal));
    seen->num++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct seen whole = {.raw = {data, len}}, cut = {.raw = {data, len / 2}};
    struct keytab_fault fault;
    bool sound = keytab_parse(whole.raw, take, &whole, &fault);

    assert(sound == (fault.what == NULL) && fault.at <= len);
    assert(whole.num <= len / 15); /* the least that an entry takes */
    keytab_parse(cut.raw, take, &cut, &fault);
    assert(cut.num <= whole.num || (len > 1 && data[1] == 1)); /* 05 01 may change its byte order */
    arena_clear(&whole.arena);
    arena_clear(&cut.arena);
    return 0;
}
