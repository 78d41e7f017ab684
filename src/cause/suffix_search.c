/* SPDX-License-Identifier: MIT */
/* A short name landed in another zone. */
#include "cause/cause.h"
#include "cause/proof.h"

static void judge(const struct facts *f, struct judgement *j)
{
    if (!f->acceptor && !(f->kdc && f->code == 7))
        return;
    if (!f->short_name)
        return;
    if (f->acceptor && proof_excludes_owners(f, j))
        return;
    if (f->nxdomain == 0) {
        if (f->a->address_answered && f->full_name != NULL)
            judge_refuted(j, SEEN(f->a->address_answer),
                          "the first suffix that was tried gave the name, %s", f->full_name);
        else
            judge_undecided(j, 20);
        return;
    }
    if (f->kdc) {
        judge_undecided(j, 18);
        return;
    }
    if (f->tried_is_spn_host || f->family == FAMILY_OTHER_KEY)
        judge_undecided(j, 25);
    else
        judge_holds(j, f->ev.match == MATCH_DIFFERENT ? 95 : 78);
    j->proven = j->verdict == VERDICT_HOLDS && proof_two_accounts(f);
    proof_say(f, j);
    say_for(j, SEEN(f->nxdomain),
            "%s was typed without a domain, and DNS has no such name under the first suffix",
            facts_asked(f));
    say_for(j, SEEN(f->a->address_answer), "a later suffix gave %s",
            f->full_name != NULL ? f->full_name : "an address");
    say_for(j, SEEN(facts_ticket(f)), "the ticket is for %s", facts_spn(f));
    say_missing(j, "the client's suffixes and their order", "ipconfig /all");
    miss_owners(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(
        arena,
        "Only the short name %s was typed. The client tried its DNS suffixes one "
        "after the other and landed at %s, another machine or another domain than the "
        "one that was meant.",
        facts_asked(f), f->full_name != NULL ? f->full_name : facts_host(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card = card_add(
        cards, "Use the full name of the server that is meant in place of %s", facts_asked(f));

    card->who = "the user";
    card->breaks = "nothing";
    card->undo = "none needed";
    card_verify(cards, card);
    card = card_add(cards,
                    "Or make the short name lead there: a DNS record for %s in the first "
                    "suffix, and SPNs for the short and the full name on one account",
                    facts_asked(f));
    card->command = "ipconfig /all";
    card->who = "an administrator of the DNS zone";
    card->breaks = "users who rely on the present target";
    card->undo = "remove the record";
    card_verify(cards, card);
}

const struct cause cause_suffix_search = {
    .id = "suffix-search",
    .title = "A short name landed in another DNS zone",
    .shows = "Suffix queries, NXDOMAIN, then a hit under a later suffix.",
    .against = "The full name was typed; the first suffix had it.",
    .settled_by = "ipconfig /all.",
    .fix = "The full name, or SPNs for both; the order of the suffixes.",
    .reference = NULL,
    .key_owner = KEY_OWNER_OTHER,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
