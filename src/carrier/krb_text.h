/* SPDX-License-Identifier: MIT */
/* Kerberos names and findings of the decoder as text. All results live in the arena. */
#ifndef KRBWHY_CARRIER_KRB_TEXT_H
#define KRBWHY_CARRIER_KRB_TEXT_H

#include "asn1/kerberos.h"
#include "base/arena.h"

/* Components joined by "/", cleaned; "" for none. */
const char *krb_name_text(struct arena *arena, const struct kerberos_name *name);

/* "name@REALM"; what is absent is left out, the "@" with the realm. */
const char *krb_principal_text(struct arena *arena, const struct kerberos_name *name,
                               struct der_bytes realm);

/* What was wrong with a message, and where: "malformed at offset 32 of the message (pvno): ...;
 * salvaged: ..."; NULL when nothing was. Offsets count from the message's first byte. MIT krb5 is
 * asked about KRB-ERRORs, AP-REQs and whatever is odd, and quoted where it is of another mind.
 * `raw`: the message. */
const char *krb_note(struct arena *arena, const struct kerberos *message, struct bytes raw);

#endif
