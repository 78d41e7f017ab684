/* SPDX-License-Identifier: MIT */
/* A KDC ended the attempt. */
#include <string.h>

#include "asn1/names.h"
#include "base/text.h"
#include "cause/cause.h"
#include "cause/errors.h"
#include "cause/kdc_remedy.h"
#include "cause/proof.h"

enum {
    KDC_OPT_RENEW = 0x00000002, /* RFC 4120, 5.4.1 */
    PA_FX_FAST = 136            /* RFC 6113, 5.4 */
};

static const char *name_of(int64_t code)
{
    const char *name = krb_error_name(code);

    return name != NULL ? name : "not a known code";
}

static bool is_key_error(int64_t code)
{
    return code == 31 || code == 41 || code == 44 || code == 35 || code == 36 || code == 45;
}

/* A log-on that brings no ticket: what could not be read is the proof of the password (older MIT
 * KDCs answer 31 where others answer 24). FAST armour is a ticket. */
static bool is_password(const struct facts *f)
{
    const struct krb *request = case_krb(f->joined, f->a->as.request);
    size_t i;

    if (f->code != 31 || f->a->tgs.request != 0 || request == NULL)
        return false;
    for (i = 0; i < request->padata.num; i++)
        if (request->padata.at[i] == PA_FX_FAST)
            return false;
    return true;
}

/* 13 also says that a ticket cannot be renewed. */
static bool is_renewal(const struct facts *f)
{
    const struct krb *request = case_krb(f->joined, f->a->tgs.request);

    return f->code == 13 && request != NULL && request->kdc_options.set &&
           (request->kdc_options.value & KDC_OPT_RENEW) != 0;
}

static const struct error_text *text_of(const struct facts *f)
{
    static const struct error_text renewal = {13, "the ticket cannot be renewed",
                                              "log on again, so that the client gets a new ticket",
                                              NULL};

    if (is_renewal(f))
        return &renewal;
    return error_find(is_password(f) ? 24 : f->code);
}

static const char *etypes_of(const struct facts *f)
{
    const struct krb *request =
        case_krb(f->joined, f->a->tgs.request != 0 ? f->a->tgs.request : f->a->as.request);
    struct text text = {0};
    const char *out;
    size_t i;

    if (request == NULL || request->etypes.num == 0)
        return NULL;
    for (i = 0; i < request->etypes.num && i < 16; i++) {
        const char *name = krb_etype_name(request->etypes.at[i]);

        text_putf(&text, "%s%lld", i == 0 ? "" : ", ", (long long)request->etypes.at[i]);
        if (name != NULL)
            text_putf(&text, " (%s)", name);
    }
    out = arena_text(f->arena, bytes_of_text(text_str(&text)));
    text_clear(&text);
    return out;
}

static void say_keys(const struct facts *f, struct judgement *j)
{
    const struct ticket *tgt = f->tgt;

    if (f->tgt_is_foreign)
        say_for(j, SEEN(f->a->tgs.request, f->a->error),
                "the request carried a ticket for %s that %s issued: the keys of the trust between "
                "the two realms are out of step",
                tgt->sname, tgt->realm);
    else if (f->a->tgs.request != 0)
        say_for(
            j, SEEN(f->a->tgs.request, f->a->error),
            "no service is involved: the KDC could not read the client's ticket-granting ticket "
            "or the request around it (krbtgt was re-keyed, the TGT is of another domain of "
            "the same name or of an RODC, or the request was changed)");
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    const struct error_text *error;
    const char *etypes = f->code == 14 ? etypes_of(f) : NULL;

    if (!f->kdc || a->outcome == OUTCOME_FELL_BACK || f->code == 37 || f->code == 32 ||
        f->code == 33)
        return;
    error = text_of(f);
    judge_holds(j, is_key_error(f->code) ? 50 : 60);
    j->full_chain = f->code != 7 && f->code != 8 && !is_key_error(f->code);
    say_for(j, SEEN(a->tgs.request != 0 ? a->tgs.request : a->as.request, a->error),
            "the KDC answers the request for %s with error %lld (%s)%s%s", facts_spn(f),
            (long long)f->code, name_of(f->code), error != NULL ? ": " : "",
            error != NULL ? error->means : "");
    if (etypes != NULL)
        say_for(j, SEEN(a->tgs.request != 0 ? a->tgs.request : a->as.request),
                "the client asked for the encryption types %s", etypes);
    if (f->error->ntstatus.set)
        say_for(j, SEEN(a->error), "the error carries the NTSTATUS 0x%08llX",
                (unsigned long long)f->error->ntstatus.value & 0xFFFFFFFF);
    if (f->error->e_text != NULL && f->error->e_text[0] != '\0')
        say_for(j, SEEN(a->error), "the KDC adds the text: %s", f->error->e_text);
    if (is_key_error(f->code) && !is_password(f))
        say_keys(f, j);
    if (a->s4u_proxy)
        say_for(j, SEEN(a->tgs.request),
                "the request is one of constrained delegation (S4U2Proxy): a front end asks on "
                "behalf of a user");
    if (f->code == 7 && f->ev.owners.looked && f->ev.owners.num == 0)
        say_for(j, SEEN(a->error, f->ev.owners.absent), "nobody holds %s in the files",
                facts_spn(f));
    else if (f->code == 7)
        proof_say(f, j);
    if (f->code == 7 || f->code == 8)
        miss_owners(f, j);
    if (error != NULL)
        say_missing(j, error->next, error->command);
}

