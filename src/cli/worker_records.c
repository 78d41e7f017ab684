/* SPDX-License-Identifier: MIT */
/* The stream of a worker's pipe, record by record: u32 big-endian length, then the body (log.h). */
#include "base/limits.h"
#include "base/reader.h"
#include "cli/worker_parts.h"

size_t worker_records(struct bytes raw, void (*take)(void *user, struct bytes record), void *user)
{
    struct reader reader;
    size_t taken = 0;

    reader_init(&reader, raw, true);
    while (reader_left(&reader) > 0) {
        struct reader body = reader_child(&reader, reader_be32(&reader));

        if (!reader_ok(&reader))
            break;
        take(user, reader_rest(&body));
        taken = raw.len - reader_left(&reader);
    }
    return taken;
}

const char *worker_decode_record(struct log *log, struct bytes record)
{
    struct reader reader;

    reader_init(&reader, record, true);
    return record.len > LIMIT_RECORD_BYTES || !log_decode(log, &reader)
               ? "the worker sent a damaged record"
               : NULL;
}

/* Decoding of a stream that is there as a whole. */
struct whole {
    struct log *log;
    const char *problem; /* nothing behind it counts */
};

static void decode_one(void *user, struct bytes record)
{
    struct whole *whole = user;

    if (whole->problem == NULL)
        whole->problem = worker_decode_record(whole->log, record);
}

bool worker_decode(struct log *log, int64_t input, struct bytes raw, const char **out_problem)
{
    struct whole whole = {log, NULL};

    log_begin(log, input);
    if (worker_records(raw, decode_one, &whole) < raw.len && whole.problem == NULL)
        whole.problem = WORKER_CUT;
    *out_problem = whole.problem;
    return whole.problem == NULL;
}
