/* SPDX-License-Identifier: MIT */
/* NetBIOS name service (RFC 1002) on UDP 137: what a short name was resolved to without DNS. Logged
 * as dns observations of the carrier "nbns". */
#include "protocol/nbns.h"

#include "base/limits.h"
#include "carrier/carrier.h"

/* Flags and address: the least that one answer takes. */
enum { ENTRY_BYTES = 6 };

static const char *shown_name(struct carriage *carriage, const char *encoded)
{
    char name[DNS_NAME_ROOM];

    nbns_name(encoded, name);
    return arena_text(carriage->scratch, bytes_of_text(name));
}

static void add_answer(struct dns_message *message, const struct answer *answer,
                       struct answer *answers, size_t room, size_t *num)
{
    if (*num < room)
        answers[(*num)++] = *answer;
    else
        reader_fail(&message->reader, FAULT_LIMIT, "more addresses than are read");
}

/* Adds one answer for each address of the record, or one without a value. */
static void add_answers(struct carriage *carriage, struct dns_message *message,
                        const struct dns_record *record, struct answer *answers, size_t room,
                        size_t *num)
{
    static const char *const sections[] = {"answer", "authority", "additional"};
    struct answer answer = {.ttl = optint(record->ttl), .section = sections[record->section]};
    char type[DNS_TYPE_ROOM], text[ADDRESS_TEXT_ROOM];
    struct bytes octets;
    struct reader data;

    answer.name = shown_name(carriage, record->name);
    answer.type = arena_text(carriage->scratch, bytes_of_text(nbns_type_name(record->type, type)));
    reader_init(&data, record->data, false);
    if (record->type != NBNS_TYPE_NB || !nbns_take_address(&data, &octets)) {
        add_answer(message, &answer, answers, room, num);
        return;
    }
    do {
        struct address address = address_from(octets);

        answer.value = arena_text(carriage->scratch, bytes_of_text(address_text(&address, text)));
        add_answer(message, &answer, answers, room, num);
    } while (reader_ok(&message->reader) && nbns_take_address(&data, &octets));
}

static struct answer_list take_answers(struct carriage *carriage, struct dns_message *message)
{
    /* No more than this fit, whatever the counts say. */
    size_t room = reader_left(&message->reader) / ENTRY_BYTES;
    struct answer_list list = {NULL, 0};
    struct answer *answers;
    struct dns_record record;

    room = size_min(room, LIMIT_DNS_RECORDS);
    answers = arena_take(carriage->scratch, room, sizeof(*answers));
    while (dns_take_record(message, &record))
        add_answers(carriage, message, &record, answers, room, &list.num);
    list.at = answers;
    return list;
}

static bool nbns_datagram(const struct carrier *self, struct carriage *carriage,
                          const struct flow *flow, int side, struct bytes payload, size_t missing,
                          bool hinted)
{
    struct dns_message message;
    char type[DNS_TYPE_ROOM];
    struct source source;
    struct dns dns = {0};
    const char *damaged = NULL;

    (void)self;
    if (!hinted || !nbns_plausible(payload) || !dns_parse(payload, missing, &message))
        return false;
    dns.id = message.id;
    dns.response = message.response;
    dns.opcode = message.opcode;
    dns.rcode = message.rcode;
    dns.truncated = message.truncated;
    dns.authoritative = message.authoritative;
    dns.questions = message.num_questions;
    if (message.has_question) {
        dns.qname = shown_name(carriage, message.qname);
        dns.qtype = nbns_type_name(message.qtype, type);
    }
    dns.answers = take_answers(carriage, &message);
    if (message.reader.fault != FAULT_NONE && message.reader.fault != FAULT_LIMIT)
        damaged = message.reader.fault == FAULT_NEEDS_MORE ? "incomplete" : "malformed";
    source = carrier_source(flow, side, NULL, "nbns", damaged);
    if (message.reader.fault == FAULT_LIMIT)
        carrier_limit(carriage, CARRIER_DNS_RECORDS, &source);
    log_append(carriage->log, KIND_dns, &source, &dns);
    return true;
}

static const uint16_t ports[] = {137, 0};

const struct carrier carrier_nbns = {
    .name = "nbns",
    .reference = "RFC 1002",
    .ports = ports,
    .datagram = nbns_datagram,
};
