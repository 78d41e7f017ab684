/* SPDX-License-Identifier: MIT */
#include "cli/pipeline.h"

#include <stdio.h>
#include <sys/stat.h>

#include "asn1/keyring.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/reader.h"
#include "cli/copy.h"
#include "cli/inputs.h"
#include "cli/progress.h"
#include "cli/resume.h"
#include "cli/stream.h"
#include "cli/worker.h"
#include "evidence/evidence.h"
#include "report/collect.h"
#include "report/compare.h"
#include "report/merge.h"

/* What an input turned out to be. */
enum input_class { CLASS_IGNORED, CLASS_CAPTURE, CLASS_EVIDENCE };

/* One incident under way. */
struct incident {
    struct log log;
    struct joined_case joined;
    struct findings findings;
};

struct run {
    const struct pipeline_options *options;
    struct inputs inputs;
    struct text *raw; /* per input: its observations, encoded */
    enum input_class *class;
    struct incident *incidents;
    size_t num_incidents;
    /* Captures that are judged and printed one by one (streams): */
    bool streams;
    size_t *order;          /* of reading: what may be evidence first */
    size_t num_jobs, first; /* inputs to be read; of them, those that may be evidence */
    size_t delivered, next; /* results so far; the first input that was not looked at yet */
    bool *done;             /* per input */
    struct text *keys;      /* per input: of --resume; empty: not to be kept */
    size_t num_streamed, num_usable, num_findings;
    struct resume resume;
    struct merged merged; /* with --resume: what is finished */
    struct text *out;
    struct progress progress;
    bool *lost; /* per input: its worker died and left nothing */
    bool warned_unconfined;
};

void pipeline_warn(const char *subject, const char *message)
{
    struct text line = {0};

    text_put(&line, "krbwhy: ");
    text_put_plain(&line, strcmp(subject, "-") == 0 ? "standard input" : subject);
    text_put(&line, ": ");
    text_put_plain(&line, message);
    text_put(&line, "\n");
    fputs(text_str(&line), stderr);
    text_clear(&line);
}

/* The first octet of a record is its kind: enough to see what the input was. */
static enum input_class classify(struct bytes raw)
{
    struct reader reader;

    reader_init(&reader, raw, true);
    while (reader_left(&reader) > 4) {
        struct reader body = reader_child(&reader, reader_be32(&reader));
        int kind = reader_peek(&body);

        if (kind == KIND_capture_file)
            return CLASS_CAPTURE;
        if (kind == KIND_evidence_file)
            return CLASS_EVIDENCE;
    }
    return CLASS_IGNORED;
}

static void advance(struct run *run);

/* Bytes of a file; 0 for what is none. */
static int64_t size_of(const char *path)
{
    struct stat is;

    return stat(path, &is) == 0 && S_ISREG(is.st_mode) ? is.st_size : 0;
}

static void take_result(void *user, size_t job, const struct job_result *result)
{
    struct run *run = user;
    size_t index = run->order[job];
    const char *path = run->inputs.at[index].path;

    progress_clear(&run->progress); /* there may be warnings */
    text_put_bytes(&run->raw[index], result->raw);
    run->lost[index] = result->failure != NULL && result->raw.len == 0;
    run->class[index] = classify(result->raw);
    if (result->failure != NULL)
        pipeline_warn(path, result->failure);
    if (result->unconfined && !run->warned_unconfined) {
        run->warned_unconfined = true;
        pipeline_warn("sandbox", "this system does not allow it; files are read without");
    }
    /* What a dead worker saw before it died still counts. */
    if (result->failure != NULL && !result->unreadable && run->class[index] == CLASS_IGNORED)
        run->class[index] = CLASS_CAPTURE;
    if (result->failure != NULL)
        text_clear(&run->keys[index]); /* worth another try */
    run->done[index] = true;
    run->delivered++;
    if (run->streams)
        advance(run);
    progress_add(&run->progress, size_of(path), run->num_findings);
}

/* Keytabs are read before any hostile input. A bad one is a warning; keys of the others are tried.
 */
static struct keyring *read_keytabs(const struct pipeline_options *options)
{
    struct keyring *ring = options->num_keytabs == 0 ? NULL : keyring_open();
    struct arena arena = {0};
    size_t i;

    if (options->num_keytabs > 0 && ring == NULL)
        pipeline_warn(options->keytabs[0],
                      "the Kerberos library cannot be initialised; no keys are tried");
    for (i = 0; ring != NULL && i < options->num_keytabs; i++) {
        const char *problem = keyring_add(ring, &arena, options->keytabs[i]);

        if (problem != NULL)
            pipeline_warn(options->keytabs[i], problem);
    }
    arena_clear(&arena);
    return ring;
}

