/* SPDX-License-Identifier: MIT */
#include "cause/incident.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "cause/client_local.h"
#include "correlate/owner.h"

enum {
    MSG_AS_REP = 11,
    MSG_TGS_REP = 13,
    ERR_BADOPTION = 13,
    KDC_OPT_FORWARDED = 0x20000000, /* RFC 4120, 5.4.1 */
    CLIENTS_COUNTED = 64,
    RECORDS_NEAR = 512, /* in which a client that only probed a name has its ticket */
    PORT_WINRM = 5985,
    PORT_WINRM_TLS = 5986
};

static const int64_t status_not_supported = 0xC00000BB;

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcasecmp(a, b) == 0);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return map_hash_name(hash, text == NULL ? "" : text) * 31 + 7;
}

/* Server addresses only matter where a server was reached. */
static uint64_t incident_key(const struct joined_case *joined, const struct attempt *a)
{
    const struct krb *error = case_krb(joined, a->error);
    uint64_t hash = hash_text(hash_text(MAP_SEED, a->spn), a->asked_for);

    hash = hash_text(hash, error == NULL ? NULL : error->sname);
    hash = hash_text(hash, error == NULL ? NULL : error->realm);
    return hash * 31 + (uint64_t)(error == NULL ? -1 : error->error_code.value);
}

static bool same_incident(const struct joined_case *joined, const struct attempt *a,
                          const struct attempt *b)
{
    const struct krb *x = case_krb(joined, a->error), *y = case_krb(joined, b->error);

    if (a->outcome != b->outcome || a->error_origin != b->error_origin ||
        !same_text(a->spn, b->spn) || !same_text(a->asked_for, b->asked_for) ||
        !same_text(a->fallback, b->fallback) || (x == NULL) != (y == NULL))
        return false;
    if (a->error_origin != ORIGIN_KDC &&
        (!address_equal(&a->server, &b->server) || a->server_port != b->server_port))
        return false;
    if (x == NULL)
        return same_text(a->ended_by, b->ended_by);
    if (a->spn == NULL && !same_text(x->cname, y->cname))
        return false;
    return x->error_code.value == y->error_code.value && same_text(x->sname, y->sname) &&
           same_text(x->realm, y->realm);
}

/* How much of the chain an attempt shows. */
static int completeness(const struct attempt *a)
{
    return (a->error != 0 ? 16 : 0) + (a->ticket != NULL ? 8 : 0) + (a->tgs.reply != 0 ? 4 : 0) +
           (a->address_answered ? 2 : 0) + (a->ptr_name != NULL ? 1 : 0);
}

static bool as_reply_later(const struct index *index, const struct attempt *a)
{
    size_t at = 0, looked = 0;
    int64_t id;

    while (looked++ < INDEX_NEARBY && map_next(&index->as, index_address(&a->client), &at, &id)) {
        const struct krb *krb = case_krb(index->joined, id);

        if (id > a->error && krb != NULL && krb->msg_type == MSG_AS_REP)
            return true;
    }
    return false;
}

static bool ticket_later(const struct index *index, const struct attempt *a)
{
    size_t at = 0, looked = 0;
    int64_t id;

    while (a->spn != NULL && looked++ < INDEX_NEARBY &&
           map_next(&index->tickets, index_name(a->spn), &at, &id)) {
        const struct observation *seen = log_find(index->joined->log, id);

        if (id > a->error && same_text(seen->krb->ticket->sname, a->spn) &&
            address_equal(&seen->source.dst, &a->client))
            return true;
    }
    return false;
}

static bool success_later(const struct index *index, const struct attempt *a)
{
    size_t at = 0, looked = 0;
    int64_t i;

    while (a->spn != NULL && looked++ < INDEX_NEARBY &&
           map_next(&index->attempts, index_name(a->spn), &at, &i)) {
        const struct attempt *o = &index->joined->attempts[i];

        if (o->id > a->id && o->outcome == OUTCOME_SUCCEEDED && same_text(o->spn, a->spn) &&
            address_equal(&o->client, &a->client) && address_equal(&o->server, &a->server))
            return true;
    }
    return false;
}

/* A computer that asks for a ticket to itself on a user's behalf (Windows does so to look at the
 * user's rights), or a client that would like a forwarded TGT: whoever asks goes on without. */
static bool is_optional(const struct index *index, const struct attempt *a)
{
    const struct krb *request = case_krb(index->joined, a->tgs.request);
    const struct krb *error = case_krb(index->joined, a->error);

    if (error == NULL || error->error_code.value != ERR_BADOPTION)
        return false;
    if (request == NULL || request->sname == NULL)
        return error->ntstatus.set && error->ntstatus.value == status_not_supported &&
               error->sname != NULL && strstr(error->sname, "$@") != NULL;
    if (request->additional_tickets.num > 0)
        return account_equal(request->additional_tickets.at[0].sname, request->sname);
    return strncmp(request->sname, "krbtgt/", 7) == 0 && request->kdc_options.set &&
           (request->kdc_options.value & KDC_OPT_FORWARDED) != 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);

    return len >= end_len && strcasecmp(text + len - end_len, end) == 0;
}

/* A machine that registers its addresses asks for DNS/ of whatever server the SOA record names
 * (RFC 3645); one outside of the realm has no account there. */
