/* SPDX-License-Identifier: MIT */
#include "report/view.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/clock.h"
#include "report/view_filter.h"

const char *view_outcome(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_SUCCEEDED:
        return "succeeded";
    case OUTCOME_FAILED:
        return "failed";
    case OUTCOME_FELL_BACK:
        return "fell-back";
    case OUTCOME_UNKNOWN:
        break;
    }
    return "unknown";
}

struct report_place view_place(const struct view *view, const struct observation *o)
{
    return o == NULL ? (struct report_place){SIZE_MAX, 0}
                     : report_place(view->report->inputs, view->report->num_inputs, &o->source);
}

struct view_source view_source(const struct view *view, const struct log *log, int64_t observation)
{
    struct view_source out = {.set = false};
    const struct observation *o = log_find(log, observation);
    struct report_place place = view_place(view, o);

    out.input = place.input == SIZE_MAX ? NULL : view->by_input[place.input];
    if (out.input == NULL)
        return out;
    out.set = true;
    out.place = out.input->input->evidence ? o->source.line : place.frame;
    out.frame = o->source.frame;
    out.time_ns = o->source.time_ns;
    return out;
}

/* ---- inputs ---- */

/* Every input that will have a number, whether anything of it is in the cases or not. */
static void number_inputs(struct view *view, const bool *occurs)
{
    const struct report *report = view->report;
    size_t i;

    for (i = 0; i < report->num_inputs; i++) {
        const struct report_input *input = &report->inputs[i];
        struct view_input *to = input->evidence ? &view->evidence[view->num_evidence]
                                                : &view->captures[view->num_captures];

        if (input->ignored || !occurs[i])
            continue;
        to->input = input;
        to->kind = input->kind;
        to->facts = (int64_t)input->num_facts;
        to->number = (int64_t)(input->evidence ? view->num_evidence++ : view->num_captures++);
        view->by_input[i] = to;
    }
}

/* Where an observation's input is shown, if this case is the one that tells about it: evidence may
 * be in many cases. */
static struct view_input *input_of(const struct view *view, const struct report_case *in,
                                   const struct observation *o)
{
    size_t input = view_place(view, o).input;
    struct view_input *to;

    if (input == SIZE_MAX)
        return NULL;
    to = view->by_input[input];
    if (to != NULL && to->log == NULL) {
        to->log = in->log;
        to->joined = in->joined;
    }
    return to != NULL && to->log == in->log ? to : NULL;
}

/* Fills in what the log says of the files themselves. */
static void describe_inputs(struct view *view, const struct report_case *in)
{
    size_t i;

    for (i = 0; i < in->log->num; i++) {
        const struct observation *o = &in->log->at[i];
        struct view_input *to = input_of(view, in, o);

        if (to == NULL)
            continue;
        if (o->kind == KIND_problem)
            to->num_problems++;
        if (o->kind == KIND_frame_comment)
            to->num_comments++;
        if (o->kind == KIND_capture_file)
            to->file = o->capture_file;
        if (o->kind != KIND_evidence_file)
            continue;
        if (to->kind == NULL)
            to->kind = o->evidence_file->kind;
        if (to->facts == 0)
            to->facts = o->evidence_file->facts;
    }
}

/* With the frame as its file counts. */
static const struct problem *local_problem(struct view *view, const struct report_input *input,
                                           const struct problem *problem)
{
    struct problem *local;

    if (input->frames_before == 0 || !problem->at_frame.set ||
        problem->at_frame.value <= input->frames_before)
        return problem;
    local = arena_take(&view->arena, 1, sizeof(*local));
    *local = *problem;
    local->at_frame.value -= input->frames_before;
    return local;
}

static void collect_comments(struct view *view, const struct report_case *in)
{
    size_t i;

    for (i = 0; i < in->log->num; i++) {
        const struct observation *o = &in->log->at[i];
        struct view_input *to = o->kind == KIND_frame_comment ? input_of(view, in, o) : NULL;

        if (to == NULL)
            continue;
        if (to->comments == NULL) {
            to->comments = arena_take(&view->arena, to->num_comments, sizeof(void *));
            to->num_comments = 0;
        }
        to->comments[to->num_comments++] = o;
    }
}

