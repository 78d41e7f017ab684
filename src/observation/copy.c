/* SPDX-License-Identifier: MIT */
/* Deep copies of any record. */
#include "observation/codec.h"
#include "observation/codec_parts.h"

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