static bool is_update_probe(const struct attempt *a, const struct krb *error)
{
    return a->spn_service != NULL && strcasecmp(a->spn_service, "DNS") == 0 &&
           a->spn_host != NULL && strchr(a->spn_host, '.') != NULL && error->realm != NULL &&
           !ends_with(a->spn_host, error->realm);
}

/* The client got a ticket for the same service under another form of its name right after: short
 * for full, without the port, without the domain in the third part. */
static bool is_name_probe(const struct index *index, const struct attempt *a)
{
    const struct log *log = index->joined->log;
    int64_t id;

    for (id = a->error + 1; a->spn_host != NULL && id <= a->error + RECORDS_NEAR; id++) {
        const struct observation *seen = log_find(log, id);
        const char *sname, *slash;

        if (seen == NULL)
            return false;
        if (seen->kind != KIND_krb || seen->krb->msg_type != MSG_TGS_REP ||
            seen->krb->ticket == NULL || seen->krb->ticket->sname == NULL ||
            !address_equal(&seen->source.dst, &a->client))
            continue;
        sname = seen->krb->ticket->sname;
        slash = strchr(sname, '/');
        if (slash != NULL && a->spn_service != NULL &&
            strlen(a->spn_service) == (size_t)(slash - sname) &&
            strncasecmp(sname, a->spn_service, (size_t)(slash - sname)) == 0 &&
            host_same_label(slash + 1, a->spn_host))
            return true;
    }
    return false;
}

/* NTLM without any sign that Kerberos was due: WinRM offers Negotiate to everybody, and computers
 * of no domain, or local accounts, answer it with NTLM. */
static bool is_plain_ntlm(const struct index *index, const struct attempt *a)
{
    size_t at = 0;
    int64_t id;

    return a->outcome == OUTCOME_FELL_BACK && a->tgs.error == 0 && a->as.error == 0 &&
           (a->server_port == PORT_WINRM || a->server_port == PORT_WINRM_TLS) &&
           !map_next(&index->talk, index_address(&a->client), &at, &id);
}

/* What is normal, and silent unless everything is asked for. */
static bool is_quiet(const struct index *index, const struct attempt *a)
{
    const struct krb *error = case_krb(index->joined, a->error);
    int64_t code = error == NULL || !error->error_code.set ? 0 : error->error_code.value;
    bool kdc = a->error_origin == ORIGIN_KDC;

    if (a->outcome == OUTCOME_UNKNOWN)
        return !client_local_is(index->joined, a);
    if (is_plain_ntlm(index, a))
        return true;
    switch (code) {
    case 37: /* Windows corrects its idea of the time and asks again */
        return kdc ? ticket_later(index, a) || (a->spn == NULL && as_reply_later(index, a))
                   : success_later(index, a);
    case 25:
    case 52:
        return kdc && (a->tgs.error != 0 ? ticket_later(index, a) : as_reply_later(index, a));
    case 7:
        return kdc && a->outcome == OUTCOME_FAILED &&
               (is_update_probe(a, error) || is_name_probe(index, a));
    case 68:
        return kdc;
    case ERR_BADOPTION:
        return kdc && is_optional(index, a);
    case 6: /* the user's own trouble, over */
    case 18:
    case 23:
    case 24:
        return kdc && a->tgs.error == 0 && as_reply_later(index, a);
    default:
        return false;
    }
}

static void add_attempt(struct incident *incident, const struct index *index,
                        const struct attempt *a)
{
    size_t i;
    bool known = false;

    for (i = 0; i < incident->num_attempts && i < CLIENTS_COUNTED && !known; i++)
        known =
            address_equal(&index->joined->attempts[incident->attempts[i] - 1].client, &a->client);
    incident->num_clients += !known;
    if (incident->num_attempts == incident->room) {
        incident->room = incident->room == 0 ? 4 : incident->room * 2;
        incident->attempts =
            memory_grow(incident->attempts, incident->room, sizeof(*incident->attempts));
    }
    incident->attempts[incident->num_attempts++] = a->id;
    if (incident->best == NULL || completeness(a) > completeness(incident->best))
        incident->best = a;
}

void incidents_gather(struct incidents *out, const struct index *index)
{
    struct map known = {0};
    size_t i;

    for (i = 0; i < index->joined->num_attempts; i++) {
        const struct attempt *a = &index->joined->attempts[i];
        struct incident *incident = NULL;
        size_t at = 0, looked = 0;
        uint64_t key = incident_key(index->joined, a);
        bool quiet;
        int64_t k;

        if (a->outcome == OUTCOME_SUCCEEDED)
            continue;
        quiet = is_quiet(index, a);
        while (incident == NULL && looked++ < INDEX_NEARBY && map_next(&known, key, &at, &k))
            if (out->at[k].informs == quiet && same_incident(index->joined, out->at[k].best, a))
                incident = &out->at[k];
        if (incident == NULL) {
            if (out->num == out->room) {
                out->room = out->room == 0 ? 16 : out->room * 2;
                out->at = memory_grow(out->at, out->room, sizeof(*out->at));
            }
            map_add(&known, key, (int64_t)out->num);
            incident = &out->at[out->num++];
            *incident = (struct incident){.informs = quiet};
        }
        add_attempt(incident, index, a);
    }
    map_clear(&known);
}

void incidents_clear(struct incidents *incidents)
{
    size_t i;

    for (i = 0; i < incidents->num; i++)
        memory_drop(incidents->at[i].attempts);
    memory_drop(incidents->at);
    *incidents = (struct incidents){0};
}