static void collect_problems(struct view *view, const struct report_case *in)
{
    size_t i;

    for (i = 0; i < in->log->num; i++) {
        const struct observation *o = &in->log->at[i];
        struct view_input *to = o->kind == KIND_problem ? input_of(view, in, o) : NULL;

        if (to == NULL)
            continue;
        if (to->problems == NULL) {
            to->problems = arena_take(&view->arena, to->num_problems, sizeof(void *));
            to->num_problems = 0;
        }
        view->partial |=
            o->problem->code != NULL && (strcmp(o->problem->code, "interrupted") == 0 ||
                                         strcmp(o->problem->code, "worker") == 0);
        to->problems[to->num_problems++] = local_problem(view, to->input, o->problem);
    }
}

static void add_inputs(struct view *view, const struct report_case *cases, size_t num_cases)
{
    const struct report *report = view->report;
    bool *occurs = arena_take(&view->arena, report->num_inputs, sizeof(*occurs));
    struct log_room room = {.arena = {0}};
    size_t i, c;
    int64_t id;

    memset(occurs, num_cases == report->num_cases, report->num_inputs * sizeof(*occurs));
    for (c = 0; c < num_cases; c++)
        for (id = 1; id <= cases[c].log->last; id++) {
            const struct source *source = log_look_source(cases[c].log, id, &room);
            size_t input = source == NULL
                               ? SIZE_MAX
                               : report_place(report->inputs, report->num_inputs, source).input;

            if (input != SIZE_MAX)
                occurs[input] = true;
        }
    log_leave(&room);
    view->captures = arena_take(&view->arena, report->num_inputs, sizeof(*view->captures));
    view->evidence = arena_take(&view->arena, report->num_inputs, sizeof(*view->evidence));
    view->by_input = arena_take(&view->arena, report->num_inputs, sizeof(void *));
    number_inputs(view, occurs);
    for (c = 0; c < num_cases; c++)
        describe_inputs(view, &cases[c]);
    for (c = 0; c < num_cases; c++) {
        collect_problems(view, &cases[c]);
        collect_comments(view, &cases[c]);
    }
    for (i = 0; i < report->num_inputs; i++)
        if (view->by_input[i] != NULL && !report->inputs[i].evidence)
            clock_find(view->by_input[i], (int64_t)(i - report->inputs[i].part));
    for (i = 1; i < view->num_captures; i++) /* the captures of a case stand side by side */
        if (view->captures[i].log != NULL && view->captures[i].log == view->captures[i - 1].log)
            view->captures[i].named = view->captures[i - 1].named = true;
}

/* ---- attempts and findings ---- */

static void count_cause(struct view *view, const char *cause)
{
    size_t i;

    for (i = 0; i < view->num_by_cause; i++)
        if (strcmp(view->by_cause[i].cause, cause) == 0)
            break;
    if (i == view->num_by_cause)
        view->by_cause[view->num_by_cause++].cause = cause;
    view->by_cause[i].num++;
}

static bool shows(const struct view *view, const struct finding *finding)
{
    return view->report->all || !finding->informs;
}

/* The ids of the case's attempts that a shown finding names; highest is the highest of all. */
static bool *named_attempts(struct view *view, const struct report_case *in, int64_t highest)
{
    bool *named = arena_take(&view->arena, (size_t)highest + 1, sizeof(*named));
    size_t i, k;

    for (i = 0; i < in->findings->num; i++) {
        const struct finding *f = &in->findings->at[i];

        for (k = 0; shows(view, f) && k < f->num_attempts; k++)
            if (f->attempts[k] > 0 && f->attempts[k] <= highest)
                named[f->attempts[k]] = true;
    }
    return named;
}

/* Attempts that only informing findings name: what is normal, or was made good at once, is no
 * failure. */
