/* SPDX-License-Identifier: MIT */
#include "cause/facts_case.h"

#include <string.h>
#include <strings.h>

enum { MSG_AS_REQ = 10, MSG_AS_REP = 11, MSG_ERROR = 30, ERR_PREAUTH_FAILED = 24 };

static bool text_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool name_equal(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

static int64_t distance(const struct attempt *a, const struct attempt *b)
{
    return a->id > b->id ? a->id - b->id : b->id - a->id;
}

/* Keeps the attempt nearest to this one. */
static void keep(const struct facts *f, const struct attempt **kept, const struct attempt *other)
{
    if (*kept == NULL || distance(f->a, other) < distance(f->a, *kept))
        *kept = other;
}

/* An accepted ticket of this SPN: by place, kvno and etype. */
static void note_success(struct facts *f, const struct attempt *o, bool *same_place)
{
    const struct attempt *a = f->a;
    const struct ticket *mine = a->ticket, *other = o->ticket;

    if (mine != NULL && other != NULL && digest_equal(&mine->sha256, &other->sha256))
        keep(f, &f->same.works_ticket, o);
    if (!address_equal(&a->server, &o->server)) {
        if (o->server.family != 0 && a->server.family != 0)
            keep(f, &f->same.works_elsewhere, o);
        return;
    }
    keep(f, &f->same.works_here, o);
    if (a->server_port != o->server_port)
        keep(f, &f->same.works_port, o);
    else if (!text_equal(a->path, o->path))
        keep(f, &f->same.works_path, o);
    else
        *same_place = true;
    if (mine == NULL || other == NULL)
        return;
    if (mine->kvno.set && other->kvno.set && other->kvno.value < mine->kvno.value)
        keep(f, &f->works_lower_kvno, o);
    if (mine->kvno.set && other->kvno.set && other->kvno.value > mine->kvno.value)
        keep(f, &f->works_higher_kvno, o);
    if (mine->etype.set && other->etype.set)
        keep(f, mine->etype.value == other->etype.value ? &f->works_same_etype : &f->works_etype,
             o);
}

static const char *error_name(const struct facts *f, const struct attempt *o)
{
    const struct krb *error =
        o->error_origin == ORIGIN_ACCEPTOR ? case_krb(f->joined, o->error) : NULL;

    return error == NULL || error->sname == NULL || name_equal(error->sname, o->spn) ? NULL
                                                                                     : error->sname;
}

static void note_failure(struct facts *f, const struct attempt *o)
{
    const char *name = error_name(f, o);

    if (address_equal(&f->a->server, &o->server)) {
        f->same.num_here++;
        if (name != NULL && f->tried_by != NULL && !name_equal(name, f->tried_by) &&
            (!text_equal(f->a->path, o->path) || f->a->server_port != o->server_port))
            keep(f, &f->same.other_path, o);
    } else if (name != NULL && f->tried_by != NULL && !name_equal(name, f->tried_by)) {
        keep(f, &f->same.other_answer, o);
    }
}

static void derive_same_spn(struct facts *f)
{
    size_t at = 0, looked = 0;
    int64_t i;
    bool same_place = false;

    if (f->a->spn == NULL)
        return;
    while (looked++ < INDEX_NEARBY &&
           map_next(&f->index->attempts, index_name(f->a->spn), &at, &i)) {
        const struct attempt *o = &f->joined->attempts[i];

        if (o == f->a || !name_equal(o->spn, f->a->spn))
            continue;
        if (o->outcome == OUTCOME_SUCCEEDED) {
            note_success(f, o, &same_place);
            if (o->id > f->a->id && address_equal(&o->client, &f->a->client))
                keep(f, &f->later_success, o);
        } else if (o->outcome == OUTCOME_FAILED && o->error_origin != ORIGIN_KDC) {
            note_failure(f, o);
        }
    }
    if (same_place)
        f->same.works_path = f->same.works_port = NULL;
}

/* A success or an alike failure under another SPN, at this server. */
static const struct attempt *find_spn(const struct facts *f, const char *spn, enum outcome outcome)
{
    size_t at = 0, looked = 0;
    int64_t i;

    while (looked++ < INDEX_NEARBY && map_next(&f->index->attempts, index_name(spn), &at, &i)) {
        const struct attempt *o = &f->joined->attempts[i];

        if (o->outcome == outcome && name_equal(o->spn, spn) &&
            address_equal(&o->server, &f->a->server) &&
            (outcome == OUTCOME_SUCCEEDED ||
             (o->error_origin == ORIGIN_ACCEPTOR && name_equal(error_name(f, o), f->tried_by))))
            return o;
    }
    return NULL;
}

static void derive_other_spns(struct facts *f)
{
    static const char *const classes[] = {"HTTP", "cifs", "host", "WSMAN", "RPCSS", "TERMSRV"};
    const struct attempt *a = f->a;
    size_t i;

    if (a->spn_service == NULL || a->spn_host == NULL)
        return;
    if (f->spn_origin != SPN_ASKED && a->asked_for != NULL)
        f->works_alias = find_spn(f, arena_print(f->arena, "%s/%s", a->spn_service, a->asked_for),
                                  OUTCOME_SUCCEEDED);
    for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        const char *spn;

        if (name_equal(classes[i], a->spn_service))
            continue;
        spn = arena_print(f->arena, "%s/%s", classes[i], a->spn_host);
        if (f->class_works == NULL)
            f->class_works = find_spn(f, spn, OUTCOME_SUCCEEDED);
        if (f->class_fails == NULL && f->tried_by != NULL)
            f->class_fails = find_spn(f, spn, OUTCOME_FAILED);
    }
}

