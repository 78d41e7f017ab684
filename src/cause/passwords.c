/* SPDX-License-Identifier: MIT */
#include "cause/passwords.h"
#include "cause/proof.h"

bool passwords_excluded(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    if (proof_excludes_keys(f, j))
        return true;
    if (f->family == FAMILY_NO_KEY)
        judge_refuted(j, SEEN(a->error),
                      "error %lld says that the acceptor has no key at all for %s: a changed "
                      "password gives 44, 31 or 41",
                      (long long)f->code, facts_spn(f));
    else if (f->ev.key_kvno != NULL && f->kvno.set && f->ev.key_kvno->key->kvno > f->kvno.value)
        judge_refuted(j, SEEN(f->ev.key_kvno->id, facts_ticket(f)),
                      "the service's keytab is newer than the ticket (key version %lld and %lld)",
                      (long long)f->ev.key_kvno->key->kvno, (long long)f->kvno.value);
    else if (f->own.reply != 0)
        judge_refuted(j, SEEN(f->own.request, f->own.reply),
                      "%s logged on from %s with its password: what the service has is current",
                      f->own.cname, facts_server(f));
    else if (f->same.works_ticket != NULL)
        judge_refuted(j, SEEN(f->same.works_ticket->ap_request, f->same.works_ticket->ap_reply),
                      "the very same ticket was accepted");
    else if (f->realm_differs)
        judge_refuted(j, SEEN(facts_ticket(f), a->error),
                      "the account that tried is of another realm than the ticket");
    else if (f->class_works != NULL && f->tried_is_spn_host)
        judge_refuted(
            j, SEEN(f->class_works->ap_request, f->class_works->ap_reply),
            "the same computer accepted a ticket for %s, made with the same account's key",
            f->class_works->spn);
    else
        return false;
    return true;
}

int passwords_weaken(const struct facts *f, int strength)
{
    if (f->ev.key_opens != NULL) /* the service's keytab has the key */
        return strength < 40 ? strength : 40;
    if (proof_one_account(f) && strength < 70)
        strength = 70;
    if (f->ev.key_kvno != NULL && !f->cached && f->kvno.value - f->ev.key_kvno->key->kvno == 1 &&
        strength >= 30)
        strength = strength + 20 < 90 ? strength + 20 : 90;
    /* Another KDC gives another version: the difference lies between the KDCs. */
    if (f->rep_other_kdc != NULL && strength > 45)
        return 45;
    if (f->works_higher_kvno != NULL && strength > 30)
        return 30;
    if (f->cached && strength > 40)
        return strength - 5;
    return strength;
}

void passwords_say(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    proof_say(f, j);
    if (f->ev.key_kvno != NULL && f->kvno.set)
        say_for(j, SEEN(f->ev.key_kvno->id, facts_ticket(f)),
                "the keytab has key version %lld of %s, and the ticket has %lld",
                (long long)f->ev.key_kvno->key->kvno, f->ev.key_kvno->key->principal,
                (long long)f->kvno.value);
    if (f->own.refused != 0)
        say_for(
            j, SEEN(f->own.refused),
            "the log-on of %s from the server's own address is refused: its password is not the "
            "one in the directory",
            f->own.cname);
    if (f->works_lower_kvno != NULL)
        say_for(j, SEEN(f->works_lower_kvno->ap_request, facts_ticket(f)),
                "an older ticket (key version %lld) still works at this server, the new one (%lld) "
                "does not",
                (long long)f->works_lower_kvno->ticket->kvno.value, (long long)f->kvno.value);
    if (f->family == FAMILY_OTHER_KEY)
        say_for(j, SEEN(a->error),
                "error %lld: the acceptor has a key for %s, only not the one of this ticket",
                (long long)f->code, facts_spn(f));
    else if (f->tried_by != NULL)
        say_for(j, SEEN(a->error), "the account that tried is %s; the SPN may well be its own",
                f->tried_by);
    if (f->class_fails != NULL)
        say_for(
            j, SEEN(f->class_fails->error, a->error),
            "a ticket for %s fails in the same account's name: not one SPN is wrong, the key is",
            f->class_fails->spn);
    if (f->rep_other_kdc != NULL)
        say_against(j, SEEN(facts_ticket(f), f->rep_other_kdc->id),
                    "another KDC gives tickets of another key version");
    if (f->works_higher_kvno != NULL)
        say_against(j, SEEN(f->works_higher_kvno->ap_request, f->works_higher_kvno->ap_reply),
                    "a ticket with a higher key version works at this server");
    if (f->cached)
        say_against(j, SEEN(a->ap_request),
                    "the ticket came from the client's cache and may be the "
                    "old one");
}
