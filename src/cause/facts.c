/* SPDX-License-Identifier: MIT */
#include "cause/facts.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cause/event_attempt.h"
#include "cause/facts_case.h"

static const char *const host_services[] = {
    /* sPNMappings of Active Directory, MS-ADTS 3.1.1.2.4.2 and the default value of the attribute.
     */
    "alerter",
    "appmgmt",
    "browser",
    "cifs",
    "cisvc",
    "clipsrv",
    "dcom",
    "dhcp",
    "dmserver",
    "dns",
    "dnscache",
    "eventlog",
    "eventsystem",
    "fax",
    "http",
    "ias",
    "iisadmin",
    "mcsvc",
    "messenger",
    "msiserver",
    "netdde",
    "netddedsm",
    "netlogon",
    "netman",
    "nmagent",
    "oakley",
    "plugplay",
    "policyagent",
    "protectedstorage",
    "rasman",
    "remoteaccess",
    "replicator",
    "rpc",
    "rpclocator",
    "rpcss",
    "rsvp",
    "samss",
    "scardsvr",
    "scesrv",
    "schedule",
    "scm",
    "seclogon",
    "snmp",
    "spooler",
    "tapisrv",
    "time",
    "trksvr",
    "trkwks",
    "ups",
    "w3svc",
    "wins",
    "www",
    "wsman",
    "host",
    "termsrv",
    NULL};