static void keep_reply(const struct facts *f, const struct observation **kept,
                       const struct observation *seen)
{
    int64_t mine = facts_ticket(f);

    if (*kept == NULL || (seen->id > mine ? seen->id - mine : mine - seen->id) <
                             ((*kept)->id > mine ? (*kept)->id - mine : mine - (*kept)->id))
        *kept = seen;
}

static void note_reply(struct facts *f, const struct observation *seen)
{
    const struct ticket *mine = f->a->ticket, *other = seen->krb->ticket;
    bool know_kdc = f->a->tgs.reply != 0 && f->a->tgs.kdc.family != 0;
    bool same_kdc = know_kdc && address_equal(&seen->source.src, &f->a->tgs.kdc);
    bool kvno_differs = mine->kvno.set && other->kvno.set && mine->kvno.value != other->kvno.value;
    bool etype_differs =
        mine->etype.set && other->etype.set && mine->etype.value != other->etype.value;

    if (digest_equal(&mine->sha256, &other->sha256) || !realm_equal(mine->realm, other->realm))
        return;
    if (kvno_differs && other->kvno.value > mine->kvno.value && (!know_kdc || same_kdc) &&
        seen->id > facts_ticket(f))
        keep_reply(f, &f->rep_later_kvno, seen);
    if (know_kdc && !same_kdc && (kvno_differs || etype_differs))
        keep_reply(f, &f->rep_other_kdc, seen);
    else if (know_kdc && !same_kdc && mine->kvno.set && mine->kvno.value > 1)
        /* A domain with fKVNOEmuW2k always says 1: equal versions mean nothing there. */
        keep_reply(f, &f->rep_agrees, seen);
    if (same_kdc && (kvno_differs || etype_differs))
        keep_reply(f, &f->rep_same_kdc, seen);
    if (etype_differs && !kvno_differs)
        keep_reply(f, &f->rep_etype, seen);
}

static void derive_replies(struct facts *f)
{
    size_t at = 0, looked = 0;
    int64_t id;

    if (f->a->spn == NULL || f->a->ticket == NULL)
        return;
    while (looked++ < INDEX_NEARBY &&
           map_next(&f->index->tickets, index_name(f->a->spn), &at, &id)) {
        const struct observation *seen = log_find(f->joined->log, id);

        if (name_equal(seen->krb->ticket->sname, f->a->spn))
            note_reply(f, seen);
    }
}

/* The cname of the AS-REQ that an error on this flow answers. */
static const struct observation *as_request(const struct facts *f, const struct observation *error)
{
    size_t at = 0, looked = 0;
    int64_t id;

    while (looked++ < INDEX_NEARBY &&
           map_next(&f->index->as, index_address(&error->source.dst), &at, &id)) {
        const struct observation *seen = log_find(f->joined->log, id);

        if (seen->id < error->id && seen->krb->msg_type == MSG_AS_REQ &&
            seen->source.capture == error->source.capture &&
            seen->source.flow == error->source.flow)
            return seen;
    }
    return NULL;
}

