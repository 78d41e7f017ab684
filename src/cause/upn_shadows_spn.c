/* SPDX-License-Identifier: MIT */
/* A userPrincipalName equals the SPN. */
#include "cause/cause.h"
#include "cause/owners.h"
#include "cause/proof.h"

static void judge(const struct facts *f, struct judgement *j)
{
    int strength = owners_strength(f, j);

    if (strength <= 0)
        return;
    if (f->ev.owner != NULL && f->ev.owner->form == OWNER_UPN) {
        judge_holds(j, 94);
        j->proven = proof_two_accounts(f) || (f->ev.beside != NULL && f->ev.match != MATCH_SAME);
        owners_say(f, j);
        return;
    }
    if (f->ev.owner != NULL && f->ev.owner->dn != NULL && f->ev.match == MATCH_DIFFERENT) {
        judge_refuted(j, SEEN(f->ev.owner_from),
                      "no account in the files has the SPN as its userPrincipalName");
        return;
    }
    judge_undecided(j, strength - 10 > 1 ? strength - 10 : 1);
    owners_say(f, j);
    miss_owners(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(
        arena,
        "An account carries the text %s as its userPrincipalName. The domain "
        "controller looks there first, before any servicePrincipalName, and encrypts "
        "for that account; setspn -X does not show it.",
        facts_spn(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    const struct owner *owner = f->ev.owner;
    bool known = owner != NULL && owner->form == OWNER_UPN && !owner->account_guessed &&
                 f->a->ticket != NULL && f->a->ticket->realm != NULL;
    struct remedy *card = card_add(
        cards, "Clear or change the userPrincipalName that equals %s (PowerShell%s)", facts_spn(f),
        known ? "" : "; replace ACCOUNT by the account that the LDIF export shows");

    if (known)
        card_command(cards, card, "Set-ADUser {} -UserPrincipalName {}@{}",
                     NAMES(owner->account, owner->account, f->a->ticket->realm));
    else
        card->command = "Set-ADUser ACCOUNT -UserPrincipalName ACCOUNT@DOMAIN";
    card->who = "a domain administrator, or whoever may write that account";
    card->breaks =
        "log-ons and keytabs that use the old userPrincipalName (ktpass -mapuser sets it)";
    card->undo = "set the old userPrincipalName again";
    card_verify(cards, card);
    card->reference = "MS-KILE 3.3.5.1.1";
}

const struct cause cause_upn_shadows_spn = {
    .id = "upn-shadows-spn",
    .title = "An account's userPrincipalName equals the SPN",
    .shows = "As spn-wrong-account, and setspn -X is clean.",
    .against = "No userPrincipalName in the forest begins with the SPN.",
    .settled_by = "An LDIF export of userPrincipalName from the global catalog.",
    .fix = "Clear the userPrincipalName.",
    .reference = "MS-KILE 3.3.5.1.1",
    .key_owner = KEY_OWNER_OTHER,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
