/* SPDX-License-Identifier: MIT */
/* Keytab files, as MIT krb5's doc/formats/keytab_file_format.rst describes them: 05 02 big endian,
 * 05 01 in the byte order of the machine that wrote it. libkrb5's own reader takes a cut file for a
 * whole one and says nothing of offsets. */
#ifndef KRBWHY_ASN1_KEYTAB_H
#define KRBWHY_ASN1_KEYTAB_H

#include "base/arena.h"
#include "base/reader.h"

/* One entry; borrows the file's bytes. */
struct keytab_key {
    struct bytes realm;
    struct reader components; /* num_components counted strings */
    size_t num_components;
    bool little;     /* byte order of the counts */
    uint32_t time_s; /* when the entry was written, seconds since 1970 */
    uint32_t kvno;
    int32_t etype;
    struct bytes key;
};

struct keytab_fault {
    const char *what; /* static text */
    size_t at;        /* offset in the file */
};

/* By the version, and a first length that an entry or a hole can have (at most a megabyte). */
bool keytab_looks(struct bytes raw);

/* Calls `take` for every entry. False, with *out_fault set, when the bytes are no keytab, damaged
 * or cut; entries before that, and behind a damaged one, have been taken. */
bool keytab_parse(struct bytes raw, void (*take)(void *user, const struct keytab_key *key),
                  void *user, struct keytab_fault *out_fault);

/* "name@REALM", cleaned, in the arena. */
const char *keytab_principal(struct arena *arena, const struct keytab_key *key);

#endif
