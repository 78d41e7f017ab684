/* SPDX-License-Identifier: MIT */
#include "asn1/der.h"

#include "base/limits.h"

void der_fail(struct der_story *story, enum fault fault, size_t at, const char *what)
{
    if (story->fault != FAULT_NONE)
        return;
    story->fault = fault;
    story->fault_at = at;
    story->fault_what = what;
}

void der_odd(struct der_story *story, unsigned odd, size_t at)
{
    if (story->odd == 0)
        story->odd_at = at;
    story->odd |= odd;
}

void der_fold(struct der_story *story, const struct reader *reader)
{
    if (!reader_ok(reader))
        der_fail(story, reader->fault, reader->fault_at, reader->fault_what);
}

/* X.690 8.1.2: the tag number behind an identifier octet whose low bits are all one. */
static uint32_t take_high_tag(struct reader *from, struct der_story *story)
{
    size_t start = from->at;
    uint32_t tag = 0;
    uint8_t octet;

    do {
        octet = reader_u8(from);
        if (tag > UINT32_MAX >> 7) {
            reader_fail_at(from, FAULT_LIMIT, "a tag number of more than 32 bits", start);
            return 0;
        }
        if (tag == 0 && octet == 0x80)
            der_odd(story, DER_ODD_LONG_TAG, start);
        tag = tag << 7 | (octet & 0x7F);
    } while (reader_ok(from) && (octet & 0x80) != 0);
    if (tag < 31)
        der_odd(story, DER_ODD_LONG_TAG, start);
    return tag;
}

/* X.690 8.1.3; *out_indefinite for the form without a length. A length beyond a size_t becomes
 * SIZE_MAX: it is longer than any input either way. */
static size_t take_length(struct reader *from, struct der_story *story, bool *out_indefinite)
{
    size_t start = from->at, length = 0;
    uint8_t first = reader_u8(from), num, i;

    *out_indefinite = first == 0x80;
    if (first <= 0x80)
        return first & 0x7F;
    if (first == 0xFF) {
        reader_fail_at(from, FAULT_MALFORMED, "no such form of length", start);
        return 0;
    }
    num = first & 0x7F;
    for (i = 0; i < num && reader_ok(from); i++) {
        uint8_t octet = reader_u8(from);

        if (i == 0 && octet == 0)
            der_odd(story, DER_ODD_LONG_LENGTH, start);
        length = length > SIZE_MAX >> 8 ? SIZE_MAX : length << 8 | octet;
    }
    if (length < 0x80 && reader_ok(from))
        der_odd(story, DER_ODD_LONG_LENGTH, start);
    return length;
}

static bool take_header(struct reader *from, struct der_story *story, struct der *out,
                        size_t *out_length, bool *out_indefinite)
{
    uint8_t first;

    out->start = from->at;
    first = reader_u8(from);
    out->class = first >> 6;
    out->constructed = (first & 0x20) != 0;
    out->tag = first & 0x1F;
    if (out->tag == 0x1F)
        out->tag = take_high_tag(from, story);
    *out_length = take_length(from, story, out_indefinite);
    if (*out_indefinite && !out->constructed)
        reader_fail_at(from, FAULT_MALFORMED, "a primitive value without a length", out->start);
    return reader_ok(from);
}

/* Where the contents of an indefinite length end: the offset of its end-of-contents octets. The
 * copy of the reader keeps the fault when there is no end. */
static bool find_end(struct reader from, struct der_story *story, size_t *out_end)
{
    size_t depth = 1, length;
    struct der_story inner = {0};
    struct der element;
    bool indefinite;

    while (reader_left(&from) > 0) {
        if (!take_header(&from, &inner, &element, &length, &indefinite))
            break;
        if (indefinite) {
            if (++depth > LIMIT_DER_DEPTH) {
                der_fail(story, FAULT_LIMIT, element.start, "nested too deeply");
                return false;
            }
        } else if (element.class == DER_UNIVERSAL && element.tag == 0 && length == 0) {
            if (--depth == 0) {
                *out_end = element.start;
                return true;
            }
        } else {
            reader_skip(&from, length);
        }
    }
    if (reader_ok(&from))
        reader_fail(&from, from.open ? FAULT_NEEDS_MORE : FAULT_MALFORMED,
                    "a value without a length has no end");
    der_fold(story, &from);
    return false;
}

bool der_take(struct reader *from, struct der_story *story, struct der *out)
{
    size_t length, end;
    bool indefinite;

    memset(out, 0, sizeof(*out));
    if (reader_left(from) == 0)
        return false;
    if (!take_header(from, story, out, &length, &indefinite)) {
        der_fold(story, from);
        return false;
    }
    if (indefinite) {
        der_odd(story, DER_ODD_INDEFINITE, out->start);
        out->cut = !find_end(*from, story, &end);
        length = out->cut ? from->end - from->at : end - from->at;
        out->in = reader_child(from, length);
        out->in.open = out->cut && from->open;
        if (!out->cut)
            reader_skip(from, 2);
    } else {
        out->cut = length > reader_left(from);
        out->in = reader_child(from, length);
        if (out->cut && from->open)
            der_fold(story, from);
        else if (out->cut)
            der_fail(story, FAULT_MALFORMED, out->start,
                     "a length runs over the end of what holds it");
    }
    out->end = from->at;
    return true;
}

