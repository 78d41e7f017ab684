/* SPDX-License-Identifier: MIT */
#include "protocol/gss.h"

#include "asn1/kerberos.h"

enum { OCTET_HEADER = 0x60, OCTET_NEG_INIT = 0xA0, OCTET_NEG_RESP = 0xA1 };

static bool begins_with(const struct reader *in, const char *text)
{
    size_t len = strlen(text);

    return reader_left(in) >= len && memcmp(in->base + in->at, text, len) == 0;
}

/* RFC 2743, 3.1: [APPLICATION 0] with an OID and then what the mechanism likes. */
static bool take_header(struct reader in, struct der_story *story, struct bytes *out_mech,
                        struct reader *out_rest)
{
    struct der token, oid;

    if (!der_take(&in, story, &token) || !der_is(&token, DER_APPLICATION, 0))
        return false;
    *out_rest = token.in;
    if (!der_take(out_rest, story, &oid) || !der_is(&oid, DER_UNIVERSAL, DER_OID)) {
        der_fail(story, FAULT_MALFORMED, token.start, "a GSS-API header without an OID");
        return false;
    }
    *out_mech = der_string(&oid, story).raw;
    return true;
}

/* What a mechanism's token is once the GSS-API header is off. */
static void classify(struct gss_token *out, struct reader in)
{
    int octet = reader_peek(&in);

    out->inner = in;
    if (begins_with(&in, "NTLMSSP"))
        out->kind = GSS_NTLM;
    else if (begins_with(&in, "NEGOEXTS"))
        out->kind = GSS_NEGOEX;
    else if (kerberos_type_of_octet(octet) != 0)
        out->kind = GSS_KERBEROS;
    else
        out->kind = octet < 0 ? GSS_NOTHING : GSS_OTHER;
}

/* tok_id and what follows it, RFC 4121, 4.1; 04 00 and 04 01 are user-to-user. */
static void take_kerberos(struct gss_token *out, struct reader in)
{
    uint16_t id = reader_be16(&in);

    if (!reader_ok(&in)) {
        der_fold(&out->story, &in);
        return;
    }
    out->tok_id.set = true;
    out->tok_id.value = id;
    out->inner = in;
    out->kind = id == 0x0100 || id == 0x0200 || id == 0x0300 || id == 0x0400 || id == 0x0401
                    ? GSS_KERBEROS
                    : GSS_OTHER;
}

/* The token of a mechanism, with or without a header. */
static void take_mech_token(struct gss_token *out, struct reader in)
{
    struct reader rest;

    if (reader_peek(&in) != OCTET_HEADER) {
        classify(out, in);
        return;
    }
    if (!take_header(in, &out->story, &out->mech, &rest))
        return;
    out->has_header = true;
    if (oid_is_kerberos(oid_mech(out->mech)))
        take_kerberos(out, rest);
    else
        classify(out, rest);
}

static void take_spnego(struct gss_token *out, struct reader in)
{
    static const char *const names[] = {[SPNEGO_INIT] = "NegTokenInit",
                                        [SPNEGO_INIT2] = "NegTokenInit2",
                                        [SPNEGO_RESP] = "NegTokenResp"};
    bool whole = spnego_parse(&in, &out->spnego);
    struct reader mic;

    if (out->spnego.set)
        out->token = names[out->spnego.kind];
    if (!whole)
        der_fail(&out->story, FAULT_MALFORMED, out->spnego.story.fault_at,
                 "not a negotiation token");
    if (out->spnego.story.fault != FAULT_NONE)
        out->story = out->spnego.story;
    out->story.odd |= out->spnego.story.odd;
    if (out->spnego.token.raw.len > 0) {
        struct reader token = kerberos_reader(&in, out->spnego.token.raw);

        token.open = !out->spnego.token.set; /* the beginning of one that was cut */
        take_mech_token(out, token);
    }
    mic = kerberos_reader(&in, out->spnego.mic.raw);
    if (reader_peek(&mic) == OCTET_HEADER)
        out->mic_token = mic;
}

/* A header and what it announces. */
static void take_initial(struct gss_token *out, struct reader in)
{
    struct der_story story = {0};
    struct reader rest;
    struct bytes mech;

    if (take_header(in, &story, &mech, &rest) && oid_mech(mech) == MECH_SPNEGO) {
        out->story = story;
        take_spnego(out, rest);
        return;
    }
    take_mech_token(out, in);
    if (out->has_header && oid_is_kerberos(oid_mech(out->mech)))
        out->token = "krb5"; /* also without a message that is known */
}

/* The frame is broken: is there a KRB-ERROR in what is left? */
static void salvage(struct gss_token *out, struct reader whole)
{
    struct kerberos error;

    if (out->kind == GSS_KERBEROS || out->kind == GSS_NTLM || !kerberos_salvage(&whole, &error))
        return;
    der_fail(&out->story, FAULT_MALFORMED, out->kind == GSS_OTHER ? out->inner.at : whole.at,
             "the frame around a KRB-ERROR is damaged");
    out->salvaged = true;
    out->kind = GSS_KERBEROS;
    out->inner = whole;
    if (strcmp(out->token, "unknown") == 0)
        out->token = "krb5";
}

bool gss_parse(struct bytes token, bool open, struct gss_token *out)
{
    struct reader in;
    int first;

    memset(out, 0, sizeof(*out));
    out->token = "unknown";
    reader_init(&in, token, open);
    first = reader_peek(&in);
    if (first == OCTET_HEADER) {
        take_initial(out, in);
    } else if (first == OCTET_NEG_INIT || first == OCTET_NEG_RESP) {
        take_spnego(out, in);
    } else {
        classify(out, in);
    }
    if (out->kind == GSS_KERBEROS && !out->spnego.set)
        out->token = "krb5";
    if (out->kind == GSS_NTLM && !out->spnego.set)
        out->token = "NTLMSSP";
    if (out->story.fault == FAULT_MALFORMED || out->kind == GSS_OTHER)
        salvage(out, in);
    return strcmp(out->token, "unknown") != 0;
}
