/* SPDX-License-Identifier: MIT */
/* Every site of an IIS configuration against the owners in the other files. */
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/text.h"
#include "cause/iis.h"
#include "cause/iis_cards.h"
#include "cause/standing.h"

struct servers {
    const char *names[LIMIT_SERVER_NAMES]; /* full names of computers with HOST/ entries */
    size_t num;
    bool more; /* there are others */
};

static void add_server(struct servers *out, const char *spn)
{
    size_t i;

    if (strncasecmp(spn, "HOST/", 5) != 0 || strchr(spn + 5, '.') == NULL ||
        strchr(spn + 5, '/') != NULL || out->more)
        return;
    for (i = 0; i < out->num; i++)
        if (host_same_label(out->names[i], spn + 5))
            return;
    if (out->num == LIMIT_SERVER_NAMES) {
        out->more = true;
        return;
    }
    out->names[out->num++] = spn + 5;
}

/* The computers in the files, any of which may be the web server. */
static void find_servers(struct servers *out, const struct log *log)
{
    size_t i, k;

    out->num = 0;
    out->more = false;
    for (i = 0; i < log->num; i++) {
        const struct observation *seen = &log->at[i];

        if (seen->kind == KIND_spn_owner && seen->spn_owner->spn != NULL)
            add_server(out, seen->spn_owner->spn);
        for (k = 0; seen->kind == KIND_account && k < seen->account->spns.num; k++)
            add_server(out, seen->account->spns.at[k]);
    }
}

static const char *owner_text(struct standing *s, const struct owner *owner)
{
    return owner->dn == NULL ? owner->account
                             : arena_print(s->arena, "%s (%s)", owner->account, owner->dn);
}

static const char *title_of(struct standing *s, const struct iis_verdict *v)
{
    const char *where = iis_location(v->site, s->arena);

    switch (v->problem) {
    case IIS_NO_OWNER:
        return arena_print(s->arena, "Site %s: no account in the files holds %s", where, v->spn);
    case IIS_TWO_OWNERS:
        return arena_print(s->arena, "Site %s: %s is registered on two accounts, %s and %s", where,
                           v->spn, v->owners->at[0].account, v->owners->at[1].account);
    case IIS_UPN:
        return arena_print(s->arena, "Site %s: the userPrincipalName of %s equals %s", where,
                           v->owner->account, v->spn);
    default:
        return arena_print(s->arena, "Site %s: %s is on %s, and %s opens the tickets", where,
                           v->spn, v->owner->account, iis_opener_name(v));
    }
}

static const char *explain(struct standing *s, const struct iis_verdict *v)
{
    const char *opener = iis_opener_name(v);

    switch (v->problem) {
    case IIS_NO_OWNER:
        return arena_print(s->arena,
                           "The site opens tickets as %s, so %s has to be on that account. Where "
                           "nobody holds it a domain controller answers with error 7, not 41: "
                           "there is no ticket, and browsers fall back to NTLM or ask for a "
                           "password.",
                           opener, v->spn);
    case IIS_TWO_OWNERS:
        return arena_print(s->arena,
                           "The site opens tickets as %s. With two holders a domain controller "
                           "gives no ticket (error 7), or one for the wrong account (41).",
                           opener);
    default:
        return arena_print(
            s->arena,
            "The site opens tickets as %s. A domain controller makes tickets for %s with the key "
            "of %s: the site cannot open them and answers 41 (KRB_AP_ERR_MODIFIED).%s%s",
            opener, v->spn, v->owner->account, v->row_says != NULL ? " This is " : "",
            v->row_says != NULL ? arena_print(s->arena, "%s.", v->row_says) : "");
    }
}

static const char *cause_of(const struct iis_verdict *v)
{
    switch (v->problem) {
    case IIS_NO_OWNER:
        return "kdc-error";
    case IIS_TWO_OWNERS:
        return "duplicate-spn";
    case IIS_UPN:
        return "upn-shadows-spn";
    default:
        return "spn-wrong-account";
    }
}

