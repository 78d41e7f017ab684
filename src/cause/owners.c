/* SPDX-License-Identifier: MIT */
#include "cause/owners.h"

#include <string.h>

#include "cause/proof.h"

static int by_named(const struct facts *f)
{
    switch (f->named) {
    case NAMED_COMPUTER:
    case NAMED_HOST:
        /* The computer itself tried a name of its own: somebody else holds the SPN. */
        if (f->tried_is_spn_host)
            return 60;
        return f->spn_computer != 0 ? 25 : 55;
    case NAMED_USER:
        /* For a site's own name the SPN was put somewhere on purpose: there first. */
        return f->site_name ? 50 : 60;
    default:
        break;
    }
    return f->family == FAMILY_NO_KEY ? 50 : f->family == FAMILY_MODIFIED ? 40 : 38;
}

/* The SPN's host is a computer's own name, and the key of another account made the ticket. */
static bool made_by_other(const struct facts *f)
{
    if (f->ev.opener == NULL)
        return false;
    if (f->expected_owner != NULL)
        return !account_equal(f->ev.opener, f->expected_owner);
    return f->own_name && f->host_mapped && strchr(f->ev.opener, '$') == NULL;
}

int owners_strength(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    int strength;

    if (!f->acceptor || a->spn == NULL || a->spn_host == NULL)
        return 0;
    if (proof_excludes_owners(f, j))
        return -1;
    if (f->same.works_here != NULL && f->same.works_path == NULL && f->same.works_port == NULL) {
        judge_refuted(j, SEEN(f->same.works_here->ap_request, f->same.works_here->ap_reply),
                      "the same server accepted another ticket for %s: its account has a key for "
                      "that name",
                      a->spn);
        return -1;
    }
    if (f->spn_origin == SPN_PTR && (f->named == NAMED_COMPUTER || f->named == NAMED_HOST) &&
        !f->tried_is_spn_host) {
        judge_refuted(j, SEEN(a->ptr_answer, a->error),
                      "the SPN names %s while %s answered: the name is wrong before its owner "
                      "matters",
                      facts_host(f), f->tried_by);
        return -1;
    }
    if (f->spn_origin == SPN_ASKED && f->same.works_elsewhere == NULL &&
        f->same.works_ticket == NULL && f->ev.match == MATCH_DIFFERENT && f->ev.owner != NULL)
        return 86;
    if (f->spn_origin == SPN_ASKED && f->same.works_elsewhere == NULL &&
        f->same.works_ticket == NULL && f->code != 31 && made_by_other(f))
        return 62;
    /* "Unless a keytab carries the name with another account's key." */
    if (f->family == FAMILY_OTHER_KEY)
        return f->code == 31 ? 15 : 8;
    strength = by_named(f);
    if (f->spn_origin != SPN_ASKED)
        strength = 25;
    if (f->same.works_ticket != NULL || f->same.works_elsewhere != NULL)
        strength = 22;
    if (f->realm_differs && strength > 35)
        strength = 35;
    return strength;
}

void owners_say(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    if (f->spn_origin == SPN_ASKED)
        say_for(j, SEEN(a->request, facts_ticket(f)),
                "the ticket is for %s, the host that was asked for: the client chose the right "
                "name",
                a->spn);
    if (f->tried_by != NULL)
        say_for(j, SEEN(a->error), "the account that could not open it is %s", f->tried_by);
    else if (f->family == FAMILY_NO_KEY)
        say_for(j, SEEN(a->error),
                "error %lld: the acceptor has no key at all for %s; the error names no account",
                (long long)f->code, a->spn);
    else if (f->family == FAMILY_NONE)
        say_for(j, SEEN(facts_refusal(f)),
                "the ticket was refused without a KRB-ERROR, so that the account is not named");
    else if (f->named == NAMED_ECHO && f->family == FAMILY_MODIFIED)
        say_for(j, SEEN(a->error), "the error repeats the ticket's name: no account is named");
    if (f->tried_is_spn_host && f->rc4)
        say_for(j, SEEN(facts_ticket(f)),
                "the ticket is encrypted with RC4; a computer account has AES keys, so the SPN is "
                "probably on a user account");
    proof_say(f, j);
    if (a->address_in_chain)
        say_for(j, SEEN(a->address_answer), "DNS led to this server: %s is an address of %s",
                facts_server(f), facts_asked(f));
    if (f->family == FAMILY_OTHER_KEY)
        say_against(j, SEEN(a->error),
                    "error %lld says that the acceptor has a key for %s: only a keytab that "
                    "carries the name with another account's key fits",
                    (long long)f->code, a->spn);
    if (f->same.works_ticket != NULL)
        say_against(j, SEEN(f->same.works_ticket->ap_request, f->same.works_ticket->ap_reply),
                    "the very same ticket was accepted elsewhere");
}

bool owners_right_service(const struct facts *f, struct judgement *j)
{
    if (f->family == FAMILY_OTHER_KEY)
        judge_refuted(
            j, SEEN(f->a->error),
            "error %lld says that the acceptor has a key for %s, only not this one: it is "
            "the right service",
            (long long)f->code, facts_spn(f));
    else if (f->same.works_here != NULL)
        judge_refuted(j, SEEN(f->same.works_here->ap_request, f->same.works_here->ap_reply),
                      "the same server accepted another ticket for %s", facts_spn(f));
    else
        return false;
    return true;
}
