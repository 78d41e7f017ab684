/* SPDX-License-Identifier: MIT */
/* SMB2, LDAP and DCE/RPC: the decoders on messages of the lab's captures (fields as tshark 4.0.17
 * shows them), and the carriers over them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "feed.h"
#include "harness.h"
#include "protocol/dcerpc.h"
#include "protocol/ldap.h"
#include "protocol/smb2.h"

extern const struct carrier carrier_smb2, carrier_ldap, carrier_dcerpc;

enum { CLIENT, SERVER };

/* ad-smb-wrong-account-stock, frame 35: SESSION_SETUP response, STATUS_LOGON_FAILURE */
static const char smb_refused[] = "00000049fe534d42400001006d0000c001000100110000000000000001000000"
                                  "00000000000000000000000000000000"
                                  "0000000000000000000000000000000000000000090000000000000000";
/* ad-smb-wrong-account-windows, frame 31: KRB-ERROR 41 of FS1$ in it */
static const char smb_error[] = "000000bdfe534d4240000100160000c00100010011000000000000000100000000"
                                "00000000000000000000008508d9db"
                                "00000000000000000000000000000000000000000900000048007500a1733071a0"
                                "030a0101a10b06092a864882f71201"
                                "0202a25d045b605906092a864886f71201020203007e4a3048a003020105a10302"
                                "011ea411180f323032363131323430"
                                "33353031395aa5050203066fc1a603020129a90a1b08544553542e434f4daa1130"
                                "0fa003020101a10830061b04465331"
                                "24";
/* ad-smb-skew, frame 77: TREE_CONNECT */
static const char smb_tree[] = "00000070fe534d42400001000000000003000100180000000000000007000000000"
                               "000000000000000000000db227efd"
                               "0000000090c46b57d2fff80c3b605c4dc64de8e609000000480028005c005c00660"
                               "0730031002e007400650073007400"
                               "2e0063006f006d005c0073006800610072006500";
/* ad-smb-skew, frame 6: NEGOTIATE response, dialect 3.1.1 */
static const char smb_offer[] = "0000012cfe534d4240000000000000000000010001000000000000000000000000"
                                "000000000000000000000000000000"
                                "000000000000000000000000000000000000000041000100110303006673310000"
                                "000000000000000000000000f00000"
                                "000080000000800000008000";
/* ad-ldap-gssapi-stock, frame 50; ad-ldap-gssapi-windows, frames 50 and 52 */
static const char ldap_refused[] = "306502010161600a01310400045738303039303330433a204c6461704572723"
                                   "a20445349442d30433039303444432c20"
                                   "636f6d6d656e743a204163636570745365637572697479436f6e74657874206"
                                   "572726f722c2064617461203532652c20"
                                   "76316462318700";
static const char ldap_error[] = "306902010161640a010e04000400875b605906092a864886f71201020203007e4"
                                 "a3048a003020105a10302011ea41118"
                                 "0f32303236313132343033343530355aa505020304f49da603020129a90a1b085"
                                 "44553542e434f4daa11300fa0030201"
                                 "01a10830061b0444433124";
static const char ldap_unbind[] = "30050201024200";
/* mit-ldap-gssapi-ok, frame 36: a bindRequest without credentials */
static const char ldap_empty[] = "3014020102600f0201030400a3080406475353415049";
/* ad-rpc-tcp-stock, frame 44; ad-rpc-tcp-windows, frames 44 and 8 */
static const char rpc_nak[] = "05000d031000000018000000030000000000010500000000";
static const char rpc_error[] = "05000c07100000009f005b0003000000b810b810642d0000060034393135330001"
                                "00000000000000045d888aeb1cc911"
                                "9fe808002b104860020000001005000001000000605906092a864886f712010202"
                                "03007e4a3048a003020105a1030201"
                                "1ea411180f32303236313132343033343832325aa5050203085bc2a603020129a9"
                                "0a1b08544553542e434f4daa11300f"
                                "a003020101a10830061b0444433124";
static const char rpc_bind[] = "05000b03100000004800000001000000b810b810000000000100000000000100088"
                               "3afe11f5dc91191a408002b14a0fa"
                               "03000000045d888aeb1cc9119fe808002b10486002000000";

