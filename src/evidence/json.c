/* SPDX-License-Identifier: MIT */
#include "evidence/json.h"

#include "base/memory.h"
#include "base/utf8.h"

/* A line that begins an object or a list: a bracket, and behind it nothing or what may stand there.
 */
static bool is_begin(struct bytes text)
{
    struct bytes rest = span_trim(span_from(text, 1));

    return text.len > 0 && (text.at[0] == '{' || text.at[0] == '[') &&
           (rest.len == 0 || rest.at[0] == '"' || rest.at[0] == '{' || rest.at[0] == '[');
}

/* Where JSON begins on a line that begins at or behind `from`; SIZE_MAX when there is none. */
static size_t find_json(struct bytes s, size_t from)
{
    while (from < s.len) {
        struct bytes rest = span_from(s, from);
        struct bytes line = span_to(rest, size_min(span_find(rest, "\n"), rest.len)), text;

        for (text = span_trim(line); span_starts(text, ">");) /* quoted in a mail */
            text = span_trim(span_from(text, 1));
        if (span_ends(text, "\r"))
            text.len--;
        if (is_begin(text))
            return (size_t)(text.at - s.at);
        from += line.len + 1;
    }
    return SIZE_MAX;
}

struct unescaping {
    struct text out;
    int64_t *lines; /* of the file, per line of the result */
    size_t num, room;
    int64_t line;
    size_t depth; /* of brackets */
    const struct document *document;
};

static void end_line(struct unescaping *u)
{
    text_put_char(&u->out, '\n');
    if (u->num == u->room) {
        u->room = u->room == 0 ? 256 : u->room * 2;
        u->lines = memory_grow(u->lines, u->room, sizeof(*u->lines));
    }
    u->lines[u->num++] = document_line(u->document, u->line);
}

static void put_scalar(struct unescaping *u, struct bytes digits)
{
    uint32_t scalar = 0;
    char encoded[4];
    size_t i;

    for (i = 0; i < digits.len; i++) {
        uint8_t c = digits.at[i];

        scalar = scalar << 4 | (uint32_t)(span_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    if (scalar < 0x20 || (scalar >= 0xD800 && scalar < 0xE000))
        scalar = scalar == 9 ? ' ' : 0xFFFD;
    text_put_bytes(&u->out, span((const uint8_t *)encoded, utf8_put(scalar, encoded)));
}

static bool are_hex(struct bytes s)
{
    size_t i;

    for (i = 0; i < s.len; i++)
        if (!span_digit(s.at[i]) && !((s.at[i] | 0x20) >= 'a' && (s.at[i] | 0x20) <= 'f'))
            return false;
    return s.len == 4;
}

/* The escape behind a backslash; returns how many bytes it takes. */
static size_t put_escape(struct unescaping *u, struct bytes rest)
{
    switch (rest.len == 0 ? 0 : rest.at[0]) {
    case 'n':
        end_line(u);
        return 1;
    case 'r':
        return 1;
    case 't':
        text_put_char(&u->out, ' ');
        return 1;
    case '"':
    case '\\':
    case '/':
        text_put_char(&u->out, (char)rest.at[0]);
        return 1;
    case 'u':
        if (!are_hex(span_to(span_from(rest, 1), 4)))
            break;
        put_scalar(u, span_to(span_from(rest, 1), 4));
        return 5;
    default:
        break;
    }
    text_put_char(&u->out, '\\');
    return 0;
}

bool unescaped_init(struct unescaped *unescaped, const struct document *document)
{
    struct unescaping u = {.line = 1, .document = document};
    struct bytes s = document->text;
    size_t i = 0, begin = find_json(s, 0);
    bool quoted = false, inside = false;

    if (begin == SIZE_MAX || !span_has(s, "\"") || !span_has(s, ":"))
        return false;
    while (i < s.len) {
        uint8_t c = s.at[i++];

        /* what stands before and behind it is no JSON, and its backslashes are no escapes */
        inside = i > begin;
        if (inside && c == '\\') {
            i += put_escape(&u, span_from(s, i));
            continue;
        }
        if (c != '\n')
            text_put_char(&u.out, (char)c);
        quoted = inside && quoted != (c == '"');
        if (inside && !quoted && (c == '{' || c == '['))
            u.depth++;
        else if (inside && !quoted && (c == '}' || c == ']') && u.depth > 0 && --u.depth == 0)
            begin = find_json(s, i);
        /* one member a line, however it was printed */
        if (c == '\n' || (inside && !quoted && (c == '{' || c == '}' || c == ',')))
            end_line(&u);
        u.line += c == '\n';
    }
    end_line(&u);
    unescaped->document = *document;
    unescaped->document.text = span((const uint8_t *)u.out.at, u.out.len);
    unescaped->document.line_map = u.lines;
    unescaped->document.num_line_map = u.num;
    unescaped->text = u.out;
    unescaped->lines = u.lines;
    return true;
}

void unescaped_clear(struct unescaped *unescaped)
{
    text_clear(&unescaped->text);
    memory_drop(unescaped->lines);
    unescaped->lines = NULL;
}
