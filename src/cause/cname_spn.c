/* SPDX-License-Identifier: MIT */
/* The client asked for the SPN of a CNAME's target. */
#include "cause/cause.h"
#include "cause/owners.h"
#include "cause/proof.h"
#include "cause/spn_rule.h"

#include <string.h>

static bool excluded(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    if (f->spn_origin == SPN_ASKED && f->cname)
        judge_refuted(j, SEEN(f->cname_from, facts_ticket(f)),
                      "%s is a CNAME, and the client asked for the SPN of the name that was typed "
                      "(%s), not of the CNAME's target",
                      facts_asked(f), facts_spn(f));
    else if (f->spn_origin == SPN_ASKED)
        judge_refuted(j, SEEN(facts_ticket(f), a->address_answer),
                      "the SPN names the host that was asked for, %s", facts_asked(f));
    else if (f->spn_origin == SPN_PTR || (f->spn_origin == SPN_UNRELATED && !f->cname))
        judge_refuted(j, SEEN(a->address_answer, a->ptr_answer),
                      "DNS gave no CNAME that leads from %s to %s", facts_asked(f), facts_host(f));
    else if (proof_excludes_owners(f, j))
        return true;
    else if (f->ev.owner != NULL && f->ev.asked_owner != NULL &&
             account_equal(f->ev.owner->account, f->ev.asked_owner->account))
        judge_refuted(j, SEEN(f->ev.owner_from, f->ev.asked_owner->sources[0]),
                      "%s holds both names: it makes no difference which of them was asked for",
                      f->ev.owner->account);
    else if (f->tried_is_spn_host)
        judge_refuted(j, SEEN(a->error),
                      "the account that tried is %s, the computer that the SPN names: it was asked "
                      "for the right SPN",
                      f->tried_by);
    else
        return owners_right_service(f, j);
    return true;
}

static void say_chain(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    if (f->cname)
        say_for(j, SEEN(f->cname_from), "DNS: %s is a CNAME that leads to %s", facts_asked(f),
                a->spn_host);
    else
        say_for(j, SEEN(a->request, facts_ticket(f)),
                "%s was asked for, and the ticket is for %s: something led from one name to the "
                "other",
                facts_asked(f), facts_host(f));
    say_for(j, SEEN(a->tgs.request, a->tgs.reply, a->ap_request),
            "the client asked for a ticket for %s, not for %s/%s", facts_spn(f),
            a->spn_service != NULL ? a->spn_service : "HTTP", facts_asked(f));
    if (f->named == NAMED_USER)
        say_for(j, SEEN(a->error), "the account that could not open it is %s, not the computer %s",
                f->tried_by, facts_host(f));
    else if (f->tried_by != NULL)
        say_for(j, SEEN(a->error), "the error comes in the name of %s, which is not %s",
                f->tried_by, facts_host(f));
    else if (f->family == FAMILY_NO_KEY)
        say_for(j, SEEN(a->error), "error %lld: the acceptor has no key at all for %s",
                (long long)f->code, facts_spn(f));
    proof_say(f, j);
    if (f->works_alias != NULL)
        say_for(j, SEEN(f->works_alias->ap_request, f->works_alias->ap_reply),
                "a ticket for %s was accepted by the same server", f->works_alias->spn);
    if (a->s4u_proxy)
        say_against(j, SEEN(a->tgs.request),
                    "a front end asked for this ticket on behalf of the user (S4U2Proxy): its own "
                    "configuration chose the SPN, no browser did");
}

