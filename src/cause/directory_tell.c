/* SPDX-License-Identifier: MIT */
#include "cause/directory_tell.h"

#include <string.h>
#include <strings.h>

static const char *named(struct standing *s, const struct owner *owner)
{
    return owner->dn == NULL ? owner->account
                             : arena_print(s->arena, "%s (%s)", owner->account, owner->dn);
}

/* ---- one SPN, two accounts ---- */

static const char *domain_of(const char *dn)
{
    const char *at;

    for (at = dn; at != NULL && *at != '\0'; at++)
        if (strncasecmp(at, "DC=", 3) == 0 && (at == dn || at[-1] == ','))
            return at;
    return NULL;
}

/* setspn -X names the SPN as a duplicate. */
static int64_t said_by_setspn(const struct standing *s, const char *spn)
{
    const struct log *log = &s->index->evidence;
    size_t i;

    for (i = 0; i < log->num; i++)
        if (log->at[i].kind == KIND_spn_duplicate && log->at[i].spn_duplicate->spn != NULL &&
            strcasecmp(log->at[i].spn_duplicate->spn, spn) == 0)
            return log->at[i].id;
    return 0;
}

/* The one source of either that stands in one file, both being objects of an export. */
static bool in_one_export(const struct standing *s, const struct owner *a, const struct owner *b)
{
    const struct log *log = s->index->joined->log;
    size_t i, k;

    for (i = 0; i < a->num_sources; i++)
        for (k = 0; k < b->num_sources; k++) {
            const struct observation *x = log_find(log, a->sources[i]);
            const struct observation *y = log_find(log, b->sources[k]);

            if (x != NULL && y != NULL && x->kind == KIND_account && y->kind == KIND_account &&
                x->source.capture == y->source.capture)
                return true;
        }
    return false;
}

static bool in_one_file(const struct standing *s, const struct owner *a, const struct owner *b)
{
    const struct observation *x = log_find(s->index->joined->log, a->sources[0]);
    const struct observation *y = log_find(s->index->joined->log, b->sources[0]);

    return x != NULL && y != NULL && x->source.capture == y->source.capture;
}

static void weigh_duplicate(struct standing *s, struct remark *r, const struct owner *a,
                            const struct owner *b)
{
    const char *domain = domain_of(a->dn), *other = domain_of(b->dn);
    int64_t said = said_by_setspn(s, r->spn);
    struct judgement *j = &r->judgement;

    if (domain != NULL && other != NULL && strcasecmp(domain, other) != 0) {
        say_against(j, SEEN(a->sources[0], b->sources[0]),
                    "the two are in different domains (%s and %s): each domain's KDCs take their "
                    "own first",
                    domain, other);
        return;
    }
    if (said != 0)
        say_for(j, SEEN(said), "setspn -X lists %s as a duplicate", r->spn);
    if (said != 0 || in_one_export(s, a, b))
        r->confidence = CONFIDENCE_CONFIRMED;
    else if (in_one_file(s, a, b))
        r->confidence = CONFIDENCE_LIKELY;
    else
        say_against(j, SEEN(a->sources[0], b->sources[0]),
                    "the two are in different files: the SPN may have been moved between them");
}

void directory_tell_duplicate(struct standing *s, const char *spn, const struct owners *owners,
                              size_t num)
{
    const struct owner *a = &owners->at[0], *b = &owners->at[1];
    bool host = strncasecmp(spn, "HOST/", 5) == 0;
    struct remark r;
    size_t i;

    remark_begin(&r, s, "duplicate-spn", spn);
    r.title =
        arena_print(s->arena, "%s is registered on %s accounts: %s and %s%s", spn,
                    num == 2 ? "two" : "several", a->account, b->account, num == 2 ? "" : ", ...");
    r.explanation = arena_print(
        s->arena,
        "A domain controller that finds a name on several accounts gives no ticket for it (error "
        "7, and event 11 in its own log); clients then fall back to NTLM or fail. Where two "
        "controllers see different holders, tickets are made for the wrong one, and the service "
        "answers 41.%s",
        host ? " HOST/ stands for HTTP, cifs, WinRM and the other built-in services: all of them "
               "are hit."
             : "");
    say_for(&r.judgement, SEEN(a->sources[0]), "%s holds %s", named(s, a), spn);
    say_for(&r.judgement, SEEN(b->sources[0]), "%s holds %s", named(s, b), spn);
    if (num > 2)
        say_for(&r.judgement, SEEN(owners->at[2].sources[0]), "%s holds %s too",
                named(s, &owners->at[2]), spn);
    weigh_duplicate(s, &r, a, b);
    say_missing(&r.judgement, "which of the accounts runs the service: the SPN stays on that one",
                NULL);
    say_missing(&r.judgement, "all duplicates in the forest", "setspn -X -F");
    for (i = 0; i < num && i < 3; i++) /* a computer keeps its own name */
        if (!owners->at[i].computer ||
            !host_same_label(owners->at[i].account,
                             spn + strcspn(spn, "/") + (strchr(spn, '/') != NULL)))
            remark_remove_spn(
                &r, spn, owners->at[i].account,
                arena_print(s->arena, "the service, where it runs as %s", owners->at[i].account));
    remark_end(s, &r);
}

