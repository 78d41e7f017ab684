/* SPDX-License-Identifier: MIT */
/* Requests to a KDC with their answers, and which of them gave the ticket that a service was shown.
 */
#include "base/memory.h"
#include "correlate/join.h"

enum {
    MSG_AS_REQ = 10,
    MSG_AS_REP = 11,
    MSG_TGS_REQ = 12,
    MSG_TGS_REP = 13,
    MSG_AP_REQ = 14,
    MSG_ERROR = 30,
    KDC_OPT_CNAME_IN_ADDL_TKT = 0x00020000, /* MS-SFU 2.2.3: S4U2Proxy */
    OPEN_REQUESTS = 64,     /* of one flow that an answer may belong to, newest first */
    CLIENT_EXCHANGES = 1024 /* of one client that are looked at for one attempt, newest first */
};

static uint64_t digest_key(const struct digest *digest)
{
    return map_hash(MAP_SEED, (struct bytes){digest->octet, sizeof(digest->octet)});
}

static const struct krb *krb_at(const struct join *join, int64_t id)
{
    return case_krb(join->out, id);
}

static struct exchange *new_exchange(struct join *join, const struct observation *seen)
{
    const struct source *source = &seen->source;
    struct exchange *exchange;

    if (join->num_exchanges == join->room_exchanges) {
        join->room_exchanges = join->room_exchanges == 0 ? 64 : join->room_exchanges * 2;
        join->exchanges =
            memory_grow(join->exchanges, join->room_exchanges, sizeof(*join->exchanges));
    }
    exchange = &join->exchanges[join->num_exchanges];
    memset(exchange, 0, sizeof(*exchange));
    exchange->source = *source;
    exchange->client = source->reply ? source->dst : source->src;
    exchange->client_port = source->reply ? source->dport : source->sport;
    exchange->ids.kdc = source->reply ? source->src : source->dst;
    map_add(&join->by_client, join_key_host(join, &exchange->client),
            (int64_t)join->num_exchanges++);
    return exchange;
}

/* True for a request that repeats the one before it on the way to an answer (UDP retransmission,
 * the same packet captured twice). */
static bool repeats(const struct join *join, const struct exchange *old, const struct krb *krb)
{
    const struct krb *first = krb_at(join, old->ids.request);

    return first != NULL && digest_equal(&first->whole_sha256, &krb->whole_sha256);
}

static void take_request(struct join *join, struct map *pending, const struct observation *seen)
{
    uint64_t key = join_key_flow(&seen->source);
    struct exchange *exchange;
    size_t at = 0;
    int64_t index;

    while (map_next(pending, key, &at, &index)) {
        if (!repeats(join, &join->exchanges[index], seen->krb))
            continue;
        join->exchanges[index].ids.repeats++;
        return;
    }
    map_add(pending, key, (int64_t)join->num_exchanges);
    exchange = new_exchange(join, seen);
    exchange->ids.request = seen->id;
    exchange->tgs = seen->krb->msg_type == MSG_TGS_REQ;
    exchange->sname = seen->krb->sname;
    exchange->realm = seen->krb->realm;
}

static bool answered(const struct exchange *exchange)
{
    return exchange->ids.reply != 0 || exchange->ids.error != 0;
}

/* The oldest open request of the flow that this message may answer; NULL when its request was not
 * seen. */
static struct exchange *open_request(struct join *join, const struct map *pending,
                                     const struct observation *seen, bool *out_repeat)
{
    uint64_t key = join_key_flow(&seen->source);
    struct exchange *oldest = NULL;
    size_t at = 0, looked = 0;
    int64_t index;

    *out_repeat = false;
    while (looked++ < OPEN_REQUESTS && map_next(pending, key, &at, &index)) {
        struct exchange *exchange = &join->exchanges[index];
        const struct krb *old;

        if (answered(exchange)) {
            old =
                krb_at(join, exchange->ids.reply != 0 ? exchange->ids.reply : exchange->ids.error);
            *out_repeat |=
                old != NULL && digest_equal(&old->whole_sha256, &seen->krb->whole_sha256);
            continue;
        }
        if (seen->krb->msg_type == MSG_ERROR ||
            exchange->tgs == (seen->krb->msg_type == MSG_TGS_REP))
            oldest = exchange;
    }
    return oldest;
}

struct exchange *exchanges_find_ticket(const struct join *join, const struct digest *digest)
{
    size_t at = 0;
    int64_t index;

    while (digest->set && map_next(&join->by_ticket, digest_key(digest), &at, &index)) {
        const struct krb *reply = krb_at(join, join->exchanges[index].ids.reply);

        if (reply != NULL && reply->ticket != NULL && digest_equal(&reply->ticket->sha256, digest))
            return &join->exchanges[index];
    }
    return NULL;
}

static void take_answer(struct join *join, const struct map *pending,
                        const struct observation *seen)
{
    bool repeat;
    struct exchange *exchange = open_request(join, pending, seen, &repeat);
    const struct ticket *ticket = seen->krb->ticket;

    if (exchange == NULL && repeat)
        return;
    if (exchange == NULL) {
        exchange = new_exchange(join, seen);
        exchange->tgs = seen->krb->msg_type != MSG_AS_REP;
        exchange->sname = ticket != NULL ? ticket->sname : seen->krb->sname;
        exchange->realm = ticket != NULL ? ticket->realm : seen->krb->realm;
    }
    if (seen->krb->msg_type == MSG_ERROR)
        exchange->ids.error = seen->id;
    else
        exchange->ids.reply = seen->id;
    /* The first to carry a ticket: later ones are copies of the packet. */
    if (ticket != NULL && exchanges_find_ticket(join, &ticket->sha256) == NULL &&
        ticket->sha256.set)
        map_add(&join->by_ticket, digest_key(&ticket->sha256),
                (int64_t)(exchange - join->exchanges));
}

