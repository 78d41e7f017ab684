/* SPDX-License-Identifier: MIT */
#include "carrier/claims.h"

#include "base/memory.h"

/* A carrier that cannot tell from so many bytes will not be asked again. */
enum { CLAIM_BYTES = 4096 };

/* A connection whose beginning is not known may be claimed at a later segment, because its first
 * bytes may be the rest of a message: so many segments of a side are looked at. A kept-alive
 * connection in the middle of a long answer goes on to the next request: the server's segments
 * pass unasked after that, up to a bound. */
enum { TRIES_HINTED = 64, TRIES_UNKNOWN = 8, PASS_HINTED = 1 << 20, PASS_UNKNOWN = 4096 };

void claims_init(struct claims *claims, const struct carrier *const *table)
{
    const uint16_t *port;

    memset(claims, 0, sizeof(*claims));
    claims->table = table;
    for (; *table != NULL; table++)
        for (port = (*table)->ports; port != NULL && *port != 0; port++)
            claims->port[*port / 8] |= (uint8_t)(1u << (*port % 8));
}

bool claims_is_port(const struct carrier *carrier, uint16_t port)
{
    const uint16_t *at;

    for (at = carrier->ports; at != NULL && *at != 0; at++)
        if (*at == port)
            return true;
    return false;
}

static bool is_hint(const struct carrier *carrier, const struct flow *flow)
{
    return claims_is_port(carrier, flow->port[1]) ||
           (!flow->saw_syn && claims_is_port(carrier, flow->port[0]));
}

/* Whether anybody is hinted at. */
static bool has_hint(const struct claims *claims, const struct flow *flow)
{
    return claims_know_port(claims, flow->port[1]) ||
           (!flow->saw_syn && claims_know_port(claims, flow->port[0]));
}

const struct carrier *claims_hinted(const struct claims *claims, const struct flow *flow)
{
    const struct carrier *const *at = claims->table;

    if (!has_hint(claims, flow))
        return NULL;
    for (; *at != NULL; at++)
        if ((*at)->claim != NULL && is_hint(*at, flow))
            return *at;
    return NULL;
}

const struct carrier *claims_named(const struct carrier *const *table, const char *dissector)
{
    const char *name = strcmp(dissector, "kerberos") == 0 ? "krb5" : dissector;

    for (; *table != NULL; table++)
        if (strcmp((*table)->name, name) == 0)
            return *table;
    return NULL;
}

/* Asks one round of the table; the first that does not say no decides. */
static enum claim ask_round(const struct claims *claims, const struct flow *flow, int side,
                            struct bytes first, bool hinted, bool final, bool *out_unsure,
                            const struct carrier **out_carrier)
{
    const struct carrier *const *table = claims->table;
    bool anybody = has_hint(claims, flow);

    if (hinted && !anybody)
        return CLAIM_NO;
    for (; *table != NULL; table++) {
        enum claim claim;

        if ((*table)->claim == NULL || (anybody && is_hint(*table, flow)) != hinted)
            continue;
        claim = (*table)->claim(first, side, hinted);
        *out_unsure |= claim == CLAIM_MORE;
        if (claim == CLAIM_NO || (claim == CLAIM_MORE && final))
            continue;
        *out_carrier = *table;
        return claim;
    }
    return CLAIM_NO;
}

static struct speaker *speaker_of(struct flow *flow)
{
    if (flow->state == NULL)
        flow->state = memory_take(1, sizeof(struct speaker));
    return flow->state;
}

/* Nobody wants this segment: whether to look at later ones. `certain`: it is how the stream begins,
 * and nobody needed more of it to say no. */
static size_t pass(struct flow *flow, int side, const struct segment *segment, bool hinted,
                   bool certain)
{
    unsigned tries = hinted ? TRIES_HINTED : TRIES_UNKNOWN;
    unsigned limit = side == 0 ? tries : hinted ? PASS_HINTED : PASS_UNKNOWN;
    struct speaker *speaker;

    if (segment->data.len == 0)
        return 0;
    if (certain && !hinted)
        return FLOW_IGNORE;
    speaker = speaker_of(flow);
    speaker->overheard[side] = true;
    return ++speaker->tries[side] >= limit ? FLOW_IGNORE : segment->data.len;
}

size_t claims_ask(const struct claims *claims, const struct carrier *sure, struct flow *flow,
                  int side, const struct segment *segment)
{
    const struct carrier *carrier = sure;
    const struct speaker *speaker = flow->state;
    bool hinted = claims_hinted(claims, flow) != NULL;
    bool final = segment->gap_after || segment->data.len >= CLAIM_BYTES, unsure = false;
    enum claim claim = sure != NULL ? CLAIM_YES : CLAIM_NO;

    if (segment->data.len == 0 && segment->ended)
        return 0;
    if (sure == NULL && segment->data.len > 0 &&
        (speaker == NULL || speaker->tries[side] < TRIES_HINTED)) {
        claim = ask_round(claims, flow, side, segment->data, true, final, &unsure, &carrier);
        if (claim == CLAIM_NO)
            claim = ask_round(claims, flow, side, segment->data, false, final, &unsure, &carrier);
    }
    if (claim == CLAIM_MORE)
        return 0;
    if (claim == CLAIM_NO)
        return pass(flow, side, segment, hinted, flow->saw_syn && segment->offset == 0 && !unsure);
    speaker_of(flow)->carrier = carrier;
    speaker_of(flow)->overheard[side] = false;
    return 0;
}
