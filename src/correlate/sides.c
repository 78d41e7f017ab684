/* SPDX-License-Identifier: MIT */
/* Captures of one incident from several places: which messages they share, how their clocks differ,
 * and which attempts are one and the same. */
#include <stdlib.h>

#include "base/memory.h"
#include "correlate/join.h"

enum {
    CAPTURES_MOST = 64,      /* of one case that are paired */
    DIFFERENCES_MOST = 10000 /* message pairs of two captures that are measured */
};

/* The differences between the clock of one capture and that of an earlier one. */
struct differences {
    int64_t *at;
    size_t num;
};

static uint64_t hash_int(uint64_t hash, int64_t value)
{
    return map_hash(hash, (struct bytes){(const uint8_t *)&value, sizeof(value)});
}

/* What makes a message the same message in another capture; 0: nothing does. Digests first: ports
 * and addresses may be translated on the way. */
static uint64_t message_key(const struct observation *seen)
{
    const struct source *source = &seen->source;
    uint64_t hash;

    if (seen->kind == KIND_krb && seen->krb->whole_sha256.set && !seen->krb->inside.set &&
        source->damaged == NULL)
        return map_hash(MAP_SEED, (struct bytes){seen->krb->whole_sha256.octet, 32});
    if (seen->kind != KIND_http || source->damaged != NULL || !seen->http->response ||
        !seen->http->date_s.set)
        return 0;
    /* A response with its Date on the same ports: what is left when the tokens were changed on the
     * way. */
    hash = map_hash(hash_int(hash_int(MAP_SEED, source->sport), source->dport),
                    (struct bytes){source->src.octet, 16});
    hash = map_hash(hash, (struct bytes){source->dst.octet, 16});
    return hash_int(hash_int(hash, seen->http->number), seen->http->date_s.value);
}

static size_t list_captures(const struct join *join, struct case_clock *clocks)
{
    size_t k, num = 0;
    int64_t id;

    for (id = 1; id <= join->log->last; id++) {
        const struct source *source = log_look_source(join->log, id, join->room);

        if (source == NULL || source->frame == 0)
            continue;
        for (k = 0; k < num && clocks[k].input != source->capture; k++)
            continue;
        if (k < num || num == CAPTURES_MOST)
            continue;
        clocks[num].input = clocks[num].reference = source->capture;
        num++;
    }
    return num;
}

static size_t index_of(const struct case_clock *clocks, size_t num, int64_t input)
{
    size_t k = 0;

    while (k < num && clocks[k].input != input)
        k++;
    return k;
}

static void add_difference(struct differences *to, int64_t difference)
{
    if (to->num >= DIFFERENCES_MOST)
        return;
    if (to->at == NULL)
        to->at = memory_take(DIFFERENCES_MOST, sizeof(*to->at));
    to->at[to->num++] = difference;
}

/* table[later * num + earlier]: what to add to later's times to get earlier's. */
static void measure(const struct join *join, const struct case_clock *clocks, size_t num,
                    struct differences *table)
{
    struct map seen_before = {0};
    size_t i;

