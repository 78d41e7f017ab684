/* SPDX-License-Identifier: MIT */
/* The client library itself says "modified", and nothing of it is on the wire. */
#include "cause/client_local.h"

#include <string.h>
#include <strings.h>

#include "cause/cause.h"

enum {
    KDC_OPT_CANONICALIZE = 0x00010000, /* RFC 6806, 3 */
    PA_PAC_REQUEST = 128               /* MS-KILE 2.2.3 */
};

/* Windows' own library, or one made after it: to them the case of a realm does not matter. */
static bool ignores_case(const struct krb *request)
{
    size_t i;

    for (i = 0; i < request->padata.num; i++)
        if (request->padata.at[i] == PA_PAC_REQUEST)
            return true;
    return false;
}

static bool only_letters_differ(const char *asked, const char *got)
{
    return asked != NULL && got != NULL && strcmp(asked, got) != 0 && strcasecmp(asked, got) == 0;
}

bool client_local_is(const struct joined_case *joined, const struct attempt *a)
{
    const struct krb *request = case_krb(joined, a->as.request);
    const struct krb *reply = case_krb(joined, a->as.reply);

    return a->outcome != OUTCOME_SUCCEEDED && a->tgs.request == 0 && a->ap_request == 0 &&
           a->request == 0 && a->error == 0 && request != NULL && reply != NULL &&
           only_letters_differ(request->realm, reply->crealm) && !ignores_case(request) &&
           !(request->kdc_options.set && (request->kdc_options.value & KDC_OPT_CANONICALIZE) != 0);
}

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    const struct krb *request = case_krb(f->joined, a->as.request);
    const struct krb *reply = case_krb(f->joined, a->as.reply);

    if (!client_local_is(f->joined, a))
        return;
    judge_holds(j, 70);
    say_for(
        j, SEEN(a->as.request, a->as.reply),
        "the client asked for the realm %s, and the reply names %s: to Kerberos these are two "
        "names, and a client that did not ask for canonical names refuses the reply as modified",
        request->realm, reply->crealm);
    say_for(j, SEEN(a->as.reply), "after this reply the client asked for nothing more");
    say_missing(j, "what the client itself says",
                "KRB5_TRACE=/dev/stderr kinit USER (Java: -Dsun.security.krb5.debug=true)");
}

static const char *why(const struct facts *f, struct arena *arena)
{
    const struct krb *reply = case_krb(f->joined, f->a->as.reply);

    return arena_print(
        arena,
        "The domain controller accepted the log-on; it is the client's own library "
        "that throws the reply away, because the realm in it is written %s and not as "
        "it was asked for. It then says \"Message stream modified\", although nothing "
        "was modified.",
        reply != NULL && reply->crealm != NULL ? reply->crealm : "otherwise");
}

static const char *headline(const struct facts *f, struct arena *arena)
{
    const struct krb *request = case_krb(f->joined, f->a->as.request);

    return arena_print(arena, "The client refuses the KDC's reply itself: the realm is written %s",
                       request != NULL && request->realm != NULL ? request->realm : "otherwise");
}

static void remedy(const struct facts *f, struct cards *cards)
{
    const struct krb *reply = case_krb(f->joined, f->a->as.reply);
    struct remedy *card =
        card_add(cards,
                 "Write the realm in capitals in the client's configuration and in the "
                 "principal: %s",
                 reply != NULL && reply->crealm != NULL ? reply->crealm : "REALM");

    card->command = "grep -n -i realm /etc/krb5.conf";
    card->who = "whoever configures the client";
    card->breaks = "nothing";
    card->undo = "none needed";
    card->verify = "kinit with the realm in capitals";
    card = card_add(cards, "Java that asks for a renewable ticket and gets none says the same: "
                           "remove renew_lifetime from its krb5.conf");
    card->command = "grep -n renew_lifetime /etc/krb5.conf";
    card->who = "whoever configures the client";
    card->breaks = "tickets are not renewable then; they were not before either";
    card->undo = "put the line back";
    card->verify = "the log-on goes on with a TGS-REQ";
    card->reference = "JDK-8131051";
}

const struct cause cause_client_local = {
    .id = "client-local",
    .title = "The client's own library refuses the KDC's reply",
    .shows = "No KRB-ERROR on the wire; the reply's names differ from the request's (requests with "
             "the realm in lower case, an AS-REP with it in capitals); Java with renew_lifetime: "
             "RENEWABLE asked, not given.",
    .against = "A real KRB-ERROR.",
    .settled_by = "A trace of the client's library.",
    .fix = "The realm in capitals; no renew_lifetime.",
    .reference = "RFC 4120, 3.1.5",
    .key_owner = KEY_OWNER_EXPECTED,
    .weight = 60,
    .judge = judge,
    .why = why,
    .remedy = remedy,
    .headline = headline,
};
