/* SPDX-License-Identifier: MIT */
/* The SPN is on two accounts. */
#include "cause/cause.h"
#include "cause/owners.h"
#include "cause/proof.h"

static int64_t apart(const struct facts *f, const struct observation *reply)
{
    const struct ticket *other = reply->krb->ticket;
    int64_t x = f->kvno.value, y = other->kvno.value;

    return !f->kvno.set || !other->kvno.set ? 0 : x > y ? x - y : y - x;
}

static void say_swing(const struct facts *f, struct judgement *j, const struct observation *other)
{
    say_for(j, SEEN(facts_ticket(f), other->id),
            "tickets for %s differ in key version or encryption type within this capture: two "
            "accounts may be answering to the name",
            f->a->spn);
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct observation *other = f->rep_other_kdc != NULL ? f->rep_other_kdc : f->rep_same_kdc;
    int strength;

    if (f->ev.num_winning > 1 && (f->kdc ? f->code == 7 : f->acceptor)) {
        judge_holds(j, 95);
        j->proven = f->kdc || proof_two_accounts(f) || f->ev.match == MATCH_UNKNOWN;
        proof_say(f, j);
        say_missing(j, "all duplicates in the forest", "setspn -X -F");
        return;
    }
    if (f->kdc && f->code == 7 && f->ev.owner != NULL) {
        judge_refuted(j, SEEN(f->ev.owner_from), "the files show one holder only, %s",
                      f->ev.owner->account);
        return;
    }
    if (f->kdc && f->code == 7) {
        judge_undecided(j, 18);
        say_for(j, SEEN(f->a->error),
                "a KDC answers 7 also when two accounts hold the name: registering it once more "
                "would make it worse");
        miss_owners(f, j);
        return;
    }
    strength = owners_strength(f, j);
    if (strength == 0)
        return;
    if (strength < 0 && other == NULL)
        return;
    if (f->ev.owner != NULL && f->ev.acceptor_known && !f->ev.acceptor_holds) {
        judge_refuted(j, SEEN(f->ev.owner_from, f->ev.acceptor_object.sources[0]),
                      "of the accounts in the files only %s holds the SPN, %s does not",
                      f->ev.owner->account, f->ev.acceptor);
        return;
    }
    if (other != NULL) {
        /* One apart is a password change on the way from one KDC to the others. */
        judge_undecided(j, apart(f, other) > 1 ? 62 : 45);
        if (apart(f, other) > 1)
            j->verdict = VERDICT_HOLDS;
        say_swing(f, j, other);
    } else {
        judge_undecided(j, strength - 6 > 1 ? strength - 6 : 2);
        if (f->rep_agrees != NULL)
            say_against(j, SEEN(facts_ticket(f), f->rep_agrees->id),
                        "two KDCs gave tickets of the same key version and encryption type");
    }
    owners_say(f, j);
    miss_owners(f, j);
    say_missing(j, "duplicates in the whole forest", "setspn -X -F");
}

static const char *why(const struct facts *f, struct arena *arena)
{
    const struct owner *other = f->ev.other_holder;

    if (other != NULL && f->tried_by != NULL)
        return arena_print(arena,
                           "%s is registered on two accounts: the domain controller took %s to "
                           "encrypt the ticket, and the service runs as %s.",
                           facts_spn(f), other->account, f->tried_by);
    return arena_print(
        arena,
        "%s is registered on two accounts: the domain controller took one of them to "
        "encrypt the ticket, and the service runs as the other.",
        facts_spn(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    const struct owner *other = f->ev.other_holder;
    const char *account = other == NULL ? "OLD-ACCOUNT" : card_account(cards, other->account);
    struct remedy *card =
        other == NULL
            ? card_add(cards, "Remove the SPN from the account that does not run the service; "
                              "replace OLD-ACCOUNT by it (setspn -X -F lists both)")
            : card_add(cards, "Remove %s from %s, which does not run the service", facts_spn(f),
                       other->account);

    card_command(cards, card, "setspn -D {} {}", NAMES(facts_spn(f), account));
    card->who = "a domain administrator";
    card->breaks = "a service that runs as that account under this name";
    card->undo = command_fill(cards->arena, "setspn -S {} {}", NAMES(facts_spn(f), account));
    card_verify(cards, card);
    card->reference = "KDC event 11 names duplicates";
}

const struct cause cause_duplicate_spn = {
    .id = "duplicate-spn",
    .title = "The SPN is registered on two accounts",
    .shows = "A ticket was issued, and encryption type or key version of the same SPN differ over "
             "time or by KDC, the versions far apart; or error 7 while an owner is known.",
    .against = "Steady encryption type and key version; setspn -X -F is clean.",
    .settled_by = "Two DNs in an LDIF export, setspn -X -F, setspn -F -Q, KDC event 11.",
    .fix = "Remove it from the account that does not run the service.",
    .reference = "setspn -X; KDC event 11",
    .key_owner = KEY_OWNER_OTHER,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
