/* SPDX-License-Identifier: MIT */
#include "evidence/decode.h"

#include <iconv.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "evidence/codepage.h"
#include "evidence/evidence.h"
#include "evidence/span.h"

enum {
    SAMPLE_BYTES = 64 * 1024, /* how much is looked at to choose a code page */
    CHUNK_BYTES = 4096
};

struct converters {
    iconv_t at[CODEPAGES];
};

struct converters *converters_open(void)
{
    struct converters *converters = memory_take(1, sizeof(*converters));
    size_t i;

    for (i = 0; i < CODEPAGES; i++)
        converters->at[i] = iconv_open("UTF-8", codepage_name(i));
    return converters;
}

void converters_close(struct converters *converters)
{
    size_t i;

    if (converters == NULL)
        return;
    for (i = 0; i < CODEPAGES; i++)
        if (converters->at[i] != (iconv_t)-1)
            iconv_close(converters->at[i]);
    memory_drop(converters);
}

static void put_replacement(struct text *out)
{
    text_put(out, "\xEF\xBF\xBD");
}

static void convert(iconv_t converter, struct bytes raw, struct text *out)
{
    char chunk[CHUNK_BYTES];
    char *from = (char *)(uintptr_t)raw.at; /* iconv does not write to it */
    size_t left = raw.len;

    iconv(converter, NULL, NULL, NULL, NULL);
    while (left > 0) {
        char *to = chunk;
        size_t room = sizeof(chunk), before = left,
               result = iconv(converter, &from, &left, &to, &room);

        text_put_bytes(out, (struct bytes){(const uint8_t *)chunk, sizeof(chunk) - room});
        if (result == (size_t)-1 && left > 0 && (room == sizeof(chunk) || left == before)) {
            put_replacement(out); /* a byte it does not know, or half a character at the end */
            from++;
            left--;
        }
    }
}

/* RFC 2781; an odd byte at the end and surrogates without a partner become U+FFFD. */
static void put_utf16(struct bytes raw, bool big, struct text *out)
{
    size_t i;

    for (i = 0; i + 1 < raw.len; i += 2) {
        uint32_t unit = (uint32_t)raw.at[i + !big] << 8 | raw.at[i + big], low = 0;
        char encoded[4];

        if (unit >= 0xD800 && unit < 0xDC00 && i + 3 < raw.len)
            low = (uint32_t)raw.at[i + 2 + !big] << 8 | raw.at[i + 2 + big];
        if (low >= 0xDC00 && low < 0xE000) {
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        } else if (unit >= 0xD800 && unit < 0xE000) {
            unit = 0xFFFD;
        }
        text_put_bytes(out, (struct bytes){(const uint8_t *)encoded, utf8_put(unit, encoded)});
    }
    if (raw.len % 2 != 0)
        put_replacement(out);
}

/* 'L', 'B' or 0: UTF-16 without a mark shows by the zero bytes of its ASCII characters. */
static int utf16_order(struct bytes raw)
{
    size_t zero[2] = {0, 0}, i, len = size_min(raw.len, SAMPLE_BYTES) & ~(size_t)1;

    for (i = 0; i < len; i++)
        zero[i % 2] += raw.at[i] == 0;
    if (len < 4)
        return 0;
    if (zero[1] > len / 8 && zero[0] <= zero[1] / 32)
        return 'L';
    if (zero[0] > len / 8 && zero[1] <= zero[0] / 32)
        return 'B';
    return 0;
}

static bool is_binary(struct bytes raw)
{
    size_t odd = 0, i, len = size_min(raw.len, SAMPLE_BYTES);

    for (i = 0; i < len; i++) {
        uint8_t c = raw.at[i];

        odd +=
            c == 0 ? 8 : c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1B;
    }
    return odd > len / 32;
}

