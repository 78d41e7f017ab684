/* SPDX-License-Identifier: MIT */
#include "report/html_svg.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"

/* In hundredths of the font size. */
static int width_of(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7F && c < 0xA0))
        return 220; /* drawn as an escape */
    if (c >= 0x200B && c <= 0x206F)
        return 400;
    if (c >= 0x1100)
        return 105;
    if (c == 'M' || c == 'W' || c == 'm' || c == 'w' || c == '@' || c == '%')
        return 90;
    if (c >= 'A' && c <= 'Z')
        return c == 'I' ? 35 : 70;
    if (c >= 0x80)
        return 60;
    if (strchr("ijl.,:;'|!() ", (int)c) != NULL)
        return 34;
    if (strchr("frt/[]-", (int)c) != NULL)
        return 42;
    return 60;
}

int svg_width(const char *str, int size)
{
    struct bytes rest = bytes_of_text(str);
    int64_t sum = 0;

    while (rest.len > 0 && sum < 1000000) {
        uint32_t c;
        size_t used = utf8_take(rest, &c);

        sum += width_of(c);
        rest.at += used;
        rest.len -= used;
    }
    return (int)(sum * size / 100);
}

/* How many bytes of str fit into a line, at least one character. */
static size_t take_line(struct bytes str, int64_t room)
{
    size_t at = 0, blank = 0, soft = 0;
    int64_t sum = 0;

    while (at < str.len) {
        uint32_t c;
        size_t used = utf8_take((struct bytes){str.at + at, str.len - at}, &c);

        sum += width_of(c);
        if (sum > room && at > 0)
            break;
        at += used;
        if (c == ' ')
            blank = at;
        else if (sum * 2 > room && c < 0x80 && strchr("/.-_@,$", (int)c) != NULL)
            soft = at;
    }
    if (at == str.len)
        return at;
    return blank > 0 ? blank : soft > 0 ? soft : at;
}

void svg_wrap(struct svg_lines *lines, const char *str, int width, int size, size_t most)
{
    struct bytes rest = bytes_of_text(str);
    int64_t room = (int64_t)width * 100 / size;
    struct text line = {0};
    size_t made;

    for (made = 0; rest.len > 0 && made < most; made++) {
        bool last = made + 1 == most;
        size_t len = take_line(rest, room);

        if (last && len < rest.len)
            len = take_line(rest, room - 120);
        text_reset(&line);
        text_put_bytes(&line, (struct bytes){rest.at, len});
        if (last && len < rest.len)
            text_put(&line, "\xE2\x80\xA6");
        text_put_html(&lines->html, text_str(&line));
        text_put_char(&lines->html, '\n');
        lines->num++;
        rest.at += len;
        rest.len -= len;
    }
    text_clear(&line);
}

void svg_lines_clear(struct svg_lines *lines)
{
    text_clear(&lines->html);
    lines->num = 0;
}

int svg_put_lines(struct text *out, const struct svg_lines *lines, int x, int y, int step,
                  const char *class, const char *anchor)
{
    const char *at = text_str(&lines->html);
    size_t i;

    for (i = 0; i < lines->num; i++, y += step) {
        size_t len = strcspn(at, "\n");

        text_putf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\" text-anchor=\"%s\">", x, y, class,
                  anchor);
        text_put_bytes(out, (struct bytes){(const uint8_t *)at, len});
        text_put(out, "</text>\n");
        at += len + 1;
    }
    return y;
}

int svg_put_text(struct text *out, const char *str, int x, int y, int width, int size,
                 const char *class, const char *anchor)
{
    struct svg_lines lines = {0};
    int after;

    svg_wrap(&lines, str, width, size, 3);
    after = svg_put_lines(out, &lines, x, y, size + 4, class, anchor);
    svg_lines_clear(&lines);
    return after;
}

void svg_put_arrow(struct text *out, int x1, int y1, int x2, int y2, const char *class)
{
    int dx = x2 > x1 ? -9 : 9, dy = y2 > y1 ? -9 : 9;

    text_putf(out, "<path class=\"line %s\" d=\"M%d %dL%d %d\"/>", class, x1, y1, x2, y2);
    if (y1 == y2)
        text_putf(out, "<path class=\"tip %s\" d=\"M%d %dl%d -5v10z\"/>\n", class, x2, y2, dx);
    else
        text_putf(out, "<path class=\"tip %s\" d=\"M%d %dl-5 %dh10z\"/>\n", class, x2, y2, dy);
}

void svg_begin(struct text *out, int64_t id, const char *class, int width, int height,
               const char *title, const char *desc)
{
    text_putf(out,
              "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"t%" PRId64
              " d%" PRId64 "\">\n<title id=\"t%" PRId64 "\">",
              class, width, height, id, id, id);
    text_put_html(out, title);
    text_putf(out, "</title><desc id=\"d%" PRId64 "\">", id);
    text_put_html(out, desc);
    text_put(out, "</desc>\n");
}
