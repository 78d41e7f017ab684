/* SPDX-License-Identifier: MIT */
/* The report as one page that needs nothing else: no network, no script to be read. What a person
 * needs first stands first, so the sections of a finding are gathered and put in an order of their
 * own. */
#include <ctype.h>
#include <inttypes.h>

#include "report/html.h"
#include "report/sinks.h"

enum { OPEN_MISSING = 2, OPEN_GROUPS = 5 };

/* ---- lists and folds ---- */

static void end_list(struct html_page *page)
{
    if (page->list)
        text_put(page->out, "</li></ul>\n");
    page->list = false;
}

static void end_fold(struct html_page *page)
{
    end_list(page);
    if (page->folded)
        text_put(page->out, "</details>\n");
    page->folded = false;
}

static void copyable(struct html_page *page, const char *text)
{
    html_put(page->out, "<div class=\"cmd\"><pre><code>", text, "</code></pre></div>\n");
}

/* ---- a finding ---- */

static void finding(void *user, const struct view_finding *shown)
{
    struct html_page *page = user;

    html_end_finding(page);
    page->finding = shown;
    page->out = &page->head;
}

static void verdict(void *user, const struct document_verdict *v)
{
    struct html_page *page = user;
    int level = page->level - 1;

    text_putf(page->out, "<header class=\"%s\"><h%d>", v->confidence == NULL ? "note" : "wrong",
              level);
    if (v->of > 1)
        text_putf(page->out, "%" PRId64 ". ", v->number);
    html_put(page->out, "", v->says, "");
    text_putf(page->out, "</h%d>\n<p class=\"cause\">", level);
    html_put(page->out, "<b>Cause:</b> ", v->title != NULL ? v->title : "", "");
    html_put(page->out, " <code class=\"tag\">", v->cause, "</code>");
    if (v->confidence != NULL)
        text_putf(page->out, " <span class=\"tag %s\">%s</span>", v->confidence, v->confidence);
    text_put(page->out, "</p>\n");
    if (v->repeats > 0)
        text_putf(page->out,
                  v->repeats == 1 ? "<p>The client repeated the request once.</p>\n"
                                  : "<p>The client repeated the request %" PRId64 " times.</p>\n",
                  v->repeats);
    text_put(page->out, "</header>\n");
    if (v->explanation == NULL)
        return;
    text_putf(&page->words, "<section class=\"words\"><h%d>What is going on</h%d>\n", page->level,
              page->level);
    html_put(&page->words, "<p>", v->explanation, "</p></section>\n");
}

/* ---- sections ---- */

static void end_incident(struct html_page *page)
{
    html_end_finding(page);
    if (page->open)
        text_put(page->out, page->batch ? "</div></details>\n" : "</section>\n");
    page->open = false;
}

/* Once, before the first incident, or before what comes in place of one. */
static void put_overview(struct html_page *page)
{
    if (page->batch && !page->overview)
        html_overview(page);
    page->overview = true;
}

static void part(void *user, enum document_part which)
{
    struct html_page *page = user;

    if (which <= DOCUMENT_FILTER && page->finding != NULL)
        page->out = &page->slots[which];
    else
        html_end_finding(page);
    if (which == DOCUMENT_PROBLEMS || which == DOCUMENT_SUMMARY) {
        end_incident(page);
        put_overview(page);
    }
    page->part = which;
}

static const char *const part_names[] = {
    [DOCUMENT_CHAIN] = "chain",     [DOCUMENT_FOR] = "for",
    [DOCUMENT_AGAINST] = "against", [DOCUMENT_OTHERS] = "others",
    [DOCUMENT_MISSING] = "missing", [DOCUMENT_REMEDIES] = "remedies",
    [DOCUMENT_FILTER] = "filter",   [DOCUMENT_SEEN] = "seen",
    [DOCUMENT_GAPS] = "gaps",       [DOCUMENT_ATTEMPTS] = "attempts",
    [DOCUMENT_GROUPS] = "groups",   [DOCUMENT_PROBLEMS] = "problems",
    [DOCUMENT_SUMMARY] = "summary",
};

static void section(void *user, const char *title)
{
    struct html_page *page = user;
    bool last = page->part >= DOCUMENT_GROUPS;
    int level = last ? 2 : page->part > DOCUMENT_FILTER ? page->level - 1 : page->level;

    if (last)
        end_incident(page);
    page->items = 0;
    text_putf(page->out, "<section class=\"%s\"><h%d>", part_names[page->part], level);
    html_put(page->out, "", title, "");
    text_putf(page->out, "</h%d>\n", level);
    if (page->part == DOCUMENT_MISSING && page->finding != NULL)
        html_confidence(page, page->finding->finding);
}

static void end_section(void *user)
{
    struct html_page *page = user;

    end_fold(page);
    text_put(page->out, "</section>\n");
}

static void paragraph(void *user, const char *text)
{
    struct html_page *page = user;

    end_list(page);
    html_put(page->out, "<p>", text, "</p>\n");
}

static void steps(void *user, const struct say_step *all, size_t num,
                  const struct view_times *times, bool name_files)
{
    html_ladder(user, all, num, times, name_files);
}

/* A long list shows its beginning. */
static void fold(struct html_page *page)
{
    size_t more = 0;

    if (page->part == DOCUMENT_MISSING && page->finding != NULL && page->items == OPEN_MISSING)
        more = page->finding->finding->num_missing - OPEN_MISSING;
    if (more < 2 && (page->part != DOCUMENT_GROUPS || page->items != OPEN_GROUPS))
        return;
    end_list(page);
    page->folded = true;
    text_put(page->out, "<details><summary>");
    if (more > 0)
        text_putf(page->out, "%zu ", more);
    text_put(page->out, "more</summary>\n");
}

