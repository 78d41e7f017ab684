/* SPDX-License-Identifier: MIT */
#include "observation/log.h"

#include "base/limits.h"
#include "base/memory.h"
#include "observation/codec.h"

const struct record_type *kind_type(enum kind kind)
{
    switch (kind) {
#define KIND(record)                                                                               \
    case KIND_##record:                                                                            \
        return &record##_type;
#include "observation/kinds.def"
#undef KIND
    case KIND_NONE:
    case KIND_END:
        break;
    }
    return NULL;
}

/* Whether one more of this kind fits. What says that something was left out, and what the file is,
 * has a little room of its own in every input. */
static bool has_room(struct log *log, enum kind kind, const struct source *source)
{
    size_t most = log->most > 0 ? log->most : LIMIT_OBSERVATIONS;
    bool about_input =
        kind == KIND_problem || kind == KIND_capture_file || kind == KIND_evidence_file;

    log->about_input += about_input;
    if (log->num < most || (about_input && log->about_input <= LIMIT_ABOUT_INPUT))
        return true;
    if (log->dropped++ == 0)
        log->dropped_frame = source->frame;
    log->full = true;
    return false;
}

/* Room for one more. */
static struct observation *next_slot(struct log *log)
{
    if (log->num == log->room) {
        log->room = log->room == 0 ? 256 : log->room * 2;
        log->at = memory_grow(log->at, log->room, sizeof(*log->at));
    }
    return &log->at[log->num];
}

static int64_t publish(struct log *log, struct observation *slot, enum kind kind)
{
    slot->kind = kind;
    slot->id = (int64_t)++log->num;
    return slot->id;
}

/* A log that passes on what it is given, and keeps nothing but the count. */
static int64_t pass_on(struct log *log, enum kind kind, const struct source *source,
                       const void *record)
{
    struct observation passing = {.kind = kind, .source = *source, {.record = record}};

    passing.id = (int64_t)++log->num;
    log->on_append(log->user, &passing);
    return passing.id;
}

void log_next_file(struct log *log, int64_t frames_before)
{
    size_t num = log->num_files == 0 ? 1 : log->num_files; /* the first has none before it */

    log->files = memory_grow(log->files, num + 1, sizeof(*log->files));
    log->files[0] = 0;
    log->files[num] = frames_before;
    log->num_files = num + 1;
}

void log_restart(struct log *log)
{
    log->num = log->num_files = log->dropped = log->about_input = 0;
    log->full = false;
}

static int64_t part_of(const struct log *log, int64_t frame)
{
    size_t part = log->num_files - 1;

    while (frame > 0 && part > 0 && frame <= log->files[part])
        part--;
    return (int64_t)part;
}

int64_t log_append(struct log *log, enum kind kind, const struct source *from, const void *record)
{
    const struct record_type *type = kind_type(kind);
    struct source placed, *source = &placed;
    struct observation *slot;
    void *copy;

    if (type == NULL)
        return 0;
    placed = *from;
    if (log->num_files > 0)
        placed.part = part_of(log, placed.frame);
    if (!has_room(log, kind, source))
        return 0;
    if (log->on_append != NULL)
        return pass_on(log, kind, source, record);
    slot = next_slot(log);
    copy = arena_take(&log->arena, 1, type->size);
    record_copy(&log->arena, type, record, copy);
    record_copy(&log->arena, &source_type, source, &slot->source);
    slot->record = copy;
    return publish(log, slot, kind);
}

const struct observation *log_find(const struct log *log, int64_t id)
{
    return id < 1 || (uint64_t)id > log->num ? NULL : &log->at[id - 1];
}

void log_clear(struct log *log)
{
    arena_clear(&log->arena);
    memory_drop(log->at);
    memory_drop(log->files);
    memory_drop(log->known);
    memset(log, 0, sizeof(*log));
}

void log_encode(struct text *out, const struct observation *observation)
{
    size_t start = out->len, body;
    struct bytes length = {(const uint8_t[4]){0, 0, 0, 0}, 4};

    text_put_bytes(out, length);
    text_put_char(out, (char)observation->kind);
    record_encode(out, &source_type, &observation->source);
    record_encode(out, kind_type(observation->kind), observation->record);
    body = out->len - start - 4;
    out->at[start] = (char)(body >> 24 & 0xFF);
    out->at[start + 1] = (char)(body >> 16 & 0xFF);
    out->at[start + 2] = (char)(body >> 8 & 0xFF);
    out->at[start + 3] = (char)(body & 0xFF);
}

