/* SPDX-License-Identifier: MIT */
/* DNS over UDP and TCP (RFC 1035 4.2), multicast DNS (RFC 6762) and LLMNR (RFC 4795). They have no
 * mark of their own, so they are taken on their ports only. */
#include "protocol/dns.h"

#include "base/limits.h"
#include "base/memory.h"
#include "carrier/carrier.h"

/* Every record has at least a root name and ten bytes. */
enum { RECORD_BYTES_LEAST = 11, LENGTH_BYTES = 2 };

/* The decoder's texts are clean, and kept nowhere but in its records. */
static const char *copy_of(struct carriage *carriage, const char *text)
{
    size_t len = strlen(text) + 1;

    return memcpy(arena_take(carriage->scratch, len, 1), text, len);
}

static const char *const section_names[] = {"answer", "authority", "additional"};

static struct answer_list take_answers(struct carriage *carriage, struct dns_message *message)
{
    size_t room =
        (size_t)message->num_records[0] + message->num_records[1] + message->num_records[2];
    struct answer_list list = {NULL, 0};
    struct dns_record record;
    char type[DNS_TYPE_ROOM], value[DNS_VALUE_ROOM];
    struct answer *answers;

    room = size_min(room, reader_left(&message->reader) / RECORD_BYTES_LEAST);
    room = size_min(room, LIMIT_DNS_RECORDS);
    answers = arena_take(carriage->scratch, room, sizeof(*answers));
    for (; dns_take_record(message, &record) && list.num < room; list.num++) {
        struct answer *answer = &answers[list.num];

        answer->name = copy_of(carriage, record.name);
        answer->type = dns_type_name(record.type, type);
        if (answer->type == type)
            answer->type = copy_of(carriage, type);
        if (record.type != DNS_TYPE_OPT) /* there it is no time (RFC 6891 6.1.3) */
            answer->ttl = optint(record.ttl);
        if (dns_value(message, &record, value))
            answer->value = copy_of(carriage, value);
        answer->section = section_names[record.section];
    }
    list.at = answers;
    return list;
}

static const char *damage(const struct dns_message *message, const char *known)
{
    enum fault fault = message->reader.fault;

    if (known != NULL)
        return known;
    if (fault == FAULT_NONE)
        fault = message->value_fault;
    return fault == FAULT_NONE || fault == FAULT_LIMIT ? NULL
           : fault == FAULT_NEEDS_MORE                 ? "incomplete"
                                                       : "malformed";
}

/* Decodes one message and logs it; false when it is none. */
static bool observe(struct carriage *carriage, const struct flow *flow, int side,
                    const struct segment *segment, struct bytes bytes, size_t missing,
                    const char *carrier, const char *damaged)
{
    struct dns_message message;
    char type[DNS_TYPE_ROOM];
    struct source source;
    struct dns dns = {0};

    if (!dns_plausible(bytes) || !dns_parse(bytes, missing, &message))
        return false;
    dns.id = message.id;
    dns.response = message.response;
    dns.opcode = message.opcode;
    dns.truncated = message.truncated;
    dns.authoritative = message.authoritative;
    dns.questions = message.num_questions;
    if (message.has_question) {
        dns.qname = message.qname;
        dns.qtype = dns_type_name(message.qtype, type);
    }
    dns.answers = take_answers(carriage, &message);
    dns.rcode = message.rcode;
    source = carrier_source(flow, side, segment, carrier, damage(&message, damaged));
    if (message.reader.fault == FAULT_LIMIT)
        carrier_limit(carriage, CARRIER_DNS_RECORDS, &source);
    log_append(carriage->log, KIND_dns, &source, &dns);
    return true;
}

static bool dns_datagram(const struct carrier *self, struct carriage *carriage,
                         const struct flow *flow, int side, struct bytes payload, size_t missing,
                         bool hinted)
{
    return hinted && observe(carriage, flow, side, NULL, payload, missing, self->name, NULL);
}

/* ---- TCP: each message behind its length ---- */

struct dns_state {
    const char *carrier;
    bool lost[2]; /* behind a gap: where a message begins is not known */
};

static size_t length_at(struct bytes data)
{
    return (size_t)data.at[0] << 8 | data.at[1];
}

/* The length and the header of a message, as far as they are there. */
static bool begins_message(struct bytes data)
{
    struct bytes header = {data.at + LENGTH_BYTES, data.len - LENGTH_BYTES};

    return length_at(data) >= DNS_HEADER_BYTES && dns_plausible(header);
}

static enum claim dns_claim(const struct carrier *self, struct bytes first, int side, bool hinted)
{
    (void)self;
    (void)side;
    if (!hinted)
        return CLAIM_NO;
    if (first.len < LENGTH_BYTES + DNS_HEADER_BYTES)
        return CLAIM_MORE;
    return begins_message(first) ? CLAIM_YES : CLAIM_NO;
}

static void *dns_open(const struct carrier *self, struct carriage *carriage, struct flow *flow)
{
    struct dns_state *state = memory_take(1, sizeof(*state));

    (void)carriage;
    (void)flow;
    state->carrier = self->name;
    return state;
}

static size_t dns_feed(void *user, struct carriage *carriage, struct flow *flow, int side,
                       const struct segment *segment)
{
    struct dns_state *state = user;
    struct bytes data = segment->data, message;
    const char *damaged = NULL;
    size_t missing = 0;

    if (segment->gap_before)
        state->lost[side] = true;
    if (data.len < LENGTH_BYTES + DNS_HEADER_BYTES)
        return segment->gap_after ? data.len : 0;
    if (state->lost[side]) {
        if (!begins_message(data))
            return data.len; /* the next view may begin with one */
        damaged = "after-gap";
    }
    message.at = data.at + LENGTH_BYTES;
    message.len = length_at(data);
    if (message.len > data.len - LENGTH_BYTES) {
        if (!segment->gap_after)
            return 0;
        missing = message.len - (data.len - LENGTH_BYTES);
        message.len -= missing;
        damaged = "incomplete";
    }
    state->lost[side] = false;
    if (!observe(carriage, flow, side, segment, message, missing, state->carrier, damaged))
        return FLOW_IGNORE;
    return LENGTH_BYTES + message.len;
}

static void dns_finish(void *user, struct carriage *carriage, struct flow *flow)
{
    (void)carriage;
    (void)flow;
    memory_drop(user);
}

static const uint16_t dns_ports[] = {53, 0}, mdns_ports[] = {5353, 0}, llmnr_ports[] = {5355, 0};

const struct carrier carrier_dns = {
    .name = "dns",
    .reference = "RFC 1035",
    .ports = dns_ports,
    .claim = dns_claim,
    .open = dns_open,
    .feed = dns_feed,
    .finish = dns_finish,
    .datagram = dns_datagram,
};

const struct carrier carrier_mdns = {
    .name = "mdns",
    .reference = "RFC 6762",
    .ports = mdns_ports,
    .datagram = dns_datagram,
};

const struct carrier carrier_llmnr = {
    .name = "llmnr",
    .reference = "RFC 4795",
    .ports = llmnr_ports,
    .claim = dns_claim,
    .open = dns_open,
    .feed = dns_feed,
    .finish = dns_finish,
    .datagram = dns_datagram,
};
