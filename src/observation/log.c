/* SPDX-License-Identifier: MIT */
#include "observation/log.h"

#include "base/limits.h"
#include "base/memory.h"
#include "observation/codec.h"
#include "observation/packed.h"

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

static void drop(size_t *num, int64_t *frame, int64_t at)
{
    if ((*num)++ == 0)
        *frame = at;
}

/* Whether one more of this kind fits. What says that something was left out, and what the file is,
 * has a little room of its own in every input; DNS messages have one that is not the others'. */
static bool has_room(struct log *log, enum kind kind, int64_t frame)
{
    bool about_input =
        kind == KIND_problem || kind == KIND_capture_file || kind == KIND_evidence_file;
    bool apart = kind == KIND_dns && (log->packed != NULL || log->on_append != NULL);
    size_t num = apart                 ? log->num_dns
                 : log->packed != NULL ? log->num
                                       : log->num - log->num_dns,
           most = log->most > 0 ? log->most
                  : apart       ? LIMIT_DNS_MESSAGES
                                : LIMIT_OBSERVATIONS;

    log->about_input += about_input;
    log->num_dns += apart && num < most;
    if (num < most || (about_input && log->about_input <= LIMIT_ABOUT_INPUT))
        return true;
    if (apart)
        drop(&log->dropped_dns, &log->dropped_dns_frame, frame);
    else
        drop(&log->dropped, &log->dropped_frame, frame);
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
    slot->id = ++log->last;
    if (log->packed != NULL)
        packed_place(log, (uint32_t)log->num);
    log->num++;
    return slot->id;
}

/* A log that passes on what it is given, and keeps nothing but the count. */
static int64_t pass_on(struct log *log, enum kind kind, const struct source *source,
                       const void *record)
{
    struct observation passing = {.kind = kind, .source = *source, {.record = record}};

    log->num++;
    passing.id = ++log->last;
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
    log->num = log->num_files = log->dropped = log->dropped_dns = 0;
    log->num_dns = log->about_input = 0;
    log->last = 0;
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
    if (!has_room(log, kind, source->frame))
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

void log_clear(struct log *log)
{
    arena_clear(&log->arena);
    memory_drop(log->at);
    memory_drop(log->files);
    texts_clear(&log->texts);
    log_clear_packed(log);
    memset(log, 0, sizeof(*log));
}

void log_encode(struct text *out, const struct observation *observation)
{
    size_t start = out->len, body;
    struct bytes length = {(const uint8_t[4]){0, 0, 0, 0}, 4};
    struct source source = observation->source;

    log_relate(&source);

    text_put_bytes(out, length);
    text_put_char(out, (char)observation->kind);
    record_encode(out, &source_type, &source);
    record_encode(out, kind_type(observation->kind), observation->record);
    body = out->len - start - 4;
    out->at[start] = (char)(body >> 24 & 0xFF);
    out->at[start + 1] = (char)(body >> 16 & 0xFF);
    out->at[start + 2] = (char)(body >> 8 & 0xFF);
    out->at[start + 3] = (char)(body & 0xFF);
}

void log_begin(struct log *log, int64_t input)
{
    log->base = log->last;
    log->input = input;
    log->dropped = log->dropped_dns = log->about_input = 0;
    log_begin_packed(log, input);
}

static void note_dropped(struct log *log, size_t num, int64_t frame, const char *code,
                         const char *what)
{
    struct source source = {.capture = log->input, .frame = frame};
    struct problem problem = {.code = code, .times = 1};
    struct text message = {0};

    if (num == 0)
        return;
    if (frame > 0)
        problem.at_frame = optint(frame);
    text_putf(&message, "too many %s: %zu are left out, from here on", what, num);
    problem.message = text_str(&message);
    log->about_input = 0; /* there is always room for this */
    log_append(log, KIND_problem, &source, &problem);
    text_clear(&message);
}

void log_note_dropped(struct log *log)
{
    size_t num = log->dropped, num_dns = log->dropped_dns;

    log->dropped = log->dropped_dns = 0;
    note_dropped(log, num, log->dropped_frame, "limit-observations", "observations");
    note_dropped(log, num_dns, log->dropped_dns_frame, "limit-dns", "DNS messages");
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
        if (*ref < 0 || *ref > log->last - log->base)
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

/* One that stands in another log. */
static void share(struct log *log, const struct observation *seen, bool packed)
{
    struct source source = seen->source;
    struct observation *slot;

    source.capture = log->input;
    if (packed) {
        log_append(log, seen->kind, &source, seen->record);
        return;
    }
    if (!has_room(log, seen->kind, source.frame))
        return;
    slot = next_slot(log);
    slot->source = source;
    slot->record = adopt_record(log, kind_type(seen->kind), seen->record);
    publish(log, slot, seen->kind);
}

void log_add(struct log *log, const struct log *from, int64_t input)
{
    struct log_room room = {.arena = {0}};
    int64_t id;

    log_begin(log, input);
    for (id = 1; id <= from->last; id++) {
        const struct observation *whole = log_whole(from, id),
                                 *seen = whole != NULL ? whole : log_look(from, id, &room);

        if (seen != NULL)
            share(log, seen, whole == NULL);
    }
    log_note_dropped(log);
    log_leave(&room);
}

void log_renumber(struct log *log, int64_t input)
{
    size_t i;

    for (i = 0; i < log->num; i++)
        log->at[i].source.capture = input;
    log_renumber_packed(log, input);
}

/* A kind that is kept packed. */
static bool decode_packed(struct log *log, enum kind kind, struct reader *reader)
{
    struct log_room room = {.arena = {0}};
    struct packed_one one;

    if (!packed_take(log, kind, reader, &one))
        return false;
    log->last++;
    packed_place(log, PACKED_BIT | (uint32_t)one.offset);
    if (log->packed->bytes.len > PACKED_MOST) {
        log->full = true;
        log->dropped_dns++;
    } else if (has_room(log, kind, 0)) {
        log->num_dns_responses += one.response;
        return true;
    }
    if (log->dropped_dns == 1)
        log->dropped_dns_frame = log_look_source(log, log->last, &room)->frame;
    log->packed->bytes.len = one.offset;
    packed_place(log, PACKED_NOWHERE);
    log_leave(&room);
    return true;
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
    if (log->packed != NULL && packed_kind(kind))
        return decode_packed(log, kind, reader);
    record = arena_take(&log->arena, 1, type->size);
    record_decode(reader, &log->arena, &log->texts, &source_type, &source);
    record_decode(reader, &log->arena, &log->texts, type, record);
    log_relate(&source);
    record_bound(&source_type, &source);
    record_bound(type, record);
    adopt_refs(log, reader, type, record);
    source.capture = log->input;
    if (reader_left(reader) > 0)
        reader_fail(reader, FAULT_MALFORMED, "bytes behind an observation");
    if (!reader_ok(reader))
        return false;
    if (!has_room(log, kind, source.frame)) {
        log->last += log->packed != NULL; /* ids of what follows stay those of the writer */
        if (log->packed != NULL)
            packed_place(log, PACKED_NOWHERE);
        return true;
    }
    slot = next_slot(log);
    slot->source = source;
    slot->record = record;
    publish(log, slot, kind);
    return true;
}
