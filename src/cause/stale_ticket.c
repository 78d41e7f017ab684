/* SPDX-License-Identifier: MIT */
/* A cached ticket that is older than a change. */
#include "cause/cause.h"
#include "cause/proof.h"

/* A KDC that lags gives tickets that are old when they are made. */
static bool other_kdc_is_newer(const struct facts *f)
{
    const struct observation *other = f->rep_other_kdc;

    return other != NULL && f->kvno.set && other->krb->ticket->kvno.set &&
           other->krb->ticket->kvno.value > f->kvno.value;
}

static bool older_than_directory(const struct facts *f)
{
    return f->ev.owner != NULL && f->ev.owner->kvno.set && f->kvno.set &&
           f->ev.owner->kvno.value > f->kvno.value;
}

static bool older_than_keytab(const struct facts *f)
{
    return f->ev.key_kvno != NULL && f->kvno.set && f->ev.key_kvno->key->kvno > f->kvno.value;
}

static bool excluded(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    if (proof_excludes_keys(f, j))
        return true;
    if (f->ev.owner != NULL && f->ev.owner->kvno.set && f->kvno.set && f->kvno.value > 1 &&
        f->ev.owner->kvno.value == f->kvno.value)
        judge_refuted(j, SEEN(f->ev.owner_from, facts_ticket(f)),
                      "the directory has key version %lld for %s, which is the ticket's",
                      (long long)f->kvno.value, f->ev.owner->account);
    else if (f->same.works_ticket != NULL)
        judge_refuted(j, SEEN(f->same.works_ticket->ap_request, f->same.works_ticket->ap_reply),
                      "the very same ticket was accepted");
    else if (f->fresh && f->rep_later_kvno == NULL && !other_kdc_is_newer(f))
        judge_refuted(j, SEEN(a->tgs.request, a->tgs.reply),
                      "the ticket was not an old one: the KDC issued it in this capture");
    else
        return false;
    return true;
}

static int strength_of(const struct facts *f)
{
    if (older_than_directory(f) || older_than_keytab(f))
        return f->fresh ? 60 : 93;
    if (f->ev.key_newer != NULL && !f->fresh)
        return 85;
    if (f->fresh)
        return 40; /* issued here, and a later one has a higher kvno */
    if (f->rep_later_kvno != NULL)
        return f->works_higher_kvno != NULL ? 92 : 85;
    if (f->works_higher_kvno != NULL)
        return 85;
    if (!f->cached)
        return 25;
    if (f->spn_origin != SPN_ASKED)
        return 30;
    if (f->family == FAMILY_NO_KEY)
        return 25;
    if (f->family == FAMILY_OTHER_KEY)
        return 65;
    if (f->named == NAMED_COMPUTER)
        return f->tried_is_spn_host ? 63 : 30;
    return f->named == NAMED_USER ? 58 : 33;
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    const struct observation *later = f->rep_later_kvno;
    int strength;

    if (!f->acceptor || a->ticket == NULL || a->ap_request == 0 || excluded(f, j))
        return;
    strength = strength_of(f);
    if (strength >= 58)
        judge_holds(j, strength);
    else
        judge_undecided(j, strength);
    if (older_than_directory(f))
        say_for(j, SEEN(f->ev.owner_from, facts_ticket(f)),
                "the directory has key version %lld for %s, and the ticket %lld",
                (long long)f->ev.owner->kvno.value, f->ev.owner->account, (long long)f->kvno.value);
    if (older_than_keytab(f))
        say_for(j, SEEN(f->ev.key_kvno->id, facts_ticket(f)),
                "the service's keytab has key version %lld, and the ticket is of %lld",
                (long long)f->ev.key_kvno->key->kvno, (long long)f->kvno.value);
    if (f->ev.key_newer != NULL)
        say_for(j, SEEN(facts_shown(f), f->ev.key_newer->id),
                "the key that opens the ticket is version %lld of %s, whose newest key in the "
                "keytabs is version %lld",
                (long long)f->ev.opener_kvno.value, f->ev.opener,
                (long long)f->ev.key_newer->key->kvno);
    if (f->cached)
        say_for(j, SEEN(a->ap_request),
                "the client showed a ticket that it had from before: no exchange with a KDC for it "
                "is in the capture");
    if (f->ev.klist != 0 && !f->fresh) {
        const struct cached_ticket *held = log_find(f->joined->log, f->ev.klist)->cached_ticket;

        say_for(j, SEEN(f->ev.klist), "klist: the client holds a ticket for %s%s%s", a->spn,
                held->start != NULL ? ", fetched at (the client's local time) " : "",
                held->start != NULL ? held->start : "");
    }
    if (later != NULL && f->kvno.set)
        say_for(j, SEEN(facts_ticket(f), later->id),
                "its key version is %lld, and a later ticket for %s has %lld",
                (long long)f->kvno.value, a->spn, (long long)later->krb->ticket->kvno.value);
    if (f->works_higher_kvno != NULL)
        say_for(j, SEEN(f->works_higher_kvno->ap_request, f->works_higher_kvno->ap_reply),
                "the retry with the fresh ticket works");
    if (later != NULL && f->named == NAMED_COMPUTER && f->kvno.set &&
        later->krb->ticket->kvno.value - f->kvno.value == 1)
        say_against(j, SEEN(a->error),
                    "Windows tries the previous key of a computer account too: one version behind "
                    "usually still works there");
    if (f->fresh)
        say_against(j, SEEN(a->tgs.reply), "the ticket was issued in this capture");
    if (later == NULL)
        miss_ticket(f, j);
    miss_event_log(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(
        arena,
        "The account is the right one, but its password has changed since the client "
        "fetched this ticket%s: the ticket was made with the old key, and the service "
        "has only the new one.",
        f->cached ? " (it came from the client's cache)" : "");
}

static void remedy(const struct facts *f, struct cards *cards)
{
    (void)f;
    card_purge(cards);
}

const struct cause cause_stale_ticket = {
    .id = "stale-ticket",
    .title = "The client used an old ticket from its cache",
    .shows = "The ticket's key version is lower than in a later TGS-REP of the same KDC; a retry "
             "with a fresh ticket works. Or there is no TGS exchange for the ticket at all.",
    .against = "The TGS-REP came just before and carried the same ticket; a computer account one "
               "version behind (Windows tries older keys).",
    .settled_by = "klist on the client.",
    .fix = "klist purge (also klist -li 0x3e7 purge).",
    .reference = "klist",
    .key_owner = KEY_OWNER_TRIED,
    .weight = 80,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
