/* SPDX-License-Identifier: MIT */
/* Text and shapes of SVG pictures. A browser does not wrap SVG text, so lines are broken here by
 * the estimated width of their characters in a usual sans-serif font, on the wide side. */
#ifndef KRBWHY_REPORT_HTML_SVG_H
#define KRBWHY_REPORT_HTML_SVG_H

#include "base/text.h"

/* Lines of escaped text. All zero is empty; svg_lines_clear frees. */
struct svg_lines {
    struct text html; /* each line ends with a line feed */
    size_t num;
};

/* Appends str to lines, broken where it is wider than `width` units at a font of `size` units: at
 * blanks, and within words that are longer than a line. At most `most` lines are made; the last
 * one then ends with an ellipsis. */
void svg_wrap(struct svg_lines *lines, const char *str, int width, int size, size_t most);
void svg_lines_clear(struct svg_lines *lines);

/* Draws the lines at x, the first one's baseline at y, `step` apart. anchor: "start", "middle",
 * "end". Returns y behind them. */
int svg_put_lines(struct text *out, const struct svg_lines *lines, int x, int y, int step,
                  const char *class, const char *anchor);

/* svg_wrap, svg_put_lines. */
int svg_put_text(struct text *out, const char *str, int x, int y, int width, int size,
                 const char *class, const char *anchor);

/* Estimated width of str in units. */
int svg_width(const char *str, int size);

/* A line with a head at x2, y2. */
void svg_put_arrow(struct text *out, int x1, int y1, int x2, int y2, const char *class);

/* <svg> with a title and a description that a screen reader speaks. `wide`: shown where there is
 * room; else on narrow screens. */
void svg_begin(struct text *out, int64_t id, const char *class, int width, int height,
               const char *title, const char *desc);

#endif
