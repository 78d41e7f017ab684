/* SPDX-License-Identifier: MIT */
/* SMB2, LDAP and DCE/RPC carriers over a conversation. Input: an octet that chooses the carrier,
 * then pieces, each an octet (bit 0 side, bit 1 a gap of that length, bit 2 the side's end), a
 * length in two octets, and its bytes unless it is a gap. Beyond "no crash": references point
 * backwards to what they name, views stay inside, and where nothing is damaged the same
 * observations come from other pieces. */
#include <assert.h>

#include "base/reader.h"
#include "carrier/framed.h"
#include "feed.h"

extern const struct carrier carrier_smb2, carrier_ldap, carrier_dcerpc;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The request that an answer names is one, of the same kind, and stands before it. */
static void check_request(const struct feed *feed, const struct observation *answer,
                          int64_t request, bool response)
{
    const struct observation *o;

    assert(response || request == 0);
    if (request == 0)
        return;
    assert(request < answer->id);
    o = log_find(&feed->log, request);
    assert(o != NULL && o->kind == answer->kind);
}

static void check(const struct feed *feed)
{
    size_t i;

    for (i = 0; i < feed->log.num; i++) {
        const struct observation *o = &feed->log.at[i];

        if (o->kind == KIND_smb2) {
            check_request(feed, o, o->smb2->request, o->smb2->response);
            assert(o->smb2->command != NULL && (o->smb2->tree == NULL || !o->smb2->response));
        } else if (o->kind == KIND_ldap) {
            check_request(feed, o, o->ldap->request, o->ldap->response);
            assert(!o->ldap->result.set || o->ldap->response);
        } else if (o->kind == KIND_dcerpc) {
            check_request(feed, o, o->dcerpc->request, o->dcerpc->response);
        } else if (o->kind == KIND_gss) {
            assert(o->gss->message > 0 && o->gss->message < o->id && o->gss->token_len > 0);
        }
    }
}

static struct text play(const struct carrier *carrier, struct reader reader, bool whole,
                        bool *out_gaps)
{
    struct feed feed;
    struct text dump;

    feed_open(&feed, carrier);
    while (reader_left(&reader) >= 3) {
        uint8_t flags = reader_u8(&reader);
        size_t want = reader_be16(&reader);

        if (flags & 4) {
            feed_end(&feed, flags & 1, (flags & 8) == 0);
        } else if (flags & 2) {
            *out_gaps = true;
            feed_gap(&feed, flags & 1, want);
        } else {
            struct bytes piece = reader_bytes(&reader, size_min(want, reader_left(&reader)));
            size_t half = whole ? piece.len : (piece.len + 1) / 2;

            feed_push(&feed, flags & 1, (struct bytes){piece.at, half});
            if (half < piece.len)
                feed_push(&feed, flags & 1, (struct bytes){piece.at + half, piece.len - half});
        }
    }
    assert(!feed.overrun);
    check(&feed);
    feed_finish(&feed);
    dump = feed_dump(&feed, false);
    feed_clear(&feed);
    return dump;
}

/* Where a message begins behind something unreadable is found by what the pieces begin with. */
static bool is_lost(const struct carrier *carrier, struct reader reader)
{
    uint8_t *stream[2] = {NULL, NULL};
    size_t len[2] = {0, 0}, at[2] = {0, 0};
    bool lost = false, ended[2] = {false, false};
    int side;

    for (side = 0; side < 2; side++)
        stream[side] = memory_take(reader_left(&reader), 1);
    while (reader_left(&reader) >= 3) {
        uint8_t flags = reader_u8(&reader);
        size_t want = reader_be16(&reader);
        struct bytes piece;

        if ((flags & 6) != 0) {
            ended[flags & 1] |= (flags & 4) != 0;
            continue;
        }
        piece = reader_bytes(&reader, size_min(want, reader_left(&reader)));
        if (piece.len > 0 && !ended[flags & 1])
            memcpy(stream[flags & 1] + len[flags & 1], piece.at, piece.len);
        len[flags & 1] += ended[flags & 1] ? 0 : piece.len;
    }
    for (side = 0; side < 2; side++) {
        while (at[side] < len[side] && !lost) {
            struct bytes rest = {stream[side] + at[side], len[side] - at[side]};
            size_t used = 0;
            enum framed_start start = carrier->rules->measure(rest, &used);

            lost = start == FRAMED_NONE;
            if (start < FRAMED_SKIP)
                break;
            assert(used > 0);
            at[side] += size_min(used, rest.len);
        }
        memory_drop(stream[side]);
    }
    return lost;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct carrier *const table[] = {&carrier_smb2, &carrier_ldap, &carrier_dcerpc};
    const struct carrier *carrier;
    struct reader reader;
    struct text whole, again;
    bool gaps = false;

    reader_init(&reader, (struct bytes){data, len}, false);
    carrier = table[reader_u8(&reader) % 3];
    whole = play(carrier, reader, true, &gaps);
    again = play(carrier, reader, gaps || is_lost(carrier, reader), &gaps);
    assert(strcmp(text_str(&whole), text_str(&again)) == 0);
    text_clear(&again);
    text_clear(&whole);
    return 0;
}
