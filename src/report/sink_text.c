/* SPDX-License-Identifier: MIT */
/* The report on a terminal. */
#include <inttypes.h>

#include "report/document.h"
#include "report/sinks.h"
#include "report/when.h"
#include "report/wrap.h"

enum { LEAST_WIDTH = 60, USUAL_WIDTH = 80, INDENT = 2 };

struct page {
    struct text *out;
    size_t width;
    bool colour, ascii;
    bool begun;         /* something stands above */
    size_t item_indent; /* where commands of the last item stand */
};

/* Select Graphic Rendition (ECMA-48, 8.3.117). */
#define BOLD "1"
#define DIM  "2"
#define RED  "1;31"
#define CYAN "36"

static void on(struct page *page, const char *sgr)
{
    if (page->colour)
        text_putf(page->out, "\x1b[%sm", sgr);
}

static void off(struct page *page)
{
    if (page->colour)
        text_put(page->out, "\x1b[0m");
}

static size_t put(struct page *page, const char *text, size_t indent, size_t column)
{
    struct text ascii = {0};

    if (page->ascii) {
        text_put_ascii(&ascii, text);
        text = text_str(&ascii);
    }
    column = wrap_put(page->out, text, page->width, indent, column);
    text_clear(&ascii);
    return column;
}

/* Never wrapped, so that it can be copied. */
static void put_whole(struct page *page, const char *text)
{
    if (page->ascii)
        text_put_ascii(page->out, text);
    else
        text_put_plain(page->out, text);
}

/* A paragraph of its own; sgr: its colour, NULL for none. */
static void put_block(struct page *page, const char *sgr, const char *text, size_t indent)
{
    wrap_pad(page->out, 0, indent);
    if (sgr != NULL)
        on(page, sgr);
    put(page, text, indent, indent);
    if (sgr != NULL)
        off(page);
    text_put_char(page->out, '\n');
}

static void begin(void *user)
{
    (void)user;
}

static void heading(void *user, const char *files, const char *text)
{
    struct page *page = user;
    struct text line = {0};

    if (page->begun)
        text_put_char(page->out, '\n');
    page->begun = true;
    text_putf(&line, "%s%s%s", files, files[0] != '\0' ? ": " : "", text);
    put_block(page, BOLD, text_str(&line), 0);
    text_clear(&line);
}

static void verdict(void *user, const struct document_verdict *v)
{
    struct page *page = user;
    struct text head = {0}, cause = {0};

    if (page->begun)
        text_put_char(page->out, '\n');
    page->begun = true;
    if (v->of > 1)
        text_putf(&head, "%" PRId64 ". ", v->number);
    text_put(&head, v->says);
    put_block(page, v->confidence == NULL ? BOLD : RED, text_str(&head), 0);
    text_putf(&cause, "Cause: %s%s%s, %s%s", v->title != NULL ? v->title : "",
              v->title != NULL ? " (" : "", v->cause,
              v->confidence != NULL ? v->confidence : "for information",
              v->title != NULL ? ")" : "");
    put_block(page, BOLD, text_str(&cause), 0);
    if (v->repeats > 0) {
        text_reset(&cause);
        text_put(&cause, "The client repeated the request ");
        text_putf(&cause, v->repeats == 1 ? "once." : "%" PRId64 " times.", v->repeats);
        put_block(page, NULL, text_str(&cause), 0);
    }
    if (v->explanation != NULL) {
        text_put_char(page->out, '\n');
        put_block(page, NULL, v->explanation, 0);
    }
    text_clear(&head);
    text_clear(&cause);
}

static void section(void *user, const char *title)
{
    struct page *page = user;

    if (page->begun)
        text_put_char(page->out, '\n');
    page->begun = true;
    put_block(page, BOLD, title, 0);
    page->item_indent = INDENT;
}

static void paragraph(void *user, const char *text)
{
    struct page *page = user;

    page->begun = true;
    put_block(page, NULL, text, INDENT);
}

static size_t decimal_width(int64_t number)
{
    size_t width = 1;

    for (; number >= 10; number /= 10)
        width++;
    return width;
}

/* Columns of the time line. */
struct columns {
    size_t frame, times, who, what; /* widths; where it begins */
};

enum { LOCAL = 14 }; /* "local (-07:00)" */

static struct columns measure(const struct page *page, const struct say_step *all, size_t num,
                              const struct view_times *times)
{
    enum { TIME = 12, GAPS = 6, LEAST_WHAT = 36 };
    struct columns c = {.frame = 5}; /* "frame" */
    size_t i;

    for (i = 0; i < num; i++) {
        size_t frame = decimal_width(all[i].source.place);
        size_t who = strlen(all[i].from) + strlen(all[i].to) + 4;

        c.frame = frame > c.frame ? frame : c.frame;
        c.who = who > c.who ? who : c.who;
    }
    c.times = TIME + (times->zone_s.set ? 2 + LOCAL : 0);
    c.what = INDENT + c.frame + c.times + c.who + GAPS;
    if (c.what + LEAST_WHAT > page->width)
        c.what = 0; /* on a line of its own */
    return c;
}

