/* SPDX-License-Identifier: MIT */
/* What rules look at without citing it. */
#include "rewrite/plan_parts.h"

enum { AS_REQ = 10, AS_REP = 11 };

/* Names that were asked for belong to what follows. */
#define BEFORE_NS ((int64_t)30 * 1000000000)

static bool is_end(const struct observation *o, const struct address *client)
{
    return address_equal(&o->source.src, client) || address_equal(&o->source.dst, client);
}

/* What the client was told of names shortly before, its tries for the same ticket, and how it
 * logged on: the ticket that was issued then may be compared. */
static bool is_context(const struct observation *o, const struct context *c)
{
    bool near = o->source.time_ns >= c->from_ns && o->source.time_ns <= c->to_ns;

    if (!is_end(o, &c->client))
        return false;
    if (o->kind == KIND_dns)
        return near;
    if (o->kind != KIND_krb)
        return false;
    return o->krb->msg_type == AS_REQ || o->krb->msg_type == AS_REP ||
           (near && host_equal(o->krb->sname, c->spn));
}

void plan_add_contexts(struct planning *planning)
{
    const struct log *log = planning->log;
    struct log_room room = {.arena = {0}};
    int64_t id;
    size_t k;

    for (id = 1; id <= log->last && planning->num_contexts > 0; id++) {
        const struct observation *o = log_look(log, id, &room);

        for (k = 0; o != NULL && k < planning->num_contexts; k++)
            if (is_context(o, &planning->contexts[k])) {
                plan_add_source(planning, id);
                break;
            }
    }
    log_leave(&room);
}

/* Of a client and a name; more than there is room for are left to what is cited. */
static struct context *find_context(struct planning *planning, const struct attempt *attempt)
{
    size_t i;

    for (i = 0; i < planning->num_contexts; i++) {
        struct context *c = &planning->contexts[i];

        if (address_equal(&c->client, &attempt->client) &&
            (c->spn == attempt->spn || host_equal(c->spn, attempt->spn)))
            return c;
    }
    if (i == NUM_CONTEXTS)
        return NULL;
    planning->contexts[i] = (struct context){
        .client = attempt->client, .spn = attempt->spn, .from_ns = INT64_MAX, .to_ns = INT64_MIN};
    return &planning->contexts[planning->num_contexts++];
}

void plan_note_context(struct planning *planning, const struct attempt *attempt,
                       const int64_t *chain, size_t num)
{
    struct context *c = attempt->client.family == 0 ? NULL : find_context(planning, attempt);
    size_t i;

    for (i = 0; c != NULL && i < num; i++) {
        const struct observation *o = log_find(planning->log, chain[i]);
        int64_t from, to;

        if (o == NULL || o->source.capture != planning->input || o->source.frame <= 0)
            continue;
        from =
            o->source.first_ns < INT64_MIN + BEFORE_NS ? INT64_MIN : o->source.first_ns - BEFORE_NS;
        to = o->source.time_ns;
        c->from_ns = from < c->from_ns ? from : c->from_ns;
        c->to_ns = to > c->to_ns ? to : c->to_ns;
    }
}
