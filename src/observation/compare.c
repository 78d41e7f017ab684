/* SPDX-License-Identifier: MIT */
/* Equality and dump of any record: what tests compare and print. */
#include "observation/codec_parts.h"
#include "observation/log.h"

static bool text_equal(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool list_equal(const struct field *field, const struct any_list *a,
                       const struct any_list *b)
{
    size_t i;

    if (a->num != b->num)
        return false;
    for (i = 0; i < a->num; i++) {
        bool same;

        if (field->type == FIELD_INTS)
            same = ((const int64_t *)a->at)[i] == ((const int64_t *)b->at)[i];
        else if (field->type == FIELD_TEXTS)
            same = text_equal(((const char *const *)a->at)[i], ((const char *const *)b->at)[i]);
        else
            same = record_equal(field->of, (const char *)a->at + i * field->of->size,
                                (const char *)b->at + i * field->of->size);
        if (!same)
            return false;
    }
    return true;
}

static bool field_equal(const struct field *field, const void *a, const void *b)
{
    const struct optint *x = a, *y = b;
    const void *one = field->type == FIELD_ONE ? *(const void *const *)a : NULL;
    const void *other = field->type == FIELD_ONE ? *(const void *const *)b : NULL;

    switch (field->type) {
    case FIELD_INT:
    case FIELD_REF:
        return *(const int64_t *)a == *(const int64_t *)b;
    case FIELD_OPTINT:
        return x->set == y->set && (!x->set || x->value == y->value);
    case FIELD_BOOLEAN:
        return *(const bool *)a == *(const bool *)b;
    case FIELD_TEXT:
        return text_equal(*(const char *const *)a, *(const char *const *)b);
    case FIELD_ADDRESS:
        return memcmp(a, b, sizeof(struct address)) == 0;
    case FIELD_DIGEST:
        return memcmp(a, b, sizeof(struct digest)) == 0;
    case FIELD_INTS:
    case FIELD_TEXTS:
    case FIELD_LIST:
        return list_equal(field, a, b);
    case FIELD_ONE:
        return one == NULL || other == NULL ? one == other : record_equal(field->of, one, other);
    }
    return false;
}

bool record_equal(const struct record_type *type, const void *a, const void *b)
{
    const struct field *field;

    for (field = type->fields; field->name != NULL; field++)
        if (!field_equal(field, (const char *)a + field->offset, (const char *)b + field->offset))
            return false;
    return true;
}

static void dump_list(struct text *out, const struct field *field, const struct any_list *list,
                      int indent)
{
    size_t i;

    for (i = 0; i < list->num; i++) {
        text_putf(out, "%*s%s[%zu]", indent, "", field->name, i);
        if (field->type == FIELD_INTS) {
            text_putf(out, "=%lld\n", (long long)((const int64_t *)list->at)[i]);
        } else if (field->type == FIELD_TEXTS) {
            text_put(out, "=");
            text_put_plain(out, ((const char *const *)list->at)[i]);
            text_put(out, "\n");
        } else {
            text_put(out, ":\n");
            record_dump(out, field->of, (const char *)list->at + i * field->of->size, indent + 2);
        }
    }
}

static void dump_field(struct text *out, const struct field *field, const void *at, int indent)
{
    const struct optint *opt = at;
    const char *str = field->type == FIELD_TEXT ? *(const char *const *)at : NULL;
    const void *one = field->type == FIELD_ONE ? *(const void *const *)at : NULL;
    char room[DIGEST_TEXT_ROOM];

    switch (field->type) {
    case FIELD_INT:
    case FIELD_REF:
        text_putf(out, "%*s%s=%lld\n", indent, "", field->name, (long long)*(const int64_t *)at);
        break;
    case FIELD_OPTINT:
        if (opt->set)
            text_putf(out, "%*s%s=%lld\n", indent, "", field->name, (long long)opt->value);
        break;
    case FIELD_BOOLEAN:
        if (*(const bool *)at)
            text_putf(out, "%*s%s\n", indent, "", field->name);
        break;
    case FIELD_TEXT:
        if (str == NULL)
            break;
        text_putf(out, "%*s%s=", indent, "", field->name);
        text_put_plain(out, str);
        text_put(out, "\n");
        break;
    case FIELD_ADDRESS:
        if (((const struct address *)at)->family != 0)
            text_putf(out, "%*s%s=%s\n", indent, "", field->name, address_text(at, room));
        break;
    case FIELD_DIGEST:
        if (((const struct digest *)at)->set)
            text_putf(out, "%*s%s=%s\n", indent, "", field->name, digest_text(at, room));
        break;
    case FIELD_INTS:
    case FIELD_TEXTS:
    case FIELD_LIST:
        dump_list(out, field, at, indent);
        break;
    case FIELD_ONE:
        if (one == NULL)
            break;
        text_putf(out, "%*s%s:\n", indent, "", field->name);
        record_dump(out, field->of, one, indent + 2);
        break;
    }
}

void record_dump(struct text *out, const struct record_type *type, const void *record, int indent)
{
    const struct field *field;

    for (field = type->fields; field->name != NULL; field++)
        dump_field(out, field, (const char *)record + field->offset, indent);
}
