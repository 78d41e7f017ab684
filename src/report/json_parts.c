/* SPDX-License-Identifier: MIT */
#include "report/json_parts.h"

#include "asn1/names.h"
#include "report/parts.h"

static void put_source(struct json *json, const char *key, const struct view_source *source)
{
    if (!source->set) {
        json_null(json, key);
        return;
    }
    json_flat_object(json, key);
    if (source->input->input->evidence) {
        json_int(json, "evidence", source->input->number);
        json_port(json, "line", source->place);
    } else {
        json_int(json, "capture", source->input->number);
        json_port(json, "frame", source->place);
        json_time(json, "time", source->time_ns);
    }
    json_end_object(json);
}

/* What one attempt or finding is written with. */
struct pen {
    struct json *json;
    const struct view *view;
    const struct report_case *in;
};

static void put_seen(const struct pen *pen, const char *key, int64_t observation)
{
    struct view_source source = view_source(pen->view, pen->in->log, observation);

    put_source(pen->json, key, &source);
}

/* ---- attempts ---- */

static void put_error(const struct pen *pen, const char *key, int64_t id, enum origin origin)
{
    const struct krb *krb = case_krb(pen->in->joined, id);

    if (krb == NULL) {
        json_null(pen->json, key);
        return;
    }
    json_object(pen->json, key);
    json_optint(pen->json, "code", krb->error_code);
    json_text(pen->json, "name",
              krb->error_code.set ? krb_error_name(krb->error_code.value) : NULL);
    json_text(pen->json, "realm", krb->realm);
    json_text(pen->json, "sname", krb->sname);
    json_kerberos_time(pen->json, "time", krb->stime_s, krb->stime_us, 9);
    json_text(pen->json, "origin",
              origin == ORIGIN_KDC        ? "kdc"
              : origin == ORIGIN_ACCEPTOR ? "acceptor"
                                          : NULL);
    put_seen(pen, "source", id);
    json_end_object(pen->json);
}

static void put_exchange(const struct pen *pen, const char *key,
                         const struct kdc_exchange *exchange)
{
    if (exchange->request == 0 && exchange->reply == 0 && exchange->error == 0) {
        json_null(pen->json, key);
        return;
    }
    json_object(pen->json, key);
    put_seen(pen, "request", exchange->request);
    put_seen(pen, "reply", exchange->reply);
    json_address(pen->json, "kdc", &exchange->kdc);
    put_error(pen, "error", exchange->error, ORIGIN_KDC);
    json_end_object(pen->json);
}

/* The answer to the AP-REQ, whatever it was. */
static int64_t ap_answer(const struct attempt *a)
{
    if (a->ap_reply != 0)
        return a->ap_reply;
    if (a->error != 0 && a->error_origin == ORIGIN_ACCEPTOR)
        return a->error;
    return a->gss_reply != 0 ? a->gss_reply : a->reply;
}

static void put_ap(const struct pen *pen, const struct attempt *a)
{
    if (a->ap_request == 0 && a->ap_reply == 0) {
        json_null(pen->json, "ap");
        return;
    }
    json_object(pen->json, "ap");
    put_seen(pen, "request", a->ap_request);
    put_seen(pen, "reply", ap_answer(a));
    json_end_object(pen->json);
}

static void put_dns(const struct pen *pen, const struct attempt *a)
{
    size_t i;

    json_array(pen->json, "dns");
    for (i = 0; i < a->dns.num; i++) {
        const struct dns_step *step = &a->dns.at[i];

        json_flat_object(pen->json, NULL);
        json_text(pen->json, "name", step->name);
        json_text(pen->json, "type", step->type);
        json_text(pen->json, "value", step->value);
        json_optint(pen->json, "ttl", step->ttl);
        put_seen(pen, "source", step->observation);
        json_end_object(pen->json);
    }
    json_end_array(pen->json);
}

static void put_ends(const struct pen *pen, const struct attempt *a)
{
    json_flat_object(pen->json, "client");
    json_address(pen->json, "address", &a->client);
    json_port(pen->json, "port", a->client_port);
    json_text(pen->json, "principal", a->client_principal);
    json_end_object(pen->json);
    json_flat_object(pen->json, "server");
    json_address(pen->json, "address", &a->server);
    json_port(pen->json, "port", a->server_port);
    json_text(pen->json, "computer", a->server_computer);
    json_end_object(pen->json);
}

