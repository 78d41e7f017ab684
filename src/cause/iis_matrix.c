/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "cause/iis.h"

/* The published combinations. -1: whatever it is. */
static const struct row {
    const char *id;
    int kernel, pool_credentials, service_pool, computer_name;
    int on_pool; /* the SPN is on the pool's service account; 0: on the machine, or nobody */
    const char *says;
} rows[] = {
    {"r1", 1, 0, -1, 1, 0,
     "kernel mode on, useAppPoolCredentials false, the computer's own name: the computer opens, "
     "and its HOST/ entries cover the name"},
    {"r2", 1, 0, -1, 0, 0,
     "kernel mode on, useAppPoolCredentials false, a host name of its own: HTTP/ on the computer"},
    {"r3", 1, 1, 1, 0, 1,
     "kernel mode on, useAppPoolCredentials true, a host name of its own: HTTP/ on the pool's "
     "account"},
    {"r4", 1, 1, 1, 1, 1,
     "kernel mode on, useAppPoolCredentials true, the computer's own name: HTTP/ on the pool's "
     "account"},
    {"r5", 0, -1, 1, 0, 1,
     "kernel mode off, a host name of its own, a service account: HTTP/ on that account"},
    {"r6", 0, -1, 1, 1, 1,
     "kernel mode off, the computer's own name, a service account: HTTP/ on that account"},
    {"r7", 0, -1, 0, 0, 0,
     "kernel mode off, a host name of its own, a built-in identity: HTTP/ on the computer"},
    {"r8", 0, -1, 0, 1, 0,
     "kernel mode off, the computer's own name, a built-in identity: the computer's HOST/ entries"},
    {"w1", 1, 0, 1, 1, 1,
     "the first of the three well-known wrong combinations: kernel mode on, useAppPoolCredentials "
     "false, a pool with a service account, the computer's own name, and HTTP/ on the service "
     "account"},
    {"w2", 1, 0, 1, 0, 1,
     "the second of the three well-known wrong combinations: kernel mode on, useAppPoolCredentials "
     "false, a pool with a service account, a host name of its own, and HTTP/ on the service "
     "account"},
    {"w3", 1, 1, 1, 1, 0,
     "the third of the three well-known wrong combinations: kernel mode on, useAppPoolCredentials "
     "true, a pool with a service account, the computer's own name, and HTTP/ on nobody or on the "
     "computer"},
};

void iis_rule_of(struct iis_rule *out, const struct iis_site *site)
{
    memset(out, 0, sizeof(*out));
    out->kernel = !site->kernel_mode.set || site->kernel_mode.value != 0;
    out->pool_credentials =
        site->use_app_pool_credentials.set && site->use_app_pool_credentials.value != 0;
    out->service_pool = site->identity != NULL && strcasecmp(site->identity, "SpecificUser") == 0;
    if (site->not_seen != NULL || site->express)
        return;
    if (out->kernel && !out->pool_credentials) {
        out->opener = IIS_OPENER_MACHINE;
    } else if (site->identity == NULL) {
        return;
    } else if (!out->service_pool) {
        out->opener = IIS_OPENER_MACHINE;
    } else if (site->user != NULL && site->user[0] != '\0') {
        out->opener = IIS_OPENER_POOL;
        out->account = site->user;
    }
}

/* "IIS01$" and "IIS01" are one: setspn's output has either. */
static bool account_same(const char *a, const char *b)
{
    const char *slash;
    size_t i, len[2] = {0};
    const char *at[2] = {a, b};

    if (a == NULL || b == NULL)
        return false;
    for (i = 0; i < 2; i++) {
        slash = strchr(at[i], '\\');
        if (slash != NULL)
            at[i] = slash + 1;
        len[i] = strcspn(at[i], "@$");
    }
    return len[0] > 0 && len[0] == len[1] && strncasecmp(at[0], at[1], len[0]) == 0;
}

