/* SPDX-License-Identifier: MIT */
/* What an observation says, and the time line of an attempt. */
#include <inttypes.h>

#include "asn1/names.h"
#include "protocol/ldap.h"
#include "report/say_parts.h"

enum { AS_REQ = 10, AS_REP, TGS_REQ, TGS_REP, AP_REQ, AP_REP, KRB_ERROR = 30 };

/* Appends parts of one sentence with "; " between them. */
static void then(struct text *out)
{
    if (out->len > 0)
        text_put(out, "; ");
}

/* ---- one observation ---- */

static void say_answers(struct text *out, const struct dns *dns)
{
    size_t i, said = 0;

    for (i = 0; i < dns->answers.num && said < 6; i++) {
        const struct answer *a = &dns->answers.at[i];

        if (a->value == NULL || a->type == NULL || a->name == NULL ||
            (a->section != NULL && strcmp(a->section, "answer") != 0))
            continue;
        if (strcmp(a->type, "CNAME") == 0)
            text_putf(out, "%s%s is an alias of %s", said++ > 0 ? "; " : "", a->name, a->value);
        else if (strcmp(a->type, "A") == 0 || strcmp(a->type, "AAAA") == 0)
            text_putf(out, "%s%s has address %s", said++ > 0 ? "; " : "", a->name, a->value);
        else if (strcmp(a->type, "PTR") == 0)
            text_putf(out, "%s%s is called %s", said++ > 0 ? "; " : "", a->name, a->value);
    }
    if (said == 0 && dns->rcode == 0)
        text_putf(out, "%s has no record of type %s", dns->qname == NULL ? "the name" : dns->qname,
                  dns->qtype == NULL ? "asked for" : dns->qtype);
}

static void say_dns(struct text *out, const struct dns *dns)
{
    if (!dns->response)
        text_putf(out, "which %s has %s?", dns->qtype == NULL ? "record" : dns->qtype,
                  dns->qname == NULL ? "the name" : dns->qname);
    else if (dns->rcode == 3)
        text_putf(out, "there is no %s", dns->qname == NULL ? "such name" : dns->qname);
    else if (dns->rcode != 0)
        text_putf(out, "no answer for %s (DNS error %" PRId64 ")",
                  dns->qname == NULL ? "the name" : dns->qname, dns->rcode);
    else
        say_answers(out, dns);
}

static void say_key(struct text *out, const struct ticket *ticket)
{
    const char *name;

    if (ticket == NULL || !ticket->etype.set)
        return;
    name = krb_etype_name(ticket->etype.value);
    if (name != NULL)
        text_putf(out, ", %s", name);
    else
        text_putf(out, ", encryption type %" PRId64, ticket->etype.value);
    if (ticket->kvno.set)
        text_putf(out, ", key version %" PRId64, ticket->kvno.value);
    else
        text_put(out, ", without key version");
}

void say_error(struct text *out, const struct krb *krb, bool by_acceptor)
{
    const char *name = krb->error_code.set ? krb_error_name(krb->error_code.value) : NULL;

    text_put(out, name != NULL ? name : "Kerberos error");
    if (krb->error_code.set)
        text_putf(out, " (%" PRId64 ")", krb->error_code.value);
    if (by_acceptor && krb->sname != NULL && krb->sname[0] != '\0')
        text_putf(out, ", sent as %s", krb->sname);
    if (krb->e_text != NULL && krb->e_text[0] != '\0')
        text_putf(out, ", \"%s\"", krb->e_text);
}

static void say_krb(struct text *out, const struct krb *krb, bool by_kdc)
{
    switch (krb->msg_type) {
    case AS_REQ:
        text_putf(out, "asks to log on as %s (AS-REQ)", or_name(krb->cname, "somebody"));
        break;
    case AS_REP:
        text_put(out, "logged on: issues a ticket-granting ticket (AS-REP)");
        break;
    case TGS_REQ:
        text_putf(out, "asks for a ticket for %s (TGS-REQ)", or_name(krb->sname, "a service"));
        break;
    case TGS_REP:
        text_putf(out, "issues a ticket for %s (TGS-REP)",
                  krb->ticket == NULL ? "the service" : or_name(krb->ticket->sname, "the service"));
        say_key(out, krb->ticket);
        break;
    case AP_REQ:
        text_putf(out, "presents a ticket for %s (AP-REQ)",
                  krb->ticket == NULL ? "the service" : or_name(krb->ticket->sname, "the service"));
        break;
    case AP_REP:
        text_put(out, "opened the ticket (AP-REP)");
        break;
    case KRB_ERROR:
        say_error(out, krb, !by_kdc);
        break;
    default:
        text_put(out, or_name(krb_message_name(krb->msg_type), "a Kerberos message"));
    }
}

