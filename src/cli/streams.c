/* SPDX-License-Identifier: MIT */
/* Captures one by one: each is judged with its evidence, written and let go of; with --resume, kept
 * in a file, and not read again when it is there. */
#include "cli/run.h"

#include "base/memory.h"
#include "cli/stream.h"
#include "report/merge_json.h"

/* True for the capture's first file and those that go on with it. */
static bool of_capture(const struct run *run, size_t capture, size_t i)
{
    return i >= capture && run->inputs.at[i].part == i - capture && run->class[i] == CLASS_CAPTURE;
}

/* The capture with its evidence, numbered by themselves, as a document on a line. */
static void put_capture(struct run *run, size_t capture, struct text *line)
{
    struct report_input *inputs = memory_take(run->inputs.num, sizeof(*inputs));
    struct incident incident = {0};
    struct report_case one = {&incident.log, &incident.joined, &incident.findings};
    struct report report = {.inputs = inputs,
                            .cases = &one,
                            .num_cases = 1,
                            .all = run->options->all,
                            .interrupted = run->missed_evidence};
    size_t i, at = 0;

    for (i = 0; i < run->inputs.num; i++)
        if (of_capture(run, capture, i) || run_goes_with(run, i, capture)) {
            struct report_input *to = &inputs[report.num_inputs++];

            to->path = run->inputs.at[i].path;
            to->evidence = !of_capture(run, capture, i);
            to->part = run->inputs.at[i].part;
            to->frames_before = run->inputs.at[i].frames_before;
        }
    for (i = 0; i < run->inputs.num && i != capture; i++)
        at += run_goes_with(run, i, capture);
    incident.log = run->logs[capture];
    memset(&run->logs[capture], 0, sizeof(run->logs[capture]));
    log_renumber(&incident.log, (int64_t)at);
    for (i = at = 0; i < run->inputs.num; i++)
        if (of_capture(run, capture, i))
            at++;
        else if (run_goes_with(run, i, capture))
            log_add(&incident.log, &run->logs[i], (int64_t)at++);
    case_join(&incident.joined, &incident.log);
    judge_case(&incident.findings, &incident.joined);
    report_render(line, report_sink("ndjson"), &report, &run->options->style);
    run->num_findings += report_num_findings(&report);
    findings_clear(&incident.findings);
    case_clear(&incident.joined);
    log_clear(&incident.log);
    memory_drop(inputs);
}

static void finish_capture(struct run *run, size_t index)
{
    struct text line = {0};

    put_capture(run, index, &line);
    run->num_streamed++;
    run->num_usable += !run->lost[index];
    if (run->options->resume != NULL) {
        struct bytes document = {(const uint8_t *)line.at, line.len - 1};

        if (run->keys[index].len > 0 && !run->missed_evidence &&
            !resume_put(&run->resume, &run->keys[index], document))
            pipeline_warn(run->options->resume, "cannot be written to");
        merged_add(&run->merged, document);
    } else {
        text_put(run->out, text_str(&line));
        if (run->options->flush != NULL)
            run->options->flush(run->options->flush_user, run->out);
    }
    text_clear(&line);
}

static void look_at(struct run *run, size_t index)
{
    run_warn(run, index);
    if (run_is_capture(run, index))
        finish_capture(run, index);
    if (run->class[index] != CLASS_EVIDENCE)
        log_clear(&run->logs[index]);
    run->looked_at[index] = true;
}

void streams_advance(struct run *run)
{
    size_t i;

    if (run->delivered < run->first)
        return;
    /* With --resume they are kept in any order. */
    for (i = run->next; i < run->end && (run->options->resume != NULL || run->done[i]); i++)
        if (run->done[i] && !run->looked_at[i])
            look_at(run, i);
    while (run->next < run->inputs.num && run->looked_at[run->next])
        run->next++;
}

/* Adds what a file is known by; nothing for what is none. */
static uint64_t hash_input(uint64_t hash, const struct input *input)
{
    struct text key = {0};

    if (resume_key(&key, input->path, 0))
        hash = map_hash(hash, bytes_of_text(text_str(&key)));
    text_clear(&key);
    return hash;
}

