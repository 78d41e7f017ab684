/* SPDX-License-Identifier: MIT */
/* Object identifiers: their text, and the security mechanisms that have a name here. */
#ifndef KRBWHY_ASN1_OID_H
#define KRBWHY_ASN1_OID_H

#include "base/bytes.h"

enum { OID_TEXT_ROOM = 128 };

enum oid_mech {
    MECH_OTHER,
    MECH_SPNEGO,   /* 1.3.6.1.5.5.2, RFC 4178 */
    MECH_KRB5,     /* 1.2.840.113554.1.2.2, RFC 4121 */
    MECH_KRB5_MS,  /* 1.2.840.48018.1.2.2: the same cut to 16 bits by Windows 2000, [MS-SPNG] */
    MECH_KRB5_U2U, /* 1.2.840.113554.1.2.2.3, user-to-user */
    MECH_NTLM,     /* 1.3.6.1.4.1.311.2.2.10, [MS-NLMP] */
    MECH_NEGOEX,   /* 1.3.6.1.4.1.311.2.2.30, [MS-NEGOEX] */
    MECH_IAKERB,   /* 1.3.6.1.5.2.5 */
    MECH_PKU2U     /* 1.3.6.1.5.2.7 */
};

/* Dotted text of an OBJECT IDENTIFIER's contents (X.690 8.19) in out[OID_TEXT_ROOM]; false, and ""
 * in out, when they are none, or have arcs beyond 32 bits, or the text does not fit. */
bool oid_text(struct bytes content, char *out);

enum oid_mech oid_mech(struct bytes content);

/* "Kerberos 5", "NTLM", ...: static; NULL when dotted text has no name here. */
const char *oid_name(const char *dotted);

static inline bool oid_is_kerberos(enum oid_mech mech)
{
    return mech == MECH_KRB5 || mech == MECH_KRB5_MS || mech == MECH_KRB5_U2U;
}

#endif
