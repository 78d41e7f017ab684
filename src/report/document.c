/* SPDX-License-Identifier: MIT */
#include "report/document.h"

#include <inttypes.h>

#include "cause/cause.h"
#include "report/groups.h"
#include "report/merge.h"
#include "report/seen.h"
#include "report/when.h"

bool document_is_command(const char *text)
{
    static const char *const programs[] = {
        "adcli",  "appcmd", "certutil", "dcdiag", "dsacls", "gpupdate", "ipconfig", "kdestroy",
        "kinit",  "klist",  "ksetup",   "ktpass", "ldifde", "net",      "netdom",   "netsh",
        "nltest", "reg",    "repadmin", "sc",     "sed",    "setspn",   "w32tm",    "wevtutil",
    };
    size_t len, dash, i;

    if (text == NULL)
        return false;
    len = strcspn(text, " ");
    if (text[0] == '%')
        return true;
    for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        if (strlen(programs[i]) == len && memcmp(programs[i], text, len) == 0)
            return text[len] != '\0' && strstr(text, ", ") == NULL;
    dash = strcspn(text, "-"); /* Verb-Noun */
    return text[0] >= 'A' && text[0] <= 'Z' && dash > 1 && dash + 1 < len &&
           text[dash + 1] >= 'A' && text[dash + 1] <= 'Z';
}

struct walk {
    struct view *view;
    const struct document_sink *sink;
    void *page;
};

static const char *keep(const struct walk *walk, struct text *text)
{
    const char *kept = arena_text(&walk->view->arena, bytes_of_text(text_str(text)));

    text_clear(text);
    return kept;
}

void document_section(const struct document_sink *sink, void *page, enum document_part part,
                      const char *title)
{
    if (sink->part != NULL)
        sink->part(page, part);
    sink->section(page, title);
}

static void begin_section(const struct walk *walk, enum document_part part, const char *title)
{
    document_section(walk->sink, walk->page, part, title);
}

/* ---- a finding ---- */

static void draw_verdict(const struct walk *walk, const struct view_finding *shown)
{
    const struct finding *f = shown->finding;
    struct document_verdict verdict = {
        .number = shown->id,
        .of = (int64_t)walk->view->num_findings,
        .says = say_verdict(walk->view, shown),
        .title = f->title,
        .cause = f->cause,
        .confidence = f->informs ? NULL : confidence_name(f->confidence),
        .explanation = f->explanation,
    };

    /* A finding of files alone: its title says what is there, the cause's what that is. */
    if (shown->first == NULL && cause_find(f->cause) != NULL)
        verdict.title = cause_find(f->cause)->title;
    if (cause_find(f->cause) != NULL && strncmp(verdict.says, cause_find(f->cause)->title,
                                                strlen(cause_find(f->cause)->title)) == 0)
        verdict.title = NULL;
    /* The explanation of a finding about several attempts counts them itself. */
    if (shown->first != NULL && shown->num_attempts == 1)
        verdict.repeats = shown->first->attempt->repeats;
    walk->sink->verdict(walk->page, &verdict);
}

static void draw_chain(const struct walk *walk, const struct view_finding *shown)
{
    const struct say_step *steps;
    struct view_times times;
    size_t num;

    if (shown->first == NULL)
        return;
    num = say_chain(walk->view, shown->first, &steps);
    if (num == 0)
        return;
    times = say_times(shown->finding, steps, num);
    begin_section(walk, DOCUMENT_CHAIN, "What happened");
    walk->sink->steps(walk->page, steps, num, &times, steps[0].source.input->named);
    walk->sink->paragraph(walk->page, arena_print(&walk->view->arena, "on %s: %s",
                                                  say_days(walk->view, steps, num, &times),
                                                  say_roles(walk->view, shown->first)));
    walk->sink->end_section(walk->page);
}