void log_begin(struct log *log, int64_t input)
{
    log->base = (int64_t)log->num;
    log->input = input;
    log->dropped = log->about_input = 0;
}

void log_note_dropped(struct log *log)
{
    struct source source = {.capture = log->input, .frame = log->dropped_frame};
    struct problem problem = {.code = "limit-observations", .times = 1};
    struct text message = {0};

    if (log->dropped == 0)
        return;
    if (log->dropped_frame > 0)
        problem.at_frame = optint(log->dropped_frame);
    text_putf(&message, "too many observations: %zu are left out, from here on", log->dropped);
    problem.message = text_str(&message);
    log->dropped = log->about_input = 0; /* there is always room for this */
    log_append(log, KIND_problem, &source, &problem);
    text_clear(&message);
}

/* Turns the writer's ids into this log's; a reference may only point backwards. */
static void adopt_refs(struct log *log, struct reader *reader, const struct record_type *type,
                       void *record)
{
    const struct field *field;

    for (field = type->fields; field->name != NULL; field++) {
        int64_t *ref;

        if (field->type != FIELD_REF)
            continue;
        ref = (int64_t *)(void *)((char *)record + field->offset);
        if (*ref < 0 || *ref > (int64_t)log->num - log->base)
            reader_fail(reader, FAULT_MALFORMED, "a reference to an observation that is not there");
        else if (*ref > 0)
            *ref += log->base;
    }
}

/* A copy of the record whose references are those of this log; the record itself without any. */
static const void *adopt_record(struct log *log, const struct record_type *type, const void *record)
{
    const struct field *field;
    void *copy = NULL;

    for (field = type->fields; field->name != NULL; field++) {
        if (field->type != FIELD_REF ||
            *(const int64_t *)(const void *)((const char *)record + field->offset) == 0)
            continue;
        if (copy == NULL)
            copy = memcpy(arena_take(&log->arena, 1, type->size), record, type->size);
        *(int64_t *)(void *)((char *)copy + field->offset) += log->base;
    }
    return copy == NULL ? record : copy;
}

void log_add(struct log *log, const struct log *from, int64_t input)
{
    size_t i;

    log_begin(log, input);
    for (i = 0; i < from->num; i++) {
        const struct observation *seen = &from->at[i];
        struct observation *slot;

        if (!has_room(log, seen->kind, &seen->source))
            continue;
        slot = next_slot(log);
        slot->source = seen->source;
        slot->source.capture = input;
        slot->record = adopt_record(log, kind_type(seen->kind), seen->record);
        publish(log, slot, seen->kind);
    }
    log_note_dropped(log);
}

void log_renumber(struct log *log, int64_t input)
{
    size_t i;

    for (i = 0; i < log->num; i++)
        log->at[i].source.capture = input;
}

bool log_decode(struct log *log, struct reader *reader)
{
    enum kind kind = (enum kind)reader_u8(reader);
    const struct record_type *type = kind_type(kind);
    struct source source = {0};
    struct observation *slot;
    void *record;

    if (type == NULL) {
        reader_fail(reader, FAULT_MALFORMED, "an unknown kind of observation");
        return false;
    }
    if (log->known == NULL)
        log->known = memory_take(CODEC_KNOWN, sizeof(*log->known));
    record = arena_take(&log->arena, 1, type->size);
    record_decode(reader, &log->arena, log->known, &source_type, &source);
    record_decode(reader, &log->arena, log->known, type, record);
    record_bound(&source_type, &source);
    record_bound(type, record);
    adopt_refs(log, reader, type, record);
    source.capture = log->input;
    if (reader_left(reader) > 0)
        reader_fail(reader, FAULT_MALFORMED, "bytes behind an observation");
    if (!reader_ok(reader))
        return false;
    if (!has_room(log, kind, &source))
        return true;
    slot = next_slot(log);
    slot->source = source;
    slot->record = record;
    publish(log, slot, kind);
    return true;
}

static const char log_magic[] = "krbwhy-log/2\n";

bool log_save(const struct log *log, FILE *file)
{
    struct text out = {0};
    size_t i;
    bool ok = fwrite(log_magic, 1, sizeof(log_magic) - 1, file) == sizeof(log_magic) - 1;

    for (i = 0; ok && i < log->num; i++) {
        text_reset(&out);
        log_encode(&out, &log->at[i]);
        ok = fwrite(out.at, 1, out.len, file) == out.len;
    }
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
