/* SPDX-License-Identifier: MIT */
#include "protocol/ntlm.h"

/* NegotiateFlags, 2.2.2.5. */
enum {
    FLAG_UNICODE = 0x00000001,
    FLAG_DOMAIN_SUPPLIED = 0x00001000,
    FLAG_WORKSTATION_SUPPLIED = 0x00002000,
    FLAG_TARGET_INFO = 0x00800000,
    FLAG_VERSION = 0x02000000
};

/* AvId, 2.2.2.1. */
enum {
    AV_EOL = 0,
    AV_NB_COMPUTER = 1,
    AV_NB_DOMAIN = 2,
    AV_DNS_COMPUTER = 3,
    AV_DNS_DOMAIN = 4,
    AV_DNS_TREE = 5,
    AV_TIMESTAMP = 7,
    AV_TARGET_NAME = 9,
    AV_CHANNEL_BINDINGS = 10
};

enum {
    SIGNATURE_LEN = 8,
    HEADER_LEN = 12,
    PROOF_LEN = 16,      /* NTProofStr in front of an NTLMv2_CLIENT_CHALLENGE, 2.2.2.8 */
    CLIENT_HEAD_LEN = 28 /* that structure up to its AvPairs, 2.2.2.7 */
};

struct parser {
    struct arena *arena;
    struct bytes message;
    struct ntlm_message *out;
    struct reader in;
};

static void fail(struct parser *p, enum fault fault, size_t at, const char *what)
{
    if (p->out->fault != FAULT_NONE)
        return;
    p->out->fault = fault;
    p->out->fault_at = at;
    p->out->fault_what = what;
}

/* A payload field: length, maximum, offset (2.2.1). Empty for none, and outside of the message. */
static struct bytes take_field(struct parser *p)
{
    struct bytes none = {NULL, 0};
    size_t len = reader_le16(&p->in), offset;

    reader_skip(&p->in, 2);
    offset = reader_le32(&p->in);
    if (!reader_ok(&p->in) || len == 0)
        return none;
    if (offset > p->message.len || len > p->message.len - offset) {
        fail(p, p->in.open ? FAULT_NEEDS_MORE : FAULT_MALFORMED, p->in.at - 8,
             "a field lies outside of the message");
        return none;
    }
    return (struct bytes){p->message.at + offset, len};
}

/* UTF-16LE when negotiated, else the sender's OEM letters, of which ASCII is kept. */
static const char *field_text(struct parser *p, struct bytes raw, bool unicode)
{
    if (raw.len == 0)
        return NULL;
    return unicode ? arena_text16(p->arena, raw) : arena_text(p->arena, raw);
}

static const char **av_target(struct ntlm_message *out, uint16_t id)
{
    switch (id) {
    case AV_NB_COMPUTER:
        return &out->nb_computer;
    case AV_NB_DOMAIN:
        return &out->nb_domain;
    case AV_DNS_COMPUTER:
        return &out->dns_computer;
    case AV_DNS_DOMAIN:
        return &out->dns_domain;
    case AV_DNS_TREE:
        return &out->dns_tree;
    case AV_TARGET_NAME:
        return &out->target_name;
    default:
        return NULL;
    }
}

/* FILETIME: 100 ns since 1601-01-01. Beyond what 64 bits of nanoseconds hold it is left out. */
static void set_time(struct ntlm_message *out, uint64_t filetime)
{
    const int64_t epoch = 116444736000000000;
    int64_t ticks;

    if (filetime > INT64_MAX)
        return;
    ticks = (int64_t)filetime - epoch;
    if (filetime == 0 || ticks > INT64_MAX / 100 || ticks < INT64_MIN / 100)
        return;
    out->has_time = true;
    out->time_ns = ticks * 100;
}

static void set_bindings(struct ntlm_message *out, struct bytes hash)
{
    size_t i;

    out->bindings = NTLM_BINDINGS_ZERO;
    for (i = 0; i < hash.len; i++)
        if (hash.at[i] != 0)
            out->bindings = NTLM_BINDINGS_SET;
}

static void read_av_pairs(struct parser *p, struct bytes info)
{
    struct reader in;

    reader_init(&in, info, false);
    while (reader_left(&in) > 0) {
        uint16_t id = reader_le16(&in), len = reader_le16(&in);
        struct bytes value = reader_bytes(&in, len);
        const char **to = av_target(p->out, id);
        struct reader time;

        if (!reader_ok(&in))
            break;
        if (id == AV_EOL)
            return;
        if (to != NULL && *to == NULL) {
            *to = value.len == 0 ? "" : arena_text16(p->arena, value);
        } else if (id == AV_TIMESTAMP && len == 8) {
            reader_init(&time, value, false);
            set_time(p->out, reader_le64(&time));
        } else if (id == AV_CHANNEL_BINDINGS) {
            set_bindings(p->out, value);
        }
    }
    fail(p, FAULT_MALFORMED, info.len == 0 ? 0 : (size_t)(info.at - p->message.at),
         "target information without an end");
}

