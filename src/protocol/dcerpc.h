/* SPDX-License-Identifier: MIT */
/* DCE/RPC connection-oriented PDUs (C706 chapter 12.6, [MS-RPCE] 2.2.2): those that set up a
 * security context. Everything is borrowed. */
#ifndef KRBWHY_PROTOCOL_DCERPC_H
#define KRBWHY_PROTOCOL_DCERPC_H

#include "base/reader.h"

enum { DCERPC_HEADER_LEN = 16, DCERPC_UUID_ROOM = 37 };

enum {
    DCERPC_REQUEST = 0,
    DCERPC_FAULT = 3,
    DCERPC_BIND = 11,
    DCERPC_BIND_ACK = 12,
    DCERPC_BIND_NAK = 13,
    DCERPC_ALTER_CONTEXT = 14,
    DCERPC_ALTER_CONTEXT_RESP = 15,
    DCERPC_AUTH3 = 16
};

/* Whether a PDU begins at the front of the reader, which must hold its first 10 octets
 * (FAULT_NEEDS_MORE in it otherwise): its length and type. */
bool dcerpc_take_frame(struct reader *in, size_t *out_len, unsigned *out_type);

struct dcerpc_pdu {
    unsigned type; /* DCERPC_... */
    uint32_t call_id;
    bool has_auth;
    uint8_t auth_type;  /* [MS-RPCE] 2.2.1.1.7: 9 SPNEGO, 10 NTLM, 16 Kerberos */
    uint8_t auth_level; /* 2.2.1.1.8 */
    struct bytes token; /* the verifier's value; empty: none */
    bool has_reason;
    uint32_t reason; /* bind_nak: provider_reject_reason; fault: status */
    bool has_interface;
    char interface[DCERPC_UUID_ROOM]; /* bind, alter_context: of the first presentation context */
};

/* One whole PDU. False without a whole header; faults further on are left in the reader. */
bool dcerpc_parse(struct reader *in, struct dcerpc_pdu *out);

/* "bind_nak"; NULL for types that are not read. */
const char *dcerpc_type_name(unsigned type);

#endif
