/* SPDX-License-Identifier: MIT */
/* A batch at a glance: a row per incident, and when they happened. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/memory.h"
#include "report/html.h"
#include "report/html_svg.h"

enum { MOST_DOTS = 2000, MOST_BREAKS = 5, ROW = 24, LEAST_PART = 118 };

/* ---- when ---- */

struct dot {
    int64_t ns;
    size_t cause; /* index of by_cause */
    int64_t incident;
    const struct view_finding *finding;
};

struct timeline {
    struct dot *dots;
    size_t num;
    size_t breaks[MOST_BREAKS]; /* a dot before which time is left out, ascending */
    size_t num_breaks;
};

static int compare_dots(const void *a, const void *b)
{
    const struct dot *left = a, *right = b;

    if (left->ns != right->ns)
        return left->ns < right->ns ? -1 : 1;
    return left->finding->id < right->finding->id ? -1 : left->finding->id > right->finding->id;
}

static int64_t incident_of(const struct view *view, const struct report_case *in)
{
    return in - view->report->cases + 1;
}

static bool time_of(const struct view *view, const struct view_finding *f, int64_t *out)
{
    int64_t chain[VIEW_CHAIN];
    const struct statements *s = &f->finding->evidence_for;
    struct view_source source = {0};

    if (f->first != NULL && view_chain(f->first->attempt, f->in->log, chain) > 0)
        source = view_source(view, f->in->log, chain[0]);
    else if (s->num > 0 && s->at[0].num_sources > 0)
        source = view_source(view, f->in->log, s->at[0].sources[0]);
    *out = source.time_ns;
    return source.set && !source.input->input->evidence;
}

static bool is_break(const struct timeline *t, size_t at)
{
    size_t i;

    for (i = 0; i < t->num_breaks; i++)
        if (t->breaks[i] == at)
            return true;
    return false;
}

static double gap(const struct timeline *t, size_t at)
{
    return (double)t->dots[at].ns - (double)t->dots[at - 1].ns;
}

/* A gap that takes more than a third of the axis hides everything else: it is left out. */
static void find_breaks(struct timeline *t, size_t most)
{
    while (t->num_breaks < most) {
        double sum = 0, largest = 0;
        size_t i, at = 0, num = 0;

        for (i = 1; i < t->num; i++) {
            if (is_break(t, i))
                continue;
            sum += gap(t, i);
            num += gap(t, i) > 0;
            if (gap(t, i) > largest) {
                largest = gap(t, i);
                at = i;
            }
        }
        if (num < 3 || largest * 3 < sum)
            return;
        for (i = t->num_breaks++; i > 0 && t->breaks[i - 1] > at; i--)
            t->breaks[i] = t->breaks[i - 1];
        t->breaks[i] = at;
    }
}

/* Where dot `at` stands: parts of the axis share its width by their length, each at least
 * LEAST_PART. begins: where each part begins. */
static void place(const struct timeline *t, int left, int width, int *out, int *begins)
{
    double inside = 0, done = 0;
    int spare = width - (int)(t->num_breaks + 1) * LEAST_PART, x = left;
    size_t i, part = 0, first = 0;

    for (i = 1; i < t->num; i++)
        inside += is_break(t, i) ? 0 : gap(t, i);
    for (i = 0; i <= t->num; i++) {
        double length;
        int room;
        size_t k;

        if (i != t->num && (i == 0 || !is_break(t, i)))
            continue;
        length = (double)t->dots[i - 1].ns - (double)t->dots[first].ns;
        room = LEAST_PART + (inside > 0 ? (int)(spare * (length / inside)) : spare);
        begins[part++] = x;
        for (k = first; k < i; k++) {
            done = (double)t->dots[k].ns - (double)t->dots[first].ns;
            out[k] = x + 10 + (length > 0 ? (int)((room - 26) * (done / length)) : 0);
        }
        x += room;
        first = i;
    }
}

/* Shape and colour both tell the confidence: disc, square on its corner, triangle, ring. */
static void put_shape(struct text *out, const char *confidence, int x, int y)
{
    text_putf(out, "<path class=\"dot %s\" d=\"M%d %d", confidence == NULL ? "none" : confidence, x,
              y);
    if (confidence == NULL || strcmp(confidence, "confirmed") == 0)
        text_put(out, "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z\">");
    else if (strcmp(confidence, "likely") == 0)
        text_put(out, "m0-6l6 6-6 6-6-6z\">");
    else
        text_put(out, "m0-6l6 10h-12z\">");
}

