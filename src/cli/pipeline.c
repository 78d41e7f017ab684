/* SPDX-License-Identifier: MIT */
#include "cli/pipeline.h"

#include <stdio.h>
#include <unistd.h>

#include "asn1/keyring.h"
#include "base/limits.h"
#include "base/memory.h"
#include "cli/interrupt.h"
#include "cli/run.h"
#include "cli/worker.h"
#include "evidence/evidence.h"

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

static void show_progress(void *user, int64_t bytes, int64_t messages)
{
    struct run *run = user;

    progress_show(&run->progress, bytes, messages);
}

static void warn_no_keytab(const char *path, const char *problem)
{
    struct text line = {0};

    text_putf(
        &line,
        "no key can be taken from it (%s); name a keytab, as ktpass, ktutil and net ads write",
        problem);
    pipeline_warn(path, text_str(&line));
    text_clear(&line);
}

/* Keytabs are read before any hostile input. A bad one is a warning; keys of the others are tried.
 * What a keytab holds (never the keys) is evidence, whatever its keys open; so the damage of one
 * that has keys is said where it is read as such. */
static void read_keytabs(struct run *run)
{
    const struct pipeline_options *options = run->options;
    struct arena arena = {0};
    size_t i;

    run->ring = options->num_keytabs == 0 ? NULL : keyring_open();
    if (options->num_keytabs > 0 && run->ring == NULL)
        pipeline_warn(options->keytabs[0],
                      "the Kerberos library cannot be initialised; no keys are tried");
    for (i = 0; run->ring != NULL && i < options->num_keytabs; i++) {
        size_t before = keyring_num(run->ring);
        const char *problem = keyring_add(run->ring, &arena, options->keytabs[i]);

        if (problem != NULL && access(options->keytabs[i], R_OK) != 0)
            problem = arena_print(&arena, "cannot be opened: %s", problem);
        if (problem != NULL && keyring_num(run->ring) == before)
            warn_no_keytab(options->keytabs[i], problem);
        else
            inputs_add(&run->inputs, options->keytabs[i], pipeline_warn);
    }
    arena_clear(&arena);
}

static void read_inputs(struct run *run)
{
    size_t i, k, files = 0, num = run->inputs.num;
    int64_t bytes = 0;
    const char **paths = memory_take(num + 1, sizeof(*paths));
    struct worker_setup setup = {.keyring = run->ring,
                                 .converters = converters_open(),
                                 .reassembly_bytes = run->options->reassembly_bytes,
                                 .jobs = run->options->jobs,
                                 .no_sandbox = run->options->no_sandbox,
                                 /* What is kept for --resume is in no order, and kept at once. */
                                 .any_order = run->options->resume != NULL,
                                 .in_turn = run_in_turn(run),
                                 .tick = show_progress};
    const struct worker_taker taker = {run_take_record, run_take_result, run};
    struct job *jobs = memory_take(num, sizeof(*jobs));

    for (i = 0; i < num; i++)
        paths[i] = run->inputs.at[i].path;
    for (i = 0; i < run->num_jobs; i++) {
        size_t index = run->order[i], more = run_num_files(run, index) - 1;

        jobs[i] = (struct job){.path = paths[index],
                               .more = &paths[index + 1],
                               .num_more = more,
                               .missing = run->inputs.at[index].missing,
                               .too_many = run->inputs.at[index].too_many};
        files += more + 1;
        for (k = index; k <= index + more; k++)
            bytes += run_file_size(paths[k]);
    }
    progress_init(&run->progress, files, bytes);
    interrupt_defer(true);
    worker_run(&setup, jobs, run->num_jobs, &taker);
    interrupt_defer(false);
    progress_clear(&run->progress);
    converters_close(setup.converters);
    keyring_close(run->ring);
    memory_drop(jobs);
    memory_drop(paths);
}

/* Evidence named on the command line goes with every capture; evidence found in a folder, with the
 * captures of that folder. */
bool run_goes_with(const struct run *run, size_t evidence, size_t capture)
{
    size_t folder = run->inputs.at[evidence].folder;

    return run->class[evidence] == CLASS_EVIDENCE &&
           (folder == 0 || folder == run->inputs.at[capture].folder);
}