void exchanges_build(struct join *join)
{
    struct map pending = {0}; /* flow -> exchanges */
    struct map by_request = {0};
    size_t i;

    for (i = 0; i < join->log->num; i++) {
        const struct observation *seen = &join->log->at[i];
        size_t at = 0;
        int64_t index;

        if (seen->kind != KIND_krb || seen->source.carrier == NULL ||
            strcmp(seen->source.carrier, "krb5") != 0)
            continue;
        if (seen->krb->inside.set) {
            if (seen->krb->msg_type == MSG_AP_REQ &&
                map_next(&by_request, join_key_id(seen->krb->parent), &at, &index) &&
                join->exchanges[index].inner == 0)
                join->exchanges[index].inner = seen->id;
        } else if (seen->krb->msg_type == MSG_AS_REQ || seen->krb->msg_type == MSG_TGS_REQ) {
            take_request(join, &pending, seen);
            if (join->num_exchanges > 0 &&
                join->exchanges[join->num_exchanges - 1].ids.request == seen->id)
                map_add(&by_request, join_key_id(seen->id), (int64_t)join->num_exchanges - 1);
        } else if (seen->krb->msg_type == MSG_AS_REP || seen->krb->msg_type == MSG_TGS_REP ||
                   seen->krb->msg_type == MSG_ERROR) {
            take_answer(join, &pending, seen);
        }
    }
    map_clear(&pending);
    map_clear(&by_request);
}

/* name@REALM of a reply, or of an AS-REQ, whose realm is its client's. */
static const char *principal(struct join *join, const struct krb *krb)
{
    const char *realm = krb == NULL ? NULL : krb->crealm != NULL ? krb->crealm : krb->realm;

    if (krb == NULL || krb->cname == NULL)
        return NULL;
    if (strcmp(krb->cname, "WELLKNOWN/ANONYMOUS") == 0) /* RFC 6112: FAST hides who it is */
        return NULL;
    return realm == NULL ? krb->cname : arena_print(join->arena, "%s@%s", krb->cname, realm);
}

static bool is_krbtgt(const char *sname)
{
    return sname != NULL && strncmp(sname, "krbtgt/", 7) == 0;
}

/* The AS exchange that gave the client the TGT of this TGS request; the client's newest AS-REP when
 * the TGT itself was got before the capture or by referral. */
static void find_as(struct join *join, struct attempt *attempt, const struct exchange *tgs)
{
    const struct krb *inner = krb_at(join, tgs->inner);
    struct exchange *as = inner == NULL || inner->ticket == NULL
                              ? NULL
                              : exchanges_find_ticket(join, &inner->ticket->sha256);

    if (as != NULL && !as->tgs)
        attempt->as = as->ids;
}

/* Other requests of the same client for the same name before this attempt. */
static void look_around(struct join *join, struct attempt *attempt, int64_t before_ns)
{
    size_t at = 0, looked = 0;
    int64_t index;

    while (looked++ < CLIENT_EXCHANGES &&
           map_next(&join->by_client, join_key_host(join, &attempt->client), &at, &index)) {
        const struct exchange *exchange = &join->exchanges[index];
        const struct krb *reply = krb_at(join, exchange->ids.reply);

        if (!exchange->tgs || reply == NULL || reply->ticket == NULL ||
            join_time_ns(join, &exchange->source) > before_ns ||
            !host_equal(exchange->sname, attempt->spn))
            continue;
        if (is_krbtgt(reply->ticket->sname) && !host_equal(reply->ticket->sname, exchange->sname))
            attempt->referred = true;
        else if (exchange->ids.reply != attempt->tgs.reply && attempt->other_reply == 0 &&
                 attempt->ticket != NULL &&
                 !digest_equal(&reply->ticket->sha256, &attempt->ticket->sha256))
            attempt->other_reply = exchange->ids.reply;
    }
}

void exchanges_adopt(struct join *join, struct attempt *attempt, struct exchange *exchange)
{
    const struct krb *request = krb_at(join, exchange->ids.request);
    const struct krb *reply = krb_at(join, exchange->ids.reply);

    exchange->used = true;
    if (exchange->tgs)
        attempt->tgs = exchange->ids;
    else
        attempt->as = exchange->ids;
    if (exchange->tgs)
        find_as(join, attempt, exchange);
    if (request != NULL && request->additional_tickets.num > 0 && request->kdc_options.set &&
        (request->kdc_options.value & KDC_OPT_CNAME_IN_ADDL_TKT) != 0)
        attempt->s4u_proxy = true;
    if (attempt->client_principal == NULL)
        attempt->client_principal = principal(join, reply);
    if (attempt->client_principal == NULL)
        attempt->client_principal = principal(join, krb_at(join, attempt->as.reply));
    if (attempt->client_principal == NULL && !exchange->tgs)
        attempt->client_principal = principal(join, request);
    if (attempt->spn == NULL && exchange->sname != NULL) {
        attempt->spn = exchange->sname;
        join_split_spn(join, attempt);
    }
    if (attempt->ticket == NULL && reply != NULL)
        attempt->ticket = reply->ticket;
}

void exchanges_explain(struct join *join, struct attempt *attempt, int64_t before_ns)
{
    struct exchange *exchange =
        attempt->ticket == NULL ? NULL : exchanges_find_ticket(join, &attempt->ticket->sha256);

    if (exchange != NULL && exchange->tgs) {
        exchanges_adopt(join, attempt, exchange);
        attempt->ticket_same = true;
    }
    if (attempt->spn != NULL)
        look_around(join, attempt, before_ns);
}
