/* SPDX-License-Identifier: MIT */
/* Logs in files. */
#include "base/limits.h"
#include "base/memory.h"
#include "observation/log.h"

static const char log_magic[] = "krbwhy-log/3\n";

bool log_save(const struct log *log, FILE *file)
{
    struct text out = {0};
    struct log_room room = {.arena = {0}};
    int64_t id;
    bool ok = fwrite(log_magic, 1, sizeof(log_magic) - 1, file) == sizeof(log_magic) - 1;

    for (id = 1; ok && id <= log->last; id++) {
        const struct observation *seen = log_look(log, id, &room);

        if (seen == NULL)
            continue;
        text_reset(&out);
        log_encode(&out, seen);
        ok = fwrite(out.at, 1, out.len, file) == out.len;
    }
    log_leave(&room);
    text_clear(&out);
    return ok;
}

/* One length and its body; false at the end of the file or on damage (*out_problem says which). */
static bool load_one(struct log *log, FILE *file, uint8_t **body, const char **out_problem)
{
    uint8_t length[4];
    size_t got = fread(length, 1, 4, file), len;
    struct reader reader;
    struct bytes bytes;

    if (got == 0)
        return false;
    *out_problem = "the observation log ends in the middle of a record";
    if (got != 4)
        return false;
    len = (size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 | length[3];
    if (len > LIMIT_RECORD_BYTES) {
        *out_problem = "a record of the observation log is too long";
        return false;
    }
    *body = memory_grow(*body, len, 1);
    if (fread(*body, 1, len, file) != len)
        return false;
    bytes.at = *body;
    bytes.len = len;
    reader_init(&reader, bytes, false);
    if (!log_decode(log, &reader)) {
        *out_problem = "a record of the observation log is damaged";
        return false;
    }
    *out_problem = NULL;
    return true;
}

bool log_load(struct log *log, FILE *file, const char **out_problem)
{
    char magic[sizeof(log_magic) - 1];
    uint8_t *body = NULL;

    *out_problem = "not an observation log";
    if (fread(magic, 1, sizeof(magic), file) != sizeof(magic) ||
        memcmp(magic, log_magic, sizeof(magic)) != 0)
        return false;
    *out_problem = NULL;
    while (load_one(log, file, &body, out_problem))
        continue;
    memory_drop(body);
    return *out_problem == NULL;
}