static void draw_statements(const struct walk *walk, const struct view_finding *shown,
                            enum document_part part, const char *title,
                            const struct statements *statements)
{
    size_t i;

    if (statements->num == 0)
        return;
    begin_section(walk, part, title);
    for (i = 0; i < statements->num; i++)
        walk->sink->item(walk->page, NULL, statements->at[i].text,
                         say_places(walk->view, shown->in, &statements->at[i]));
    walk->sink->end_section(walk->page);
}

static bool same_statement(const struct statement *a, const struct statement *b)
{
    return strcmp(a->text, b->text) == 0 && a->num_sources == b->num_sources &&
           (a->num_sources == 0 ||
            memcmp(a->sources, b->sources, a->num_sources * sizeof(*a->sources)) == 0);
}

/* What refutes several causes is said once, where the first of them stands. */
static void draw_refuted(const struct walk *walk, const struct view_finding *shown, size_t at)
{
    const struct refutation *all = shown->finding->refuted;
    struct text lead = {0};
    size_t i;

    for (i = 0; i < at; i++)
        if (same_statement(&all[i].statement, &all[at].statement))
            return;
    text_put(&lead, all[at].cause);
    for (i = at + 1; i < shown->finding->num_refuted; i++)
        if (same_statement(&all[i].statement, &all[at].statement))
            text_putf(&lead, ", %s", all[i].cause);
    walk->sink->item(walk->page, keep(walk, &lead), all[at].statement.text,
                     say_places(walk->view, shown->in, &all[at].statement));
}

static void draw_others(const struct walk *walk, const struct view_finding *shown)
{
    const struct finding *f = shown->finding;
    struct text open = {0};
    size_t i;

    if (f->num_refuted == 0 && f->num_alternatives == 0)
        return;
    begin_section(walk, DOCUMENT_OTHERS, "Why not something else");
    for (i = 0; i < f->num_refuted; i++)
        draw_refuted(walk, shown, i);
    for (i = 0; i < f->num_alternatives; i++)
        text_putf(&open, "%s%s", i > 0 ? ", " : "", f->alternatives[i]);
    if (f->num_alternatives > 0)
        walk->sink->item(walk->page, "not excluded", keep(walk, &open), "");
    walk->sink->end_section(walk->page);
}

static void draw_missing(const struct walk *walk, const struct finding *f)
{
    size_t i;

    if (f->num_missing == 0)
        return;
    begin_section(walk, DOCUMENT_MISSING, "What would settle it");
    for (i = 0; i < f->num_missing; i++) {
        walk->sink->item(walk->page, NULL, f->missing[i].what, "");
        if (f->missing[i].command != NULL)
            walk->sink->command(walk->page, f->missing[i].command);
    }
    walk->sink->end_section(walk->page);
}

static void draw_remedies(const struct walk *walk, const struct finding *f)
{
    size_t i;

    if (f->num_remedies == 0)
        return;
    begin_section(walk, DOCUMENT_REMEDIES,
                  f->num_remedies == 1 ? "What to do" : "What to do (one of these)");
    if (!f->informs && f->confidence == CONFIDENCE_POSSIBLE && f->num_missing > 0)
        walk->sink->paragraph(walk->page, "Not proven: settle it first, then change things.");
    for (i = 0; i < f->num_remedies; i++)
        walk->sink->card(walk->page, f->num_remedies == 1 ? 0 : (int64_t)i + 1, &f->remedies[i]);
    walk->sink->end_section(walk->page);
}

static void draw_finding(const struct walk *walk, const struct view_finding *shown)
{
    const struct view_input *of = view_finding_capture(walk->view, shown);

    const struct finding *f = shown->finding;

    if (walk->sink->finding != NULL)
        walk->sink->finding(walk->page, shown);
    draw_verdict(walk, shown);
    draw_chain(walk, shown);
    draw_statements(walk, shown, DOCUMENT_FOR, "What shows it", &f->evidence_for);
    draw_statements(walk, shown, DOCUMENT_AGAINST, "What speaks against it", &f->evidence_against);
    draw_others(walk, shown);
    draw_missing(walk, f);
    draw_remedies(walk, f);
    if (shown->filter == NULL)
        return;
    begin_section(walk, DOCUMENT_FILTER, "Wireshark display filter");
    if (of != NULL && of->named)
        walk->sink->paragraph(walk->page,
                              arena_print(&walk->view->arena, "In %s:", of->input->path));
    walk->sink->command(walk->page, shown->filter);
    walk->sink->end_section(walk->page);
}

