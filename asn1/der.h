/* SPDX-License-Identifier: MIT */
/* Elements of DER and BER (X.690), read as far as they can be read.
 *
 * What this audience brings is cut, patched by hand, or made by old encoders. So a walk does not
 * stop at the first fault: it is written down in a `story` with its absolute offset, and reading
 * goes on with the next sibling as long as lengths allow. BER that is not DER is accepted and noted
 * as odd. Nothing is copied or allocated: whatever comes out borrows the input. */
#ifndef KRBWHY_ASN1_DER_H
#define KRBWHY_ASN1_DER_H

#include "base/reader.h"

enum { DER_UNIVERSAL, DER_APPLICATION, DER_CONTEXT, DER_PRIVATE };

/* Universal tags that occur here. */
enum {
    DER_INTEGER = 2,
    DER_BIT_STRING = 3,
    DER_OCTET_STRING = 4,
    DER_OID = 6,
    DER_ENUMERATED = 10,
    DER_UTF8_STRING = 12,
    DER_SEQUENCE = 16,
    DER_GENERALIZED_TIME = 24,
    DER_GENERAL_STRING = 27
};

/* What a strict decoder would not have written; flags. */
enum {
    DER_ODD_INDEFINITE = 1,   /* X.690 8.1.3.6 */
    DER_ODD_LONG_LENGTH = 2,  /* length in more octets than needed, 10.1 */
    DER_ODD_LONG_TAG = 4,     /* tag in more octets than needed, 8.1.2.4 */
    DER_ODD_LONG_INTEGER = 8, /* integer in more octets than needed, 8.3.2 */
    DER_ODD_STRING_TYPE = 16, /* another string type than the grammar says */
    DER_ODD_TRAILING = 32,    /* bytes behind the end of a complete value */
    DER_ODD_TIME = 64,        /* GeneralizedTime with a fraction or without Z */
    DER_ODD_EXTENSION = 128   /* a field that the grammar does not know */
};

/* What a walk met. All zero: nothing wrong. The first fault is kept, and where it stands. */
struct der_story {
    enum fault fault;
    size_t fault_at;        /* offset from the reader's base */
    const char *fault_what; /* static text */
    const char *field;      /* name of the grammar's field at the fault; static, or NULL */
    unsigned odd;           /* DER_ODD_... */
    size_t odd_at;          /* offset of the first oddity */
};

/* One element; borrowed. */
struct der {
    uint8_t class; /* DER_UNIVERSAL ... */
    bool constructed;
    uint32_t tag;
    size_t start, end; /* offsets from the reader's base: first identifier octet, behind the last */
    struct reader in;  /* the contents */
    bool cut; /* less is there than the length says: the contents are what is there of them */
};

/* Values that may be absent. */
struct der_int {
    bool set;
    int64_t value;
};

struct der_bytes {
    bool set;         /* all of it is there */
    struct bytes raw; /* may be the beginning of a value that is cut, although not set */
};

/* A SEQUENCE OF, to be walked on demand: copy `in` and take from the copy. */
struct der_list {
    bool set;
    size_t num;       /* elements that could be read, at most LIMIT_DER_ITEMS */
    struct reader in; /* the contents of the SEQUENCE */
    bool more;        /* elements stand behind those */
};

/* Writes down a fault unless there is one already; `what` is static text. */
void der_fail(struct der_story *story, enum fault fault, size_t at, const char *what);
void der_odd(struct der_story *story, unsigned odd, size_t at);
void der_fold(struct der_story *story, const struct reader *reader);

/* True when the element has this class and tag. */
static inline bool der_is(const struct der *der, unsigned class, uint32_t tag)
{
    return der->class == class && der->tag == tag;
}

/* The next element. False at the end of the reader, or when there is no whole header (the story
 * says why). An element whose length runs over the end is given with `cut` set and the reader is
 * then at its end: FAULT_NEEDS_MORE in the story when the reader is open, else FAULT_MALFORMED. */
bool der_take(struct reader *from, struct der_story *story, struct der *out);

/* The only element inside an explicit tag; false when it is empty or cannot be read. */
bool der_inside(const struct der *wrapper, struct der_story *story, struct der *out);

/* Contents as values. Each gives something that is not set, and a fault in the story, when the
 * contents do not fit the type or are cut. The element's tag is the caller's to check.
 * der_integer: two's complement (8.3), at most 64 bits, else FAULT_LIMIT. */
struct der_int der_integer(const struct der *der, struct der_story *story);

/* BIT STRING as Kerberos flags (RFC 4120, 5.2.8): the first 32 bits, bit 0 is the highest. */
struct der_int der_flags(const struct der *der, struct der_story *story);

/* GeneralizedTime to seconds since 1970-01-01 00:00:00 UTC (RFC 4120, 5.2.3); a fraction is
 * dropped. Second 60 is taken as it stands. */
struct der_int der_time(const struct der *der, struct der_story *story);

/* Octets of a primitive string; what is there of a cut one is given without `set`. Constructed
 * strings (BER) are FAULT_UNSUPPORTED. */
struct der_bytes der_string(const struct der *der, struct der_story *story);

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar; month 1 to 12. */
int64_t der_days(int64_t year, unsigned month, unsigned day);

#endif
