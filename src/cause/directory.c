/* SPDX-License-Identifier: MIT */
/* What is wrong in a directory export by itself: one SPN on two accounts, HTTP/ that hides HOST/, a
 * userPrincipalName in the way, values of no use. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/memory.h"
#include "cause/standing.h"

struct entry {
    const char *spn;
    int64_t from;
};

struct entries {
    struct entry *at;
    size_t num, room;
};

static void add(struct entries *list, const char *spn, int64_t from)
{
    if (spn == NULL || spn[0] == '\0')
        return;
    if (list->num == list->room) {
        list->room = list->room == 0 ? 64 : list->room * 2;
        list->at = memory_grow(list->at, list->room, sizeof(*list->at));
    }
    list->at[list->num++] = (struct entry){spn, from};
}

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int by_name = strcasecmp(x->spn, y->spn);

    return by_name != 0 ? by_name : (x->from > y->from) - (x->from < y->from);
}

static void gather(struct entries *list, const struct log *log)
{
    size_t i, k;

    for (i = 0; i < log->num; i++) {
        const struct observation *seen = &log->at[i];

        if (seen->kind == KIND_spn_owner)
            add(list, seen->spn_owner->spn, seen->id);
        for (k = 0; seen->kind == KIND_account && seen->account->change == NULL &&
                    k < seen->account->spns.num;
             k++)
            add(list, seen->account->spns.at[k], seen->id);
    }
    if (list->num > 0)
        qsort(list->at, list->num, sizeof(*list->at), compare);
}

/* The first entry with that SPN; list->num when there is none. */
static size_t first_of(const struct entries *list, const char *spn)
{
    size_t low = 0, high = list->num;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcasecmp(list->at[middle].spn, spn) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->num && strcasecmp(list->at[low].spn, spn) == 0 ? low : list->num;
}

static bool same_holder(const struct log *log, int64_t a, int64_t b)
{
    const struct observation *x = log_find(log, a), *y = log_find(log, b);
    const char *dn, *other;

    if (a == b || x == NULL || y == NULL)
        return a == b;
    dn = x->kind == KIND_account ? x->account->dn : x->spn_owner->dn;
    other = y->kind == KIND_account ? y->account->dn : y->spn_owner->dn;
    return dn != NULL && other != NULL && strcasecmp(dn, other) == 0;
}

/* Somebody else than the holder `from` has the SPN: worth a look at its owners, which walks all
 * facts. */
static bool elsewhere(const struct standing *s, const struct entries *list, const char *spn,
                      int64_t from)
{
    size_t i;

    for (i = first_of(list, spn); i < list->num && strcasecmp(list->at[i].spn, spn) == 0; i++)
        if (!same_holder(s->index->joined->log, list->at[i].from, from))
            return true;
    return false;
}

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

