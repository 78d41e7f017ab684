/* SPDX-License-Identifier: MIT */
/* Nothing else explains it; also what TLS hides. */
#include "cause/cause.h"

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    if (a->outcome == OUTCOME_SUCCEEDED)
        return;
    /* Below every cause that stands at all: it wins only when none does. */
    judge_holds(j, STRENGTH_FLOOR - 1);
    if (a->outcome == OUTCOME_UNKNOWN && a->tls != 0) {
        say_for(j, SEEN(a->tgs.reply, a->tls),
                "the client fetched a ticket for %s and then spoke TLS to %s: what came of it is "
                "hidden",
                facts_spn(f), facts_server(f));
        say_missing(j,
                    "the tokens in the clear: decrypt in Wireshark with a key log and use Export "
                    "PDUs, or copy the WWW-Authenticate header from the browser's developer "
                    "tools",
                    "krbwhy --token BASE64");
        miss_server_side(f, j);
        miss_event_log(f, j);
        return;
    }
    if (a->outcome == OUTCOME_UNKNOWN)
        say_for(j, SEEN(facts_shown(f)), "the capture does not show how it ended (%s)",
                a->ended_by != NULL ? a->ended_by : "no answer");
    else
        say_for(j, SEEN(facts_shown(f), facts_refusal(f)), "the attempt failed: %s",
                a->ended_by != NULL ? a->ended_by : "refused");
    if (a->spn == NULL)
        say_missing(j,
                    "whole frames: the capture cut them off before the ticket's name (snap "
                    "length); capture again with full frames",
                    "tcpdump -s 0 -w capture.pcap");
    if (!a->dns_seen)
        miss_dns(f, j);
    miss_ticket(f, j);
    miss_server_side(f, j);
    miss_event_log(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    (void)arena;
    if (f->a->outcome == OUTCOME_UNKNOWN && f->a->tls != 0)
        return "The log-on itself is inside TLS: this capture cannot show whether it worked.";
    return "What is given does not tell why; what is missing is listed.";
}

const struct cause cause_unexplained = {
    .id = "unexplained",
    .title = "Not explained by what is given",
    .shows = "An attempt failed, or is hidden by TLS, and no cause stands.",
    .against = "Any cause that stands.",
    .settled_by = "What the finding lists as missing.",
    .fix = "Close the gap and run krbwhy again.",
    .reference = NULL,
    .key_owner = KEY_OWNER_EXPECTED,
    .weight = 10,
    .judge = judge,
    .why = why,
};