/* What a result depends on beside its capture: the program, its options, the files that it may be
 * continued in, files that may be evidence for it. */
static uint64_t settings_of(const struct run *run, const bool *sure, size_t job)
{
    uint64_t hash = map_hash(MAP_SEED, bytes_of_text(KRBWHY_VERSION));
    size_t i, num = run_num_files(run, job);

    hash = map_hash(hash, bytes_of_text(run->options->all ? "all" : ""));
    for (i = 0; i < num && num > 1; i++)
        hash = hash_input(hash, &run->inputs.at[job + i]);
    for (i = 0; i < run->inputs.num; i++) {
        size_t folder = run->inputs.at[i].folder;

        if (!sure[i] && i != job && (folder == 0 || folder == run->inputs.at[job].folder))
            hash = hash_input(hash, &run->inputs.at[i]);
    }
    return hash;
}

/* How many captures a document is about. */
static size_t count_captures(struct bytes document)
{
    struct merged one = {0};
    size_t num = merged_add(&one, document) ? merge_length(one.at[0].document, "captures") : 0;

    merged_clear(&one);
    return num;
}

/* True for a job that an earlier run has finished: there are documents for all of its files. */
static bool is_finished(struct run *run, const bool *sure, size_t job)
{
    size_t num = run_num_files(run, job), i;
    uint64_t settings;
    struct bytes document;

    if (run->options->resume == NULL)
        return false;
    settings = settings_of(run, sure, job);
    for (i = 0; i < num; i++)
        if (!resume_key(&run->keys[job + i], run->inputs.at[job + i].path, settings))
            return false;
    for (i = 0; i < num; i += num == 1 ? 1 : count_captures(document))
        if (!resume_find(&run->resume, &run->keys[job + i], &document) ||
            (num > 1 && count_captures(document) == 0))
            return false;
    for (i = 0; i < num; i++) {
        if (resume_find(&run->resume, &run->keys[job + i], &document) &&
            merged_add(&run->merged, document)) {
            run->num_streamed++;
            run->num_usable++;
        } else if (i == 0) {
            return false;
        }
    }
    for (i = 0; i < num; i++)
        run->done[job + i] = run->looked_at[job + i] = true;
    return true;
}

/* In which order inputs are read, and which need not be. */
void streams_plan(struct run *run)
{
    size_t i, num = run->inputs.num;
    bool *sure = memory_take(num, sizeof(*sure));
    int pass;

    run->class = memory_take(num, sizeof(*run->class));
    run->lost = memory_take(num, sizeof(*run->lost));
    run->done = memory_take(num, sizeof(*run->done));
    run->looked_at = memory_take(num, sizeof(*run->looked_at));
    run->keys = memory_take(num, sizeof(*run->keys));
    run->order = memory_take(num, sizeof(*run->order));
    for (i = 0; i < num; i++)
        sure[i] = run->streams && stream_is_capture(run->inputs.at[i].path);
    for (i = 0; i < num; i += run_num_files(run, i))
        is_finished(run, sure, i);
    for (pass = 0; pass < 2; pass++) {
        for (i = 0; i < num; i++)
            if (!run->done[i] && run->inputs.at[i].follows == 0 && sure[i] == (pass == 1))
                run->order[run->num_jobs++] = i;
        if (pass == 0)
            run->first = run->num_jobs;
    }
    memory_drop(sure);
}

int streams_finish(struct run *run)
{
    if (run->options->resume != NULL) {
        merged_sort(&run->merged);
        merged_render(&run->merged, run->options->sink->name, run->out, &run->options->style);
        run->num_findings = merged_num_findings(&run->merged);
    }
    return run->num_usable == 0    ? EXIT_UNUSABLE
           : run->num_findings > 0 ? EXIT_FINDINGS
                                   : EXIT_NOTHING_WRONG;
}

/* Only what is printed a capture a line, or kept that way, can be let go of early. */
bool streams_can(const struct pipeline_options *options)
{
    if (options->one_case || options->events || options->compare || options->collect != NULL ||
        options->annotate != NULL || options->extract != NULL)
        return false;
    return options->resume != NULL || strcmp(options->sink->name, "ndjson") == 0;
}
