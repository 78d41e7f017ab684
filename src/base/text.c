/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"

void text_clear(struct text *text)
{
    memory_drop(text->at);
    memset(text, 0, sizeof(*text));
}

void text_reset(struct text *text)
{
    text->len = 0;
    if (text->at != NULL)
        text->at[0] = '\0';
}

const char *text_str(const struct text *text)
{
    return text->at == NULL ? "" : text->at;
}

/* Makes room for len more bytes and the NUL. */
static void text_reserve(struct text *text, size_t len)
{
    size_t need = SIZE_MAX, doubled = SIZE_MAX;

    if (size_add(text->len, len, &need))
        (void)(size_add(need, 1, &need) || (need = SIZE_MAX));
    if (need <= text->room)
        return;
    (void)size_mul(text->room, 2, &doubled);
    text->room = need > doubled || doubled == SIZE_MAX ? need : doubled;
    if (text->room < 64)
        text->room = 64;
    text->at = memory_grow(text->at, text->room, 1);
}

char *text_room(struct text *text, size_t len)
{
    text_reserve(text, len);
    return text->at + text->len;
}

void text_put_bytes(struct text *text, struct bytes bytes)
{
    text_reserve(text, bytes.len);
    if (bytes.len > 0)
        memcpy(text->at + text->len, bytes.at, bytes.len);
    text->len += bytes.len;
    text->at[text->len] = '\0';
}

void text_put(struct text *text, const char *str)
{
    text_put_bytes(text, bytes_of_text(str));
}

void text_put_char(struct text *text, char c)
{
    struct bytes one = {(const uint8_t *)&c, 1};

    text_put_bytes(text, one);
}

void text_vputf(struct text *text, const char *format, va_list args)
{
    va_list again;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        abort(); /* only for an invalid format, which -Wformat=2 rejects */
    text_reserve(text, (size_t)len);
    vsnprintf(text->at + text->len, (size_t)len + 1, format, again);
    va_end(again);
    text->len += (size_t)len;
}

void text_putf(struct text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    text_vputf(text, format, args);
    va_end(args);
}

/* Characters that are invisible or change the direction or the line: harmful on a terminal. */
static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x061C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
           (c >= 0xE0000 && c <= 0xE0FFF);
}

static void put_scalar(struct text *text, uint32_t c)
{
    char encoded[4];
    struct bytes b = {(const uint8_t *)encoded, utf8_put(c, encoded)};

    text_put_bytes(text, b);
}

static void put_control(struct text *text, uint32_t c)
{
    if (c < 0x100)
        text_putf(text, "\\x%02x", (unsigned)c);
    else
        text_putf(text, "\\u{%04x}", (unsigned)c);
}

static void put_json_scalar(struct text *text, uint32_t c)
{
    if (c == '"' || c == '\\') {
        text_put_char(text, '\\');
        text_put_char(text, (char)c);
    } else if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029) {
        text_putf(text, "\\u%04x", (unsigned)c);
    } else {
        put_scalar(text, c);
    }
}

static void put_html_scalar(struct text *text, uint32_t c)
{
    switch (c) {
    case '&':
        text_put(text, "&amp;");
        break;
    case '<':
        text_put(text, "&lt;");
        break;
    case '>':
        text_put(text, "&gt;");
        break;
    case '"':
        text_put(text, "&quot;");
        break;
    case '\'':
        text_put(text, "&#39;");
        break;
    default:
        if (is_control(c))
            put_control(text, c);
        else
            put_scalar(text, c);
    }
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

/* Marks that mean nothing where they stand: they are left alone, so that the source can be read. */
static bool is_idle(int before, int c, int after)
{
    if (c == ':') /* neither a scheme nor an emoji begins with ": "; and times of day */
        return after == ' ' || (is_digit(before) && is_digit(after));
    if (c == '_') /* within a word */
        return is_word(before) && is_word(after);
    /* A link's target follows "]"; Jira draws "(x)" and the like. */
    return (c == '(' && before == ' ' && is_word(after)) || (c == ')' && before != 0);
}

static void put_markdown_scalar(struct text *text, uint32_t c)
{
    if (c == '<' || c == '>' || c == '&' || c == '|') {
        text_putf(text, "&#%u;",
                  (unsigned)c); /* entities: a backslash does not work in Jira tables */
    } else if (c < 0x80 && c != 0 && strchr("\\`*_{}[]()#+!~^", (int)c) != NULL) {
        text_put_char(text, '\\');
        text_put_char(text, (char)c);
    } else if (c == '@' || c == ':') {
        text_putf(text, "&#%u;", (unsigned)c); /* no mentions, no autolinks */
    } else if (is_control(c)) {
        text_put_char(text, '\\');
        put_control(text, c);
    } else {
        put_scalar(text, c);
    }
}

static void put_plain_scalar(struct text *text, uint32_t c)
{
    if (is_control(c))
        put_control(text, c);
    else
        put_scalar(text, c);
}

static void put_each(struct text *text, const char *str, void (*put)(struct text *, uint32_t))
{
    struct bytes rest = bytes_of_text(str);

    while (rest.len > 0) {
        uint32_t c;
        size_t used = utf8_take(rest, &c);

        put(text, c);
        rest.at += used;
        rest.len -= used;
    }
}

void text_put_plain(struct text *text, const char *str)
{
    put_each(text, str, put_plain_scalar);
}

static void put_ascii_scalar(struct text *text, uint32_t c)
{
    if (c < 0x80)
        put_plain_scalar(text, c);
    else
        text_putf(text, "\\u{%04x}", (unsigned)c);
}

void text_put_ascii(struct text *text, const char *str)
{
    put_each(text, str, put_ascii_scalar);
}

void text_put_json(struct text *text, const char *str)
{
    put_each(text, str, put_json_scalar);
}

void text_put_html(struct text *text, const char *str)
{
    put_each(text, str, put_html_scalar);
}

void text_put_markdown(struct text *text, const char *str)
{
    struct bytes rest = bytes_of_text(str);
    int before = 0;

    while (rest.len > 0) {
        int after = rest.len > 1 ? rest.at[1] : 0;
        uint32_t c;
        size_t used = utf8_take(rest, &c);

        if (c < 0x80 && is_idle(before, (int)c, after))
            text_put_char(text, (char)c);
        else
            put_markdown_scalar(text, c);
        before = rest.at[used - 1];
        rest.at += used;
        rest.len -= used;
    }
}
