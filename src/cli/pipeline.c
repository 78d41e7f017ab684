/* SPDX-License-Identifier: MIT */
#include "cli/pipeline.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asn1/keyring.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/reader.h"
#include "cli/interrupt.h"
#include "cli/run.h"
#include "cli/stream.h"
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

/* Bytes of a file; 0 for what is none. */
static int64_t size_of(const char *path)
{
    struct stat is;

    return stat(path, &is) == 0 && S_ISREG(is.st_mode) ? is.st_size : 0;
}

size_t run_num_files(const struct run *run, size_t index)
{
    size_t num = 1;

    while (index + num < run->inputs.num && run->inputs.at[index + num].follows > 0)
        num++;
    return num;
}

bool run_is_capture(const struct run *run, size_t index)
{
    return run->class[index] == CLASS_CAPTURE && run->inputs.at[index].part == 0;
}

/* Where a further file begins; false for any other record. */
static bool is_next_file(struct bytes record, struct next_file *out)
{
    struct reader body;
    struct log log = {0};
    bool is;

    reader_init(&body, record, true);
    is = reader_peek(&body) == KIND_next_file && log_decode(&log, &body) && log.num == 1;
    if (is)
        *out = *log.at[0].next_file;
    log_clear(&log);
    return is;
}

/* Hands what a job sent to the inputs that it read: each capture to its first file. Returns how
 * many files were begun. */
static size_t share_out(struct run *run, size_t index, size_t num, struct bytes raw)
{
    struct reader reader;
    size_t begin = 0, capture = index, file = index;

    reader_init(&reader, raw, true);
    while (reader_left(&reader) > 4) {
        size_t at = raw.len - reader_left(&reader);
        struct reader body = reader_child(&reader, reader_be32(&reader));
        struct next_file next;
        struct bytes record = reader_rest(&body);

        if (!reader_ok(&reader))
            break;
        if (file + 1 == index + num || !is_next_file(record, &next))
            continue;
        file++;
        if (next.joined) {
            run->inputs.at[file].part = file - capture;
            run->inputs.at[file].frames_before = next.frames_before;
            continue;
        }
        text_put_bytes(&run->raw[capture], (struct bytes){raw.at + begin, at - begin});
        begin = at;
        capture = file;
    }
    text_put_bytes(&run->raw[capture], (struct bytes){raw.at + begin, raw.len - begin});
    return file - index + 1;
}

/* One file of a job: `failure` is what ended its worker while it was read. */
static void class_input(struct run *run, size_t index, const char *failure, bool unreadable)
{
    size_t capture = index - run->inputs.at[index].part;
    const char *path = run->inputs.at[index].path;

    run->lost[index] = failure != NULL && run->raw[capture].len == 0;
    run->class[index] =
        run->inputs.at[index].part > 0
            ? CLASS_CAPTURE
            : classify((struct bytes){(const uint8_t *)run->raw[index].at, run->raw[index].len});
    if (failure != NULL)
        pipeline_warn(path, failure);
    /* What a dead worker saw before it died still counts. */
    if (failure != NULL && !unreadable && run->class[index] == CLASS_IGNORED)
        run->class[index] = CLASS_CAPTURE;
    run->done[index] = true;
}

/* ---- a signal ---- */

static bool says_interrupted(struct bytes raw)
{
    struct reader reader;
    struct log log = {0};
    bool says = false;

    reader_init(&reader, raw, true);
    while (reader_left(&reader) > 4) {
        struct reader body = reader_child(&reader, reader_be32(&reader));

        if (reader_ok(&reader) && reader_peek(&body) == KIND_problem && log_decode(&log, &body))
            says |= log.at[log.num - 1].problem->code != NULL &&
                    strcmp(log.at[log.num - 1].problem->code, "interrupted") == 0;
    }
    log_clear(&log);
    return says;
}

/* For a file whose worker could not say so itself. */
static void note_interrupted(struct run *run, size_t index)
{
    size_t part = run->inputs.at[index].part;
    const struct problem problem = {.code = "interrupted",
                                    .message = "not read, or not to its end: the run was "
                                               "interrupted",
                                    .times = 1};
    const struct observation observation = {
        .kind = KIND_problem, .source = {.part = (int64_t)part}, .problem = &problem};
    bool capture =
        run->class[index] == CLASS_CAPTURE || stream_is_capture(run->inputs.at[index].path);

    run->lost[index] = run->raw[index - part].len == 0;
    run->class[index] = capture ? CLASS_CAPTURE : CLASS_IGNORED;
    log_encode(&run->raw[index - part], &observation);
}

/* ---- results ---- */

/* The i-th file of a job of which so many were begun. */
static void take_file(struct run *run, size_t index, size_t i, size_t begun,
                      const struct job_result *result)
{
    bool stopped =
        interrupt_signal() != 0 && (i >= begun || (result->interrupted && i + 1 == begun));
    const char *failure = stopped || i + 1 < begun ? NULL
                          : i + 1 == begun         ? result->failure
                                                   : "was not read, because the worker of the "
                                                     "files before it ended";

    class_input(run, index, failure, result->unreadable);
    if (stopped)
        note_interrupted(run, index);
    progress_add(&run->progress, size_of(run->inputs.at[index].path), run->num_findings);
}