/* ---- an incident ---- */

static const char *name_files(const struct walk *walk, const struct report_case *in)
{
    struct text out = {0};
    size_t i, num = 0;

    for (i = 0; i < walk->view->num_captures; i++)
        if (walk->view->captures[i].log == in->log)
            text_putf(&out, "%s%s", num++ > 0 ? ", " : "", walk->view->captures[i].input->path);
    for (i = 0; walk->view->num_captures == 0 && i < walk->view->num_evidence; i++)
        text_putf(&out, "%s%s", num++ > 0 ? ", " : "", walk->view->evidence[i].input->path);
    return keep(walk, &out);
}

/* "web.pcap: 1 of 3 authentications failed, 1 finding". */
static void draw_heading(const struct walk *walk, const struct report_case *in, int64_t findings)
{
    const struct joined_case *joined = in->joined;
    struct text out = {0};
    int64_t failed = 0, total = (int64_t)joined->num_attempts;
    size_t i;

    for (i = 0; i < joined->num_attempts; i++)
        failed += joined->attempts[i].outcome == OUTCOME_FAILED ||
                  joined->attempts[i].outcome == OUTCOME_FELL_BACK;
    if (findings == 0 && failed == 0)
        text_put(&out, "nothing wrong was found");
    else if (findings == 0)
        text_putf(&out,
                  "nothing wrong was found (of %" PRId64 " %s %" PRId64 " did not succeed, as is "
                  "normal; --all shows which)",
                  total, total == 1 ? "authentication" : "authentications", failed);
    else if (failed == 0)
        say_count(&out, findings, "finding", "findings");
    else if (failed == total)
        say_count(&out, failed, "authentication failed", "authentications failed");
    else
        text_putf(&out, "%" PRId64 " of %" PRId64 " authentications failed", failed, total);
    walk->sink->heading(walk->page, name_files(walk, in), keep(walk, &out));
}

/* The first line of what is about one incident is the verdict; the summary names the files. */
static bool leaves_out_heading(const struct walk *walk)
{
    return walk->sink->verdict_first && walk->view->report->num_cases == 1 &&
           walk->view->num_findings > 0;
}

/* --all: every authentication, a line each. */
static void draw_attempts(const struct walk *walk, const struct report_case *in)
{
    bool begun = false;
    size_t i;

    for (i = 0; i < walk->view->num_attempts; i++) {
        const struct view_attempt *shown = &walk->view->attempts[i];

        if (shown->in != in)
            continue;
        if (!begun)
            begin_section(walk, DOCUMENT_ATTEMPTS, "All authentications");
        begun = true;
        walk->sink->item(walk->page, view_outcome(shown->attempt->outcome),
                         say_attempt(walk->view, shown), say_where(walk->view, shown));
    }
    if (begun)
        walk->sink->end_section(walk->page);
}

/* Files alone, and nothing wrong in them: what they were taken for. */
static void draw_facts(const struct walk *walk)
{
    size_t i;

    walk->sink->section(walk->page, "What was read");
    for (i = 0; i < walk->view->num_evidence; i++) {
        const struct view_input *file = &walk->view->evidence[i];
        struct text out = {0};

        say_count(&out, file->facts, "fact", "facts");
        text_putf(&out, " (%s)", file->kind == NULL ? "evidence" : file->kind);
        walk->sink->item(walk->page, file->input->path, keep(walk, &out), "");
    }
    walk->sink->paragraph(
        walk->page, "Nothing in these files is wrong by itself. What they do not hold is not taken "
                    "for absent: a capture of the failed log-on, named beside them, is judged with "
                    "them.");
    walk->sink->end_section(walk->page);
}

