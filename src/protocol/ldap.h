/* SPDX-License-Identifier: MIT */
/* LDAP binds (RFC 4511 4.2) and what answers them. Everything is borrowed; a password of a simple
 * bind is never looked at. */
#ifndef KRBWHY_PROTOCOL_LDAP_H
#define KRBWHY_PROTOCOL_LDAP_H

#include "asn1/der.h"

/* Application tags of protocolOp, 4.2 to 4.14. */
enum { LDAP_BIND_REQUEST = 0, LDAP_BIND_RESPONSE = 1 };

enum ldap_frame { LDAP_FRAME_NONE, LDAP_FRAME_MORE, LDAP_FRAME_MESSAGE };

/* Whether an LDAPMessage (4.1.1) begins at the front of the bytes: its length, and the tag of its
 * operation. LDAP_FRAME_MORE when there are too few to tell. Messages within a SASL security layer
 * (5.1.3 of RFC 4513) are none. */
enum ldap_frame ldap_take_frame(struct bytes first, size_t *out_len, uint32_t *out_op);

struct ldap_message {
    int64_t message_id;
    uint32_t op;             /* LDAP_BIND_... */
    struct bytes dn;         /* request: name */
    const char *how;         /* request: "simple", "SASL", or Microsoft's "NTLM" ([MS-ADTS]
                                5.1.1.1); NULL: unknown. Static */
    struct bytes mechanism;  /* SASL: "GSSAPI", "GSS-SPNEGO" */
    struct der_int result;   /* response: resultCode */
    struct bytes diagnostic; /* response: diagnosticMessage */
    struct bytes token;      /* SASL credentials of either side; empty: none */
    struct der_story story;
};

/* A bindRequest or bindResponse. False when it is neither, or its operation cannot be found. */
bool ldap_parse(struct reader *in, struct ldap_message *out);

/* "invalidCredentials"; NULL for codes without a name here. */
const char *ldap_result_name(int64_t code);

#endif