static void take_result(void *user, size_t job, const struct job_result *result)
{
    struct run *run = user;
    size_t index = run->order[job], num = run_num_files(run, index), begun, i;
    bool cut_short;

    progress_clear(&run->progress); /* there may be warnings */
    begun =
        result->interrupted && result->raw.len == 0 ? 0 : share_out(run, index, num, result->raw);
    cut_short = interrupt_signal() != 0 &&
                (result->interrupted || begun < num || says_interrupted(result->raw));
    if (result->unconfined && !run->warned_unconfined) {
        run->warned_unconfined = true;
        pipeline_warn("sandbox", "this system does not allow it; files are read without");
    }
    for (i = 0; i < num; i++) {
        take_file(run, index + i, i, begun, result);
        if (result->failure != NULL || cut_short)
            text_clear(&run->keys[index + i]); /* worth another try */
    }
    run->num_cut_short += cut_short ? num : 0;
    run->missed_evidence |= cut_short && run->class[index] == CLASS_IGNORED;
    run->delivered += job < run->first;
    if (index + num > run->end)
        run->end = index + num;
    if (run->streams)
        streams_advance(run);
}

static void show_progress(void *user, int64_t bytes, int64_t messages)
{
    struct run *run = user;

    progress_show(&run->progress, bytes, messages);
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

        /* One that cannot be opened is an input too, and complained of there. */
        if (problem != NULL && access(options->keytabs[i], R_OK) == 0)
            pipeline_warn(options->keytabs[i], problem);
    }
    arena_clear(&arena);
    return ring;
}

static void read_inputs(struct run *run)
{
    size_t i, k, files = 0, num = run->inputs.num;
    int64_t bytes = 0;
    const char **paths = memory_take(num + 1, sizeof(*paths));
    struct keyring *ring = read_keytabs(run->options);
    struct worker_setup setup = {.keyring = ring,
                                 .converters = converters_open(),
                                 .reassembly_bytes = run->options->reassembly_bytes,
                                 .jobs = run->options->jobs,
                                 .no_sandbox = run->options->no_sandbox,
                                 /* What is kept for --resume is in no order, and kept at once. */
                                 .any_order = run->options->resume != NULL,
                                 .tick = show_progress};
    struct job *jobs = memory_take(num, sizeof(*jobs));

    for (i = 0; i < num; i++)
        paths[i] = run->inputs.at[i].path;
    for (i = 0; i < run->num_jobs; i++) {
        size_t index = run->order[i], more = run_num_files(run, index) - 1;

        jobs[i] = (struct job){.path = paths[index],
                               .more = &paths[index + 1],
                               .num_more = more,
                               .missing = run->inputs.at[index].missing};
        files += more + 1;
        for (k = index; k <= index + more; k++)
            bytes += size_of(paths[k]);
    }
    progress_init(&run->progress, files, bytes);
    interrupt_defer(true);
    worker_run(&setup, jobs, run->num_jobs, take_result, run);
    interrupt_defer(false);
    progress_clear(&run->progress);
    converters_close(setup.converters);
    keyring_close(ring);
    memory_drop(jobs);
    memory_drop(paths);
}

void run_decode(const struct run *run, struct log *log, size_t index, size_t number)
{
    struct bytes raw = {(const uint8_t *)run->raw[index].at, run->raw[index].len};
    const char *problem;

    if (!worker_decode(log, (int64_t)number, raw, &problem))
        pipeline_warn(run->inputs.at[index].path, problem);
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

/* Decodes only the records of one kind: most inputs are read for their problems alone. */
static void decode_problems(const struct run *run, struct log *log, size_t index)
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

/* The file of the capture that a record is about. */
static size_t input_of(const struct run *run, size_t index, const struct observation *o)
{
    int64_t part = o->source.part;

    return part > 0 && (uint64_t)part < run->inputs.num - index &&
                   run->inputs.at[index + (size_t)part].part == (size_t)part
               ? index + (size_t)part
               : index;
}

void run_warn(const struct run *run, size_t index)
{
    struct log log = {0};
    size_t i;

    decode_problems(run, &log, index);
    for (i = 0; i < log.num && i < LIMIT_WARNINGS; i++)
        /* warn_interrupted says it once for all. */
        if (log.at[i].problem->code == NULL || strcmp(log.at[i].problem->code, "interrupted") != 0)
            warn_problem(&run->inputs.at[input_of(run, index, &log.at[i])], log.at[i].problem);
    if (log.num > LIMIT_WARNINGS) {
        struct text line = {0};

        text_putf(&line, "%zu more problems; the report lists them", log.num - LIMIT_WARNINGS);
        pipeline_warn(run->inputs.at[index].path, text_str(&line));
        text_clear(&line);
    }
    log_clear(&log);
}

static void clear_run(struct run *run)
{
    size_t i;

    batch_clear(run);
    for (i = 0; i < run->inputs.num; i++)
        text_clear(&run->raw[i]);
    for (i = 0; i < run->inputs.num; i++)
        text_clear(&run->keys[i]);
    memory_drop(run->keys);
    memory_drop(run->done);
    memory_drop(run->looked_at);
    memory_drop(run->order);
    resume_close(&run->resume);
    merged_clear(&run->merged);
    memory_drop(run->raw);
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
    /* What a keytab holds (never the keys) is evidence, whatever its keys open. */
    for (i = 0; i < options->num_keytabs; i++)
        inputs_add(&run.inputs, options->keytabs[i], pipeline_warn);
    if (run.inputs.num == 0 && options->num_paths > 0)
        pipeline_warn(options->paths[0],
                      "no file is in it; name a capture, an evidence file or a folder of them");
    inputs_group(&run.inputs);
    streams_plan(&run);
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
