/* SPDX-License-Identifier: MIT */
/* An IIS configuration without any file that could show an owner: which SPN each site needs, on
 * which account. Informs only. */
#include <string.h>
#include <strings.h>

#include "cause/iis.h"
#include "cause/standing.h"

enum { NAMES_TOLD = 8 };

/* "CONTOSO\svc" as setspn takes it. */
static const char *account_of(const struct iis_rule *rule)
{
    const char *slash = rule->account == NULL ? NULL : strchr(rule->account, '\\');

    return slash == NULL ? rule->account : slash + 1;
}

static void say_name(struct standing *s, struct remark *r, const struct observation *site,
                     const struct iis_rule *rule, const char *host)
{
    struct judgement *j = &r->judgement;
    const char *spn = arena_print(s->arena, "HTTP/%s", host);

    if (rule->opener == IIS_OPENER_POOL)
        say_for(j, SEEN(site->id), "reached as %s: %s has to be on %s", host, spn, rule->account);
    else
        say_for(j, SEEN(site->id),
                "reached as %s: %s has to be on the web server's computer account, unless it is "
                "the computer's own name, which its HOST/ entries cover",
                host, spn);
    say_missing(j, arena_print(s->arena, "who holds %s", spn),
                command_fill(s->arena, "setspn -F -Q */{}", NAMES(host)));
}

static void say_own_name(struct remark *r, const struct observation *site,
                         const struct iis_rule *rule)
{
    if (rule->opener == IIS_OPENER_POOL)
        say_for(&r->judgement, SEEN(site->id),
                "reached by the computer's own names: HTTP/ of each (short and full) has to be on "
                "%s, or HOST/ of the computer wins",
                rule->account);
    else
        say_for(&r->judgement, SEEN(site->id),
                "reached by the computer's own names: its HOST/ entries cover them, as long as no "
                "other account has HTTP/ of them");
    say_missing(&r->judgement, "the names that the computer's account holds",
                "setspn -L %COMPUTERNAME%");
}

static bool is_told(const struct iis_site *site, size_t binding)
{
    long port;
    const char *host = iis_binding(site->bindings.at[binding], &port), *other;
    size_t i;

    for (i = 0; i < binding; i++) {
        other = iis_binding(site->bindings.at[i], &port);
        if (other != NULL && strcasecmp(other, host) == 0)
            return true;
    }
    return false;
}

void standing_needed(struct standing *s, const struct observation *site)
{
    const struct iis_site *fact = site->iis_site;
    struct iis_rule rule;
    struct remark r;
    const char *host, *where = iis_location(fact, s->arena);
    size_t i, told = 0;
    long port;

    iis_rule_of(&rule, fact);
    if (rule.opener == IIS_OPENER_UNKNOWN)
        return;
    remark_begin(&r, s, "spn-wrong-account", NULL);
    r.informs = true;
    r.tried_by = account_of(&rule);
    r.title = arena_print(s->arena, "Site %s opens tickets as %s: its SPNs have to be there", where,
                          rule.opener == IIS_OPENER_POOL ? rule.account
                                                         : "the server's computer account");
    r.explanation = arena_print(
        s->arena,
        "Nothing is wrong by itself: with %s, tickets are opened by %s. No file shows who holds "
        "the names that the site is reached by; each has to be on that account and on no other.",
        iis_settings(&rule, fact, s->arena),
        rule.opener == IIS_OPENER_POOL ? rule.account : "the computer account of the web server");
    for (i = 0; i < fact->bindings.num && told < NAMES_TOLD; i++) {
        host = iis_binding(fact->bindings.at[i], &port);
        if (host == NULL || strchr(host, '*') != NULL || host_equal(host, "localhost") ||
            is_told(fact, i))
            continue;
        told++;
        if (host[0] != '\0')
            say_name(s, &r, site, &rule, host);
        else
            say_own_name(&r, site, &rule);
    }
    if (told > 0)
        remark_end(s, &r);
}