bool realm_equal(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

static bool is_short(const char *name)
{
    return name != NULL && strchr(name, '.') == NULL && strchr(name, ':') == NULL;
}

static void derive_error(struct facts *f)
{
    const struct attempt *a = f->a;

    f->error = case_krb(f->joined, a->error);
    if (f->error == NULL)
        f->error = event_error(f->joined->log, a->error, f->arena);
    f->code = f->error != NULL && f->error->error_code.set ? f->error->error_code.value : 0;
    f->kdc = f->error != NULL && a->error_origin == ORIGIN_KDC;
    switch (f->error == NULL ? 0 : f->code) {
    case 0:
        f->family = f->error == NULL ? FAMILY_NONE : FAMILY_OTHER;
        break;
    case 36:
    case 41:
        f->family = FAMILY_MODIFIED;
        break;
    case 35:
    case 45:
        f->family = FAMILY_NO_KEY;
        break;
    case 31:
    case 44:
        f->family = FAMILY_OTHER_KEY;
        break;
    default:
        f->family = FAMILY_OTHER;
        break;
    }
    f->hidden = a->outcome == OUTCOME_UNKNOWN && a->tls != 0;
    f->acceptor =
        f->hidden || (a->outcome == OUTCOME_FAILED && !f->kdc && f->family != FAMILY_OTHER &&
                      (a->ap_request != 0 || a->ticket != NULL || f->error != NULL));
}

/* The part of the error's name that is a host or computer; NULL for a user. */
static const char *tried_host(const struct facts *f)
{
    const char *slash;

    if (f->named == NAMED_COMPUTER)
        return f->tried_by;
    slash = f->named == NAMED_HOST && f->tried_by != NULL ? strchr(f->tried_by, '/') : NULL;
    return slash == NULL ? NULL : slash + 1;
}

static void derive_named(struct facts *f)
{
    const char *sname = f->error == NULL ? NULL : f->error->sname;
    const char *ticket_realm = f->a->ticket == NULL ? NULL : f->a->ticket->realm;
    size_t len = sname == NULL ? 0 : strlen(sname);

    if (f->error == NULL || f->kdc)
        return;
    if (f->error->realm != NULL && f->error->realm[0] != '\0')
        f->tried_realm = f->error->realm;
    if (len == 0)
        return;
    if (f->a->spn != NULL && strcasecmp(sname, f->a->spn) == 0) {
        f->named = NAMED_ECHO;
    } else {
        f->tried_by = sname;
        f->named = strchr(sname, '/') != NULL         ? NAMED_HOST
                   : len > 1 && sname[len - 1] == '$' ? NAMED_COMPUTER
                                                      : NAMED_USER;
    }
    f->realm_differs = f->tried_realm != NULL && ticket_realm != NULL &&
                       !realm_equal(f->tried_realm, ticket_realm);
    f->tried_is_spn_host =
        !f->realm_differs && f->tried_by != NULL && host_same_label(tried_host(f), f->a->spn_host);
    f->tried_is_target = f->tried_by != NULL && f->cname && !f->tried_is_spn_host &&
                         host_same_label(tried_host(f), f->a->canonical);
}

static bool answer_has_cname(const struct facts *f, int64_t id)
{
    const struct dns *dns = case_dns(f->joined, id);
    size_t i;

    for (i = 0; dns != NULL && i < dns->answers.num; i++)
        if (dns->answers.at[i].type != NULL && strcmp(dns->answers.at[i].type, "CNAME") == 0)
            return true;
    return false;
}

static void derive_dns(struct facts *f)
{
    const struct attempt *a = f->a;
    size_t i;

    f->short_name = is_short(a->asked_for);
    for (i = 0; i < a->dns.num; i++) {
        const struct dns_step *step = &a->dns.at[i];

        if (step->type == NULL)
            continue;
        if (strcmp(step->type, "NXDOMAIN") == 0 && f->nxdomain == 0) {
            f->nxdomain = step->observation;
        } else if (strcmp(step->type, "CNAME") == 0) {
            f->cname = true;
            if (f->cname_from == 0)
                f->cname_from = step->observation;
        } else if ((strcmp(step->type, "A") == 0 || strcmp(step->type, "AAAA") == 0) &&
                   step->name != NULL && f->short_name && !is_short(step->name)) {
            f->full_name = step->name;
        }
    }
    /* The answer that also gave the address says it best. */
    if (f->cname && answer_has_cname(f, a->address_answer))
        f->cname_from = a->address_answer;
    if (!a->address_answered && a->dns.num == 0)
        f->other_names_told = facts_other_names(f);
    f->no_dns_cache = f->other_names_told != 0 && facts_no_cache(f);
}

static bool in_chain(const struct attempt *a, const char *host)
{
    size_t i;

    for (i = 0; i < a->dns.num; i++)
        if (host_equal(a->dns.at[i].name, host) || host_equal(a->dns.at[i].value, host))
            return true;
    return false;
}

static enum spn_origin origin_of(const struct facts *f)
{
    const struct attempt *a = f->a;
    const char *host = a->spn_host;

    if (host == NULL || a->asked_for == NULL)
        return SPN_UNKNOWN;
    if (host_equal(host, a->asked_for) ||
        ((is_short(host) || f->short_name) && host_same_label(host, a->asked_for)))
        return SPN_ASKED;
    if (f->cname && host_equal(host, a->canonical))
        return SPN_TARGET;
    if (f->cname && is_short(host) && host_same_label(host, a->canonical))
        return SPN_TARGET;
    if (in_chain(a, host))
        return SPN_MIDDLE;
    if (host_equal(host, a->ptr_name))
        return SPN_PTR;
    return a->dns.num == 0 && !a->address_answered ? SPN_UNTOLD : SPN_UNRELATED;
}

/* The SPN's DNS domain is not the realm's and not below it. */
static bool elsewhere(const char *host, const char *realm)
{
    const char *domain = host == NULL ? NULL : strchr(host, '.');
    size_t len, realm_len;

    if (domain == NULL || realm == NULL || realm[0] == '\0')
        return false;
    domain++;
    len = strlen(domain);
    realm_len = strlen(realm);
    if (len == realm_len)
        return strcasecmp(domain, realm) != 0;
    return len < realm_len || domain[len - realm_len - 1] != '.' ||
           strcasecmp(domain + len - realm_len, realm) != 0;
}

/* Two names of one series: equal but for digits, or for the last character of a longer stem. */
static bool siblings(const char *a, const char *b)
{
    size_t len = strcspn(a, ".$"), i, same = 0;
    bool digits_only = true, differ = false;

    if (len != strcspn(b, ".$") || len < 2)
        return false;
    for (i = 0; i < len; i++) {
        unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];

        if (tolower(x) == tolower(y)) {
            same += !differ;
            continue;
        }
        differ = true;
        digits_only = digits_only && isdigit(x) && isdigit(y);
    }
    return differ && ((digits_only && same >= 1) || (same == len - 1 && same >= 3));
}

