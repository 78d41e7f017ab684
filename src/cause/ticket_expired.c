/* SPDX-License-Identifier: MIT */
/* 32 and 33. */
#include <stdlib.h>

#include "cause/cause.h"
#include "cause/clock.h"

static void judge(const struct facts *f, struct judgement *j)
{
    struct optint skew = clock_skew_shown(f);
    bool by_capture;

    if (f->code != 32 && f->code != 33)
        return;
    judge_holds(j, 95);
    j->full_chain = true;
    say_for(j, SEEN(f->a->error),
            f->code == 32
                ? "%s answers with error 32 (KRB_AP_ERR_TKT_EXPIRED): the ticket is past "
                  "its end"
                : "%s answers with error 33 (KRB_AP_ERR_TKT_NYV): the ticket is not valid "
                  "yet",
            f->kdc ? "the KDC" : "the server");
    skew = skew.set ? skew : clock_skew_s(f, &by_capture);
    if (skew.set && llabs((long long)skew.value) < 2)
        say_for(j, SEEN(f->a->error), "its clock agrees with %s",
                f->error->ctime_s.set ? "the client's (ctime)" : "the capture's");
    else if (skew.set)
        say_for(j, SEEN(f->a->error), "its clock and %s are %lld seconds apart",
                f->error->ctime_s.set ? "the client's (ctime)" : "the capture's",
                llabs((long long)skew.value));
    if (f->tried_by != NULL)
        say_for(j, SEEN(f->a->error), "the ticket itself could be opened, with the key of %s",
                f->tried_by);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    (void)arena;
    return f->code == 33
               ? "No key is wrong here: the ticket was opened and is not valid yet, so the "
                 "clock of the KDC is ahead of the one that refused it."
               : "No key is wrong here: the ticket was opened and is past its end. A "
                 "client whose clock is right fetches a new one by itself before that.";
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card;

    (void)f;
    card_purge(cards);
    card =
        card_add(cards, "Compare the clock of the client with the KDC's: a client that is behind "
                        "keeps using tickets that have ended");
    card->command = "w32tm /query /status";
    card->who = "the user on the client";
    card->breaks = "nothing";
    card->undo = "none needed";
    card_verify(cards, card);
}

const struct cause cause_ticket_expired = {
    .id = "ticket-expired",
    .title = "The ticket has expired, or is not valid yet",
    .shows = "Error 32 or 33, from the service or from the KDC.",
    .against = "Any error of the 41 family: those are about keys.",
    .settled_by = "klist on the client: start and end time; the clocks.",
    .fix = "klist purge, log on again; set the clock that is wrong.",
    .reference = "RFC 4120, 7.5.9",
    .key_owner = KEY_OWNER_TRIED,
    .weight = 65,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
