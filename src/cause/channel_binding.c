/* SPDX-License-Identifier: MIT */
/* A good ticket refused because of the TLS channel around it. */
#include <string.h>

#include "cause/cause.h"

static const int64_t status_bad_bindings = 0xC000035B;

/* The answer says so itself: SEC_E_BAD_BINDINGS in the text of an LDAP refusal, or as NTSTATUS
 * ([MS-ERREF] 2.1, 2.3). */
static bool is_said(const struct facts *f)
{
    const struct ldap *ldap = case_ldap(f->joined, f->a->reply);
    const struct smb2 *smb2 = case_smb2(f->joined, f->a->reply);

    return (ldap != NULL && ldap->diagnostic != NULL &&
            strstr(ldap->diagnostic, "data 80090346") != NULL) ||
           (smb2 != NULL && smb2->status.set && smb2->status.value == status_bad_bindings);
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    bool behind_tls = a->tls != 0 || a->server_port == 443 || a->asked_port == 443;

    if (a->outcome != OUTCOME_FAILED || f->error != NULL || a->ap_request == 0)
        return;
    if (is_said(f)) {
        judge_holds(j, 90);
        say_for(j, SEEN(facts_refusal(f)),
                "the server says that the log-on does not belong to the channel it came on "
                "(SEC_E_BAD_BINDINGS)");
        return;
    }
    if (behind_tls) {
        judge_holds(j, 65);
        say_for(
            j, SEEN(a->tls, facts_refusal(f)),
            "the log-on runs inside TLS and is refused without a token: first of all a question "
            "of channel binding (Extended Protection)");
    } else if (a->through_proxy) {
        judge_undecided(j, 12);
        say_for(j, SEEN(facts_refusal(f)),
                "a proxy is in the path, and the refusal carries no token");
    } else {
        return;
    }
    say_missing(j, "the site's Extended Protection setting (tokenChecking)",
                "%windir%\\system32\\inetsrv\\appcmd.exe list config "
                "-section:system.webServer/security/authentication/windowsAuthentication");
}

static const char *why(const struct facts *f, struct arena *arena)
{
    (void)f;
    (void)arena;
    return "The ticket may be good: a server with Extended Protection also checks that the log-on "
           "belongs to the TLS connection it arrives on. A proxy or load balancer that ends TLS, "
           "or "
           "a client that sends no binding, fails there.";
}

/* A domain controller asks its LDAP clients for channel binding over TLS (KB4034879). */
static void remedy_ldap(struct cards *cards)
{
    struct remedy *card =
        card_add(cards, "Update the LDAP client so that it sends channel bindings, and let TLS end "
                        "at the domain controller; until then, accept clients that send none");

    card->command = "reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\NTDS\\Parameters /v "
                    "LdapEnforceChannelBinding /t REG_DWORD /d 1 /f";
    card->who = "an administrator of the domain controllers";
    card->breaks = "the protection against relayed LDAP log-ons is weaker";
    card->undo = "the same command with /d 2";
    card_verify(cards, card);
    card->reference = "KB4034879, LdapEnforceChannelBinding";
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card;

    if (case_ldap(f->joined, f->a->reply) != NULL) {
        remedy_ldap(cards);
        return;
    }
    card = card_add(cards,
                    "Let TLS end at the server itself, or, where a proxy has to end it, allow that "
                    "(tokenChecking Allow or None; replace SITE)");
    card->command = "%windir%\\system32\\inetsrv\\appcmd.exe set config SITE "
                    "-section:system.webServer/security/authentication/windowsAuthentication "
                    "/extendedProtection.tokenChecking:Allow /commit:apphost";
    card->who = "an administrator of the web server";
    card->breaks = "the protection against relayed log-ons is weaker";
    card->undo = "the same command with Require";
    card_verify(cards, card);
    card->reference = "Extended Protection for Authentication; RFC 5929";
}

const struct cause cause_channel_binding = {
    .id = "channel-binding",
    .title = "The TLS channel does not fit the log-on",
    .shows = "TLS or a proxy in the path and a 401 without a token; LDAP 49 with data 80090346.",
    .against = "A KRB-ERROR in the answer; no TLS anywhere.",
    .settled_by = "The Extended Protection setting; a log-on past the proxy.",
    .fix = "End TLS at the server, update the client, or relax tokenChecking.",
    .reference = "RFC 5929",
    .key_owner = KEY_OWNER_EXPECTED,
    .weight = 60,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
