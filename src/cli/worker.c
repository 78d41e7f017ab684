/* SPDX-License-Identifier: MIT */
#include "cli/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/reader.h"
#include "cli/interrupt.h"
#include "cli/sandbox.h"

enum { PIPE_CHUNK = 64 * 1024, MOMENT_MS = 100, GRACE_MS = 2000 };

/* How a worker's process ends: a status of its own says that it had to do without the sandbox. */
enum { ENDED_WELL = 0, ENDED_UNCONFINED = 64, ENDED_ALONE = 3 };

/* A job in flight or finished and waiting for its turn. */
struct slot {
    pid_t pid;
    int fd; /* read end of the pipe; -1 when drained */
    bool started, finished, unreadable, unconfined, interrupted, delivered;
    int *inputs; /* kept open, so that their offsets tell how far the worker is */
    size_t num_inputs;
    int64_t bytes; /* read of those that are closed */
    struct text raw;
    size_t counted; /* of raw: whole records that were looked at */
    int64_t num_messages;
    struct text failure;
};

/* The worker's end of the pipe: records are collected and written in chunks. */
struct writer {
    int fd;
    struct text pending;
};

static void write_all(int fd, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t done = write(fd, at, len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            _exit(ENDED_ALONE); /* the parent is gone: nobody is left to tell */
        at += done;
        len -= (size_t)done;
    }
}

static void write_observation(void *user, const struct observation *observation)
{
    struct writer *writer = user;

    log_encode(&writer->pending, observation);
    if (writer->pending.len >= PIPE_CHUNK) {
        write_all(writer->fd, writer->pending.at, writer->pending.len);
        text_reset(&writer->pending);
    }
}

static bool is_file(int fd)
{
    struct stat is;

    return fstat(fd, &is) != 0 || S_ISREG(is.st_mode);
}

static _Noreturn void work(const struct worker_setup *setup, const struct job *job, int *inputs,
                           int out)
{
    struct writer writer = {out, {0}};
    struct log log = {0};
    bool unconfined = false;

    if (!setup->no_sandbox) {
        unconfined = sandbox_enter(inputs, job->num_more + 1, out) != NULL;
        writer.fd = SANDBOX_OUTPUT;
    }
    interrupt_in_worker(is_file(inputs[0]) ? -1 : inputs[0]);
    log.on_append = write_observation;
    log.user = &writer;
    worker_observe_files(inputs, job, setup, &log);
    write_all(writer.fd, text_str(&writer.pending), writer.pending.len);
    close(writer.fd);
    log_clear(&log);
    text_clear(&writer.pending);
    _exit(unconfined ? ENDED_UNCONFINED : ENDED_WELL);
}

