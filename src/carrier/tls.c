/* SPDX-License-Identifier: MIT */
/* TLS on any port: who was asked for (SNI) and who answered (certificate); then it hides the rest,
 * and the flow is let go at the first application data. */
#include "carrier/tls.h"

#include "base/limits.h"
#include "base/memory.h"
#include "protocol/tls.h"

struct tls_side {
    bool encrypted;    /* behind its ChangeCipherSpec */
    uint8_t *fragment; /* of a handshake message that goes over several records */
    size_t len;
    int64_t first_frame, first_ns; /* where it began */
};

struct tls_state {
    struct tls_side side[2];
    bool begun;       /* something was taken */
    uint16_t version; /* chosen, or offered so far */
};

struct tls_call {
    struct tls_state *state;
    struct carriage *carriage;
    const struct flow *flow;
    const struct segment *segment;
    int number;
    struct tls_side *side;
};

static const char *text_of(struct arena *arena, struct bytes bytes)
{
    return bytes.len == 0 ? NULL : arena_text(arena, bytes);
}

static void note(const struct tls_call *call, struct tls *tls, const char *damaged)
{
    char room[TLS_VERSION_ROOM];
    struct source source = carrier_source(call->flow, call->number, call->segment, "tls", damaged);

    if (call->side->fragment != NULL) {
        source.first_frame = call->side->first_frame;
        source.first_ns = call->side->first_ns;
    }
    if (call->state->version != 0)
        tls->version = tls_version_name(call->state->version, room);
    log_append(call->carriage->log, KIND_tls, &source, tls);
}

static void say_limit(const struct tls_call *call, enum carrier_limit limit)
{
    struct source source = carrier_source(call->flow, call->number, call->segment, "tls", NULL);

    carrier_limit(call->carriage, limit, &source);
}

/* To a list of LIMIT_TLS_NAMES. */
static void add(const struct tls_call *call, struct text_list *list, const char **room,
                struct bytes text)
{
    list->at = room;
    if (text.len == 0)
        return;
    if (list->num < LIMIT_TLS_NAMES)
        room[list->num++] = arena_text(call->carriage->scratch, text);
    else
        say_limit(call, CARRIER_TLS_NAMES);
}

static void note_hello(const struct tls_call *call, struct reader *reader, bool client,
                       const char *damaged)
{
    struct arena *arena = call->carriage->scratch;
    struct tls tls = {.message = client ? "ClientHello" : "ServerHello"};
    const char *protocols[LIMIT_TLS_NAMES];
    struct tls_hello hello;
    struct bytes protocol;

    if (client)
        tls_parse_client_hello(reader, &hello);
    else
        tls_parse_server_hello(reader, &hello);
    if (hello.version == 0)
        return;
    call->state->version = hello.version;
    tls.sni = text_of(arena, hello.sni);
    if (hello.has_cipher)
        tls.cipher = optint(hello.cipher);
    while (tls_take_protocol(&hello.alpn, &protocol))
        add(call, &tls.alpn, protocols, protocol);
    note(call, &tls, damaged != NULL || reader_ok(reader) ? damaged : "malformed");
}

static void note_certificate(const struct tls_call *call, struct reader *reader,
                             const char *damaged)
{
    struct tls tls = {.message = "Certificate"};
    const char *room[LIMIT_TLS_NAMES];
    struct bytes leaf = tls_leaf(reader), name;
    struct tls_names names;

    if (leaf.len == 0)
        return; /* a client that has none */
    if (!tls_parse_certificate(leaf, &names) && damaged == NULL)
        damaged = "malformed";
    while (tls_take_name(&names.alternative, &name))
        add(call, &tls.names, room, name);
    add(call, &tls.names, room, names.common_name);
    note(call, &tls, damaged);
}

/* A handshake message, or what is there of it. */
static void note_handshake(const struct tls_call *call, uint8_t type, struct bytes body, bool cut)
{
    struct reader reader;
    const char *damaged = cut ? "incomplete" : NULL;

    reader_init(&reader, body, cut);
    if (type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO)
        note_hello(call, &reader, type == TLS_CLIENT_HELLO, damaged);
    else if (type == TLS_CERTIFICATE)
        note_certificate(call, &reader, damaged);
}

static void drop_fragment(struct tls_side *side)
{
    memory_drop(side->fragment);
    side->fragment = NULL;
    side->len = 0;
}

/* Reads the messages in handshake bytes; returns how many bytes whole messages take. */
static size_t read_handshake(const struct tls_call *call, struct bytes bytes, bool cut)
{
    struct reader reader;
    size_t done = 0;

    reader_init(&reader, bytes, true);
    while (reader_left(&reader) >= TLS_HANDSHAKE_HEADER) {
        uint8_t type = reader_u8(&reader);
        size_t len = reader_be24(&reader);

        if (reader_left(&reader) < len && !cut)
            break;
        note_handshake(call, type, reader_bytes(&reader, size_min(len, reader_left(&reader))),
                       len > bytes.len - done - TLS_HANDSHAKE_HEADER);
        done = reader.at;
    }
    return done;
}

/* The fragment of a handshake record; messages may begin and end anywhere in it (RFC 5246 6.2.1).
 */
