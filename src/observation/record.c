/* SPDX-License-Identifier: MIT */
#include "observation/record.h"

#define BEGIN(record)                 static const struct field record##_fields[] = {
#define FIELD(record, name, type, of) {#name, type, offsetof(struct record, name), of},
#define INT(record, name)             FIELD(record, name, FIELD_INT, NULL)
#define REF(record, name)             FIELD(record, name, FIELD_REF, NULL)
#define OPTINT(record, name)          FIELD(record, name, FIELD_OPTINT, NULL)
#define BOOLEAN(record, name)         FIELD(record, name, FIELD_BOOLEAN, NULL)
#define TEXT(record, name)            FIELD(record, name, FIELD_TEXT, NULL)
#define ADDRESS(record, name)         FIELD(record, name, FIELD_ADDRESS, NULL)
#define DIGEST(record, name)          FIELD(record, name, FIELD_DIGEST, NULL)
#define INTS(record, name)            FIELD(record, name, FIELD_INTS, NULL)
#define TEXTS(record, name)           FIELD(record, name, FIELD_TEXTS, NULL)
#define LIST(record, name, type)      FIELD(record, name, FIELD_LIST, &type##_type)
#define ONE(record, name, type)       FIELD(record, name, FIELD_ONE, &type##_type)
#define END(record)                                                                                \
    {                                                                                              \
        NULL, FIELD_INT, 0, NULL                                                                   \
    }                                                                                              \
    }                                                                                              \
    ;                                                                                              \
    const struct record_type record##_type = {#record, sizeof(struct record),                      \
                                              sizeof(record##_fields) / sizeof(struct field) - 1,  \
                                              record##_fields};
#include "observation/records.def"
#include "observation/undef.h"
