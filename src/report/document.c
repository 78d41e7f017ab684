/* SPDX-License-Identifier: MIT */
#include "report/document.h"

#include <inttypes.h>

#include "report/document_parts.h"
#include "report/groups.h"
#include "report/seen.h"

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

const char *document_keep(const struct walk *walk, struct text *text)
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

void document_begin(const struct walk *walk, enum document_part part, const char *title)
{
    document_section(walk->sink, walk->page, part, title);
}

/* ---- an incident ---- */

const char *document_files(const struct walk *walk, const struct report_case *in)
{
    struct text out = {0};
    size_t i, num = 0;

    for (i = 0; i < walk->view->num_captures; i++)
        if (walk->view->captures[i].log == in->log)
            text_putf(&out, "%s%s", num++ > 0 ? ", " : "", walk->view->captures[i].input->path);
    for (i = 0; walk->view->num_captures == 0 && i < walk->view->num_evidence; i++)
        text_putf(&out, "%s%s", num++ > 0 ? ", " : "", walk->view->evidence[i].input->path);
    return document_keep(walk, &out);
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
    walk->sink->heading(walk->page, document_files(walk, in), document_keep(walk, &out));
}

bool document_leaves_out_heading(const struct walk *walk)
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
            document_begin(walk, DOCUMENT_ATTEMPTS, "All authentications");
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
        walk->sink->item(walk->page, file->input->path, document_keep(walk, &out), "");
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
    if (!document_leaves_out_heading(walk))
        draw_heading(walk, in, findings);
    for (i = 0; i < walk->view->num_findings; i++)
        if (walk->view->findings[i].in == in)
            document_finding(walk, &walk->view->findings[i]);
    if (findings == 0 && walk->view->num_captures == 0 && walk->view->num_evidence > 0)
        draw_facts(walk);
    else if (findings == 0)
        seen_draw(walk->view, in, walk->sink, walk->page);
    if (walk->view->report->all)
        draw_attempts(walk, in);
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

void document_partial(const struct document_sink *sink, void *page, bool partial)
{
    if (partial)
        sink->paragraph(page, "PARTIAL RESULT: not everything was read. What follows is what was; "
                              "the problems at the end say which files are missing or cut short, "
                              "and why.");
}

void document_render(const struct report *report, const struct document_sink *sink, void *page)
{
    struct view view = {0};
    struct walk walk = {&view, sink, page};
    size_t i;

    view_init(&view, report, 0, report->num_cases);
    if (sink->open != NULL)
        sink->open(page, &view);
    sink->begin(page);
    document_partial(sink, page, view.partial);
    draw_groups(&walk);
    for (i = 0; i < report->num_cases; i++)
        draw_case(&walk, &report->cases[i]);
    document_problems(&walk);
    document_summary(&walk);
    sink->end(page);
    view_clear(&view);
}
