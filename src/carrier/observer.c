/* SPDX-License-Identifier: MIT */
/* Packets to flows, flows to carriers: who is asked, in which order, and for how long. */
#include <inttypes.h>

#include "base/limits.h"
#include "base/memory.h"
#include "carrier/claims.h"

/* Room that carriers may fill before it is given back: most messages cost no allocation. */
enum { SCRATCH_BYTES = 48 * 1024 };

/* Of each code so many problems are listed singly; the others are counted. */
enum { PROBLEM_CODES = 16, PROBLEMS_EACH = 25 };

struct problem_count {
    const char *code; /* static text of the flow table */
    int64_t times;    /* beyond those that were listed */
    int64_t listed, last_frame;
};

struct observer {
    struct carriage *carriage;
    struct claims claims;
    struct flow_table *flows;
    const struct carrier *unit; /* whose exported unit is being handled */
    struct problem_count problem[PROBLEM_CODES];
    int64_t listed;
    int64_t unanswered; /* connections without data that were told */
};

static void tidy(struct observer *observer)
{
    if (observer->carriage->scratch->used > SCRATCH_BYTES)
        arena_clear(observer->carriage->scratch);
}

/* ---- Problems ---- */

static void log_problem(struct observer *observer, const char *code, int64_t frame, int64_t offset,
                        const char *message, int64_t times)
{
    struct problem problem = {.code = code, .message = message, .times = times};
    struct source source = {.frame = frame};

    if (frame > 0)
        problem.at_frame = optint(frame);
    if (offset >= 0)
        problem.offset = optint(offset);
    log_append(observer->carriage->log, KIND_problem, &source, &problem);
}

static struct problem_count *count_of(struct observer *observer, const char *code)
{
    struct problem_count *count = observer->problem;

    while (count->code != NULL && strcmp(count->code, code) != 0)
        if (++count == observer->problem + PROBLEM_CODES)
            return NULL;
    count->code = code;
    return count;
}

static void take_problem(void *user, const char *code, int64_t frame, int64_t offset,
                         const char *message)
{
    struct observer *observer = user;
    struct problem_count *count = count_of(observer, code);

    if (count == NULL)
        return;
    if (count->listed >= PROBLEMS_EACH || observer->listed >= LIMIT_PROBLEMS) {
        count->times++;
        count->last_frame = frame;
        return;
    }
    count->listed++;
    observer->listed++;
    log_problem(observer, code, frame, offset, message, 1);
}

static void fold_problems(struct observer *observer)
{
    size_t i;

    for (i = 0; i < PROBLEM_CODES && observer->problem[i].code != NULL; i++) {
        struct problem_count *count = &observer->problem[i];

        if (count->times > 0)
            log_problem(observer, count->code, count->last_frame, -1,
                        "more of the same, not listed singly; the last one is here", count->times);
        count->times = 0;
    }
}

/* ---- Streams ---- */

static size_t feed(struct observer *observer, struct flow *flow, struct speaker *speaker, int side,
                   const struct segment *segment)
{
    struct segment marked;
    size_t taken;

    if (speaker->overheard[side]) { /* bytes before these were nobody's */
        marked = *segment;
        marked.gap_before = true;
        speaker->overheard[side] = false;
        segment = &marked;
    }
    taken = speaker->carrier->feed(speaker->state, observer->carriage, flow, side, segment);
    tidy(observer);
    return taken;
}

static size_t take_data(void *user, struct flow *flow, int side, const struct segment *segment)
{
    struct observer *observer = user;
    struct speaker *speaker = flow->state;
    size_t taken = 0;

    if (speaker == NULL || speaker->carrier == NULL) {
        taken = claims_ask(&observer->claims, observer->unit, flow, side, segment);
        speaker = flow->state;
        if (speaker == NULL || speaker->carrier == NULL)
            return taken;
        flow->claimed = true;
        speaker->state = speaker->carrier->open(speaker->carrier, observer->carriage, flow);
    }
    return feed(observer, flow, speaker, side, segment);
}

/* Whether how a connection went that nobody claimed is worth a line. */
static bool is_telling(const struct carrier *hinted, const struct flow *flow, const char *what)
{
    return flow->port[1] == 88 || flow->port[1] == 464 ||
           (hinted != NULL && (strcmp(what, "refused") == 0 || strcmp(what, "unanswered") == 0));
}

static void log_connection(struct observer *observer, const struct flow *flow, const char *carrier,
                           const char *what)
{
    struct source source = carrier_source(flow, 0, NULL, carrier, NULL);
    struct conn conn = {.what = what,
                        .client_bytes = (int64_t)flow->stream_bytes[0],
                        .server_bytes = (int64_t)flow->stream_bytes[1],
                        .saw_syn = flow->saw_syn};

    source.first_frame = flow->first_frame;
    source.first_ns = flow->first_ns;
    source.src_mac = NULL; /* it is not known whose the last frame was */
    log_append(observer->carriage->log, KIND_conn, &source, &conn);
}

