/* SPDX-License-Identifier: MIT */
/* What workers send, shared out to the inputs that it is about. */
#include <sys/stat.h>

#include "base/memory.h"
#include "base/reader.h"
#include "cli/interrupt.h"
#include "cli/run.h"
#include "cli/stream.h"
#include "cli/worker.h"

bool run_in_turn(const struct run *run)
{
    return run->options->one_case && !run->options->events;
}

struct log *run_log(const struct run *run, size_t index)
{
    return &run->logs[run_in_turn(run) ? 0 : index];
}

void results_open(struct run *run)
{
    size_t i;

    run->logs = memory_take(run->inputs.num, sizeof(*run->logs));
    run->taken = memory_take(run->inputs.num, sizeof(*run->taken));
    run->intakes = memory_take(run->num_jobs, sizeof(*run->intakes));
    for (i = 0; i < run->inputs.num; i++)
        log_pack(&run->logs[i]);
}

void results_clear(struct run *run)
{
    size_t i;

    for (i = 0; i < run->inputs.num; i++)
        log_clear(&run->logs[i]);
    memory_drop(run->logs);
    memory_drop(run->taken);
    memory_drop(run->intakes);
}

int64_t run_file_size(const char *path)
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

/* ---- records ---- */

/* What follows of the job is about this input, the first file of a capture or evidence. */
static void begin_input(struct run *run, struct intake *intake, size_t index)
{
    struct log *log = run_log(run, index);

    intake->capture = intake->file = index;
    log_begin(log, (int64_t)index);
    run->taken[index].from = run->taken[index].to = log->num;
}

static void end_input(struct run *run, size_t index)
{
    struct log *log = run_log(run, index);

    log_note_dropped(log);
    run->taken[index].to = log->num;
}

static struct intake *intake_of(struct run *run, size_t job)
{
    struct intake *intake = &run->intakes[job];

    if (!intake->begun)
        begin_input(run, intake, run->order[job]);
    intake->begun = true;
    return intake;
}

/* A further file of the job: of the same capture, or a capture of its own. */
static void go_to_file(struct run *run, struct intake *intake, const struct next_file *next)
{
    size_t file = intake->file + 1;

    if (!next->joined) {
        end_input(run, intake->capture);
        begin_input(run, intake, file);
        return;
    }
    intake->file = file;
    run->inputs.at[file].part = file - intake->capture;
    run->inputs.at[file].frames_before = next->frames_before;
}

/* Another worker begins with the file: its ids count from here. */
static void begin_again(struct run *run, size_t index)
{
    const char *before = run->inputs.at[index - 1].path, *slash = strrchr(before, '/');
    struct arena *arena = &run->inputs.arena;
    struct source source = {.capture = (int64_t)index};
    struct problem problem = {.code = "not-continued", .times = 1};
    struct log *log = run_log(run, index);

    before = arena_text(arena, bytes_of_text(slash == NULL ? before : slash + 1));
    problem.message =
        arena_print(arena,
                    "by its name it continues %s, but the worker that read that ended: "
                    "it is read as a capture of its own",
                    before);
    log_append(log, KIND_problem, &source, &problem);
    log_begin(log, (int64_t)index);
    run->taken[index].to = log->num;
}

static bool says(const struct observation *o, const char *code)
{
    return o->kind == KIND_problem && o->problem->code != NULL &&
           strcmp(o->problem->code, code) == 0;
}

