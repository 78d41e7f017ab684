/* SPDX-License-Identifier: MIT */
/* Names of Kerberos numbers: message types, error codes, encryption types. */
#ifndef KRBWHY_ASN1_NAMES_H
#define KRBWHY_ASN1_NAMES_H

#include <stdint.h>

/* "TGS-REQ"; RFC 4120, 7.5.7. NULL for an unknown type. Static, as are all below. */
const char *krb_message_name(int64_t msg_type);

/* "KRB_AP_ERR_MODIFIED"; RFC 4120, 7.5.9, RFC 4556, 3.1.3, RFC 6113, 5, RFC 8636, 6. NULL for an
 * unknown code. */
const char *krb_error_name(int64_t error_code);

/* "aes256-cts-hmac-sha1-96"; IANA "Kerberos Encryption Type Numbers", negative ones RFC 4757, 2 and
 * [MS-KILE] 3.1.5.2. NULL for an unknown type. */
const char *krb_etype_name(int64_t etype);

/* "NT-SRV-INST"; RFC 4120, 6.2, RFC 6111, [MS-KILE] 3.1.5.1, without the KRB_ in front. NULL for an
 * unknown type. */
const char *krb_name_type(int64_t name_type);

/* "PA-ETYPE-INFO2"; IANA "Pre-authentication and Typed Data". NULL for an unknown type. */
const char *krb_padata_name(int64_t padata_type);

/* "forwardable": the flag of KDCOptions (RFC 4120, 5.4.1, RFC 6806, 3, [MS-SFU] 2.2.5) with that
 * number, 0 being the highest of 32 bits. NULL for an unknown one. */
const char *krb_kdc_option(int bit);

/* The error code of such a name, in any case; -1 when there is none. */
int64_t krb_error_code(const char *name);

#endif
