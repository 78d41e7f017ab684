/* SPDX-License-Identifier: MIT */
/* Records to bytes. */
#include "observation/codec.h"

#include "observation/codec_parts.h"

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
