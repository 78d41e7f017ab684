/* SPDX-License-Identifier: MIT */
/* A domain controller's own password is out of step. */
#include <strings.h>

#include "cause/cause.h"

static bool is_dc_service(const char *service)
{
    return service != NULL &&
           (strcasecmp(service, "ldap") == 0 || strcasecmp(service, "cifs") == 0 ||
            strcasecmp(service, "GC") == 0 || strcasecmp(service, "host") == 0 ||
            strcasecmp(service, "E3514235-4B06-11D1-AB04-00C04FC2DCD2") == 0);
}

static void judge(const struct facts *f, struct judgement *j)
{
    bool dc_service = is_dc_service(f->a->spn_service);

    if (!f->acceptor || (!f->server_is_kdc && !dc_service))
        return;
    if (!f->server_is_kdc || f->named == NAMED_USER)
        return;
    if (f->family == FAMILY_NO_KEY) {
        judge_refuted(j, SEEN(f->a->error), "error %lld says that there is no key for the name",
                      (long long)f->code);
        return;
    }
    if (dc_service && (f->tried_is_spn_host || f->family == FAMILY_OTHER_KEY))
        judge_holds(j, 75);
    else
        /* An alias is none of the names that a domain controller registers for itself. */
        judge_undecided(j, dc_service && !f->site_name ? 40 : 15);
    say_for(j, SEEN(facts_refusal(f)), "the server at %s is a domain controller itself",
            facts_server(f));
    say_missing(j, "the domain controller's own view of its password",
                "dcdiag /test:checksecurityerror");
}

static const char *why(const struct facts *f, struct arena *arena)
{
    (void)f;
    (void)arena;
    return "The server is a domain controller whose own password differs from what the other "
           "domain "
           "controllers have for it.";
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card = card_add(
        cards, "Reset the domain controller's own password against another one, with its own KDC "
               "stopped (replace the names)");

    (void)f;
    card->command = "sc config kdc start= demand & net stop kdc & klist -li 0x3e7 purge & netdom "
                    "resetpwd /server:OTHER-DC /userd:DOMAIN\\ADMIN /passwordd:* & net start kdc & "
                    "sc config kdc start= auto";
    card->who = "a domain administrator on that domain controller";
    card->breaks = "clients of this KDC wait for another one while it is stopped";
    card->undo = "sc config kdc start= auto & net start kdc";
    card->verify = "repadmin /replsummary, dcdiag /test:checksecurityerror";
    card->reference = "KB325850";
}

const struct cause cause_dc_own_password = {
    .id = "dc-own-password",
    .title = "A domain controller's own password is out of step",
    .shows = "A replication (DRS), ldap/ or cifs/ SPN of a domain controller, and the error names "
             "DC$.",
    .against = "The target is no domain controller.",
    .settled_by = "dcdiag /test:checksecurityerror.",
    .fix = "netdom resetpwd with the KDC service stopped.",
    .reference = "KB325850",
    .key_owner = KEY_OWNER_TRIED,
    .weight = 95,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
