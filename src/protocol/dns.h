/* SPDX-License-Identifier: MIT */
/* One message of the Domain Name System (RFC 1035), as multicast DNS (RFC 6762) and LLMNR
 * (RFC 4795) use it too. Decodes without allocating: header and first question at once, the records
 * one by one. */
#ifndef KRBWHY_PROTOCOL_DNS_H
#define KRBWHY_PROTOCOL_DNS_H

#include "base/reader.h"

enum {
    DNS_HEADER_BYTES = 12,
    DNS_NAME_ROOM = 4 * 255 + 1,         /* 255 octets, each as \ooo at worst */
    DNS_VALUE_ROOM = DNS_NAME_ROOM + 18, /* with three numbers before it */
    DNS_TYPE_ROOM = 10                   /* TYPE65535 */
};

enum {
    DNS_TYPE_A = 1,
    DNS_TYPE_NS = 2,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_PTR = 12,
    DNS_TYPE_MX = 15,
    DNS_TYPE_AAAA = 28,
    DNS_TYPE_SRV = 33,
    DNS_TYPE_DNAME = 39,
    DNS_TYPE_OPT = 41
};

enum dns_section { DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL, DNS_SECTIONS };

struct dns_message {
    uint16_t id;
    bool response, authoritative, truncated;
    uint8_t opcode;
    uint16_t rcode; /* with the upper bits of an OPT record (RFC 6891 6.1.3) once that was taken */
    uint16_t num_questions, num_records[DNS_SECTIONS]; /* as the header claims */
    bool has_question;                                 /* the first one could be read */
    char qname[DNS_NAME_ROOM];
    uint16_t qtype, qclass;
    /* Where reading stands, and the first fault: FAULT_NEEDS_MORE where the capture cut the
     * message, FAULT_MALFORMED, FAULT_UNSUPPORTED (a label type that never came into use, a label
     * that is one zero octet), FAULT_LIMIT. What was read before it holds. */
    struct reader reader;
    enum fault value_fault; /* the first inside the data of a record; reading goes on behind it */
    size_t num_taken, expanded; /* records, and characters of their names and values */
};

struct dns_record {
    enum dns_section section;
    char name[DNS_NAME_ROOM];
    uint16_t type, rclass;
    uint32_t ttl;
    size_t data_at;    /* offset of the record data in the message */
    struct bytes data; /* borrowed from the message */
};

/* Whether these first bytes may be the header (RFC 1035 4.1.1) of a message: an opcode that exists,
 * no more than 255 questions. False for fewer than 12 bytes. */
bool dns_plausible(struct bytes first);

/* Reads the header and the questions. `bytes` are borrowed as long as records are taken; missing >
 * 0: the capture cut that many bytes off. False when not even the header is there. */
bool dns_parse(struct bytes bytes, size_t missing, struct dns_message *out);

/* The next record of the three sections. False at the end: of the message, at a fault in the
 * record's frame, or where LIMIT_DNS_RECORDS, or LIMIT_MESSAGE_BYTES of expanded names, is met. */
bool dns_take_record(struct dns_message *message, struct dns_record *out);

/* The data of an A or AAAA record as an address, of CNAME, PTR, NS, DNAME and MX as the name, of
 * SRV (RFC 2782) as "priority weight port target", in out[DNS_VALUE_ROOM]. False for any other
 * type, for records without data (RFC 2136) and when the data is damaged (value_fault). */
bool dns_value(struct dns_message *message, const struct dns_record *record, char *out);

/* A domain name (RFC 1035 3.1, 4.1.4) at the reader, whose base is the first byte of a message that
 * ends at message_end: the labels joined by dots, no dot at the end, "" for the root, in
 * out[DNS_NAME_ROOM]. Control characters come out as tshark shows them (\000, \n), what is not
 * UTF-8 as U+FFFD. On a fault it is left in the reader and out is "". */
bool dns_take_name(struct reader *reader, size_t message_end, char *out);

/* Octets of a name (at most 255) as dns_take_name shows them, in out[DNS_NAME_ROOM]. */
void dns_show_octets(struct bytes raw, char *out);

/* The mnemonic of the IANA registry, or TYPEnnn (RFC 3597) in room[DNS_TYPE_ROOM]. */
const char *dns_type_name(uint16_t type, char *room);

#endif
