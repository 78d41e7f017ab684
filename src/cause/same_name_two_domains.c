/* SPDX-License-Identifier: MIT */
/* Two computers, or SPNs, of one name in two domains. */
#include <string.h>
#include <strings.h>

#include "cause/cause.h"
#include "cause/proof.h"

static bool spn_is_short(const struct facts *f)
{
    return f->a->spn_host != NULL && strchr(f->a->spn_host, '.') == NULL;
}

/* The SPN's DNS domain is the realm in the error. */
static bool domain_is_tried_realm(const struct facts *f)
{
    const char *domain = f->a->spn_host == NULL ? NULL : strchr(f->a->spn_host, '.');

    return domain != NULL && realm_equal(domain + 1, f->tried_realm);
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    if (!f->acceptor || a->ticket == NULL || a->spn_host == NULL)
        return;
    if (f->ev.other_domain != NULL && !proof_one_account(f)) {
        judge_holds(j, 96);
        j->proven = proof_two_accounts(f);
        proof_say(f, j);
        say_for(j, SEEN(f->ev.other_domain->sources[0], facts_ticket(f)),
                "%s holds the SPN too, in another domain than %s, which issued the ticket",
                facts_owner(f, f->ev.other_domain), a->ticket->realm);
        if (f->realm_differs)
            say_for(j, SEEN(a->error), "the error comes from the realm %s", f->tried_realm);
    } else if (f->realm_differs) {
        bool same = f->named == NAMED_COMPUTER && host_same_label(f->tried_by, a->spn_host);

        judge_holds(j, same ? 92 : domain_is_tried_realm(f) ? 82 : 66);
        j->proven = proof_two_accounts(f) && f->ev.owner != NULL;
        proof_say(f, j);
        say_for(j, SEEN(facts_ticket(f), a->error),
                "the ticket is of the realm %s, and the error comes from the realm %s",
                a->ticket->realm, f->tried_realm);
        if (f->tried_by != NULL)
            say_for(j, SEEN(a->error), "the account that tried is %s of %s", f->tried_by,
                    f->tried_realm);
    } else if (f->fqdn_elsewhere && (f->ev.key_realm != NULL || f->ev.key_twin != NULL)) {
        const struct observation *key = f->ev.key_twin != NULL ? f->ev.key_twin : f->ev.key_realm;

        judge_holds(j, 72);
        say_for(j, SEEN(facts_ticket(f), key->id),
                f->ev.key_twin != NULL
                    ? "%s is not in the DNS domain of %s, which issued the ticket, and there is an "
                      "account %s in the domain it is in"
                    : "%s is not in the DNS domain of %s, which issued the ticket, and the service "
                      "has only keys of another realm, such as %s",
                a->spn_host, a->ticket->realm, key->key->principal);
    } else if (spn_is_short(f) && f->fqdn_elsewhere) {
        judge_holds(j, 72);
        say_for(j, SEEN(facts_ticket(f), a->address_answer),
                "the SPN has the short name %s, which the KDC of %s took for its own host, while "
                "DNS led to %s",
                a->spn_host, a->ticket->realm, f->full_name);
    } else if (f->fqdn_elsewhere) {
        judge_undecided(j, f->family == FAMILY_OTHER_KEY ? 8 : 35);
        say_for(j, SEEN(facts_ticket(f)),
                "%s is not in the DNS domain of the realm %s that issued the ticket: the name may "
                "be registered in two domains",
                a->spn_host, a->ticket->realm);
    } else if (spn_is_short(f) || a->referred || (f->short_name && f->nxdomain != 0)) {
        judge_undecided(j, f->family == FAMILY_OTHER_KEY ? 8 : 30);
        say_for(j, SEEN(facts_ticket(f)),
                a->referred ? "the ticket for %s came by a referral to another realm"
                : spn_is_short(f)
                    ? "the SPN has the short name %s, which several domains may know"
                    : "only a short name was typed, and its first domain has none: %s was found "
                      "elsewhere",
                a->spn_host);
    } else if (f->tried_realm != NULL) {
        judge_refuted(j, SEEN(facts_ticket(f), a->error),
                      "ticket and error are of one realm, %s, and the SPN is fully qualified in it",
                      a->ticket->realm);
        return;
    } else {
        return;
    }
    if (f->nxdomain != 0 && f->short_name && j->strength > 40)
        j->strength = 40; /* suffix-search comes first */
    miss_owners(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    const char *first = f->a->ticket != NULL ? f->a->ticket->realm : NULL;

    return arena_print(
        arena,
        "The name exists in two domains: the domain controller of %s knew an account "
        "for %s and made the ticket for that one, while the connection went to the "
        "server of the other domain%s%s.",
        first != NULL ? first : "one", facts_host(f), f->realm_differs ? ", " : "",
        f->realm_differs ? f->tried_realm : "");
}

static void remedy(const struct facts *f, struct cards *cards)
{
    const char *holder = card_holder(cards);
    const char *old = holder == NULL ? "OLD-ACCOUNT" : card_account(cards, holder);
    struct remedy *card = card_add(
        cards, "Use the full name of the server that is meant, and order the DNS suffixes so that "
               "the short name leads there");

    card->command = "ipconfig /all";
    card->who = "the user; the suffix order is group policy";
    card->breaks = "nothing";
    card->undo = "none needed";
    card_verify(cards, card);
    card = card_add(cards,
                    "Remove the stale computer object or SPN from the domain that does not run "
                    "the server%s",
                    holder == NULL ? " (replace OLD-ACCOUNT)" : "");
    card_command(cards, card, "setspn -F -Q {} & setspn -D {} {}",
                 NAMES(facts_spn(f), facts_spn(f), old));
    card->who = "an administrator of that domain";
    card->breaks = "a server of that name that is still in use there";
    card->undo = command_fill(cards->arena, "setspn -S {} {}", NAMES(facts_spn(f), old));
    card_verify(cards, card);
}

const struct cause cause_same_name_two_domains = {
    .id = "same-name-two-domains",
    .title = "The name exists in two domains",
    .shows = "The ticket's realm differs from the error's, and the error names H$ with H the first "
             "label of the SPN's host; a short-name SPN; a referral.",
    .against = "The realms are equal and the SPN is fully qualified.",
    .settled_by = "Two computer objects of that name: setspn -F -Q, an LDIF export of each domain.",
    .fix = "The full name; remove the stale object; order of the DNS suffixes.",
    .reference = NULL,
    .key_owner = KEY_OWNER_OTHER,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