static void say_http(struct text *out, const struct http *http)
{
    size_t i;

    if (!http->response) {
        text_putf(out, "%s %s", or_name(http->method, "HTTP"), or_name(http->target, "?"));
        return;
    }
    if (http->status.set)
        text_putf(out, "%" PRId64 " %s", http->status.value, or_name(http->reason, ""));
    else
        text_put(out, "an HTTP answer");
    for (i = 0; i < http->auths.num && i < 4; i++)
        text_putf(out, "%s%s", i == 0 ? " (" : ", ", or_name(http->auths.at[i].scheme, "?"));
    if (i > 0)
        text_put_char(out, ')');
}

static void say_gss(struct text *out, const struct gss *gss)
{
    /* accept-incomplete says nothing that the token beside it does not say */
    if (gss->neg_state.set && gss->neg_state.value == 0)
        text_put(out, "SPNEGO: accepted");
    else if (gss->neg_state.set && gss->neg_state.value == 2)
        text_put(out, "SPNEGO: rejected");
}

static void say_ntlm(struct text *out, const struct ntlm *ntlm)
{
    if (ntlm->msg_type == 1)
        text_put(out, "begins NTLM");
    else if (ntlm->msg_type == 2 && ntlm->dns_computer == NULL && ntlm->nb_computer == NULL)
        text_put(out, "NTLM challenge");
    else if (ntlm->msg_type == 2)
        text_putf(out, "NTLM challenge of the computer %s",
                  or_name(ntlm->dns_computer, ntlm->nb_computer));
    else
        text_putf(out, "logs on with NTLM as %s\\%s", or_name(ntlm->domain, ""),
                  or_name(ntlm->user, "?"));
}

static void say_tls(struct text *out, const struct tls *tls)
{
    text_putf(out, "TLS %s", or_name(tls->message, "message"));
    if (tls->sni != NULL)
        text_putf(out, " for %s", tls->sni);
    if (tls->names.num > 0)
        text_putf(out, " for %s", tls->names.at[0]);
}

/* Requests are told by the token in them. */
static void say_smb2(struct text *out, const struct smb2 *smb2)
{
    if (smb2->response && smb2->status.set)
        text_putf(out, "%s is answered with NTSTATUS 0x%08" PRIX32, or_name(smb2->command, "SMB2"),
                  (uint32_t)smb2->status.value);
}

static void say_ldap(struct text *out, const struct ldap *ldap)
{
    const char *name = ldap_result_name(ldap->result.value);

    if (!ldap->response || !ldap->result.set)
        return;
    text_putf(out, "LDAP bind is answered with %s%s(%" PRId64 ")", or_name(name, ""),
              name == NULL ? "" : " ", ldap->result.value);
    if (ldap->diagnostic != NULL)
        text_putf(out, ": %s", ldap->diagnostic);
}

static void say_dcerpc(struct text *out, const struct dcerpc *dcerpc)
{
    if (!dcerpc->response)
        return;
    text_putf(out, "RPC %s", or_name(dcerpc->type, "answer"));
    if (dcerpc->reason.set)
        text_putf(out, ", reason %" PRId64, dcerpc->reason.value);
}

static void say_one(struct text *out, const struct observation *o, bool by_kdc)
{
    switch (o->kind) {
    case KIND_dns:
        say_dns(out, o->dns);
        break;
    case KIND_krb:
        say_krb(out, o->krb, by_kdc);
        break;
    case KIND_http:
        say_http(out, o->http);
        break;
    case KIND_gss:
        say_gss(out, o->gss);
        break;
    case KIND_ntlm:
        say_ntlm(out, o->ntlm);
        break;
    case KIND_tls:
        say_tls(out, o->tls);
        break;
    case KIND_smb2:
        say_smb2(out, o->smb2);
        break;
    case KIND_ldap:
        say_ldap(out, o->ldap);
        break;
    case KIND_dcerpc:
        say_dcerpc(out, o->dcerpc);
        break;
    case KIND_conn:
        text_putf(out, "connection %s", or_name(o->conn->what, "ends"));
        break;
    default:
        break;
    }
}

