/* SPDX-License-Identifier: MIT */
/* ipconfig /displaydns of any language. A record is six lines whose dots are the same everywhere:
 * name, type number, time to live, data length, section, value. Only the first record of a chain
 * has a title above it. */
#include "evidence/displaydns.h"

#include "evidence/kind.h"

enum { FIELDS = 6 };

struct record {
    struct bytes name, value;
    int64_t type, ttl, length;
    const char *tail; /* SRV: priority, weight and port stand alone on the next lines */
};

static const char *type_name(const struct document *document, int64_t type)
{
    static const struct {
        int64_t number;
        const char *name;
    } types[] = {{1, "A"},   {2, "NS"},   {5, "CNAME"}, {6, "SOA"},  {12, "PTR"},
                 {15, "MX"}, {16, "TXT"}, {28, "AAAA"}, {33, "SRV"}, {65, "HTTPS"}};
    size_t i;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (types[i].number == type)
            return types[i].name;
    return arena_print(document->scratch, "TYPE%lld", (long long)type);
}

/* The number of a dotted line with nothing but a number as value. */
static bool take_number(struct cursor *cursor, int64_t *out)
{
    struct bytes label, value;
    struct line line;

    return cursor_take(cursor, &line) && split_dotted(line.text, &label, &value) &&
           span_int(value, out) && *out >= 0;
}

/* The record whose name is on `first`; cursor stands behind it and is moved only on success. */
static bool parse_record(struct cursor *cursor, const struct line *first, struct record *out)
{
    struct cursor ahead = *cursor;
    struct bytes label;
    struct line line;

    memset(out, 0, sizeof(*out));
    if (!split_dotted(first->text, &label, &out->name) || out->name.len == 0 ||
        span_has(out->name, " ") || !take_number(&ahead, &out->type) || out->type == 0 ||
        out->type > 0xFFFF || !take_number(&ahead, &out->ttl) ||
        !take_number(&ahead, &out->length) || !cursor_take(&ahead, &line) ||
        !split_dotted(line.text, &label, &out->value) || !cursor_take(&ahead, &line) ||
        !split_dotted(line.text, &label, &out->value) || out->value.len == 0)
        return false;
    *cursor = ahead;
    return true;
}

bool displaydns_skip(struct cursor *cursor, const struct line *first)
{
    struct record record;

    return parse_record(cursor, first, &record);
}

/* "0", "100", "389" below the target of a SRV record, in front of it as DNS writes them. */
static const char *take_srv(const struct document *document, struct cursor *cursor,
                            struct bytes target)
{
    struct cursor ahead = *cursor;
    int64_t number[3];
    struct line line;
    size_t i;

    for (i = 0; i < 3; i++)
        if (!cursor_take(&ahead, &line) || !span_int(span_last_word(line.text), &number[i]))
            return document_text(document, target);
    *cursor = ahead;
    return arena_print(document->scratch, "%lld %lld %lld %s", (long long)number[0],
                       (long long)number[1], (long long)number[2],
                       arena_text(document->scratch, target));
}

/* The program ends some names with the root's dot. */
static struct bytes without_dot(struct bytes name)
{
    return name.len > 1 && span_ends(name, ".") ? span_to(name, name.len - 1) : name;
}

static void read_displaydns(const struct document *document)
{
    struct cursor cursor;
    struct record record;
    struct line line;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line)) {
        struct host_name name = {.origin = "displaydns"};

        if (!parse_record(&cursor, &line, &record))
            continue;
        name.name = document_text(document, without_dot(record.name));
        name.type = type_name(document, record.type);
        name.ttl = optint(record.ttl);
        name.value = record.type == 33 ? take_srv(document, &cursor, without_dot(record.value))
                                       : document_text(document, without_dot(record.value));
        document_fact(document, KIND_host_name, line.number, &name);
    }
}

/* Forty dashes below a title. */
static bool is_rule(struct bytes text)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if (text.at[i] != '-')
            return false;
    return text.len == 40;
}

static bool is_title(const struct line *line)
{
    size_t i;

    for (i = 0; i < line->text.len; i++)
        if (!span_alnum(line->text.at[i]) && !span_among(line->text.at[i], "-._"))
            return false;
    return line->text.len > 0 && line->indent > 0 && span_has(line->text, ".");
}

static int score_displaydns(const struct document *document)
{
    struct cursor cursor;
    struct record record;
    struct line line, before = {0};
    int best = SCORE_NONE;

    cursor_init(&cursor, document);
    while (best < SCORE_SURE && cursor_take(&cursor, &line)) {
        if (parse_record(&cursor, &line, &record))
            best = SCORE_SURE;
        else if (is_rule(line.text) && is_title(&before) && before.indent == line.indent)
            best = 60; /* perhaps only negative entries */
        before = line;
    }
    return best;
}

const struct evidence_kind evidence_displaydns = {"displaydns", score_displaydns, read_displaydns};
