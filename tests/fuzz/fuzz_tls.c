/* SPDX-License-Identifier: MIT */
/* The TLS carrier over a conversation; input and properties as in fuzz_http.c. The certificate walk
 * sees the raw input too. */
#include <assert.h>

#include "base/reader.h"
#include "carrier/tls.h"
#include "feed.h"
#include "protocol/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct text play(const uint8_t *data, size_t len, size_t most, bool *out_gaps)
{
    struct feed feed;
    struct reader reader;
    struct text dump;
    size_t i;

    feed_open(&feed, &carrier_tls);
    reader_init(&reader, (struct bytes){data, len}, false);
    while (reader_left(&reader) >= 3) {
        uint8_t flags = reader_u8(&reader);
        struct reader piece;
        size_t want = reader_be16(&reader);

        if (flags & 4) {
            feed_end(&feed, flags & 1, (flags & 8) == 0);
            continue;
        }
        if (flags & 2) {
            *out_gaps = true;
            feed_gap(&feed, flags & 1, want);
            continue;
        }
        piece = reader_child(&reader, size_min(want, reader_left(&reader)));
        while (reader_left(&piece) > 0)
            feed_push(&feed, flags & 1, reader_bytes(&piece, size_min(most, reader_left(&piece))));
    }
    assert(!feed.overrun);
    feed_finish(&feed);
    for (i = 0; i < feed.log.num; i++)
        assert(feed.log.at[i].kind == KIND_tls && feed.log.at[i].tls->names.num <= 65);
    dump = feed_dump(&feed, false);
    feed_clear(&feed);
    return dump;
}

static void walk(struct bytes der)
{
    struct tls_names names;
    struct bytes name;

    if (!tls_parse_certificate(der, &names))
        return;
    while (tls_take_name(&names.alternative, &name))
        assert(name.at >= der.at && name.at + name.len <= der.at + der.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    bool gaps = false;
    struct text whole = play(data, len, SIZE_MAX, &gaps),
                parts = play(data, len, 1 + len / 200, &gaps);

    assert(gaps || strcmp(text_str(&whole), text_str(&parts)) == 0);
    text_clear(&whole);
    text_clear(&parts);
    walk((struct bytes){data, len});
    return 0;
}
