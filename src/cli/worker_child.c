/* SPDX-License-Identifier: MIT */
/* The worker's own process: reads one job and writes what it saw to its pipe. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/sandbox.h"
#include "cli/worker_parts.h"

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
    /* At the next file at once: should this worker die, it is known at which it was. */
    if (writer->pending.len >= PIPE_CHUNK || observation->kind == KIND_next_file) {
        write_all(writer->fd, writer->pending.at, writer->pending.len);
        text_reset(&writer->pending);
    }
}

static bool is_file(int fd)
{
    struct stat is;

    return fstat(fd, &is) != 0 || S_ISREG(is.st_mode);
}

_Noreturn void worker_child(const struct worker_setup *setup, const struct job *job, int *inputs,
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
