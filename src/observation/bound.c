/* SPDX-License-Identifier: MIT */
/* Numbers of a record within the ranges of limits.h. */
#include "base/limits.h"
#include "observation/codec.h"
#include "observation/codec_parts.h"

static bool name_ends(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);

    return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

int64_t field_most(const char *name)
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
        most = field_most(name);
        at[i] = at[i] > most ? most : at[i] < -most ? -most : at[i];
    }
}

void record_bound(const struct record_type *type, void *record)
{
    const struct field *field;
    size_t i;

    for (field = type->fields; field->name != NULL; field++) {
        char *at = (char *)record + field->offset;
        const struct any_list *list = (const void *)at;

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