/* Another place that is reached by the same name and is right as it is. */
static const struct iis_verdict *other_right(const struct iis_verdict *all, size_t num,
                                             const struct iis_verdict *v)
{
    size_t i;

    for (i = 0; i < num; i++)
        if (all[i].problem == IIS_RIGHT && strcasecmp(all[i].spn, v->spn) == 0 &&
            all[i].site != v->site)
            return &all[i];
    return NULL;
}

static void say_facts(struct standing *s, struct remark *r, const struct iis_verdict *v)
{
    struct judgement *j = &r->judgement;
    size_t i;

    say_for(j, SEEN(v->site_from), "site %s: %s, so that %s opens the tickets",
            iis_location(v->site, s->arena), iis_settings(&v->rule, v->site, s->arena),
            iis_opener_name(v));
    for (i = 0; i < v->owners->num && i < 3; i++)
        say_for(j, SEEN(v->owners->at[i].sources[0]), "%s holds %s%s",
                owner_text(s, &v->owners->at[i]), v->spn,
                v->owners->at[i].form == OWNER_HOST  ? " by its HOST/ entry"
                : v->owners->at[i].form == OWNER_UPN ? " as its userPrincipalName"
                                                     : "");
    if (v->problem == IIS_NO_OWNER)
        say_for(j, SEEN(v->owners->absent),
                v->owners->absent != 0 ? "setspn looked for %s and found nothing"
                                       : "no object in the files holds %s",
                v->spn);
}

static void say_gaps(struct standing *s, struct remark *r, const struct iis_verdict *v)
{
    say_missing(&r->judgement,
                "all holders of the name in the forest, HOST/ and the short name too",
                command_fill(s->arena, "setspn -F -Q */{}", NAMES(v->host)));
    if (v->site->not_seen == NULL)
        say_missing(&r->judgement,
                    "a web.config of the site where the section is unlocked: it may say otherwise "
                    "and was not seen",
                    "%windir%\\system32\\inetsrv\\appcmd.exe list config "
                    "-section:system.webServer/security/authentication/windowsAuthentication");
}

static void tell(struct standing *s, const struct iis_verdict *v, const struct iis_verdict *all,
                 size_t num, enum confidence most)
{
    const struct iis_verdict *right = other_right(all, num, v);
    struct remark r;

    remark_begin(&r, s, right != NULL ? "one-name-two-identities" : cause_of(v), v->spn);
    if (v->certain && v->problem != IIS_NO_OWNER)
        r.confidence = most;
    r.informs = v->site->anonymous_auth.set && v->site->anonymous_auth.value != 0;
    r.title = title_of(s, v);
    r.explanation = explain(s, v);
    r.key_owner = v->owner == NULL ? NULL : v->owner->account;
    r.tried_by = v->rule.account;
    say_facts(s, &r, v);
    if (r.informs)
        say_against(&r.judgement, SEEN(v->site_from),
                    "anonymous access is on too: nobody is asked to log on there");
    if (right != NULL)
        say_for(&r.judgement, SEEN(right->site_from),
                "site %s is reached by the same name and opens tickets as %s: one name cannot "
                "serve both",
                iis_location(right->site, s->arena), iis_opener_name(right));
    if (most != CONFIDENCE_CONFIRMED)
        say_missing(&r.judgement,
                    "the name of the computer that the site runs on: the binding has no host "
                    "header, and no file says which computer of the directory it is",
                    "hostname");
    say_gaps(s, &r, v);
    iis_cards(&r.cards, v, right);
    remark_end(s, &r);
    standing_tell(s, v->spn);
}

/* ---- names ---- */

struct verdicts {
    struct iis_verdict *at;
    size_t num, room;
};

