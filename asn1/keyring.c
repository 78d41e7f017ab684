/* SPDX-License-Identifier: MIT */
#include "asn1/keyring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "asn1/keytab.h"
#include "asn1/mit.h"
#include "asn1/pac.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/memory.h"

enum { MAX_KEY = 64, SLOTS = 4096 };

/* In locked memory. */
struct secret {
    uint8_t key[MAX_KEY];
};

struct entry {
    struct keyring_entry public;
    size_t key_len;
    size_t same_as; /* first entry with the same etype and key: tried once for all */
};

struct tried {
    struct digest digest;
    int64_t etype;
    struct keyring_result result;
    struct tried *next;
};

struct keyring {
    struct mit *mit;
    struct arena arena;
    struct entry *entries;
    struct secret *secrets; /* parallel to entries; room for `room` */
    size_t num, room, secrets_len;
    struct map by_key;    /* indices into entries */
    bool full;            /* the keytab being added holds more than fits */
    struct tried **slots; /* by the first bytes of the digest */
    struct arena *cache;
};

struct keyring *keyring_open(void)
{
    struct keyring *ring = memory_take(1, sizeof(*ring));

    ring->mit = mit_open();
    if (ring->mit == NULL) {
        memory_drop(ring);
        return NULL;
    }
    ring->slots = memory_take(SLOTS, sizeof(struct tried *));
    ring->cache = memory_take(1, sizeof(*ring->cache));
    return ring;
}

static void drop_secrets(struct secret *secrets, size_t len)
{
    if (secrets == NULL)
        return;
    explicit_bzero(secrets, len);
    munmap(secrets, len); /* unlocks too */
}

void keyring_close(struct keyring *ring)
{
    if (ring == NULL)
        return;
    drop_secrets(ring->secrets, ring->secrets_len);
    mit_close(ring->mit);
    arena_clear(&ring->arena);
    arena_clear(ring->cache);
    memory_drop(ring->cache);
    memory_drop(ring->slots);
    memory_drop(ring->entries);
    map_clear(&ring->by_key);
    memory_drop(ring);
}

/* Moves the keys to twice the room. Locking may be refused (RLIMIT_MEMLOCK): then they are only
 * kept out of core dumps. */
static bool grow(struct keyring *ring)
{
    size_t room = ring->room == 0 ? 64 : ring->room * 2, len;
    struct secret *fresh;

    if (room > LIMIT_KEYTAB_ENTRIES || !size_mul(room, sizeof(*fresh), &len))
        return false;
    fresh = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh == MAP_FAILED)
        return false;
    mlock(fresh, len);
    madvise(fresh, len, MADV_DONTDUMP);
    if (ring->num > 0)
        memcpy(fresh, ring->secrets, ring->num * sizeof(*fresh));
    drop_secrets(ring->secrets, ring->secrets_len);
    ring->entries = memory_grow(ring->entries, room, sizeof(*ring->entries));
    ring->secrets = fresh;
    ring->secrets_len = len;
    ring->room = room;
    return true;
}

static void take_key(void *user, const struct keytab_key *key)
{
    struct keyring *ring = user;
    struct entry *entry;
    size_t at = 0;
    int64_t i;
    uint64_t hash;

    if (key->key.len == 0 || key->key.len > MAX_KEY || ring->full)
        return;
    if (ring->num == ring->room && !grow(ring)) {
        ring->full = true;
        return;
    }
    entry = &ring->entries[ring->num];
    entry->public.principal = keytab_principal(&ring->arena, key);
    entry->public.kvno = key->kvno;
    entry->public.etype = key->etype;
    entry->key_len = key->key.len;
    entry->same_as = ring->num;
    /* 32 bits of a key's hash stand outside the locked memory: too few to tell the key */
    hash = map_hash(MAP_SEED, key->key) & UINT32_MAX;
    while (map_next(&ring->by_key, hash, &at, &i)) {
        const struct entry *other = &ring->entries[i];

        if (other->public.etype != key->etype || other->key_len != key->key.len ||
            memcmp(ring->secrets[i].key, key->key.at, key->key.len) != 0)
            continue;
        if (other->public.kvno == key->kvno &&
            strcmp(other->public.principal, entry->public.principal) == 0)
            return; /* the same entry of another keytab */
        if (entry->same_as == ring->num)
            entry->same_as = other->same_as;
    }
    memcpy(ring->secrets[ring->num].key, key->key.at, key->key.len);
    map_add(&ring->by_key, hash, (int64_t)ring->num);
    ring->num++;
}