static void judge(const struct facts *f, struct judgement *j)
{
    int strength;

    if (f->kdc && f->code == 7 && (f->spn_origin == SPN_TARGET || f->spn_origin == SPN_MIDDLE)) {
        judge_undecided(j, 15);
        return;
    }
    if (f->a->outcome == OUTCOME_FAILED && !f->kdc && f->a->spn == NULL && f->cname) {
        judge_undecided(j, 10);
        say_for(j, SEEN(f->cname_from), "%s is a CNAME; which SPN was asked for cannot be read",
                facts_asked(f));
        return;
    }
    if (!f->acceptor || f->spn_origin == SPN_UNKNOWN || excluded(f, j))
        return;
    strength = f->named == NAMED_USER         ? 80
               : f->family == FAMILY_NO_KEY   ? 75
               : f->named == NAMED_COMPUTER   ? 70
               : f->family == FAMILY_MODIFIED ? 70
                                              : 60;
    if (f->spn_origin == SPN_TARGET || f->spn_origin == SPN_MIDDLE)
        judge_holds(j, strength + (f->works_alias != NULL ? 10 : 0));
    else if (f->spn_origin == SPN_UNTOLD)
        judge_undecided(j, strength - 10);
    else
        judge_undecided(j, 25);
    if (f->ev.owner != NULL && f->ev.asked_owner != NULL && j->strength > STRENGTH_FLOOR)
        judge_holds(j, 92);
    j->proven =
        (f->spn_origin == SPN_TARGET || f->spn_origin == SPN_MIDDLE) &&
        (proof_target_key(f) || (f->ev.asked_owner != NULL && proof_two_accounts(f) &&
                                 account_equal(f->ev.asked_owner->account, f->ev.acceptor)));
    j->full_chain = f->cname && f->spn_origin == SPN_TARGET && f->fresh && f->tried_by != NULL &&
                    f->works_alias != NULL;
    say_chain(f, j);
    if (f->spn_origin == SPN_UNTOLD)
        miss_dns(f, j);
    miss_owners(f, j);
    miss_iis(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    if (f->cname)
        return arena_print(arena,
                           "The two differ because %s is only an alias (CNAME) of %s in DNS: the "
                           "client followed the alias and asked for a ticket for the name at its "
                           "end, while the web site runs as an account that is registered for the "
                           "name that was typed.",
                           facts_asked(f), facts_host(f));
    return arena_print(arena,
                       "%s was typed, yet the ticket is for %s. The likeliest way from one name to "
                       "the other is an alias (CNAME) in DNS that the client followed; the answer "
                       "itself is not in this capture.",
                       facts_asked(f), facts_host(f));
}

static void remedy_dns(const struct facts *f, struct cards *cards)
{
    const struct attempt *a = f->a;
    struct remedy *card;

    card = card_add(cards, "DNS: replace the CNAME %s by an A record with the server's address",
                    facts_asked(f));
    if (a->server.family == 4 && strchr(facts_asked(f), '.') != NULL) {
        const char *name = facts_asked(f), *zone = strchr(name, '.') + 1;
        const char *label = arena_text(
            cards->arena, (struct bytes){(const uint8_t *)name, (size_t)(zone - 1 - name)});

        card_command(cards, card,
                     "Remove-DnsServerResourceRecord -ZoneName {} -Name {} -RRType CName -Force; "
                     "Add-DnsServerResourceRecordA -ZoneName {} -Name {} -IPv4Address {}",
                     NAMES(zone, label, zone, label, facts_server(f)));
        card->undo =
            command_fill(cards->arena,
                         "Remove-DnsServerResourceRecord -ZoneName {} -Name {} -RRType A -Force; "
                         "Add-DnsServerResourceRecordCName -ZoneName {} -Name {} -HostNameAlias {}",
                         NAMES(zone, label, zone, label, facts_host(f)));
    }
    card->who = "an administrator of the DNS zone";
    card->breaks = "the record has to be changed by hand when the server's address changes";
    card_verify(cards, card);
    card->reference =
        "PowerShell on the DNS server; ipconfig /flushdns on the client before trying "
        "again";
}

static void remedy_policies(struct cards *cards)
{
    struct remedy *card;

    card = card_add(cards, "Chrome and Edge: do not follow CNAMEs for the SPN (policy "
                           "DisableAuthNegotiateCnameLookup; for Chrome the key is "
                           "HKLM\\SOFTWARE\\Policies\\Google\\Chrome)");
    card->command = "reg add HKLM\\SOFTWARE\\Policies\\Microsoft\\Edge /v "
                    "DisableAuthNegotiateCnameLookup /t REG_DWORD /d 1 /f";
    card->undo = "reg delete HKLM\\SOFTWARE\\Policies\\Microsoft\\Edge /v "
                 "DisableAuthNegotiateCnameLookup /f";
    card->who = "an administrator of the client, or a group policy";
    card->breaks = "sites that rely on the SPN of the CNAME's target";
    card_verify(cards, card);

    card = card_add(cards, "Internet Explorer: use the typed name (FEATURE_USE_CNAME_FOR_SPN_"
                           "KB911149); .NET Framework: AuthenticationManager."
                           "CustomTargetNameDictionary");
    card->command = "reg add \"HKLM\\SOFTWARE\\Microsoft\\Internet Explorer\\Main\\"
                    "FeatureControl\\FEATURE_USE_CNAME_FOR_SPN_KB911149\" /v iexplore.exe /t "
                    "REG_DWORD /d 1 /f";
    card->undo = "reg delete \"HKLM\\SOFTWARE\\Microsoft\\Internet Explorer\\Main\\"
                 "FeatureControl\\FEATURE_USE_CNAME_FOR_SPN_KB911149\" /v iexplore.exe /f";
    card->who = "an administrator of the client, or a group policy";
    card->breaks = "sites that rely on the SPN of the CNAME's target";
    card_verify(cards, card);
    card->reference = "KB911149";
}

static void remedy_library(struct cards *cards)
{
    struct remedy *card =
        card_add(cards, "On the client: no canonical names for SPNs (dns_canonicalize_hostname = "
                        "false and rdns = false in [libdefaults] of krb5.conf)");

    card->command = "sed -i 's/^\\[libdefaults\\]/[libdefaults]\\n    "
                    "dns_canonicalize_hostname = false\\n    rdns = false/' /etc/krb5.conf";
    card->who = "root on the client";
    card->breaks = "services that are only registered under the name at the end of a CNAME";
    card->undo = "remove the two lines";
    card_verify(cards, card);
    card->reference = "krb5.conf, dns_canonicalize_hostname";
}

static void remedy(const struct facts *f, struct cards *cards)
{
    const struct attempt *a = f->a;
    struct remedy *card;

    if (a->s4u_proxy) {
        card = card_add(cards,
                        "Have the front end ask for %s/%s (its own configuration chooses "
                        "the SPN of the back end)",
                        a->spn_service, facts_asked(f));
        card->who = "the administrator of the front end";
        card_verify(cards, card);
    } else {
        const struct spn_rule *rule = spn_rule_find(a->user_agent);

        remedy_dns(f, cards);
        if (rule != NULL && rule->habit == HABIT_LIBRARY)
            remedy_library(cards);
        else
            remedy_policies(cards);
    }
    card_add_spn(cards, a->spn, f->named == NAMED_USER ? f->tried_by : NULL);
    cards->at[cards->num - 1].what =
        arena_print(cards->arena, "Last resort: %s", cards->at[cards->num - 1].what);
    cards->at[cards->num - 1].breaks = arena_print(
        cards->arena, "WinRM and every site in kernel mode under %s stop working", facts_host(f));
}

const struct cause cause_cname_spn = {
    .id = "cname-spn",
    .title = "The client asked for the name behind a CNAME",
    .shows = "DNS answered with a CNAME from X to Y, the ticket is for svc/Y although X was asked "
             "for, and the error names an account that is not Y's, or says that there is no key "
             "for svc/Y.",
    .against = "The ticket is for svc/X; the error names Y$; svc/Y is meant to be on the account "
               "in the error. A CNAME with the SPN of its target is normal and harmless where the "
               "target's account runs the service: DNS alone never makes a finding.",
    .settled_by = "The owners of svc/X, svc/Y and HOST/Y (setspn -F -Q */X and */Y): they differ.",
    .fix =
        "An A record instead of the CNAME; or the client's policy (Edge and Chrome: "
        "DisableAuthNegotiateCnameLookup, Internet Explorer: FEATURE_USE_CNAME_FOR_SPN_KB911149, "
        ".NET Framework: CustomTargetNameDictionary); last of all the SPN svc/Y on the account "
        "that runs the service, which takes Y's own WinRM and kernel-mode sites down.",
    .reference = "KB911149; Chromium policy DisableAuthNegotiateCnameLookup",
    .key_owner = KEY_OWNER_EXPECTED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
