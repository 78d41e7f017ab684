/* SPDX-License-Identifier: MIT */
/* No KDC issued the ticket. Never first, never above possible. */
#include "cause/cause.h"

enum { NEVER_FIRST = 1 };

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    if (!f->acceptor || a->ticket == NULL || a->ap_request == 0)
        return;
    if (a->tgs.reply != 0 && a->ticket_same) {
        judge_refuted(j, SEEN(a->tgs.reply, a->ap_request), "a KDC issued this very ticket");
        return;
    }
    if (f->same.works_ticket != NULL) {
        judge_refuted(j, SEEN(f->same.works_ticket->ap_request, f->same.works_ticket->ap_reply),
                      "the very same ticket was accepted");
        return;
    }
    if (!f->cached || (!f->rc4 && f->kvno.set))
        return;
    judge_undecided(j, NEVER_FIRST);
    say_for(
        j, SEEN(a->ap_request),
        "no exchange with a KDC gave this ticket in the capture%s%s: also what a ticket from the "
        "cache looks like",
        f->rc4 ? ", it is encrypted with RC4" : "", f->kvno.set ? "" : ", it has no key version");
    say_missing(j, "whether a KDC issued it: the domain controllers' security log",
                "wevtutil qe Security /q:\"*[System[EventID=4769]]\" /f:text /c:50 /rd:true");
}

static const char *why(const struct facts *f, struct arena *arena)
{
    (void)f;
    (void)arena;
    return "The ticket may not come from a domain controller at all.";
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card =
        card_add(cards, "Treat it as a security incident, not as an SPN to repair: ask the domain "
                        "controllers' logs for event 4769 of this user and service");

    (void)f;
    card->command = "wevtutil qe Security /q:\"*[System[EventID=4769]]\" /f:text /c:50 /rd:true";
    card->who = "the security team";
    card->breaks = "nothing";
    card->undo = "none needed";
    card->verify = "an event for every ticket that a service was shown";
}

const struct cause cause_forged_ticket = {
    .id = "forged-ticket",
    .title = "No KDC may have issued the ticket",
    .shows = "No TGS exchange ever, an odd encryption type, no key version: also the signs of a "
             "cached ticket in a cut capture, so never above possible and never first.",
    .against = "A TGS-REP with the same ciphertext.",
    .settled_by = "The KDC's log.",
    .fix = "A security incident, not an SPN fix.",
    .reference = NULL,
    .key_owner = KEY_OWNER_OTHER,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