TEST(smb2_fields)
{
    struct bytes bytes = test_hex(smb_error);
    struct smb2_message message;
    struct reader in;
    unsigned command;
    size_t len;

    reader_init(&in, bytes, true);
    CHECK_INT(smb2_take_frame(&in, &len, &command), SMB2_FRAME_MESSAGE);
    CHECK_INT(len, bytes.len);
    CHECK_INT(command, SMB2_SESSION_SETUP);
    reader_init(&in, bytes, false);
    reader_skip(&in, SMB2_FRAME_LEN);
    CHECK(smb2_parse(&in, &message) && reader_ok(&in));
    CHECK(message.response);
    CHECK_INT(message.status, 0xC0000016);
    CHECK_INT(message.message_id, 1);
    CHECK_INT(message.session_id, 0xdbd90885);
    CHECK_INT(message.token.len, 117);
    free((void *)bytes.at);
}

TEST(smb2_an_error_has_no_token)
{
    struct bytes bytes = test_hex(smb_refused);
    struct smb2_message message;
    struct reader in;

    reader_init(&in, bytes, false);
    reader_skip(&in, SMB2_FRAME_LEN);
    CHECK(smb2_parse(&in, &message) && reader_ok(&in));
    CHECK_INT(message.status, 0xC000006D);
    CHECK_INT(message.token.len, 0);
    free((void *)bytes.at);
}

TEST(smb2_buffers_outside_are_malformed)
{
    struct bytes bytes = test_hex(smb_error);
    uint8_t *at = (uint8_t *)(uintptr_t)bytes.at;
    struct smb2_message message;
    struct reader in;

    at[SMB2_FRAME_LEN + 68] =
        0x47; /* offset 0x48 less 1: the token's end is within, its start too */
    reader_init(&in, bytes, false);
    reader_skip(&in, SMB2_FRAME_LEN);
    CHECK(smb2_parse(&in, &message) && reader_ok(&in) && message.token.len == 117);
    at[SMB2_FRAME_LEN + 68] = 0x49; /* one behind: the last byte is missing */
    reader_init(&in, bytes, false);
    reader_skip(&in, SMB2_FRAME_LEN);
    CHECK(smb2_parse(&in, &message));
    CHECK_INT(in.fault, FAULT_MALFORMED);
    CHECK_INT(message.token.len, 116);
    at[SMB2_FRAME_LEN + 68] = 0x10; /* within the header */
    reader_init(&in, bytes, false);
    reader_skip(&in, SMB2_FRAME_LEN);
    CHECK(smb2_parse(&in, &message));
    CHECK_INT(in.fault, FAULT_MALFORMED);
    CHECK_INT(message.token.len, 0);
    free((void *)bytes.at);
}

static enum smb2_frame frame_of(const char *hex, size_t *out_len)
{
    struct bytes bytes = test_hex(hex);
    struct reader in;
    unsigned command;
    enum smb2_frame frame;

    reader_init(&in, bytes, true);
    frame = smb2_take_frame(&in, out_len, &command);
    free((void *)bytes.at);
    return frame;
}

TEST(smb2_frames_of_others)
{
    size_t len;

    CHECK_INT(frame_of("81000044 20", &len), SMB2_FRAME_OTHER); /* RFC 1002 4.3.2 */
    CHECK_INT(len, 72);
    CHECK_INT(frame_of("82000000", &len), SMB2_FRAME_OTHER);
    CHECK_INT(len, 4);
    CHECK_INT(frame_of("85000000", &len), SMB2_FRAME_OTHER);
    CHECK_INT(frame_of("000000bc ff534d42", &len), SMB2_FRAME_OTHER); /* SMB1 */
    CHECK_INT(len, 0xc0);
    CHECK_INT(frame_of("00100000 fd534d42", &len), SMB2_FRAME_OTHER); /* encrypted */
    CHECK_INT(len, 0x100004);
    CHECK_INT(frame_of("000000bc 47455420", &len), SMB2_FRAME_NONE);
    CHECK_INT(frame_of("00000003 fe534d42", &len), SMB2_FRAME_NONE);
    CHECK_INT(frame_of("47455420 2f204854", &len), SMB2_FRAME_NONE);
}

