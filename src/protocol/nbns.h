/* SPDX-License-Identifier: MIT */
/* NetBIOS name service (RFC 1002 4.2): DNS messages with other names and record types. */
#ifndef KRBWHY_PROTOCOL_NBNS_H
#define KRBWHY_PROTOCOL_NBNS_H

#include "protocol/dns.h"

enum { NBNS_TYPE_NB = 0x20, NBNS_TYPE_NBSTAT = 0x21 };

/* NetBIOS opcodes (RFC 1002 4.2.1.1); bit 4 of them is the response flag and not part of it. */
bool nbns_plausible(struct bytes first);

/* First-level decoding (RFC 1001 14.1) of a name as dns_take_name gives it, in out[DNS_NAME_ROOM]:
 * the NetBIOS name without its padding; followed by "<1c>", its suffix, unless that is 00 (the
 * computer) or 20 (its file server); followed by "." and the scope where there is one. False, and
 * out as it came in, when it is not encoded. */
bool nbns_name(const char *encoded, char *out);

/* "NB", "NBSTAT", or as dns_type_name. */
const char *nbns_type_name(uint16_t type, char *room);

/* Takes one entry of the data of an NB record (RFC 1002 4.2.13): flags, and an IPv4 address whose
 * 4 octets are set in *out_address, borrowed. False at the end. */
bool nbns_take_address(struct reader *data, struct bytes *out_address);

#endif