static void take_end(void *user, struct flow *flow, const char *what)
{
    struct observer *observer = user;
    struct speaker *speaker = flow->state;
    const struct carrier *carrier = speaker != NULL ? speaker->carrier : NULL;
    const struct carrier *hinted = claims_hinted(&observer->claims, flow);

    if (carrier != NULL) {
        carrier->finish(speaker->state, observer->carriage, flow);
        log_connection(observer, flow, carrier->name, what);
    } else if (is_telling(hinted, flow, what)) {
        if (observer->unanswered++ < LIMIT_UNANSWERED)
            log_connection(observer, flow, hinted != NULL ? hinted->name : NULL, what);
        else
            take_problem(observer, "limit-unanswered", flow->frame, -1,
                         "one more connection without an answer that is not listed");
    }
    memory_drop(speaker);
    flow->state = NULL;
    tidy(observer);
}

/* ---- Packets ---- */

struct observer *observer_open_with(struct carriage *carriage, const struct carrier *const *table)
{
    struct observer *observer = memory_take(1, sizeof(*observer));
    const struct flow_events events = {observer, take_data, take_end, take_problem};

    observer->carriage = carriage;
    claims_init(&observer->claims, table);
    observer->flows = flow_table_open(&events);
    if (carriage->reassembly_bytes != 0)
        flow_table_limit_memory(observer->flows, carriage->reassembly_bytes);
    return observer;
}

struct observer *observer_open(struct carriage *carriage)
{
    return observer_open_with(carriage, carriers);
}

/* Those whose port it is are asked first, then those who recognise it as theirs. Others' datagrams
 * make no flow. */
static void take_datagram(struct observer *observer, const struct packet *packet)
{
    const struct claims *claims = &observer->claims;
    bool known = claims_know_port(claims, packet->sport) || claims_know_port(claims, packet->dport);
    const struct flow *flow = NULL;
    int round, side;
    size_t i;

    for (round = known ? 0 : 1; round < 2; round++)
        for (i = 0; claims->table[i] != NULL; i++) {
            const struct carrier *carrier = claims->table[i];
            bool hinted = known && (claims_is_port(carrier, packet->sport) ||
                                    claims_is_port(carrier, packet->dport));

            if (carrier->datagram == NULL || hinted != (round == 0))
                continue;
            if (!hinted && (carrier->stray == NULL ||
                            !carrier->stray(carrier, packet->payload, packet->missing)))
                continue;
            if (flow == NULL)
                flow = flow_table_udp(observer->flows, packet, &side);
            if (carrier->datagram(carrier, observer->carriage, flow, side, packet->payload,
                                  packet->missing, hinted)) {
                tidy(observer);
                return;
            }
        }
}

/* Whether a length stands in front of the unit, as on TCP (RFC 1035, 4.2.2; RFC 4120, 7.2.2). */
static bool has_length(struct bytes unit)
{
    struct reader two, four;

    reader_init(&two, unit, false);
    reader_init(&four, unit, false);
    return (reader_be16(&two) == reader_left(&two) && reader_ok(&two)) ||
           (reader_be32(&four) == reader_left(&four) && reader_ok(&four));
}

static void take_unit(struct observer *observer, const struct packet *packet)
{
    const struct carrier *carrier = claims_named(observer->claims.table, packet->pdu);
    bool on_stream;
    int side;

    if (carrier == NULL)
        return;
    on_stream = carrier->claim != NULL && packet->transport != 17;
    if (carrier->datagram != NULL && !(on_stream && has_length(packet->payload))) {
        const struct flow *flow = flow_table_udp(observer->flows, packet, &side);

        if (carrier->datagram(carrier, observer->carriage, flow, side, packet->payload,
                              packet->missing, true))
            on_stream = false;
    }
    if (on_stream) {
        observer->unit = carrier;
        flow_table_pdu(observer->flows, packet);
        observer->unit = NULL;
    }
    tidy(observer);
}

void observer_packet(struct observer *observer, const struct packet *packet)
{
    if (packet->pdu != NULL)
        take_unit(observer, packet);
    else if (packet->transport == 6)
        flow_table_tcp(observer->flows, packet);
    else if (packet->transport == 17)
        take_datagram(observer, packet);
}

/* Flows that are not in the cache take longer to come than a packet takes to be handled: all are
 * asked for before the first is handled. */
void observer_packets(struct observer *observer, const struct packet *packets, size_t num)
{
    struct flow_place places[OBSERVER_MANY];
    size_t i;

    flow_table_locate(observer->flows, packets, num, places);
    for (i = 0; i < num; i++)
        if (packets[i].transport == 6 && packets[i].pdu == NULL)
            flow_table_tcp_at(observer->flows, &packets[i], &places[i]);
        else
            observer_packet(observer, &packets[i]);
}

void observer_finish(struct observer *observer)
{
    flow_table_finish(observer->flows);
    fold_problems(observer);
}

void observer_close(struct observer *observer)
{
    if (observer == NULL)
        return;
    flow_table_close(observer->flows);
    memory_drop(observer);
}
