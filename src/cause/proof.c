/* SPDX-License-Identifier: MIT */
#include "cause/proof.h"

#include <string.h>

bool proof_two_accounts(const struct facts *f)
{
    const struct evidence *ev = &f->ev;

    if (ev->match != MATCH_DIFFERENT || ev->acceptor == NULL)
        return false;
    return ev->opened == MATCH_DIFFERENT || ev->acceptor_known || ev->acceptor[0] == '\0' ||
           f->realm_differs;
}

bool proof_target_key(const struct facts *f)
{
    const struct evidence *ev = &f->ev;

    return ev->opened == MATCH_DIFFERENT && index_is_machine(ev->opener) &&
           host_same_label(ev->opener, f->a->spn_host);
}

bool proof_one_account(const struct facts *f)
{
    return f->ev.match == MATCH_SAME;
}

static const char *acceptor_name(const struct facts *f)
{
    return f->ev.acceptor[0] != '\0' ? f->ev.acceptor : "the server's computer account";
}

static const char *holder_name(const struct facts *f)
{
    return f->ev.opened == MATCH_DIFFERENT ? f->ev.opener : facts_owner(f, f->ev.owner);
}

bool proof_excludes_keys(const struct facts *f, struct judgement *j)
{
    const struct evidence *ev = &f->ev;

    if (ev->match != MATCH_DIFFERENT)
        return false;
    judge_refuted(
        j, SEEN(ev->opened == MATCH_DIFFERENT ? facts_shown(f) : ev->owner_from, ev->acceptor_from),
        ev->opened == MATCH_DIFFERENT
            ? "the key of %s opens the ticket, and %s tried: not one account with two keys"
            : "%s holds the SPN, and %s tried: not one account with two keys",
        holder_name(f), acceptor_name(f));
    return true;
}

bool proof_excludes_owners(const struct facts *f, struct judgement *j)
{
    const struct evidence *ev = &f->ev;

    if (ev->match != MATCH_SAME)
        return false;
    judge_refuted(
        j, SEEN(ev->opened == MATCH_SAME ? facts_shown(f) : ev->owner_from, ev->acceptor_from),
        ev->opened == MATCH_SAME
            ? "a key of %s opens the ticket, and %s is who tried: it is one account"
            : "%s holds the SPN, and %s is who tried: it is one account",
        ev->opened == MATCH_SAME ? ev->opener : facts_owner(f, ev->owner), acceptor_name(f));
    return true;
}

void proof_settles(const struct facts *f, const char *cause, struct judgement *j)
{
    const struct evidence *ev = &f->ev;

    if (ev->opened == MATCH_DIFFERENT || (ev->match == MATCH_DIFFERENT && ev->owner != NULL))
        judge_refuted(j,
                      SEEN(ev->opened == MATCH_DIFFERENT ? facts_shown(f) : ev->owner_from,
                           ev->acceptor_from),
                      ev->opened == MATCH_DIFFERENT
                          ? "the key of %s made the ticket, %s tried it, and %s explains that"
                          : "%s holds the SPN, %s tried, and %s explains that",
                      holder_name(f), acceptor_name(f), cause);
    else if (ev->num_winning > 1)
        judge_refuted(j, SEEN(ev->owners.at[0].sources[0], ev->owners.at[1].sources[0]),
                      "the files list two holders of the name, and %s explains that", cause);
    else
        judge_refuted(j, SEEN(ev->owner_from), "the files settle it: %s", cause);
}

static const char *const forms[] = {
    [OWNER_UPN] = "as its userPrincipalName",
    [OWNER_SPN] = "as a servicePrincipalName",
    [OWNER_HOST] = "by its HOST/ entry",
    [OWNER_SAM] = "as its account name",
};

void proof_say(const struct facts *f, struct judgement *j)
{
    const struct evidence *ev = &f->ev;

    if (ev->opener != NULL)
        say_for(j, SEEN(facts_shown(f)), "a key of %s (key version %lld) opens the ticket",
                ev->opener, (long long)ev->opener_kvno.value);
    if (ev->num_winning > 1)
        say_for(j, SEEN(ev->owners.at[0].sources[0], ev->owners.at[1].sources[0]),
                "%s is held by %s and by %s", facts_spn(f), facts_owner(f, &ev->owners.at[0]),
                facts_owner(f, &ev->owners.at[1]));
    else if (ev->owner != NULL)
        say_for(j, SEEN(ev->owner_from), "%s is held by %s, %s", facts_spn(f),
                facts_owner(f, ev->owner), forms[ev->owner->form]);
    if (ev->beside != NULL && ev->num_winning == 1)
        say_for(j, SEEN(ev->beside->sources[0]), "%s has it too, %s: the other one wins",
                facts_owner(f, ev->beside), forms[ev->beside->form]);
    if (ev->asked_owner != NULL)
        say_for(j, SEEN(ev->asked_owner->sources[0]), "%s is held by %s", ev->asked_spn,
                facts_owner(f, ev->asked_owner));
    if (ev->acceptor != NULL && ev->acceptor_from == ev->site && ev->site != 0)
        say_for(j, SEEN(ev->site), "the site's configuration has its tickets opened by %s",
                acceptor_name(f));
}
