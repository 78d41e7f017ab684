/* SPDX-License-Identifier: MIT */
/* Ticket, authenticator or request changed on the way. */
#include <string.h>

#include "cause/cause.h"
#include "cause/proof.h"

static bool same_int(struct optint a, struct optint b)
{
    return a.set == b.set && a.value == b.value;
}

static bool same_face(const struct ticket *a, const struct ticket *b)
{
    return host_equal(a->sname, b->sname) && realm_equal(a->realm, b->realm) &&
           same_int(a->etype, b->etype) && same_int(a->kvno, b->kvno) &&
           a->cipher_len == b->cipher_len;
}

/* How many of the pieces are equal, in percent. Ciphertexts of two tickets share none. */
static size_t shared(const struct ticket *a, const struct ticket *b)
{
    size_t num = a->chunks.num < b->chunks.num ? a->chunks.num : b->chunks.num, i, same = 0;

    for (i = 0; i < num; i++)
        same += a->chunks.at[i] == b->chunks.at[i];
    return num == 0 ? 0 : same * 100 / num;
}

/* The captures of both ends hold the exchange: is what arrived what was sent? True when that
 * decides. */
static bool judge_both_ends(const struct facts *f, struct judgement *j)
{
    const struct krb *sent = case_krb(f->joined, f->a->ap_request);
    const struct krb *arrived = case_krb(f->joined, f->a->far_ap_request);

    if (sent == NULL || arrived == NULL || sent->ticket == NULL || arrived->ticket == NULL ||
        !sent->ticket->sha256.set || !arrived->ticket->sha256.set)
        return false;
    if (digest_equal(&sent->ticket->sha256, &arrived->ticket->sha256) &&
        digest_equal(&sent->auth_sha256, &arrived->auth_sha256)) {
        judge_refuted(j, SEEN(f->a->ap_request, f->a->far_ap_request),
                      "ticket and authenticator arrived at the server byte for byte as the client "
                      "sent them");
        return true;
    }
    judge_holds(j, 96);
    j->full_chain = j->decides = true;
    say_for(j, SEEN(f->a->ap_request, f->a->far_ap_request),
            "the %s that arrived at the server is not the one that the client sent in the same "
            "request",
            digest_equal(&sent->ticket->sha256, &arrived->ticket->sha256) ? "authenticator"
                                                                          : "ticket");
    say_for(j, SEEN(f->a->error), "the server could not open what it was shown");
    return true;
}

static void judge_acceptor(const struct facts *f, struct judgement *j)
{
    const struct krb *reply = case_krb(f->joined, f->a->other_reply);
    const struct ticket *mine = f->a->ticket, *other = reply == NULL ? NULL : reply->ticket;

    if (mine == NULL || f->a->ap_request == 0 || judge_both_ends(f, j))
        return;
    if (f->a->tgs.reply == 0 && other != NULL && same_face(mine, other) &&
        shared(mine, other) >= 25) {
        judge_holds(j, 95);
        j->full_chain = j->decides = true;
        say_for(j, SEEN(f->a->other_reply, f->a->ap_request),
                "the ticket that was shown differs from the one that the KDC gave, with the same "
                "realm, name, encryption type, key version and length, and %zu %% of its pieces in "
                "common: two separate tickets share none",
                shared(mine, other));
        say_for(j, SEEN(f->a->error), "the server could not open what it was shown");
        return;
    }
    if (proof_excludes_keys(f, j))
        return;
    if (f->same.works_ticket != NULL) {
        judge_refuted(j, SEEN(f->same.works_ticket->ap_request, facts_shown(f)),
                      "the very same ticket was accepted elsewhere");
    } else if (f->family == FAMILY_NO_KEY || f->code == 44) {
        judge_refuted(j, SEEN(f->a->error),
                      "error %lld is about keys that are missing, not about a damaged message",
                      (long long)f->code);
    } else if (other != NULL && f->a->tgs.reply == 0) {
        judge_refuted(
            j, SEEN(f->a->other_reply, f->a->ap_request),
            "the ticket shares nothing with the one in the TGS-REP: it is another ticket, "
            "fetched earlier");
    } else {
        judge_undecided(j, f->ev.key_opens != NULL ? 64 : 7);
        if (f->ev.key_opens != NULL)
            say_for(j, SEEN(facts_shown(f), f->ev.key_opens->id, f->a->error),
                    "%s of the given keytab opens the ticket as it was seen here, and the service "
                    "could not open what it got: it uses other keys than this file, or what "
                    "arrived was changed",
                    f->ev.key_opens->key->principal);
        if (f->a->ticket_same)
            say_against(j, SEEN(f->a->tgs.reply, f->a->ap_request),
                        "the ticket in the AP-REQ is byte for byte the one of the TGS-REP here; "
                        "what arrived at the server needs a capture there");
        miss_server_side(f, j);
    }
}