const char *keyring_add(struct keyring *ring, struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    const char *problem = NULL;
    struct bytes raw = {NULL, 0};
    struct keytab_fault fault;
    uint8_t *buffer;
    bool too_long;

    if (file == NULL)
        return arena_print(arena, "%s", strerror(errno));
    setvbuf(file, NULL, _IONBF, 0); /* no second copy of the keys */
    buffer = memory_take(LIMIT_KEYTAB_BYTES + 1, 1);
    raw = (struct bytes){buffer, fread(buffer, 1, LIMIT_KEYTAB_BYTES + 1, file)};
    too_long = raw.len > LIMIT_KEYTAB_BYTES;
    raw.len = size_min(raw.len, LIMIT_KEYTAB_BYTES);
    ring->full = false;
    if (ferror(file))
        problem = arena_print(arena, "%s", strerror(errno));
    else if (!keytab_parse(raw, take_key, ring, &fault))
        problem = arena_print(arena, "%s at offset %zu", fault.what, fault.at);
    if (too_long)
        problem =
            arena_print(arena, "longer than %zu bytes; the rest is left out", LIMIT_KEYTAB_BYTES);
    else if (ring->full)
        problem =
            arena_print(arena, "more than %d keys; the rest is left out", LIMIT_KEYTAB_ENTRIES);
    fclose(file);
    explicit_bzero(buffer, LIMIT_KEYTAB_BYTES + 1);
    memory_drop(buffer);
    return problem;
}

size_t keyring_num(const struct keyring *ring)
{
    return ring->num;
}

struct keyring_entry keyring_entry(const struct keyring *ring, size_t index)
{
    return ring->entries[index].public;
}

static void try_all(const struct keyring *ring, int64_t etype, struct bytes cipher,
                    struct keyring_result *out)
{
    struct arena scratch = {0};
    bool *opens = arena_take(&scratch, ring->num, sizeof(*opens));
    size_t *opened_by = arena_take(ring->cache, ring->num, sizeof(*opened_by)), i;

    for (i = 0; i < ring->num; i++) {
        const struct entry *entry = &ring->entries[i];
        struct bytes key = {ring->secrets[i].key, entry->key_len};
        struct mit_opened opened = {0};

        if (entry->public.etype != etype)
            continue;
        opens[i] = entry->same_as != i
                       ? opens[entry->same_as]
                       : mit_ticket_open(ring->mit, &scratch, (int32_t)etype, key, cipher, &opened);
        if (!opens[i])
            continue;
        if (out->num == 0 && opened.client != NULL) {
            const char *logon = pac_logon(&scratch, opened.pac_logon);

            out->client = arena_text(ring->cache, bytes_of_text(opened.client));
            out->pac_logon = logon == NULL ? NULL : arena_text(ring->cache, bytes_of_text(logon));
            out->auth_s = opened.auth_s;
            out->end_s = opened.end_s;
        }
        opened_by[out->num++] = i;
    }
    out->opened_by = opened_by;
    arena_clear(&scratch);
}

const struct keyring_result *keyring_try(const struct keyring *ring, int64_t etype,
                                         struct bytes cipher)
{
    struct digest digest = digest_of(cipher);
    struct tried **slot = &ring->slots[(digest.octet[0] | digest.octet[1] << 8) % SLOTS], *tried;

    for (tried = *slot; tried != NULL; tried = tried->next)
        if (tried->etype == etype && digest_equal(&tried->digest, &digest))
            return &tried->result;
    tried = arena_take(ring->cache, 1, sizeof(*tried));
    tried->digest = digest;
    tried->etype = etype;
    tried->next = *slot;
    *slot = tried;
    try_all(ring, etype, cipher, &tried->result);
    return &tried->result;
}
