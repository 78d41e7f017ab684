/* SPDX-License-Identifier: MIT */
#include "carrier/claims.h"

#include "base/memory.h"

/* A carrier that cannot tell from so many bytes will not be asked again. */
enum { CLAIM_BYTES = 4096 };

/* A connection whose beginning is not known may be claimed at a later segment, because its first
 * bytes may be the rest of a message: so many segments of a side are looked at. A kept-alive
 * connection in the middle of a long answer goes on to the next request: the server's segments
 * pass unasked after that, where it is nobody's port up to a bound. */
enum { TRIES_HINTED = 64, TRIES_UNKNOWN = 8, PASS_UNKNOWN = 4096 };

enum { HINT_BITS = 64 };

static void add_port(struct claims *claims, uint16_t port, size_t carrier)
{
    size_t i;

    for (i = 0; i < claims->num_ports && claims->ports[i].port != port; i++)
        continue;
    if (i == CLAIMS_PORTS)
        return; /* no hint: asked like everybody */
    claims->num_ports += i == claims->num_ports;
    claims->ports[i].port = port;
    claims->ports[i].carriers |= UINT64_C(1) << carrier;
    claims->port[port / 8] |= (uint8_t)(1u << (port % 8));
}

void claims_init(struct claims *claims, const struct carrier *const *table)
{
    const uint16_t *port;
    size_t i;

    memset(claims, 0, sizeof(*claims));
    claims->table = table;
    for (i = 0; i < HINT_BITS && table[i] != NULL; i++)
        for (port = table[i]->ports; port != NULL && *port != 0; port++)
            add_port(claims, *port, i);
}

static uint64_t hints_of_port(const struct claims *claims, uint16_t port)
{
    size_t i;

    for (i = 0; claims_know_port(claims, port) && i < claims->num_ports; i++)
        if (claims->ports[i].port == port)
            return claims->ports[i].carriers;
    return 0;
}

/* Whose port one of the flow's is: a bit for each row of the table. */
static uint64_t hints_of(const struct claims *claims, const struct flow *flow)
{
    uint64_t hints = hints_of_port(claims, flow->port[1]);

    return flow->saw_syn ? hints : hints | hints_of_port(claims, flow->port[0]);
}

bool claims_is_port(const struct carrier *carrier, uint16_t port)
{
    const uint16_t *at;

    for (at = carrier->ports; at != NULL && *at != 0; at++)
        if (*at == port)
            return true;
    return false;
}

const struct carrier *claims_hinted(const struct claims *claims, const struct flow *flow)
{
    uint64_t hints = hints_of(claims, flow);
    size_t i;

    for (i = 0; i < HINT_BITS && hints >> i != 0; i++)
        if ((hints >> i & 1) != 0 && claims->table[i]->claim != NULL)
            return claims->table[i];
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
static enum claim ask_round(const struct claims *claims, uint64_t hints, int side,
                            struct bytes first, bool hinted, bool final, bool *out_unsure,
                            const struct carrier **out_carrier)
{
    size_t i;

    if (hinted && hints == 0)
        return CLAIM_NO;
    for (i = 0; claims->table[i] != NULL; i++) {
        const struct carrier *carrier = claims->table[i];
        enum claim claim;

        if (carrier->claim == NULL || (i < HINT_BITS && (hints >> i & 1) != 0) != hinted)
            continue;
        claim = carrier->claim(carrier, first, side, hinted);
        *out_unsure |= claim == CLAIM_MORE;
        if (claim == CLAIM_NO || (claim == CLAIM_MORE && final))
            continue;
        *out_carrier = carrier;
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
    unsigned limit = hinted ? TRIES_HINTED : side == 0 ? TRIES_UNKNOWN : PASS_UNKNOWN;
    struct speaker *speaker;

    if (segment->data.len == 0)
        return 0;
    if (certain && !hinted)
        return FLOW_IGNORE;
    speaker = speaker_of(flow);
    speaker->overheard[side] = true;
    if (++speaker->tries[side] < limit)
        return segment->data.len;
    return hinted && side == 1 ? FLOW_PASS : FLOW_IGNORE;
}

size_t claims_ask(const struct claims *claims, const struct carrier *sure, struct flow *flow,
                  int side, const struct segment *segment)
{
    const struct carrier *carrier = sure;
    const struct speaker *speaker = flow->state;
    uint64_t hints = hints_of(claims, flow);
    bool hinted = claims_hinted(claims, flow) != NULL;
    bool final = segment->gap_after || segment->data.len >= CLAIM_BYTES, unsure = false;
    enum claim claim = sure != NULL ? CLAIM_YES : CLAIM_NO;

    if (segment->data.len == 0 && segment->ended)
        return 0;
    if (sure == NULL && segment->data.len > 0 &&
        (speaker == NULL || speaker->tries[side] < TRIES_HINTED)) {
        claim = ask_round(claims, hints, side, segment->data, true, final, &unsure, &carrier);
        if (claim == CLAIM_NO)
            claim = ask_round(claims, hints, side, segment->data, false, final, &unsure, &carrier);
    }
    if (claim == CLAIM_MORE)
        return 0;
    if (claim == CLAIM_NO)
        return pass(flow, side, segment, hinted, flow->saw_syn && segment->offset == 0 && !unsure);
    speaker_of(flow)->carrier = carrier;
    speaker_of(flow)->overheard[side] = false;
    return 0;
}
