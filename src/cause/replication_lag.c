/* SPDX-License-Identifier: MIT */
/* Domain controllers disagree about a key. */
#include "cause/cause.h"
#include "cause/proof.h"

static bool versions_differ(const struct facts *f)
{
    return f->ev.password_a->repadmin->version.value != f->ev.password_b->repadmin->version.value;
}

static void say_versions(const struct facts *f, struct judgement *j)
{
    say_for(j, SEEN(f->ev.password_a->id, f->ev.password_b->id),
            "repadmin: the password (unicodePwd) of %s has version %lld in one listing and %lld in "
            "the other",
            f->ev.owner->account, (long long)f->ev.password_a->repadmin->version.value,
            (long long)f->ev.password_b->repadmin->version.value);
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct observation *other = f->rep_other_kdc;
    int64_t apart;
    char mine[ADDRESS_TEXT_ROOM], theirs[ADDRESS_TEXT_ROOM];

    if (!f->acceptor || f->a->ticket == NULL || f->a->spn == NULL)
        return;
    if (proof_excludes_keys(f, j))
        return;
    if (f->same.works_ticket != NULL) {
        judge_refuted(j, SEEN(f->same.works_ticket->ap_request, f->same.works_ticket->ap_reply),
                      "the very same ticket was accepted");
        return;
    }
    if (f->ev.password_b != NULL && versions_differ(f) && f->family != FAMILY_NO_KEY) {
        if (f->ev.match == MATCH_SAME || f->family == FAMILY_OTHER_KEY)
            judge_holds(j, 85);
        else
            judge_undecided(j, 40);
        say_versions(f, j);
        return;
    }
    if (other == NULL && f->rep_agrees != NULL) {
        judge_refuted(j, SEEN(facts_ticket(f), f->rep_agrees->id),
                      "two KDCs gave tickets of the same key version and encryption type");
        return;
    }
    if (other == NULL && (f->works_lower_kvno != NULL || f->rep_same_kdc != NULL) && f->fresh) {
        const struct attempt *old = f->works_lower_kvno;

        if (f->rep_same_kdc != NULL) {
            judge_refuted(
                j, SEEN(facts_ticket(f), f->rep_same_kdc->id, old != NULL ? old->tgs.reply : 0),
                "both tickets came from the same KDC");
            return;
        }
    }
    if (other == NULL) {
        if (f->family != FAMILY_NO_KEY)
            judge_undecided(j, 9);
        return;
    }
    apart = !f->kvno.set || !other->krb->ticket->kvno.set
                ? 0
                : f->kvno.value - other->krb->ticket->kvno.value;
    if (f->ev.password_b != NULL)
        say_against(j, SEEN(f->ev.password_a->id, f->ev.password_b->id),
                    "repadmin: the password of %s has the same version in both listings",
                    f->ev.owner->account);
    judge_holds(j, apart >= -1 && apart <= 1 && apart != 0 ? 90 : 55);
    address_text(&f->a->tgs.kdc, mine);
    address_text(&other->source.src, theirs);
    say_for(j, SEEN(facts_ticket(f), other->id),
            "the KDC %s gave a ticket with key version %lld, the KDC %s one with %lld", mine,
            (long long)f->kvno.value, theirs, (long long)other->krb->ticket->kvno.value);
    if (f->works_higher_kvno != NULL || f->works_lower_kvno != NULL) {
        const struct attempt *o =
            f->works_higher_kvno != NULL ? f->works_higher_kvno : f->works_lower_kvno;

        say_for(j, SEEN(o->ap_request, o->ap_reply), "the ticket of the other KDC works");
    }
    say_missing(j,
                "when each domain controller got the last change of the account (replace "
                "ACCOUNT-DN)",
                "repadmin /showobjmeta * ACCOUNT-DN & repadmin /replsummary");
    miss_owners(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    (void)f;
    (void)arena;
    return "Two domain controllers have different keys for the same account, because a password "
           "change has not reached both: tickets from one of them work, tickets from the other do "
           "not.";
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card = card_add(
        cards, "Replicate the account between the domain controllers (replace the names), and see "
               "why replication lags");

    (void)f;
    card->command =
        "repadmin /replsummary & repadmin /replicate TARGET-DC SOURCE-DC DC=domain,DC=com";
    card->who = "a domain administrator";
    card->breaks = "nothing";
    card->undo = "none needed";
    card_verify(cards, card);
    card_purge(cards);
}

const struct cause cause_replication_lag = {
    .id = "replication-lag",
    .title = "Domain controllers have different keys for the account",
    .shows = "Key version or encryption type of one SPN differ by KDC, the versions one apart.",
    .against = "All KDCs agree; both tickets came from one KDC.",
    .settled_by = "repadmin /showobjmeta of the account on every domain controller.",
    .fix = "repadmin /replicate.",
    .reference = "repadmin",
    .key_owner = KEY_OWNER_TRIED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