/* E10. A person may log on from that machine as well: only an account that ends in "$", or the one
 * that the error names, counts. */
static void derive_own_logon(struct facts *f)
{
    size_t at = 0, looked = 0;
    int64_t id;

    if (f->a->server.family == 0)
        return;
    while (looked++ < INDEX_NEARBY &&
           map_next(&f->index->as, index_address(&f->a->server), &at, &id)) {
        const struct observation *seen = log_find(f->joined->log, id), *request = seen;
        const char *cname;

        if (seen->krb->msg_type == MSG_ERROR) {
            request = as_request(f, seen);
            if (request == NULL || seen->krb->error_code.value != ERR_PREAUTH_FAILED)
                continue;
        }
        cname = request->krb->cname;
        if (cname == NULL ||
            (f->tried_by != NULL ? !name_equal(cname, f->tried_by) : !index_is_machine(cname)))
            continue;
        if (f->own.cname == NULL)
            f->own.cname = cname;
        if (!name_equal(cname, f->own.cname))
            continue;
        if (seen->krb->msg_type == MSG_AS_REQ)
            f->own.request = id;
        else if (seen->krb->msg_type == MSG_AS_REP && f->own.reply == 0)
            f->own.reply = id;
        else if (seen->krb->msg_type == MSG_ERROR && f->own.refused == 0)
            f->own.refused = id;
    }
    /* The later of the two is how things stand. */
    if (f->own.reply > f->own.refused)
        f->own.refused = 0;
    else if (f->own.refused != 0)
        f->own.reply = 0;
}

bool facts_client_talks(const struct facts *f)
{
    size_t at = 0;
    int64_t id;

    return map_next(&f->index->talk, index_address(&f->a->client), &at, &id);
}

/* The AP-REQ inside a TGS-REQ stands right behind it in the log. */
static void derive_tgt(struct facts *f)
{
    int64_t from = f->a->tgs.request, id;

    for (id = from + 1; from != 0 && id <= f->joined->log->last && id <= from + 8; id++) {
        const struct observation *seen = log_whole(f->joined->log, id);

        if (seen == NULL || seen->kind != KIND_krb || !seen->krb->inside.set ||
            seen->krb->parent != f->a->tgs.request)
            continue;
        f->tgt = seen->krb->ticket;
        break;
    }
    f->tgt_is_foreign = f->tgt != NULL && f->tgt->sname != NULL &&
                        strncmp(f->tgt->sname, "krbtgt/", 7) == 0 &&
                        !realm_equal(f->tgt->sname + 7, f->tgt->realm);
}

/* What the client had just been asked to log on to, before it went to the KDC. */
static void derive_way(struct facts *f)
{
    const struct source *asked = case_source(f->joined, f->a->tgs.request);
    size_t at = 0, looked = 0;
    int64_t id;

    while (asked != NULL && looked++ < INDEX_NEARBY &&
           map_next(&f->index->offers, index_address(&f->a->client), &at, &id)) {
        const struct source *source = case_source(f->joined, id);
        const struct http *request = case_http(f->joined, case_http(f->joined, id)->request);

        if (id > f->a->tgs.request || asked->time_ns - source->time_ns > 10000000000 ||
            request == NULL || request->host == NULL)
            continue;
        f->on_way_from = case_http(f->joined, id)->request;
        f->on_way_to = arena_text(
            f->arena, (struct bytes){(const uint8_t *)request->host, strcspn(request->host, ":")});
        return;
    }
}

static void derive_kdc(struct facts *f)
{
    const char *host = f->a->spn_host;

    if (!f->kdc)
        return;
    derive_tgt(f);
    derive_way(f);
    if (host == NULL || f->a->tgs.request == 0)
        return;
    f->nothing_leads_there = f->on_way_to != NULL && !host_same_label(f->on_way_to, host) &&
                             !host_same_label(f->a->asked_for, host) && f->a->dns_seen &&
                             !facts_told_of(f, host);
}

void facts_case(struct facts *f)
{
    size_t at = 0;
    int64_t id;

    derive_same_spn(f);
    derive_other_spns(f);
    derive_replies(f);
    derive_own_logon(f);
    derive_kdc(f);
    f->server_is_kdc = f->a->server.family != 0 &&
                       map_next(&f->index->kdcs, index_address(&f->a->server), &at, &id);
}
