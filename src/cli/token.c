/* SPDX-License-Identifier: MIT */
#include "cli/token.h"

#include <stdio.h>

#include "asn1/kerberos.h"
#include "asn1/names.h"
#include "asn1/oid.h"
#include "carrier/token.h"
#include "cli/pasted.h"
#include "cli/token_lines.h"
#include "protocol/gss.h"

/* What is said about one token. */
struct subject {
    struct text *out;
    const struct pasted *pasted;
    struct bytes raw;
    struct gss_token gss;
    struct log log;
    struct arena scratch;
};

static const char *const states[] = {"accept-completed", "accept-incomplete", "reject",
                                     "request-mic"};

static void put_oid(struct text *out, const char *label, const char *dotted)
{
    const char *name = oid_name(dotted);

    if (name == NULL)
        line(out, label, "%s", dotted);
    else
        line(out, label, "%s (%s)", dotted, name);
}

static const char *message_of_tok_id(int64_t id)
{
    switch (id) {
    case 0x0100:
        return " (AP-REQ)";
    case 0x0200:
        return " (AP-REP)";
    case 0x0300:
        return " (KRB-ERROR)";
    case 0x0400:
        return " (TGT-REQ, user-to-user)";
    case 0x0401:
        return " (TGT-REP, user-to-user)";
    default:
        return "";
    }
}

static void put_gss(struct text *out, const struct gss *gss, bool sound)
{
    size_t i;

    for (i = 0; i < gss->mechs.num; i++)
        put_oid(out, i == 0 ? "mechanisms" : "", gss->mechs.at[i]);
    if (gss->neg_state.set) {
        int64_t state = gss->neg_state.value;

        line(out, "negState", "%s (%lld)", state >= 0 && state < 4 ? states[state] : "unknown",
             (long long)state);
    }
    if (gss->supported_mech != NULL)
        put_oid(out, "supportedMech", gss->supported_mech);
    if (gss->mech != NULL)
        put_oid(out, "mech token for", gss->mech);
    if (gss->tok_id.set)
        line(out, "tok_id", "%02x %02x%s", (unsigned)(gss->tok_id.value >> 8),
             (unsigned)(gss->tok_id.value & 0xFF), message_of_tok_id(gss->tok_id.value));
    if (gss->has_mic)
        line(out, "mechListMIC", "present");
    if (gss->note != NULL && sound) /* damage is told below */
        line(out, "note", "%s", gss->note);
}

static const char *const kinds[][2] = {
    {"NegTokenInit", "SPNEGO, the client's first token (NegTokenInit)"},
    {"NegTokenInit2", "SPNEGO, a server's hello (NegTokenInit2)"},
    {"NegTokenResp", "SPNEGO, an answer (NegTokenResp)"},
    {"krb5", "Kerberos token without SPNEGO"},
    {"NTLMSSP", "NTLM token without SPNEGO"},
};

static void put_head(const struct subject *s)
{
    const char *kind = s->gss.token;
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i][0], kind) == 0)
            kind = kinds[i][1];
    text_putf(s->out, "%s, %zu bytes%s\n", kind, s->raw.len,
              s->pasted->form == PASTED_HEX ? " (from hexadecimal)" : "");
}

/* Offsets in the token: the first fault of the frame, and what of the message is beyond reading. */
static void put_damage(const struct subject *s)
{
    const struct der_story *story = &s->gss.story;
    struct reader in = s->gss.inner;
    struct kerberos message = {0};
    size_t i;

    if (s->gss.kind == GSS_KERBEROS) {
        if (s->gss.salvaged)
            kerberos_salvage(&in, &message);
        else
            kerberos_parse(&in, &message);
    }
    if (story->fault == FAULT_NONE)
        story = &message.story;
    if (story->fault == FAULT_NONE) {
        if (s->pasted->cut_by_dots)
            text_put(s->out, "The pasted text ends in \"...\": it may have been shortened.\n");
        return;
    }
    if (story->fault == FAULT_NEEDS_MORE && message.salvaged.tags == 0) {
        text_putf(s->out,
                  "damaged: the token is cut short: it ends at offset %zu, its lengths say more\n",
                  s->raw.len);
        return;
    }
    text_putf(s->out, "damaged: %s at offset %zu of the token", story->fault_what, story->fault_at);
    if (story->field != NULL)
        text_putf(s->out, " (in %s)", story->field);
    text_put_char(s->out, '\n');
    for (i = 0; i < message.salvaged.num_holes; i++)
        text_putf(s->out, "damaged: offsets %zu to %zu cannot be read\n",
                  message.salvaged.holes[i].at, message.salvaged.holes[i].end - 1);
    if (message.salvaged.tags != 0)
        text_put(s->out, "The fields above were found around the damage, not by following it.\n");
}

static void put_observations(const struct subject *s)
{
    const struct krb *error = NULL;
    size_t i;

    for (i = 0; i < s->log.num; i++) {
        const struct observation *o = &s->log.at[i];

        switch (o->kind) {
        case KIND_gss:
            put_gss(s->out, o->gss, s->gss.story.fault == FAULT_NONE);
            break;
        case KIND_krb:
            lines_krb(s->out, o->krb);
            error = o->krb->msg_type == KRB_ERROR ? o->krb : error;
            break;
        case KIND_ntlm:
            lines_ntlm(s->out, o->ntlm);
            break;
        default:
            break;
        }
    }
    if (s->gss.kind == GSS_NEGOEX)
        text_put(s->out, "NegoEx negotiation; its messages are not taken apart\n");
    else if (s->gss.kind == GSS_OTHER)
        text_put(s->out, "The mechanism's own token inside is of an unknown kind\n");
    put_damage(s);
    if (error != NULL)
        lines_meaning(s->out, error);
    else
        lines_state_meaning(s->out, &s->log);
}

static int explain_nothing(struct text *out, const struct pasted *pasted)
{
    if (pasted->form == PASTED_NOTHING && pasted->scheme != NULL)
        text_putf(out, "not a token: %s stands there and no token behind it\n", pasted->scheme);
    else if (pasted->form == PASTED_NOTHING)
        text_put(out, "not a token: this is neither base64 nor hexadecimal\n");
    else
        text_putf(out, "not a token: the %zu bytes are neither SPNEGO, nor Kerberos, nor NTLM\n",
                  pasted->bytes.len);
    return 2;
}

int token_explain(struct text *out, const char *argument)
{
    struct pasted pasted;
    struct subject s = {.out = out, .pasted = &pasted};
    struct carriage carriage = {.log = &s.log, .scratch = &s.scratch};
    struct source source = {.damaged = "incomplete"}; /* pasted text may lack its end */
    int status = 0;

    pasted_decode(argument, &pasted);
    s.raw = (struct bytes){(const uint8_t *)pasted.bytes.at, pasted.bytes.len};
    if (pasted.form == PASTED_NOTHING || !gss_parse(s.raw, true, &s.gss)) {
        status = explain_nothing(out, &pasted);
    } else {
        put_head(&s);
        token_observe(&carriage, &source, s.raw, 0, 0);
        put_observations(&s);
    }
    log_clear(&s.log);
    arena_clear(&s.scratch);
    text_clear(&pasted.bytes);
    return status;
}