TEST(ldap_fields)
{
    struct bytes bytes = test_hex(ldap_refused);
    struct ldap_message message;
    struct reader in;
    uint32_t op;
    size_t len;

    CHECK_INT(ldap_take_frame(bytes, &len, &op), LDAP_FRAME_MESSAGE);
    CHECK_INT(len, bytes.len);
    CHECK_INT(op, LDAP_BIND_RESPONSE);
    reader_init(&in, bytes, false);
    CHECK(ldap_parse(&in, &message));
    CHECK_INT(message.message_id, 1);
    CHECK_INT(message.result.value, 49);
    CHECK_STR(ldap_result_name(49), "invalidCredentials");
    CHECK_INT(message.diagnostic.len, 0x57);
    CHECK(memmem(message.diagnostic.at, message.diagnostic.len, "data 52e", 8) != NULL);
    CHECK_INT(message.token.len, 0);
    free((void *)bytes.at);
}

TEST(ldap_credentials)
{
    struct bytes bytes = test_hex(ldap_error);
    struct ldap_message message;
    struct reader in;

    reader_init(&in, bytes, false);
    CHECK(ldap_parse(&in, &message));
    CHECK_INT(message.result.value, 14);
    CHECK_INT(message.token.len, 91);
    free((void *)bytes.at);
    bytes = test_hex(ldap_empty);
    reader_init(&in, bytes, false);
    CHECK(ldap_parse(&in, &message));
    CHECK_STR(message.how, "SASL");
    CHECK_INT(message.message_id, 2);
    CHECK(message.mechanism.len == 6 && memcmp(message.mechanism.at, "GSSAPI", 6) == 0);
    CHECK_INT(message.token.len, 0);
    free((void *)bytes.at);
}

/* RFC 4511 4.2: a password is no token, and no field of the record. */
TEST(ldap_a_password_is_not_looked_at)
{
    struct bytes bytes = test_hex("3018 020101 6013 020103 0406 636e3d626f62 8006 736563726574");
    struct ldap_message message;
    struct reader in;

    reader_init(&in, bytes, false);
    CHECK(ldap_parse(&in, &message));
    CHECK_STR(message.how, "simple");
    CHECK_INT(message.token.len, 0);
    CHECK_INT(message.mechanism.len, 0);
    free((void *)bytes.at);
}

/* Microsoft's encoders write lengths in four octets. */
TEST(ldap_long_lengths)
{
    struct bytes bytes =
        test_hex("3084 0000001a 020105 6184 00000011 0a0131 0400 040a 3830303930333043"
                 "3a20");
    struct ldap_message message;
    struct reader in;
    uint32_t op;
    size_t len;

    CHECK_INT(ldap_take_frame(bytes, &len, &op), LDAP_FRAME_MESSAGE);
    CHECK_INT(len, bytes.len);
    reader_init(&in, bytes, false);
    CHECK(ldap_parse(&in, &message));
    CHECK_INT(message.result.value, 49);
    CHECK_INT(message.diagnostic.len, 10);
    free((void *)bytes.at);
}

TEST(dcerpc_fields)
{
    struct bytes bytes = test_hex(rpc_error);
    struct dcerpc_pdu pdu;
    struct reader in;

    reader_init(&in, bytes, false);
    CHECK(dcerpc_parse(&in, &pdu) && reader_ok(&in));
    CHECK_INT(pdu.type, DCERPC_BIND_ACK);
    CHECK_INT(pdu.call_id, 3);
    CHECK(pdu.has_auth);
    CHECK_INT(pdu.auth_type, 16);
    CHECK_INT(pdu.auth_level, 5);
    CHECK_INT(pdu.token.len, 91);
    free((void *)bytes.at);
    bytes = test_hex(rpc_bind);
    reader_init(&in, bytes, false);
    CHECK(dcerpc_parse(&in, &pdu) && reader_ok(&in));
    CHECK(!pdu.has_auth && pdu.has_interface);
    CHECK_STR(pdu.interface, "e1af8308-5d1f-11c9-91a4-08002b14a0fa"); /* the endpoint mapper */
    free((void *)bytes.at);
    bytes = test_hex(rpc_nak);
    reader_init(&in, bytes, false);
    CHECK(dcerpc_parse(&in, &pdu) && reader_ok(&in));
    CHECK(pdu.has_reason);
    CHECK_INT(pdu.reason, 0);
    free((void *)bytes.at);
}

