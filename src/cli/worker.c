/* SPDX-License-Identifier: MIT */
#include "cli/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/reader.h"
#include "cli/interrupt.h"
#include "cli/worker_parts.h"

enum {
    MOMENT_MS = 100,
    GRACE_MS = 2000,
    WAITING_BYTES = 8 << 20 /* of a job whose turn has not come; then its worker waits too */
};

/* A job in flight or finished and waiting for its turn. */
struct slot {
    pid_t pid;
    int fd; /* read end of the pipe; -1 when drained */
    bool started, finished, unreadable, unconfined, interrupted, delivered;
    bool died, again; /* by itself; another worker goes on */
    struct worker_place place;
    int *inputs; /* kept open, so that their offsets tell how far the worker is */
    size_t num_inputs;
    int64_t bytes;   /* read of those that are closed */
    struct text raw; /* came through the pipe and was not handed over */
    size_t received; /* bytes in all */
    int64_t num_messages;
    struct text failure;
};

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

        if (at > 0 && at < LIMIT_NUMBER) /* it may set them as it likes */
            bytes += at;
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
    if (pipe2(ends, O_CLOEXEC) != 0) {
        fail_slot(slot, "no pipe for its worker", errno);
        return;
    }
    fflush(NULL); /* or the child would print the parent's buffers again */
    slot->pid = fork();
    if (slot->pid == 0) {
        close(ends[0]);
        worker_child(setup, job, slot->inputs, ends[1]);
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

/* A worker whose pipe is at its end has nothing more to do: one that goes on is killed. */
static void await_end(struct slot *slot)
{
#ifdef SYS_pidfd_open
    struct pollfd ended = {.fd = (int)syscall(SYS_pidfd_open, slot->pid, 0u), .events = POLLIN};

    if (ended.fd < 0)
        return; /* Linux before 5.3 */
    if (poll(&ended, 1, GRACE_MS) == 0 && kill(slot->pid, SIGKILL) == 0 && slot->failure.len == 0)
        text_put(&slot->failure, "its worker did not end, and was killed");
    close(ended.fd);
#else
    (void)slot;
#endif
}

/* The pipe is at its end: how did the worker end? */
static void reap(struct slot *slot)
{
    int status = 0;

    close(slot->fd);
    slot->fd = -1;
    slot->finished = true;
    close_inputs(slot);
    await_end(slot);
    while (waitpid(slot->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (slot->interrupted)
        return; /* killed because it did not end in time */
    if (slot->failure.len > 0)
        return; /* killed, and said why */
    slot->died = WIFSIGNALED(status) ||
                 (WEXITSTATUS(status) != ENDED_UNCONFINED && WEXITSTATUS(status) != ENDED_WELL);
    if (WIFSIGNALED(status))
        text_putf(&slot->failure, "its worker was ended by signal %d (%s)", WTERMSIG(status),
                  strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) == ENDED_UNCONFINED)
        slot->unconfined = true;
    else if (WEXITSTATUS(status) != ENDED_WELL)
        text_putf(&slot->failure, "its worker ended early with status %d", WEXITSTATUS(status));
}

/* For worker_records: whose they are. */
struct handing {
    const struct worker_taker *taker;
    struct slot *slot;
    size_t index;
};

static void hand_record(void *user, struct bytes record)
{
    const struct handing *handing = user;

    handing->slot->num_messages += record.len > 0 && record.at[0] == KIND_krb;
    if (record.len > 0 && record.at[0] == KIND_next_file)
        worker_place_follow(&handing->slot->place, record);
    handing->taker->record(handing->taker->user, handing->index, record);
}

/* Hands over the whole records that came, and keeps what is left. */
static void hand_over(const struct worker_taker *taker, struct slot *slot, size_t index)
{
    struct handing handing = {taker, slot, index};
    struct text *raw = &slot->raw;
    struct reader rest;
    size_t taken;

    if (raw->len == 0)
        return;
    taken =
        worker_records((struct bytes){(const uint8_t *)raw->at, raw->len}, hand_record, &handing);
    if (taken > 0)
        memmove(raw->at, raw->at + taken, raw->len - taken);
    raw->len -= taken;
    /* One that is never complete would fill the memory. */
    reader_init(&rest, (struct bytes){(const uint8_t *)raw->at, raw->len}, true);
    if (reader_be32(&rest) > LIMIT_RECORD_BYTES && slot->fd >= 0 && slot->failure.len == 0) {
        kill(slot->pid, SIGKILL);
        text_put(&slot->failure, "its worker sent a damaged record, and was killed");
    }
}

static void drain(struct slot *slot)
{
    char *at = text_room(&slot->raw, PIPE_CHUNK);
    ssize_t got = read(slot->fd, at, PIPE_CHUNK);

    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) {
        reap(slot);
        return;
    }
    if (slot->received + (size_t)got > LIMIT_LOG_BYTES) {
        kill(slot->pid, SIGKILL);
        if (slot->failure.len == 0)
            text_putf(&slot->failure, "more than %zu bytes of observations; the rest is left out",
                      LIMIT_LOG_BYTES);
        return;
    }
    slot->received += (size_t)got;
    slot->raw.len += (size_t)got;
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

/* Whether the pipe is read on: a job that has to wait for its turn may not fill the memory. */
static bool is_read(const struct slot *slot, bool waits)
{
    return slot->started && !slot->finished && (!waits || slot->raw.len < WAITING_BYTES);
}

/* Waits until some worker has something to say, and takes it; not for longer than a moment. */
static void wait_for_any(const struct worker_setup *setup, struct slot *slots, size_t from,
                         size_t to)
{
    struct pollfd *polled = memory_take(to - from, sizeof(*polled));
    size_t i;

    for (i = from; i < to; i++) {
        polled[i - from].fd = is_read(&slots[i], setup->in_turn && i > from) ? slots[i].fd : -1;
        polled[i - from].events = POLLIN;
    }
    if (poll(polled, (nfds_t)(to - from), MOMENT_MS) > 0)
        for (i = from; i < to; i++)
            if (polled[i - from].revents != 0)
                drain(&slots[i]);
    memory_drop(polled);
}

/* A worker that died among consecutive files costs the one that it was at: another one goes on. */
static void go_on(const struct worker_setup *setup, const struct job *job, struct slot *slot)
{
    struct job rest;

    slot->died = false;
    if (!worker_rest_of_job(job, slot->place, slot->failure.at, &slot->raw, &rest))
        return;
    text_reset(&slot->failure);
    slot->again = true;
    slot->finished = false;
    start(setup, &rest, slot);
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

static void deliver(const struct worker_taker *taker, struct slot *slot, size_t index)
{
    struct job_result result = {slot->received > 0,
                                slot->raw.len > 0,
                                slot->unreadable,
                                slot->unconfined,
                                slot->interrupted,
                                slot->again,
                                slot->failure.len > 0 ? slot->failure.at : NULL};

    taker->done(taker->user, index, &result);
    slot->delivered = true;
    text_clear(&slot->raw);
    text_clear(&slot->failure);
}

/* Hands over what came and says which jobs are done. Returns the messages of those. */
static int64_t take_turns(const struct worker_setup *setup, const struct worker_taker *taker,
                          struct slot *slots, size_t from, size_t to)
{
    bool waiting = false; /* for an earlier job */
    int64_t messages = 0;
    size_t i;

    for (i = from; i < to && !(waiting && setup->in_turn); i++) {
        if (slots[i].delivered)
            continue;
        hand_over(taker, &slots[i], i);
        waiting |= !slots[i].finished && !setup->any_order;
        if (!slots[i].finished || waiting)
            continue;
        messages += slots[i].num_messages;
        deliver(taker, &slots[i], i);
    }
    return messages;
}

void worker_run(const struct worker_setup *setup, const struct job *jobs, size_t num,
                const struct worker_taker *taker)
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
            wait_for_any(setup, slots, next, next_start);
        for (i = next; i < next_start && interrupt_signal() == 0; i++)
            if (slots[i].died && jobs[i].num_more > 0)
                go_on(setup, &jobs[i], &slots[i]);
        tick(setup, taker->user, slots, next, next_start, messages);
        for (running = 0, i = next; i < next_start; i++)
            running += !slots[i].finished;
        messages += take_turns(setup, taker, slots, next, next_start);
        while (next < next_start && slots[next].delivered)
            next++;
    }
    memory_drop(slots);
}
