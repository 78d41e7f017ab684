/* SPDX-License-Identifier: MIT */
/* Grammars as tables: SEQUENCEs of explicitly tagged fields, as Kerberos and SPNEGO are written.
 * One engine walks them leniently, and one salvages fields out of a damaged SEQUENCE. */
#ifndef KRBWHY_ASN1_GRAMMAR_H
#define KRBWHY_ASN1_GRAMMAR_H

#include <stddef.h>

#include "asn1/der.h"

/* Room for the largest struct that a grammar fills. */
enum { GRAMMAR_SCRATCH = 2048 };

enum grammar_type {
    GRAMMAR_ANY,    /* read over; nothing is kept */
    GRAMMAR_INT,    /* INTEGER, signed: struct der_int */
    GRAMMAR_UINT32, /* INTEGER 0..2^32-1, which some encode as negative: struct der_int */
    GRAMMAR_ENUM,   /* ENUMERATED: struct der_int */
    GRAMMAR_FLAGS,  /* BIT STRING, its first 32 bits: struct der_int */
    GRAMMAR_TIME,   /* GeneralizedTime, seconds since 1970: struct der_int */
    GRAMMAR_TEXT,   /* GeneralString, and the other string types of RFC 4120: struct der_bytes */
    GRAMMAR_OCTETS, /* OCTET STRING: struct der_bytes */
    GRAMMAR_OID,    /* contents of an OBJECT IDENTIFIER: struct der_bytes */
    GRAMMAR_LIST,   /* SEQUENCE OF elements that begin with octet `item`: struct der_list */
    GRAMMAR_RECORD, /* another grammar; its struct begins with `bool set` */
    GRAMMAR_INLINE  /* another grammar whose fields go to the same struct */
};

struct grammar;

struct grammar_field {
    const char *name; /* as the RFC spells it; NULL ends the table */
    uint8_t tag;      /* context tag; fields stand in ascending order */
    uint8_t type;     /* enum grammar_type */
    bool required;
    uint8_t item;  /* GRAMMAR_LIST: identifier octet of the elements */
    size_t offset; /* into the struct that is filled */
    const struct grammar *sub;
};

struct grammar {
    const char *name;
    int application; /* APPLICATION tag around the SEQUENCE; -1 for none */
    size_t size;     /* of the struct that is filled */
    const struct grammar_field *fields;
};

/* Fills `out` (the grammar's struct, zeroed by the caller) from the contents of the SEQUENCE.
 * Faults and oddities go to the story; what could be read is filled in. */
void grammar_fields(const struct grammar *grammar, const struct reader *contents,
                    struct der_story *story, void *out);

/* As grammar_fields, from the element that holds it all: the SEQUENCE, or the APPLICATION tag
 * around it. False when the element is something else (FAULT_MALFORMED in the story). */
bool grammar_element(const struct grammar *grammar, const struct der *element,
                     struct der_story *story, void *out);

/* Reads the value of one field from the contents of its explicit tag. */
void grammar_value(const struct grammar_field *field, const struct der *wrapper,
                   struct der_story *story, void *out);

/* What grammar_salvage found. */
struct grammar_salvaged {
    uint32_t tags; /* bit n: the field of context tag n was filled in */
    size_t num_holes;
    struct grammar_hole {
        size_t at, end; /* offsets from the reader's base */
    } holes[8];         /* bytes in between that belong to no field; the last ones are left out */
};

/* Looks for well-formed fields of the grammar anywhere in bytes whose lengths cannot be trusted:
 * of all that could be fields, the chain in ascending order of tags and offsets that covers most
 * bytes is filled into `out`, except fields in `have` (bit n: context tag n). Only definite
 * lengths, minimal integers, real times, printable texts and complete records count. */
struct grammar_salvaged grammar_salvage(const struct grammar *grammar, const struct reader *damaged,
                                        uint32_t have, void *out);

/* The tags of fields that are set in `out`, as bits; fields of GRAMMAR_ANY never are. */
uint32_t grammar_have(const struct grammar *grammar, const void *out);

#endif