static void tell_duplicate(struct standing *s, const char *spn, const struct owners *owners,
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

static size_t num_distinct(const struct owners *owners, size_t num)
{
    size_t i, k, distinct = 0;

    for (i = 0; i < num; i++) {
        for (k = 0; k < i && !standing_same(&owners->at[i], &owners->at[k]); k++)
            continue;
        distinct += k == i;
    }
    return distinct;
}

/* ---- HTTP/ that hides HOST/ ---- */

static void tell_shadow(struct standing *s, const char *spn, const struct owner *holder,
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

static void tell_upn(struct standing *s, const char *spn, const struct owner *upn,
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

static void look_at_upns(struct standing *s, const struct entries *list)
{
    const struct log *log = &s->index->evidence;
    size_t i, k, told = 0;

    for (i = 0; i < log->num && told < LIMIT_STANDING; i++) {
        const struct account *account = log->at[i].kind == KIND_account ? log->at[i].account : NULL;
        struct owners owners;
        const char *spn, *host;

        if (account == NULL || account->change != NULL || account->upn == NULL ||
            strchr(account->upn, '/') == NULL)
            continue;
        spn = arena_text(s->arena,
                         (struct bytes){(const uint8_t *)account->upn, strcspn(account->upn, "@")});
        host = strchr(spn, '/');
        if (!elsewhere(s, list, spn, log->at[i].id) &&
            !elsewhere(s, list, arena_print(s->arena, "HOST%s", host == NULL ? "" : host),
                       log->at[i].id))
            continue;
        owners_find(&owners, s->arena, log, spn);
        for (k = 1; k < owners.num; k++)
            if (owners.at[0].form == OWNER_UPN && owners.at[k].form != OWNER_UPN &&
                !standing_same(&owners.at[0], &owners.at[k]))
                break;
        if (k >= owners.num || standing_told(s, spn))
            continue;
        tell_upn(s, spn, &owners.at[0], &owners.at[k], log->at[i].id);
        standing_tell(s, spn);
        told++;
    }
}

/* ---- values of no use ---- */

static void tell_malformed(struct standing *s, const char *spn, int64_t from, const char *rule)
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

/* More than LIMIT_STANDING are counted and not told singly. */
struct counts {
    size_t duplicates, shadows, malformed;
};

static bool look_for_duplicate(struct standing *s, const char *spn, struct counts *counts)
{
    struct owners owners;
    size_t num;

    owners_find(&owners, s->arena, &s->index->evidence, spn);
    owners_winning(&owners, &num);
    num = num_distinct(&owners, num);
    if (owners.num == 0 || owners.at[0].form != OWNER_SPN || num < 2 || standing_told(s, spn))
        return false;
    tell_duplicate(s, spn, &owners, num);
    counts->duplicates++;
    return true;
}

static void look_for_shadow(struct standing *s, const char *spn, struct counts *counts)
{
    struct owners owners;
    size_t num;

    owners_find(&owners, s->arena, &s->index->evidence, spn);
    owners_winning(&owners, &num);
    if (num != 1 || owners.num < 2 || owners.at[0].form != OWNER_SPN ||
        owners.at[1].form != OWNER_HOST || standing_same(&owners.at[0], &owners.at[1]))
        return;
    tell_shadow(s, spn, &owners.at[0], &owners.at[1]);
    counts->shadows++;
}

static void look_at(struct standing *s, const struct entries *list, const struct entry *entry,
                    struct counts *counts)
{
    const char *spn = entry->spn, *rule = spn_malformed(spn);

    if (rule != NULL && counts->malformed < LIMIT_STANDING) {
        tell_malformed(s, spn, entry->from, rule);
        counts->malformed++;
    }
    if (counts->duplicates < LIMIT_STANDING && elsewhere(s, list, spn, entry->from) &&
        look_for_duplicate(s, spn, counts))
        return;
    if (counts->shadows < LIMIT_STANDING && strncasecmp(spn, "HTTP/", 5) == 0 &&
        elsewhere(s, list, arena_print(s->arena, "HOST/%s", spn + 5), entry->from))
        look_for_shadow(s, spn, counts);
}

static void tell_limit(struct standing *s, const char *cause, size_t num)
{
    struct remark r;

    if (num < LIMIT_STANDING)
        return;
    remark_begin(&r, s, cause, NULL);
    r.title = arena_print(s->arena, "%zu of this kind are listed; there may be more", num);
    r.explanation = "The list was cut. Repair these, export again, and look again.";
    say_missing(&r.judgement, "all duplicates in the forest", "setspn -X -F");
    remark_end(s, &r);
}

void standing_directory(struct standing *s)
{
    struct entries list = {0};
    struct counts counts = {0};
    size_t i;

    gather(&list, &s->index->evidence);
    look_at_upns(s, &list);
    for (i = 0; i < list.num; i++)
        if (i == 0 || strcasecmp(list.at[i - 1].spn, list.at[i].spn) != 0)
            look_at(s, &list, &list.at[i], &counts);
    tell_limit(s, "duplicate-spn", counts.duplicates);
    tell_limit(s, "http-shadows-host", counts.shadows);
    tell_limit(s, "malformed-spn", counts.malformed);
    memory_drop(list.at);
}
