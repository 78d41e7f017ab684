/* SPDX-License-Identifier: MIT */
/* Who told whom what, as a picture and as a table. */
#include <inttypes.h>

#include "report/html.h"
#include "report/html_svg.h"
#include "report/when.h"

static const char *const parties[] = {"client", "DNS", "network", "KDC", "proxy", "server"};
enum { NUM_PARTIES = sizeof(parties) / sizeof(parties[0]), FONT = 13, STEP = 17 };

struct ladder {
    int width, gutter;   /* gutter: at the left, for frame and time; 0: they stand above */
    int at[NUM_PARTIES]; /* column, 0: does not occur */
    int height;
};

static int party(const char *name)
{
    int i;

    for (i = 0; i < NUM_PARTIES; i++)
        if (strcmp(parties[i], name) == 0)
            return i;
    return NUM_PARTIES - 1;
}

static void lay_out(struct ladder *l, const struct say_step *steps, size_t num)
{
    bool used[NUM_PARTIES] = {true};
    int columns = 0, i, at = 0, margin = l->gutter == 0 ? 24 : 40;
    size_t k;

    for (k = 0; k < num; k++)
        used[party(steps[k].from)] = used[party(steps[k].to)] = true;
    for (i = 0; i < NUM_PARTIES; i++)
        columns += used[i];
    for (i = 0; i < NUM_PARTIES; i++) {
        int room = l->width - l->gutter - 2 * margin;

        l->at[i] =
            !used[i] ? 0 : l->gutter + margin + (columns < 2 ? 0 : room * at / (columns - 1));
        at += used[i];
    }
}

static const char *class_of(const struct say_step *step)
{
    if (step->fault)
        return "fault";
    if (step->ticket)
        return "ticket";
    return strcmp(step->from, "DNS") == 0 || strcmp(step->to, "DNS") == 0 ||
                   strcmp(step->from, "network") == 0 || strcmp(step->to, "network") == 0
               ? "dns"
               : "plain";
}

/* One message, from y; returns y behind it. */
static int put_step(struct text *out, const struct ladder *l, struct view *view,
                    const struct say_step *step, const struct view_times *times, int y)
{
    int from = l->at[party(step->from)], to = l->at[party(step->to)], text = l->at[0] + 10;
    const char *class = class_of(step), *when = html_time(view, say_time(step, times), true);
    struct svg_lines lines = {0};
    int height, bottom, room;

    room = l->width - text - 6;
    svg_wrap(&lines, step->what, step->fault ? room * 9 / 10 : room, FONT, 6); /* bold is wider */
    height = (l->gutter == 0 ? STEP : 0) + (int)lines.num * STEP + 20;
    if (step->fault)
        text_putf(out, "<rect class=\"band\" x=\"0\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", y,
                  l->width, height);
    bottom = y + height - 10;
    y += FONT + 2;
    if (l->gutter == 0) {
        text_putf(out,
                  "<text class=\"label halo%s\" x=\"%d\" y=\"%d\">frame %" PRId64
                  " \xC2\xB7 %s</text>\n",
                  step->fault ? " onband" : "", text, y, step->source.place, when);
        y += STEP;
    } else {
        text_putf(out,
                  "<text class=\"small num\" x=\"52\" y=\"%d\" text-anchor=\"end\">%" PRId64
                  "</text><text class=\"label num\" x=\"64\" y=\"%d\">%s</text>\n",
                  y, step->source.place, y, when);
    }
    svg_put_lines(out, &lines, text, y, STEP, step->fault ? "small bad halo" : "small halo",
                  "start");
    svg_put_arrow(out, from, bottom, to, bottom, class);
    if (step->fault)
        text_putf(out,
                  "<text class=\"bad cross\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">\xC3\x97"
                  "</text>\n",
                  (from + to) / 2, bottom + 6);
    svg_lines_clear(&lines);
    return bottom + 10;
}