/* VERSION, 2.2.2.10. */
static void read_version(struct parser *p)
{
    unsigned major = reader_u8(&p->in), minor = reader_u8(&p->in), build = reader_le16(&p->in);

    reader_skip(&p->in, 4);
    if (reader_ok(&p->in) && (p->out->flags & FLAG_VERSION) != 0 && major != 0)
        p->out->version = arena_print(p->arena, "%u.%u.%u", major, minor, build);
}

static void parse_negotiate(struct parser *p)
{
    struct bytes domain, workstation;

    p->out->flags = reader_le32(&p->in);
    if (reader_left(&p->in) == 0) /* old clients end here */
        return;
    domain = take_field(p);
    workstation = take_field(p);
    if ((p->out->flags & FLAG_DOMAIN_SUPPLIED) != 0)
        p->out->domain = field_text(p, domain, false);
    if ((p->out->flags & FLAG_WORKSTATION_SUPPLIED) != 0)
        p->out->workstation = field_text(p, workstation, false);
    if ((p->out->flags & FLAG_VERSION) != 0)
        read_version(p);
}

static void parse_challenge(struct parser *p)
{
    struct bytes target = take_field(p), info;

    p->out->flags = reader_le32(&p->in);
    p->out->target = field_text(p, target, (p->out->flags & FLAG_UNICODE) != 0);
    reader_skip(&p->in, 8); /* ServerChallenge */
    if (reader_left(&p->in) < 16)
        return;             /* NT 4 ends here */
    reader_skip(&p->in, 8); /* Reserved */
    info = take_field(p);
    if ((p->out->flags & FLAG_VERSION) != 0 && reader_left(&p->in) >= 8)
        read_version(p);
    if (info.len > 0)
        read_av_pairs(p, info);
}

static void parse_authenticate(struct parser *p)
{
    struct bytes response, domain, user, workstation;
    bool unicode;

    take_field(p); /* LmChallengeResponse */
    response = take_field(p);
    domain = take_field(p);
    user = take_field(p);
    workstation = take_field(p);
    if (reader_left(&p->in) >= 12) { /* NT 4 ends before */
        take_field(p);               /* EncryptedRandomSessionKey */
        p->out->flags = reader_le32(&p->in);
    } else {
        p->out->flags = FLAG_UNICODE;
    }
    unicode = (p->out->flags & FLAG_UNICODE) != 0;
    p->out->domain = field_text(p, domain, unicode);
    p->out->user = field_text(p, user, unicode);
    p->out->workstation = field_text(p, workstation, unicode);
    if ((p->out->flags & FLAG_VERSION) != 0 && reader_left(&p->in) >= 8)
        read_version(p);
    /* Only the target information that an NTLMv2 response repeats; the proof in front of it is
     * stepped over. An NTLMv1 response has 24 bytes. */
    if (response.len > PROOF_LEN + CLIENT_HEAD_LEN) {
        struct bytes info = {response.at + PROOF_LEN + CLIENT_HEAD_LEN,
                             response.len - PROOF_LEN - CLIENT_HEAD_LEN};

        read_av_pairs(p, info);
    }
}

bool ntlm_parse(struct arena *arena, struct bytes message, bool open, struct ntlm_message *out)
{
    static const char signature[SIGNATURE_LEN] = "NTLMSSP";
    struct parser p = {arena, message, out, {0}};

    memset(out, 0, sizeof(*out));
    if (message.len < HEADER_LEN || memcmp(message.at, signature, SIGNATURE_LEN) != 0)
        return false;
    reader_init(&p.in, message, open);
    reader_skip(&p.in, SIGNATURE_LEN);
    out->type = reader_le32(&p.in);
    if (out->type == NTLM_NEGOTIATE)
        parse_negotiate(&p);
    else if (out->type == NTLM_CHALLENGE)
        parse_challenge(&p);
    else if (out->type == NTLM_AUTHENTICATE)
        parse_authenticate(&p);
    else
        return false;
    if (!reader_ok(&p.in))
        fail(&p, p.in.fault, p.in.fault_at, p.in.fault_what);
    return true;
}
