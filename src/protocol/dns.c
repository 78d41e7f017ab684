/* SPDX-License-Identifier: MIT */
#include "protocol/dns.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/address.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/utf8.h"

#define CARES_NO_DEPRECATED /* ares_expand_name is what every c-ares since 1.0 has */
#include <ares.h>

/* ---- Names ---- */

enum { NAME_OCTETS = 255 }; /* RFC 1035 2.3.4 */

static void *library_take(size_t size)
{
    return memory_grow(NULL, 1, size);
}

static void *library_grow(void *old, size_t size)
{
    return memory_grow(old, 1, size);
}

/* Makes c-ares allocate as the rest of the program does. The only state kept between calls: that it
 * was done; nothing that comes out depends on it. */
static void library_init(void)
{
    static bool done;

    if (done)
        return;
    done = true;
    if (ares_library_init_mem(ARES_LIB_INIT_NONE, library_take, memory_drop, library_grow) !=
        ARES_SUCCESS)
        abort(); /* without sockets there is nothing in it that can fail */
}

/* Passes over a name and checks all that c-ares would have to be trusted with: pointers lead
 * strictly backwards (RFC 1035 4.1.4, "a prior occurrence"), so that the walk ends, and the whole
 * is no longer than a name may be. */
static void pass_name(struct reader *reader, size_t message_end)
{
    struct reader far = *reader, *now = reader;
    size_t start = reader->at, octets = 1, jumps = 0;

    far.end = message_end;
    for (;;) {
        size_t at = now->at;
        uint8_t len = reader_u8(now);

        if (len == 0)
            break;
        if (len >= 0xC0) {
            size_t target = (size_t)(len & 0x3F) << 8 | reader_u8(now);

            if (!reader_ok(now))
                break;
            if (target >= start) {
                reader_fail_at(now, FAULT_MALFORMED, "a name points forward or at itself", at);
                break;
            }
            if (++jumps > LIMIT_DNS_JUMPS) {
                reader_fail_at(now, FAULT_LIMIT, "a name of too many pointers", at);
                break;
            }
            start = far.at = target;
            now = &far;
        } else if (len > 63) {
            reader_fail_at(now, FAULT_UNSUPPORTED, "an extended label type", at);
            break;
        } else {
            octets += (size_t)len + 1;
            if (octets > NAME_OCTETS) {
                reader_fail_at(now, FAULT_MALFORMED, "a name of more than 255 octets", at);
                break;
            }
            if (len == 1 && reader_peek(now) == 0) { /* older c-ares end the text there */
                reader_fail_at(now, FAULT_UNSUPPORTED, "a label of one zero octet", at);
                break;
            }
            reader_skip(now, len);
        }
    }
    if (now == &far)
        reader_close(reader, &far);
}

static size_t put_octet(uint8_t octet, char *out)
{
    static const char letters[] = "abtnvfr"; /* of 7 to 13, as in C */

    if (octet >= 7 && octet <= 13) {
        out[0] = '\\';
        out[1] = letters[octet - 7];
        return 2;
    }
    out[0] = '\\';
    out[1] = (char)('0' + (octet >> 6));
    out[2] = (char)('0' + (octet >> 3 & 7));
    out[3] = (char)('0' + (octet & 7));
    return 4;
}

