/* SPDX-License-Identifier: MIT */
/* SMB2 and SMB3 messages ([MS-SMB2] 2.2) on TCP (2.1): as much as authentication needs. Everything
 * is borrowed. */
#ifndef KRBWHY_PROTOCOL_SMB2_H
#define KRBWHY_PROTOCOL_SMB2_H

#include "base/reader.h"

/* In front of each message on TCP: an octet of type and the length in three ([MS-SMB2] 2.1; RFC
 * 1002 4.3.1, where the length has 17 bits). */
enum { SMB2_FRAME_LEN = 4, SMB2_HEADER_LEN = 64 };

enum { SMB2_NEGOTIATE = 0, SMB2_SESSION_SETUP = 1, SMB2_LOGOFF = 2, SMB2_TREE_CONNECT = 3 };

enum smb2_frame {
    SMB2_FRAME_NONE,   /* nothing that this protocol has */
    SMB2_FRAME_OTHER,  /* SMB1, an encrypted or compressed message, session service messages */
    SMB2_FRAME_MESSAGE /* a message with a header in clear */
};

/* What begins at the front of a side's stream, and how long it is, its four octets included. The
 * reader must hold the four and, for a session message, the protocol id behind them;
 * FAULT_NEEDS_MORE in it otherwise. *out_command only for a message. */
enum smb2_frame smb2_take_frame(struct reader *in, size_t *out_len, unsigned *out_command);

struct smb2_message {
    bool response;
    unsigned command;    /* SMB2_... */
    uint32_t status;     /* response: NTSTATUS ([MS-ERREF] 2.3) */
    uint64_t message_id; /* of the request, and of its response */
    uint64_t session_id;
    bool has_dialect;
    uint16_t dialect;   /* NEGOTIATE response, 2.2.4 */
    struct bytes token; /* security buffer of NEGOTIATE response and SESSION_SETUP; empty: none */
    struct bytes path;  /* TREE_CONNECT request: \\server\share in UTF-16LE, 2.2.9 */
};

/* The message behind the four octets. False when it has no whole header (2.2.1.2); faults further
 * on are left in the reader, and what was read before holds. An error response (2.2.2) has neither
 * token nor path. */
bool smb2_parse(struct reader *in, struct smb2_message *out);

/* "SESSION_SETUP"; NULL for commands that are not read. */
const char *smb2_command_name(unsigned command);

#endif
