/* SPDX-License-Identifier: MIT */
/* Bytes to records. */
#include "observation/codec.h"

#include "observation/codec_parts.h"

/* What decoding needs beside the bytes. */
struct decoding {
    struct reader *reader;
    struct arena *arena;
    struct texts *texts;         /* gets those that are new */
    const struct texts *indexed; /* texts are indices into these; NULL: they are there */
};

static const char *take_text(const struct decoding *d)
{
    struct bytes raw;
    uint64_t index;

    if (d->indexed != NULL) {
        index = take_u64(d->reader);
        return index < d->indexed->num ? d->indexed->at[index] : "";
    }
    raw = reader_bytes(d->reader, take_count(d->reader, 1));
    index = texts_add(d->texts, d->arena, raw);
    return d->texts->at[index];
}

/* Which fields are on the way: bounds the recursion over hostile bytes. */
static void decode(const struct decoding *d, const struct record_type *type, void *record,
                   int depth);

static void decode_list(const struct decoding *d, const struct field *field, struct any_list *list,
                        int depth)
{
    size_t each = field->type == FIELD_LIST   ? field->of->size
                  : field->type == FIELD_INTS ? sizeof(int64_t)
                                              : sizeof(const char *);
    size_t num = take_count(d->reader, 1), i;
    char *items;

    if (num == 0)
        return;
    items = arena_take(d->arena, num, each);
    for (i = 0; i < num && reader_ok(d->reader); i++)
        if (field->type == FIELD_INTS)
            ((int64_t *)(void *)items)[i] = take_i64(d->reader);
        else if (field->type == FIELD_TEXTS)
            ((const char **)(void *)items)[i] = take_text(d);
        else
            decode(d, field->of, items + i * each, depth + 1);
    if (!reader_ok(d->reader))
        return;
    list->at = items;
    list->num = num;
}

static void decode_address(struct reader *reader, struct address *out)
{
    struct bytes octets = reader_bytes(reader, take_count(reader, 1));

    if (octets.len != 4 && octets.len != 16)
        reader_fail(reader, FAULT_MALFORMED, "an address of odd length");
    *out = address_from(octets);
}

static void decode_digest(struct reader *reader, struct digest *out)
{
    struct bytes octets = reader_bytes(reader, sizeof(out->octet));

    if (octets.len == 0)
        return;
    out->set = true;
    memcpy(out->octet, octets.at, sizeof(out->octet));
}

static void decode_field(const struct decoding *d, const struct field *field, void *at, int depth)
{
    struct optint *opt = at;
    void *fresh;

    switch (field->type) {
    case FIELD_INT:
    case FIELD_REF:
        *(int64_t *)at = take_i64(d->reader);
        break;
    case FIELD_OPTINT:
        opt->set = true;
        opt->value = take_i64(d->reader);
        break;
    case FIELD_BOOLEAN:
        *(bool *)at = true;
        break;
    case FIELD_TEXT:
        *(const char **)at = take_text(d);
        break;
    case FIELD_ADDRESS:
        decode_address(d->reader, at);
        break;
    case FIELD_DIGEST:
        decode_digest(d->reader, at);
        break;
    case FIELD_INTS:
    case FIELD_TEXTS:
    case FIELD_LIST:
        decode_list(d, field, at, depth);
        break;
    case FIELD_ONE:
        fresh = arena_take(d->arena, 1, field->of->size);
        decode(d, field->of, fresh, depth + 1);
        *(const void **)at = fresh;
        break;
    }
}

static void decode(const struct decoding *d, const struct record_type *type, void *record,
                   int depth)
{
    struct reader *reader = d->reader;
    struct bytes mask = reader_bytes(reader, (type->num_fields + 7) / 8);
    size_t i;

    if (depth > RECORD_DEPTH) {
        reader_fail(reader, FAULT_LIMIT, "records nested too deeply");
        return;
    }
    for (i = 0; i < mask.len * 8 && reader_ok(reader); i++) {
        if ((mask.at[i / 8] >> i % 8 & 1) == 0)
            continue;
        if (i < type->num_fields)
            decode_field(d, &type->fields[i], (char *)record + type->fields[i].offset, depth);
        else
            reader_fail(reader, FAULT_MALFORMED, "a field that the record does not have");
    }
}

void record_decode(struct reader *reader, struct arena *arena, struct texts *texts,
                   const struct record_type *type, void *record)
{
    const struct decoding d = {reader, arena, texts, NULL};

    decode(&d, type, record, 0);
}

void record_unpack(struct reader *reader, struct arena *arena, const struct texts *texts,
                   const struct record_type *type, void *record)
{
    const struct decoding d = {reader, arena, NULL, texts};

    decode(&d, type, record, 0);
}
