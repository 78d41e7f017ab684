/* SPDX-License-Identifier: MIT */
/* The right kvno and a wrong AES key: another salt. */
#include "cause/cause.h"
#include "cause/proof.h"

static bool is_rc4(const struct attempt *o)
{
    return o != NULL && o->ticket != NULL && o->ticket->etype.set && o->ticket->etype.value == 23;
}

static void judge(const struct facts *f, struct judgement *j)
{
    bool rc4_works = is_rc4(f->works_etype);

    if (!f->acceptor || f->a->ticket == NULL || f->a->ap_request == 0)
        return;
    if (proof_excludes_keys(f, j))
        return;
    if (f->rc4 && f->family != FAMILY_NO_KEY) {
        judge_refuted(j, SEEN(facts_ticket(f)),
                      "the ticket is encrypted with RC4, whose key has no salt");
        return;
    }
    if (!f->aes || (f->code != 31 && f->code != 41))
        return;
    if (f->works_same_etype != NULL || f->same.works_ticket != NULL) {
        const struct attempt *o =
            f->works_same_etype != NULL ? f->works_same_etype : f->same.works_ticket;

        judge_refuted(j, SEEN(o->ap_request, o->ap_reply),
                      "a ticket with AES for this SPN is accepted");
        return;
    }
    if (rc4_works)
        judge_holds(j, 78);
    else if (f->ev.key_same != NULL && f->ev.tried && !f->ev.opener_kvno.set)
        judge_undecided(j, 40);
    else
        judge_undecided(j, f->code == 31 ? 28 : f->tried_is_spn_host ? 6 : 10);
    if (f->code == 31)
        say_for(
            j, SEEN(f->a->error),
            "error 31 says that the keytab has this version and type, and the key is another one");
    if (rc4_works)
        say_for(j, SEEN(f->works_etype->ap_request, f->works_etype->ap_reply),
                "with RC4, which knows no salt, the same SPN works");
    say_missing(j,
                "the salt of the account, as its own log-on shows it (ETYPE-INFO2), and the salt "
                "the keytab was made with",
                "ktutil: list -e; kinit -k PRINCIPAL with a trace (KRB5_TRACE=/dev/stderr)");
}

static const char *why(const struct facts *f, struct arena *arena)
{
    (void)f;
    (void)arena;
    return "An AES key is made from the password and a salt, the account's name as it was when the "
           "password was set. A keytab made after a renaming, or with another name, has the right "
           "password and the wrong key.";
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card = card_add(
        cards, "Make the keytab anew so that the salt fits: reset the password and let ktpass read "
               "it, or name the salt (replace the names)");

    (void)f;
    card->command = "ktpass /princ HTTP/host@REALM /mapuser ACCOUNT /crypto AES256-SHA1 /ptype "
                    "KRB5_NT_PRINCIPAL /pass * /out service.keytab";
    card->who = "a domain administrator, then the administrator of the service";
    card->breaks = "other keytabs of the account: ktpass changes the password";
    card->undo = "none: the other keytabs have to be made anew too";
    card_verify(cards, card);
}

const struct cause cause_keytab_salt = {
    .id = "keytab-salt",
    .title = "The keytab's AES key was made with another salt",
    .shows = "31 or 41 with AES while the same SPN works with RC4, the key version equal.",
    .against = "RC4 fails too.",
    .settled_by = "The salt in ETYPE-INFO2 of the account's own log-on.",
    .fix = "Rebuild the keytab.",
    .reference = "MS-KILE 3.1.1.2",
    .key_owner = KEY_OWNER_TRIED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
