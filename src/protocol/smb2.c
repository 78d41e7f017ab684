/* SPDX-License-Identifier: MIT */
#include "protocol/smb2.h"

enum {
    FRAME_MESSAGE = 0x00, /* RFC 1002 4.3.6 */
    FRAME_REQUEST = 0x81, /* 4.3.2 to 4.3.7: the session service on port 139 */
    FRAME_KEEPALIVE = 0x85,
    FLAG_RESPONSE = 1,           /* SMB2_FLAGS_SERVER_TO_REDIR */
    MORE_PROCESSING = 0xC0000016 /* STATUS_MORE_PROCESSING_REQUIRED: no error, 3.3.5.5.3 */
};

#define PROTOCOL_SMB2       UINT32_C(0xFE534D42)
#define PROTOCOL_SMB1       UINT32_C(0xFF534D42)
#define PROTOCOL_ENCRYPTED  UINT32_C(0xFD534D42)
#define PROTOCOL_COMPRESSED UINT32_C(0xFC534D42)

enum smb2_frame smb2_take_frame(struct reader *in, size_t *out_len, unsigned *out_command)
{
    unsigned type = reader_u8(in);
    size_t len = reader_be24(in);
    uint32_t protocol;

    *out_len = SMB2_FRAME_LEN + len;
    if (!reader_ok(in))
        return SMB2_FRAME_NONE;
    if (type >= FRAME_REQUEST && type <= FRAME_KEEPALIVE) {
        *out_len = SMB2_FRAME_LEN + (len & 0x1FFFF);
        return len < 256 ? SMB2_FRAME_OTHER : SMB2_FRAME_NONE; /* two names of 34 octets at most */
    }
    if (type != FRAME_MESSAGE || len < 4)
        return SMB2_FRAME_NONE;
    protocol = reader_be32(in);
    if (protocol == PROTOCOL_SMB1 || protocol == PROTOCOL_ENCRYPTED ||
        protocol == PROTOCOL_COMPRESSED)
        return SMB2_FRAME_OTHER;
    if (!reader_ok(in) || protocol != PROTOCOL_SMB2 || len < SMB2_HEADER_LEN)
        return SMB2_FRAME_NONE;
    if (reader_le16(in) != SMB2_HEADER_LEN)
        return SMB2_FRAME_NONE;
    reader_skip(in, 6); /* credit charge, status */
    *out_command = reader_le16(in);
    return reader_ok(in) ? SMB2_FRAME_MESSAGE : SMB2_FRAME_NONE;
}

/* A buffer that an offset from the header and a length point at; empty, with a fault, outside. */
static struct bytes buffer(struct reader *in, size_t start, size_t offset, size_t len)
{
    if (len == 0)
        return (struct bytes){NULL, 0};
    if (offset < SMB2_HEADER_LEN) {
        reader_fail(in, FAULT_MALFORMED, "a buffer within the header");
        return (struct bytes){NULL, 0};
    }
    if (offset > in->end - start) {
        reader_fail(in, in->open ? FAULT_NEEDS_MORE : FAULT_MALFORMED,
                    "a buffer behind the end of the message");
        return (struct bytes){NULL, 0};
    }
    reader_seek(in, start + offset);
    if (reader_left(in) < len) {
        struct bytes beginning = reader_rest(in);

        reader_fail(in, in->open ? FAULT_NEEDS_MORE : FAULT_MALFORMED, "the buffer is cut");
        return beginning;
    }
    return reader_bytes(in, len);
}

/* A 16-bit offset and length, after the fields in front of them. */
static struct bytes pointed(struct reader *in, size_t start, size_t skip)
{
    size_t offset, len;

    reader_skip(in, skip);
    offset = reader_le16(in);
    len = reader_le16(in);
    return reader_ok(in) ? buffer(in, start, offset, len) : (struct bytes){NULL, 0};
}

static void take_negotiate_response(struct reader *in, size_t start, struct smb2_message *out)
{
    reader_skip(in, 4); /* structure size, security mode */
    out->dialect = reader_le16(in);
    out->has_dialect = reader_ok(in);
    out->token = pointed(in, start, 50);
}

bool smb2_parse(struct reader *in, struct smb2_message *out)
{
    size_t start = in->at;
    uint32_t flags;

    memset(out, 0, sizeof(*out));
    if (reader_be32(in) != PROTOCOL_SMB2 || reader_le16(in) != SMB2_HEADER_LEN) {
        reader_fail_at(in, FAULT_MALFORMED, "no SMB2 header", start);
        return false;
    }
    reader_skip(in, 2); /* credit charge */
    out->status = reader_le32(in);
    out->command = reader_le16(in);
    reader_skip(in, 2); /* credits */
    flags = reader_le32(in);
    reader_skip(in, 4); /* next command: what matters here stands first */
    out->message_id = reader_le64(in);
    reader_skip(in, 8); /* process and tree, or asynchronous id */
    out->session_id = reader_le64(in);
    reader_skip(in, 16); /* signature */
    out->response = (flags & FLAG_RESPONSE) != 0;
    if (!reader_ok(in))
        return false;
    if (!out->response)
        out->status = 0; /* channel sequence, 2.2.1.2 */
    if (out->response && (out->status & 0xC0000000) == 0xC0000000 && out->status != MORE_PROCESSING)
        return true;
    if (out->command == SMB2_NEGOTIATE && out->response)
        take_negotiate_response(in, start, out);
    else if (out->command == SMB2_SESSION_SETUP) /* 2.2.5, 2.2.6 */
        out->token = pointed(in, start, out->response ? 4 : 12);
    else if (out->command == SMB2_TREE_CONNECT && !out->response)
        out->path = pointed(in, start, 4);
    return true;
}

const char *smb2_command_name(unsigned command)
{
    static const char *const names[] = {"NEGOTIATE", "SESSION_SETUP", "LOGOFF", "TREE_CONNECT"};

    return command < sizeof(names) / sizeof(names[0]) ? names[command] : NULL;
}