static void put_dots(struct html_page *page, const struct timeline *t, const int *at, int left,
                     int row)
{
    size_t i;

    for (i = 0; i < t->num; i++) {
        const struct dot *dot = &t->dots[i];
        const struct finding *f = dot->finding->finding;
        const char *confidence = f->informs ? NULL : confidence_name(f->confidence);
        int y = (int)dot->cause * row + (left == 0 ? 32 : 16);

        put_shape(page->out, confidence, at[i], y);
        text_put(page->out, "<title>");
        text_put_html(page->out, html_time(page->view, dot->ns, false));
        text_putf(page->out, ", %s", confidence == NULL ? "for information" : confidence);
        html_put(page->out, ": ", f->title, "</title></path>\n");
    }
}

static void put_legend(struct text *out)
{
    static const char *const names[] = {"confirmed", "likely", "possible"};
    size_t i;

    text_put(out, "<p class=\"legend shapes\">");
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        text_put(out, "<span><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\">");
        put_shape(out, names[i], 7, 7);
        text_putf(out, "</path></svg>%s</span> ", names[i]);
    }
    text_put(out, "Dashed: time is left out.</p>\n</section>\n");
}

static void draw(struct html_page *page, struct timeline *t, bool wide)
{
    const struct view *view = page->view;
    int width = wide ? 1100 : 340, left = wide ? 230 : 0, row = wide ? ROW : ROW + 16;
    int height = (int)view->num_by_cause * row + 8, *at, begins[MOST_BREAKS + 1] = {0}, i;

    t->num_breaks = 0;
    find_breaks(t, wide ? MOST_BREAKS : 1);
    at = memory_take(t->num, sizeof(*at));
    place(t, left, width - left, at, begins);
    svg_begin(page->out, ++page->pictures, wide ? "wide" : "narrow", width, height + 44,
              "When it happened", "A mark per finding, by cause. The table below has the same.");
    for (i = 0; i < (int)view->num_by_cause; i++) {
        text_putf(page->out, "<path class=\"life\" d=\"M%d %dH%d\"/>", left,
                  i * row + (wide ? 16 : 32), width);
        svg_put_text(page->out, view->by_cause[i].cause, wide ? left - 12 : 2, i * row + 20, 220,
                     13, "small halo", wide ? "end" : "start");
    }
    for (i = 0; i <= (int)t->num_breaks; i++) {
        size_t dot = i == 0 ? 0 : t->breaks[i - 1];
        const char *when;

        when = html_time(page->view, t->dots[dot].ns, false);
        text_putf(page->out, "<path class=\"%s\" d=\"M%d 0V%d\"/>", i == 0 ? "axis" : "axis gap",
                  begins[i] + 2, height);
        text_putf(page->out,
                  "<text class=\"label\" x=\"%d\" y=\"%d\">%.10s</text>"
                  "<text class=\"label\" x=\"%d\" y=\"%d\">%s</text>\n",
                  begins[i] + 2, height + 16, when, begins[i] + 2, height + 32, when + 11);
    }
    if (t->num_breaks == 0 && wide)
        text_putf(
            page->out, "<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
            width - 2, height + 32, html_time(page->view, t->dots[t->num - 1].ns, false) + 11);
    put_dots(page, t, at, left, row);
    text_put(page->out, "</svg>\n");
    memory_drop(at);
}

static void put_timeline(struct html_page *page)
{
    const struct view *view = page->view;
    struct timeline t = {0};
    size_t i, k;

    t.dots = memory_take(view->num_findings + 1, sizeof(*t.dots));
    for (i = 0; i < view->num_findings && t.num < MOST_DOTS; i++) {
        const struct view_finding *f = &view->findings[i];
        struct dot *dot = &t.dots[t.num];

        if (!time_of(view, f, &dot->ns))
            continue;
        for (k = 0; k < view->num_by_cause; k++)
            if (strcmp(view->by_cause[k].cause, f->finding->cause) == 0)
                dot->cause = k;
        dot->finding = f;
        dot->incident = incident_of(view, f->in);
        t.num++;
    }
    qsort(t.dots, t.num, sizeof(*t.dots), compare_dots);
    if (t.num > 1) {
        text_put(page->out, "<section class=\"when\"><h2>When it happened</h2>\n");
        draw(page, &t, true);
        draw(page, &t, false);
        put_legend(page->out);
    }
    memory_drop(t.dots);
}

/* ---- the table ---- */

static void put_files(struct html_page *page, const struct report_case *in)
{
    const struct view *view = page->view;
    size_t i, num = 0;

    for (i = 0; i < view->num_captures; i++)
        if (view->captures[i].log == in->log)
            html_put(page->out, num++ > 0 ? ", " : "",
                     html_path(page, view->captures[i].input->path), "");
    if (num == 0)
        text_put(page->out, "no capture");
}

