/* SPDX-License-Identifier: MIT */
#include "evidence/document.h"

#include "base/limits.h"
#include "observation/codec.h"

void cursor_init(struct cursor *cursor, const struct document *document)
{
    reader_init(&cursor->reader, document->text, false);
    cursor->number = 0;
    cursor->doubled = document->doubled;
}

static size_t columns(struct bytes s)
{
    size_t column = 0, i;

    for (i = 0; i < s.len; i++)
        column = s.at[i] == '\t' ? (column / 8 + 1) * 8 : column + 1;
    return column;
}

static void measure(struct line *line)
{
    struct bytes text = span_trim(line->raw);

    /* "> " of a mail or of Markdown; several when quoted more than once */
    while (text.len > 0 && text.at[0] == '>' && (text.len == 1 || span_blank(text.at[1])))
        text = span_trim(span_from(text, 1));
    line->text = text;
    line->indent =
        text.len == 0 ? 0 : columns(span_to(line->raw, (size_t)(text.at - line->raw.at)));
    line->width = columns(line->raw);
}

static bool take_any(struct cursor *cursor, struct line *out)
{
    struct reader *reader = &cursor->reader;
    size_t left = reader_left(reader);
    const uint8_t *from = reader->base + reader->at, *end;

    if (left == 0 || cursor->number >= LIMIT_EVIDENCE_LINES)
        return false;
    end = memchr(from, '\n', left);
    out->raw = reader_bytes(reader, end == NULL ? left : (size_t)(end - from));
    if (end != NULL)
        reader_skip(reader, 1);
    while (out->raw.len > 0 && out->raw.at[out->raw.len - 1] == '\r')
        out->raw.len--;
    out->number = ++cursor->number;
    measure(out);
    return true;
}

bool cursor_take(struct cursor *cursor, struct line *out)
{
    do {
        if (!take_any(cursor, out))
            return false;
    } while (cursor->doubled && out->text.len == 0);
    return true;
}

bool cursor_peek(const struct cursor *cursor, struct line *out)
{
    struct cursor ahead = *cursor;

    while (take_any(&ahead, out))
        if (out->text.len > 0)
            return true;
    return false;
}

int64_t document_line(const struct document *document, int64_t line)
{
    return line > 0 && (size_t)line <= document->num_line_map ? document->line_map[line - 1] : line;
}

void document_fact(const struct document *document, enum kind kind, int64_t line,
                   const void *record)
{
    struct source source = *document->base;

    source.line = document_line(document, line);
    if (log_append(document->facts, kind, &source, record) > 0) /* the log's own copy */
        record_bound(kind_type(kind),
                     (void *)(uintptr_t)document->facts->at[document->facts->num - 1].record);
}

void document_problem(const struct document *document, int64_t line, const char *code,
                      const char *message)
{
    struct problem problem = {.code = code, .message = message, .times = 1};

    if ((*document->num_problems)++ < LIMIT_PROBLEMS)
        document_fact(document, KIND_problem, line, &problem);
}

const char *document_text(const struct document *document, struct bytes s)
{
    return s.len == 0 ? NULL : arena_text(document->scratch, s);
}

struct bytes line_command(struct bytes text)
{
    size_t i;

    for (i = 0; i < text.len && i < 200; i++) {
        uint8_t c = text.at[i];

        if (c != '>' && c != '$' && c != '#')
            continue;
        if (i + 1 == text.len)
            return span_from(text, i + 1);
        /* "C:\x>setspn": what stands before the mark is a path, a host in brackets, a user */
        if (c == '>' || span_blank(text.at[i + 1]))
            return span_trim(span_from(text, i + 1));
    }
    return text;
}

static bool runs(struct bytes command, const char *program, struct bytes *out_arguments)
{
    struct bytes rest = command, word = argument_take(&rest);
    size_t at;

    while (word.len > 0 && (word.at[0] == '&' || span_is(word, "sudo")))
        word = argument_take(&rest);
    for (at = word.len; at > 0 && word.at[at - 1] != '\\' && word.at[at - 1] != '/'; at--)
        continue;
    word = span_from(word, at);
    if (word.len > 4 && span_is_nocase(span_from(word, word.len - 4), ".exe"))
        word = span_to(word, word.len - 4);
    *out_arguments = rest;
    return span_is_nocase(word, program);
}

bool line_runs(struct bytes text, const char *program, struct bytes *out_arguments)
{
    return runs(text, program, out_arguments) || runs(line_command(text), program, out_arguments);
}

/* Length of a quotation mark at the front, straight or curly; 0 for none. */
static size_t quote_len(struct bytes s)
{
    static const char *const quotes[] = {
        "\"",           "'",        "\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x9E", "\xE2\x80\x98",
        "\xE2\x80\x99", "\xC2\xAB", "\xC2\xBB"};
    size_t i;

    for (i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
        if (span_starts(s, quotes[i]))
            return strlen(quotes[i]);
    return 0;
}

struct bytes argument_take(struct bytes *arguments)
{
    struct bytes s = span_trim(*arguments), none = {s.at, 0};
    size_t quote = quote_len(s), i;

    if (s.len == 0) {
        *arguments = s;
        return none;
    }
    if (quote == 0)
        return span_word(arguments);
    s = span_from(s, quote);
    for (i = 0; i < s.len && quote_len(span_from(s, i)) == 0; i++)
        continue;
    *arguments = span_from(s, i + (i < s.len ? quote_len(span_from(s, i)) : 0));
    return span_to(s, i);
}
