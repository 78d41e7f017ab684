/* SPDX-License-Identifier: MIT */
/* What workers send, shared out to the inputs that it is about. */
#include <sys/stat.h>

#include "base/reader.h"
#include "cli/interrupt.h"
#include "cli/run.h"
#include "cli/stream.h"
#include "cli/worker.h"

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
    progress_add(&run->progress, run_file_size(run->inputs.at[index].path), run->num_findings);
}

void run_take_result(void *user, size_t job, const struct job_result *result)
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
