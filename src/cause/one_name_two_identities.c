/* SPDX-License-Identifier: MIT */
/* One host name serves paths or ports that run as different accounts. */
#include "cause/cause.h"

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *o = f->same.works_path != NULL ? f->same.works_path : f->same.works_port;

    if (!f->acceptor)
        return;
    if (o != NULL) {
        judge_holds(j, 76);
        if (o == f->same.works_path)
            say_for(j, SEEN(o->request, facts_refusal(f)),
                    "a ticket for %s is accepted at %s and refused at %s on the same server",
                    facts_spn(f), o->path != NULL ? o->path : "another path",
                    f->a->path != NULL ? f->a->path : "this path");
        else
            say_for(j, SEEN(o->request, facts_refusal(f)),
                    "a ticket for %s is accepted on port %lld and refused on port %lld of the same "
                    "server",
                    facts_spn(f), (long long)o->server_port, (long long)f->a->server_port);
    } else if (f->same.other_path != NULL) {
        judge_holds(j, 74);
        say_for(j, SEEN(f->same.other_path->error, f->a->error),
                "the same server refuses it in the names of two accounts, by path or port");
    } else if (f->same.works_here != NULL) {
        judge_refuted(j, SEEN(f->same.works_here->ap_request, facts_refusal(f)),
                      "the outcome varies on one and the same path and port");
        return;
    } else {
        return;
    }
    miss_iis(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(arena,
                       "Behind the one name %s stand applications that run as different accounts; "
                       "an SPN can be on one account only, so the others cannot open the tickets.",
                       facts_host(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card = card_add(
        cards, "Run all applications under %s as one account, or give each a host name of its own",
        facts_host(f));

    card->command = "%windir%\\system32\\inetsrv\\appcmd.exe list app /text:* & "
                    "%windir%\\system32\\inetsrv\\appcmd.exe list apppool /text:processModel";
    card->who = "an administrator of the web server";
    card->breaks = "rights that the old identities have on files and databases";
    card->undo = "set the old identity again";
    card_verify(cards, card);
}

const struct cause cause_one_name_two_identities = {
    .id = "one-name-two-identities",
    .title = "One host name serves applications that run as different accounts",
    .shows =
        "The same SPN and address; the outcome, or the account in the error, differs by path or "
        "port.",
    .against = "The outcome varies on one path.",
    .settled_by = "applicationHost.config.",
    .fix = "One identity, or a host name each.",
    .reference = NULL,
    .key_owner = KEY_OWNER_OTHER,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
