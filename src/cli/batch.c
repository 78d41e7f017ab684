/* SPDX-License-Identifier: MIT */
/* Everything that was read becomes cases, which are judged, and one report. */
#include "base/memory.h"
#include "cli/copy.h"
#include "cli/run.h"
#include "report/collect.h"
#include "report/compare.h"

/* What was read becomes the incident's. */
static void take_log(struct run *run, struct incident *incident, size_t index)
{
    incident->log = run->logs[index];
    memset(&run->logs[index], 0, sizeof(run->logs[index]));
}

static void judge(struct run *run, struct incident *incident)
{
    case_join(&incident->joined, &incident->log);
    judge_case(&incident->findings, &incident->joined);
    run->num_incidents++;
}

static void build_one_case(struct run *run)
{
    size_t i;

    run->incidents = memory_take(1, sizeof(*run->incidents));
    if (run_in_turn(run))
        take_log(run, &run->incidents[0], 0);
    for (i = 0; i < run->inputs.num && !run_in_turn(run); i++)
        log_add(&run->incidents[0].log, &run->logs[i], (int64_t)i);
    judge(run, &run->incidents[0]);
}

static void build_cases(struct run *run)
{
    size_t captures = 0, i, k;

    for (i = 0; i < run->inputs.num; i++)
        captures += run_is_capture(run, i);
    if (run->options->one_case || captures == 0) {
        build_one_case(run);
        return;
    }
    run->incidents = memory_take(captures, sizeof(*run->incidents));
    for (i = 0; i < run->inputs.num; i++) {
        struct incident *incident = &run->incidents[run->num_incidents];

        if (!run_is_capture(run, i))
            continue;
        take_log(run, incident, i);
        for (k = 0; k < run->inputs.num; k++)
            if (run_goes_with(run, k, i))
                log_add(&incident->log, &run->logs[k], (int64_t)k);
        judge(run, incident);
    }
}

/* Writes what was asked for; returns the exit status. */
static int render(struct run *run, const struct report *report, struct text *out)
{
    const struct pipeline_options *options = run->options;
    size_t i;

    if (options->collect != NULL) {
        collect_render(out, options->collect, report);
        return EXIT_NOTHING_WRONG;
    }
    if (options->compare && report->num_cases != 2) {
        pipeline_warn("--compare", "needs two captures: BEFORE and AFTER");
        return EXIT_UNUSABLE;
    }
    if (options->compare)
        return compare_render(out, report) ? EXIT_NOTHING_WRONG : EXIT_FINDINGS;
    if (!options->events) {
        report_render(out, options->sink, report, &options->style);
        return report_num_findings(report) > 0 ? EXIT_FINDINGS : EXIT_NOTHING_WRONG;
    }
    for (i = 0; i < run->inputs.num; i++) {
        events_render(out, report->inputs, report->num_inputs, &run->logs[i], true);
        log_clear(&run->logs[i]);
    }
    return EXIT_NOTHING_WRONG;
}

/* The one capture that can be written anew; SIZE_MAX, with a line on stderr, when there is another
 * number of them. */
static size_t find_single(const struct run *run)
{
    size_t i, found = SIZE_MAX;
    const char *option = run->options->annotate != NULL ? "--annotate" : "--extract";

    for (i = 0; i < run->inputs.num; i++) {
        if (!run_is_capture(run, i))
            continue;
        if (found != SIZE_MAX) {
            pipeline_warn(option, "writes one capture anew; name one at a time");
            return SIZE_MAX;
        }
        found = i;
    }
    if (found == SIZE_MAX)
        pipeline_warn(option, "there is no capture among the inputs");
    return found;
}

static bool write_copies(const struct run *run, const struct report *report)
{
    const struct pipeline_options *options = run->options;
    struct copy copy = {.redact = options->redact, .no_sandbox = options->no_sandbox};
    size_t input = find_single(run);
    struct plan plan = {0};
    const char **paths;
    size_t i;
    bool written;

    if (input == SIZE_MAX)
        return false;
    paths = memory_take(run->inputs.num, sizeof(*paths));
    plan_init(&plan, report, (int64_t)input);
    copy.plan = &plan;
    for (i = input; i < run->inputs.num && (i == input || run->inputs.at[i].part == i - input); i++)
        paths[copy.num_paths++] = run->inputs.at[i].path;
    copy.paths = paths;
    copy.extract = false;
    copy.output = options->annotate;
    written = copy.output == NULL || copy_write(&copy);
    copy.extract = true;
    copy.output = options->extract;
    written = (copy.output == NULL || copy_write(&copy)) && written;
    plan_clear(&plan);
    memory_drop(paths);
    return written;
}

/* A copy of a capture that was read in part would look like one of the whole. */
static void skip_copies(const struct run *run)
{
    struct output *const outputs[] = {run->options->annotate, run->options->extract};
    size_t i;

    for (i = 0; i < 2; i++)
        if (outputs[i] != NULL) {
            outputs[i]->skip = true;
            pipeline_warn(outputs[i]->option, "not written: the run was interrupted");
        }
}

static int report(struct run *run, struct text *out)
{
    struct report_input *inputs = memory_take(run->inputs.num, sizeof(*inputs));
    struct report_case *cases = memory_take(run->num_incidents, sizeof(*cases));
    struct report report = {inputs,
                            run->inputs.num,
                            cases,
                            run->num_incidents,
                            run->options->all,
                            run->num_cut_short > 0};
    size_t i, usable = 0;
    int status;

    for (i = 0; i < run->inputs.num; i++) {
        inputs[i].path = run->inputs.at[i].path;
        inputs[i].evidence = run->class[i] == CLASS_EVIDENCE;
        inputs[i].ignored = run->class[i] == CLASS_IGNORED;
        inputs[i].part = run->inputs.at[i].part;
        inputs[i].frames_before = run->inputs.at[i].frames_before;
        usable += !inputs[i].ignored && !run->lost[i];
    }
    for (i = 0; i < run->num_incidents; i++) {
        cases[i].log = &run->incidents[i].log;
        cases[i].joined = &run->incidents[i].joined;
        cases[i].findings = &run->incidents[i].findings;
    }
    status = usable == 0 ? EXIT_UNUSABLE : render(run, &report, out);
    if ((run->options->annotate != NULL || run->options->extract != NULL) && usable > 0) {
        if (run->num_cut_short > 0)
            skip_copies(run);
        else if (!write_copies(run, &report))
            status = EXIT_UNUSABLE;
    }
    memory_drop(inputs);
    memory_drop(cases);
    return status;
}

int batch_finish(struct run *run, struct text *out)
{
    if (!run->options->events)
        build_cases(run);
    return report(run, out);
}

void batch_clear(struct run *run)
{
    size_t i;

    for (i = 0; i < run->num_incidents; i++) {
        findings_clear(&run->incidents[i].findings);
        case_clear(&run->incidents[i].joined);
        log_clear(&run->incidents[i].log);
    }
    memory_drop(run->incidents);
}
