/* SPDX-License-Identifier: MIT */
#include "correlate/owner.h"

#include <strings.h>

#include "correlate/attempt.h"

enum { SOURCES_MOST = 16, NAME_ROOM = 256 };

/* The default sPNMappings attribute of a forest: all of these are HOST. wsman is what WinRM relies
 * on. */
static const char *const host_mapped[] = {
    "alerter",     "appmgmt",      "browser",    "cifs",     "cisvc",       "clipsrv",
    "dcom",        "dhcp",         "dmserver",   "dns",      "dnscache",    "eventlog",
    "eventsystem", "fax",          "http",       "ias",      "iisadmin",    "mcsvc",
    "messenger",   "msdtc",        "msiserver",  "netdde",   "netddedsm",   "netlogon",
    "netman",      "nmagent",      "oakley",     "plugplay", "policyagent", "protectedstorage",
    "rasman",      "remoteaccess", "replicator", "rpc",      "rpclocator",  "rpcss",
    "rsvp",        "samss",        "scardsvr",   "scesrv",   "schedule",    "scm",
    "seclogon",    "snmp",         "spooler",    "tapisrv",  "time",        "trksvr",
    "trkwks",      "ups",          "w3svc",      "wins",     "wsman",       "www"};

bool service_is_host_mapped(const char *service)
{
    size_t i;

    for (i = 0; service != NULL && i < sizeof(host_mapped) / sizeof(host_mapped[0]); i++)
        if (strcasecmp(service, host_mapped[i]) == 0)
            return true;
    return false;
}

/* Where the bare name begins and how long it is. */
static const char *bare(const char *account, size_t *out_len)
{
    const char *slash = strchr(account, '\\');

    if (slash != NULL)
        account = slash + 1;
    *out_len = strcspn(account, "@");
    return account;
}

bool account_equal(const char *a, const char *b)
{
    size_t len, other;

    if (a == NULL || b == NULL)
        return false;
    a = bare(a, &len);
    b = bare(b, &other);
    return len > 0 && len == other && strncasecmp(a, b, len) == 0;
}

static bool class_is(const struct account *account, const char *class)
{
    size_t i;

    for (i = 0; i < account->object_classes.num; i++)
        if (strcasecmp(account->object_classes.at[i], class) == 0)
            return true;
    return false;
}

static bool is_managed(const struct account *account)
{
    return class_is(account, "msDS-GroupManagedServiceAccount") ||
           class_is(account, "msDS-ManagedServiceAccount") ||
           class_is(account, "msDS-DelegatedManagedServiceAccount");
}

/* The value of the DN's first RDN, escapes of RFC 4514 undone. */
static const char *first_rdn(struct arena *arena, const char *dn)
{
    const char *at = strchr(dn, '=');
    char out[NAME_ROOM];
    size_t len = 0;

    if (at == NULL)
        return dn;
    for (at++; *at != '\0' && *at != ',' && len < sizeof(out); at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        out[len++] = *at;
    }
    return arena_text(arena, (struct bytes){(const uint8_t *)out, len});
}

static bool contains(const char *text, const char *part)
{
    size_t len = strlen(part);

    for (; *text != '\0'; text++)
        if (strncasecmp(text, part, len) == 0)
            return true;
    return false;
}

/* Computers usually live here; a hint and no more. */
static bool dn_of_computer(const char *dn)
{
    return contains(dn, ",CN=Computers,") || contains(dn, ",OU=Domain Controllers,");
}

/* The object has HOST/ of its own name, as computers have. */
static bool has_own_host(const struct log *log, const char *dn, const char *name)
{
    size_t i;

    for (i = 0; i < log->num; i++) {
        const struct spn_owner *fact = log->at[i].spn_owner;

        if (log->at[i].kind == KIND_spn_owner && fact->spn != NULL && fact->dn != NULL &&
            strncasecmp(fact->spn, "HOST/", 5) == 0 && strcasecmp(fact->dn, dn) == 0 &&
            host_same_label(fact->spn + 5, name))
            return true;
    }
    return false;
}