/* "   12  05:10:05.003  client -> KDC     asks for ..." */
static void one_step(struct page *page, const struct say_step *step, const struct view_times *times,
                     const struct columns *c)
{
    char when[WHEN_TEXT_ROOM];
    size_t column = c->what != 0 ? c->what : INDENT + c->frame + 2;
    size_t who = strlen(step->from) + strlen(step->to) + 4;

    on(page, DIM);
    text_putf(page->out, "%*s%*" PRId64 "  %s", INDENT, "", (int)c->frame, step->source.place,
              when_clock(say_time(step, times), when));
    if (times->zone_s.set)
        text_putf(page->out, "  %-*.8s", LOCAL, when_clock(say_local_time(step, times), when));
    off(page);
    text_putf(page->out, "  %s -> %s", step->from, step->to);
    if (c->what != 0) {
        wrap_pad(page->out, who, c->who + 2);
    } else {
        text_put_char(page->out, '\n');
        wrap_pad(page->out, 0, column);
    }
    if (step->fault)
        on(page, RED);
    put(page, step->what, column, column);
    if (step->fault)
        off(page);
    text_put_char(page->out, '\n');
}

static void steps(void *user, const struct say_step *all, size_t num,
                  const struct view_times *times, bool name_files)
{
    struct page *page = user;
    struct columns c = measure(page, all, num, times);
    char zone[WHEN_TEXT_ROOM];
    size_t i;

    on(page, DIM);
    text_putf(page->out, "%*s%*s  %-12s", INDENT, "", (int)c.frame, "frame",
              times->local ? "time (local)" : "time (UTC)");
    if (times->zone_s.set)
        text_putf(page->out, "  local (%s)", when_zone(times->zone_s.value, zone));
    text_put(page->out, "  who -> whom");
    if (c.what != 0) {
        wrap_pad(page->out, strlen("who -> whom"), c.who + 2);
        text_put(page->out, "what was said");
    }
    off(page);
    text_put_char(page->out, '\n');
    for (i = 0; i < num; i++) {
        if (name_files && (i == 0 || all[i].source.input != all[i - 1].source.input))
            put_block(page, NULL, all[i].source.input->input->path, INDENT);
        one_step(page, &all[i], times, &c);
    }
}

static void item(void *user, const char *lead, const char *text, const char *places)
{
    struct page *page = user;
    size_t column = INDENT, indent = INDENT + 2;
    struct text at = {0};

    text_putf(page->out, "%*s- ", INDENT, "");
    column += 2;
    if (lead != NULL) {
        struct text label = {0};

        text_putf(&label, "%s:", lead);
        on(page, BOLD);
        column = put(page, text_str(&label), indent, column);
        off(page);
        text_put_char(page->out, ' ');
        column++;
        text_clear(&label);
    }
    text_put(&at, text);
    if (places[0] != '\0')
        text_putf(&at, " [%s]", places);
    put(page, text_str(&at), indent, column);
    text_put_char(page->out, '\n');
    page->item_indent = indent + 2;
    text_clear(&at);
}

/* Alone on its line and never wrapped, so that it can be copied. */
static void command(void *user, const char *text)
{
    struct page *page = user;

    wrap_pad(page->out, 0, page->item_indent);
    on(page, CYAN);
    put_whole(page, text);
    off(page);
    text_put_char(page->out, '\n');
}

static void card_line(struct page *page, const char *label, const char *text, bool whole)
{
    enum { LABELS = 12 }; /* "afterwards" and a gap */

    if (text == NULL)
        return;
    text_putf(page->out, "%*s", INDENT + 3, "");
    on(page, DIM);
    text_putf(page->out, "%-*s", LABELS, label);
    off(page);
    if (whole)
        put_whole(page, text);
    else
        put(page, text, INDENT + 3 + LABELS, INDENT + 3 + LABELS);
    text_put_char(page->out, '\n');
}

static void card(void *user, int64_t number, const struct remedy *r)
{
    struct page *page = user;

    if (number != 0)
        text_putf(page->out, "%*s%" PRId64 ". ", INDENT, "", number);
    else
        text_putf(page->out, "%*s-  ", INDENT, "");
    put(page, r->what, INDENT + 3, INDENT + 3);
    text_put_char(page->out, '\n');
    page->item_indent = INDENT + 5;
    if (r->command != NULL)
        command(page, r->command);
    card_line(page, "who", r->who, false);
    card_line(page, "breaks", r->breaks, false);
    card_line(page, "undo", r->undo, document_is_command(r->undo));
    card_line(page, "verify", r->verify, false);
    card_line(page, "reference", r->reference, false);
}

static void nothing(void *user)
{
    (void)user;
}

static const struct document_sink text_sink = {
    .verdict_first = true,
    .begin = begin,
    .heading = heading,
    .verdict = verdict,
    .section = section,
    .paragraph = paragraph,
    .steps = steps,
    .item = item,
    .command = command,
    .card = card,
    .end_section = nothing,
    .end = nothing,
};

static struct page start(struct text *out, const struct report_style *style)
{
    struct page page = {
        .out = out, .colour = style->colour, .ascii = style->ascii, .width = style->width};

    if (page.width == 0)
        page.width = USUAL_WIDTH;
    if (page.width < LEAST_WIDTH)
        page.width = LEAST_WIDTH;
    return page;
}

void sink_text(struct text *out, const struct report *report, const struct report_style *style)
{
    struct page page = start(out, style);

    document_render(report, &text_sink, &page);
}

void text_merged(struct text *out, const struct merged *merged, const struct report_style *style)
{
    struct page page = start(out, style);

    document_merged(merged, &text_sink, &page);
}
