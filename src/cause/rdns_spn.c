/* SPDX-License-Identifier: MIT */
/* A reverse lookup chose the name in the SPN. */
#include "cause/cause.h"
#include "cause/proof.h"

#include <string.h>

static bool excluded(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    if (a->ptr_name != NULL && f->spn_origin != SPN_PTR &&
        (host_equal(a->ptr_name, a->asked_for) || host_equal(a->ptr_name, a->canonical)))
        judge_refuted(j, SEEN(a->ptr_answer),
                      "the reverse lookup gave %s, the name that the forward lookup led to anyway",
                      a->ptr_name);
    else if (f->spn_origin == SPN_ASKED)
        judge_refuted(j, SEEN(a->ptr_answer, facts_ticket(f)),
                      "the SPN names the host that was asked for%s",
                      a->ptr_name != NULL ? ", not the one that the reverse lookup gave" : "");
    else if (f->spn_origin == SPN_TARGET || f->spn_origin == SPN_MIDDLE)
        judge_refuted(j, SEEN(f->cname_from),
                      "the name in the SPN came from a CNAME, no reverse lookup was needed");
    else if (f->spn_origin == SPN_UNRELATED && a->ptr_name != NULL)
        judge_refuted(j, SEEN(a->ptr_answer), "the reverse lookup gave %s, and the SPN names %s",
                      a->ptr_name, facts_host(f));
    else if (proof_excludes_owners(f, j))
        return true;
    else if (f->tried_is_spn_host)
        judge_refuted(j, SEEN(a->error),
                      "the account that tried is %s, the computer that the SPN names", f->tried_by);
    else if (f->family == FAMILY_OTHER_KEY)
        judge_refuted(j, SEEN(a->error),
                      "error %lld says that the acceptor has a key for %s, only not this one",
                      (long long)f->code, facts_spn(f));
    else
        return false;
    return true;
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    bool right_machine;

    if (f->kdc && f->code == 7 && f->spn_origin == SPN_PTR) {
        judge_undecided(j, 15);
        return;
    }
    if (!f->acceptor || f->spn_origin == SPN_UNKNOWN || excluded(f, j))
        return;
    if (f->spn_origin != SPN_PTR) {
        judge_undecided(j, f->spn_origin == SPN_UNTOLD ? 40 : 35);
        say_for(j, SEEN(a->request, facts_ticket(f)),
                "%s was asked for and the ticket is for %s; a reverse lookup before the capture "
                "could explain it",
                facts_asked(f), facts_host(f));
        if (f->ev.rdns_off != 0)
            say_against(j, SEEN(f->ev.rdns_off), "krb5.conf turns reverse lookups off");
        miss_dns(f, j);
        return;
    }
    right_machine = f->named == NAMED_COMPUTER &&
                    (host_same_label(f->tried_by, a->asked_for) || f->tried_is_target);
    judge_holds(j, 93);
    j->proven =
        proof_target_key(f) ||
        (proof_two_accounts(f) && ((f->ev.asked_owner != NULL &&
                                    account_equal(f->ev.asked_owner->account, f->ev.acceptor)) ||
                                   right_machine));
    proof_say(f, j);
    j->full_chain = f->fresh && a->address_in_chain && right_machine;
    say_for(j, SEEN(a->ptr_answer), "the reverse lookup of %s gave %s", facts_server(f),
            a->ptr_name);
    say_for(j, SEEN(a->tgs.request, a->tgs.reply, a->ap_request),
            "the client then asked for %s, although %s was asked for", facts_spn(f),
            facts_asked(f));
    if (f->ev.rdns != 0)
        say_for(j, SEEN(f->ev.rdns), "krb5.conf leaves reverse lookups on");
    else if (f->ev.rdns_off != 0)
        say_against(j, SEEN(f->ev.rdns_off),
                    "krb5.conf turns reverse lookups off: if it is this client's, it was changed "
                    "later, or something else looked the name up");
    if (right_machine)
        say_for(j, SEEN(a->error, a->address_answer),
                "the server that could not open it is %s: the right machine was reached, with a "
                "ticket for another one",
                f->tried_by);
    else if (f->tried_by != NULL)
        say_for(j, SEEN(a->error), "the error comes in the name of %s, which is not %s",
                f->tried_by, facts_host(f));
    miss_owners(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(arena,
                       "The two differ because the client turned the server's address back into a "
                       "name (reverse lookup) and DNS gave %s there: the ticket was made for that "
                       "name and not for %s.",
                       facts_host(f), facts_asked(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card = card_add(
        cards, "On the client: no reverse lookups for SPNs (rdns = false in [libdefaults] of "
               "krb5.conf; dns_canonicalize_hostname = false stops the forward one too)");

    card->command =
        "sed -i 's/^\\[libdefaults\\]/[libdefaults]\\n    rdns = false/' /etc/krb5.conf";
    card->who = "root on the client";
    card->breaks = "services that are only registered under the name of their reverse record";
    card->undo = "remove the line rdns = false";
    card_verify(cards, card);
    card->reference = "krb5.conf, rdns";

    card = card_add(cards, "DNS: correct the PTR record of %s, so that it names %s",
                    facts_server(f), facts_asked(f));
    card->who = "an administrator of the reverse zone";
    card->breaks = "programs that expect the old name for this address";
    card->undo = "restore the old record";
    card_verify(cards, card);
}

const struct cause cause_rdns_spn = {
    .id = "rdns-spn",
    .title = "A reverse DNS lookup chose the wrong name for the ticket",
    .shows = "A PTR lookup of the server's address between the A answer and the TGS-REQ, and the "
             "SPN carries the PTR's name instead of the one that was asked for.",
    .against = "No PTR lookup, or it gave the name that was asked for.",
    .settled_by = "krb5.conf of the client: rdns and dns_canonicalize_hostname.",
    .fix = "rdns = false, or dns_canonicalize_hostname = false; or correct the PTR record.",
    .reference = "MIT krb5.conf, rdns",
    .key_owner = KEY_OWNER_EXPECTED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
