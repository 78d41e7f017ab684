/* SPDX-License-Identifier: MIT */
/* DNS, a hosts file, a stale lease or a load balancer led to another machine. */
#include <string.h>

#include "cause/cause.h"
#include "cause/owners.h"
#include "cause/proof.h"

static bool excluded(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    if (proof_excludes_owners(f, j))
        return true;
    if (f->tried_is_spn_host)
        judge_refuted(j, SEEN(a->error), "the machine that answered is %s, which the SPN names",
                      f->tried_by);
    else if (host_same_label(a->server_computer, a->spn_host))
        judge_refuted(j, SEEN(a->server_computer_from),
                      "the server says on the same connection that it is %s, which the SPN names",
                      a->server_computer);
    else if (f->tried_is_target)
        judge_refuted(j, SEEN(f->cname_from, a->error),
                      "DNS rightly leads from %s to %s, and the machine that answered is %s",
                      facts_asked(f), a->canonical, f->tried_by);
    else if (f->named == NAMED_COMPUTER && host_same_label(f->tried_by, a->asked_for))
        judge_refuted(j, SEEN(a->error), "the machine that answered is %s, which was asked for",
                      f->tried_by);
    else
        return owners_right_service(f, j);
    return true;
}

static int strength_of(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    bool computer = f->named == NAMED_COMPUTER || f->named == NAMED_HOST;

    if (f->spn_origin == SPN_PTR)
        return 10;
    if (computer && f->ev.owner != NULL && f->ev.match == MATCH_DIFFERENT) {
        if (f->ev.owner->computer && host_same_label(f->ev.owner->account, a->spn_host))
            return 93;
        return f->spn_origin == SPN_ASKED && f->ev.hosts_line != 0 ? 60 : 25;
    }
    if (computer && f->ev.owner == NULL && f->ev.opened == MATCH_DIFFERENT &&
        index_is_machine(f->ev.opener) && host_same_label(f->ev.opener, a->spn_host))
        return 93;
    if (f->family == FAMILY_NO_KEY && f->ev.key_opens != NULL) {
        say_for(j, SEEN(facts_shown(f), f->ev.key_opens->id, a->error),
                "%s of a given keytab opens the ticket, and the server that was reached has no key "
                "at all for it: it is not the server that the keytab is of",
                f->ev.key_opens->key->principal);
        return 64;
    }
    if (f->ev.hosts_line != 0 && f->spn_origin == SPN_ASKED && f->named != NAMED_USER)
        return 80;
    if (a->address_answered && !a->address_in_chain) {
        say_for(j, SEEN(a->address_answer, facts_shown(f)),
                "the connection went to %s, which is not among the addresses that DNS gave for %s",
                facts_server(f), facts_asked(f));
        return 75;
    }
    if (computer && f->spn_computer != 0) {
        say_for(j, SEEN(f->spn_computer, a->error),
                "%s is another computer, and the one that answered is %s", facts_host(f),
                f->tried_by);
        return 70;
    }
    if (f->other_names_told != 0 && f->spn_origin == SPN_ASKED) {
        say_for(
            j, SEEN(f->other_names_told, facts_shown(f)),
            "DNS was asked for other names and not for %s: the address came from a hosts file%s",
            facts_asked(f),
            f->no_dns_cache ? " (this client keeps no cache: it asks again for names it was "
                              "just told)"
                            : " or a cache");
        if (f->named == NAMED_USER)
            return 25;
        return computer ? 62 : f->no_dns_cache ? 56 : 45;
    }
    if (computer)
        return f->spn_origin != SPN_ASKED ? 20 : f->sibling_names ? 57 : 45;
    if (f->named == NAMED_USER)
        return 15;
    if (host_equal(a->ptr_name, a->asked_for))
        return 12;
    return f->spn_origin == SPN_ASKED ? 30 : 15;
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    int strength;

    if (!f->acceptor || a->spn_host == NULL || excluded(f, j))
        return;
    strength = strength_of(f, j);
    if (strength >= 60)
        judge_holds(j, strength);
    else
        judge_undecided(j, strength);
    j->proven = strength == 93 && proof_two_accounts(f);
    proof_say(f, j);
    if (f->ev.hosts_line != 0)
        say_for(j, SEEN(f->ev.hosts_line), "the client's hosts file gives %s for %s",
                facts_server(f), facts_asked(f));
    else if (f->ev.cache_line != 0)
        say_for(j, SEEN(f->ev.cache_line), "the client's name cache holds %s for %s",
                facts_server(f), facts_asked(f));
    if (f->named == NAMED_COMPUTER || f->named == NAMED_HOST) {
        say_for(j, SEEN(a->error),
                "the machine that answered calls itself %s, and the SPN is for %s", f->tried_by,
                facts_host(f));
        if (f->sibling_names)
            say_for(j, SEEN(a->error, facts_ticket(f)),
                    "%s and %s look like names of one series of computers", f->tried_by,
                    facts_host(f));
    }
    if (a->address_in_chain)
        say_against(j, SEEN(a->address_answer),
                    "DNS did give %s for %s; whether that record is right, the wire does not show",
                    facts_server(f), facts_asked(f));
    if (host_equal(a->ptr_name, a->asked_for))
        say_against(j, SEEN(a->ptr_answer), "the reverse lookup of %s gives %s too",
                    facts_server(f), a->ptr_name);
    if (!a->address_answered && f->ev.hosts_line == 0 && f->ev.cache_line == 0)
        miss_dns(f, j);
    miss_server_side(f, j);
    if (f->named != NAMED_USER)
        miss_owners(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(arena,
                       "The ticket is right for %s, but the connection at %s reached another "
                       "machine: a wrong or stale DNS record, a hosts file, a re-used address or a "
                       "load balancer led there. That machine has its own key and cannot open a "
                       "ticket for somebody else.",
                       facts_host(f), facts_server(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card =
        card_add(cards,
                 "Find out where %s for %s comes from, and correct it there: the DNS record "
                 "(scavenging, DHCP lease), the hosts file, the load balancer. Leave the SPN "
                 "alone",
                 facts_server(f), facts_asked(f));

    card_command(cards, card, "nslookup {} & type %windir%\\system32\\drivers\\etc\\hosts",
                 NAMES(facts_asked(f)));
    card->who = "whoever runs the DNS zone; for a hosts file an administrator of the client";
    card->breaks = "nothing that should reach the other machine";
    card->undo = "restore the record";
    card->verify = "ipconfig /flushdns, then the address that nslookup shows is the server's own";
    card->reference = "ipconfig /displaydns";
}

const struct cause cause_wrong_host = {
    .id = "wrong-host",
    .title = "The connection reached another machine than the one the ticket is for",
    .shows =
        "The connection's address is not among the addresses that DNS gave for the name within "
        "their time to live; or the error, or an NTLM challenge on the same connection, names a "
        "computer while the SPN's host is another computer.",
    .against = "The server names itself as the SPN's host; the SPN's host is a site name.",
    .settled_by = "ipconfig /displaydns, the hosts file, the DHCP lease, a capture on the server.",
    .fix = "Correct the record, turn on scavenging; never touch the SPN.",
    .reference = NULL,
    .key_owner = KEY_OWNER_EXPECTED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