static const struct account *account_with_dn(const struct log *log, const char *dn)
{
    size_t i;

    for (i = 0; dn != NULL && i < log->num; i++)
        if (log->at[i].kind == KIND_account && log->at[i].account->dn != NULL &&
            log->at[i].account->account != NULL && strcasecmp(log->at[i].account->dn, dn) == 0)
            return log->at[i].account;
    return NULL;
}

static void describe(struct owner *owner, struct arena *arena, const struct log *log,
                     const struct account *account, const char *name, const char *dn)
{
    size_t len;

    owner->dn = dn;
    if (account != NULL) {
        owner->etypes = account->etypes;
        owner->kvno = account->kvno;
        owner->computer = class_is(account, "computer") && !is_managed(account);
        owner->managed = is_managed(account);
        if (account->account != NULL)
            name = account->account;
        if (owner->dn == NULL)
            owner->dn = account->dn;
    }
    if (name == NULL && dn != NULL) {
        owner->account_guessed = true;
        name = first_rdn(arena, dn);
        if (dn_of_computer(dn) || has_own_host(log, dn, name)) {
            name = arena_print(arena, "%s$", name);
            owner->kind_known = true;
        }
        owner->kind_known |=
            contains(dn, ",CN=Users,") || contains(dn, ",CN=Managed Service Accounts,");
    } else if (account == NULL && name != NULL && dn != NULL && strchr(name, '$') == NULL &&
               (dn_of_computer(dn) || has_own_host(log, dn, name))) {
        name = arena_print(arena, "%s$", name); /* "setspn -L IIS01" */
    }
    owner->account = name == NULL ? "(unnamed)" : name;
    len = strlen(owner->account);
    if (account == NULL || account->object_classes.num == 0)
        owner->computer = len > 1 && owner->account[len - 1] == '$';
    else
        owner->kind_known = true;
    owner->kind_known |= account != NULL || owner->computer;
}

static bool same_object(const struct owner *a, const struct owner *b)
{
    if (a->dn != NULL && b->dn != NULL)
        return strcasecmp(a->dn, b->dn) == 0;
    return account_equal(a->account, b->account);
}

static void add_source(struct arena *arena, struct owner *owner, int64_t source)
{
    int64_t *sources = arena_take(arena, owner->num_sources + 1, sizeof(*sources));

    if (owner->num_sources >= SOURCES_MOST)
        return;
    if (owner->num_sources > 0)
        memcpy(sources, owner->sources, owner->num_sources * sizeof(*sources));
    sources[owner->num_sources++] = source;
    owner->sources = sources;
}

static void add(struct owners *out, struct arena *arena, struct owner owner, int64_t source)
{
    size_t i, at;

    for (i = 0; i < out->num; i++) {
        if (out->at[i].form != owner.form || !same_object(&out->at[i], &owner))
            continue;
        if (out->at[i].account_guessed && !owner.account_guessed) {
            owner.sources = out->at[i].sources;
            owner.num_sources = out->at[i].num_sources;
            out->at[i] = owner;
        }
        add_source(arena, &out->at[i], source);
        return;
    }
    if (out->num == OWNERS_MOST) {
        out->more = true;
        return;
    }
    for (at = 0; at < out->num && out->at[at].form <= owner.form; at++)
        continue;
    memmove(&out->at[at + 1], &out->at[at], (out->num - at) * sizeof(out->at[0]));
    out->at[at] = owner;
    out->num++;
    add_source(arena, &out->at[at], source);
}

/* In which form does a registered SPN answer for the sname? */
static bool spn_answers(const char *spn, const char *sname, const char *host_form,
                        enum owner_form *out)
{
    if (strcasecmp(spn, sname) == 0) {
        *out = OWNER_SPN;
        return true;
    }
    *out = OWNER_HOST;
    return host_form != NULL && strcasecmp(spn, host_form) == 0;
}