void json_attempt(struct json *json, const struct view *view, const struct view_attempt *shown)
{
    struct pen pen = {json, view, shown->in};
    const struct attempt *a = shown->attempt;

    json_object(json, NULL);
    json_int(json, "id", shown->id);
    put_ends(&pen, a);
    json_text(json, "carrier", a->carrier);
    json_text(json, "asked_for", a->asked_for);
    put_dns(&pen, a);
    json_text(json, "spn", a->spn);
    put_exchange(&pen, "as", &a->as);
    put_exchange(&pen, "tgs", &a->tgs);
    put_ap(&pen, a);
    json_ticket(json, "ticket", a->ticket);
    json_text(json, "outcome", view_outcome(a->outcome));
    put_error(&pen, "error", a->error, a->error_origin);
    json_end_object(json);
}

/* ---- findings ---- */

static void put_sources(const struct pen *pen, const struct statement *statement)
{
    size_t i;

    json_array(pen->json, "sources");
    for (i = 0; i < statement->num_sources; i++) {
        struct view_source source = view_source(pen->view, pen->in->log, statement->sources[i]);

        if (source.set)
            put_source(pen->json, NULL, &source);
    }
    json_end_array(pen->json);
}

static void put_statements(const struct pen *pen, const char *key,
                           const struct statements *statements)
{
    size_t i;

    json_array(pen->json, key);
    for (i = 0; i < statements->num; i++) {
        json_object(pen->json, NULL);
        json_text(pen->json, "statement", statements->at[i].text);
        put_sources(pen, &statements->at[i]);
        json_end_object(pen->json);
    }
    json_end_array(pen->json);
}

static void put_refuted(const struct pen *pen, const struct finding *f)
{
    size_t i;

    json_flat_array(pen->json, "alternatives");
    for (i = 0; i < f->num_alternatives; i++)
        json_text(pen->json, NULL, f->alternatives[i]);
    json_end_array(pen->json);
    json_array(pen->json, "refuted");
    for (i = 0; i < f->num_refuted; i++) {
        json_object(pen->json, NULL);
        json_text(pen->json, "cause", f->refuted[i].cause);
        json_text(pen->json, "statement", f->refuted[i].statement.text);
        put_sources(pen, &f->refuted[i].statement);
        json_end_object(pen->json);
    }
    json_end_array(pen->json);
}

static void put_advice(struct json *json, const struct finding *f)
{
    size_t i;

    json_array(json, "missing");
    for (i = 0; i < f->num_missing; i++) {
        json_object(json, NULL);
        json_text(json, "what", f->missing[i].what);
        json_text(json, "command", f->missing[i].command);
        json_end_object(json);
    }
    json_end_array(json);
    json_array(json, "remedies");
    for (i = 0; i < f->num_remedies; i++) {
        const struct remedy *r = &f->remedies[i];

        json_object(json, NULL);
        json_text(json, "what", r->what);
        json_text(json, "command", r->command);
        json_text(json, "who", r->who);
        json_text(json, "breaks", r->breaks);
        json_text(json, "undo", r->undo);
        json_text(json, "verify", r->verify);
        json_text(json, "reference", r->reference);
        json_end_object(json);
    }
    json_end_array(json);
}

void json_finding(struct json *json, const struct view *view, const struct view_finding *shown)
{
    struct pen pen = {json, view, shown->in};
    const struct finding *f = shown->finding;
    size_t i;

    json_object(json, NULL);
    json_int(json, "id", shown->id);
    json_flat_array(json, "attempts");
    for (i = 0; i < shown->num_attempts; i++)
        json_int(json, NULL, shown->attempts[i]);
    json_end_array(json);
    json_text(json, "cause", f->cause);
    json_text(json, "confidence", f->informs ? NULL : confidence_name(f->confidence));
    json_text(json, "title", f->title);
    json_text(json, "explanation", f->explanation);
    put_statements(&pen, "for", &f->evidence_for);
    put_statements(&pen, "against", &f->evidence_against);
    put_refuted(&pen, f);
    put_advice(json, f);
    if (strcmp(f->cause, "clock-skew") == 0)
        json_optint(json, "skew_s", f->skew_s);
    json_text(json, "display_filter", shown->filter);
    json_end_object(json);
}