static const char *headline(const struct facts *f, struct arena *arena)
{
    return arena_print(arena, "The KDC refused: error %lld %s for %s", (long long)f->code,
                       name_of(f->code), facts_spn(f));
}

static const char *why(const struct facts *f, struct arena *arena)
{
    const struct error_text *error = text_of(f);
    const struct ticket *tgt = f->tgt;

    if (is_key_error(f->code) && f->tgt_is_foreign)
        return arena_print(arena,
                           "The domain controller of %s could not open a ticket that %s had issued "
                           "for it: the two sides of the trust have different keys.",
                           tgt->sname + 7, tgt->realm != NULL ? tgt->realm : "the other realm");
    if (is_key_error(f->code) && !is_password(f))
        return "The domain controller could not read the ticket-granting ticket or the request "
               "around it; no service is involved.";
    if (error == NULL)
        return "The domain controller refused, and no service was ever asked.";
    return arena_print(arena, "The domain controller refused, and no service was ever asked: %s.",
                       error->means);
}

static void remedy_keys(const struct facts *f, struct cards *cards)
{
    struct remedy *card;

    if (f->tgt_is_foreign) {
        card = card_add(cards, "Reset the trust's password on both sides (replace the names)");
        card->command = "netdom trust TRUSTING-DOMAIN /domain:TRUSTED-DOMAIN /resetOneSide "
                        "/passwordT:NEW-PASSWORD /userO:ADMIN /passwordO:*";
        card->who = "administrators of both domains";
        card->breaks = "log-ons across the trust between the two resets";
        card->undo = "none: run it on the other side too";
        card->verify = "netdom trust TRUSTING-DOMAIN /domain:TRUSTED-DOMAIN /verify";
        return;
    }
    card = card_add(cards, "Log on again, so that the client gets a new ticket-granting ticket");
    card->command = "klist purge";
    card->who = "the user on the client (lock and unlock, or kinit)";
    card->breaks = "nothing";
    card->undo = "none needed";
    card->verify = "klist tgt";
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card;

    if (is_password(f)) {
        kdc_remedy(f, 24, cards);
        return;
    }
    if (is_renewal(f)) {
        card_purge(cards);
        return;
    }
    if (is_key_error(f->code)) {
        remedy_keys(f, cards);
    } else if (f->code == 7 || f->code == 8) {
        card =
            card_add(cards, "First look whether %s has an owner already, or several", facts_spn(f));
        card_command(cards, card, "setspn -F -Q {} & setspn -X -F", NAMES(facts_spn(f)));
        card->who = "any domain user";
        card->breaks = "nothing";
        card->undo = "none needed";
        card->verify = "one line with one account, or none";
        card->reference = "error 7 means no owner, or several; KDC event 11";
        card_add_spn(cards, f->a->spn, NULL);
        cards->at[cards->num - 1].what =
            arena_print(cards->arena, "If nobody holds it: %s", cards->at[cards->num - 1].what);
    } else {
        kdc_remedy(f, f->code, cards);
    }
}

const struct cause cause_kdc_error = {
    .id = "kdc-error",
    .title = "The KDC refused",
    .shows = "A KRB-ERROR from a KDC that ends the attempt.",
    .against =
        "Normal steps: 25, 52, 68, a 7 that is a probe for a referral, a 37 that is followed "
        "by success.",
    .settled_by = "The code itself, e-text, e-data and the KDC's event log.",
    .fix = "By the code: krbwhy --explain CODE.",
    .reference = "RFC 4120, 7.5.9; MS-KILE 2.2",
    .key_owner = KEY_OWNER_OTHER,
    .weight = 60,
    .judge = judge,
    .why = why,
    .remedy = remedy,
    .headline = headline,
};
