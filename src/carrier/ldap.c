/* SPDX-License-Identifier: MIT */
/* LDAP (RFC 4511) on TCP: the tokens of SASL binds, up to the point where a security layer or TLS
 * hides what follows. */
#include "protocol/ldap.h"

#include "carrier/framed.h"

static const uint16_t ports[] = {389, 3268, 0};

static enum framed_start measure(struct bytes first, size_t *out_len)
{
    uint32_t op = 0;

    switch (ldap_take_frame(first, out_len, &op)) {
    case LDAP_FRAME_NONE:
        return FRAMED_NONE;
    case LDAP_FRAME_MORE:
        return FRAMED_MORE;
    case LDAP_FRAME_MESSAGE:
        break;
    }
    return op == LDAP_BIND_REQUEST || op == LDAP_BIND_RESPONSE ? FRAMED_READ : FRAMED_SKIP;
}

/* Clean text of a field; NULL when it is empty. */
static const char *text_of(struct carriage *carriage, struct bytes field)
{
    return field.len == 0 ? NULL : arena_text(carriage->scratch, field);
}

static const char *damage(const struct source *source, const struct der_story *story)
{
    if (source->damaged != NULL || story->fault == FAULT_NONE)
        return source->damaged;
    return story->fault == FAULT_NEEDS_MORE ? "incomplete" : "malformed";
}

static void message(struct framed *framed, struct carriage *carriage, const struct source *source,
                    struct bytes bytes)
{
    struct source own = *source;
    struct ldap_message message;
    struct ldap ldap = {0};
    struct reader in;

    reader_init(&in, bytes, source->damaged != NULL);
    if (!ldap_parse(&in, &message))
        return;
    own.damaged = damage(source, &message.story);
    ldap.response = message.op == LDAP_BIND_RESPONSE;
    ldap.operation = ldap.response ? "bindResponse" : "bindRequest";
    ldap.how = message.how;
    ldap.mechanism = text_of(carriage, message.mechanism);
    if (message.result.set)
        ldap.result = optint(message.result.value);
    ldap.diagnostic = text_of(carriage, message.diagnostic);
    ldap.message_id = message.message_id;
    ldap.request = ldap.response ? framed_answer(framed, (uint64_t)message.message_id) : 0;
    framed_observe(framed, carriage, &own,
                   &(struct framed_record){KIND_ldap, &ldap, ldap.response,
                                           (uint64_t)message.message_id, message.token});
}

static const struct framed_rules rules = {measure, message};

/* On a port of its own any message will do; elsewhere it must be a bind of version 3. */
static enum claim claim(const struct carrier *self, struct bytes first, int side, bool hinted)
{
    static const uint8_t version[] = {DER_INTEGER, 1, 3};
    struct ldap_message message;
    struct reader in;
    uint32_t op = 0;
    size_t len;
    enum ldap_frame frame = ldap_take_frame(first, &len, &op);

    (void)self;
    (void)side;
    if (frame != LDAP_FRAME_MESSAGE)
        return frame == LDAP_FRAME_MORE ? CLAIM_MORE : CLAIM_NO;
    if (hinted)
        return CLAIM_YES;
    reader_init(&in, (struct bytes){first.at, size_min(first.len, len)}, first.len < len);
    if (op != LDAP_BIND_REQUEST || !ldap_parse(&in, &message))
        return CLAIM_NO;
    return memmem(first.at, size_min(first.len, 32), version, sizeof(version)) != NULL &&
                   message.how != NULL
               ? CLAIM_YES
               : CLAIM_NO;
}

const struct carrier carrier_ldap = {
    .name = "ldap",
    .reference = "RFC 4511",
    .ports = ports,
    .claim = claim,
    .open = framed_open,
    .feed = framed_feed,
    .finish = framed_finish,
    .rules = &rules,
};