TEST(dcerpc_big_endian)
{
    struct bytes bytes = test_hex("05000b03 00000000 0048 0000 00000007 10b810b8 00000000 01000000"
                                  "0000 01 00 e1af8308 5d1f 11c9 91a4 08002b14a0fa 00000003"
                                  "8a885d04 1ceb 11c9 9fe8 08002b104860 00000002");
    struct dcerpc_pdu pdu;
    struct reader in;

    reader_init(&in, bytes, false);
    CHECK(dcerpc_parse(&in, &pdu) && reader_ok(&in));
    CHECK_INT(pdu.call_id, 7);
    CHECK_STR(pdu.interface, "e1af8308-5d1f-11c9-91a4-08002b14a0fa");
    free((void *)bytes.at);
}

TEST(dcerpc_a_verifier_that_is_too_long)
{
    struct bytes bytes = test_hex(rpc_error);
    struct dcerpc_pdu pdu;
    struct reader in;

    ((uint8_t *)(uintptr_t)bytes.at)[10] = 0x90; /* 0x9f - 16 - 8 is 0x87 */
    reader_init(&in, bytes, false);
    CHECK(dcerpc_parse(&in, &pdu));
    CHECK_INT(in.fault, FAULT_MALFORMED);
    CHECK(!pdu.has_auth);
    free((void *)bytes.at);
}

/* ---- the carriers ---- */

static void say(struct feed *feed, int side, const char *hex)
{
    struct bytes bytes = test_hex(hex);

    feed_push(feed, side, bytes);
    free((void *)bytes.at);
}

static size_t count(const struct feed *feed, enum kind kind)
{
    size_t i, num = 0;

    for (i = 0; i < feed->log.num; i++)
        num += feed->log.at[i].kind == kind;
    return num;
}

static const struct observation *nth(const struct feed *feed, enum kind kind, size_t n)
{
    size_t i;

    for (i = 0; i < feed->log.num; i++)
        if (feed->log.at[i].kind == kind && n-- == 0)
            return &feed->log.at[i];
    return NULL;
}

static void close_feed(struct feed *feed)
{
    CHECK(!feed->overrun);
    feed_finish(feed);
    feed_clear(feed);
}

/* A SESSION_SETUP without a token, of message id 1. */
static const char smb_request[] =
    "00000058fe534d424000010000000000010001000000000000000000010000000000000000000000000000000000"
    "00000000000000000000000000000000000000000000190000010000000000000000580000000000000000000000";

TEST(smb2_answers_belong_to_their_requests)
{
    const struct observation *error, *reply;
    struct feed feed;

    feed_open(&feed, &carrier_smb2);
    say(&feed, CLIENT, smb_request);
    say(&feed, SERVER, smb_error);
    say(&feed, CLIENT, smb_tree);
    CHECK_INT(count(&feed, KIND_smb2), 3);
    reply = nth(&feed, KIND_smb2, 1);
    error = nth(&feed, KIND_krb, 0);
    CHECK(reply != NULL && error != NULL);
    if (reply != NULL && error != NULL) {
        CHECK_INT(reply->smb2->request, nth(&feed, KIND_smb2, 0)->id);
        CHECK_INT(nth(&feed, KIND_gss, 0)->gss->message, reply->id);
        CHECK_INT(error->krb->error_code.value, 41);
        CHECK_STR(error->krb->sname, "FS1$");
        CHECK_STR(error->source.carrier, "smb2");
        CHECK_STR(nth(&feed, KIND_smb2, 2)->smb2->tree, "\\\\fs1.test.com\\share");
    }
    close_feed(&feed);
}

