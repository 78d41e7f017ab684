/* SPDX-License-Identifier: MIT */
/* SPNEGO negotiation tokens (RFC 4178, [MS-SPNG]). The grammar is written out in spnego.asn1. */
#ifndef KRBWHY_ASN1_SPNEGO_H
#define KRBWHY_ASN1_SPNEGO_H

#include "asn1/der.h"

enum spnego_kind {
    SPNEGO_NONE,
    SPNEGO_INIT,  /* NegTokenInit, RFC 4178, 4.2.1 */
    SPNEGO_INIT2, /* NegTokenInit2, [MS-SPNG] 2.2.1: a server's first word, with negHints */
    SPNEGO_RESP   /* NegTokenResp, RFC 4178, 4.2.2 */
};

/* negState */
enum { SPNEGO_COMPLETED, SPNEGO_INCOMPLETE, SPNEGO_REJECT, SPNEGO_REQUEST_MIC };

/* Borrows the input. What the token does not have is not set. */
struct spnego {
    bool set;
    enum spnego_kind kind;
    struct der_list mechs;      /* Init: mechTypes; spnego_mech_take */
    struct der_int req_flags;   /* Init */
    struct der_bytes hint_name; /* Init2 */
    struct der_int neg_state;   /* Resp */
    struct der_bytes supported; /* Resp: contents of the OID supportedMech */
    struct der_bytes token;     /* Init: mechToken; Resp: responseToken */
    struct der_bytes mic;       /* mechListMIC */
    struct der_story story;
};

/* Reads a NegotiationToken from the front of the reader (which it moves): the [0] or [1] of the
 * CHOICE, without the GSS header of RFC 2743. False when it is neither. As with kerberos_parse, the
 * story tells what was wrong with one that is. */
bool spnego_parse(struct reader *in, struct spnego *out);

/* The contents of the next OID from a copy of mechs.in; false at its end. */
bool spnego_mech_take(struct reader *list, struct bytes *out);

#endif
