/* SPDX-License-Identifier: MIT */
/* The report for a ticket: what GitHub, Jira and Azure DevOps all draw the same way. */
#include <inttypes.h>

#include "report/document.h"
#include "report/sinks.h"
#include "report/when.h"

struct page {
    struct text *out;
    bool list; /* the last line is an item of a list */
    bool file; /* a heading names the file: the verdict stands a level below */
    enum document_part part;
};

static void put(struct page *page, const char *text)
{
    text_put_markdown(page->out, text);
}

/* What follows a list needs an empty line before it, or becomes part of its last item. */
static void end_list(struct page *page)
{
    if (page->list)
        text_put_char(page->out, '\n');
    page->list = false;
}

/* Text between fences that are longer than any run of backticks in it; nothing in it is markup. */
static void fenced(struct page *page, const char *text)
{
    struct text plain = {0};
    size_t longest = 2, run = 0, i;

    end_list(page);
    text_put_plain(&plain, text);
    for (i = 0; i < plain.len; i++) {
        run = plain.at[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    for (i = 0; i <= longest; i++)
        text_put_char(page->out, '`');
    text_putf(page->out, "text\n%s\n", text_str(&plain));
    for (i = 0; i <= longest; i++)
        text_put_char(page->out, '`');
    text_put(page->out, "\n\n");
    text_clear(&plain);
}

static void nothing(void *user)
{
    (void)user;
}

static void heading(void *user, const char *files, const char *text)
{
    struct page *page = user;

    end_list(page);
    page->file = true;
    text_put(page->out, "## ");
    put(page, files);
    text_put(page->out, files[0] != '\0' ? ": " : "");
    put(page, text);
    text_put(page->out, "\n\n");
}

static void verdict(void *user, const struct document_verdict *v)
{
    struct page *page = user;

    end_list(page);
    text_put(page->out, page->file ? "### " : "## ");
    if (v->of > 1)
        text_putf(page->out, "%" PRId64 "\\. ", v->number);
    put(page, v->says);
    text_put(page->out, "\n\n**Cause:** ");
    if (v->title != NULL) {
        put(page, v->title);
        text_put(page->out, " (");
    }
    put(page, v->cause);
    text_put(page->out, ", ");
    put(page, v->confidence != NULL ? v->confidence : "for information");
    text_put(page->out, v->title != NULL ? ")\n\n" : "\n\n");
    if (v->repeats > 0) {
        text_put(page->out, "The client repeated the request ");
        text_putf(page->out, v->repeats == 1 ? "once.\n\n" : "%" PRId64 " times.\n\n", v->repeats);
    }
    if (v->explanation == NULL)
        return;
    put(page, v->explanation);
    text_put(page->out, "\n\n");
}

static void part(void *user, enum document_part which)
{
    struct page *page = user;

    page->part = which;
}

static void section(void *user, const char *title)
{
    struct page *page = user;

    end_list(page);
    text_put(page->out, page->part >= DOCUMENT_GROUPS                 ? "## "
                        : page->file && page->part <= DOCUMENT_FILTER ? "#### "
                                                                      : "### ");
    put(page, title);
    text_put(page->out, "\n\n");
}

static void paragraph(void *user, const char *text)
{
    struct page *page = user;

    end_list(page);
    put(page, text);
    text_put(page->out, "\n\n");
}

static void steps(void *user, const struct say_step *all, size_t num,
                  const struct view_times *times, bool name_files)
{
    struct page *page = user;
    char when[WHEN_TEXT_ROOM];
    size_t i;

    text_put(page->out, name_files ? "| File " : "");
    text_putf(page->out, "| Frame | Time (%s) |", times->local ? "local" : "UTC");
    if (times->zone_s.set)
        text_putf(page->out, " Local (UTC%s) |", when_zone(times->zone_s.value, when));
    text_put(page->out, " From | To | What was said |\n");
    text_put(page->out, name_files ? "| --- " : "");
    text_put(page->out, times->zone_s.set ? "| --- " : "");
    text_put(page->out, "| --- | --- | --- | --- | --- |\n");
    for (i = 0; i < num; i++) {
        const struct say_step *step = &all[i];

        if (name_files) {
            text_put(page->out, "| ");
            put(page, step->source.input->input->path);
            text_put_char(page->out, ' ');
        }
        text_putf(page->out, "| %" PRId64 " | %s | ", step->source.place,
                  when_clock(say_time(step, times), when));
        if (times->zone_s.set)
            text_putf(page->out, "%.8s | ", when_clock(say_local_time(step, times), when));
        text_putf(page->out, "%s | %s | ", step->from, step->to);
        text_put(page->out, step->fault ? "**" : "");
        put(page, step->what);
        text_put(page->out, step->fault ? "** |\n" : " |\n");
    }
    text_put_char(page->out, '\n');
}

static void item(void *user, const char *lead, const char *text, const char *places)
{
    struct page *page = user;

    text_put(page->out, "- ");
    if (lead != NULL) {
        text_put(page->out, "**");
        put(page, lead);
        text_put(page->out, ":** ");
    }
    put(page, text);
    if (places[0] != '\0') {
        text_put(page->out, " (");
        put(page, places);
        text_put_char(page->out, ')');
    }
    text_put_char(page->out, '\n');
    page->list = true;
}

static void command(void *user, const char *text)
{
    fenced(user, text);
}

static void card_line(struct page *page, const char *label, const char *text)
{
    if (text != NULL)
        item(page, label, text, "");
}

static void card(void *user, int64_t number, const struct remedy *r)
{
    struct page *page = user;

    end_list(page);
    if (number != 0)
        text_putf(page->out, "**Fix %" PRId64 ".** ", number);
    put(page, r->what);
    text_put(page->out, "\n\n");
    if (r->command != NULL)
        fenced(page, r->command);
    card_line(page, "Who", r->who);
    card_line(page, "Breaks", r->breaks);
    card_line(page, "Verify", r->verify);
    card_line(page, "Reference", r->reference);
    if (!document_is_command(r->undo)) {
        card_line(page, "Undo", r->undo);
        return;
    }
    text_put(page->out, "- **Undo:**\n");
    page->list = true;
    fenced(page, r->undo);
}

static void end_section(void *user)
{
    end_list(user);
}

static const struct document_sink markdown_sink = {
    .verdict_first = true,
    .part = part,
    .begin = nothing,
    .heading = heading,
    .verdict = verdict,
    .section = section,
    .paragraph = paragraph,
    .steps = steps,
    .item = item,
    .command = command,
    .card = card,
    .end_section = end_section,
    .end = nothing,
};

void sink_markdown(struct text *out, const struct report *report, const struct report_style *style)
{
    struct page page = {.out = out};

    (void)style;
    document_render(report, &markdown_sink, &page);
}

void markdown_merged(struct text *out, const struct merged *merged)
{
    struct page page = {.out = out};

    document_merged(merged, &markdown_sink, &page);
}
