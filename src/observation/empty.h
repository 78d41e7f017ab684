/* SPDX-License-Identifier: MIT */
/* Defines as nothing the field macros of records.def; BEGIN is the includer's. No include guard. */
#define INT(record, name)
#define REF(record, name)
#define OPTINT(record, name)
#define BOOLEAN(record, name)
#define TEXT(record, name)
#define ADDRESS(record, name)
#define DIGEST(record, name)
#define INTS(record, name)
#define TEXTS(record, name)
#define LIST(record, name, type)
#define ONE(record, name, type)
#define END(record)
