/* SPDX-License-Identifier: MIT */
/* The record types of records.def as C structs, and their descriptions for code that walks any
 * record. */
#ifndef KRBWHY_OBSERVATION_RECORD_H
#define KRBWHY_OBSERVATION_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/digest.h"

struct optint {
    bool set;
    int64_t value;
};

static inline struct optint optint(int64_t value)
{
    struct optint o = {true, value};
    return o;
}

struct int_list {
    const int64_t *at;
    size_t num;
};

struct text_list {
    const char *const *at;
    size_t num;
};

#define BEGIN(record)            struct record {
#define INT(record, name)        int64_t name;
#define REF(record, name)        int64_t name;
#define OPTINT(record, name)     struct optint name;
#define BOOLEAN(record, name)    bool name;
#define TEXT(record, name)       const char *name;
#define ADDRESS(record, name)    struct address name;
#define DIGEST(record, name)     struct digest name;
#define INTS(record, name)       struct int_list name;
#define TEXTS(record, name)      struct text_list name;
#define LIST(record, name, type) struct type##_list name;
#define ONE(record, name, type)  const struct type *name;
#define END(record)                                                                                \
    }                                                                                              \
    ;                                                                                              \
    struct record##_list {                                                                         \
        const struct record *at;                                                                   \
        size_t num;                                                                                \
    };
#include "observation/records.def"
#include "observation/undef.h"

enum field_type {
    FIELD_INT,
    FIELD_REF,
    FIELD_OPTINT,
    FIELD_BOOLEAN,
    FIELD_TEXT,
    FIELD_ADDRESS,
    FIELD_DIGEST,
    FIELD_INTS,
    FIELD_TEXTS,
    FIELD_LIST,
    FIELD_ONE
};

struct field {
    const char *name; /* NULL ends the list */
    enum field_type type;
    size_t offset;
    const struct record_type *of; /* LIST and ONE: the record type of the elements */
};

struct record_type {
    const char *name;
    size_t size; /* of the struct */
    size_t num_fields;
    const struct field *fields;
};

/* krb_type, dns_type, source_type, ... one per record of records.def. */
#define BEGIN(record) extern const struct record_type record##_type;
#include "observation/empty.h"
#include "observation/records.def"
#include "observation/undef.h"

#endif
