/* SPDX-License-Identifier: MIT */
/* Any bytes as nested elements: offsets stay inside, siblings do not overlap, faults have places.
 */
#include <assert.h>
#include <stdlib.h>

#include "asn1/der.h"
#include "asn1/oid.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void values(const struct der *der, struct der_story *story)
{
    char dotted[OID_TEXT_ROOM];
    struct der_bytes string = der_string(der, story);

    der_integer(der, story);
    der_flags(der, story);
    der_time(der, story);
    assert(string.raw.len <= der->in.end - der->in.at);
    assert(oid_text(string.raw, dotted) == (dotted[0] != '\0'));
    assert(strlen(dotted) < OID_TEXT_ROOM);
}

static void walk(struct reader in, struct der_story *story, size_t len, unsigned depth)
{
    size_t before = in.at;
    struct der der;

    while (der_take(&in, story, &der)) {
        assert(der.start == before && der.start < der.end && der.end <= len);
        assert(der.in.at >= der.start && der.in.at <= der.in.end && der.in.end <= der.end);
        assert(!der.cut || story->fault != FAULT_NONE);
        before = in.at;
        assert(before == der.end);
        values(&der, story);
        if (der.constructed && depth < LIMIT_DER_DEPTH)
            walk(der.in, story, len, depth + 1);
    }
    assert(in.at == in.end || story->fault != FAULT_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct reader in;
    struct der_story open = {0}, closed = {0};

    reader_init(&in, (struct bytes){data, len}, true);
    walk(in, &open, len, 0);
    reader_init(&in, (struct bytes){data, len}, false);
    walk(in, &closed, len, 0);
    assert(closed.fault != FAULT_NEEDS_MORE && closed.fault_at <= len && open.fault_at <= len);
    assert((closed.fault == FAULT_NONE) == (closed.fault_what == NULL));
    assert((open.fault == FAULT_NONE) == (closed.fault == FAULT_NONE));
    return 0;
}