/* A UPN with or without "@realm"; a UPN's realm part may be any suffix of the forest. */
static bool upn_answers(const char *upn, const char *sname)
{
    size_t len = strlen(sname);

    return strncasecmp(upn, sname, len) == 0 && (upn[len] == '\0' || upn[len] == '@');
}

static void take_account(struct owners *out, struct arena *arena, const struct log *log,
                         const struct observation *seen, const char *sname, const char *host_form)
{
    const struct account *account = seen->account;
    struct owner owner = {0};
    enum owner_form form;
    size_t i, len = strlen(sname);

    if (account->change != NULL)
        return; /* an intention, not a state */
    out->looked = true;
    describe(&owner, arena, log, account, account->account, account->dn);
    if (account->upn != NULL && upn_answers(account->upn, sname)) {
        owner.form = OWNER_UPN;
        add(out, arena, owner, seen->id);
    }
    for (i = 0; i < account->spns.num; i++) {
        if (!spn_answers(account->spns.at[i], sname, host_form, &form))
            continue;
        owner.form = form;
        add(out, arena, owner, seen->id);
    }
    if (strchr(sname, '/') == NULL && account->account != NULL &&
        strncasecmp(account->account, sname, len) == 0 &&
        (account->account[len] == '\0' || strcmp(account->account + len, "$") == 0)) {
        owner.form = OWNER_SAM;
        add(out, arena, owner, seen->id);
    }
}

static void take_spn(struct owners *out, struct arena *arena, const struct log *log,
                     const struct observation *seen, const char *sname, const char *host_form)
{
    const struct spn_owner *fact = seen->spn_owner;
    struct owner owner = {0};

    out->looked = true;
    if (fact->spn == NULL || !spn_answers(fact->spn, sname, host_form, &owner.form))
        return;
    describe(&owner, arena, log, account_with_dn(log, fact->dn), fact->account, fact->dn);
    add(out, arena, owner, seen->id);
}

/* "HOST/x" for "HTTP/x"; NULL when HOST does not stand in for the class. */
static const char *host_form_of(struct arena *arena, const char *sname)
{
    const char *slash = strchr(sname, '/');
    char service[NAME_ROOM];

    if (slash == NULL || (size_t)(slash - sname) >= sizeof(service))
        return NULL;
    memcpy(service, sname, (size_t)(slash - sname));
    service[slash - sname] = '\0';
    return service_is_host_mapped(service) ? arena_print(arena, "HOST%s", slash) : NULL;
}

void owners_find(struct owners *out, struct arena *arena, const struct log *log, const char *sname)
{
    const char *host_form = host_form_of(arena, sname);
    size_t i;

    memset(out, 0, sizeof(*out));
    for (i = 0; i < log->num; i++) {
        const struct observation *seen = &log->at[i];

        if (seen->kind == KIND_account)
            take_account(out, arena, log, seen, sname, host_form);
        else if (seen->kind == KIND_spn_owner)
            take_spn(out, arena, log, seen, sname, host_form);
        else if (seen->kind == KIND_spn_absent && seen->spn_absent->spn != NULL &&
                 strcasecmp(seen->spn_absent->spn, sname) == 0)
            out->absent = seen->id;
        else if (seen->kind == KIND_spn_absent || seen->kind == KIND_spn_duplicate)
            out->looked = true;
    }
}

const struct owner *owners_winning(const struct owners *owners, size_t *out_num)
{
    size_t i = 0;

    while (i < owners->num && owners->at[i].form == owners->at[0].form)
        i++;
    *out_num = i;
    return owners->at;
}

bool owner_of_account(struct owner *out, struct arena *arena, const struct log *log,
                      const char *account)
{
    size_t i;

    for (i = 0; i < log->num; i++) {
        const struct account *fact = log->at[i].account;

        if (log->at[i].kind != KIND_account || fact->account == NULL ||
            !account_equal(fact->account, account))
            continue;
        memset(out, 0, sizeof(*out));
        out->form = OWNER_SAM;
        describe(out, arena, log, fact, fact->account, fact->dn);
        add_source(arena, out, log->at[i].id);
        return true;
    }
    return false;
}
