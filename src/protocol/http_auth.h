/* SPDX-License-Identifier: MIT */
/* Authentication fields of HTTP (RFC 9110 11) and dates (5.6.7). */
#ifndef KRBWHY_PROTOCOL_HTTP_AUTH_H
#define KRBWHY_PROTOCOL_HTTP_AUTH_H

#include "base/bytes.h"

/* The canonical spelling of an authentication field's name; NULL for any other name. */
const char *http_auth_field(struct bytes name);

/* One challenge of a field line, or the credentials. */
struct http_challenge {
    struct bytes scheme; /* a token (RFC 9110 5.6.2); empty when it is none, or when it stands alone
                            in credentials and is no known scheme: then it may be the secret */
    struct bytes token;  /* what stands behind the scheme up to a comma: a token68, or the first of
                            its parameters */
    size_t value_len;    /* octets behind the scheme: of the first challenge to the line's end */
};

/* The first challenge of an unfolded, trimmed line (http_unfold), or the credentials. */
void http_first_challenge(struct bytes line, bool credentials, struct http_challenge *out);

/* A further challenge of the line (RFC 9110 11.6.1: a list), found behind offset *at, which starts
 * at 0 and is moved on. False when there is none. */
bool http_next_challenge(struct bytes line, size_t *at, struct http_challenge *out);

/* Negotiate (RFC 4559), Kerberos (WinRM, MS-WSMV) or NTLM: its token is one of GSS-API or NTLM. */
bool http_scheme_has_token(struct bytes scheme);

/* A date in one of the three forms of RFC 9110 5.6.7, as seconds since 1970 UTC; false for anything
 * else. Two-digit years below 70 are of this century. */
bool http_parse_date(struct bytes text, int64_t *out_s);

#endif
