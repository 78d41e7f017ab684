/* SPDX-License-Identifier: MIT */
/* Keytab files: which principals, key versions and etypes; never a key. The format is described in
 * MIT krb5's doc/formats/keytab_file_format.rst: 05 02 big endian, 05 01 in the byte order of the
 * machine that wrote it and without a name type. */
#include "base/limits.h"
#include "evidence/kind.h"

struct format {
    bool little, old; /* old: 05 01 */
};

static uint16_t take16(struct reader *reader, const struct format *format)
{
    return format->little ? reader_le16(reader) : reader_be16(reader);
}

static uint32_t take32(struct reader *reader, const struct format *format)
{
    return format->little ? reader_le32(reader) : reader_be32(reader);
}

static struct bytes take_counted(struct reader *reader, const struct format *format)
{
    return reader_bytes(reader, take16(reader, format));
}

static const char *take_principal(const struct document *document, struct reader *reader,
                                  const struct format *format)
{
    size_t num = take16(reader, format), i;
    struct bytes realm = take_counted(reader, format);
    struct text name = {0};
    const char *out;

    if (format->old && num > 0)
        num--; /* it counts the realm */
    if (num > LIMIT_NAME_COMPONENTS)
        reader_fail(reader, FAULT_LIMIT, "a principal of too many components");
    for (i = 0; i < num && reader_ok(reader); i++) {
        if (i > 0)
            text_put_char(&name, '/');
        text_put_bytes(&name, take_counted(reader, format));
    }
    text_put_char(&name, '@');
    text_put_bytes(&name, realm);
    out = arena_text(document->scratch, span((const uint8_t *)name.at, name.len));
    text_clear(&name);
    return out;
}

/* One entry: principal, name type, time stamp, kvno of 8 bits, etype, key, and in most keytabs a
 * kvno of 32 bits that overrides the short one unless it is 0. */
static void take_entry(const struct document *document, struct reader *reader,
                       const struct format *format)
{
    struct key key = {.principal = take_principal(document, reader, format)};
    uint32_t kvno;

    if (!format->old)
        take32(reader, format);
    key.time_s = optint(take32(reader, format));
    key.kvno = reader_u8(reader);
    key.etype = optint((int16_t)take16(reader, format));
    reader_skip(reader, take16(reader, format));
    if (reader_left(reader) >= 4 && (kvno = take32(reader, format)) != 0)
        key.kvno = kvno;
    if (reader_ok(reader))
        document_fact(document, KIND_key, 1, &key);
}

static void note_fault(const struct document *document, const struct reader *reader)
{
    document_problem(
        document, 1, "keytab-damaged",
        arena_print(document->scratch, "the keytab is %s at offset %zu",
                    reader->fault == FAULT_MALFORMED ? "damaged or cut" : fault_name(reader->fault),
                    reader->fault_at));
}

enum { SANE_ENTRY = 1 << 20 };

/* The version, and a first length that an entry or a hole can have. */
static bool is_keytab(struct bytes raw)
{
    struct reader reader;
    int64_t big, little;

    if (raw.len < 2 || raw.at[0] != 5 || (raw.at[1] != 1 && raw.at[1] != 2))
        return false;
    reader_init(&reader, span_from(raw, 2), false);
    big = (int32_t)reader_be32(&reader);
    reader_init(&reader, span_from(raw, 2), false);
    little = (int32_t)reader_le32(&reader);
    return !reader_ok(&reader) || (big >= -SANE_ENTRY && big <= SANE_ENTRY) ||
           (raw.at[1] == 1 && little >= -SANE_ENTRY && little <= SANE_ENTRY);
}

/* 05 01 does not say its byte order: the length of the first entry must fit the file. */
static bool is_little(struct bytes raw)
{
    struct reader reader;
    int32_t len;

    reader_init(&reader, span_from(raw, 2), false);
    len = (int32_t)reader_le32(&reader);
    return reader_ok(&reader) && len > 0 && (size_t)len < raw.len;
}

static void read_keytab(const struct document *document)
{
    struct format format = {.old = document->raw.at[1] == 1};
    struct reader reader;

    format.little = format.old && is_little(document->raw);
    reader_init(&reader, document->raw, false);
    reader_skip(&reader, 2);
    while (reader_left(&reader) > 0) {
        int32_t len = (int32_t)take32(&reader, &format);
        struct reader entry;

        if (!reader_ok(&reader) || len == 0 || len == INT32_MIN)
            break;
        if (len < 0) { /* a hole left by a deleted entry */
            reader_skip(&reader, (size_t)-len);
            continue;
        }
        entry = reader_child(&reader, (size_t)len);
        take_entry(document, &entry, &format);
        if (!reader_ok(&entry))
            note_fault(document, &entry);
        reader_skip(&entry, reader_left(&entry));
    }
    if (!reader_ok(&reader))
        note_fault(document, &reader);
}

static int score_keytab(const struct document *document)
{
    return is_keytab(document->raw) ? 100 : SCORE_NONE;
}

const struct evidence_kind evidence_keytab = {"keytab", score_keytab, read_keytab};
