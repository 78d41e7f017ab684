/* SPDX-License-Identifier: MIT */
/* A machine that was rejoined, restored or replaced. */
#include <string.h>

#include "cause/cause.h"
#include "cause/passwords.h"

static bool excluded(const struct facts *f, struct judgement *j)
{
    if (passwords_excluded(f, j))
        return true;
    if (f->ev.owner != NULL && !f->ev.owner->computer) {
        judge_refuted(j, SEEN(f->ev.owner_from), "%s holds the SPN, which is no computer",
                      f->ev.owner->account);
        return true;
    }
    if (f->ev.opener != NULL && strchr(f->ev.opener, '$') == NULL) {
        judge_refuted(j, SEEN(facts_shown(f)), "a key of %s opens the ticket, which is no computer",
                      f->ev.opener);
        return true;
    }
    if (f->named == NAMED_USER) {
        judge_refuted(j, SEEN(f->a->error), "the account that tried is %s, which is no computer",
                      f->tried_by);
        return true;
    }
    return false;
}

static int strength_of(const struct facts *f)
{
    bool computer = f->named == NAMED_COMPUTER || f->named == NAMED_HOST;

    if (f->own.refused != 0)
        return 93;
    if (f->class_fails != NULL && f->tried_is_spn_host)
        return 82;
    if (computer && !f->tried_is_spn_host)
        return f->works_lower_kvno != NULL ? 80 : 15;
    if (f->works_lower_kvno != NULL)
        return f->site_name ? 50 : f->tried_is_spn_host || f->own_name ? 88 : 60;
    if (f->family == FAMILY_OTHER_KEY)
        return f->site_name ? 25 : f->own_name ? 61 : 46;
    if (f->tried_is_spn_host)
        /* Where the CNAME's target answers, HOST/ covers the name: its key is what is left. */
        return f->spn_origin == SPN_TARGET ? 62 : 45;
    if (f->computer_service && !f->site_name)
        return 36;
    return f->site_name ? 8 : f->own_name ? 27 : 18;
}

static void judge(const struct facts *f, struct judgement *j)
{
    int strength;

    if (!f->acceptor || f->a->spn_host == NULL || !f->host_mapped || excluded(f, j))
        return;
    strength = passwords_weaken(f, strength_of(f));
    if (f->ev.channel_broken != 0 && strength >= STRENGTH_FLOOR && strength < 80)
        strength = 80;
    if (strength >= 50)
        judge_holds(j, strength);
    else
        judge_undecided(j, strength);
    passwords_say(f, j);
    if (f->tried_is_spn_host)
        say_for(j, SEEN(facts_ticket(f), f->a->error),
                "the SPN is one of the computer's own names, and that computer tried");
    if (f->ev.channel_broken != 0)
        say_for(j, SEEN(f->ev.channel_broken),
                "the check of the secure channel fails: the machine it was run on has another "
                "password than the directory");
    else if (f->ev.channel_good != 0)
        say_against(j, SEEN(f->ev.channel_good),
                    "the check of the secure channel succeeds on the machine it was run on");
    if (f->tried_is_spn_host && f->rc4)
        say_against(j, SEEN(facts_ticket(f)),
                    "the ticket is encrypted with RC4, and computer accounts have AES keys");
    miss_password(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(
        arena,
        "It is the right computer, but the password it has and the one in the "
        "directory differ (%s was joined again, restored from a backup or a snapshot, "
        "or cloned), so their keys differ.",
        f->tried_by != NULL ? f->tried_by : facts_host(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    card_machine_password(cards, f->tried_by != NULL ? f->tried_by : f->a->spn_host);
}

const struct cause cause_stale_machine_account = {
    .id = "stale-machine-account",
    .title = "The server's own password is out of step with the directory",
    .shows =
        "The error names HOST$ and the SPN is HOST$'s, for two service classes of which one is "
        "covered by HOST/ or is cifs; or the computer's own log-on is answered with 24.",
    .against = "One class fails and another works; the computer's own log-on succeeds; error 35.",
    .settled_by =
        "nltest /sc_verify on the server (not sc_query, which does not test the password).",
    .fix = "Test-ComputerSecureChannel -Repair (not on a domain controller), netdom resetpwd.",
    .reference = NULL,
    .key_owner = KEY_OWNER_TRIED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