/* ---- the time line ---- */

static bool is_kdc(const struct observation *o)
{
    return o->kind == KIND_krb && o->source.carrier != NULL &&
           (strcmp(o->source.carrier, "krb5") == 0 || strcmp(o->source.carrier, "kpasswd") == 0);
}

static const char *peer_of(const struct observation *o, const struct attempt *a)
{
    if (o->kind == KIND_dns)
        return o->source.carrier != NULL && strcmp(o->source.carrier, "dns") == 0 ? "DNS"
                                                                                  : "network";
    if (is_kdc(o))
        return "KDC";
    return a->proxy ? "proxy" : "server";
}

/* True when the other side sent it. */
static bool is_answer(const struct observation *o, const struct attempt *a)
{
    if (a->client.family != 0 && address_equal(&o->source.src, &a->client))
        return false;
    if (a->client.family != 0 && address_equal(&o->source.dst, &a->client))
        return true;
    return o->source.reply;
}

static bool is_fault(const struct observation *o)
{
    if (o->kind == KIND_krb)
        return o->krb->msg_type == KRB_ERROR;
    if (o->kind == KIND_http)
        return o->http->status.set && o->http->status.value >= 400;
    if (o->kind == KIND_smb2)
        return o->smb2->status.set && (o->smb2->status.value & 0xC0000000) == 0xC0000000 &&
               o->smb2->status.value != 0xC0000016; /* more processing required */
    if (o->kind == KIND_ldap)
        return o->ldap->result.set && o->ldap->result.value != 0 && o->ldap->result.value != 14;
    if (o->kind == KIND_dcerpc)
        return o->dcerpc->reason.set;
    if (o->kind == KIND_gss)
        return o->gss->neg_state.set && o->gss->neg_state.value == 2;
    if (o->kind == KIND_conn)
        return o->conn->what != NULL && strcmp(o->conn->what, "reset") == 0;
    return o->kind == KIND_dns && o->dns->response && o->dns->rcode != 0;
}

static bool same_line(const struct observation *a, const struct observation *b)
{
    return a->source.capture == b->source.capture && a->source.frame == b->source.frame &&
           address_equal(&a->source.src, &b->source.src);
}

size_t say_chain(struct view *view, const struct view_attempt *shown, struct say_step **out)
{
    const struct attempt *a = shown->attempt;
    const struct log *log = shown->in->log;
    struct say_step *steps;
    int64_t chain[VIEW_CHAIN];
    size_t num = view_chain(a, log, chain), i, k, lines = 0;

    steps = arena_take(&view->arena, num, sizeof(*steps));
    for (i = 0; i < num; i = k) {
        const struct observation *first = log_find(log, chain[i]);
        struct say_step *step = &steps[lines];
        struct text what = {0};

        for (k = i; k < num && same_line(first, log_find(log, chain[k])); k++) {
            const struct observation *o = log_find(log, chain[k]);
            struct text part = {0};

            say_one(&part, o, is_kdc(o));
            if (part.len > 0) {
                then(&what);
                text_put(&what, text_str(&part));
            }
            text_clear(&part);
            step->fault |= is_fault(o);
            step->ticket |=
                o->kind == KIND_krb && (o->krb->msg_type == TGS_REP || o->krb->msg_type == AP_REQ);
        }
        step->source = view_source(view, log, chain[i]);
        step->from = is_answer(first, a) ? peer_of(first, a) : "client";
        step->to = is_answer(first, a) ? "client" : peer_of(first, a);
        step->what = say_keep(view, &what);
        lines += step->what[0] != '\0' && step->source.set;
    }
    *out = steps;
    return lines;
}

void say_comments(struct view *view, struct say_step *steps, size_t num)
{
    size_t i, k;

    for (i = 0; i < num; i++) {
        const struct view_input *input = steps[i].source.input;

        for (k = 0; k < input->num_comments; k++)
            if (input->comments[k]->source.frame == steps[i].source.frame)
                steps[i].what = arena_print(&view->arena, "%s; comment in the capture: \"%s\"",
                                            steps[i].what, input->comments[k]->frame_comment->text);
    }
}
