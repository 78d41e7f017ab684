/* SPDX-License-Identifier: MIT */
/* MIT krb5's view of what the walker read, and its cryptography. mit*.c are the only files that
 * know krb5.h. The library is given an empty configuration, so that nothing depends on the
 * machine's. */
#ifndef KRBWHY_ASN1_MIT_H
#define KRBWHY_ASN1_MIT_H

#include "asn1/kerberos.h"
#include "base/arena.h"

enum mit_verdict {
    MIT_NOT_ASKED, /* MIT has no decoder for this type of message */
    MIT_AGREES,
    MIT_REFUSES,  /* MIT does not decode it */
    MIT_DISAGREES /* MIT decodes it to something else */
};

/* Decodes `raw`, the bytes of the message from its first to its last, with MIT krb5 and compares
 * with what the walker read. *out_what: static text: for MIT_REFUSES the reason, for MIT_DISAGREES
 * the name of the first field that differs, else "". */
enum mit_verdict mit_confirm(const struct kerberos *message, struct bytes raw,
                             const char **out_what);

/* NULL when the exported decoders behave as declared in mit_krb5.h; else what does not (static). */
const char *mit_self_test(void);

/* A library context for decryption; closed with mit_close. NULL when the library
 * cannot make one. */
struct mit;
struct mit *mit_open(void);
void mit_close(struct mit *mit);

/* What an opened ticket says. Texts are clean and live in the arena. */
struct mit_opened {
    const char *client; /* name@REALM */
    int64_t auth_s, start_s, end_s;
    struct bytes pac_logon; /* KERB_VALIDATION_INFO of the PAC, in the arena; empty for none */
};

/* Decrypts the enc-part of a ticket (RFC 4120, 5.3, key usage 2). True when the key opens it, that
 * is when the integrity check holds; the plaintext is wiped before return. */
bool mit_ticket_open(struct mit *mit, struct arena *arena, int32_t etype, struct bytes key,
                     struct bytes cipher, struct mit_opened *out);

#endif
