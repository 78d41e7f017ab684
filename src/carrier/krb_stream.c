/* SPDX-License-Identifier: MIT */
#include "carrier/krb_stream.h"

#include "asn1/kerberos.h"
#include "base/limits.h"
#include "base/memory.h"

enum { LENGTH_LEN = 4, MIN_MESSAGE = 6 };

struct side {
    bool lost;         /* no message boundary is known: a strict match finds the next one */
    uint64_t expected; /* stream offset at which the next message begins, when not lost */
};

struct krb_stream {
    const struct carrier *carrier;
    struct side side[2];
};

void *krb_stream_open(const struct carrier *self, struct carriage *carriage, struct flow *flow)
{
    struct krb_stream *stream = memory_take(1, sizeof(*stream));

    (void)carriage;
    (void)flow;
    stream->carrier = self;
    return stream;
}

void krb_stream_finish(void *state, struct carriage *carriage, struct flow *flow)
{
    (void)carriage;
    (void)flow;
    memory_drop(state);
}

bool krb_message_strict(struct bytes first, size_t len)
{
    struct reader in;
    struct kerberos message;

    reader_init(&in, first, first.len < len);
    if (kerberos_type_of_octet(reader_peek(&in)) == 0)
        return false;
    if (!kerberos_parse(&in, &message))
        return message.story.fault == FAULT_NEEDS_MORE;
    if (first.len >= len && message.end != len)
        return false;
    if (message.story.fault != FAULT_NONE && message.story.fault != FAULT_NEEDS_MORE)
        return false;
    return (!message.pvno.set || message.pvno.value == 5) &&
           (!message.type.set || message.type.value == message.msg_type) &&
           (message.type.set || first.len < 32);
}

/* The length in front of a message; 0 when it is none. The highest bit is for extensions (RFC 5021)
 * that nobody uses. */
static size_t take_length(struct bytes data)
{
    struct reader in;
    uint32_t len;

    reader_init(&in, data, true);
    len = reader_be32(&in);
    return len < MIN_MESSAGE || len > LIMIT_MESSAGE_BYTES ? 0 : len;
}

/* What would be a message if its length were not beyond the bound. RFC 5021: no length has the
 * highest bit set. */
static bool is_too_long(const struct carrier *carrier, struct bytes data)
{
    struct reader in;
    uint32_t len;

    reader_init(&in, data, true);
    len = reader_be32(&in);
    return len > LIMIT_MESSAGE_BYTES && len <= INT32_MAX &&
           carrier->framed->plausible((struct bytes){data.at + LENGTH_LEN, data.len - LENGTH_LEN},
                                      len, false);
}

static struct bytes from(struct bytes data, size_t at)
{
    return (struct bytes){data.at + at, data.len - at};
}

/* Whether a message may begin here. */
static bool begins(const struct carrier *carrier, struct bytes data, bool strict)
{
    size_t len = take_length(data);
    struct bytes first;

    if (len == 0)
        return false;
    first = from(data, LENGTH_LEN);
    first.len = size_min(first.len, len);
    return carrier->framed->plausible(first, len, strict);
}

enum claim krb_stream_claim(const struct carrier *self, struct bytes first, int side, bool hinted)
{
    size_t i, printable = 0;

    (void)side;
    if (first.len >= LENGTH_LEN + MIN_MESSAGE && begins(self, first, !hinted))
        return hinted || first.len >= LENGTH_LEN + 20 ? CLAIM_YES : CLAIM_MORE;
    if (!hinted && first.len >= LENGTH_LEN && take_length(first) == 0)
        return CLAIM_NO;
    if (first.len < LENGTH_LEN + MIN_MESSAGE)
        return CLAIM_MORE;
    if (!hinted)
        return CLAIM_NO;
    /* The middle of a message that began before the capture, unless it is another protocol's text
     * on this port. */
    for (i = 0; i < LENGTH_LEN + MIN_MESSAGE; i++)
        printable += first.at[i] >= ' ' && first.at[i] < 0x7F;
    return printable == LENGTH_LEN + MIN_MESSAGE ? CLAIM_NO : CLAIM_YES;
}

/* Finds out where the messages are after a gap, or after nonsense. */
static void resume(struct krb_stream *stream, struct side *side, const struct segment *segment)
{
    if (segment->gap_before && segment->offset != side->expected)
        side->lost = true;
    if (side->lost && begins(stream->carrier, segment->data, true))
        side->lost = false;
}

size_t krb_stream_feed(void *state, struct carriage *carriage, struct flow *flow, int side_index,
                       const struct segment *segment)
{
    struct krb_stream *stream = state;
    struct side *side = &stream->side[side_index];
    struct bytes data = segment->data;
    const char *damaged = segment->gap_before ? "after-gap" : NULL;
    size_t used = 0;

    resume(stream, side, segment);
    while (!side->lost && data.len - used >= LENGTH_LEN) {
        struct bytes rest = from(data, used);
        size_t len = take_length(rest);
        struct source source;

        if (!begins(stream->carrier, rest, false) &&
            (len == 0 || rest.len >= LENGTH_LEN + MIN_MESSAGE)) {
            if (is_too_long(stream->carrier, rest)) {
                source = carrier_source(flow, side_index, segment, stream->carrier->name, damaged);
                carrier_limit(carriage, CARRIER_MESSAGE, &source);
            }
            side->lost = true;
            break;
        }
        rest = from(rest, LENGTH_LEN);
        if (rest.len < len && !segment->gap_after)
            break;
        if (rest.len < len)
            damaged = "incomplete";
        rest.len = size_min(rest.len, len);
        source = carrier_source(flow, side_index, segment, stream->carrier->name, damaged);
        stream->carrier->framed->message(carriage, &source, rest);
        damaged = NULL;
        used += LENGTH_LEN + len; /* beyond the data when the rest is lost: skipped as it comes */
        side->expected = segment->offset + used;
        if (used >= data.len)
            return used;
    }
    return side->lost || segment->gap_after ? data.len : used;
}

bool krb_stream_stray(const struct carrier *self, struct bytes payload, size_t missing)
{
    return self->framed->plausible(payload, payload.len + missing, true);
}

bool krb_stream_datagram(const struct carrier *self, struct carriage *carriage,
                         const struct flow *flow, int side, struct bytes payload, size_t missing,
                         bool hinted)
{
    const char *damaged = missing > 0 ? "incomplete" : NULL;
    struct source source;

    if (!self->framed->plausible(payload, payload.len + missing, !hinted))
        return false;
    source = carrier_source(flow, side, NULL, self->name, damaged);
    self->framed->message(carriage, &source, payload);
    return true;
}
