/* SPDX-License-Identifier: MIT */
#include "asn1/grammar.h"

#include "base/limits.h"

enum { MAX_CANDIDATES = 64, MAX_SALVAGE_BYTES = 1 << 14 };

static const uint8_t universal_tags[] = {
    [GRAMMAR_INT] = DER_INTEGER,           [GRAMMAR_UINT32] = DER_INTEGER,
    [GRAMMAR_ENUM] = DER_ENUMERATED,       [GRAMMAR_FLAGS] = DER_BIT_STRING,
    [GRAMMAR_TIME] = DER_GENERALIZED_TIME, [GRAMMAR_TEXT] = DER_GENERAL_STRING,
    [GRAMMAR_OCTETS] = DER_OCTET_STRING,   [GRAMMAR_OID] = DER_OID,
    [GRAMMAR_LIST] = DER_SEQUENCE,
};

/* String types that stand for KerberosString in the wild. */
static bool is_text(const struct der *der)
{
    return der->class == DER_UNIVERSAL &&
           (der->tag == DER_UTF8_STRING || der->tag == 19 /* Printable */ ||
            der->tag == 20 /* Teletex */ || der->tag == 22 /* IA5 */ ||
            der->tag == 26 /* Visible */);
}

static struct der_list read_list(const struct der *element, uint8_t item, struct der_story *story)
{
    struct der_list list = {true, 0, element->in, false};
    struct reader in = element->in;
    struct der one;

    while (der_take(&in, story, &one)) {
        if (in.base[one.start] != item)
            der_fail(story, FAULT_MALFORMED, one.start, "an element of another type");
        if (list.num == LIMIT_DER_ITEMS) {
            der_fail(story, FAULT_LIMIT, one.start, "too many elements");
            list.in.end = one.start;
            list.more = true;
            break;
        }
        list.num++;
    }
    return list;
}

static void read_value(const struct grammar_field *field, const struct der *element,
                       struct der_story *story, void *out)
{
    void *to = (char *)out + field->offset;

    switch (field->type) {
    case GRAMMAR_INT:
    case GRAMMAR_ENUM:
        *(struct der_int *)to = der_integer(element, story);
        break;
    case GRAMMAR_UINT32: {
        struct der_int value = der_integer(element, story);

        if (value.set && (value.value < INT32_MIN || value.value > UINT32_MAX))
            der_fail(story, FAULT_MALFORMED, element->start, "a number beyond 32 bits");
        value.value = (int64_t)(uint32_t)value.value;
        *(struct der_int *)to = value;
        break;
    }
    case GRAMMAR_FLAGS:
        *(struct der_int *)to = der_flags(element, story);
        break;
    case GRAMMAR_TIME:
        *(struct der_int *)to = der_time(element, story);
        break;
    case GRAMMAR_TEXT:
    case GRAMMAR_OCTETS:
    case GRAMMAR_OID:
        *(struct der_bytes *)to = der_string(element, story);
        break;
    case GRAMMAR_LIST:
        *(struct der_list *)to = read_list(element, field->item, story);
        break;
    default:
        break;
    }
}

void grammar_value(const struct grammar_field *field, const struct der *wrapper,
                   struct der_story *story, void *out)
{
    struct der element;

    if (!der_inside(wrapper, story, &element) || field->type == GRAMMAR_ANY)
        return;
    if (field->type == GRAMMAR_RECORD) {
        void *to = (char *)out + field->offset;

        *(bool *)to = grammar_element(field->sub, &element, story, to);
    } else if (field->type == GRAMMAR_INLINE) {
        grammar_element(field->sub, &element, story, out);
    } else if (der_is(&element, DER_UNIVERSAL, universal_tags[field->type])) {
        read_value(field, &element, story, out);
    } else if (field->type == GRAMMAR_TEXT && is_text(&element)) {
        der_odd(story, DER_ODD_STRING_TYPE, element.start);
        read_value(field, &element, story, out);
    } else {
        der_fail(story, FAULT_MALFORMED, element.start, "a value of another type");
    }
}