static void put_causes(struct html_page *page, const struct report_case *in, const char *before,
                       const char *after, bool names)
{
    const struct view *view = page->view;
    size_t i;

    for (i = 0; i < view->num_findings; i++) {
        const struct view_finding *f = &view->findings[i];
        const char *confidence =
            f->finding->informs ? NULL : confidence_name(f->finding->confidence);

        if (f->in != in)
            continue;
        text_put(page->out, before);
        text_put_html(page->out, names                ? f->finding->cause
                                 : confidence == NULL ? "for information"
                                                      : confidence);
        text_put(page->out, after);
    }
}

/* The best shown finding of an incident; NULL: none. */
static const struct view_finding *finding_of(const struct view *view, const struct report_case *in)
{
    size_t i;

    for (i = 0; i < view->num_findings; i++)
        if (view->findings[i].in == in)
            return &view->findings[i];
    return NULL;
}

static void put_row(struct html_page *page, int64_t number, const struct report_case *in)
{
    const struct view_finding *first = finding_of(page->view, in);
    int64_t failed = 0, ns = 0;
    size_t i;

    for (i = 0; i < in->joined->num_attempts; i++)
        failed += in->joined->attempts[i].outcome == OUTCOME_FAILED ||
                  in->joined->attempts[i].outcome == OUTCOME_FELL_BACK;
    text_put(page->out, "<tr data-causes=\"");
    put_causes(page, in, "", " ", true);
    text_put(page->out, "\"><th scope=\"row\">");
    if (page->full[number - 1])
        text_putf(page->out, "<a href=\"#incident-%" PRId64 "\">", number);
    put_files(page, in);
    text_put(page->out, page->full[number - 1] ? "</a>" : "");
    text_put(page->out, "</th><td class=\"extra seen\">");
    if (first != NULL && time_of(page->view, first, &ns))
        text_put(page->out, html_time(page->view, ns, false));
    text_putf(page->out,
              "</td><td class=\"num\">%" PRId64 "</td><td class=\"num extra\">%zu</td><td>", failed,
              in->joined->num_attempts);
    if (first == NULL)
        text_put(page->out, "nothing wrong");
    put_causes(page, in, "<code class=\"tag\">", "</code> ", true);
    text_put(page->out, "</td><td class=\"extra\">");
    put_causes(page, in, "<span>", "</span> ", false);
    text_put(page->out, "</td></tr>\n");
}

void html_totals(struct html_page *page)
{
    const struct view *view = page->view;
    struct text *out = page->out;

    text_put(out, "<h1 class=\"big\">");
    if (view->num_captures == 0) {
        text_put(out, "No capture was read</h1>\n");
        return;
    }
    say_count(out, (int64_t)view->num_captures, "capture", "captures");
    text_putf(out, ": %" PRId64 " of ", view->failed);
    say_count(out, view->total_attempts, "authentication", "authentications");
    text_put(out, " failed</h1>\n");
}

/* What the page leaves out, and how to have it. */
static void put_left_out(struct html_page *page, size_t rows)
{
    size_t cases = page->view->report->num_cases;

    if (page->num_full == cases)
        return;
    text_putf(page->out,
              "<p class=\"label\">%zu of %zu incidents are shown in full below, the most frequent "
              "kinds first and one of each before another of the same",
              page->num_full, cases);
    if (rows < cases)
        text_putf(page->out, "; the table has %zu of them, those without a finding left out", rows);
    text_put(page->out, ". For any other: <code>krbwhy -f html CAPTURE</code>; all of them: "
                        "<code>krbwhy -f json</code>.</p>\n");
}

void html_overview(struct html_page *page)
{
    const struct view *view = page->view;
    struct text *out = page->out;
    bool brief = view->report->num_cases > LIMIT_HTML_ROWS;
    size_t i, rows = 0;

    put_timeline(page);
    text_put(out, "<section class=\"overview\"><h2>The incidents</h2>\n");
    if (page->folder_len > 0)
        html_put(out, "<p class=\"label\">All are in <code>",
                 arena_print(&page->view->arena, "%.*s", (int)page->folder_len,
                             view->captures[0].input->path),
                 "</code></p>\n");
    text_put(out,
             "<table id=\"overview\">"
             "<thead><tr><th scope=\"col\">Capture</th><th scope=\"col\" class=\"extra\">First seen"
             "</th><th scope=\"col\">Failed</th><th scope=\"col\" class=\"extra\">Of</th>"
             "<th scope=\"col\">Cause</th><th scope=\"col\" class=\"extra\">Confidence</th>"
             "</tr></thead>\n<tbody>\n");
    for (i = 0; i < view->report->num_cases; i++) {
        const struct report_case *in = &view->report->cases[i];

        if (rows == LIMIT_HTML_ROWS || (brief && finding_of(view, in) == NULL))
            continue;
        put_row(page, (int64_t)i + 1, in);
        rows++;
    }
    text_put(out, "</tbody></table>\n");
    put_left_out(page, rows);
    text_put(out, "</section>\n");
}