static bool *normal_attempts(struct view *view, const struct report_case *in, int64_t highest)
{
    bool *normal = arena_take(&view->arena, (size_t)highest + 1, sizeof(*normal));
    int pass;
    size_t i, k;

    for (pass = 0; pass < 2; pass++)
        for (i = 0; i < in->findings->num; i++) {
            const struct finding *f = &in->findings->at[i];

            for (k = 0; f->informs == (pass == 0) && k < f->num_attempts; k++)
                if (f->attempts[k] > 0 && f->attempts[k] <= highest)
                    normal[f->attempts[k]] = pass == 0;
        }
    return normal;
}

/* Appends the case's attempts; returns the highest id of them. `base` is added to each. */
static int64_t add_attempts(struct view *view, const struct report_case *in, int64_t base)
{
    int64_t highest = 0;
    bool *named, *normal;
    size_t i;

    for (i = 0; i < in->joined->num_attempts; i++)
        if (in->joined->attempts[i].id > highest)
            highest = in->joined->attempts[i].id;
    named = named_attempts(view, in, highest);
    normal = normal_attempts(view, in, highest);
    for (i = 0; i < in->joined->num_attempts; i++) {
        const struct attempt *attempt = &in->joined->attempts[i];

        view->total_attempts++;
        if ((attempt->outcome == OUTCOME_FAILED || attempt->outcome == OUTCOME_FELL_BACK) &&
            !normal[attempt->id])
            view->failed++;
        if (view->report->all || named[attempt->id]) {
            struct view_attempt *to = &view->attempts[view->num_attempts++];

            to->id = base + attempt->id;
            to->in = in;
            to->attempt = attempt;
        }
    }
    return highest;
}

static void add_finding(struct view *view, const struct report_case *in,
                        const struct finding *finding, int64_t base)
{
    struct view_finding *to = &view->findings[view->num_findings++];
    int64_t *ids = arena_take(&view->arena, finding->num_attempts, sizeof(*ids));
    size_t i;

    to->id = (int64_t)view->num_findings;
    to->in = in;
    to->finding = finding;
    for (i = 0; i < finding->num_attempts; i++)
        ids[i] = base + finding->attempts[i];
    to->attempts = ids;
    to->num_attempts = finding->num_attempts;
    for (i = 0; i < view->num_attempts && to->num_attempts > 0; i++)
        if (view->attempts[i].id == ids[0])
            to->first = &view->attempts[i];
    to->filter = view_make_filter(view, to);
    count_cause(view, finding->cause);
}

void view_init(struct view *view, const struct report *report, size_t first, size_t num)
{
    const struct report_case *cases = report->cases + first;
    size_t i, k, attempts = 0, findings = 0;
    int64_t base = 0;

    view->report = report;
    view->partial = report->interrupted;
    add_inputs(view, cases, num);
    for (i = 0; i < num; i++) {
        attempts += cases[i].joined->num_attempts;
        findings += cases[i].findings->num;
    }
    view->attempts = arena_take(&view->arena, attempts, sizeof(*view->attempts));
    view->findings = arena_take(&view->arena, findings, sizeof(*view->findings));
    view->by_cause = arena_take(&view->arena, findings, sizeof(*view->by_cause));
    for (i = 0; i < num; i++) {
        int64_t highest = add_attempts(view, &cases[i], base);

        for (k = 0; k < cases[i].findings->num; k++)
            if (shows(view, &cases[i].findings->at[k]))
                add_finding(view, &cases[i], &cases[i].findings->at[k], base);
        base += highest;
    }
}

const struct view_input *view_finding_capture(const struct view *view,
                                              const struct view_finding *shown)
{
    size_t input = view_filter_input(view, shown), i;

    if (input != SIZE_MAX && input < view->report->num_inputs) {
        const struct view_input *found = view->by_input[input];

        if (found != NULL && !found->input->evidence)
            return found;
    }
    for (i = 0; i < view->num_captures; i++)
        if (view->captures[i].log == shown->in->log)
            return &view->captures[i];
    return NULL;
}

const char *view_finding_path(const struct view *view, const struct view_finding *shown)
{
    const struct view_input *capture = view_finding_capture(view, shown);

    return capture == NULL ? "" : capture->input->path;
}

void view_clear(struct view *view)
{
    arena_clear(&view->arena);
    memset(view, 0, sizeof(*view));
}