static const struct grammar_field *find_field(const struct grammar *grammar, uint32_t tag)
{
    const struct grammar_field *field;

    for (field = grammar->fields; field->name != NULL; field++)
        if (field->tag == tag)
            return field;
    return NULL;
}

void grammar_fields(const struct grammar *grammar, const struct reader *contents,
                    struct der_story *story, void *out)
{
    struct reader in = *contents;
    const struct grammar_field *field;
    int64_t last = -1;
    uint32_t seen = 0;
    struct der wrapper;

    while (der_take(&in, story, &wrapper)) {
        bool clean = story->fault == FAULT_NONE;

        field = wrapper.class == DER_CONTEXT ? find_field(grammar, wrapper.tag) : NULL;
        if (field == NULL && wrapper.class == DER_CONTEXT && wrapper.tag > last) {
            der_odd(story, DER_ODD_EXTENSION, wrapper.start);
        } else if (field == NULL) {
            der_fail(story, FAULT_MALFORMED, wrapper.start, "no field belongs here");
        } else if (wrapper.tag <= last) {
            der_fail(story, FAULT_MALFORMED, wrapper.start, "a field out of order");
        } else {
            last = wrapper.tag;
            seen |= 1u << wrapper.tag;
            grammar_value(field, &wrapper, story, out);
        }
        if (clean && story->fault != FAULT_NONE && story->field == NULL && field != NULL)
            story->field = field->name;
    }
    if (story->fault != FAULT_NONE)
        return;
    for (field = grammar->fields; field->name != NULL; field++)
        if (field->required && (seen & 1u << field->tag) == 0) {
            der_fail(story, in.open ? FAULT_NEEDS_MORE : FAULT_MALFORMED, in.end,
                     "a required field is missing");
            story->field = field->name;
            return;
        }
}

bool grammar_element(const struct grammar *grammar, const struct der *element,
                     struct der_story *story, void *out)
{
    struct der inner = *element;

    if (grammar->application >= 0) {
        if (!der_is(element, DER_APPLICATION, (uint32_t)grammar->application)) {
            der_fail(story, FAULT_MALFORMED, element->start, "another message than expected");
            return false;
        }
        if (!der_inside(element, story, &inner))
            return false;
    }
    if (!der_is(&inner, DER_UNIVERSAL, DER_SEQUENCE)) {
        der_fail(story, FAULT_MALFORMED, inner.start, "not a SEQUENCE");
        return false;
    }
    grammar_fields(grammar, &inner.in, story, out);
    return true;
}

uint32_t grammar_have(const struct grammar *grammar, const void *out)
{
    const struct grammar_field *field;
    uint32_t have = 0;

    for (field = grammar->fields; field->name != NULL; field++)
        if (field->type != GRAMMAR_ANY && field->type != GRAMMAR_INLINE &&
            *(const bool *)((const char *)out + field->offset))
            have |= 1u << field->tag;
    return have;
}

/* ---- salvage ---- */

struct candidate {
    const struct grammar_field *field;
    struct der wrapper;
    size_t covered; /* bytes of the best chain that ends with this one */
    int before;     /* index of the one before it in that chain; -1 none */
};

static bool is_printable(struct bytes raw)
{
    size_t i;

    for (i = 0; i < raw.len; i++)
        if (raw.at[i] < 0x20 || raw.at[i] == 0x7F)
            return false;
    return true;
}

/* Texts anywhere below an element must look like texts. */
static bool texts_are_printable(const struct der *element, unsigned depth)
{
    struct reader in = element->in;
    struct der_story story = {0};
    struct der one;

    if (!element->constructed)
        return !der_is(element, DER_UNIVERSAL, DER_GENERAL_STRING) ||
               is_printable(reader_rest(&in));
    if (depth == LIMIT_DER_DEPTH)
        return false;
    while (der_take(&in, &story, &one))
        if (!texts_are_printable(&one, depth + 1))
            return false;
    return story.fault == FAULT_NONE;
}

