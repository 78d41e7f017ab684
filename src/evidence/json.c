/* SPDX-License-Identifier: MIT */
#include "evidence/json.h"

#include "base/memory.h"
#include "base/utf8.h"

static bool looks_like_json(const struct document *document)
{
    struct cursor cursor;
    struct line line;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line))
        if (line.text.len > 0)
            return (line.text.at[0] == '{' || line.text.at[0] == '[') &&
                   span_has(document->text, "\"") && span_has(document->text, ":") &&
                   !span_starts(line.text, "[libdefaults]");
    return false;
}

struct unescaping {
    struct text out;
    int64_t *lines; /* of the file, per line of the result */
    size_t num, room;
    int64_t line;
};

static void end_line(struct unescaping *u)
{
    text_put_char(&u->out, '\n');
    if (u->num == u->room) {
        u->room = u->room == 0 ? 256 : u->room * 2;
        u->lines = memory_grow(u->lines, u->room, sizeof(*u->lines));
    }
    u->lines[u->num++] = u->line;
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
    struct unescaping u = {.line = 1};
    struct bytes s = document->text;
    bool quoted = false;
    size_t i = 0;

    if (!looks_like_json(document))
        return false;
    while (i < s.len) {
        uint8_t c = s.at[i++];

        if (c == '\\') {
            i += put_escape(&u, span_from(s, i));
            continue;
        }
        if (c != '\n')
            text_put_char(&u.out, (char)c);
        if (c == '"')
            quoted = !quoted;
        /* one member a line, however it was printed */
        if (c == '\n' || (!quoted && (c == '{' || c == '}' || c == ',')))
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