static void read_inputs(struct run *run)
{
    size_t i, num = run->inputs.num;
    int64_t bytes = 0;
    struct keyring *ring = read_keytabs(run->options);
    struct worker_setup setup = {.keyring = ring,
                                 .converters = converters_open(),
                                 .reassembly_bytes = run->options->reassembly_bytes,
                                 .jobs = run->options->jobs,
                                 .no_sandbox = run->options->no_sandbox};
    struct job *jobs = memory_take(num, sizeof(*jobs));

    for (i = 0; i < run->num_jobs; i++)
        jobs[i].path = run->inputs.at[run->order[i]].path;
    for (i = 0; i < run->num_jobs; i++)
        bytes += size_of(jobs[i].path);
    progress_init(&run->progress, run->num_jobs, bytes);
    worker_run(&setup, jobs, run->num_jobs, take_result, run);
    progress_clear(&run->progress);
    converters_close(setup.converters);
    keyring_close(ring);
    memory_drop(jobs);
}

static void decode_as(struct run *run, struct log *log, size_t index, size_t number)
{
    struct bytes raw = {(const uint8_t *)run->raw[index].at, run->raw[index].len};
    const char *problem;

    if (!worker_decode(log, (int64_t)number, raw, &problem))
        pipeline_warn(run->inputs.at[index].path, problem);
}

static void decode_input(struct run *run, struct log *log, size_t index)
{
    decode_as(run, log, index, index);
}

/* Evidence named on the command line goes with every capture; evidence found in a folder, with the
 * captures of that folder. */
static bool goes_with(const struct run *run, size_t evidence, size_t capture)
{
    size_t folder = run->inputs.at[evidence].folder;

    return run->class[evidence] == CLASS_EVIDENCE &&
           (folder == 0 || folder == run->inputs.at[capture].folder);
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
    for (i = 0; i < run->inputs.num; i++)
        decode_input(run, &run->incidents[0].log, i);
    judge(run, &run->incidents[0]);
}

static void build_cases(struct run *run)
{
    size_t captures = 0, i, k;

    for (i = 0; i < run->inputs.num; i++)
        captures += run->class[i] == CLASS_CAPTURE;
    if (run->options->one_case || captures == 0) {
        build_one_case(run);
        return;
    }
    run->incidents = memory_take(captures, sizeof(*run->incidents));
    for (i = 0; i < run->inputs.num; i++) {
        struct incident *incident = &run->incidents[run->num_incidents];

        if (run->class[i] != CLASS_CAPTURE)
            continue;
        decode_input(run, &incident->log, i);
        for (k = 0; k < run->inputs.num; k++)
            if (goes_with(run, k, i))
                decode_input(run, &incident->log, k);
        judge(run, incident);
    }
}

static void warn_problem(const char *path, const struct problem *problem)
{
    struct text line = {0};

    if (problem->at_frame.set)
        text_putf(&line, "frame %lld: ", (long long)problem->at_frame.value);
    if (problem->offset.set)
        text_putf(&line, "offset %lld: ", (long long)problem->offset.value);
    text_put(&line, problem->message == NULL ? problem->code : problem->message);
    pipeline_warn(path, text_str(&line));
    text_clear(&line);
}

/* Decodes only the records of one kind: most inputs are read for their problems alone. */
static void decode_problems(struct run *run, struct log *log, size_t index)
{
    struct reader reader;

    reader_init(&reader, (struct bytes){(const uint8_t *)run->raw[index].at, run->raw[index].len},
                true);
    while (reader_left(&reader) > 4) {
        struct reader body = reader_child(&reader, reader_be32(&reader));

        if (reader_ok(&reader) && reader_peek(&body) == KIND_problem)
            (void)log_decode(log, &body); /* damage is said where the whole is decoded */
    }
}

