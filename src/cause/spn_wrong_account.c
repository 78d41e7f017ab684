/* SPDX-License-Identifier: MIT */
/* The SPN is on an account other than the one that decrypts. */
#include "cause/cause.h"
#include "cause/iis.h"
#include "cause/iis_cards.h"
#include "cause/owners.h"
#include "cause/proof.h"

/* Another computer answered: the SPN is where it belongs. */
static bool owner_is_other_computer(const struct facts *f)
{
    return f->named == NAMED_COMPUTER && f->ev.owner != NULL && f->ev.owner->computer &&
           !f->realm_differs && host_same_label(f->ev.owner->account, f->a->spn_host);
}

/* The site's configuration and the holder of the SPN disagree, and the request got there. */
static bool matrix_decides(const struct facts *f)
{
    const struct attempt *a = f->a;

    return f->ev.iis != NULL && f->ev.iis->problem == IIS_OTHER_ACCOUNT && f->ev.iis->certain &&
           f->spn_origin == SPN_ASKED && f->family != FAMILY_OTHER_KEY && !f->realm_differs &&
           f->same.works_elsewhere == NULL && f->same.works_ticket == NULL &&
           f->ev.opened != MATCH_SAME && f->ev.num_winning == 1 &&
           (!a->address_answered || a->address_in_chain);
}

static void say_matrix(const struct facts *f, struct judgement *j)
{
    const struct iis_verdict *v = f->ev.iis;

    say_for(j, SEEN(v->site_from, f->ev.owner_from),
            "IIS site %s has %s: %s opens its tickets, and %s is on %s%s%s",
            iis_location(v->site, f->arena), iis_settings(&v->rule, v->site, f->arena),
            iis_opener_name(v), v->spn, facts_owner(f, v->owner),
            v->row_says == NULL ? "" : "; this is ", v->row_says == NULL ? "" : v->row_says);
}

static void judge(const struct facts *f, struct judgement *j)
{
    int strength = owners_strength(f, j);

    if (strength <= 0)
        return;
    if (f->ev.owner != NULL && f->ev.owner->form == OWNER_UPN) {
        judge_refuted(j, SEEN(f->ev.owner_from),
                      "the KDC takes %s for %s by its userPrincipalName, not by an SPN",
                      f->ev.owner->account, f->a->spn);
        return;
    }
    if (matrix_decides(f)) {
        judge_holds(j, 93);
        j->proven = j->decides = true;
        say_matrix(f, j);
        owners_say(f, j);
        return;
    }
    if (f->ev.num_winning > 1)
        strength = strength > 40 ? 40 : strength;
    else if (strength == 86)
        strength = owner_is_other_computer(f) ? 40 : 88;
    /* HTTP/ of the computer's own name on another account than its HOST/: wrong by itself. */
    else if (f->ev.beside != NULL && f->ev.beside->form == OWNER_HOST && f->own_name)
        strength = 64;
    j->proven = strength == 88 && f->ev.owner != NULL && proof_two_accounts(f);
    if (strength >= STRENGTH_FLOOR && f->spn_origin == SPN_ASKED)
        judge_holds(j, strength);
    else
        judge_undecided(j, strength);
    owners_say(f, j);
    miss_owners(f, j);
    miss_iis(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    if (matrix_decides(f))
        return arena_print(arena,
                           "By its configuration the IIS site %s opens tickets with the key of %s "
                           "(%s), and the SPN is on %s.",
                           iis_location(f->ev.iis->site, arena), iis_opener_name(f->ev.iis),
                           iis_settings(&f->ev.iis->rule, f->ev.iis->site, arena),
                           f->ev.iis->owner->account);
    if (f->tried_is_spn_host)
        return arena_print(
            arena,
            "%s is the computer that the name belongs to, so the ticket was not made "
            "with its key: %s is registered on some other account%s.",
            f->tried_by, facts_spn(f),
            f->web ? ", most often a service account that was given the SPN while IIS, in kernel "
                     "mode, opens tickets as the computer"
                   : "");
    if (f->named == NAMED_USER)
        return arena_print(
            arena,
            "The service runs as %s, while %s is held by another account: registered "
            "there, or, for the computer's own names, by its HOST/ entries.",
            f->tried_by, facts_spn(f));
    return arena_print(arena,
                       "%s is registered on one account in the directory, and the service runs as "
                       "another one.",
                       facts_spn(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    if (matrix_decides(f)) {
        iis_cards(cards, f->ev.iis, NULL);
        return;
    }
    if (f->web && (f->named == NAMED_COMPUTER || f->named == NAMED_HOST))
        card_pool_credentials(cards);
    card_move_spn(cards, f->a->spn, f->named == NAMED_HOST ? NULL : f->tried_by);
}

const struct cause cause_spn_wrong_account = {
    .id = "spn-wrong-account",
    .title = "The SPN is on an account other than the one that opens the tickets",
    .shows =
        "The ticket is for the host that was asked for, and the error names MACHINE$ while the "
        "SPN is a service account's (IIS with kernel mode on and useAppPoolCredentials false), "
        "or the pool's account while the SPN is the machine's.",
    .against = "The SPN's owner is the account in the error.",
    .settled_by =
        "The owners of the SPN, of HOST/ of the same name, of a userPrincipalName equal to "
        "it (setspn -F -Q, ldifde), and applicationHost.config.",
    .fix =
        "useAppPoolCredentials=true for the site, or the SPN moved to the account that opens the "
        "tickets.",
    .reference = "IIS 7 and later, kernel-mode authentication; setspn",
    .key_owner = KEY_OWNER_OTHER,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