static void take_handshake(const struct tls_call *call, struct bytes fragment, bool cut)
{
    struct tls_side *side = call->side;
    bool joined = side->len > 0;
    size_t done;

    if (side->encrypted)
        return;
    if (joined) {
        if (fragment.len > LIMIT_TLS_HANDSHAKE_BYTES - side->len) {
            say_limit(call, CARRIER_TLS_HANDSHAKE);
            drop_fragment(side);
            side->encrypted = true; /* nothing of this side is read any more */
            return;
        }
        side->fragment = memory_grow(side->fragment, side->len + fragment.len, 1);
        if (fragment.len > 0)
            memcpy(side->fragment + side->len, fragment.at, fragment.len);
        side->len += fragment.len;
        fragment = (struct bytes){side->fragment, side->len};
    }
    done = read_handshake(call, fragment, cut);
    if (joined && done == 0)
        return;
    if (done > 0)
        fragment.at += done;
    fragment.len -= done;
    if (fragment.len == 0) {
        drop_fragment(side);
    } else {
        uint8_t *rest = memory_take(fragment.len, 1);

        memcpy(rest, fragment.at, fragment.len);
        memory_drop(side->fragment);
        side->fragment = rest;
        side->len = fragment.len;
        side->first_frame = call->segment->first_frame;
        side->first_ns = call->segment->first_ns;
    }
}

static void note_alert(const struct tls_call *call, struct bytes fragment)
{
    struct tls tls = {.message = "alert"};

    if (call->side->encrypted || fragment.len != 2)
        return;
    tls.alert = optint(fragment.at[1]);
    note(call, &tls, NULL);
}

/* One record whose fragment is there. `cut`: not all of it. */
static size_t take_record(const struct tls_call *call, const struct tls_record *record,
                          struct bytes fragment, bool cut)
{
    struct tls tls = {.message = "application_data"};

    switch (record->type) {
    case TLS_HANDSHAKE:
        take_handshake(call, fragment, cut);
        break;
    case TLS_ALERT:
        note_alert(call, fragment);
        break;
    case TLS_CHANGE_CIPHER_SPEC:
        call->side->encrypted = true;
        break;
    case TLS_APPLICATION_DATA:
        note(call, &tls, NULL);
        return FLOW_IGNORE;
    default:
        break;
    }
    return TLS_RECORD_HEADER + fragment.len;
}

/* A ClientHello in the form of SSL 2 (RFC 5246 E.2), which is passed over: it holds no names. */
static bool is_old_hello(struct bytes first)
{
    return first.len >= 5 && (first.at[0] & 0x80) != 0 && first.at[2] == TLS_CLIENT_HELLO &&
           first.at[3] == 3 && first.at[4] <= 4;
}

static size_t tls_feed(void *user, struct carriage *carriage, struct flow *flow, int side,
                       const struct segment *segment)
{
    struct tls_state *state = user;
    struct tls_call call = {state, carriage, flow, segment, side, &state->side[side]};
    struct tls_record record;
    struct bytes fragment;
    struct reader reader;

    if (segment->gap_before)
        drop_fragment(call.side);
    if (!state->begun && is_old_hello(segment->data)) {
        state->begun = true;
        return 2 + ((size_t)(segment->data.at[0] & 0x7F) << 8 | segment->data.at[1]);
    }
    state->begun |= segment->data.len > 0;
    reader_init(&reader, segment->data, true);
    if (!tls_take_record(&reader, &record)) {
        if (reader.fault != FAULT_NEEDS_MORE)
            return FLOW_IGNORE; /* after a gap, or SSLv2, or damage: nothing to be found here */
        return segment->gap_after ? segment->data.len : 0;
    }
    if (record.type == TLS_APPLICATION_DATA)
        return take_record(&call, &record, reader_rest(&reader), false);
    if (reader_left(&reader) < record.len && !segment->gap_after)
        return 0;
    fragment = reader_bytes(&reader, size_min(record.len, reader_left(&reader)));
    return take_record(&call, &record, fragment, fragment.len < record.len);
}

static void *tls_open(const struct carrier *self, struct carriage *carriage, struct flow *flow)
{
    (void)self;
    (void)carriage;
    (void)flow;
    return memory_take(1, sizeof(struct tls_state));
}

static void tls_finish(void *user, struct carriage *carriage, struct flow *flow)
{
    struct tls_state *state = user;

    (void)carriage;
    (void)flow;
    drop_fragment(&state->side[0]);
    drop_fragment(&state->side[1]);
    memory_drop(state);
}

/* A handshake record that holds a hello. */
static enum claim tls_claim(const struct carrier *self, struct bytes first, int side, bool hinted)
{
    static const uint8_t begin[] = {TLS_HANDSHAKE, 3};
    struct tls_record record;
    struct reader reader;
    size_t i;
    uint8_t type;

    (void)self;
    (void)side;
    if (hinted && is_old_hello(first))
        return CLAIM_YES;
    for (i = 0; i < sizeof(begin) && i < first.len; i++)
        if (first.at[i] != begin[i])
            return CLAIM_NO;
    reader_init(&reader, first, true);
    tls_take_record(&reader, &record);
    type = reader_u8(&reader);
    if (!reader_ok(&reader))
        return reader.fault == FAULT_NEEDS_MORE ? CLAIM_MORE : CLAIM_NO;
    return (type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO) && record.len > 38 ? CLAIM_YES
                                                                                     : CLAIM_NO;
}

static const uint16_t ports[] = {443, 5986, 8443, 636, 3269, 9443, 0};

const struct carrier carrier_tls = {
    .name = "tls",
    .reference = "RFC 8446",
    .ports = ports,
    .claim = tls_claim,
    .open = tls_open,
    .feed = tls_feed,
    .finish = tls_finish,
};
