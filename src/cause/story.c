/* SPDX-License-Identifier: MIT */
#include "cause/story.h"

#include "asn1/names.h"
#include "base/text.h"

const char *story_title(const struct facts *f, const struct cause *cause, struct arena *arena)
{
    if (cause->headline != NULL)
        return cause->headline(f, arena);
    if (f->a->outcome == OUTCOME_UNKNOWN)
        return arena_print(arena, "%s: %s", cause->title, facts_spn(f));
    if (f->a->spn == NULL)
        return cause->title;
    if (f->tried_by != NULL)
        return arena_print(arena, "%s: %s was refused by %s", cause->title, f->a->spn, f->tried_by);
    if (f->kdc)
        return arena_print(arena, "%s: %s", cause->title, f->a->spn);
    return arena_print(arena, "%s: %s was refused at %s", cause->title, f->a->spn, facts_server(f));
}

static void put_asker(struct text *out, const struct facts *f)
{
    char address[ADDRESS_TEXT_ROOM];
    const struct attempt *a = f->a;

    text_put(out, a->client_principal != NULL ? a->client_principal : "A client");
    if (a->client.family != 0)
        text_putf(out, " at %s", address_text(&a->client, address));
}

static void put_ticket(struct text *out, const struct facts *f, const char *owner, bool expected)
{
    const struct attempt *a = f->a;

    put_asker(out, f);
    if (a->asked_for != NULL)
        text_putf(out, " wanted to reach %s%s", a->proxy ? "the proxy " : "", a->asked_for);
    else
        text_put(out, " wanted to log on to a service");
    if (f->a->server.family != 0)
        text_putf(out, " and showed the server %s", facts_server(f));
    else
        text_put(out, " and showed the server");
    if (f->a->spn == NULL) {
        text_put(out, " a ticket. For which service it is, this capture does not show. ");
        return;
    }
    text_putf(out, " a ticket for %s. ", f->a->spn);
    if (f->family == FAMILY_OTHER && f->error != NULL && owner == NULL)
        return; /* no key is in question */
    text_putf(out,
              "The domain controller encrypts such a ticket with the key of the account that "
              "holds the name %s",
              f->a->spn);
    if (owner == NULL)
        text_put(out, "; which account that is, this capture does not show. ");
    else if (!expected)
        text_putf(out, ": that is %s. ", owner);
    else if (f->ev.owner != NULL && owner == f->ev.owner->account)
        text_putf(out, ": by the files beside the capture that is %s. ", owner);
    else if (f->expected_owner != NULL && owner == f->expected_owner)
        text_putf(out,
                  ": to be expected is %s, the computer's own account, which answers for all "
                  "services under the computer's names (HOST/). ",
                  owner);
    else
        text_putf(out, ": to be expected is %s. ", owner);
}

static void put_refusal(struct text *out, const struct facts *f)
{
    const char *name = f->error == NULL ? NULL : krb_error_name(f->code);

    if (f->a->outcome == OUTCOME_UNKNOWN)
        return;
    if (f->tried_by != NULL && f->family != FAMILY_OTHER)
        text_putf(out,
                  "The service tried to open it with the key of %s and could not: error %lld "
                  "(%s). ",
                  f->tried_by, (long long)f->code, name != NULL ? name : "unknown");
    else if (f->error != NULL)
        text_putf(out, "The service answered with error %lld (%s)%s. ", (long long)f->code,
                  name != NULL ? name : "unknown",
                  f->named == NAMED_ECHO ? ", which does not say which account tried" : "");
    else
        text_putf(out, "The service refused it without saying why (%s). ",
                  f->a->ended_by != NULL ? f->a->ended_by : "no token in the answer");
}

static void put_kdc(struct text *out, const struct facts *f)
{
    put_asker(out, f);
    if (f->a->asked_for != NULL && f->a->tgs.error != 0)
        text_putf(out, " wanted to reach %s and", f->a->asked_for);
    if (f->a->tgs.error != 0)
        text_putf(out, " asked the domain controller for a ticket for %s. ", facts_spn(f));
    else
        text_put(out, " wanted to log on at the domain controller. ");
}

const char *story_explain(const struct facts *f, const struct cause *cause,
                          const struct incident *incident, const char *owner, bool expected,
                          struct arena *arena)
{
    struct text out = {0};
    const char *text;

    if (f->kdc || (f->a->as.reply != 0 && f->a->server.family == 0 && f->a->tgs.request == 0)) {
        put_kdc(&out, f);
    } else if (f->a->outcome == OUTCOME_FELL_BACK) {
        put_asker(&out, f);
        text_putf(&out, " wanted to reach %s. ", facts_asked(f));
    } else {
        put_ticket(&out, f, owner, expected);
        put_refusal(&out, f);
    }
    text_put(&out, cause->why != NULL ? cause->why(f, arena) : cause->shows);
    if (incident->num_attempts > 1)
        text_putf(&out, " This happened %zu times, to %zu client%s.", incident->num_attempts,
                  incident->num_clients, incident->num_clients == 1 ? "" : "s");
    text = arena_text(arena, bytes_of_text(text_str(&out)));
    text_clear(&out);
    return text;
}