/* An answer whose number nobody asked under is nobody's. */
TEST(smb2_an_answer_without_its_request)
{
    struct feed feed;

    feed_open(&feed, &carrier_smb2);
    say(&feed, SERVER, smb_refused);
    CHECK_INT(count(&feed, KIND_smb2), 1);
    CHECK_INT(nth(&feed, KIND_smb2, 0)->smb2->request, 0);
    close_feed(&feed);
}

/* What is encrypted or belongs to SMB1 goes by, by its length, and what follows is read. */
TEST(smb2_messages_that_are_not_read)
{
    struct feed feed;
    uint8_t zeros[0x1000] = {0};

    feed_open(&feed, &carrier_smb2);
    say(&feed, SERVER, "00001004 fd534d42");
    feed_push(&feed, SERVER, (struct bytes){zeros, sizeof(zeros)});
    say(&feed, SERVER, smb_refused);
    CHECK_INT(count(&feed, KIND_smb2), 1);
    close_feed(&feed);
}

TEST(ldap_until_a_security_layer_hides_the_rest)
{
    struct feed feed;

    feed_open(&feed, &carrier_ldap);
    say(&feed, CLIENT, ldap_empty);
    say(&feed, SERVER, ldap_error);
    say(&feed, CLIENT, ldap_unbind);
    CHECK_INT(count(&feed, KIND_ldap), 2);
    CHECK_INT(count(&feed, KIND_krb), 1);
    CHECK_INT(nth(&feed, KIND_ldap, 1)->ldap->request, 0);              /* another messageID */
    say(&feed, SERVER, "00000020 050407ff 000c000c 00000000 11223344"); /* RFC 4752 3.3 */
    say(&feed, SERVER, ldap_refused);
    CHECK_INT(count(&feed, KIND_ldap), 3); /* found again where a segment begins with one */
    CHECK_STR(nth(&feed, KIND_ldap, 2)->ldap->operation, "bindResponse");
    close_feed(&feed);
}

TEST(dcerpc_refusals)
{
    struct feed feed;

    feed_open(&feed, &carrier_dcerpc);
    say(&feed, CLIENT, rpc_bind);
    say(&feed, SERVER, rpc_nak); /* of call 3 */
    CHECK_INT(count(&feed, KIND_dcerpc), 2);
    CHECK_INT(nth(&feed, KIND_dcerpc, 1)->dcerpc->request, 0);
    /* faults: of a call that was no bind, and of the bind (call 1) */
    say(&feed, SERVER, "05000303 10000000 20000000 09000000 20000000 00000000 21070000 00000000");
    CHECK_INT(count(&feed, KIND_dcerpc), 2);
    say(&feed, SERVER, "05000303 10000000 20000000 01000000 20000000 00000000 21070000 00000000");
    CHECK_INT(count(&feed, KIND_dcerpc), 3);
    CHECK_INT(nth(&feed, KIND_dcerpc, 2)->dcerpc->reason.value, 1825); /* RPC_S_SEC_PKG_ERROR */
    CHECK_INT(nth(&feed, KIND_dcerpc, 2)->dcerpc->request, nth(&feed, KIND_dcerpc, 0)->id);
    close_feed(&feed);
}

/* Byte by byte gives the same as at once; every strict prefix gives nothing, or, where the stream
 * ends there, the same marked as incomplete. */
static void cut_everywhere(const struct carrier *carrier, const char *hex, enum kind kind)
{
    struct bytes bytes = test_hex(hex);
    size_t len, i;

    for (len = 0; len <= bytes.len; len++) {
        struct bytes exact = test_exact((struct bytes){bytes.at, len});
        struct feed feed;

        feed_open(&feed, carrier);
        for (i = 0; i < len; i++)
            feed_push(&feed, SERVER, (struct bytes){exact.at + i, 1});
        CHECK_INT(count(&feed, kind), len == bytes.len);
        if (len == bytes.len)
            CHECK(nth(&feed, kind, 0)->source.damaged == NULL);
        feed_end(&feed, SERVER, true);
        CHECK(count(&feed, kind) <= 1);
        if (len < bytes.len && count(&feed, kind) == 1)
            CHECK_STR(nth(&feed, kind, 0)->source.damaged, "incomplete");
        close_feed(&feed);
        free((void *)exact.at);
    }
    free((void *)bytes.at);
}