    for (i = 0; i < join->log->num; i++) {
        const struct observation *seen = &join->log->at[i];
        uint64_t key = message_key(seen);
        size_t at = 0, later = index_of(clocks, num, seen->source.capture), earlier;
        int64_t id;

        if (key == 0 || later == num)
            continue;
        while (map_next(&seen_before, key, &at, &id)) {
            const struct source *other = &log_find(join->log, id)->source;

            earlier = index_of(clocks, num, other->capture);
            if (earlier < later)
                add_difference(&table[later * num + earlier],
                               join_time_ns(join, other) - join_time_ns(join, &seen->source));
        }
        map_add(&seen_before, key, seen->id);
    }
    map_clear(&seen_before);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Half the range at most, so that it can be added to any time (join_time_ns). */
static int64_t add_shifts(int64_t a, int64_t b)
{
    const int64_t most = INT64_MAX / 2;
    int64_t sum;

    if (__builtin_add_overflow(a, b, &sum))
        return 0;
    return sum > most ? most : sum < -most ? -most : sum;
}

/* Joins each capture to the earliest one that it shares messages with. */
static void settle(struct case_clock *clocks, size_t num, struct differences *table)
{
    size_t later, earlier;

    for (later = 1; later < num; later++) {
        for (earlier = 0; earlier < later; earlier++) {
            struct differences *d = &table[later * num + earlier];

            if (d->num == 0)
                continue;
            qsort(d->at, d->num, sizeof(*d->at), by_value);
            clocks[later].shift_ns = add_shifts(d->at[d->num / 2], clocks[earlier].shift_ns);
            clocks[later].spread_ns = d->at[d->num - 1] - d->at[0];
            clocks[later].num_pairs = d->num;
            clocks[later].reference = clocks[earlier].reference;
            break;
        }
    }
}

void sides_build(struct join *join)
{
    struct case_clock *clocks = arena_take(join->arena, CAPTURES_MOST, sizeof(*clocks));
    size_t num = list_captures(join, clocks), i;
    struct differences *table;

    join->out->clocks = clocks;
    join->out->num_clocks = num;
    if (num < 2)
        return;
    table = memory_take(num * num, sizeof(*table));
    measure(join, clocks, num, table);
    settle(clocks, num, table);
    for (i = 0; i < num * num; i++)
        memory_drop(table[i].at);
    memory_drop(table);
}

static bool paired(const struct join *join, const struct attempt *a, const struct attempt *b)
{
    const struct case_clock *x = case_clock(join->out, a->capture),
                            *y = case_clock(join->out, b->capture);

    return x != NULL && y != NULL && x->reference == y->reference;
}

/* The KRB-ERROR of two attempts is the same message. */
static bool same_message(const struct join *join, int64_t a, int64_t b)
{
    const struct krb *x = case_krb(join->out, a), *y = case_krb(join->out, b);

    return x != NULL && y != NULL && digest_equal(&x->whole_sha256, &y->whole_sha256);
}

/* The same request on the same ports, whatever the tokens in it look like. */
static bool same_request(const struct join *join, const struct attempt *a, const struct attempt *b)
{
    const struct http *x = case_http(join->out, a->request), *y = case_http(join->out, b->request);

    return x != NULL && y != NULL && x->number == y->number && a->client_port == b->client_port &&
           a->server_port == b->server_port && address_equal(&a->client, &b->client) &&
           address_equal(&a->server, &b->server);
}

static bool same_attempt(const struct join *join, const struct attempt *a, const struct attempt *b)
{
    if (a->capture == b->capture || !paired(join, a, b))
        return false;
    if (same_message(join, a->ap_request, b->ap_request) || same_request(join, a, b))
        return true;
    return a->ap_request == 0 && b->ap_request == 0 && same_message(join, a->error, b->error);
}

/* What one side does not show, the other may. */
static void fill(struct attempt *to, const struct attempt *from)
{
    if (from->ap_request != 0)
        to->far_ap_request = from->ap_request;
    if (from->reply != 0)
        to->far_reply = from->reply;
    if (to->outcome == OUTCOME_UNKNOWN) {
        to->outcome = from->outcome;
        to->ended_by = from->ended_by;
        to->reply = from->reply;
        to->gss_reply = from->gss_reply;
        to->ap_reply = from->ap_reply;
    }
    if (to->error == 0) {
        to->error = from->error;
        to->error_origin = from->error_origin;
    }
    if (to->server_computer == NULL) {
        to->server_computer = from->server_computer;
        to->server_computer_from = from->server_computer_from;
    }
    if (to->asked_for == NULL) {
        to->asked_for = from->asked_for;
        to->asked_how = from->asked_how;
    }
    if (to->client_principal == NULL)
        to->client_principal = from->client_principal;
}

/* The client's side knows what was asked for: a ticket's origin, the DNS answers. */
static int knows(const struct attempt *attempt)
{
    return 2 * (attempt->tgs.reply != 0 && attempt->ticket_same) + (attempt->dns.num > 0);
}

void sides_merge(struct join *join)
{
    struct joined_case *out = join->out;
    size_t i, k, kept = 0;

    if (out->num_clocks < 2)
        return;
    for (i = 0; i < out->num_attempts; i++) {
        struct attempt *attempt = &out->attempts[i];

        for (k = 0; k < kept && !same_attempt(join, &out->attempts[k], attempt); k++)
            continue;
        if (k == kept) {
            out->attempts[kept++] = *attempt;
        } else if (knows(attempt) > knows(&out->attempts[k])) {
            struct attempt far = out->attempts[k];

            out->attempts[k] = *attempt;
            fill(&out->attempts[k], &far);
        } else {
            fill(&out->attempts[k], attempt);
        }
    }
    out->num_attempts = kept;
}
