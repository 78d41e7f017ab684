/* SPDX-License-Identifier: MIT */
#include "evidence/unwrap.h"

#include "base/memory.h"
#include "base/utf8.h"

enum { NEAR = 12 }; /* columns before the last one: where word wrap ends most of its lines */

/* East Asian characters take two columns of a console (UAX #11: Wide and Fullwidth; the blocks that
 * its languages use). */
static bool is_double(uint32_t c)
{
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
           (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
           (c >= 0xFFE0 && c <= 0xFFE6);
}

static size_t columns_of(struct bytes s)
{
    size_t columns = 0;
    uint32_t c;

    while (s.len > 0) {
        size_t used = utf8_take(s, &c);

        columns = c == '\t' ? (columns / 8 + 1) * 8 : columns + 1 + is_double(c);
        s = span_from(s, used);
    }
    return columns;
}

/* A double-width character that does not fit leaves the last column empty. */
static bool is_full(size_t columns, size_t width, struct bytes line)
{
    return columns == width ||
           (columns + 1 == width && line.len > 0 && line.at[line.len - 1] >= 0xE0);
}

/* Whether `next` can be the rest of `line`. A heading, what is indented or folded, and what a mail
 * quotes, cannot. */
static bool goes_on(struct bytes line, const struct line *next)
{
    return next->raw.len > 0 && line.len > 0 && line.at[line.len - 1] != ':' &&
           !span_blank(line.at[line.len - 1]) && !span_blank(next->raw.at[0]) &&
           next->raw.at[0] != '>';
}

static const size_t widths[] = {80, 100, 120, 132};
enum { WIDTHS = sizeof(widths) / sizeof(widths[0]) };

/* Lines of the document that others go on from: in the last column of a console, or near it. */
struct ends {
    size_t full[WIDTHS], near[WIDTHS], most;
};

static void count_end(struct ends *ends, struct bytes line, const struct line *next)
{
    size_t columns = line.len < widths[0] - NEAR ? line.len : columns_of(line), i;

    ends->most = columns > ends->most ? columns : ends->most;
    for (i = 0; goes_on(line, next) && i < WIDTHS; i++) {
        bool full = is_full(columns, widths[i], line);

        ends->full[i] += full;
        ends->near[i] += !full && columns < widths[i] && columns + NEAR >= widths[i];
    }
}

/* The width of the console, or 0. */
static size_t console_of(const struct document *document)
{
    struct line line, next = {0};
    struct ends ends = {0};
    struct cursor cursor;
    size_t i;
    bool more;

    cursor_init(&cursor, document);
    more = cursor_take(&cursor, &line);
    while (more && ends.most <= widths[WIDTHS - 1]) {
        more = cursor_take(&cursor, &next);
        if (!more)
            next.raw.len = 0;
        count_end(&ends, line.raw, &next);
        line = next;
    }
    for (i = 0; i < WIDTHS; i++)
        if (ends.most <= widths[i])
            return ends.full[i] > ends.near[i] ? widths[i] : 0;
    return 0;
}

bool unwrapped_init(struct unwrapped *unwrapped, const struct document *document)
{
    size_t width = document->text.len == 0 ? 0 : console_of(document), num = 0, room = 0;
    struct document plain = *document;
    struct cursor cursor, ahead;
    struct line line, next;
    bool open = false;

    if (width == 0)
        return false;
    memset(unwrapped, 0, sizeof(*unwrapped));
    plain.doubled = false;
    cursor_init(&cursor, &plain);
    while (cursor_take(&cursor, &line)) {
        if (!open) {
            if (num == room) {
                room = room == 0 ? 256 : room * 2;
                unwrapped->lines = memory_grow(unwrapped->lines, room, sizeof(*unwrapped->lines));
            }
            unwrapped->lines[num++] = line.number;
        }
        text_put_bytes(&unwrapped->text, line.raw);
        ahead = cursor;
        open = is_full(columns_of(line.raw), width, line.raw) && cursor_take(&ahead, &next) &&
               goes_on(line.raw, &next);
        if (!open)
            text_put_char(&unwrapped->text, '\n');
    }
    unwrapped->document = *document;
    unwrapped->document.text = span((const uint8_t *)unwrapped->text.at, unwrapped->text.len);
    unwrapped->document.line_map = unwrapped->lines;
    unwrapped->document.num_line_map = num;
    return true;
}

void unwrapped_clear(struct unwrapped *unwrapped)
{
    text_clear(&unwrapped->text);
    memory_drop(unwrapped->lines);
    unwrapped->lines = NULL;
}
