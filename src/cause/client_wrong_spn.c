/* SPDX-License-Identifier: MIT */
/* The client is configured with an SPN of another host. */
#include "cause/cause.h"
#include "cause/proof.h"

static bool excluded(const struct facts *f, struct judgement *j)
{
    if (f->spn_origin == SPN_ASKED)
        judge_refuted(j, SEEN(facts_ticket(f)), "the SPN names the host that was asked for");
    else if (f->spn_origin == SPN_TARGET || f->spn_origin == SPN_MIDDLE)
        judge_refuted(j, SEEN(f->cname_from), "DNS led from %s to the SPN's host", facts_asked(f));
    else if (f->spn_origin == SPN_PTR)
        judge_refuted(j, SEEN(f->a->ptr_answer), "the SPN's host is what the reverse lookup gave");
    else if (proof_excludes_owners(f, j))
        return true;
    else if (f->tried_is_spn_host)
        judge_refuted(j, SEEN(f->a->error), "the server that answered is %s, which the SPN names",
                      f->tried_by);
    else
        return false;
    return true;
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    if (f->kdc && f->code == 7 && f->spn_origin == SPN_UNRELATED) {
        judge_undecided(j, 19);
        return;
    }
    if (!f->acceptor || f->spn_origin == SPN_UNKNOWN || excluded(f, j))
        return;
    if (f->spn_origin == SPN_UNRELATED && f->family != FAMILY_OTHER_KEY)
        judge_holds(j, a->address_in_chain ? 70 : 45);
    else
        judge_undecided(j, f->family == FAMILY_OTHER_KEY ? 15 : 35);
    say_for(j, SEEN(a->request, facts_ticket(f)),
            "%s was asked for and the ticket is for %s, to which nothing in DNS leads from there",
            facts_asked(f), facts_host(f));
    j->proven =
        j->verdict == VERDICT_HOLDS && a->address_in_chain &&
        (proof_target_key(f) || proof_two_accounts(f)) && f->tried_by != NULL &&
        (host_same_label(f->tried_by, a->asked_for) ||
         (f->ev.asked_owner != NULL && account_equal(f->ev.asked_owner->account, f->tried_by)));
    proof_say(f, j);
    if (a->address_in_chain)
        say_for(j, SEEN(a->address_answer), "the connection itself went to the right address, %s",
                facts_server(f));
    if (f->tried_by != NULL && host_same_label(f->tried_by, a->asked_for))
        say_for(j, SEEN(a->error), "the server that answered is %s, the one that was asked for",
                f->tried_by);
    say_missing(j,
                "the client's configuration of the service name (connection string, "
                "CustomTargetNameDictionary, service principal of the driver)",
                NULL);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(arena,
                       "The client was told, in its own configuration, to ask for a ticket for %s "
                       "while it talks to %s.",
                       facts_host(f), facts_asked(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card = card_add(
        cards, "Correct the SPN in the client's configuration: %s/%s in place of %s",
        f->a->spn_service != NULL ? f->a->spn_service : "HTTP", facts_asked(f), facts_spn(f));

    card->who = "whoever runs the client application";
    card->breaks = "nothing";
    card->undo = "set the old value again";
    card_verify(cards, card);
}

const struct cause cause_client_wrong_spn = {
    .id = "client-wrong-spn",
    .title = "The client is configured with another host's SPN",
    .shows = "The SPN's host is in no DNS answer for what was asked for, and is not what was asked "
             "for; the connection's address is right.",
    .against = "The SPN's host is in the chain.",
    .settled_by = "The client's configuration.",
    .fix = "Correct the SPN in the client.",
    .reference = NULL,
    .key_owner = KEY_OWNER_EXPECTED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