/* The descriptor of an input; -errno when there is none. */
static int open_input(const char *path)
{
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

/* How far the job is: a worker reads from the offsets that it shares with us. */
static int64_t bytes_read(const struct slot *slot)
{
    int64_t bytes = slot->bytes;
    size_t i;

    for (i = 0; i < slot->num_inputs; i++) {
        off_t at = slot->inputs[i] < 0 ? -1 : lseek(slot->inputs[i], 0, SEEK_CUR);

        bytes += at > 0 ? at : 0;
    }
    return bytes;
}

static void close_inputs(struct slot *slot)
{
    size_t i;

    slot->bytes = bytes_read(slot);

    for (i = 0; i < slot->num_inputs; i++)
        if (slot->inputs[i] >= 0)
            close(slot->inputs[i]);
    memory_drop(slot->inputs);
    slot->inputs = NULL;
    slot->num_inputs = 0;
}

static void open_inputs(struct slot *slot, const struct job *job)
{
    size_t i;

    slot->num_inputs = job->num_more + 1;
    slot->inputs = memory_take(slot->num_inputs, sizeof(*slot->inputs));
    for (i = 0; i < slot->num_inputs; i++)
        slot->inputs[i] = open_input(i == 0 ? job->path : job->more[i - 1]);
}

static void fail_slot(struct slot *slot, const char *what, int error)
{
    text_putf(&slot->failure, "%s: %s", what, strerror(error));
    slot->finished = true;
    close_inputs(slot);
}

static void keep_observation(void *user, const struct observation *observation)
{
    struct slot *slot = user;

    log_encode(&slot->raw, observation);
}

static void start_in_process(const struct worker_setup *setup, const struct job *job,
                             struct slot *slot)
{
    struct log log = {.on_append = keep_observation, .user = slot};

    worker_observe_files(slot->inputs, job, setup, &log);
    log_clear(&log);
    slot->num_inputs = 0; /* closed */
    close_inputs(slot);
    slot->finished = true;
}

static void start(const struct worker_setup *setup, const struct job *job, struct slot *slot)
{
    int ends[2];

    slot->started = true;
    slot->fd = -1;
    open_inputs(slot, job);
    if (slot->num_inputs == 1 && slot->inputs[0] < 0) {
        slot->unreadable = true;
        fail_slot(slot, "cannot be opened", -slot->inputs[0]);
        return;
    }
    if (setup->in_process) {
        start_in_process(setup, job, slot);
        return;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        fail_slot(slot, "no pipe for its worker", errno);
        return;
    }
    fflush(NULL); /* or the child would print the parent's buffers again */
    slot->pid = fork();
    if (slot->pid == 0) {
        close(ends[0]);
        work(setup, job, slot->inputs, ends[1]);
    }
    close(ends[1]);
    if (slot->pid < 0) {
        int error = errno;

        close(ends[0]);
        fail_slot(slot, "no process for its worker", error);
        return;
    }
    slot->fd = ends[0];
}

/* The pipe is at its end: how did the worker end? */
static void reap(struct slot *slot)
{
    int status = 0;

    close(slot->fd);
    slot->fd = -1;
    slot->finished = true;
    close_inputs(slot);
    while (waitpid(slot->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (slot->interrupted)
        return; /* killed because it did not end in time */
    if (WIFSIGNALED(status))
        text_putf(&slot->failure, "its worker was ended by signal %d (%s)", WTERMSIG(status),
                  strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) == ENDED_UNCONFINED)
        slot->unconfined = true;
    else if (WEXITSTATUS(status) != ENDED_WELL)
        text_putf(&slot->failure, "its worker ended early with status %d", WEXITSTATUS(status));
}

/* The whole records that came since the last time. */
static void count_messages(struct slot *slot)
{
    struct reader reader;

    reader_init(&reader,
                (struct bytes){(const uint8_t *)slot->raw.at + slot->counted,
                               slot->raw.len - slot->counted},
                true);
    for (;;) {
        size_t left = reader_left(&reader);
        struct reader body = reader_child(&reader, reader_be32(&reader));

        if (!reader_ok(&reader) || left == 0)
            return;
        slot->num_messages += reader_peek(&body) == KIND_krb;
        slot->counted += left - reader_left(&reader);
    }
}

static void drain(struct slot *slot)
{
    uint8_t chunk[PIPE_CHUNK];
    ssize_t got = read(slot->fd, chunk, sizeof(chunk));

    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) {
        reap(slot);
        return;
    }
    if (slot->raw.len + (size_t)got > LIMIT_LOG_BYTES) {
        kill(slot->pid, SIGKILL);
        text_putf(&slot->failure, "more than %zu bytes of observations", LIMIT_LOG_BYTES);
        return;
    }
    text_put_bytes(&slot->raw, (struct bytes){chunk, (size_t)got});
    count_messages(slot);
}

static void tick(const struct worker_setup *setup, void *user, const struct slot *slots,
                 size_t from, size_t to, int64_t messages)
{
    int64_t bytes = 0;
    size_t i;

    for (i = from; i < to && setup->tick != NULL; i++) {
        messages += slots[i].num_messages;
        bytes += bytes_read(&slots[i]);
    }
    if (setup->tick != NULL)
        setup->tick(user, bytes, messages);
}

/* Waits until some worker has something to say, and takes it; not for longer than a moment. */
static void wait_for_any(struct slot *slots, size_t from, size_t to)
{
    struct pollfd *polled = memory_take(to - from, sizeof(*polled));
    size_t i;

    for (i = from; i < to; i++) {
        polled[i - from].fd = slots[i].started && !slots[i].finished ? slots[i].fd : -1;
        polled[i - from].events = POLLIN;
    }
    if (poll(polled, (nfds_t)(to - from), MOMENT_MS) > 0)
        for (i = from; i < to; i++)
            if (polled[i - from].revents != 0)
                drain(&slots[i]);
    memory_drop(polled);
}

/* ---- a signal ---- */

static int64_t now_ms(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Workers end where they are; one that cannot (its input is a pipe that nobody writes to) is killed
 * after GRACE_MS. What was not begun is not. */
static void stop(struct slot *slots, size_t from, size_t num, int64_t *since_ms)
{
    bool first = *since_ms < 0, late;
    size_t i;

    if (first)
        *since_ms = now_ms();
    late = now_ms() - *since_ms > GRACE_MS;
    for (i = from; i < num; i++) {
        if (slots[i].started && !slots[i].finished && (first || late)) {
            slots[i].interrupted |= late;
            kill(slots[i].pid, late ? SIGKILL : SIGTERM);
        } else if (!slots[i].started) {
            slots[i].started = slots[i].finished = slots[i].interrupted = true;
        }
    }
}

static void deliver(struct slot *slot, size_t index,
                    void (*done)(void *user, size_t index, const struct job_result *result),
                    void *user)
{
    struct job_result result = {{(const uint8_t *)slot->raw.at, slot->raw.len},
                                slot->unreadable,
                                slot->unconfined,
                                slot->interrupted,
                                slot->failure.len > 0 ? slot->failure.at : NULL};

    done(user, index, &result);
    text_clear(&slot->raw);
    text_clear(&slot->failure);
}

void worker_run(const struct worker_setup *setup, const struct job *jobs, size_t num,
                void (*done)(void *user, size_t index, const struct job_result *result), void *user)
{
    struct slot *slots;
    size_t next = 0, next_start = 0, running = 0, i;
    int64_t stopped_ms = -1, messages = 0;
    /* Finished results wait for their turn in memory: bound how far ahead a fast worker may run. */
    size_t jobs_at_once = setup->jobs < 1 ? 1 : (size_t)setup->jobs,
           ahead = setup->any_order ? num : 4 * jobs_at_once;

    tzset(); /* the C library opens its time zone even for timegm(), which no worker may */
    slots = memory_take(num, sizeof(*slots));
    while (next < num) {
        if (interrupt_signal() != 0) {
            stop(slots, next, num, &stopped_ms);
            next_start = num;
        }
        while (running < jobs_at_once && next_start < num && next_start < next + ahead) {
            start(setup, &jobs[next_start], &slots[next_start]);
            running += !slots[next_start++].finished;
        }
        if (!slots[next].finished)
            wait_for_any(slots, next, next_start);
        tick(setup, user, slots, next, next_start, messages);
        for (running = 0, i = next; i < next_start; i++)
            running += !slots[i].finished;
        for (i = next; i < next_start && (setup->any_order || slots[i].finished); i++) {
            if (!slots[i].finished || slots[i].delivered)
                continue;
            messages += slots[i].num_messages;
            slots[i].delivered = true;
            deliver(&slots[i], i, done, user);
        }
        while (next < next_start && slots[next].delivered)
            next++;
    }
    memory_drop(slots);
}

bool worker_decode(struct log *log, int64_t input, struct bytes raw, const char **out_problem)
{
    struct reader reader;

    *out_problem = NULL;
    log_begin(log, input);
    reader_init(&reader, raw, true);
    while (reader_left(&reader) > 0) {
        struct reader body = reader_child(&reader, reader_be32(&reader));

        if (!reader_ok(&reader)) {
            *out_problem = "the worker's last record is incomplete";
            return false;
        }
        if (body.end - body.at > LIMIT_RECORD_BYTES || !log_decode(log, &body)) {
            *out_problem = "the worker sent a damaged record";
            return false;
        }
    }
    return true;
}