static void judge_kdc(const struct facts *f, struct judgement *j)
{
    const struct krb *request =
        case_krb(f->joined, f->a->tgs.request != 0 ? f->a->tgs.request : f->a->as.request);

    if (f->code != 41 && f->code != 31)
        return;
    if (f->tgt_is_foreign) {
        judge_undecided(j, 15);
    } else if (request != NULL && request->fast && f->code == 41) {
        judge_holds(j, 80);
        say_for(j, SEEN(f->a->tgs.request != 0 ? f->a->tgs.request : f->a->as.request, f->a->error),
                "the request is protected by FAST, and the KDC finds its body changed");
    } else if (f->nothing_leads_there) {
        judge_holds(j, 78);
        say_for(j, SEEN(f->on_way_from, f->a->tgs.request),
                "the request asks for %s, while the client was on its way to %s: nothing that DNS "
                "said leads from one to the other",
                facts_spn(f), f->on_way_to);
        say_for(j, SEEN(f->a->error),
                "the KDC finds that the request does not fit its checksum (error %lld)",
                (long long)f->code);
    } else if (f->a->tgs.request != 0) {
        judge_undecided(j, 15);
    } else {
        return;
    }
    say_missing(j, "the same request captured at both ends", NULL);
}

static void judge(const struct facts *f, struct judgement *j)
{
    if (f->kdc)
        judge_kdc(f, j);
    else if (f->acceptor && !f->hidden)
        judge_acceptor(f, j);
}

static const char *why(const struct facts *f, struct arena *arena)
{
    (void)arena;
    if (f->kdc)
        return "The keys need not be wrong: the request was changed after the client had made it, "
               "by "
               "something between the two.";
    return "The keys need not differ at all: what the server was shown is not what the domain "
           "controller gave. Something on the way changed it, such as a proxy, or a limit on the "
           "size of headers.";
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct remedy *card = card_add(
        cards, "Find the place: capture at both ends at once and compare; then look at proxies, "
               "header size limits and security software between them");

    (void)f;
    card->command = "netsh trace start capture=yes tracefile=trace.etl maxsize=512";
    card->who = "an administrator at each end";
    card->breaks = "nothing";
    card->undo = "netsh trace stop";
    card_verify(cards, card);
}

const struct cause cause_altered_in_transit = {
    .id = "altered-in-transit",
    .title = "The message was changed on the way",
    .shows =
        "The ticket in the AP-REQ differs from the one of the TGS-REP with the same realm, "
        "sname, etype, kvno and length and a long common part; or the two sides of a pair of "
        "captures differ; or a KDC answers 41 to a FAST request, or 31 to a request for a name "
        "that nothing led to.",
    .against =
        "The ticket at the server is the one of the TGS-REP. A ticket with nothing in common "
        "is another one, fetched earlier.",
    .settled_by = "Captures at both ends.",
    .fix = "Header size limits, proxies, security software in the path.",
    .reference = NULL,
    .key_owner = KEY_OWNER_EXPECTED,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