static void put_columns(struct text *out, const struct ladder *l, const char *zone)
{
    int i;

    for (i = 0; i < NUM_PARTIES; i++) {
        if (l->at[i] == 0)
            continue;
        text_putf(out, "<path class=\"life\" d=\"M%d 28V%d\"/>", l->at[i], l->height);
        if (l->gutter == 0 && (i == 0 || l->at[i] > l->width - 30)) /* not beyond the edges */
            text_putf(out, "<text class=\"name\" x=\"%d\" y=\"18\" text-anchor=\"%s\">%s</text>\n",
                      i == 0 ? 2 : l->width - 2, i == 0 ? "start" : "end", parties[i]);
        else
            text_putf(out,
                      "<text class=\"name\" x=\"%d\" y=\"18\" text-anchor=\"middle\">%s</text>\n",
                      l->at[i], parties[i]);
    }
    if (l->gutter > 0)
        text_putf(out,
                  "<text class=\"label\" x=\"52\" y=\"18\" text-anchor=\"end\">frame</text>"
                  "<text class=\"label\" x=\"64\" y=\"18\">time (%s)</text>\n",
                  zone);
}

static void draw(struct html_page *page, const struct say_step *steps, size_t num,
                 const struct view_times *times, bool name_files, bool wide)
{
    struct ladder l = {.width = wide ? 880 : 340, .gutter = wide ? 160 : 0};
    struct text body = {0};
    int y = 34;
    size_t i;

    lay_out(&l, steps, num);
    for (i = 0; i < num; i++) {
        if (name_files && (i == 0 || steps[i].source.input != steps[i - 1].source.input))
            y = svg_put_text(&body, steps[i].source.input->input->path, 6, y + 14, l.width - 12, 12,
                             "label halo", "start");
        y = put_step(&body, &l, page->view, &steps[i], times, y);
    }
    l.height = y + 6;
    svg_begin(page->out, ++page->pictures, wide ? "wide" : "narrow", l.width, l.height,
              "The messages in order", "The same is in the table of this authentication below.");
    put_columns(page->out, &l, times->local ? "local" : "UTC");
    text_put(page->out, text_str(&body));
    text_put(page->out, "</svg>\n");
    text_clear(&body);
}

void html_ladder(struct html_page *page, const struct say_step *steps, size_t num,
                 const struct view_times *times, bool name_files)
{
    if (num == 0)
        return;
    text_put(page->out, "<div class=\"ladder\">\n");
    draw(page, steps, num, times, name_files, true);
    draw(page, steps, num, times, name_files, false);
    text_put(page->out, "<p class=\"legend\"><span class=\"dns\">name lookup</span> "
                        "<span class=\"ticket\">the ticket's way</span> "
                        "<span class=\"fault\">refused</span></p>\n</div>\n");
}

void html_steps(struct html_page *page, const struct say_step *steps, size_t num,
                const struct view_times *times)
{
    char zone[WHEN_TEXT_ROOM];
    size_t i;

    if (num == 0)
        return;
    text_putf(page->out,
              "<table class=\"steps\"><thead><tr><th scope=\"col\">Frame</th>"
              "<th scope=\"col\">Time (%s)</th>",
              times->local ? "local" : "UTC");
    if (times->zone_s.set)
        text_putf(page->out, "<th scope=\"col\">Local (UTC%s)</th>",
                  when_zone(times->zone_s.value, zone));
    text_put(page->out, "<th scope=\"col\">From, to</th>"
                        "<th scope=\"col\">What was said</th></tr></thead><tbody>\n");
    for (i = 0; i < num; i++) {
        const struct view_input *input = steps[i].source.input;

        if (input->named && (i == 0 || input != steps[i - 1].source.input))
            html_put(page->out,
                     times->zone_s.set ? "<tr><td colspan=\"5\">" : "<tr><td colspan=\"4\">",
                     input->input->path, "</td></tr>\n");
        text_putf(page->out, "<tr class=\"%s\"><td>%" PRId64 "</td><td>%s</td>",
                  class_of(&steps[i]), steps[i].source.place,
                  html_time(page->view, say_time(&steps[i], times), true));
        if (times->zone_s.set)
            text_putf(page->out, "<td>%.8s</td>",
                      html_time(page->view, say_local_time(&steps[i], times), true));
        text_putf(page->out, "<td>%s to %s</td><td>", steps[i].from, steps[i].to);
        html_put(page->out, "", steps[i].what, "</td></tr>\n");
    }
    text_put(page->out, "</tbody></table>\n");
}
