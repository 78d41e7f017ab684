/* SPDX-License-Identifier: MIT */
/* Kerberos was due, NTLM or Basic came. */
#include "asn1/names.h"
#include "cause/cause.h"
#include "cause/errors.h"
#include "cause/facts_case.h"

static bool is_literal(const char *host)
{
    struct address address;

    return host != NULL && address_parse(host, &address);
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    const char *went = a->fallback != NULL ? a->fallback : "NTLM";

    if (a->outcome != OUTCOME_FELL_BACK)
        return;
    judge_holds(j, 95);
    j->full_chain = f->kdc && f->code != 7;
    if (f->kdc || facts_client_talks(f))
        say_for(j, SEEN(a->ntlm != 0 ? a->ntlm : a->request),
                "the client went on with %s where Kerberos was due", went);
    else
        say_for(j, SEEN(a->ntlm != 0 ? a->ntlm : a->request),
                "the server offered Negotiate, and the client answered with %s", went);
    if (f->kdc) {
        const char *name = krb_error_name(f->code);

        say_for(j, SEEN(a->tgs.request, a->error),
                "before that the KDC refused a ticket for %s with error %lld (%s)", facts_spn(f),
                (long long)f->code, name != NULL ? name : "unknown");
    } else if (is_literal(a->asked_for)) {
        say_for(j, SEEN(a->request),
                "the server was addressed as %s: for an address there is no SPN", a->asked_for);
    } else if (!facts_client_talks(f)) {
        say_for(
            j, SEEN(a->request),
            "no exchange of this client with a KDC is in the capture: it is of no domain or logs "
            "on with a local account, none was reachable, it remembered an earlier refusal, or "
            "the site is not in the intranet zone");
        miss_ticket(f, j);
    }
    if (f->kdc && f->code == 7)
        miss_owners(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    const struct error_text *error = f->kdc ? error_find(f->code) : NULL;

    if (error != NULL)
        return arena_print(arena,
                           "The domain controller gave no ticket for %s: %s. The client then fell "
                           "back to %s. Next: %s.",
                           facts_spn(f), error->means,
                           f->a->fallback != NULL ? f->a->fallback : "NTLM", error->next);
    if (is_literal(f->a->asked_for))
        return "The server was addressed by its IP address, and Kerberos needs a name: the client "
               "used NTLM at once.";
    return "The client did not use Kerberos at all; why, this capture does not show.";
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card;

    if (f->kdc && f->code == 7) {
        card =
            card_add(cards, "First look whether %s has an owner already, or several", facts_spn(f));
        card_command(cards, card, "setspn -F -Q {} & setspn -X -F", NAMES(facts_spn(f)));
        card->who = "any domain user";
        card->breaks = "nothing";
        card->undo = "none needed";
        card->verify = "one line with one account, or none";
        card->reference = "error 7 means no owner, or several; KDC event 11";
        card_add_spn(cards, f->a->spn, NULL);
        cards->at[cards->num - 1].what =
            arena_print(cards->arena, "If nobody holds it: %s", cards->at[cards->num - 1].what);
    } else if (is_literal(f->a->asked_for)) {
        card = card_add(cards, "Use the server's name in the URL");
        card->who = "the user";
        card->verify = "klist shows a ticket for the name";
    }
}

const struct cause cause_ntlm_fallback = {
    .id = "ntlm-fallback",
    .title = "The client fell back to NTLM or Basic",
    .shows =
        "A KDC's 7 (or another refusal) followed by NTLM or Basic; or NTLM to a server that was "
        "addressed by its IP address, or without any KDC traffic.",
    .against = "A ticket for the same service right after.",
    .settled_by = "setspn -F -Q SPN: nobody, or several; the URL; the reachability of a KDC.",
    .fix =
        "Register the SPN on the account that runs the service; or remove the duplicate; use the "
        "name in the URL.",
    .reference = "MS-SPNG; RFC 4559",
    .key_owner = KEY_OWNER_OTHER,
    .weight = 50,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
