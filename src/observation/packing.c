/* SPDX-License-Identifier: MIT */
/* From the pipe's form to the packed one and back. The packed form is that of the codec with the
 * index of a text (texts.h) in place of the text. */
#include "base/limits.h"
#include "base/memory.h"
#include "observation/codec.h"
#include "observation/codec_parts.h"
#include "observation/packed.h"

/* What packing needs beside the bytes. */
struct packing {
    struct reader *reader;
    struct log *log;
    struct pen pen;
};

bool packed_kind(enum kind kind)
{
    return kind == KIND_dns;
}

static void pack_number(struct packing *p, const struct field *field)
{
    int64_t value = take_i64(p->reader);

    if (value < -LIMIT_SECONDS || value > LIMIT_SECONDS) { /* the narrowest range */
        int64_t most = field_most(field->name);

        value = value > most ? most : value < -most ? -most : value;
    }
    put_i64(&p->pen, value);
}

static void pack_text(struct packing *p)
{
    struct bytes raw = reader_bytes(p->reader, take_count(p->reader, 1));

    put_count(&p->pen, texts_add(&p->log->texts, &p->log->arena, raw));
}

static void pack(struct packing *p, const struct record_type *type, int depth);

static void pack_list(struct packing *p, const struct field *field, int depth)
{
    size_t num = take_count(p->reader, 1), i;

    put_count(&p->pen, num);
    for (i = 0; i < num && reader_ok(p->reader); i++)
        if (field->type == FIELD_INTS)
            pack_number(p, field);
        else if (field->type == FIELD_TEXTS)
            pack_text(p);
        else
            pack(p, field->of, depth + 1);
}

static void pack_address(struct packing *p)
{
    struct bytes octets = reader_bytes(p->reader, take_count(p->reader, 1));

    if (octets.len != 4 && octets.len != 16)
        reader_fail(p->reader, FAULT_MALFORMED, "an address of odd length");
    else
        put_counted(&p->pen, octets.at, octets.len);
}

static void pack_field(struct packing *p, const struct field *field, int depth)
{
    struct bytes octets;

    switch (field->type) {
    case FIELD_INT:
    case FIELD_OPTINT:
        pack_number(p, field);
        break;
    case FIELD_REF: /* see packed_kind */
        reader_fail(p->reader, FAULT_MALFORMED, "a reference that cannot be packed");
        break;
    case FIELD_BOOLEAN:
        break;
    case FIELD_TEXT:
        pack_text(p);
        break;
    case FIELD_ADDRESS:
        pack_address(p);
        break;
    case FIELD_DIGEST:
        octets = reader_bytes(p->reader, sizeof(((struct digest *)NULL)->octet));
        pen_room(&p->pen, octets.len);
        if (octets.len > 0)
            memcpy(p->pen.at, octets.at, octets.len);
        p->pen.at += octets.len;
        break;
    case FIELD_INTS:
    case FIELD_TEXTS:
    case FIELD_LIST:
        pack_list(p, field, depth);
        break;
    case FIELD_ONE:
        pack(p, field->of, depth + 1);
        break;
    }
}

static void pack(struct packing *p, const struct record_type *type, int depth)
{
    struct bytes mask = reader_bytes(p->reader, (type->num_fields + 7) / 8);
    size_t i;

    if (depth > RECORD_DEPTH) {
        reader_fail(p->reader, FAULT_LIMIT, "records nested too deeply");
        return;
    }
    pen_room(&p->pen, mask.len);
    if (mask.len > 0)
        memcpy(p->pen.at, mask.at, mask.len);
    p->pen.at += mask.len;
    for (i = 0; i < mask.len * 8 && reader_ok(p->reader); i++) {
        if ((mask.at[i / 8] >> i % 8 & 1) == 0)
            continue;
        if (i < type->num_fields)
            pack_field(p, &type->fields[i], depth);
        else
            reader_fail(p->reader, FAULT_MALFORMED, "a field that the record does not have");
    }
}

/* `mask`: the bits of the fields that are there. */
static bool says_response(enum kind kind, const char *mask)
{
    size_t i;

    for (i = 0; kind == KIND_dns && i < dns_type.num_fields; i++)
        if (dns_type.fields[i].offset == offsetof(struct dns, response))
            return (mask[i / 8] >> i % 8 & 1) != 0;
    return false;
}

bool packed_take(struct log *log, enum kind kind, struct reader *reader, struct packed_one *out)
{
    struct text *bytes = &log->packed->bytes;
    struct packing p = {reader, log, {bytes, NULL, NULL}};
    size_t start = bytes->len, record;

    p.pen.at = text_room(bytes, MOST_OCTETS);
    p.pen.end = bytes->at + bytes->room;
    *p.pen.at++ = (char)kind;
    pack(&p, &source_type, 0);
    record = (size_t)(p.pen.at - bytes->at);
    pack(&p, kind_type(kind), 0);
    if (reader_left(reader) > 0)
        reader_fail(reader, FAULT_MALFORMED, "bytes behind an observation");
    bytes->len = reader_ok(reader) ? (size_t)(p.pen.at - bytes->at) : start;
    out->offset = start;
    out->response = reader_ok(reader) && says_response(kind, bytes->at + record);
    return reader_ok(reader);
}

static struct reader reader_at(const struct log *log, size_t offset)
{
    const struct text *bytes = &log->packed->bytes;
    struct reader reader;

    reader_init(&reader, (struct bytes){(const uint8_t *)bytes->at + offset, bytes->len - offset},
                true);
    return reader;
}

static int64_t input_of(const struct packed *packed, int64_t id)
{
    size_t from = 0, to = packed->num_runs;

    while (to - from > 1) {
        size_t middle = from + (to - from) / 2;

        if (packed->runs[middle].before < id)
            from = middle;
        else
            to = middle;
    }
    return to == 0 ? 0 : packed->runs[from].input;
}

static void read_source(const struct log *log, int64_t id, struct reader *reader,
                        struct arena *arena, struct source *out)
{
    memset(out, 0, sizeof(*out));
    record_unpack(reader, arena, &log->texts, &source_type, out);
    log_relate(out);
    record_bound(&source_type, out);
    out->capture = input_of(log->packed, id);
}

void packed_read_source(const struct log *log, int64_t id, size_t offset, struct arena *arena,
                        struct source *out)
{
    struct reader reader = reader_at(log, offset);

    (void)reader_u8(&reader);
    read_source(log, id, &reader, arena, out);
}

void packed_read(const struct log *log, int64_t id, size_t offset, struct arena *arena,
                 struct observation *out)
{
    struct reader reader = reader_at(log, offset);
    const struct record_type *type;
    void *record;

    out->id = id;
    out->kind = (enum kind)reader_u8(&reader);
    read_source(log, id, &reader, arena, &out->source);
    type = kind_type(out->kind);
    record = arena_take(arena, 1, type->size);
    record_unpack(&reader, arena, &log->texts, type, record);
    out->record = record;
}

void packed_place(struct log *log, uint32_t place)
{
    struct packed *packed = log->packed;
    size_t index = (size_t)log->last - 1;

    if (index >= packed->room) {
        packed->room = packed->room == 0 ? 256 : packed->room * 2;
        packed->place = memory_grow(packed->place, packed->room, sizeof(*packed->place));
    }
    packed->place[index] = place;
}
