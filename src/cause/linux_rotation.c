/* SPDX-License-Identifier: MIT */
/* sssd, adcli or winbind changed the password, the keytab kept the old key. */
#include <string.h>
#include <strings.h>

#include "cause/cause.h"
#include "cause/proof.h"

static bool is_windows(const struct facts *f)
{
    const struct http *http = case_http(f->joined, f->a->reply);

    return http != NULL && http->server != NULL &&
           (strncasecmp(http->server, "Microsoft-", 10) == 0);
}

static void judge(const struct facts *f, struct judgement *j)
{
    if (!f->acceptor || f->a->ap_request == 0)
        return;
    if (proof_excludes_keys(f, j))
        return;
    if (is_windows(f)) {
        judge_refuted(j, SEEN(f->a->reply), "the server is Windows (%s), which has no keytab",
                      case_http(f->joined, f->a->reply)->server);
        return;
    }
    if (f->code != 44 && f->family != FAMILY_NONE)
        return;
    if (f->same.works_ticket != NULL) {
        judge_refuted(j, SEEN(f->same.works_ticket->ap_request, f->same.works_ticket->ap_reply),
                      "the very same ticket was accepted");
        return;
    }
    if (f->works_lower_kvno != NULL && f->code == 44 &&
        f->kvno.value - f->works_lower_kvno->ticket->kvno.value == 1) {
        judge_undecided(j, 48);
        say_for(j, SEEN(f->works_lower_kvno->ap_request, facts_ticket(f)),
                "the key version rose by one within the capture, and the keytab has the old one");
    } else {
        judge_undecided(j, f->code == 44 ? 22 : 6);
    }
    if (f->code == 44)
        say_for(
            j, SEEN(f->a->error),
            "error 44 comes from a server with a keytab (MIT Kerberos): it has the name, and not "
            "this key version");
    miss_keytab(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    (void)f;
    (void)arena;
    return "A program on the server (sssd, adcli, winbind, net ads) changed the computer's "
           "password "
           "in the directory, and the keytab that the service reads kept the old key.";
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card =
        card_add(cards, "Write the keytab anew, and leave the rotation to one program only");

    (void)f;
    card->command = "adcli update --verbose --computer-password-lifetime=0";
    card->who = "root on the server (with Samba: net ads keytab create -U ADMIN)";
    card->breaks = "nothing; services that keep a copy of the keytab need the new one";
    card->undo = "none needed";
    card_verify(cards, card);
}

const struct cause cause_linux_rotation = {
    .id = "linux-rotation",
    .title = "The computer's password was rotated and the keytab kept the old key",
    .shows =
        "Error 44, or a log-on failure from Samba; the ticket's key version is one higher than "
        "the keytab's.",
    .against = "The keytab has that key version; the server is Windows.",
    .settled_by = "klist -kte.",
    .fix = "adcli update, net ads keytab create; one owner of the rotation.",
    .reference = "sssd-ad, adcli",
    .key_owner = KEY_OWNER_TRIED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
