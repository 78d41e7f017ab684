/* SPDX-License-Identifier: MIT */
/* The HTTP carrier over a conversation. Input: pieces, each an octet (bit 0 side, bit 1 a gap of
 * that length, bit 2 the side's end), a length in two octets, and its bytes unless it is a gap.
 * Beyond "no crash": the same twice, nothing held at the end, references point backwards, and
 * where nothing is damaged the same observations from other pieces. */
#include <assert.h>

#include "base/reader.h"
#include "feed.h"

extern const struct carrier carrier_http;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { WHOLE, FINE, HALVES };

/* FINE: byte by byte what is short, some two hundred pieces of what is long. */
static void push(struct feed *feed, int side, struct bytes bytes, int how)
{
    size_t fine = 1 + bytes.len / 200;

    while (bytes.len > 0) {
        size_t len = size_min(bytes.len, how == WHOLE  ? bytes.len
                                         : how == FINE ? fine
                                                       : (bytes.len + 1) / 2);

        feed_push(feed, side, (struct bytes){bytes.at, len});
        bytes.at += len;
        bytes.len -= len;
    }
}

static struct text play(const uint8_t *data, size_t len, int how, bool *out_gaps)
{
    struct feed feed;
    struct reader reader;
    struct text dump;
    size_t i;

    feed_open(&feed, &carrier_http);
    reader_init(&reader, (struct bytes){data, len}, false);
    while (reader_left(&reader) >= 3) {
        uint8_t flags = reader_u8(&reader);
        size_t want = reader_be16(&reader);

        if (flags & 4) {
            feed_end(&feed, flags & 1, (flags & 8) == 0);
        } else if (flags & 2) {
            *out_gaps = true;
            feed_gap(&feed, flags & 1, want);
        } else {
            push(&feed, flags & 1, reader_bytes(&reader, size_min(want, reader_left(&reader))),
                 how);
        }
    }
    assert(!feed.overrun);
    feed_finish(&feed);
    assert(feed.carriage.held == 0);
    for (i = 0; i < feed.log.num; i++) {
        const struct observation *o = &feed.log.at[i];

        assert(o->source.first_frame <= o->source.frame || o->source.first_frame == 0 || *out_gaps);
        if (o->kind == KIND_http)
            assert(o->http->request < o->id && o->http->auths.num <= 64);
        if (o->kind == KIND_gss)
            assert(o->gss->message > 0 && o->gss->message < o->id);
    }
    dump = feed_dump(&feed, false);
    feed_clear(&feed);
    return dump;
}

/* Where a message begins behind something unreadable is found by what the pieces begin with. */
static bool is_damaged(struct text dump)
{
    return strstr(text_str(&dump), "damaged=") != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    bool gaps = false;
    struct text whole = play(data, len, WHOLE, &gaps);
    bool same = gaps || is_damaged(whole); /* other pieces may give something else */
    struct text again = play(data, len, same ? WHOLE : len % 2 == 0 ? FINE : HALVES, &gaps);

    assert((!same && is_damaged(again)) || strcmp(text_str(&whole), text_str(&again)) == 0);
    text_clear(&again);
    text_clear(&whole);
    return 0;
}
