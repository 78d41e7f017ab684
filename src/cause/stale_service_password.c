/* SPDX-License-Identifier: MIT */
/* The service account's password changed, the service holds the old one. */
#include <string.h>

#include "cause/cause.h"
#include "cause/passwords.h"

static bool excluded(const struct facts *f, struct judgement *j)
{
    if (passwords_excluded(f, j))
        return true;
    if (f->ev.owner != NULL && f->ev.owner->computer) {
        judge_refuted(j, SEEN(f->ev.owner_from), "%s, a computer, holds the SPN",
                      f->ev.owner->account);
        return true;
    }
    if (f->ev.opener != NULL && strchr(f->ev.opener, '$') != NULL) {
        judge_refuted(j, SEEN(facts_shown(f)), "a key of %s, a computer, opens the ticket",
                      f->ev.opener);
        return true;
    }
    if (f->named == NAMED_COMPUTER || f->named == NAMED_HOST) {
        judge_refuted(j, SEEN(f->a->error), "the account that tried is %s, a computer's",
                      f->tried_by);
        return true;
    }
    return false;
}

static int strength_of(const struct facts *f)
{
    if (f->computer_service && f->named != NAMED_USER)
        return 12;
    if (f->own.refused != 0 && f->named == NAMED_USER)
        return 93;
    if (f->works_lower_kvno != NULL)
        return f->own_name && f->named != NAMED_USER ? 50 : 87;
    if (f->spn_origin != SPN_ASKED)
        return f->family == FAMILY_OTHER_KEY ? 40 : 30;
    if (f->family == FAMILY_OTHER_KEY)
        return f->site_name ? 60 : f->own_name ? 30 : 42;
    if (f->named == NAMED_USER)
        return f->site_name ? 56 : 35;
    return f->site_name ? 33 : 28;
}

static void judge(const struct facts *f, struct judgement *j)
{
    int strength;

    if (!f->acceptor || f->a->spn == NULL || excluded(f, j))
        return;
    strength = passwords_weaken(f, strength_of(f));
    if (strength >= 50)
        judge_holds(j, strength);
    else
        judge_undecided(j, strength);
    passwords_say(f, j);
    if (f->computer_service && f->named != NAMED_USER)
        say_against(j, SEEN(facts_ticket(f)),
                    "%s is provided by the computer itself, as the computer, on Windows and Samba",
                    f->a->spn_service);
    if (f->site_name && f->spn_origin == SPN_ASKED)
        say_for(
            j, SEEN(facts_ticket(f), f->cname_from, f->a->ptr_answer),
            "%s is a site's name and not the computer's own: its SPN was registered on purpose, "
            "most often on the account that runs the site",
            facts_host(f));
    miss_password(f, j);
    miss_owners(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(
        arena,
        "It may be the very same account, with two passwords: the directory has a new "
        "one%s, and the service still runs with the old one, so its keys differ.",
        f->works_lower_kvno != NULL ? " (the key version of new tickets has risen)" : "");
}

static void remedy(const struct facts *f, struct cards *cards)
{
    card_service_password(cards, f->named == NAMED_USER ? f->tried_by : NULL, f->web);
}

const struct cause cause_stale_service_password = {
    .id = "stale-service-password",
    .title = "The service runs with an old password of its account",
    .shows =
        "The SPN's owner is the account in the error, and the key version of new tickets rose; "
        "or the account's own log-on from the server is answered with 24.",
    .against =
        "A steady key version; a successful log-on of the account from the server; another SPN "
        "of the account works; error 35, which says that there is no key for the name at all.",
    .settled_by = "repadmin /showobjmeta of the account; the keytab.",
    .fix = "Update the password of the pool or service, recycle it.",
    .reference = NULL,
    .key_owner = KEY_OWNER_TRIED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
