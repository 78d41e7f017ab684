/* SPDX-License-Identifier: MIT */
/* A worker that died among consecutive files: what is left of its job. */
#include "base/reader.h"
#include "cli/worker_parts.h"

bool worker_begins_file(struct bytes record, struct next_file *out)
{
    struct reader body;
    struct log log = {0};
    bool is;

    reader_init(&body, record, true);
    is = reader_peek(&body) == KIND_next_file && log_decode(&log, &body) && log.num == 1;
    if (is)
        *out = *log.at[0].next_file;
    log_clear(&log);
    return is;
}

void worker_place_follow(struct worker_place *place, struct bytes record)
{
    struct next_file next;

    if (!worker_begins_file(record, &next))
        return;
    place->file++;
    place->part = next.joined ? place->part + 1 : 0;
}

static void follow(void *user, struct bytes record)
{
    worker_place_follow(user, record);
}

static void put_problem(struct text *raw, int64_t part, const char *code, const char *message)
{
    const struct problem problem = {.code = code, .message = message, .times = 1};
    const struct observation observation = {
        .kind = KIND_problem, .source = {.part = part}, .problem = &problem};

    log_encode(raw, &observation);
}

bool worker_rest_of_job(const struct job *job, struct worker_place place, const char *failure,
                        struct text *raw, struct job *out_rest)
{
    const struct next_file next = {.again = true};
    const struct observation begin = {.kind = KIND_next_file, .next_file = &next};
    struct arena arena = {0};

    raw->len = worker_records((struct bytes){(const uint8_t *)raw->at, raw->len}, follow, &place);
    if (place.file >= job->num_more)
        return false;
    put_problem(raw, (int64_t)place.part, WORKER_ENDED,
                arena_print(&arena, "%s; what it had read until then counts", failure));
    log_encode(raw, &begin);
    *out_rest = (struct job){.path = job->more[place.file],
                             .more = job->more + place.file + 1,
                             .num_more = job->num_more - place.file - 1};
    arena_clear(&arena);
    return true;
}