static struct iis_verdict *next(struct verdicts *list, struct arena *arena)
{
    if (list->num == list->room) {
        size_t room = list->room == 0 ? 16 : list->room * 2;
        struct iis_verdict *grown = arena_take(arena, room, sizeof(*grown));

        if (list->num > 0)
            memcpy(grown, list->at, list->num * sizeof(*grown));
        list->at = grown;
        list->room = room;
    }
    return &list->at[list->num++];
}

static bool have(const struct verdicts *list, const struct iis_verdict *v)
{
    size_t i;

    for (i = 0; i + 1 < list->num; i++)
        if (list->at[i].site == v->site && strcasecmp(list->at[i].spn, v->spn) == 0)
            return true;
    return false;
}

static void judge_name(struct standing *s, struct verdicts *list, const struct observation *site,
                       const char *host, const char *computer)
{
    struct iis_verdict *v = next(list, s->arena);

    iis_judge(v, s->arena, &s->index->evidence, site, host, computer);
    if (v->problem == IIS_NOT_KNOWN || have(list, v))
        list->num--;
}

/* A binding without host header: the site is reached by the computer's own name, and which of the
 * computers in the files that is, no file says. What holds for one that fits is taken. */
static void judge_own_names(struct standing *s, struct verdicts *list,
                            const struct observation *site, const struct servers *servers)
{
    struct iis_verdict v, wrong = {0};
    size_t i;

    for (i = 0; i < servers->num; i++) {
        iis_judge(&v, s->arena, &s->index->evidence, site, servers->names[i], servers->names[i]);
        if (v.problem == IIS_NOT_KNOWN)
            return;
        if (v.rule.service_pool && v.problem == IIS_RIGHT && v.rule.opener == IIS_OPENER_POOL) {
            wrong = v; /* the pool's account holds this computer's name: it stands here */
            break;
        }
        /* Of several, one that is a published row says more. */
        if (v.problem != IIS_RIGHT && (wrong.spn == NULL || (wrong.row == NULL && v.row != NULL)))
            wrong = v;
    }
    if (wrong.spn == NULL)
        return;
    /* The computer opens, and only another account's entry hides HOST/: where several computers
     * are in the files, only the pool's own account points at this one. */
    if (servers->num > 1 && wrong.problem != IIS_RIGHT && wrong.rule.opener == IIS_OPENER_MACHINE &&
        wrong.row == NULL)
        return;
    *next(list, s->arena) = wrong;
}

static void judge_site(struct standing *s, struct verdicts *list, const struct observation *site,
                       const struct servers *servers)
{
    const struct iis_site *fact = site->iis_site;
    const char *computer = servers->num == 1 ? servers->names[0] : NULL;
    bool own = false;
    size_t i;
    long port;

    for (i = 0; i < fact->bindings.num; i++) {
        const char *host = iis_binding(fact->bindings.at[i], &port);

        if (host == NULL || strchr(host, '*') != NULL || host_equal(host, "localhost"))
            continue;
        if (host[0] != '\0')
            judge_name(s, list, site, host, computer);
        else
            own = true;
    }
    if (own)
        judge_own_names(s, list, site, servers);
}

/* Kerberos is offered: windowsAuthentication is on, and Negotiate is among its providers. */
static bool offers_negotiate(const struct iis_site *site)
{
    size_t i;

    if (!site->windows_auth.set || site->windows_auth.value == 0)
        return false;
    for (i = 0; i < site->providers.num; i++)
        if (strncasecmp(site->providers.at[i], "Negotiate", 9) == 0)
            return true;
    return site->providers.num == 0;
}

/* How sure it can be at most that a site without host header stands on the computer it was judged
 * with: an export of one computer need not be that of the web server. */
static enum confidence sure_of_server(const struct servers *servers, const struct log *log)
{
    size_t i;

    if (servers->num != 1)
        return CONFIDENCE_POSSIBLE;
    for (i = 0; i < log->num; i++)
        if (log->at[i].kind == KIND_machine &&
            host_same_label(log->at[i].machine->host, servers->names[0]))
            return CONFIDENCE_CONFIRMED;
    return CONFIDENCE_LIKELY;
}