/* A field, whole and strict, at this offset of the damaged bytes. */
static bool is_candidate(const struct grammar *grammar, const struct reader *damaged, size_t at,
                         struct candidate *out)
{
    _Alignas(max_align_t) char scratch[GRAMMAR_SCRATCH];
    struct reader in = *damaged;
    struct der_story story = {0};

    in.at = at;
    memset(out, 0, sizeof(*out));
    /* Context, constructed, with a length: looking for the end of one without would cost the square
     * of a hostile message's length. */
    if (in.base[at] >> 5 != 5 || (at + 1 < in.end && in.base[at + 1] == 0x80) ||
        !der_take(&in, &story, &out->wrapper))
        return false;
    out->field = find_field(grammar, out->wrapper.tag);
    if (out->field == NULL || out->field->type == GRAMMAR_INLINE || grammar->size > GRAMMAR_SCRATCH)
        return false;
    memset(scratch, 0, sizeof(scratch));
    grammar_value(out->field, &out->wrapper, &story, scratch);
    return story.fault == FAULT_NONE && story.odd == 0 && texts_are_printable(&out->wrapper, 0);
}

static size_t find_candidates(const struct grammar *grammar, const struct reader *damaged,
                              struct candidate *out)
{
    size_t end = damaged->at + size_min(reader_left(damaged), MAX_SALVAGE_BYTES), at, num = 0;

    for (at = damaged->at; at < end && num < MAX_CANDIDATES; at++)
        if (is_candidate(grammar, damaged, at, &out[num]))
            num++;
    return num;
}

/* Joins the candidates to the chain that covers most bytes: returns its last one, -1 for none. */
static int best_chain(struct candidate *found, size_t num)
{
    int best = -1;
    size_t i, k;

    for (i = 0; i < num; i++) {
        found[i].before = -1;
        for (k = 0; k < i; k++)
            if (found[k].wrapper.end <= found[i].wrapper.start &&
                found[k].field->tag < found[i].field->tag &&
                (found[i].before < 0 || found[k].covered > found[found[i].before].covered))
                found[i].before = (int)k;
        found[i].covered = found[i].wrapper.end - found[i].wrapper.start +
                           (found[i].before < 0 ? 0 : found[found[i].before].covered);
        if (best < 0 || found[i].covered > found[best].covered)
            best = (int)i;
    }
    return best;
}

static void add_hole(struct grammar_salvaged *out, size_t at, size_t end)
{
    if (at >= end || out->num_holes == sizeof(out->holes) / sizeof(out->holes[0]))
        return;
    out->holes[out->num_holes].at = at;
    out->holes[out->num_holes++].end = end;
}

struct grammar_salvaged grammar_salvage(const struct grammar *grammar, const struct reader *damaged,
                                        uint32_t have, void *out)
{
    struct candidate found[MAX_CANDIDATES];
    size_t num = find_candidates(grammar, damaged, found), covered = damaged->at, length = 0;
    struct grammar_salvaged salvaged = {0};
    int chain[MAX_CANDIDATES], at;

    for (at = best_chain(found, num); at >= 0; at = found[at].before)
        chain[length++] = at;
    while (length > 0) {
        const struct candidate *one = &found[chain[--length]];
        struct der_story story = {0};
        uint32_t bit = 1u << one->field->tag;

        add_hole(&salvaged, covered, one->wrapper.start);
        covered = one->wrapper.end;
        if ((have & bit) != 0)
            continue;
        salvaged.tags |= bit;
        grammar_value(one->field, &one->wrapper, &story, out);
    }
    add_hole(&salvaged, covered, damaged->end);
    return salvaged;
}
