/* SPDX-License-Identifier: MIT */
/* An acceptor's error that is not about keys, clocks or lifetimes. */
#include "asn1/names.h"
#include "cause/cause.h"
#include "cause/errors.h"

static const char *name_of(int64_t code)
{
    const char *name = krb_error_name(code);

    return name != NULL ? name : "not a known code";
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct error_text *error;

    if (f->error == NULL || f->kdc || f->family != FAMILY_OTHER || f->code == 37 || f->code == 32 ||
        f->code == 33)
        return;
    error = error_find(f->code);
    judge_holds(j, 60);
    j->full_chain = true;
    say_for(j, SEEN(facts_shown(f), f->a->error),
            "the service answers the ticket with error %lld (%s)%s%s", (long long)f->code,
            name_of(f->code), error != NULL ? ": " : "", error != NULL ? error->means : "");
    if (f->error->e_text != NULL && f->error->e_text[0] != '\0')
        say_for(j, SEEN(f->a->error), "it adds the text: %s", f->error->e_text);
    if (f->error->ntstatus.set)
        say_for(j, SEEN(f->a->error), "the error carries the NTSTATUS 0x%08llX",
                (unsigned long long)f->error->ntstatus.value & 0xFFFFFFFF);
    if (error != NULL)
        say_missing(j, error->next, error->command);
}

static const char *headline(const struct facts *f, struct arena *arena)
{
    return arena_print(arena, "The service refused the ticket: error %lld %s", (long long)f->code,
                       name_of(f->code));
}

static const char *why(const struct facts *f, struct arena *arena)
{
    const struct error_text *error = error_find(f->code);

    if (error == NULL)
        return "The service refused the ticket for a reason that is not about its key.";
    return arena_print(arena, "The service refused the ticket, and not because of its key: %s.",
                       error->means);
}

const struct cause cause_ap_error = {
    .id = "ap-error",
    .title = "The service refused the ticket for another reason than its key",
    .shows = "A KRB-ERROR from the service that is neither of the 41 family nor 32, 33 or 37.",
    .against = "Codes 31, 35, 36, 41, 44, 45: those are about keys.",
    .settled_by = "The code itself, e-text and e-data.",
    .fix = "By the code: krbwhy --explain CODE.",
    .reference = "RFC 4120, 7.5.9",
    .key_owner = KEY_OWNER_TRIED,
    .weight = 55,
    .judge = judge,
    .why = why,
    .headline = headline,
};