static void warn_problem(const struct input *input, const struct problem *problem)
{
    struct text line = {0};
    int64_t frame = problem->at_frame.value;

    if (problem->at_frame.set)
        text_putf(&line, problem->offset.set ? "frame %lld, " : "frame %lld: ",
                  (long long)(frame > input->frames_before ? frame - input->frames_before : frame));
    if (problem->offset.set)
        text_putf(&line, "offset %lld: ", (long long)problem->offset.value);
    text_put(&line, problem->message == NULL ? problem->code : problem->message);
    pipeline_warn(input->path, text_str(&line));
    text_clear(&line);
}

/* The file of the capture that a record is about. */
static size_t input_of(const struct run *run, size_t index, const struct observation *o)
{
    int64_t part = o->source.part;

    return part > 0 && (uint64_t)part < run->inputs.num - index &&
                   run->inputs.at[index + (size_t)part].part == (size_t)part
               ? index + (size_t)part
               : index;
}

/* warn_interrupted says it once for all; of a worker it was said when it ended. */
static bool is_said_elsewhere(const char *code)
{
    return code != NULL && (strcmp(code, "interrupted") == 0 || strcmp(code, "worker") == 0);
}

void run_warn(const struct run *run, size_t index)
{
    const struct log *log = run_log(run, index);
    const struct taken *taken = &run->taken[index];
    size_t num = 0, i;

    for (i = taken->from; i < taken->to; i++) {
        const struct problem *problem = log->at[i].problem;

        if (log->at[i].kind != KIND_problem || num++ >= LIMIT_WARNINGS)
            continue;
        if (!is_said_elsewhere(problem->code))
            warn_problem(&run->inputs.at[input_of(run, index, &log->at[i])], problem);
    }
    if (num > LIMIT_WARNINGS) {
        struct text line = {0};

        text_putf(&line, "%zu more problems; the report lists them", num - LIMIT_WARNINGS);
        pipeline_warn(run->inputs.at[index].path, text_str(&line));
        text_clear(&line);
    }
    if (taken->damaged != NULL)
        pipeline_warn(run->inputs.at[index].path, taken->damaged);
}

static void clear_run(struct run *run)
{
    size_t i;

    batch_clear(run);
    results_clear(run);
    for (i = 0; i < run->inputs.num; i++)
        text_clear(&run->keys[i]);
    memory_drop(run->keys);
    memory_drop(run->done);
    memory_drop(run->looked_at);
    memory_drop(run->order);
    resume_close(&run->resume);
    merged_clear(&run->merged);
    memory_drop(run->class);
    memory_drop(run->lost);
    inputs_clear(&run->inputs);
}

static void warn_interrupted(const struct run *run)
{
    struct text line = {0};

    if (interrupt_signal() == 0)
        return;
    if (run->num_cut_short == 0)
        text_put(&line, "everything had been read; the result is complete");
    else
        text_putf(&line, "%zu of %zu %s not read to the end; the result is partial",
                  run->num_cut_short, run->inputs.num,
                  run->inputs.num == 1 ? "file was" : "files were");
    pipeline_warn("interrupted", text_str(&line));
    text_clear(&line);
}

int pipeline_run(const struct pipeline_options *options, struct text *out)
{
    struct run run = {.options = options, .out = out, .streams = streams_can(options)};
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
    read_keytabs(&run);
    if (run.inputs.num == 0 && options->num_paths > 0)
        pipeline_warn(options->paths[0],
                      "no file is in it; name a capture, an evidence file or a folder of them");
    inputs_group(&run.inputs);
    streams_plan(&run);
    results_open(&run);
    read_inputs(&run);
    warn_interrupted(&run);
    if (run.streams)
        streams_advance(&run); /* what needed no reading may be last */
    for (i = 0; !run.streams && i < run.inputs.num; i++)
        run_warn(&run, i);
    if (run.num_streamed > 0) {
        status = streams_finish(&run);
    } else {
        status = batch_finish(&run, out);
    }
    clear_run(&run);
    return interrupt_signal() == 0 || status == EXIT_UNUSABLE ? status : EXIT_PARTIAL;
}
