/* SPDX-License-Identifier: MIT */
/* A GSS-API token as protocols carry it: SPNEGO, Kerberos with or without the header of RFC 2743,
 * NTLM; and the mechanism's own message inside. */
#ifndef KRBWHY_PROTOCOL_GSS_H
#define KRBWHY_PROTOCOL_GSS_H

#include "asn1/oid.h"
#include "asn1/spnego.h"

enum gss_inner {
    GSS_NOTHING,  /* no mechanism token */
    GSS_KERBEROS, /* a Kerberos message: `inner` begins with it */
    GSS_NTLM,     /* NTLMSSP */
    GSS_NEGOEX,   /* [MS-NEGOEX]: named, not read */
    GSS_OTHER     /* something else, or a per-message token */
};

/* Borrows the input; offsets are those of the input. */
struct gss_token {
    const char *token;     /* as gss.token in records.def; static */
    struct spnego spnego;  /* not set: no SPNEGO around it */
    bool has_header;       /* InitialContextToken around the mechanism's token, RFC 2743, 3.1 */
    struct bytes mech;     /* contents of that header's OID (SPNEGO's own header is not meant) */
    struct der_int tok_id; /* RFC 4121, 4.1: 0x0100 AP-REQ, 0x0200 AP-REP, 0x0300 KRB-ERROR */
    enum gss_inner kind;
    struct reader inner;     /* the mechanism's message */
    bool salvaged;           /* the frame is damaged: `inner` is where to salvage a KRB-ERROR */
    struct reader mic_token; /* a second token where the mechListMIC should be (Java's habit) */
    struct der_story story;  /* of the framing, SPNEGO's included */
};

/* Reads a token; `open`: the capture may have cut bytes off its end. False when nothing in it is
 * known; then out->token is "unknown". */
bool gss_parse(struct bytes token, bool open, struct gss_token *out);

#endif