void dns_show_octets(struct bytes raw, char *out)
{
    while (raw.len > 0) {
        uint8_t octet = raw.at[0];
        size_t taken = 1;

        if (octet < 0x20 || octet == 0x7F) {
            out += put_octet(octet, out);
        } else if (octet < 0x80) {
            *out++ = (char)octet;
        } else {
            uint32_t scalar;

            taken = utf8_take(raw, &scalar);
            out += utf8_put(scalar, out);
        }
        raw.at += taken;
        raw.len -= taken;
    }
    *out = '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Undoes the escaping of c-ares (\DDD, \c), which differs between its releases. */
static struct bytes unescape(const char *escaped, uint8_t *room)
{
    struct bytes raw = {room, 0};

    while (*escaped != '\0' && raw.len < NAME_OCTETS) {
        if (*escaped != '\\') {
            room[raw.len++] = (uint8_t)*escaped++;
        } else if (is_digit(escaped[1]) && is_digit(escaped[2]) && is_digit(escaped[3])) {
            room[raw.len++] =
                (uint8_t)((escaped[1] - '0') * 100 + (escaped[2] - '0') * 10 + (escaped[3] - '0'));
            escaped += 4;
        } else {
            room[raw.len++] = (uint8_t)escaped[1];
            escaped += escaped[1] == '\0' ? 1 : 2;
        }
    }
    return raw;
}

bool dns_take_name(struct reader *reader, size_t message_end, char *out)
{
    uint8_t room[NAME_OCTETS];
    size_t start = reader->at;
    char *escaped;
    long taken;

    out[0] = '\0';
    pass_name(reader, message_end);
    if (!reader_ok(reader))
        return false;
    library_init();
    if (ares_expand_name(reader->base + start, reader->base, (int)message_end, &escaped, &taken) !=
        ARES_SUCCESS) {
        reader_fail_at(reader, FAULT_UNSUPPORTED, "a name that c-ares does not read", start);
        return false;
    }
    dns_show_octets(unescape(escaped, room), out);
    ares_free_string(escaped);
    return true;
}

/* ---- Types ---- */

static const struct {
    uint16_t type;
    const char *name;
} types[] = {
    {1, "A"},       {28, "AAAA"},    {5, "CNAME"},      {12, "PTR"},        {33, "SRV"},
    {6, "SOA"},     {2, "NS"},       {65, "HTTPS"},     {64, "SVCB"},       {41, "OPT"},
    {15, "MX"},     {16, "TXT"},     {255, "ANY"},      {3, "MD"},          {4, "MF"},
    {7, "MB"},      {8, "MG"},       {9, "MR"},         {10, "NULL"},       {11, "WKS"},
    {13, "HINFO"},  {14, "MINFO"},   {17, "RP"},        {18, "AFSDB"},      {19, "X25"},
    {20, "ISDN"},   {21, "RT"},      {22, "NSAP"},      {24, "SIG"},        {25, "KEY"},
    {26, "PX"},     {27, "GPOS"},    {29, "LOC"},       {30, "NXT"},        {35, "NAPTR"},
    {36, "KX"},     {37, "CERT"},    {38, "A6"},        {39, "DNAME"},      {42, "APL"},
    {43, "DS"},     {44, "SSHFP"},   {45, "IPSECKEY"},  {46, "RRSIG"},      {47, "NSEC"},
    {48, "DNSKEY"}, {49, "DHCID"},   {50, "NSEC3"},     {51, "NSEC3PARAM"}, {52, "TLSA"},
    {53, "SMIMEA"}, {55, "HIP"},     {59, "CDS"},       {60, "CDNSKEY"},    {61, "OPENPGPKEY"},
    {62, "CSYNC"},  {63, "ZONEMD"},  {99, "SPF"},       {249, "TKEY"},      {250, "TSIG"},
    {251, "IXFR"},  {252, "AXFR"},   {256, "URI"},      {257, "CAA"},       {32768, "TA"},
    {32769, "DLV"}, {65281, "WINS"}, {65282, "WINS-R"},
};

const char *dns_type_name(uint16_t type, char *room)
{
    size_t i;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (types[i].type == type)
            return types[i].name;
    snprintf(room, DNS_TYPE_ROOM, "TYPE%u", (unsigned)type);
    return room;
}

/* ---- Messages ---- */

static bool opcode_is_known(uint8_t opcode)
{
    return opcode <= 6 && opcode != 3; /* RFC 1035, 1996, 2136, 8490 */
}

bool dns_plausible(struct bytes first)
{
    struct reader reader;
    uint16_t flags, questions;

    reader_init(&reader, first, true);
    reader_skip(&reader, 2);
    flags = reader_be16(&reader);
    questions = reader_be16(&reader);
    reader_skip(&reader, 6);
    return reader_ok(&reader) && opcode_is_known((uint8_t)(flags >> 11 & 15)) && questions <= 255;
}

static void take_questions(struct dns_message *message)
{
    struct reader *reader = &message->reader;
    char further[DNS_NAME_ROOM];
    size_t i;

    further[0] = '\0';
    for (i = 0; i < message->num_questions && reader_ok(reader); i++) {
        bool named = dns_take_name(reader, reader->end, i == 0 ? message->qname : further);
        uint16_t type = reader_be16(reader), qclass = reader_be16(reader);

        if (i > 0)
            continue;
        message->has_question = named; /* a name alone tells something even when cut behind it */
        message->qtype = type;
        message->qclass = qclass;
    }
}

bool dns_parse(struct bytes bytes, size_t missing, struct dns_message *out)
{
    struct reader *reader = &out->reader;
    uint16_t flags;
    size_t i;

    memset(out, 0, offsetof(struct dns_message, qname) + 1);
    out->qtype = out->qclass = 0;
    out->num_taken = out->expanded = 0;
    out->value_fault = FAULT_NONE;
    reader_init(reader, bytes, missing > 0);
    if (bytes.len > UINT16_MAX)
        reader->end = UINT16_MAX; /* no transport carries more */
    out->id = reader_be16(reader);
    flags = reader_be16(reader);
    out->num_questions = reader_be16(reader);
    for (i = 0; i < DNS_SECTIONS; i++)
        out->num_records[i] = reader_be16(reader);
    if (!reader_ok(reader))
        return false;
    out->response = flags >> 15;
    out->opcode = flags >> 11 & 15;
    out->authoritative = flags >> 10 & 1;
    out->truncated = flags >> 9 & 1;
    out->rcode = flags & 15;
    take_questions(out);
    return true;
}

/* The section of record number i; DNS_SECTIONS behind the last. */
static enum dns_section section_of(const struct dns_message *message, size_t i)
{
    enum dns_section section = DNS_ANSWER;

    while (section < DNS_SECTIONS && i >= message->num_records[section])
        i -= message->num_records[section++];
    return section;
}

bool dns_take_record(struct dns_message *message, struct dns_record *out)
{
    struct reader *reader = &message->reader, data;
    uint16_t data_len;

    out->section = section_of(message, message->num_taken);
    if (out->section == DNS_SECTIONS || !reader_ok(reader))
        return false;
    if (message->truncated && reader_left(reader) == 0 && !reader->open)
        return false; /* RFC 2181 9: counts of what did not fit are no damage */
    if (message->num_taken >= LIMIT_DNS_RECORDS || message->expanded >= LIMIT_MESSAGE_BYTES) {
        reader_fail(reader, FAULT_LIMIT, "more records than are read");
        return false;
    }
    if (!dns_take_name(reader, reader->end, out->name))
        return false;
    out->type = reader_be16(reader);
    out->rclass = reader_be16(reader);
    out->ttl = reader_be32(reader);
    data_len = reader_be16(reader);
    if (!reader_ok(reader))
        return false;
    out->data_at = reader->at;
    data = reader_child(reader, data_len);
    out->data = reader_rest(&data);
    message->num_taken++;
    message->expanded += strlen(out->name);
    if (out->type == DNS_TYPE_OPT)
        message->rcode |= (uint16_t)(out->ttl >> 24 << 4);
    return true;
}

static bool put_address(struct reader *data, size_t len, char *out)
{
    struct address address = address_from(reader_bytes(data, len));

    if (reader_left(data) > 0)
        reader_fail(data, FAULT_MALFORMED, "an address of another length");
    address_text(&address, out);
    return reader_ok(data);
}

static bool put_value(struct reader *data, uint16_t type, size_t message_end, char *out)
{
    unsigned priority, weight, port;

    switch (type) {
    case DNS_TYPE_A:
        return put_address(data, 4, out);
    case DNS_TYPE_AAAA:
        return put_address(data, 16, out);
    case DNS_TYPE_MX:
        reader_skip(data, 2);
        break;
    case DNS_TYPE_SRV:
        priority = reader_be16(data);
        weight = reader_be16(data);
        port = reader_be16(data);
        if (reader_ok(data))
            out += sprintf(out, "%u %u %u ", priority, weight, port);
        break;
    case DNS_TYPE_CNAME:
    case DNS_TYPE_PTR:
    case DNS_TYPE_NS:
    case DNS_TYPE_DNAME:
        break;
    default:
        return false;
    }
    return dns_take_name(data, message_end, out);
}

bool dns_value(struct dns_message *message, const struct dns_record *record, char *out)
{
    struct reader data = message->reader;
    bool found;

    out[0] = '\0';
    if (record->data.len == 0)
        return false;
    data.fault = FAULT_NONE; /* perhaps of this record, which was cut: some of it is there */
    data.at = record->data_at;
    data.end = record->data_at + record->data.len;
    data.open = message->reader.open && data.end == message->reader.end;
    found = put_value(&data, record->type, message->reader.end, out);
    if (message->value_fault == FAULT_NONE)
        message->value_fault = data.fault;
    message->expanded += strlen(out);
    return found;
}
