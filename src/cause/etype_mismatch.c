/* SPDX-License-Identifier: MIT */
/* The key of that encryption type is missing or differs. */
#include "asn1/names.h"
#include "cause/cause.h"
#include "cause/proof.h"

static const char *etype_name(const struct ticket *ticket)
{
    const char *name =
        ticket != NULL && ticket->etype.set ? krb_etype_name(ticket->etype.value) : NULL;

    return name != NULL ? name : "an unknown type";
}

static bool excluded(const struct facts *f, struct judgement *j)
{
    if (proof_excludes_keys(f, j))
        return true;
    if (f->ev.key_same != NULL)
        judge_refuted(j, SEEN(f->ev.key_same->id, facts_ticket(f)),
                      "the keytab has a key of the ticket's version and encryption type for %s",
                      f->ev.key_same->key->principal);
    else if (f->family == FAMILY_NO_KEY)
        judge_refuted(j, SEEN(f->a->error),
                      "error %lld says that there is no key of any type for %s", (long long)f->code,
                      facts_spn(f));
    else if (f->code == 31)
        judge_refuted(
            j, SEEN(f->a->error),
            "error 31 says that there is a key of this version and type, only another one");
    else if (f->works_same_etype != NULL)
        judge_refuted(j, SEEN(f->works_same_etype->ap_request, f->works_same_etype->ap_reply),
                      "a ticket of the same encryption type is accepted by the same server");
    else
        return false;
    return true;
}

static bool kvno_equal(const struct facts *f, const struct ticket *other)
{
    return !f->kvno.set || other == NULL || !other->kvno.set || f->kvno.value == other->kvno.value;
}

static int strength_of(const struct facts *f)
{
    if (f->ev.key_etype != NULL)
        return 94;
    if (f->works_etype != NULL && kvno_equal(f, f->works_etype->ticket))
        return 68;
    if (f->rep_etype != NULL)
        return 66;
    if (f->works_etype != NULL)
        return 40;
    /* An RC4 ticket for a computer, while the client offered AES: computers have AES keys. */
    if (f->rc4 && f->offered_aes && f->own_name && f->spn_origin != SPN_UNTOLD) {
        if (f->code == 44)
            return 64;
        return f->tried_is_spn_host ? 45 : 28;
    }
    return f->code == 44 ? 35 : f->family == FAMILY_MODIFIED ? 24 : 14;
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    int strength;

    if (!f->acceptor || a->ticket == NULL || !a->ticket->etype.set || excluded(f, j))
        return;
    strength = strength_of(f);
    if (strength >= 60)
        judge_holds(j, strength);
    else
        judge_undecided(j, strength);
    if (f->ev.key_etype != NULL)
        say_for(j, SEEN(f->ev.key_etype->id),
                "the keytab has the ticket's key version for %s, and not its encryption type",
                f->ev.key_etype->key->principal);
    say_for(j, SEEN(facts_ticket(f)), "the ticket is encrypted with %s", etype_name(a->ticket));
    if (f->works_etype != NULL)
        say_for(j, SEEN(f->works_etype->ap_request, f->works_etype->ap_reply),
                "a ticket for the same SPN with %s is accepted by the same server",
                etype_name(f->works_etype->ticket));
    if (f->rep_etype != NULL)
        say_for(j, SEEN(f->rep_etype->id),
                "another ticket for the same SPN has %s and the same key "
                "version",
                etype_name(f->rep_etype->krb->ticket));
    if (f->rc4 && f->offered_aes)
        say_for(j, SEEN(a->tgs.request, facts_ticket(f)),
                "the client offered AES and got RC4: the KDC knows no AES key for this account, or "
                "was told not to use it");
    if (f->code == 44)
        say_for(j, SEEN(a->error),
                "error 44 stands for a missing key version or for a missing encryption type");
    say_missing(j,
                "which encryption types the account and the service have (the attribute is not in "
                "the global catalog; replace ACCOUNT)",
                "Get-ADObject -LDAPFilter \"(sAMAccountName=ACCOUNT)\" -Properties "
                "msDS-SupportedEncryptionTypes,msDS-KeyVersionNumber");
    miss_keytab(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(
        arena,
        "A password gives one key per encryption type. This ticket was made with %s, "
        "and for that type the service has no key, or one from another time.",
        etype_name(f->a->ticket));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card = card_add(
        cards, "Set the account's encryption types and then its password, so that it has keys for "
               "all of them; a keytab has to be written anew with all types (replace ACCOUNT)");

    card->command = "Set-ADUser ACCOUNT -KerberosEncryptionType AES128,AES256";
    card->who = "a domain administrator, then the administrator of the service";
    card->breaks = "clients and services that know RC4 only";
    card->undo = "Set-ADUser ACCOUNT -KerberosEncryptionType RC4,AES128,AES256";
    card_verify(cards, card);
    card->reference = "KB5021131 (defaults of 2022)";
    (void)f;
}

const struct cause cause_etype_mismatch = {
    .id = "etype-mismatch",
    .title = "The service has no fitting key of the ticket's encryption type",
    .shows = "The encryption type of the ticket changes, or is not among the server's; RC4 before, "
             "AES after, with an equal key version; or error 14.",
    .against = "The same type as in working attempts; error 31 or 35.",
    .settled_by =
        "msDS-SupportedEncryptionTypes (not in the global catalog), KDC events, klist -kte.",
    .fix = "AES keys in the keytab; set the types and reset the password.",
    .reference = "KB5021131",
    .key_owner = KEY_OWNER_TRIED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
