/* SPDX-License-Identifier: MIT */
/* What stands at the end: damage, totals, clocks. */
#include <inttypes.h>

#include "report/document_parts.h"
#include "report/groups.h"
#include "report/merge.h"
#include "report/when.h"

static void draw_problems(const struct walk *walk, const struct view_input *inputs, size_t num,
                          bool *begun)
{
    size_t i, k;

    for (i = 0; i < num; i++)
        for (k = 0; k < inputs[i].num_problems; k++) {
            const struct problem *p = inputs[i].problems[k];
            struct text at = {0};

            if (!*begun)
                document_begin(walk, DOCUMENT_PROBLEMS, "Problems with the files");
            *begun = true;
            if (p->at_frame.set && p->at_frame.value > 0)
                text_putf(&at, "frame %" PRId64, p->at_frame.value);
            if (p->offset.set)
                text_putf(&at, "%soffset %" PRId64, at.len > 0 ? ", " : "", p->offset.value);
            if (p->times > 1)
                text_putf(&at, "%s%" PRId64 " times", at.len > 0 ? ", " : "", p->times);
            walk->sink->item(walk->page, inputs[i].input->path,
                             p->message != NULL ? p->message
                             : p->code != NULL  ? p->code
                                                : "a problem",
                             document_keep(walk, &at));
        }
}

void document_problems(const struct walk *walk)
{
    const struct view *view = walk->view;
    bool begun = false;

    draw_problems(walk, view->captures, view->num_captures, &begun);
    draw_problems(walk, view->evidence, view->num_evidence, &begun);
    if (begun)
        walk->sink->end_section(walk->page);
}

/* Thousandths and a sign, as "+137.500". */
static void put_seconds(struct text *out, int64_t ms)
{
    int64_t size = ms < 0 ? -ms : ms;

    text_putf(out, "%c%" PRId64 ".%03" PRId64, ms < 0 ? '-' : '+', size / 1000, size % 1000);
}

static void say_zone(struct text *out, const struct view_input *capture)
{
    char zone[WHEN_TEXT_ROOM];

    if (capture->local)
        text_putf(out, "%s holds local times of an unknown zone, printed as they are.",
                  capture->input->path);
    else
        text_putf(out, "%s holds local times; by the clocks of machines in it they are UTC%s.",
                  capture->input->path, when_zone(capture->zone_s.value, zone));
}

/* The clocks of two captures of one case, from the messages that both hold. */
static void say_pairing(struct text *out, const struct view *view, const struct view_input *capture)
{
    const struct view_input *other = view->by_input[capture->clock->reference];

    text_putf(out, "The clock of %s is ", capture->input->path);
    put_seconds(out, capture->offset_ms);
    text_putf(out, " s against that of %s (median of ",
              other == NULL ? "the first capture" : other->input->path);
    say_count(out, (int64_t)capture->clock->num_pairs, "message", "messages");
    text_putf(out, " in both, spread %" PRId64 " ms); times are printed as each file has them.",
              capture->clock->spread_ns / 1000000);
}

/* Where times were printed: whose they are, where nothing else says it. */
static void draw_zone(const struct walk *walk)
{
    const struct view *view = walk->view;
    char zone[WHEN_TEXT_ROOM];
    bool times = false, known = false;
    size_t i;

    for (i = 0; i < view->num_findings; i++) {
        times |= view->findings[i].first != NULL;
        known |= view->findings[i].finding->zone_s.set;
    }
    for (i = 0; i < view->num_captures; i++) {
        const struct view_input *capture = &view->captures[i];

        known |= capture->zone_s.set || capture->local;
        if (times && capture->file != NULL && capture->file->zone_s.set)
            walk->sink->paragraph(
                walk->page,
                arena_print(&walk->view->arena,
                            "Local times are those of the machine that captured: UTC%s by %s.",
                            when_zone(capture->zone_s.value, zone), capture->input->path));
    }
    if (times && !known)
        walk->sink->paragraph(walk->page, "Times are UTC; no file tells a local time zone.");
}

