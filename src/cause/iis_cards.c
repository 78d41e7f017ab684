/* SPDX-License-Identifier: MIT */
#include "cause/iis_cards.h"

#include <string.h>

static const char domain_admin[] =
    "a domain administrator (since KB5008382 also where HOST/ of another account implies the SPN)";
static const char web_admin[] = "an administrator of the web server";

/* A site's name may hold spaces: in quotes they are safe, in cmd and in PowerShell. */
static const char *quoted(struct arena *arena, const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "._/- ()";

    if (name == NULL || name[0] == '\0' || name[strspn(name, allowed)] != '\0')
        return NULL;
    return arena_print(arena, "\"%s\"", name);
}

static const char *set_config(struct arena *arena, const char *site, const char *setting)
{
    return site == NULL ? NULL
                        : arena_print(arena,
                                      "%%windir%%\\system32\\inetsrv\\appcmd.exe set config %s "
                                      "-section:system.webServer/security/authentication/"
                                      "windowsAuthentication /%s /commit:apphost",
                                      site, setting);
}

static const char *bare(const char *account)
{
    const char *slash = account == NULL ? NULL : strchr(account, '\\');

    return slash == NULL ? account : slash + 1;
}

static void card_setting(struct cards *cards, const struct iis_verdict *v, bool pool)
{
    const char *site = quoted(cards->arena, iis_location(v->site, cards->arena));
    struct remedy *card =
        pool ? card_add(cards,
                        "IIS: let the pool's account %s open the tickets of site %s while kernel "
                        "mode stays on",
                        v->site->user, iis_location(v->site, cards->arena))
             : card_add(cards, "IIS: let the computer's account open the tickets of site %s",
                        iis_location(v->site, cards->arena));

    if (pool || !v->rule.pool_credentials)
        card->command = set_config(cards->arena, site,
                                   pool ? "useAppPoolCredentials:true"
                                        : "useKernelMode:true /useAppPoolCredentials:false");
    else
        card->command = set_config(cards->arena, site,
                                   v->rule.kernel ? "useAppPoolCredentials:false"
                                                  : "useKernelMode:true "
                                                    "/useAppPoolCredentials:false");
    card->undo = set_config(cards->arena, site,
                            arena_print(cards->arena, "useKernelMode:%s /useAppPoolCredentials:%s",
                                        v->rule.kernel ? "true" : "false",
                                        v->rule.pool_credentials ? "true" : "false"));
    card->who = web_admin;
    card->breaks =
        pool ? "other names of this site whose SPN is on the computer: they need it on the pool's "
               "account then; the computer's WinRM is not touched by this setting"
             : "other names of this site whose SPN is on the pool's account: they need it on the "
               "computer then";
    card_verify(cards, card);
    card->reference = "IIS 7 and later: windowsAuthentication, useKernelMode, "
                      "useAppPoolCredentials";
}

static const char *what_breaks(struct cards *cards, const struct iis_verdict *v)
{
    if (v->rule.opener == IIS_OPENER_POOL && v->computer_name)
        return arena_print(cards->arena,
                           "WinRM of that computer and its sites in kernel mode, where they are "
                           "reached by %s: they open tickets as the computer. A host name of its "
                           "own for the site avoids that",
                           v->host);
    return arena_print(cards->arena,
                       "whatever else is reached by %s and opens tickets as the old holder; cached "
                       "tickets fail until they are purged or expire",
                       v->host);
}

/* The account that has to hold the SPN, to be typed; NULL: it is the web server, unnamed. */
static const char *wanted(struct cards *cards, const struct iis_verdict *v)
{
    size_t i;

    if (v->rule.opener == IIS_OPENER_POOL)
        return card_account(cards, bare(v->rule.account));
    for (i = 0; v->computer_name && i < v->owners->num; i++)
        if (v->owners->at[i].form == OWNER_HOST && v->owners->at[i].computer)
            return card_account(cards, v->owners->at[i].account);
    if (v->computer != NULL)
        return arena_text(cards->arena,
                          (struct bytes){(const uint8_t *)v->computer, strcspn(v->computer, ".$")});
    return NULL;
}