TEST(every_prefix)
{
    cut_everywhere(&carrier_smb2, smb_error, KIND_smb2);
    cut_everywhere(&carrier_smb2, smb_tree, KIND_smb2);
    cut_everywhere(&carrier_ldap, ldap_error, KIND_ldap);
    cut_everywhere(&carrier_ldap, ldap_refused, KIND_ldap);
    cut_everywhere(&carrier_dcerpc, rpc_error, KIND_dcerpc);
}

static enum claim claims(const struct carrier *carrier, const char *hex, bool hinted)
{
    struct bytes bytes = test_hex(hex);
    enum claim claim = carrier->claim(carrier, bytes, CLIENT, hinted);

    free((void *)bytes.at);
    return claim;
}

TEST(claims_of_first_bytes)
{
    CHECK_INT(claims(&carrier_smb2, smb_offer, false), CLAIM_YES);
    CHECK_INT(claims(&carrier_smb2, "00000100", false), CLAIM_MORE);
    CHECK_INT(claims(&carrier_smb2, "81000044 20", false), CLAIM_NO);
    CHECK_INT(claims(&carrier_smb2, "81000044 20", true), CLAIM_YES);
    CHECK_INT(claims(&carrier_smb2, "47455420 2f204854", true), CLAIM_NO);
    CHECK_INT(claims(&carrier_ldap, ldap_empty, false), CLAIM_YES);
    CHECK_INT(claims(&carrier_ldap, ldap_unbind, true), CLAIM_YES);
    CHECK_INT(claims(&carrier_ldap, ldap_unbind, false), CLAIM_NO);
    CHECK_INT(claims(&carrier_ldap, "308201", true), CLAIM_MORE);
    CHECK_INT(claims(&carrier_ldap, "16030100c5010000", true), CLAIM_NO); /* TLS */
    CHECK_INT(claims(&carrier_dcerpc, rpc_bind, false), CLAIM_YES);
    CHECK_INT(claims(&carrier_dcerpc, "05000003 10000000 1800 0000", false),
              CLAIM_NO); /* request */
    CHECK_INT(claims(&carrier_dcerpc, "05000003 10000000 1800 0000", true), CLAIM_YES);
    CHECK_INT(claims(&carrier_dcerpc, "0500", false), CLAIM_MORE);
    CHECK_INT(claims(&carrier_dcerpc, "05010002", false), CLAIM_MORE); /* SOCKS begins so too */
    CHECK_INT(claims(&carrier_dcerpc, "05010002 47455420 2f20", false), CLAIM_NO);
}

/* A message that is too long is skipped, and said; at the bound it is read. */
TEST(long_messages)
{
    size_t len = LIMIT_MESSAGE_BYTES + 1, extra;

    for (extra = 0; extra < 2; extra++) {
        uint8_t *at = memory_take(len, 1);
        struct bytes head = test_hex(smb_request), refused = test_hex(smb_refused);
        size_t whole = LIMIT_MESSAGE_BYTES + extra;
        struct feed feed;

        memcpy(at, head.at, head.len);
        at[1] = (uint8_t)((whole - 4) >> 16);
        at[2] = (uint8_t)((whole - 4) >> 8);
        at[3] = (uint8_t)(whole - 4);
        feed_open(&feed, &carrier_smb2);
        feed_push(&feed, SERVER, (struct bytes){at, whole / 2});
        feed_push(&feed, SERVER, (struct bytes){at + whole / 2, whole - whole / 2});
        feed_push(&feed, SERVER, refused);
        CHECK_INT(count(&feed, KIND_smb2), extra == 0 ? 2 : 1);
        CHECK_INT(count(&feed, KIND_problem), extra);
        if (extra == 1)
            CHECK_STR(nth(&feed, KIND_problem, 0)->problem->code, "limit-message");
        close_feed(&feed);
        memory_drop(at);
        free((void *)head.at);
        free((void *)refused.at);
    }
}