bool der_inside(const struct der *wrapper, struct der_story *story, struct der *out)
{
    struct reader in = wrapper->in;

    if (!wrapper->constructed)
        der_fail(story, FAULT_MALFORMED, wrapper->start, "an explicit tag that is not constructed");
    if (!der_take(&in, story, out)) {
        der_fail(story, in.open ? FAULT_NEEDS_MORE : FAULT_MALFORMED, wrapper->start,
                 "an explicit tag around nothing");
        return false;
    }
    if (reader_left(&in) > 0)
        der_odd(story, DER_ODD_TRAILING, in.at);
    return true;
}

struct der_int der_integer(const struct der *der, struct der_story *story)
{
    struct reader in = der->in;
    struct der_int out = {false, 0};
    size_t len = reader_left(&in), i;
    uint64_t value = 0;

    if (der->cut) /* the fault is known already */
        return out;
    if (der->constructed || len == 0) {
        der_fail(story, FAULT_MALFORMED, der->start, "an integer without octets");
        return out;
    }
    if (len > 1) {
        uint8_t first = in.base[in.at], second = in.base[in.at + 1];

        if ((first == 0 && (second & 0x80) == 0) || (first == 0xFF && (second & 0x80) != 0))
            der_odd(story, DER_ODD_LONG_INTEGER, der->start);
    }
    if (len > 8) {
        der_fail(story, FAULT_LIMIT, der->start, "an integer of more than 64 bits");
        return out;
    }
    if ((in.base[in.at] & 0x80) != 0)
        value = UINT64_MAX;
    for (i = 0; i < len; i++)
        value = value << 8 | reader_u8(&in);
    out.set = true;
    out.value = (int64_t)value;
    return out;
}

struct der_int der_flags(const struct der *der, struct der_story *story)
{
    struct reader in = der->in;
    struct der_int out = {false, 0};
    uint8_t unused = reader_u8(&in);
    int i;

    if (der->cut)
        return out;
    if (der->constructed || !reader_ok(&in) || unused > 7 ||
        (unused > 0 && reader_left(&in) == 0)) {
        der_fail(story, FAULT_MALFORMED, der->start, "no bit string");
        return out;
    }
    for (i = 0; i < 4; i++) { /* short ones are filled with zero bits at their end */
        uint8_t octet = reader_left(&in) > 0 ? reader_u8(&in) : 0;

        out.value = out.value << 8 | octet;
    }
    out.set = true;
    return out;
}

int64_t der_days(int64_t year, unsigned month, unsigned day)
{
    /* Years begin in March here, so that the leap day is the last day of its year. */
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400; /* 0 to 399 */
    int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* num decimal digits; false when there are fewer. */
static bool take_digits(struct reader *in, unsigned num, unsigned *out)
{
    *out = 0;
    while (num-- > 0) {
        uint8_t c = reader_u8(in);

        if (!reader_ok(in) || c < '0' || c > '9')
            return false;
        *out = *out * 10 + (unsigned)(c - '0');
    }
    return true;
}

static unsigned days_of_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

struct der_int der_time(const struct der *der, struct der_story *story)
{
    struct reader in = der->in;
    struct der_int out = {false, 0};
    unsigned year, month, day, hour, minute, second;

    if (der->cut)
        return out;
    if (der->constructed || !take_digits(&in, 4, &year) || !take_digits(&in, 2, &month) ||
        !take_digits(&in, 2, &day) || !take_digits(&in, 2, &hour) ||
        !take_digits(&in, 2, &minute) || !take_digits(&in, 2, &second) || month < 1 || month > 12 ||
        day < 1 || day > days_of_month(year, month) || hour > 23 || minute > 59 || second > 60) {
        der_fail(story, FAULT_MALFORMED, der->start, "no time");
        return out;
    }
    if (reader_peek(&in) == '.') {
        der_odd(story, DER_ODD_TIME, der->start);
        reader_skip(&in, 1);
        while (reader_peek(&in) >= '0' && reader_peek(&in) <= '9')
            reader_skip(&in, 1);
    }
    if (reader_left(&in) == 0) {
        der_odd(story, DER_ODD_TIME, der->start);
    } else if (reader_u8(&in) != 'Z' || reader_left(&in) > 0) {
        der_fail(story, FAULT_MALFORMED, der->start, "no time in UTC");
        return out;
    }
    out.set = true;
    out.value = ((der_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    return out;
}

struct der_bytes der_string(const struct der *der, struct der_story *story)
{
    struct reader in = der->in;
    struct der_bytes out = {false, {NULL, 0}};

    if (der->constructed) {
        der_fail(story, FAULT_UNSUPPORTED, der->start, "a string in pieces");
        return out;
    }
    out.set = !der->cut;
    out.raw = reader_rest(&in);
    return out;
}
