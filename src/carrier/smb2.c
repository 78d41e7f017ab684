/* SPDX-License-Identifier: MIT */
/* SMB2 and SMB3 on TCP, with or without the NetBIOS session service ([MS-SMB2] 2.1): tokens of
 * SESSION_SETUP, what the server offers, the share that was asked for. */
#include "protocol/smb2.h"

#include "carrier/framed.h"

static const uint16_t ports[] = {445, 139, 0};

static enum framed_start measure(struct bytes first, size_t *out_len)
{
    struct reader in;
    unsigned command = 0;
    enum smb2_frame frame;

    reader_init(&in, first, true);
    frame = smb2_take_frame(&in, out_len, &command);
    if (in.fault == FAULT_NEEDS_MORE)
        return FRAMED_MORE;
    if (frame == SMB2_FRAME_NONE)
        return FRAMED_NONE;
    return frame == SMB2_FRAME_MESSAGE && smb2_command_name(command) != NULL ? FRAMED_READ
                                                                             : FRAMED_SKIP;
}

static void message(struct framed *framed, struct carriage *carriage, const struct source *source,
                    struct bytes bytes)
{
    struct source own = *source;
    struct smb2_message message;
    struct smb2 smb2 = {0};
    struct reader in;

    reader_init(&in, bytes, source->damaged != NULL);
    reader_skip(&in, SMB2_FRAME_LEN);
    if (!smb2_parse(&in, &message))
        return;
    if (own.damaged == NULL && !reader_ok(&in))
        own.damaged = "malformed";
    smb2.command = smb2_command_name(message.command);
    smb2.response = message.response;
    if (message.response)
        smb2.status = optint(message.status);
    if (message.has_dialect)
        smb2.dialect = optint(message.dialect);
    if (message.path.len > 0)
        smb2.tree = arena_text16(carriage->scratch, message.path);
    smb2.message_id = (int64_t)(message.message_id & INT64_MAX);
    smb2.request = message.response ? framed_answer(framed, message.message_id) : 0;
    framed_observe(framed, carriage, &own,
                   &(struct framed_record){KIND_smb2, &smb2, smb2.response, message.message_id,
                                           message.token});
}

static const struct framed_rules rules = {measure, message};

/* A first message of the protocol, or one in the middle of a connection, both certain by their
 * signature; the session service only on its port. */
static enum claim claim(const struct carrier *self, struct bytes first, int side, bool hinted)
{
    struct reader in;
    unsigned command;
    size_t len;
    enum smb2_frame frame;

    (void)self;
    (void)side;
    reader_init(&in, first, true);
    frame = smb2_take_frame(&in, &len, &command);
    if (in.fault == FAULT_NEEDS_MORE)
        return CLAIM_MORE;
    if (frame == SMB2_FRAME_OTHER && first.at[0] != 0 && !hinted)
        return CLAIM_NO;
    return frame == SMB2_FRAME_NONE ? CLAIM_NO : CLAIM_YES;
}

const struct carrier carrier_smb2 = {
    .name = "smb2",
    .reference = "MS-SMB2",
    .ports = ports,
    .claim = claim,
    .open = framed_open,
    .feed = framed_feed,
    .finish = framed_finish,
    .rules = &rules,
};