static bool service_is_mapped(const char *service)
{
    size_t i;

    for (i = 0; service != NULL && host_services[i] != NULL; i++)
        if (strcasecmp(service, host_services[i]) == 0)
            return true;
    return false;
}

/* Services that run as the computer, whatever else runs on it. */
static bool service_is_computers(const char *service)
{
    static const char *const services[] = {"cifs", "host", "RestrictedKrbHost", "TERMSRV"};
    size_t i;

    for (i = 0; service != NULL && i < sizeof(services) / sizeof(services[0]); i++)
        if (strcasecmp(service, services[i]) == 0)
            return true;
    return false;
}

/* "IIS01$" from "iis01.test.com". */
static const char *machine_account(struct arena *arena, const char *host)
{
    size_t len = strcspn(host, "."), i;
    char *out = arena_take(arena, len + 2, 1);

    for (i = 0; i < len; i++)
        out[i] = (char)toupper((unsigned char)host[i]);
    out[len] = '$';
    return out;
}

static void derive_names(struct facts *f)
{
    const struct attempt *a = f->a;
    const char *host = a->spn_host;
    bool ptr_same = host_equal(a->ptr_name, host);

    f->web = a->spn_service == NULL || strcasecmp(a->spn_service, "HTTP") == 0;
    f->computer_service = service_is_computers(a->spn_service);
    if (host == NULL)
        return;
    f->host_mapped = service_is_mapped(a->spn_service);
    f->spn_computer = index_computer(f->index, host, a->error);
    if (f->tried_by != NULL && host_same_label(a->server_computer, tried_host(f)))
        f->tried_computer = a->server_computer_from;
    else if (f->tried_by != NULL && host_same_label(a->ptr_name, tried_host(f)))
        f->tried_computer = a->ptr_answer;
    else if (f->tried_is_target)
        f->tried_computer = f->cname_from;
    f->own_name = f->spn_origin == SPN_TARGET || f->spn_origin == SPN_PTR || ptr_same ||
                  f->spn_computer != 0 || f->tried_is_spn_host;
    f->site_name = f->spn_origin == SPN_ASKED && !f->tried_is_spn_host && f->spn_computer == 0 &&
                   ((f->cname && !host_equal(host, a->canonical)) ||
                    (a->ptr_name != NULL && !host_same_label(a->ptr_name, host)));
    f->sibling_names = tried_host(f) != NULL && siblings(tried_host(f), host);
    f->fqdn_elsewhere =
        a->ticket != NULL &&
        elsewhere(is_short(host) && f->full_name != NULL ? f->full_name : host, a->ticket->realm);
    if (f->host_mapped &&
        (f->spn_origin == SPN_TARGET || f->spn_origin == SPN_PTR || f->spn_computer != 0 ||
         f->tried_is_spn_host || (f->spn_origin == SPN_UNTOLD && f->acceptor)))
        f->expected_owner = machine_account(f->arena, host);
}

static void derive_ticket(struct facts *f)
{
    const struct attempt *a = f->a;
    const struct krb *request = case_krb(f->joined, a->tgs.request);
    int64_t etype = a->ticket != NULL && a->ticket->etype.set ? a->ticket->etype.value : 0;
    size_t i;

    f->rc4 = etype == 23 || etype == 24;
    f->aes = etype >= 17 && etype <= 20;
    if (a->ticket != NULL)
        f->kvno = a->ticket->kvno;
    f->fresh = a->tgs.reply != 0 && (a->ticket_same || a->ap_request == 0);
    f->cached = a->tgs.reply == 0 && a->ap_request != 0 && (a->dns_seen || facts_client_talks(f));
    for (i = 0; request != NULL && i < request->etypes.num; i++)
        f->offered_aes |= request->etypes.at[i] >= 17 && request->etypes.at[i] <= 20;
}

void facts_derive(struct facts *f, const struct index *index, const struct attempt *attempt,
                  struct arena *arena)
{
    f->joined = index->joined;
    f->index = index;
    f->a = attempt;
    f->arena = arena;
    derive_error(f);
    derive_dns(f);
    derive_named(f);
    f->spn_origin = origin_of(f);
    derive_names(f);
    derive_ticket(f);
    facts_case(f);
    facts_evidence(f);
}
