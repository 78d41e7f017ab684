/* SPDX-License-Identifier: MIT */
#include "observation/codec.h"

#include <string.h>

#include "base/limits.h"

enum { RECORD_DEPTH = 8 };

/* Every list type of records.def has this layout (record.h). */
struct any_list {
    const void *at;
    size_t num;
};

enum { MOST_OCTETS = 10 }; /* of a number */

/* Where the next octets go; room is made before they are put. */
struct pen {
    struct text *out;
    char *at, *end;
};

static void pen_grow(struct pen *pen, size_t len)
{
    pen->out->len = (size_t)(pen->at - pen->out->at);
    pen->at = text_room(pen->out, len);
    pen->end = pen->out->at + pen->out->room;
}

static inline void pen_room(struct pen *pen, size_t len)
{
    if ((size_t)(pen->end - pen->at) <= len)
        pen_grow(pen, len);
}

/* Numbers are mostly small: seven bits an octet, least first (LEB128). In the room that is there.
 */
static inline void put_u64(struct pen *pen, uint64_t value)
{
    while (value >= 0x80) {
        *pen->at++ = (char)(value | 0x80);
        value >>= 7;
    }
    *pen->at++ = (char)value;
}

/* Signed ones with the sign in the lowest bit, so that small negative ones stay small. */
static inline void put_i64(struct pen *pen, int64_t value)
{
    pen_room(pen, MOST_OCTETS);
    put_u64(pen, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

static inline void put_count(struct pen *pen, size_t count)
{
    pen_room(pen, MOST_OCTETS);
    put_u64(pen, count);
}

static void put_counted(struct pen *pen, const void *at, size_t len)
{
    pen_room(pen, MOST_OCTETS + len);
    put_u64(pen, len);
    memcpy(pen->at, at, len);
    pen->at += len;
}

static void put_text(struct pen *pen, const char *str)
{
    put_counted(pen, str == NULL ? "" : str, str == NULL ? 0 : strlen(str));
}

/* Whether the field differs from its zero: nothing is written of those that do not. */
static inline bool is_there(const struct field *field, const void *at)
{
    switch (field->type) {
    case FIELD_INT:
    case FIELD_REF:
        return *(const int64_t *)at != 0;
    case FIELD_OPTINT:
        return ((const struct optint *)at)->set;
    case FIELD_BOOLEAN:
        return *(const bool *)at;
    case FIELD_TEXT:
    case FIELD_ONE:
        return *(const void *const *)at != NULL;
    case FIELD_ADDRESS:
        return ((const struct address *)at)->family != 0;
    case FIELD_DIGEST:
        return ((const struct digest *)at)->set;
    case FIELD_INTS:
    case FIELD_TEXTS:
    case FIELD_LIST:
        return ((const struct any_list *)at)->num > 0;
    }
    return false;
}

static void encode(struct pen *pen, const struct record_type *type, const void *record);

static void encode_list(struct pen *pen, const struct field *field, const struct any_list *list)
{
    size_t i;

    put_count(pen, list->num);
    for (i = 0; i < list->num; i++)
        if (field->type == FIELD_INTS)
            put_i64(pen, ((const int64_t *)list->at)[i]);
        else if (field->type == FIELD_TEXTS)
            put_text(pen, ((const char *const *)list->at)[i]);
        else
            encode(pen, field->of, (const char *)list->at + i * field->of->size);
}

static void encode_field(struct pen *pen, const struct field *field, const void *at)
{
    const struct address *address = at;

    switch (field->type) {
    case FIELD_INT:
    case FIELD_REF:
        put_i64(pen, *(const int64_t *)at);
        break;
    case FIELD_OPTINT:
        put_i64(pen, ((const struct optint *)at)->value);
        break;
    case FIELD_BOOLEAN:
        break;
    case FIELD_TEXT:
        put_text(pen, *(const char *const *)at);
        break;
    case FIELD_ADDRESS:
        put_counted(pen, address->octet, address->family == 4 ? 4 : 16);
        break;
    case FIELD_DIGEST:
        pen_room(pen, sizeof(struct digest));
        memcpy(pen->at, ((const struct digest *)at)->octet, sizeof(((struct digest *)NULL)->octet));
        pen->at += sizeof(((struct digest *)NULL)->octet);
        break;
    case FIELD_INTS:
    case FIELD_TEXTS:
    case FIELD_LIST:
        encode_list(pen, field, at);
        break;
    case FIELD_ONE:
        encode(pen, field->of, *(const void *const *)at);
        break;
    }
}

/* A bit for each field that is there, then those. */
static void encode(struct pen *pen, const struct record_type *type, const void *record)
{
    size_t num_mask = (type->num_fields + 7) / 8, i, start;

    pen_room(pen, num_mask);
    start = (size_t)(pen->at - pen->out->at);
    memset(pen->at, 0, num_mask);
    pen->at += num_mask;
    for (i = 0; i < type->num_fields; i++) {
        const struct field *field = &type->fields[i];
        const void *at = (const char *)record + field->offset;

        if (!is_there(field, at))
            continue;
        pen->out->at[start + i / 8] = (char)((uint8_t)pen->out->at[start + i / 8] | 1u << i % 8);
        encode_field(pen, field, at);
    }
}

void record_encode(struct text *out, const struct record_type *type, const void *record)
{
    struct pen pen = {out, NULL, NULL};

    pen.at = text_room(out, MOST_OCTETS);
    pen.end = out->at + out->room;
    encode(&pen, type, record);
    out->len = (size_t)(pen.at - out->at);
    *pen.at = '\0';
}

/* ---- Back ---- */

/* What decoding needs beside the bytes. */
struct decoding {
    struct reader *reader;
    struct arena *arena;
    struct known_text *known;
};

static inline uint8_t take_octet(struct reader *reader)
{
    if (reader_ok(reader) && reader->at < reader->end)
        return reader->base[reader->at++];
    return reader_u8(reader);
}

static uint64_t take_u64(struct reader *reader)
{
    uint64_t value = 0;
    unsigned shift;

    for (shift = 0; shift < 64; shift += 7) {
        uint8_t octet = take_octet(reader);

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

static struct known_text *slot_of(struct known_text *known, struct bytes text)
{
    uint64_t first = 0, last = 0;
    size_t len = size_min(text.len, 8);

    memcpy(&first, text.at, len);
    memcpy(&last, text.at + text.len - len, len);
    first = (first ^ last * 0x9E3779B97F4A7C15u ^ text.len) * 0xBF58476D1CE4E5B9u;
    return &known[first >> 32 & (CODEC_KNOWN - 1)];
}

/* Texts come again and again: hardware addresses, host names, names of carriers. */
static const char *take_text(const struct decoding *d)
{
    struct bytes raw = reader_bytes(d->reader, take_count(d->reader, 1));
    struct known_text *known;
    const char *text;

    if (raw.len == 0)
        return "";
    known = d->known == NULL ? NULL : slot_of(d->known, raw);
    if (known != NULL && known->len == raw.len && memcmp(known->at, raw.at, raw.len) == 0)
        return known->at;
    text = arena_text(d->arena, raw);
    if (known != NULL)
        *known = (struct known_text){text, strlen(text)};
    return text;
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

void record_decode(struct reader *reader, struct arena *arena, struct known_text *known,
                   const struct record_type *type, void *record)
{
    const struct decoding d = {reader, arena, known};

    decode(&d, type, record, 0);
}

static bool name_ends(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);

    return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

static int64_t most_of(const char *name)
{
    if (name_ends(name, "_ns") || strcmp(name, "pwd_last_set") == 0)
        return LIMIT_NANOSECONDS;
    return name_ends(name, "_s") ? LIMIT_SECONDS : LIMIT_NUMBER;
}

static void bound_ints(int64_t *at, size_t num, const char *name)
{
    size_t i;

    for (i = 0; i < num; i++) {
        int64_t most;

        if (at[i] >= -LIMIT_SECONDS && at[i] <= LIMIT_SECONDS) /* the narrowest range */
            continue;
        most = most_of(name);
        at[i] = at[i] > most ? most : at[i] < -most ? -most : at[i];
    }
}

void record_bound(const struct record_type *type, void *record)
{
    const struct field *field;
    size_t i;

    for (field = type->fields; field->name != NULL; field++) {
        char *at = (char *)record + field->offset;
        const struct krb_list *list = (const void *)at; /* the layout of every list */

        switch (field->type) {
        case FIELD_INT:
        case FIELD_REF:
            bound_ints((void *)at, 1, field->name);
            break;
        case FIELD_OPTINT:
            bound_ints(&((struct optint *)(void *)at)->value, 1, field->name);
            break;
        case FIELD_INTS:
            bound_ints((int64_t *)(uintptr_t)((struct int_list *)(void *)at)->at,
                       ((struct int_list *)(void *)at)->num, field->name);
            break;
        case FIELD_LIST:
            for (i = 0; i < list->num; i++)
                record_bound(field->of, (char *)(uintptr_t)list->at + i * field->of->size);
            break;
        case FIELD_ONE:
            if (*(void **)(void *)at != NULL)
                record_bound(field->of, *(void **)(void *)at);
            break;
        case FIELD_BOOLEAN:
        case FIELD_TEXT:
        case FIELD_TEXTS:
        case FIELD_ADDRESS:
        case FIELD_DIGEST:
            break;
        }
    }
}