static void warn_of_input(struct run *run, size_t index)
{
    struct log log = {0};
    size_t i;

    decode_problems(run, &log, index);
    for (i = 0; i < log.num && i < LIMIT_WARNINGS; i++)
        warn_problem(run->inputs.at[index].path, log.at[i].problem);
    if (log.num > LIMIT_WARNINGS) {
        struct text line = {0};

        text_putf(&line, "%zu more problems; the report lists them", log.num - LIMIT_WARNINGS);
        pipeline_warn(run->inputs.at[index].path, text_str(&line));
        text_clear(&line);
    }
    log_clear(&log);
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
        struct log log = {0};

        decode_input(run, &log, i);
        events_render(out, report->inputs, report->num_inputs, &log, true);
        log_clear(&log);
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
        if (run->class[i] != CLASS_CAPTURE)
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
    bool written;

    if (input == SIZE_MAX)
        return false;
    plan_init(&plan, report, (int64_t)input);
    copy.plan = &plan;
    copy.path = run->inputs.at[input].path;
    copy.extract = false;
    copy.output = options->annotate;
    written = copy.output == NULL || copy_write(&copy);
    copy.extract = true;
    copy.output = options->extract;
    written = (copy.output == NULL || copy_write(&copy)) && written;
    plan_clear(&plan);
    return written;
}

static int report_run(struct run *run, struct text *out)
{
    struct report_input *inputs = memory_take(run->inputs.num, sizeof(*inputs));
    struct report_case *cases = memory_take(run->num_incidents, sizeof(*cases));
    struct report report = {inputs, run->inputs.num, cases, run->num_incidents, run->options->all};
    size_t i, usable = 0;
    int status;

    for (i = 0; i < run->inputs.num; i++) {
        inputs[i].path = run->inputs.at[i].path;
        inputs[i].evidence = run->class[i] == CLASS_EVIDENCE;
        inputs[i].ignored = run->class[i] == CLASS_IGNORED;
        usable += !inputs[i].ignored && !run->lost[i];
    }
    for (i = 0; i < run->num_incidents; i++) {
        cases[i].log = &run->incidents[i].log;
        cases[i].joined = &run->incidents[i].joined;
        cases[i].findings = &run->incidents[i].findings;
    }
    status = usable == 0 ? EXIT_UNUSABLE : render(run, &report, out);
    if ((run->options->annotate != NULL || run->options->extract != NULL) && usable > 0 &&
        !write_copies(run, &report))
        status = EXIT_UNUSABLE;
    memory_drop(inputs);
    memory_drop(cases);
    return status;
}

static void clear_run(struct run *run)
{
    size_t i;

    for (i = 0; i < run->num_incidents; i++) {
        findings_clear(&run->incidents[i].findings);
        case_clear(&run->incidents[i].joined);
        log_clear(&run->incidents[i].log);
    }
    for (i = 0; i < run->inputs.num; i++)
        text_clear(&run->raw[i]);
    for (i = 0; i < run->inputs.num; i++)
        text_clear(&run->keys[i]);
    memory_drop(run->keys);
    memory_drop(run->done);
    memory_drop(run->order);
    resume_close(&run->resume);
    merged_clear(&run->merged);
    memory_drop(run->incidents);
    memory_drop(run->raw);
    memory_drop(run->class);
    memory_drop(run->lost);
    inputs_clear(&run->inputs);
}

/* ---- one by one ---- */

/* The capture with its evidence, numbered by themselves, as a document on a line. */
static void put_capture(struct run *run, size_t capture, struct text *line)
{
    struct report_input *inputs = memory_take(run->inputs.num, sizeof(*inputs));
    struct incident incident = {0};
    struct report_case one = {&incident.log, &incident.joined, &incident.findings};
    struct report report = {
        .inputs = inputs, .cases = &one, .num_cases = 1, .all = run->options->all};
    size_t i, at = 0;

    for (i = 0; i < run->inputs.num; i++)
        if (i == capture || goes_with(run, i, capture)) {
            inputs[report.num_inputs].path = run->inputs.at[i].path;
            inputs[report.num_inputs++].evidence = i != capture;
        }
    for (i = 0; i < run->inputs.num && i != capture; i++)
        at += goes_with(run, i, capture);
    decode_as(run, &incident.log, capture, at);
    for (i = at = 0; i < run->inputs.num; i++)
        if (i == capture)
            at++;
        else if (goes_with(run, i, capture))
            decode_as(run, &incident.log, i, at++);
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

        if (run->keys[index].len > 0 && !resume_put(&run->resume, &run->keys[index], document))
            pipeline_warn(run->options->resume, "cannot be written to");
        merged_add(&run->merged, document);
    } else {
        text_put(run->out, text_str(&line));
        if (run->options->flush != NULL)
            run->options->flush(run->options->flush_user, run->out);
    }
    text_clear(&line);
}

