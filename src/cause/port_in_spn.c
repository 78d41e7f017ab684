/* SPDX-License-Identifier: MIT */
/* The SPN with or without :port is on another account. */
#include <stdlib.h>
#include <strings.h>

#include "cause/cause.h"
#include "cause/proof.h"

static int64_t odd_port(const struct attempt *a)
{
    int64_t port = a->asked_port != 0 ? a->asked_port : a->server_port;

    return a->proxy || port == 80 || port == 443 || port == 5985 || port == 5986 ? 0 : port;
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    bool with = a->spn_port != NULL;

    if (a->spn_service == NULL || strcasecmp(a->spn_service, "HTTP") != 0)
        return;
    if (f->kdc && f->code == 7 && with) {
        judge_undecided(j, 19);
        return;
    }
    if (!f->acceptor || (!with && odd_port(a) == 0))
        return;
    if (f->family == FAMILY_OTHER_KEY) {
        judge_refuted(j, SEEN(a->error),
                      "error %lld says that the acceptor has a key for %s, only not this one",
                      (long long)f->code, a->spn);
        return;
    }
    if (proof_excludes_owners(f, j))
        return;
    if (f->ev.owner != NULL && f->ev.port_owner != NULL) {
        if (account_equal(f->ev.owner->account, f->ev.port_owner->account)) {
            judge_refuted(j, SEEN(f->ev.owner_from, f->ev.port_owner->sources[0]),
                          "%s holds the SPN with and without the port", f->ev.owner->account);
            return;
        }
        judge_holds(j, 91);
        j->proven = proof_two_accounts(f) || f->ev.match == MATCH_UNKNOWN;
        proof_say(f, j);
        say_for(j, SEEN(f->ev.port_owner->sources[0]), "%s is held by %s", f->ev.port_spn,
                facts_owner(f, f->ev.port_owner));
    } else if (with && f->spn_origin != SPN_UNKNOWN) {
        judge_holds(j, f->spn_origin == SPN_ASKED ? 72 : 40);
        say_for(
            j, SEEN(facts_ticket(f)),
            "the SPN carries a port, %s: it is another name than the one without, and may be on "
            "another account",
            a->spn);
    } else {
        judge_undecided(j, f->spn_origin != SPN_ASKED ? 12 : f->named == NAMED_USER ? 45 : 25);
        say_for(j, SEEN(a->request, facts_ticket(f)),
                "the service is on port %lld and the SPN has no port: %s/%s:%lld may be on the "
                "account that runs it",
                (long long)odd_port(a), a->spn_service, facts_host(f), (long long)odd_port(a));
    }
    if (f->tried_by != NULL)
        say_for(j, SEEN(a->error), "the account that could not open it is %s", f->tried_by);
    say_missing(j, "the owners of the SPN with and without the port",
                with ? command_fill(f->arena, "setspn -F -Q {} & setspn -F -Q {}/{}",
                                    NAMES(a->spn, a->spn_service, facts_host(f)))
                     : command_fill(f->arena, "setspn -F -Q {} & setspn -F -Q {}:{}",
                                    NAMES(a->spn, a->spn,
                                          arena_print(f->arena, "%lld", (long long)odd_port(a)))));
    miss_owners(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(arena,
                       "An SPN with a port and one without are two names. The ticket was made for "
                       "the holder of %s, and the service on this port runs as the holder of the "
                       "other one.",
                       facts_spn(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    const struct attempt *a = f->a;
    const char *account = f->named == NAMED_HOST ? NULL : f->tried_by;

    card_move_spn(cards, a->spn, account);
    if (a->spn_port != NULL)
        card_add_spn(cards, arena_print(cards->arena, "%s/%s", a->spn_service, facts_host(f)),
                     account);
    else if (odd_port(a) != 0)
        card_add_spn(cards, arena_print(cards->arena, "%s:%lld", a->spn, (long long)odd_port(a)),
                     account);
}

const struct cause cause_port_in_spn = {
    .id = "port-in-spn",
    .title = "The SPN with the port and the one without are on different accounts",
    .shows = "The ticket's SPN has :port; or the service is on a port of its own and the SPN has "
             "none.",
    .against = "Error 44 or 31, which say that there is a key for the name.",
    .settled_by = "setspn -Q of both.",
    .fix = "Register both on one account.",
    .reference = "KB908209; Chromium policy EnableAuthNegotiatePort",
    .key_owner = KEY_OWNER_OTHER,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
