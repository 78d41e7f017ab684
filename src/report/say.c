/* SPDX-License-Identifier: MIT */
#include "report/say.h"

#include <inttypes.h>

#include "asn1/names.h"

enum { AS_REQ = 10, AS_REP, TGS_REQ, TGS_REP, AP_REQ, AP_REP, KRB_ERROR = 30 };

void say_count(struct text *out, int64_t num, const char *one, const char *many)
{
    if (num == 0)
        text_putf(out, "no %s", many);
    else
        text_putf(out, "%" PRId64 " %s", num, num == 1 ? one : many);
}

static const char *keep(struct view *view, struct text *text)
{
    const char *kept = arena_text(&view->arena, bytes_of_text(text_str(text)));

    text_clear(text);
    return kept;
}

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

        if (a->value == NULL || (a->section != NULL && strcmp(a->section, "answer") != 0))
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

static void say_error(struct text *out, const struct krb *krb, bool by_acceptor)
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

static const char *or_name(const char *name, const char *otherwise)
{
    return name == NULL || name[0] == '\0' ? otherwise : name;
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
    static const char *const states[] = {"accepted", "goes on", "rejected", "asks for a checksum"};

    if (gss->neg_state.set && gss->neg_state.value >= 0 && gss->neg_state.value < 4)
        text_putf(out, "SPNEGO: %s", states[gss->neg_state.value]);
}

static void say_ntlm(struct text *out, const struct ntlm *ntlm)
{
    if (ntlm->msg_type == 1)
        text_put(out, "begins NTLM");
    else if (ntlm->msg_type == 2)
        text_putf(out, "NTLM challenge of the computer %s",
                  or_name(ntlm->dns_computer, or_name(ntlm->nb_computer, "?")));
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

size_t say_chain(struct view *view, const struct view_attempt *shown, const struct say_step **out)
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
        }
        step->source = view_source(view, log, chain[i]);
        step->from = is_answer(first, a) ? peer_of(first, a) : "client";
        step->to = is_answer(first, a) ? "client" : peer_of(first, a);
        step->what = keep(view, &what);
        lines += step->what[0] != '\0' && step->source.set;
    }
    *out = steps;
    return lines;
}

const char *say_roles(struct view *view, const struct view_attempt *shown)
{
    const struct attempt *a = shown->attempt;
    const struct address *kdc = a->tgs.kdc.family != 0 ? &a->tgs.kdc : &a->as.kdc;
    char room[ADDRESS_TEXT_ROOM];
    struct text out = {0};

    text_putf(&out, "client %s",
              a->client.family == 0 ? "unknown" : address_text(&a->client, room));
    if (a->client_principal != NULL)
        text_putf(&out, " (%s)", a->client_principal);
    if (a->server.family != 0) {
        text_putf(&out, ", %s %s", a->proxy ? "proxy" : "server", address_text(&a->server, room));
        if (a->server_port != 0)
            text_putf(&out, " port %" PRId64, a->server_port);
    }
    if (a->server_computer != NULL)
        text_putf(&out, " (it calls itself %s)", a->server_computer);
    if (kdc->family != 0)
        text_putf(&out, ", KDC %s", address_text(kdc, room));
    return keep(view, &out);
}

/* ---- the verdict ---- */

/* What the acceptor could not do, as far as the finding knows who is who. */
static void say_keys(struct text *out, const struct finding *f, const struct attempt *a)
{
    const char *spn = a != NULL && a->spn != NULL ? a->spn : "the service";

    if (f->key_owner != NULL) {
        text_putf(out, "the ticket was encrypted for %s", f->key_owner);
        if (f->key_owner_expected)
            text_putf(out, " (expected owner of %s)", spn);
        if (f->tried_by != NULL)
            text_putf(out, ", and %s tried to open it.", f->tried_by);
        else
            text_put(out, ", and the service that got it could not open it.");
    } else if (f->tried_by != NULL) {
        text_putf(out, "%s tried to open a ticket for %s and could not.", f->tried_by, spn);
    } else {
        text_putf(out, "the service refused the ticket for %s.", spn);
    }
}

static void say_kdc_refusal(struct text *out, const struct attempt *a)
{
    if (a->error == a->as.error && a->error != 0)
        text_putf(out, "the KDC did not let %s log on", or_name(a->client_principal, "the client"));
    else
        text_putf(out, "the KDC gave no ticket for %s", or_name(a->spn, "the service"));
    if (a->outcome == OUTCOME_FELL_BACK)
        text_putf(out, ", and the client went on with %s", or_name(a->fallback, "something else"));
    text_put_char(out, '.');
}

const char *say_verdict(struct view *view, const struct view_finding *shown)
{
    const struct finding *f = shown->finding;
    const struct attempt *a = shown->first == NULL ? NULL : shown->first->attempt;
    const struct krb *error = a == NULL ? NULL : case_krb(shown->in->joined, a->error);
    struct text out = {0};

    if (a == NULL || f->informs) {
        text_put(&out, f->title);
        return keep(view, &out);
    }
    if (error != NULL) {
        say_error(&out, error, false);
        text_put(&out, ": ");
    }
    if (error != NULL && a->error_origin == ORIGIN_KDC)
        say_kdc_refusal(&out, a);
    else if (a->outcome == OUTCOME_FELL_BACK)
        text_putf(&out, "the client went on with %s.", or_name(a->fallback, "something else"));
    else if (error != NULL || f->key_owner != NULL || f->tried_by != NULL)
        say_keys(&out, f, a);
    else
        text_putf(&out, "%s refused the ticket for %s without saying why (%s).",
                  a->proxy ? "The proxy" : "The server", or_name(a->spn, "the service"),
                  or_name(a->ended_by, "no error was sent"));
    return keep(view, &out);
}

/* ---- places ---- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

/* The file of a source, where it has to be named: captures only when the case has several. */
static void say_file(struct text *out, const struct view *view, const struct view_input *input)
{
    if (input->input->evidence || (view->num_captures > 1 && view->report->num_cases == 1))
        text_putf(out, "%s ", base_name(input->input->path));
}

const char *say_places(struct view *view, const struct report_case *in,
                       const struct statement *statement)
{
    enum { MOST = 12 };
    struct view_source found[MOST];
    struct text out = {0};
    size_t i, k, num = 0, more = 0;

    for (i = 0; i < statement->num_sources; i++) {
        struct view_source source = view_source(view, in->log, statement->sources[i]);

        for (k = 0; k < num; k++)
            if (found[k].input == source.input && found[k].place == source.place)
                break;
        if (!source.set || k < num)
            continue;
        if (num < MOST)
            found[num++] = source;
        else
            more++;
    }
    for (i = 0; i < num; i = k) {
        const char *unit = found[i].input->input->evidence ? "line" : "frame";

        text_put(&out, i > 0 ? "; " : "");
        say_file(&out, view, found[i].input);
        for (k = i + 1; k < num && found[k].input == found[i].input; k++)
            ;
        text_putf(&out, "%s%s ", unit, k > i + 1 ? "s" : "");
        text_putf(&out, "%" PRId64, found[i].place);
        for (k = i + 1; k < num && found[k].input == found[i].input; k++)
            text_putf(&out, ", %" PRId64, found[k].place);
    }
    if (more > 0)
        text_putf(&out, " and %zu more", more);
    return keep(view, &out);
}