static void draw_case(const struct walk *walk, const struct report_case *in)
{
    int64_t findings = 0;
    size_t i;

    if (walk->sink->wants != NULL && !walk->sink->wants(walk->page, in))
        return;
    for (i = 0; i < walk->view->num_findings; i++)
        findings += walk->view->findings[i].in == in;
    if (walk->sink->incident != NULL)
        walk->sink->incident(walk->page, in);
    if (!leaves_out_heading(walk))
        draw_heading(walk, in, findings);
    for (i = 0; i < walk->view->num_findings; i++)
        if (walk->view->findings[i].in == in)
            draw_finding(walk, &walk->view->findings[i]);
    if (findings == 0 && walk->view->num_captures == 0 && walk->view->num_evidence > 0)
        draw_facts(walk);
    else if (findings == 0)
        seen_draw(walk->view, in, walk->sink, walk->page);
    if (walk->view->report->all)
        draw_attempts(walk, in);
}

/* ---- the end ---- */

static void draw_problems(const struct walk *walk, const struct view_input *inputs, size_t num,
                          bool *begun)
{
    size_t i, k;

    for (i = 0; i < num; i++)
        for (k = 0; k < inputs[i].num_problems; k++) {
            const struct problem *p = inputs[i].problems[k];
            struct text at = {0};

            if (!*begun)
                begin_section(walk, DOCUMENT_PROBLEMS, "Problems with the files");
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
                             keep(walk, &at));
        }
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
        walk->sink->paragraph(walk->page, keep(walk, &out));
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

    text_put(&out, name_files(walk, in));
    if (view->num_captures > 0 && view->num_evidence > 0) {
        text_put(&out, " with ");
        say_count(&out, (int64_t)view->num_evidence, "evidence file", "evidence files");
    }
    return keep(walk, &out);
}

static void draw_summary(const struct walk *walk)
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
               leaves_out_heading(walk) ? name_all(walk, &view->report->cases[0]) : NULL);
    begin_section(walk, DOCUMENT_SUMMARY, "Summary");
    walk->sink->paragraph(walk->page, keep(walk, &out));
    draw_series(walk);
    draw_clocks(walk);
    walk->sink->end_section(walk->page);
}

static void draw_partial(const struct document_sink *sink, void *page, bool partial)
{
    if (partial)
        sink->paragraph(page, "PARTIAL RESULT: reading was interrupted. What follows is what was "
                              "read until then; the problems at the end say which files are "
                              "missing or cut short.");
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
    draw_partial(sink, page, totals.partial);
    groups_draw(&groups, &arena, sink, page);
    document_section(sink, page, DOCUMENT_SUMMARY, "Summary");
    sink->paragraph(page, text_str(&out));
    sink->end_section(page);
    sink->end(page);
    text_clear(&out);
    groups_clear(&groups);
    arena_clear(&arena);
}

/* What many incidents have in common. */
static void draw_groups(const struct walk *walk)
{
    struct groups groups = {0};

    if (walk->view->report->num_cases < 2)
        return;
    groups_add(&groups, walk->view);
    groups_sort(&groups);
    groups_draw(&groups, &walk->view->arena, walk->sink, walk->page);
    groups_clear(&groups);
}

void document_walk(struct view *view, const struct document_sink *sink, void *page)
{
    struct walk walk = {view, sink, page};
    bool problems = false;
    size_t i;

    sink->begin(page);
    draw_partial(sink, page, view->partial);
    draw_groups(&walk);
    for (i = 0; i < view->report->num_cases; i++)
        draw_case(&walk, &view->report->cases[i]);
    draw_problems(&walk, view->captures, view->num_captures, &problems);
    draw_problems(&walk, view->evidence, view->num_evidence, &problems);
    if (problems)
        sink->end_section(page);
    draw_summary(&walk);
    sink->end(page);
}