/* Any file that could show who holds a name. */
static bool shows_owners(const struct log *log)
{
    size_t i;

    for (i = 0; i < log->num; i++)
        if (log->at[i].kind == KIND_spn_owner || log->at[i].kind == KIND_account ||
            log->at[i].kind == KIND_spn_absent)
            return true;
    return false;
}

/* Some site that offers Kerberos is reached by the name of its computer. */
static bool has_own_name(const struct log *log)
{
    const char *host;
    size_t i, k;
    long port;

    for (i = 0; i < log->num; i++)
        for (k = 0; log->at[i].kind == KIND_iis_site && log->at[i].iis_site->site != NULL &&
                    offers_negotiate(log->at[i].iis_site) && k < log->at[i].iis_site->bindings.num;
             k++) {
            host = iis_binding(log->at[i].iis_site->bindings.at[k], &port);
            if (host != NULL && host[0] == '\0')
                return true;
        }
    return false;
}

/* A site without host header may stand on any computer of the directory; so many are tried. */
static void tell_more_servers(struct standing *s)
{
    struct remark r;

    remark_begin(&r, s, "spn-wrong-account", NULL);
    r.informs = true;
    r.title = arena_print(s->arena,
                          "Sites without host header were judged with the first %d computers of "
                          "the files only",
                          LIMIT_SERVER_NAMES);
    r.explanation = "Such a site is reached by the name of the computer that it stands on, and no "
                    "file says which one that is. The files name more computers than are tried.";
    say_missing(&r.judgement, "the SPNs of the web server itself",
                "setspn -L {the web server's name}");
    remark_end(s, &r);
}

/* Sites that offer Kerberos are judged until so many verdicts are there. False when some are left.
 */
static bool judge_sites(struct standing *s, struct verdicts *list, const struct servers *servers)
{
    const struct log *log = &s->index->evidence;
    size_t i;

    for (i = 0; i < log->num; i++) {
        if (log->at[i].kind != KIND_iis_site || log->at[i].iis_site->site == NULL ||
            !offers_negotiate(log->at[i].iis_site))
            continue;
        if (list->num >= LIMIT_STANDING)
            return false;
        judge_site(s, list, &log->at[i], servers);
    }
    return true;
}

/* Where no file shows who holds a name: what each site needs. Returns how many were told, and one
 * more when there are others. */
static size_t tell_needed(struct standing *s)
{
    const struct log *log = &s->index->evidence;
    size_t i, told = 0;

    if (shows_owners(log))
        return 0;
    for (i = 0; i < log->num && told <= LIMIT_STANDING; i++)
        if (log->at[i].kind == KIND_iis_site && log->at[i].iis_site->site != NULL &&
            offers_negotiate(log->at[i].iis_site) && told++ < LIMIT_STANDING)
            standing_needed(s, &log->at[i]);
    return told;
}

void standing_sites(struct standing *s)
{
    const struct log *log = &s->index->evidence;
    struct verdicts list = {0};
    struct servers servers;
    enum confidence sure;
    size_t i, told;
    bool all;

    find_servers(&servers, log);
    sure = sure_of_server(&servers, log);
    all = judge_sites(s, &list, &servers);
    told = tell_needed(s);
    for (i = 0; i < list.num && told <= LIMIT_STANDING; i++) {
        const struct iis_verdict *v = &list.at[i];

        if (v->problem == IIS_RIGHT) {
            standing_tell(s, v->spn);
            continue;
        }
        if (told++ < LIMIT_STANDING)
            tell(s, v, list.at, list.num, v->computer_name ? sure : CONFIDENCE_CONFIRMED);
    }
    standing_cut(s, "spn-wrong-account", all ? told : LIMIT_STANDING + 1);
    if (servers.more && has_own_name(log))
        tell_more_servers(s);
}