/* Valid UTF-8; a character cut by the end of the file counts as valid. */
static bool is_utf8(struct bytes raw)
{
    while (raw.len > 0) {
        uint32_t scalar;
        size_t used = utf8_take(raw, &scalar);

        if (scalar == 0xFFFD && !(used == 3 && memcmp(raw.at, "\xEF\xBF\xBD", 3) == 0))
            return used == raw.len && raw.at[0] >= 0xC2 && raw.at[0] <= 0xF4;
        raw.at += used;
        raw.len -= used;
    }
    return true;
}

/* From the first byte that is not ASCII on. */
static struct bytes sample_of(struct bytes raw)
{
    size_t skip = 0;

    while (skip < raw.len && raw.at[skip] < 0x80)
        skip++;
    skip = skip > 16 ? skip - 16 : 0;
    raw.at += skip;
    raw.len = size_min(raw.len - skip, SAMPLE_BYTES);
    return raw;
}

static const char *put_codepage(const struct converters *converters, struct bytes raw,
                                struct text *out)
{
    struct bytes sample = sample_of(raw);
    struct text trial = {0};
    long best_score = 0;
    size_t best = CODEPAGES, i;

    for (i = 0; i < CODEPAGES; i++) {
        long score;

        if (converters->at[i] == (iconv_t)-1)
            continue;
        text_reset(&trial);
        convert(converters->at[i], sample, &trial);
        score = codepage_score(i, sample, bytes_of_text(text_str(&trial)));
        if (best == CODEPAGES || score > best_score) {
            best = i;
            best_score = score;
        }
    }
    text_clear(&trial);
    if (best == CODEPAGES) {
        text_put_bytes(out, raw); /* no converter at all: readers clean what they copy */
        return "UTF-8";
    }
    convert(converters->at[best], raw, out);
    return codepage_name(best);
}

/* What pages and chats put into text: no-break spaces become blanks, invisible marks go. */
static void plain_blanks(struct text *text)
{
    static const char *const gone[] = {"\xE2\x80\x8B", "\xE2\x80\x8E", "\xE2\x80\x8F",
                                       "\xEF\xBB\xBF"};
    size_t from = 0, to = 0, i;

    while (from < text->len) {
        struct bytes rest = span((const uint8_t *)text->at + from, text->len - from);

        if (rest.at[0] == 0xC2 && span_starts(rest, "\xC2\xA0")) {
            text->at[to++] = ' ';
            from += 2;
            continue;
        }
        for (i = 0; (rest.at[0] & 0xF0) == 0xE0 && i < sizeof(gone) / sizeof(gone[0]); i++)
            if (span_starts(rest, gone[i]))
                break;
        if ((rest.at[0] & 0xF0) == 0xE0 && i < sizeof(gone) / sizeof(gone[0]))
            from += 3;
        else
            text->at[to++] = text->at[from++];
    }
    text->len = to;
    if (text->at != NULL)
        text->at[to] = '\0';
}

static const char *decode_raw(const struct converters *converters, struct bytes raw,
                              struct text *out)
{
    int order;

    if (span_starts(raw, "\xEF\xBB\xBF"))
        raw = span_from(raw, 3);
    if (span_starts(raw, "\xFF\xFE"))
        order = 'L';
    else if (span_starts(raw, "\xFE\xFF"))
        order = 'B';
    else
        order = utf16_order(raw);
    if (order != 0) {
        if (span_starts(raw, "\xFF\xFE") || span_starts(raw, "\xFE\xFF"))
            raw = span_from(raw, 2);
        put_utf16(raw, order == 'B', out);
        return order == 'B' ? "UTF-16BE" : "UTF-16LE";
    }
    if (is_binary(raw))
        return NULL;
    if (is_utf8(raw)) {
        text_put_bytes(out, raw);
        return "UTF-8";
    }
    return put_codepage(converters, raw, out);
}

const char *decode_text(const struct converters *converters, struct bytes raw, struct text *out)
{
    const char *encoding = decode_raw(converters, raw, out);

    plain_blanks(out);
    return encoding;
}