void run_take_record(void *user, size_t job, struct bytes record)
{
    struct run *run = user;
    struct intake *intake = intake_of(run, job);
    size_t index = run->order[job], last = index + run_num_files(run, index) - 1;
    enum kind kind = record.len > 0 ? (enum kind)record.at[0] : KIND_NONE;
    struct next_file next = {0};
    struct taken *taken;
    struct log *log;
    size_t before;

    if (kind == KIND_next_file && intake->file < last && worker_begins_file(record, &next))
        go_to_file(run, intake, &next);
    else
        next.again = false;
    taken = &run->taken[intake->capture];
    taken->any = true;
    if (taken->class == CLASS_IGNORED && kind == KIND_capture_file)
        taken->class = CLASS_CAPTURE;
    if (taken->class == CLASS_IGNORED && kind == KIND_evidence_file)
        taken->class = CLASS_EVIDENCE;
    if (taken->damaged != NULL)
        return;
    log = run_log(run, intake->capture);
    before = log->num;
    taken->damaged = worker_decode_record(log, record);
    taken->to = log->num;
    if (next.again && !next.joined)
        begin_again(run, intake->file);
    if (log->num == before)
        return;
    intake->interrupted |= says(&log->at[before], "interrupted");
    if (taken->class == CLASS_IGNORED && says(&log->at[before], WORKER_ENDED))
        taken->class = CLASS_CAPTURE; /* what a dead worker saw before it died still counts */
}

/* ---- files ---- */

/* A problem of a file that its worker could not say itself. */
static void note(struct run *run, size_t index, const struct problem *problem)
{
    size_t part = run->inputs.at[index].part;
    struct source source = {.capture = (int64_t)(index - part), .part = (int64_t)part};
    struct log *log = run_log(run, index - part);

    log_append(log, KIND_problem, &source, problem);
    run->taken[index - part].any = true;
    run->taken[index - part].to = log->num;
}

/* One file of a job: `failure` is what ended its worker while it was read. */
static void class_input(struct run *run, size_t index, const char *failure, bool unreadable)
{
    size_t capture = index - run->inputs.at[index].part;
    const char *path = run->inputs.at[index].path;

    run->lost[index] = failure != NULL && !run->taken[capture].any;
    run->class[index] = run->inputs.at[index].part > 0 ? CLASS_CAPTURE : run->taken[index].class;
    if (failure != NULL)
        pipeline_warn(path, failure);
    /* What a dead worker saw before it died still counts. */
    if (failure != NULL && !unreadable && run->class[index] == CLASS_IGNORED)
        run->class[index] = CLASS_CAPTURE;
    if (failure != NULL && !unreadable)
        note(run, index, &(struct problem){.code = "worker", .message = failure, .times = 1});
    run->done[index] = true;
}

/* ---- a signal ---- */

/* For a file whose worker could not say so itself. */
static void note_interrupted(struct run *run, size_t index)
{
    size_t part = run->inputs.at[index].part;
    const struct problem problem = {.code = "interrupted",
                                    .message = "not read, or not to its end: the run was "
                                               "interrupted",
                                    .times = 1};
    bool capture =
        run->class[index] == CLASS_CAPTURE || stream_is_capture(run->inputs.at[index].path);

    run->lost[index] = !run->taken[index - part].any;
    run->class[index] = capture ? CLASS_CAPTURE : CLASS_IGNORED;
    note(run, index, &problem);
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
    progress_add(&run->progress, run_file_size(run->inputs.at[index].path), run->num_findings);
}

void run_take_result(void *user, size_t job, const struct job_result *result)
{
    struct run *run = user;
    struct intake *intake = intake_of(run, job);
    size_t index = run->order[job], num = run_num_files(run, index), begun, i;
    bool cut_short;

    progress_clear(&run->progress); /* there may be warnings */
    if (result->cut && run->taken[intake->capture].damaged == NULL)
        run->taken[intake->capture].damaged = WORKER_CUT;
    end_input(run, intake->capture);
    begun = result->interrupted && !result->any ? 0 : intake->file - index + 1;
    cut_short =
        interrupt_signal() != 0 && (result->interrupted || begun < num || intake->interrupted);
    if (result->unconfined && !run->warned_unconfined) {
        run->warned_unconfined = true;
        pipeline_warn("sandbox", "this system does not allow it; files are read without");
    }
    for (i = 0; i < num; i++) {
        take_file(run, index + i, i, begun, result);
        if (result->failure != NULL || result->again || cut_short)
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