static void draw_clocks(const struct walk *walk)
{
    size_t i;

    draw_zone(walk);
    for (i = 0; i < walk->view->num_captures; i++) {
        const struct view_input *capture = &walk->view->captures[i];
        struct text out = {0};

        if (!capture->has_clock)
            continue;
        if (capture->clock != NULL)
            say_pairing(&out, walk->view, capture);
        else
            say_zone(&out, capture);
        walk->sink->paragraph(walk->page, document_keep(walk, &out));
    }
}

static void draw_series(const struct walk *walk)
{
    size_t i;

    for (i = 0; i < walk->view->num_captures; i++) {
        const char *line = say_series(walk->view, &walk->view->captures[i]);

        if (line != NULL)
            walk->sink->paragraph(walk->page, line);
    }
}

static void count_files(struct text *out, const struct merged_totals *totals)
{
    if (totals->captures > 0)
        say_count(out, totals->captures, "capture", "captures");
    if (totals->evidence > 0) {
        text_put(out, totals->captures > 0 ? ", " : "");
        say_count(out, totals->evidence, "evidence file", "evidence files");
    }
    if (totals->captures + totals->evidence == 0)
        text_put(out, "no captures");
}

/* "1 capture: 2 authentications, none failed; no findings." files: what stands for "1 capture";
 * NULL: how many there are. */
static void say_totals(struct text *out, const struct merged_totals *totals, const char *files)
{
    size_t i;

    if (files == NULL)
        count_files(out, totals);
    else
        text_put(out, files);
    text_put(out, ": ");
    say_count(out, totals->attempts, "authentication", "authentications");
    if (totals->failed > 0)
        text_putf(out, ", %" PRId64 " failed", totals->failed);
    else if (totals->attempts > 0)
        text_put(out, ", none failed");
    text_put(out, "; ");
    say_count(out, totals->findings, "finding", "findings");
    for (i = 0; i < totals->num_by_cause; i++) {
        text_putf(out, "%s%s", i == 0 ? " (" : ", ", totals->by_cause[i].cause);
        if (totals->findings > 1)
            text_putf(out, " %" PRId64, totals->by_cause[i].num);
    }
    text_put(out, totals->num_by_cause > 0 ? ")." : ".");
}

/* "web.pcap with 2 evidence files". */
static const char *name_all(const struct walk *walk, const struct report_case *in)
{
    const struct view *view = walk->view;
    struct text out = {0};

    text_put(&out, document_files(walk, in));
    if (view->num_captures > 0 && view->num_evidence > 0) {
        text_put(&out, " with ");
        say_count(&out, (int64_t)view->num_evidence, "evidence file", "evidence files");
    }
    return document_keep(walk, &out);
}

void document_summary(const struct walk *walk)
{
    const struct view *view = walk->view;
    struct merged_totals totals = {.captures = (int64_t)view->num_captures,
                                   .evidence = (int64_t)view->num_evidence,
                                   .attempts = view->total_attempts,
                                   .failed = view->failed,
                                   .by_cause = view->by_cause,
                                   .num_by_cause = view->num_by_cause,
                                   .findings = (int64_t)view->num_findings};
    struct text out = {0};

    say_totals(&out, &totals,
               document_leaves_out_heading(walk) ? name_all(walk, &view->report->cases[0]) : NULL);
    document_begin(walk, DOCUMENT_SUMMARY, "Summary");
    walk->sink->paragraph(walk->page, document_keep(walk, &out));
    draw_series(walk);
    draw_clocks(walk);
    walk->sink->end_section(walk->page);
}

void document_merged(const struct merged *merged, const struct document_sink *sink, void *page)
{
    struct arena arena = {0};
    struct groups groups = {0};
    struct merged_totals totals;
    struct text out = {0};

    merged_groups(merged, &groups);
    merged_totals(merged, &arena, &totals);
    say_totals(&out, &totals, NULL);
    sink->begin(page);
    document_partial(sink, page, totals.partial);
    groups_draw(&groups, &arena, sink, page);
    document_section(sink, page, DOCUMENT_SUMMARY, "Summary");
    sink->paragraph(page, text_str(&out));
    sink->end_section(page);
    sink->end(page);
    text_clear(&out);
    groups_clear(&groups);
    arena_clear(&arena);
}
