/* SPDX-License-Identifier: MIT */
/* A finding, part after part. */
#include <inttypes.h>

#include "cause/cause.h"
#include "report/document_parts.h"

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
    struct say_step *steps;
    struct view_times times;
    size_t num;

    if (shown->first == NULL)
        return;
    num = say_chain(walk->view, shown->first, &steps);
    if (num == 0)
        return;
    say_comments(walk->view, steps, num);
    times = say_times(shown->finding, steps, num);
    document_begin(walk, DOCUMENT_CHAIN, "What happened");
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
    document_begin(walk, part, title);
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
    walk->sink->item(walk->page, document_keep(walk, &lead), all[at].statement.text,
                     say_places(walk->view, shown->in, &all[at].statement));
}

static void draw_others(const struct walk *walk, const struct view_finding *shown)
{
    const struct finding *f = shown->finding;
    struct text open = {0};
    size_t i;

    if (f->num_refuted == 0 && f->num_alternatives == 0)
        return;
    document_begin(walk, DOCUMENT_OTHERS, "Why not something else");
    for (i = 0; i < f->num_refuted; i++)
        draw_refuted(walk, shown, i);
    for (i = 0; i < f->num_alternatives; i++)
        text_putf(&open, "%s%s", i > 0 ? ", " : "", f->alternatives[i]);
    if (f->num_alternatives > 0)
        walk->sink->item(walk->page, "not excluded", document_keep(walk, &open), "");
    walk->sink->end_section(walk->page);
}

static void draw_missing(const struct walk *walk, const struct finding *f)
{
    size_t i;

    if (f->num_missing == 0)
        return;
    document_begin(walk, DOCUMENT_MISSING, "What would settle it");
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
    document_begin(walk, DOCUMENT_REMEDIES,
                   f->num_remedies == 1 ? "What to do" : "What to do (one of these)");
    if (!f->informs && f->confidence == CONFIDENCE_POSSIBLE && f->num_missing > 0)
        walk->sink->paragraph(walk->page, "Not proven: settle it first, then change things.");
    for (i = 0; i < f->num_remedies; i++)
        walk->sink->card(walk->page, f->num_remedies == 1 ? 0 : (int64_t)i + 1, &f->remedies[i]);
    walk->sink->end_section(walk->page);
}

void document_finding(const struct walk *walk, const struct view_finding *shown)
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
    document_begin(walk, DOCUMENT_FILTER, "Wireshark display filter");
    if (of != NULL && of->named)
        walk->sink->paragraph(walk->page,
                              arena_print(&walk->view->arena, "In %s:", of->input->path));
    walk->sink->command(walk->page, shown->filter);
    walk->sink->end_section(walk->page);
}
