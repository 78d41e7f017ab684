/* SPDX-License-Identifier: MIT */
/* A gMSA member that cannot read the password; a cluster name out of step. */
#include "cause/cause.h"
#include "cause/proof.h"

static void judge(const struct facts *f, struct judgement *j)
{
    bool one_fails = f->same.works_elsewhere != NULL || f->same.works_ticket != NULL;

    if (!f->acceptor || f->named != NAMED_COMPUTER)
        return;
    if (proof_excludes_keys(f, j))
        return;
    if (f->ev.acceptor_known && f->ev.acceptor_object.managed) {
        judge_holds(j, 85);
        say_for(j, SEEN(f->ev.acceptor_object.sources[0]), "%s is a managed service account",
                f->tried_by);
        return;
    }
    if (f->ev.acceptor_known && f->ev.acceptor_object.computer) {
        judge_refuted(j, SEEN(f->ev.acceptor_object.sources[0]), "%s is a computer", f->tried_by);
        return;
    }
    if (f->tried_computer != 0 || f->tried_is_spn_host) {
        if (f->tried_computer != 0)
            judge_refuted(j, SEEN(f->tried_computer, f->a->error),
                          "%s is the name of the computer itself, not of a managed account",
                          f->tried_by);
        else
            judge_undecided(j, 3);
        return;
    }
    judge_undecided(j, one_fails ? 50 : 12);
    say_for(j, SEEN(f->a->error),
            "%s ends in $: a computer, or a managed account (gMSA, cluster name)", f->tried_by);
    if (one_fails)
        say_for(j, SEEN(f->a->error), "one member fails while another works");
    say_missing(j,
                "what kind of account that is, and whether this server may read its password "
                "(replace ACCOUNT)",
                "Test-ADServiceAccount ACCOUNT; Get-ADObject -LDAPFilter "
                "\"(sAMAccountName=ACCOUNT$)\" -Properties objectClass");
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(
        arena,
        "%s may be a managed account, whose password the domain changes by itself; a "
        "server that is not allowed to read it, or missed the change, has an old key.",
        facts_who(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card = card_add(
        cards,
        "Allow the server to read the managed password (replace the names), then restart the "
        "service");

    (void)f;
    card->command =
        "Set-ADServiceAccount ACCOUNT -PrincipalsAllowedToRetrieveManagedPassword GROUP";
    card->who = "a domain administrator";
    card->breaks = "members that are no longer in the list";
    card->undo = "set the old list again";
    card->verify = "Test-ADServiceAccount ACCOUNT on the server, then klist purge on the client";
    card =
        card_add(cards, "A cluster's name: Repair Active Directory Object in the failover cluster "
                        "manager, not netdom on a node");
    card->command = "Get-ClusterResource";
    card->who = "an administrator of the cluster";
    card->breaks = "the name is offline for a moment";
    card->undo = "none needed";
    card->verify = "no new event 1207, then klist purge on the client";
}

const struct cause cause_managed_account = {
    .id = "managed-account",
    .title = "A managed account's password is not the one this server has",
    .shows = "The error names gmsa$ or VNAME$, which is the SPN's owner; one member fails.",
    .against = "All fail; the name is the computer's own.",
    .settled_by = "Test-ADServiceAccount; Get-ClusterResource, event 1207; objectClass.",
    .fix =
        "PrincipalsAllowedToRetrieveManagedPassword; Repair Active Directory Object, not netdom on "
        "a node.",
    .reference = NULL,
    .key_owner = KEY_OWNER_TRIED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
