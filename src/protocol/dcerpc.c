/* SPDX-License-Identifier: MIT */
#include "protocol/dcerpc.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    VERSION = 5,
    TYPES = 20,         /* orphaned, 19, is the last */
    LITTLE = 0x10,      /* integer representation, C706 14.1 */
    TRAILER_LEN = 8,    /* [MS-RPCE] 2.2.2.11 */
    AUTH_TYPE_MOST = 68 /* RPC_C_AUTHN_NETLOGON */
};

bool dcerpc_take_frame(struct reader *in, size_t *out_len, unsigned *out_type)
{
    uint8_t version = reader_u8(in), minor = reader_u8(in), representation;

    *out_type = reader_u8(in);
    reader_skip(in, 1); /* flags */
    representation = reader_u8(in);
    reader_skip(in, 3);
    *out_len = representation == LITTLE ? reader_le16(in) : reader_be16(in);
    return reader_ok(in) && version == VERSION && minor <= 1 && *out_type < TYPES &&
           (representation == LITTLE || representation == 0) && *out_len >= DCERPC_HEADER_LEN;
}

static uint16_t u16(struct reader *in, bool little)
{
    return little ? reader_le16(in) : reader_be16(in);
}

static uint32_t u32(struct reader *in, bool little)
{
    return little ? reader_le32(in) : reader_be32(in);
}

static void take_uuid(struct reader *in, bool little, char out[DCERPC_UUID_ROOM])
{
    uint32_t first = u32(in, little);
    uint16_t second = u16(in, little), third = u16(in, little), fourth = reader_be16(in);
    uint64_t node = (uint64_t)reader_be16(in) << 32;

    node |= reader_be32(in);
    snprintf(out, DCERPC_UUID_ROOM, "%08" PRIx32 "-%04x-%04x-%04x-%012" PRIx64, first, second,
             third, fourth, node);
}

/* The first presentation context of a bind, C706 12.6.4.3. */
static void take_interface(struct reader *body, bool little, struct dcerpc_pdu *out)
{
    reader_skip(body, 8); /* fragment sizes, group */
    if (reader_u8(body) == 0)
        return;
    reader_skip(body, 3 + 4); /* reserved; context id, number of transfer syntaxes */
    take_uuid(body, little, out->interface);
    out->has_interface = reader_ok(body);
}

static void take_body(struct reader *body, bool little, struct dcerpc_pdu *out)
{
    if (out->type == DCERPC_BIND || out->type == DCERPC_ALTER_CONTEXT) {
        take_interface(body, little, out);
    } else if (out->type == DCERPC_BIND_NAK) {
        out->reason = u16(body, little);
        out->has_reason = reader_ok(body);
    } else if (out->type == DCERPC_FAULT) {
        reader_skip(body, 8); /* allocation hint, context, cancel count, flags */
        out->reason = u32(body, little);
        out->has_reason = reader_ok(body);
    }
}

/* The verifier at the end of the PDU: behind a padding, in front of the value. */
static void take_verifier(struct reader *in, size_t start, size_t len, size_t auth_len,
                          struct dcerpc_pdu *out)
{
    if (auth_len == 0)
        return;
    if (auth_len + TRAILER_LEN > len - DCERPC_HEADER_LEN) {
        reader_fail(in, FAULT_MALFORMED, "the verifier is longer than the PDU");
        return;
    }
    reader_seek(in, size_min(start + len - auth_len - TRAILER_LEN, in->end));
    out->auth_type = reader_u8(in);
    out->auth_level = reader_u8(in);
    reader_skip(in, TRAILER_LEN - 2);
    if (!reader_ok(in) || out->auth_type > AUTH_TYPE_MOST)
        return;
    out->has_auth = true;
    out->token = reader_left(in) < auth_len ? reader_rest(in) : reader_bytes(in, auth_len);
    if (out->token.len < auth_len)
        reader_fail(in, in->open ? FAULT_NEEDS_MORE : FAULT_MALFORMED, "the verifier is cut");
}

bool dcerpc_parse(struct reader *in, struct dcerpc_pdu *out)
{
    size_t start = in->at, len, auth_len;
    struct reader body;
    bool little;

    memset(out, 0, sizeof(*out));
    if (!dcerpc_take_frame(in, &len, &out->type)) {
        reader_fail_at(in, FAULT_MALFORMED, "no DCE/RPC header", start);
        return false;
    }
    little = in->base[start + 4] == LITTLE;
    auth_len = u16(in, little);
    out->call_id = u32(in, little);
    if (!reader_ok(in))
        return false;
    body = *in;
    take_body(&body, little, out);
    take_verifier(in, start, len, auth_len, out);
    reader_close(in, &body);
    return true;
}

const char *dcerpc_type_name(unsigned type)
{
    static const char *const names[TYPES] = {[DCERPC_FAULT] = "fault",
                                             [DCERPC_BIND] = "bind",
                                             [DCERPC_BIND_ACK] = "bind_ack",
                                             [DCERPC_BIND_NAK] = "bind_nak",
                                             [DCERPC_ALTER_CONTEXT] = "alter_context",
                                             [DCERPC_ALTER_CONTEXT_RESP] = "alter_context_resp",
                                             [DCERPC_AUTH3] = "auth3"};

    return type < TYPES ? names[type] : NULL;
}
