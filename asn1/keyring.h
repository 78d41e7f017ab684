/* SPDX-License-Identifier: MIT */
/* Keys from keytabs, and which of them opens a ticket. Keys stay in locked memory that is wiped;
 * nothing but principal, kvno and etype ever comes out. */
#ifndef KRBWHY_ASN1_KEYRING_H
#define KRBWHY_ASN1_KEYRING_H

#include "base/arena.h"

struct keyring;

/* NULL when the Kerberos library cannot be initialised. */
struct keyring *keyring_open(void);

/* Wipes the keys. NULL is fine. */
void keyring_close(struct keyring *ring);

/* Adds all entries of a keytab file (at most LIMIT_KEYTAB_BYTES of it are read). NULL, or one line
 * that says what went wrong (in the arena); entries before the damage are kept. Not for use after
 * the first keyring_try. */
const char *keyring_add(struct keyring *ring, struct arena *arena, const char *path);

struct keyring_entry {
    const char *principal; /* name@REALM */
    int64_t kvno, etype;
};

size_t keyring_num(const struct keyring *ring);
/* index < keyring_num; borrowed until keyring_close. */
struct keyring_entry keyring_entry(const struct keyring *ring, size_t index);

/* What trying all keys on a ticket gave. Borrowed until keyring_close. */
struct keyring_result {
    const size_t *opened_by; /* entries whose key opens it, ascending */
    size_t num;
    /* From the opened ticket; NULL and 0 when nothing opened it. */
    const char *client;    /* name@REALM */
    const char *pac_logon; /* DOMAIN\account; NULL without a PAC */
    int64_t auth_s, end_s; /* seconds since 1970 */
};

/* Tries the key of every entry of that etype, whatever its principal or kvno is, on the ciphertext
 * of a ticket's enc-part. A ticket that was tried before is not tried again. */
const struct keyring_result *keyring_try(const struct keyring *ring, int64_t etype,
                                         struct bytes cipher);

#endif