/* ---- HTTP/ that hides HOST/ ---- */

void directory_tell_shadow(struct standing *s, const char *spn, const struct owner *holder,
                           const struct owner *host)
{
    struct remark r;

    remark_begin(&r, s, "http-shadows-host", spn);
    r.informs = standing_told(s, spn);
    r.title = arena_print(s->arena, "%s on %s hides HOST/%s on %s", spn, holder->account, spn + 5,
                          host->account);
    r.explanation = arena_print(
        s->arena,
        "A computer answers for HTTP on its own names by its HOST/ entries. %s on %s is more exact "
        "and wins: every ticket for HTTP on that name is made for %s. A site that runs as that "
        "account needs it; WinRM, and sites in kernel mode, open tickets as %s and answer 41.",
        spn, holder->account, holder->account, host->account);
    say_for(&r.judgement, SEEN(holder->sources[0]), "%s holds %s", named(s, holder), spn);
    say_for(&r.judgement, SEEN(host->sources[0]), "%s holds HOST/%s", named(s, host), spn + 5);
    say_missing(&r.judgement,
                "whether a site of that computer runs as the holder (then it is wanted there): "
                "applicationHost.config of the computer",
                "%windir%\\system32\\inetsrv\\appcmd.exe list config "
                "-section:system.webServer/security/authentication/windowsAuthentication & "
                "%windir%\\system32\\inetsrv\\appcmd.exe list apppool /text:*");
    remark_remove_spn(&r, spn, holder->account,
                      "a site that runs as that account under the computer's own name: give it a "
                      "host name of its own first");
    remark_end(s, &r);
}

/* ---- a userPrincipalName in the way ---- */

void directory_tell_upn(struct standing *s, const char *spn, const struct owner *upn,
                        const struct owner *holder, int64_t from)
{
    struct remark r;
    struct remedy *card;

    remark_begin(&r, s, "upn-shadows-spn", spn);
    r.confidence = CONFIDENCE_CONFIRMED;
    r.title = arena_print(s->arena, "The userPrincipalName of %s equals %s, an SPN of %s",
                          upn->account, spn, holder->account);
    r.explanation = arena_print(
        s->arena,
        "A KDC looks for a userPrincipalName that equals the name before it looks at "
        "servicePrincipalName (MS-KILE 3.3.5.1.1): tickets for %s are made for %s, and %s cannot "
        "open them. setspn -X does not show it.",
        spn, upn->account, holder->account);
    say_for(&r.judgement, SEEN(from), "%s has the userPrincipalName %s", named(s, upn), spn);
    say_for(&r.judgement, SEEN(holder->sources[0]), "%s holds the name too, %s", named(s, holder),
            holder->form == OWNER_HOST ? "by HOST/" : "as a servicePrincipalName");
    card = card_add(&r.cards, "Give %s another userPrincipalName (PowerShell; replace DOMAIN)",
                    upn->account);
    card_command(&r.cards, card, "Set-ADUser {} -UserPrincipalName {}@DOMAIN",
                 NAMES(card_account(&r.cards, upn->account), card_account(&r.cards, upn->account)));
    card->who = "a domain administrator, or whoever may write that account";
    card->breaks = "log-ons and keytabs that use the old one (ktpass -mapuser sets it)";
    card->undo = "set the old userPrincipalName again";
    card_verify(&r.cards, card);
    card->reference = "MS-KILE 3.3.5.1.1";
    remark_end(s, &r);
}

/* ---- values of no use ---- */

void directory_tell_malformed(struct standing *s, const char *spn, int64_t from, const char *rule)
{
    const struct observation *seen = log_find(s->index->joined->log, from);
    const char *account =
        seen->kind == KIND_account ? seen->account->account : seen->spn_owner->account;
    const char *dn = seen->kind == KIND_account ? seen->account->dn : seen->spn_owner->dn;
    struct remark r;

    remark_begin(&r, s, "malformed-spn", spn);
    r.title = arena_print(s->arena, "The SPN %s has a form that no client asks for: %s", spn, rule);
    r.explanation = arena_print(
        s->arena,
        "%s. The name that was meant is not registered by it: a KDC answers 7 for that, or the "
        "tickets go to another holder of the name, such as the computer with its HOST/ entries.",
        rule);
    say_for(&r.judgement, SEEN(from), "%s holds %s",
            dn != NULL        ? dn
            : account != NULL ? account
                              : "an account",
            spn);
    remark_remove_spn(&r, spn, account, "nothing: it cannot be asked for");
    remark_end(s, &r);
}