/* Looks at every input whose turn has come, once all that may be evidence is here. */
static void advance(struct run *run)
{
    while (run->delivered >= run->first && run->next < run->inputs.num && run->done[run->next]) {
        size_t index = run->next++;

        warn_of_input(run, index);
        if (run->class[index] == CLASS_CAPTURE)
            finish_capture(run, index);
        if (run->class[index] != CLASS_EVIDENCE)
            text_clear(&run->raw[index]);
    }
}

/* What a result depends on beside its capture: the program, its options, files that may be evidence
 * for it. */
static uint64_t settings_of(const struct run *run, const bool *sure, size_t capture)
{
    uint64_t hash = map_hash(MAP_SEED, bytes_of_text(KRBWHY_VERSION));
    size_t i;

    hash = map_hash(hash, bytes_of_text(run->options->all ? "all" : ""));
    for (i = 0; i < run->inputs.num; i++) {
        size_t folder = run->inputs.at[i].folder;
        struct text key = {0};

        if (!sure[i] && i != capture && (folder == 0 || folder == run->inputs.at[capture].folder) &&
            resume_key(&key, run->inputs.at[i].path, 0))
            hash = map_hash(hash, bytes_of_text(text_str(&key)));
        text_clear(&key);
    }
    return hash;
}

/* True for a capture that an earlier run has finished. */
static bool is_finished(struct run *run, const bool *sure, size_t i)
{
    struct bytes document;

    if (run->options->resume == NULL ||
        !resume_key(&run->keys[i], run->inputs.at[i].path, settings_of(run, sure, i)) ||
        !resume_find(&run->resume, &run->keys[i], &document) || !merged_add(&run->merged, document))
        return false;
    run->done[i] = true;
    run->num_streamed++;
    run->num_usable++;
    return true;
}

/* In which order inputs are read, and which need not be. */
static void plan_reading(struct run *run)
{
    size_t i, num = run->inputs.num;
    bool *sure = memory_take(num, sizeof(*sure));
    int pass;

    run->raw = memory_take(num, sizeof(*run->raw));
    run->class = memory_take(num, sizeof(*run->class));
    run->lost = memory_take(num, sizeof(*run->lost));
    run->done = memory_take(num, sizeof(*run->done));
    run->keys = memory_take(num, sizeof(*run->keys));
    run->order = memory_take(num, sizeof(*run->order));
    for (i = 0; i < num; i++)
        sure[i] = run->streams && stream_is_capture(run->inputs.at[i].path);
    for (i = 0; i < num; i++)
        is_finished(run, sure, i);
    for (pass = 0; pass < 2; pass++) {
        for (i = 0; i < num; i++)
            if (!run->done[i] && sure[i] == (pass == 1))
                run->order[run->num_jobs++] = i;
        if (pass == 0)
            run->first = run->num_jobs;
    }
    memory_drop(sure);
}

static int finish_stream(struct run *run)
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
static bool can_stream(const struct pipeline_options *options)
{
    if (options->one_case || options->events || options->compare || options->collect != NULL ||
        options->annotate != NULL || options->extract != NULL)
        return false;
    return options->resume != NULL || strcmp(options->sink->name, "ndjson") == 0;
}

int pipeline_run(const struct pipeline_options *options, struct text *out)
{
    struct run run = {.options = options, .out = out, .streams = can_stream(options)};
    struct text error = {0};
    size_t i;
    int status;

    if (options->resume != NULL && !resume_open(&run.resume, options->resume, &error)) {
        fprintf(stderr, "krbwhy: %s\n", text_str(&error));
        text_clear(&error);
        resume_close(&run.resume);
        return EXIT_UNUSABLE;
    }
    for (i = 0; i < options->num_paths; i++)
        inputs_add(&run.inputs, options->paths[i], pipeline_warn);
    for (i = 0; i < options->num_evidence; i++)
        inputs_add(&run.inputs, options->evidence[i], pipeline_warn);
    /* What a keytab holds (never the keys) is evidence, whatever its keys open. */
    for (i = 0; i < options->num_keytabs; i++)
        inputs_add(&run.inputs, options->keytabs[i], pipeline_warn);
    plan_reading(&run);
    read_inputs(&run);
    if (run.streams)
        advance(&run); /* what needed no reading may be last */
    for (i = 0; !run.streams && i < run.inputs.num; i++)
        warn_of_input(&run, i);
    if (run.num_streamed > 0) {
        status = finish_stream(&run);
    } else {
        if (!options->events)
            build_cases(&run);
        status = report_run(&run, out);
    }
    clear_run(&run);
    return status;
}