static void card_spn(struct cards *cards, const struct iis_verdict *v)
{
    const char *to = wanted(cards, v), *from = NULL;
    /* HOST/ of the computer covers its own names: taking the other entry away is enough. */
    bool host = v->rule.opener == IIS_OPENER_MACHINE && to != NULL && v->computer_name;
    bool at_host = v->owner != NULL && v->owner->form == OWNER_HOST;
    struct remedy *card;

    if (v->owner != NULL && v->owner->form == OWNER_SPN)
        from = card_account(cards, v->owner->account);
    if (host && from != NULL)
        card = card_add(cards, "Remove %s from %s: HOST/ of %s covers the name", v->spn, from, to);
    else if (from != NULL)
        card = card_add(cards, "Move %s from %s to %s", v->spn, from,
                        to != NULL ? to : "the web server's computer account (replace IIS-SERVER)");
    else
        card = card_add(cards, "Register %s on %s%s", v->spn,
                        to != NULL ? to : "the web server's computer account (replace IIS-SERVER)",
                        at_host ? ": the exact entry wins over HOST/ of the computer" : "");
    if (to == NULL)
        to = "IIS-SERVER";
    if (host && from != NULL) {
        card_command(cards, card, "setspn -D {} {}", NAMES(v->spn, from));
        card->undo = command_fill(cards->arena, "setspn -S {} {}", NAMES(v->spn, from));
    } else if (from != NULL) {
        card_command(cards, card, "setspn -D {} {} & setspn -S {} {}",
                     NAMES(v->spn, from, v->spn, to));
        card->undo = command_fill(cards->arena, "setspn -D {} {} & setspn -S {} {}",
                                  NAMES(v->spn, to, v->spn, from));
    } else {
        card_command(cards, card, "setspn -S {} {}", NAMES(v->spn, to));
        card->undo = command_fill(cards->arena, "setspn -D {} {}", NAMES(v->spn, to));
    }
    card->who = domain_admin;
    card->breaks = what_breaks(cards, v);
    card_verify(cards, card);
    card->reference = "setspn; -D before -S, because -S refuses a duplicate; KB5008382";
}

static void card_split(struct cards *cards, const struct iis_verdict *v,
                       const struct iis_verdict *shared)
{
    struct remedy *card = card_add(
        cards, "Give %s and %s one identity, or a host name each: %s can be on one account only",
        iis_location(v->site, cards->arena), iis_location(shared->site, cards->arena), v->spn);

    card->who = web_admin;
    card->breaks = "links and bookmarks to the old name";
    card->undo = "the binding as it was";
    card_verify(cards, card);
}

static void card_upn(struct cards *cards, const struct iis_verdict *v)
{
    struct remedy *card = card_add(
        cards, "Give %s another userPrincipalName (PowerShell; replace DOMAIN)", v->owner->account);

    card_command(
        cards, card, "Set-ADUser {} -UserPrincipalName {}@DOMAIN",
        NAMES(card_account(cards, v->owner->account), card_account(cards, v->owner->account)));
    card->who = domain_admin;
    card->breaks = "log-ons and keytabs that use the old one (ktpass -mapuser sets it)";
    card->undo = "set the old userPrincipalName again";
    card_verify(cards, card);
    card->reference = "MS-KILE 3.3.5.1.1";
}

static void card_duplicate(struct cards *cards, const struct iis_verdict *v)
{
    const char *to = wanted(cards, v);
    size_t i;

    for (i = 0; i < v->num_winning && i < 3; i++) {
        const char *from = card_account(cards, v->owners->at[i].account);
        struct remedy *card;

        if (to != NULL && account_equal(from, to))
            continue;
        if (to == NULL && v->owners->at[i].computer)
            continue;
        card = card_add(cards, "Remove %s from %s", v->spn, from);
        card_command(cards, card, "setspn -D {} {}", NAMES(v->spn, from));
        card->undo = command_fill(cards->arena, "setspn -S {} {}", NAMES(v->spn, from));
        card->who = domain_admin;
        card->breaks = what_breaks(cards, v);
        card_verify(cards, card);
        card->reference = "setspn -X -F lists duplicates";
    }
}

/* The setting that lets the present holder open the tickets. */
static void card_other_setting(struct cards *cards, const struct iis_verdict *v)
{
    bool on_pool = v->owner != NULL && v->rule.service_pool && v->site->user != NULL &&
                   account_equal(v->owner->account, bare(v->site->user));

    if (on_pool && v->rule.opener == IIS_OPENER_MACHINE)
        card_setting(cards, v, true);
    else if (v->owner != NULL && v->owner->computer && v->rule.opener == IIS_OPENER_POOL)
        card_setting(cards, v, false);
}

void iis_cards(struct cards *cards, const struct iis_verdict *v, const struct iis_verdict *shared)
{
    if (shared != NULL) {
        card_split(cards, v, shared);
        card_other_setting(cards, v);
        return;
    }
    if (v->problem == IIS_UPN) {
        card_upn(cards, v);
        return;
    }
    if (v->problem == IIS_TWO_OWNERS) {
        card_duplicate(cards, v);
        return;
    }
    card_other_setting(cards, v);
    card_spn(cards, v);
}
