/* SPDX-License-Identifier: MIT */
/* HTTP/h on one account, HOST/h on the machine. */
#include <string.h>
#include <strings.h>

#include "cause/cause.h"
#include "cause/owners.h"
#include "cause/proof.h"

static bool is_winrm(const struct attempt *a)
{
    return (a->path != NULL && strncasecmp(a->path, "/wsman", 6) == 0) || a->server_port == 5985 ||
           a->server_port == 5986 || a->server_port == 47001;
}

static void judge(const struct facts *f, struct judgement *j)
{
    int strength;

    if (f->a->spn_service == NULL ||
        (strcasecmp(f->a->spn_service, "HTTP") != 0 && !f->host_mapped))
        return;
    strength = owners_strength(f, j);
    if (strength <= 0)
        return;
    if (f->ev.owner != NULL && (f->ev.owner->form != OWNER_SPN ||
                                (f->ev.match != MATCH_UNKNOWN && f->ev.beside == NULL))) {
        judge_refuted(j, SEEN(f->ev.owner_from),
                      f->ev.owner->form == OWNER_HOST
                          ? "%s answers by its HOST/ entry: nothing hides it"
                          : "%s holds the SPN, and no other account has HOST/ of that name",
                      f->ev.owner->account);
        return;
    }
    if (f->ev.owner != NULL && f->ev.beside != NULL && f->ev.beside->form == OWNER_HOST) {
        bool own = host_same_label(f->ev.beside->account, f->a->spn_host);

        judge_holds(j, f->ev.match != MATCH_DIFFERENT ? 63 : own && !is_winrm(f->a) ? 87 : 90);
        j->proven = proof_two_accounts(f);
        owners_say(f, j);
        return;
    }
    if (f->tried_is_spn_host && strcasecmp(f->a->spn_service, "HTTP") == 0) {
        judge_holds(j, is_winrm(f->a) ? strength + 10 : strength - 3);
        say_for(j, SEEN(f->a->error, facts_ticket(f)),
                "the ticket is for %s and the computer %s itself could not open it: an HTTP/ entry "
                "on another account hides the computer's HOST/ entry",
                f->a->spn, f->tried_by);
        if (is_winrm(f->a))
            say_for(j, SEEN(f->a->request), "this is WinRM, which always runs as the computer");
    } else {
        judge_undecided(j, strength - 8 > 1 ? strength - 8 : 1);
    }
    owners_say(f, j);
    miss_owners(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(arena,
                       "The computer answers for every service on %s by its HOST/ entries, but an "
                       "entry for %s on another account is more exact and wins: the ticket is made "
                       "for that account, and the computer cannot open it.",
                       facts_host(f), facts_spn(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    const char *holder = card_holder(cards);
    const char *old = holder == NULL ? "OLD-ACCOUNT" : card_account(cards, holder);
    struct remedy *card = card_add(
        cards,
        "Give the web site a host name of its own and register HTTP/ for that name; "
        "then remove %s from %s",
        facts_spn(f), holder == NULL ? "the account that holds it (replace OLD-ACCOUNT)" : holder);

    card_command(cards, card, "setspn -D {} {}", NAMES(facts_spn(f), old));
    card->who = "a domain administrator";
    card->breaks = "the site under the computer's own name, if it runs as that account";
    card->undo = command_fill(cards->arena, "setspn -S {} {}", NAMES(facts_spn(f), old));
    card_verify(cards, card);
    card->reference = "sPNMappings of Active Directory";
    if (is_winrm(f->a)) {
        card =
            card_add(cards, "WinRM only: register the name with its port on the computer and have "
                            "the client ask for it (New-PSSessionOption -IncludePortInSPN)");
        card_command(cards, card, "setspn -S {}:5985 {}",
                     NAMES(facts_spn(f), card_account(cards, f->tried_by)));
        card->who = "a domain administrator";
        card->breaks = "nothing";
        card->undo = command_fill(cards->arena, "setspn -D {}:5985 {}",
                                  NAMES(facts_spn(f), card_account(cards, f->tried_by)));
        card_verify(cards, card);
    }
}

const struct cause cause_http_shadows_host = {
    .id = "http-shadows-host",
    .title = "An HTTP/ entry on another account hides the computer's HOST/ entry",
    .shows = "The ticket is for HTTP/h and the error names H$ (WinRM: POST /wsman, port 5985).",
    .against = "HTTP/h is on the machine.",
    .settled_by = "Both HTTP/h and HOST/h looked up: setspn -F -Q */h.",
    .fix = "A host name of its own for the site; remove the stray SPN, or run as that account; "
           "HTTP/h:5985 for WinRM.",
    .reference = "sPNMappings; MS-ADTS",
    .key_owner = KEY_OWNER_OTHER,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