static bool is_computer_name(const struct iis_verdict *v, const char *computer)
{
    size_t i;

    if (computer != NULL)
        return host_same_label(computer, v->host);
    for (i = 0; i < v->owners->num; i++)
        if (v->owners->at[i].form == OWNER_HOST && v->owners->at[i].computer &&
            host_same_label(v->owners->at[i].account, v->host))
            return true;
    return false;
}

static enum iis_problem compare(struct iis_verdict *v, const char *computer)
{
    const struct owner *owner = v->owner;

    v->certain = owner->kind_known;
    if (v->rule.opener == IIS_OPENER_POOL) {
        v->certain = true;
        if (account_same(owner->account, v->rule.account))
            return IIS_RIGHT;
    } else if (owner->computer) {
        if (computer == NULL || account_same(owner->account, computer) ||
            host_same_label(owner->account, computer))
            return IIS_RIGHT;
        return IIS_OTHER_MACHINE;
    }
    return owner->form == OWNER_UPN ? IIS_UPN : IIS_OTHER_ACCOUNT;
}

static enum iis_problem problem_of(struct iis_verdict *v, const char *computer)
{
    if (v->rule.opener == IIS_OPENER_UNKNOWN || !v->owners->looked)
        return IIS_NOT_KNOWN;
    if (v->num_winning == 0)
        return IIS_NO_OWNER;
    if (v->num_winning > 1)
        return IIS_TWO_OWNERS;
    return compare(v, computer);
}

static bool fits(int wanted, bool is)
{
    return wanted < 0 || (wanted != 0) == is;
}

static void name_row(struct iis_verdict *v)
{
    bool on_pool =
        v->owner != NULL && v->rule.service_pool && account_same(v->owner->account, v->site->user);
    bool on_machine = v->owner != NULL && v->owner->computer && !on_pool;
    size_t i;

    if (v->problem == IIS_NOT_KNOWN || v->num_winning > 1 || (!on_pool && !on_machine && v->owner))
        return;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];

        if ((row->id[0] == 'r') != (v->problem == IIS_RIGHT) ||
            !fits(row->kernel, v->rule.kernel) ||
            !fits(row->pool_credentials, v->rule.pool_credentials) ||
            !fits(row->service_pool, v->rule.service_pool) ||
            !fits(row->computer_name, v->computer_name) || !fits(row->on_pool, on_pool))
            continue;
        v->row = row->id;
        v->row_says = row->says;
        return;
    }
}

void iis_judge(struct iis_verdict *out, struct arena *arena, const struct log *log,
               const struct observation *site, const char *host, const char *computer)
{
    struct owners *owners = arena_take(arena, 1, sizeof(*owners));
    const struct owner *winning;

    memset(out, 0, sizeof(*out));
    out->owners = owners;
    out->site = site->iis_site;
    out->site_from = site->id;
    out->host = host;
    out->computer = computer;
    out->spn = arena_print(arena, "HTTP/%s", host);
    iis_rule_of(&out->rule, out->site);
    owners_find(owners, arena, log, out->spn);
    winning = owners_winning(owners, &out->num_winning);
    if (out->num_winning == 1)
        out->owner = winning;
    out->computer_name = is_computer_name(out, computer);
    out->problem = problem_of(out, computer);
    name_row(out);
}

const char *iis_opener_name(const struct iis_verdict *v)
{
    return v->rule.opener == IIS_OPENER_POOL      ? v->rule.account
           : v->rule.opener == IIS_OPENER_MACHINE ? "the server's computer account"
                                                  : "an account that the files do not show";
}

const char *iis_settings(const struct iis_rule *rule, const struct iis_site *site,
                         struct arena *arena)
{
    return arena_print(arena, "kernel mode %s, useAppPoolCredentials %s, pool %s running as %s",
                       rule->kernel ? "on" : "off", rule->pool_credentials ? "true" : "false",
                       site->pool == NULL ? "(unnamed)" : site->pool,
                       rule->service_pool && site->user != NULL ? site->user
                       : site->identity != NULL                 ? site->identity
                                                                : "(not in the files)");
}
