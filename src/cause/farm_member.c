/* SPDX-License-Identifier: MIT */
/* One member of a farm decrypts, another does not. */
#include "cause/cause.h"

static size_t num_addresses(const struct facts *f)
{
    const struct dns *dns = case_dns(f->joined, f->a->address_answer);
    size_t i, num = 0;

    for (i = 0; dns != NULL && i < dns->answers.num; i++)
        if (dns->answers.at[i].type != NULL && dns->answers.at[i].type[0] == 'A' &&
            host_equal(dns->answers.at[i].name,
                       f->a->canonical != NULL ? f->a->canonical : f->a->asked_for) &&
            dns->answers.at[i].value != NULL)
            num++;
    return num;
}

static bool same_kvno(const struct facts *f, const struct attempt *o)
{
    return o->ticket != NULL && f->kvno.set && o->ticket->kvno.set &&
           f->kvno.value == o->ticket->kvno.value;
}

static void judge_elsewhere(const struct facts *f, struct judgement *j)
{
    const struct attempt *o = f->same.works_elsewhere;
    bool ticket = f->same.works_ticket != NULL &&
                  !address_equal(&f->same.works_ticket->server, &f->a->server);
    char address[ADDRESS_TEXT_ROOM];

    if (ticket)
        o = f->same.works_ticket;
    if (ticket || same_kvno(f, o))
        judge_holds(j, ticket ? 90 : 80);
    else
        judge_undecided(j, 30);
    j->full_chain = ticket && f->a->address_in_chain && num_addresses(f) > 1;
    address_text(&o->server, address);
    say_for(j, SEEN(o->ap_request, o->ap_reply != 0 ? o->ap_reply : o->reply),
            ticket ? "the very same ticket was accepted at %s"
                   : "a ticket for the same SPN was accepted at %s",
            address);
    say_for(j, SEEN(facts_shown(f), facts_refusal(f)), "at %s it was refused", facts_server(f));
    if (f->tried_by != NULL)
        say_for(j, SEEN(f->a->error), "the member at %s tried with the key of %s", facts_server(f),
                f->tried_by);
    if (num_addresses(f) > 1)
        say_for(j, SEEN(f->a->address_answer), "DNS gives several addresses for %s",
                facts_asked(f));
}

/* One address, several members behind it: the same ticket taken and refused. */
static bool behind_one_address(const struct facts *f)
{
    const struct attempt *o = f->same.works_ticket;

    return o != NULL && address_equal(&o->server, &f->a->server) &&
           o->server_port == f->a->server_port;
}

static void judge(const struct facts *f, struct judgement *j)
{
    if (!f->acceptor || f->a->spn == NULL)
        return;
    if (f->same.works_elsewhere != NULL) {
        judge_elsewhere(f, j);
    } else if (behind_one_address(f) && f->same.works_path == NULL) {
        judge_holds(j, 75);
        say_for(j, SEEN(f->same.works_ticket->ap_request, facts_refusal(f)),
                "the very same ticket was accepted and refused at %s: several servers stand behind "
                "that address",
                facts_server(f));
    } else if (f->same.other_answer != NULL) {
        judge_undecided(j, 40);
        say_for(j, SEEN(f->same.other_answer->error, f->a->error),
                "two addresses refuse the same SPN in the names of two accounts");
    } else if (num_addresses(f) > 1) {
        judge_undecided(j, 19);
        say_for(j, SEEN(f->a->address_answer),
                "DNS gives several addresses for %s, and only one of them was tried",
                facts_asked(f));
        say_missing(j, "a log-on at each of the other addresses", NULL);
    }
    if (j->verdict != VERDICT_NOT_APPLICABLE)
        miss_iis(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(arena,
                       "Several servers answer for %s. One of them opens the ticket, so the SPN is "
                       "on the account that the farm uses; the one at %s runs as another account.",
                       facts_asked(f), facts_server(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card =
        card_add(cards, "Run the site on the server at %s as the same account as on the others%s%s",
                 facts_server(f), f->tried_by != NULL ? "; at present it tries as " : "",
                 f->tried_by != NULL ? f->tried_by : "");

    card->command = "%windir%\\system32\\inetsrv\\appcmd.exe list apppool /text:processModel & "
                    "%windir%\\system32\\inetsrv\\appcmd.exe list config "
                    "-section:system.webServer/security/authentication/windowsAuthentication";
    card->who = "an administrator of that web server";
    card->breaks = "whatever relies on that member's present account";
    card->undo = "set the pool's old identity again";
    card_verify(cards, card);
    card_pool_credentials(cards);
}

const struct cause cause_farm_member = {
    .id = "farm-member",
    .title = "One member of the farm cannot open what the others can",
    .shows =
        "The same SPN, even the same ticket: the outcome, or the account in the error, differs "
        "by address, or by connection behind one address.",
    .against = "The same outcome everywhere.",
    .settled_by = "The configuration of each member; a log-on at each address.",
    .fix = "The same account on every member, useAppPoolCredentials=true.",
    .reference = NULL,
    .key_owner = KEY_OWNER_OTHER,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