static void item(void *user, const char *lead, const char *text, const char *places)
{
    struct html_page *page = user;

    fold(page);
    text_put(page->out, page->list ? "</li>\n<li>" : "<ul>\n<li>");
    page->list = true;
    page->items++;
    if (lead != NULL)
        html_put(page->out, "<b>", lead, ":</b> ");
    text_put_html(page->out, text);
    if (places[0] != '\0')
        html_put(page->out, " <span class=\"at\">", places, "</span>");
}

static void command(void *user, const char *text)
{
    copyable(user, text);
}

static void card_line(struct html_page *page, const char *label, const char *text, bool typed)
{
    if (text == NULL)
        return;
    text_putf(page->out, "<div><dt>%s</dt><dd>", label);
    if (typed && document_is_command(text))
        copyable(page, text);
    else
        text_put_html(page->out, text);
    text_put(page->out, "</dd></div>\n");
}

/* The first fix stands open, the others are folded. */
static void card(void *user, int64_t number, const struct remedy *r)
{
    struct html_page *page = user;
    bool folded = number > 1;

    text_put(page->out, folded ? "<details class=\"card\"><summary>"
                               : "<div class=\"card\"><p class=\"what\">");
    if (number != 0)
        text_putf(page->out, "%" PRId64 ". ", number);
    text_put_html(page->out, r->what);
    text_put(page->out, folded ? "</summary>\n" : "</p>\n");
    if (r->command != NULL)
        copyable(page, r->command);
    text_put(page->out, "<dl>\n");
    card_line(page, "Who", r->who, false);
    card_line(page, "Breaks", r->breaks, false);
    card_line(page, "Undo", r->undo, true);
    card_line(page, "Verify", r->verify, true);
    card_line(page, "Reference", r->reference, false);
    text_put(page->out, folded ? "</dl></details>\n" : "</dl></div>\n");
}

/* ---- an incident ---- */

static bool wants(void *user, const struct report_case *in)
{
    struct html_page *page = user;

    return !page->batch || page->full[in - page->view->report->cases];
}

static void incident(void *user, const struct report_case *in)
{
    struct html_page *page = user;

    end_incident(page);
    page->in = in;
    page->incidents = in - page->view->report->cases + 1;
    put_overview(page);
}

static bool has_finding(const struct html_page *page)
{
    size_t i;

    for (i = 0; i < page->view->num_findings; i++)
        if (page->view->findings[i].in == page->in)
            return true;
    return false;
}

/* Where nothing failed: the first authentication, as it should be. */
static void put_good(struct html_page *page)
{
    struct view_attempt shown = {1, page->in, NULL};
    struct say_step *all;
    struct view_times times;
    size_t i, num;

    for (i = 0; i < page->in->joined->num_attempts && shown.attempt == NULL; i++)
        if (page->in->joined->attempts[i].outcome == OUTCOME_SUCCEEDED)
            shown.attempt = &page->in->joined->attempts[i];
    if (shown.attempt == NULL)
        return;
    num = say_chain(page->view, &shown, &all);
    text_putf(page->out, "<section class=\"chain\"><h%d>An authentication that succeeded</h%d>\n",
              page->level - 1, page->level - 1);
    html_keys(page, &shown, NULL);
    say_comments(page->view, all, num);
    times = say_times(NULL, all, num);
    html_ladder(page, all, num, &times, false);
    html_attempt(page, &shown);
    text_put(page->out, "</section>\n");
}

static void heading_of_batch(struct html_page *page, const char *files, const char *text)
{
    text_put(page->out, "<details class=\"incident\"><summary><h2>");
    html_put(page->out, "<b>", html_path(page, files), "</b>: ");
    html_put(page->out, "", text, "</h2></summary>\n");
    text_putf(page->out, "<div class=\"inside\" id=\"incident-%" PRId64 "\">\n", page->incidents);
}

/* Of one incident the verdict is what stands out; of none, that nothing is wrong. */
static void heading(void *user, const char *files, const char *text)
{
    struct html_page *page = user;

    page->open = true;
    if (page->batch) {
        heading_of_batch(page, files, text);
        return;
    }
    text_put(page->out, "<section class=\"single\">");
    if (has_finding(page)) {
        html_put(page->out, "<h1>", files[0] != '\0' ? files : text, "</h1>\n");
        return;
    }
    text_put(page->out, "<h1 class=\"big\">");
    text_put_char(page->out, (char)toupper((unsigned char)text[0]));
    html_put(page->out, "", text + 1, "</h1>\n");
    html_put(page->out, "<p class=\"label\">", files, "</p>\n");
    put_good(page);
}

static void open_page(void *user, struct view *view)
{
    struct html_page *page = user;

    page->view = view;
}

static void begin(void *user)
{
    html_begin(user);
}

static void end(void *user)
{
    end_incident(user);
    html_end(user);
}

static const struct document_sink html_sink = {
    .open = open_page,
    .wants = wants,
    .incident = incident,
    .finding = finding,
    .part = part,
    .begin = begin,
    .heading = heading,
    .verdict = verdict,
    .section = section,
    .paragraph = paragraph,
    .steps = steps,
    .item = item,
    .command = command,
    .card = card,
    .end_section = end_section,
    .end = end,
};

void sink_html(struct text *out, const struct report *report, const struct report_style *style)
{
    struct html_page page = {.out = out, .document = out, .batch = report->num_cases != 1};
    size_t i;

    (void)style;
    page.level = page.batch ? 4 : 3;
    document_render(report, &html_sink, &page);
    text_clear(&page.head);
    text_clear(&page.words);
    for (i = 0; i < HTML_FINDING_PARTS; i++)
        text_clear(&page.slots[i]);
}
