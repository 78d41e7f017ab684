/* SPDX-License-Identifier: MIT */
/* The pipe between worker and parent: whatever bytes come, what was decoded encodes to something
 * that decodes equal. */
#include <stdlib.h>

#include "observation/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct log log = {0}, again = {0};
    struct reader reader;
    struct text wire = {0};

    reader_init(&reader, (struct bytes){data, len}, false);
    if (log_decode(&log, &reader)) {
        log_encode(&wire, &log.at[0]);
        reader_init(&reader, (struct bytes){(const uint8_t *)wire.at + 4, wire.len - 4}, false);
        if (!log_decode(&again, &reader) ||
            !record_equal(kind_type(log.at[0].kind), log.at[0].record, again.at[0].record))
            abort();
    } else if (reader_ok(&reader) || reader.fault_at > len || log.num != 0) {
        abort();
    }
    text_clear(&wire);
    log_clear(&log);
    log_clear(&again);
    return 0;
}
