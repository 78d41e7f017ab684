/* SPDX-License-Identifier: MIT */
/* DCE/RPC on TCP (C706, [MS-RPCE]), on any port: the tokens of the PDUs that set up a security
 * context, and the fault that refuses one. */
#include "protocol/dcerpc.h"

#include "carrier/framed.h"

static const uint16_t ports[] = {135, 0};

static bool is_answer(unsigned type)
{
    return type == DCERPC_BIND_ACK || type == DCERPC_BIND_NAK || type == DCERPC_FAULT ||
           type == DCERPC_ALTER_CONTEXT_RESP;
}

static enum framed_start measure(struct bytes first, size_t *out_len)
{
    struct reader in;
    unsigned type;

    reader_init(&in, first, true);
    if (!dcerpc_take_frame(&in, out_len, &type))
        return in.fault == FAULT_NEEDS_MORE ? FRAMED_MORE : FRAMED_NONE;
    return dcerpc_type_name(type) != NULL ? FRAMED_READ : FRAMED_SKIP;
}

static void message(struct framed *framed, struct carriage *carriage, const struct source *source,
                    struct bytes bytes)
{
    struct source own = *source;
    struct dcerpc_pdu pdu;
    struct dcerpc dcerpc = {0};
    struct reader in;

    reader_init(&in, bytes, source->damaged != NULL);
    if (!dcerpc_parse(&in, &pdu))
        return;
    if (own.damaged == NULL && !reader_ok(&in))
        own.damaged = "malformed";
    dcerpc.response = is_answer(pdu.type);
    dcerpc.request = dcerpc.response ? framed_answer(framed, pdu.call_id) : 0;
    if (pdu.type == DCERPC_FAULT && dcerpc.request == 0)
        return; /* of a call, and no business of authentication */
    dcerpc.type = dcerpc_type_name(pdu.type);
    if (pdu.has_auth) {
        dcerpc.auth_type = optint(pdu.auth_type);
        dcerpc.auth_level = optint(pdu.auth_level);
    }
    if (pdu.has_interface)
        dcerpc.interface = arena_print(carriage->scratch, "%s", pdu.interface);
    if (pdu.has_reason)
        dcerpc.reason = optint(pdu.reason);
    dcerpc.call_id = pdu.call_id;
    framed_observe(
        framed, carriage, &own,
        &(struct framed_record){KIND_dcerpc, &dcerpc, dcerpc.response, pdu.call_id, pdu.token});
}

static const struct framed_rules rules = {measure, message};

/* Any PDU on the endpoint mapper's port; elsewhere one of those that begin a connection. */
static enum claim claim(const struct carrier *self, struct bytes first, int side, bool hinted)
{
    struct reader in;
    unsigned type;
    size_t len;

    (void)self;
    (void)side;
    reader_init(&in, first, true);
    if (!dcerpc_take_frame(&in, &len, &type))
        return in.fault == FAULT_NEEDS_MORE ? CLAIM_MORE : CLAIM_NO;
    return hinted || (type >= DCERPC_BIND && type <= DCERPC_ALTER_CONTEXT_RESP) ? CLAIM_YES
                                                                                : CLAIM_NO;
}

const struct carrier carrier_dcerpc = {
    .name = "dcerpc",
    .reference = "C706, MS-RPCE",
    .ports = ports,
    .claim = claim,
    .open = framed_open,
    .feed = framed_feed,
    .finish = framed_finish,
    .rules = &rules,
};
