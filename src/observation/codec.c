/* SPDX-License-Identifier: MIT */
#include "observation/codec.h"

enum { RECORD_DEPTH = 8 };

/* Every list type of records.def has this layout (record.h). */
struct any_list {
    const void *at;
    size_t num;
};

/* Numbers are mostly small: seven bits an octet, least first (LEB128). */
static void put_u64(struct text *out, uint64_t value)
{
    uint8_t octets[10];
    size_t len = 0;

    while (value >= 0x80) {
        octets[len++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    octets[len++] = (uint8_t)value;
    text_put_bytes(out, (struct bytes){octets, len});
}

/* Signed ones with the sign in the lowest bit, so that small negative ones stay small. */
static void put_i64(struct text *out, int64_t value)
{
    put_u64(out, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

static void put_counted(struct text *out, struct bytes bytes)
{
    put_u64(out, bytes.len);
    text_put_bytes(out, bytes);
}

static void put_text(struct text *out, const char *str)
{
    text_put_char(out, str != NULL);
    if (str != NULL)
        put_counted(out, bytes_of_text(str));
}

static void encode_field(struct text *out, const struct field *field, const void *at)
{
    const struct optint *opt = at;
    const struct address *address = at;
    const struct digest *digest = at;
    const struct any_list *list = at;
    struct bytes octets;
    size_t i;

    switch (field->type) {
    case FIELD_INT:
    case FIELD_REF:
        put_i64(out, *(const int64_t *)at);
        break;
    case FIELD_OPTINT:
        text_put_char(out, opt->set);
        if (opt->set)
            put_i64(out, opt->value);
        break;
    case FIELD_BOOLEAN:
        text_put_char(out, *(const bool *)at);
        break;
    case FIELD_TEXT:
        put_text(out, *(const char *const *)at);
        break;
    case FIELD_ADDRESS:
        octets.at = address->octet;
        octets.len = address->family == 0 ? 0 : address->family == 4 ? 4 : 16;
        put_counted(out, octets);
        break;
    case FIELD_DIGEST:
        octets.at = digest->octet;
        octets.len = digest->set ? sizeof(digest->octet) : 0;
        put_counted(out, octets);
        break;
    case FIELD_INTS:
        put_u64(out, list->num);
        for (i = 0; i < list->num; i++)
            put_i64(out, ((const int64_t *)list->at)[i]);
        break;
    case FIELD_TEXTS:
        put_u64(out, list->num);
        for (i = 0; i < list->num; i++)
            put_text(out, ((const char *const *)list->at)[i]);
        break;
    case FIELD_LIST:
        put_u64(out, list->num);
        for (i = 0; i < list->num; i++)
            record_encode(out, field->of, (const char *)list->at + i * field->of->size);
        break;
    case FIELD_ONE:
        text_put_char(out, *(const void *const *)at != NULL);
        if (*(const void *const *)at != NULL)
            record_encode(out, field->of, *(const void *const *)at);
        break;
    }
}

void record_encode(struct text *out, const struct record_type *type, const void *record)
{
    const struct field *field;

    for (field = type->fields; field->name != NULL; field++)
        encode_field(out, field, (const char *)record + field->offset);
}

static uint64_t take_u64(struct reader *reader)
{
    uint64_t value = 0;
    unsigned shift;

    if (reader_left(reader) > 0 && reader->base[reader->at] < 0x80)
        return reader->base[reader->at++];
    for (shift = 0; shift < 64; shift += 7) {
        uint8_t octet = reader_u8(reader);

        if (shift == 63 && octet > 1)
            break;
        value |= (uint64_t)(octet & 0x7F) << shift;
        if (octet < 0x80)
            return value;
    }
    reader_fail(reader, FAULT_MALFORMED, "a number of more than 64 bits");
    return 0;
}

static int64_t take_i64(struct reader *reader)
{
    uint64_t value = take_u64(reader);

    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

/* A flag octet: 0 or 1. */
static bool take_flag(struct reader *reader)
{
    uint8_t flag = reader_u8(reader);

    if (flag > 1)
        reader_fail(reader, FAULT_MALFORMED, "a flag that is neither 0 nor 1");
    return flag == 1;
}

/* A count of things that take at least `each` bytes: more than the rest can hold is malformed. */
static size_t take_count(struct reader *reader, size_t each)
{
    uint64_t count = take_u64(reader);

    if (!reader_ok(reader) || count > reader_left(reader) / each) {
        reader_fail(reader, FAULT_MALFORMED, "a count that the record cannot hold");
        return 0;
    }
    return (size_t)count;
}

static const char *take_text(struct reader *reader, struct arena *arena)
{
    size_t len;

    if (!take_flag(reader))
        return NULL;
    len = take_count(reader, 1);
    return arena_text(arena, reader_bytes(reader, len));
}

/* Which fields are on the way: bounds the recursion over hostile bytes. */
static void decode_at(struct reader *reader, struct arena *arena, const struct record_type *type,
                      void *record, int depth);

static void decode_list(struct reader *reader, struct arena *arena, const struct field *field,
                        struct any_list *list, int depth)
{
    size_t num = take_count(reader, 1), i;
    char *items;

    if (num == 0)
        return;
    items = arena_take(arena, num, field->of->size);
    for (i = 0; i < num && reader_ok(reader); i++)
        decode_at(reader, arena, field->of, items + i * field->of->size, depth + 1);
    list->at = items;
    list->num = num;
}

static void decode_texts(struct reader *reader, struct arena *arena, struct text_list *list)
{
    size_t num = take_count(reader, 1), i;
    const char **items;

    if (num == 0)
        return;
    items = arena_take(arena, num, sizeof(*items));
    for (i = 0; i < num; i++) {
        items[i] = take_text(reader, arena);
        if (items[i] == NULL)
            items[i] = "";
    }
    list->at = items;
    list->num = num;
}

static void decode_ints(struct reader *reader, struct arena *arena, struct int_list *list)
{
    size_t num = take_count(reader, 1), i;
    int64_t *items;

    if (num == 0)
        return;
    items = arena_take(arena, num, sizeof(*items));
    for (i = 0; i < num; i++)
        items[i] = take_i64(reader);
    list->at = items;
    list->num = num;
}

static void decode_octets(struct reader *reader, const struct field *field, void *at)
{
    struct bytes octets = reader_bytes(reader, take_count(reader, 1));
    struct digest *digest = at;

    if (field->type == FIELD_ADDRESS) {
        if (octets.len != 0 && octets.len != 4 && octets.len != 16)
            reader_fail(reader, FAULT_MALFORMED, "an address of odd length");
        *(struct address *)at = address_from(octets);
        return;
    }
    if (octets.len == sizeof(digest->octet)) {
        digest->set = true;
        memcpy(digest->octet, octets.at, octets.len);
    } else if (octets.len != 0) {
        reader_fail(reader, FAULT_MALFORMED, "a digest of odd length");
    }
}

static void decode_field(struct reader *reader, struct arena *arena, const struct field *field,
                         void *at, int depth)
{
    struct optint *opt = at;
    void *fresh;

    switch (field->type) {
    case FIELD_INT:
    case FIELD_REF:
        *(int64_t *)at = take_i64(reader);
        break;
    case FIELD_OPTINT:
        opt->set = take_flag(reader);
        opt->value = opt->set ? take_i64(reader) : 0;
        break;
    case FIELD_BOOLEAN:
        *(bool *)at = take_flag(reader);
        break;
    case FIELD_TEXT:
        *(const char **)at = take_text(reader, arena);
        break;
    case FIELD_ADDRESS:
    case FIELD_DIGEST:
        decode_octets(reader, field, at);
        break;
    case FIELD_INTS:
        decode_ints(reader, arena, at);
        break;
    case FIELD_TEXTS:
        decode_texts(reader, arena, at);
        break;
    case FIELD_LIST:
        decode_list(reader, arena, field, at, depth);
        break;
    case FIELD_ONE:
        if (!take_flag(reader))
            break;
        fresh = arena_take(arena, 1, field->of->size);
        decode_at(reader, arena, field->of, fresh, depth + 1);
        *(const void **)at = fresh;
        break;
    }
}

static void decode_at(struct reader *reader, struct arena *arena, const struct record_type *type,
                      void *record, int depth)
{
    const struct field *field;

    if (depth > RECORD_DEPTH) {
        reader_fail(reader, FAULT_LIMIT, "records nested too deeply");
        return;
    }
    for (field = type->fields; field->name != NULL && reader_ok(reader); field++)
        decode_field(reader, arena, field, (char *)record + field->offset, depth);
}

void record_decode(struct reader *reader, struct arena *arena, const struct record_type *type,
                   void *record)
{
    decode_at(reader, arena, type, record, 0);
}

static const char *copy_text(struct arena *arena, const char *str)
{
    return str == NULL ? NULL : arena_text(arena, bytes_of_text(str));
}

static void copy_list(struct arena *arena, const struct field *field, const struct any_list *from,
                      struct any_list *to)
{
    size_t each = field->type == FIELD_LIST   ? field->of->size
                  : field->type == FIELD_INTS ? sizeof(int64_t)
                                              : sizeof(const char *);
    size_t i;
    char *items;

    to->at = NULL;
    to->num = from->num;
    if (from->num == 0)
        return;
    items = arena_take(arena, from->num, each);
    if (field->type == FIELD_INTS)
        memcpy(items, from->at, from->num * each);
    for (i = 0; field->type != FIELD_INTS && i < from->num; i++) {
        if (field->type == FIELD_LIST)
            record_copy(arena, field->of, (const char *)from->at + i * each, items + i * each);
        else
            ((const char **)(void *)items)[i] =
                copy_text(arena, ((const char *const *)from->at)[i]);
    }
    to->at = items;
}

void record_copy(struct arena *arena, const struct record_type *type, const void *from, void *to)
{
    const struct field *field;

    memcpy(to, from, type->size);
    for (field = type->fields; field->name != NULL; field++) {
        const void *old = (const char *)from + field->offset;
        void *new = (char *)to + field->offset;
        void *fresh;

        switch (field->type) {
        case FIELD_TEXT:
            *(const char **)new = copy_text(arena, *(const char *const *)old);
            break;
        case FIELD_INTS:
        case FIELD_TEXTS:
        case FIELD_LIST:
            copy_list(arena, field, old, new);
            break;
        case FIELD_ONE:
            if (*(const void *const *)old == NULL)
                break;
            fresh = arena_take(arena, 1, field->of->size);
            record_copy(arena, field->of, *(const void *const *)old, fresh);
            *(const void **)new = fresh;
            break;
        case FIELD_INT:
        case FIELD_REF:
        case FIELD_OPTINT:
        case FIELD_BOOLEAN:
        case FIELD_ADDRESS:
        case FIELD_DIGEST:
            break;
        }
    }
}
