/* SPDX-License-Identifier: MIT */
#include "protocol/http_auth.h"

#include "protocol/http.h"
#include "protocol/http_bytes.h"

const char *http_auth_field(struct bytes name)
{
#define FIELD(name)                                                                                \
    {                                                                                              \
        name, sizeof(name) - 1                                                                     \
    }
    static const struct {
        const char *name;
        size_t len;
    } fields[] = {FIELD("Authorization"), FIELD("WWW-Authenticate"), FIELD("Proxy-Authorization"),
                  FIELD("Proxy-Authenticate")};
#undef FIELD
    size_t i;

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (name.len == fields[i].len && http_is_word(name.at, fields[i].name, name.len))
            return fields[i].name;
    return NULL;
}

bool http_scheme_has_token(struct bytes scheme)
{
    return http_is(scheme, "Negotiate") || http_is(scheme, "Kerberos") || http_is(scheme, "NTLM");
}

/* RFC 9110 5.6.2 */
static bool is_token_char(uint8_t c)
{
    return (http_lower(c) >= 'a' && http_lower(c) <= 'z') || http_is_digit(c) ||
           (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static size_t token_len(struct bytes bytes)
{
    size_t len = 0;

    while (len < bytes.len && is_token_char(bytes.at[len]))
        len++;
    return len;
}

/* Where the element that begins at `at` ends: at a comma outside of quotes, or at the line's end.
 */
static size_t element_end(struct bytes line, size_t at)
{
    bool quoted = false;

    for (; at < line.len; at++) {
        if (quoted && line.at[at] == '\\')
            at++;
        else if (line.at[at] == '"')
            quoted = !quoted;
        else if (line.at[at] == ',' && !quoted)
            break;
    }
    return size_min(at, line.len);
}

/* What may stand alone in credentials without being a secret itself: the registry of RFC 9110 16.4,
 * and those of Windows. */
static bool is_known_scheme(struct bytes scheme)
{
    static const char *const known[] = {"Basic",  "Bearer",    "Digest",     "DPoP", "HOBA",
                                        "Mutual", "Negotiate", "OAuth",      "GNAP", "vapid",
                                        "NTLM",   "Kerberos",  "Passport1.4"};
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (http_is(scheme, known[i]))
            return true;
    return false;
}

void http_first_challenge(struct bytes line, bool credentials, struct http_challenge *out)
{
    size_t len = token_len(line), end = element_end(line, 0);
    struct bytes rest;

    memset(out, 0, sizeof(*out));
    if (len < line.len && !http_is_blank(line.at[len]) && line.at[len] != ',')
        len = 0;
    rest = http_trim(http_part(line, len, line.len));
    out->scheme = http_part(line, 0, len);
    if (credentials && rest.len == 0 && !is_known_scheme(out->scheme))
        out->scheme.len = 0;
    out->value_len = rest.len;
    out->token = http_trim(http_part(line, len, end < len ? len : end));
}

bool http_next_challenge(struct bytes line, size_t *at, struct http_challenge *out)
{
    while ((*at = element_end(line, *at)) < line.len) {
        size_t end = element_end(line, ++*at), len, next;
        struct bytes element = http_trim(http_part(line, *at, end));

        len = next = token_len(element);
        while (next < element.len && http_is_blank(element.at[next]))
            next++;
        /* A parameter of the challenge before has "=" there; a scheme has a blank, or nothing. */
        if (len == 0 || (next < element.len && (element.at[next] == '=' || next == len)))
            continue;
        out->scheme = http_part(element, 0, len);
        out->token = http_part(element, next, element.len);
        out->value_len = out->token.len;
        return true;
    }
    return false;
}
