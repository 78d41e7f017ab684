/* SPDX-License-Identifier: MIT */
/* Workers that were taken over, as the process that started them sees it: whatever they write or
 * do, the run ends, soon and in little memory, and the other files are read. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/worker.h"
#include "harness.h"

#define CASE "fixtures/reference-case/reference-case.pcap"

/* What the first worker does in place of its work, with its end of the pipe. */
static void (*deed)(int pipe);
static int forks;

static int find_pipe(void)
{
    struct stat is;
    int fd;

    for (fd = STDERR_FILENO + 1; fd < 64; fd++)
        if (fstat(fd, &is) == 0 && S_ISFIFO(is.st_mode) &&
            (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY)
            return fd;
    return -1;
}

static void in_parent(void)
{
    forks++;
}

static void in_child(void)
{
    if (++forks == 1)
        deed(find_pipe());
}

struct outcome {
    size_t records[2], done;
    bool cut[2], again[2];
    char failure[2][128];
};

static void take_record(void *user, size_t index, struct bytes record)
{
    struct outcome *outcome = user;

    CHECK(record.len <= LIMIT_LOG_BYTES);
    outcome->records[index]++;
}

static void take_end(void *user, size_t index, const struct job_result *result)
{
    struct outcome *outcome = user;

    outcome->done++;
    outcome->cut[index] = result->cut;
    outcome->again[index] = result->again;
    snprintf(outcome->failure[index], sizeof(outcome->failure[index]), "%s",
             result->failure == NULL ? "" : result->failure);
}

static void tick(void *user, int64_t bytes, int64_t messages)
{
    (void)user;
    CHECK(bytes >= 0 && messages >= 0);
}

/* The second of two jobs is sound, and read in any case. */
static void run(void (*what)(int pipe), struct outcome *out)
{
    static bool prepared;
    static const char *const more[] = {CASE};
    const struct job jobs[2] = {{.path = CASE, .more = more, .num_more = 1}, {.path = CASE}};
    const struct worker_setup setup = {.jobs = 1, .tick = tick};
    const struct worker_taker taker = {take_record, take_end, out};
    struct rusage used;
    time_t begun = time(NULL);

    if (!prepared)
        pthread_atfork(NULL, in_parent, in_child);
    prepared = true;
    deed = what;
    forks = 0;
    memset(out, 0, sizeof(*out));
    alarm(120);
    worker_run(&setup, jobs, 2, &taker);
    alarm(0);
    CHECK_INT(out->done, 2);
    CHECK(out->records[1] > 10);
    CHECK_STR(out->failure[1], "");
    CHECK(time(NULL) - begun < 60);
    getrusage(RUSAGE_SELF, &used);
    CHECK(used.ru_maxrss < 512 * 1024);
}

static void send(int pipe, const void *at, size_t len)
{
    if (write(pipe, at, len) < 0)
        _exit(9);
}

static void ends_within_a_record(int pipe)
{
    send(pipe, "\0\0\1\0abc", 7);
    raise(SIGKILL);
}

TEST(one_that_ends_within_a_record)
{
    struct outcome got;

    run(ends_within_a_record, &got);
    CHECK(got.again[0]); /* another one read the second file */
    CHECK(got.records[0] > 10 && !got.cut[0]);
    CHECK_STR(got.failure[0], "");
}

static void announces_too_much(int pipe)
{
    static const char zeros[65536];

    send(pipe, "\xFF\xFF\xFF\xF0", 4);
    for (;;)
        send(pipe, zeros, sizeof(zeros));
}

TEST(one_that_announces_a_record_of_four_gigabytes)
{
    struct outcome got;

    run(announces_too_much, &got);
    CHECK_INT(got.records[0], 0);
    CHECK_STR(got.failure[0], "its worker sent a damaged record, and was killed");
}

static void sends_anything(int pipe)
{
    char anything[3000];
    size_t i;

    for (i = 0; i < sizeof(anything); i++) /* records of four octets */
        anything[i] = (char)(i % 8 < 3 ? 0 : i % 8 == 3 ? 4 : i * 37);
    send(pipe, anything, sizeof(anything));
    _exit(0);
}

TEST(one_that_sends_anything)
{
    struct outcome got;

    run(sends_anything, &got);
    CHECK(got.records[0] > 100);
    CHECK_STR(got.failure[0], "");
}

static void stays(int pipe)
{
    close(pipe);
    for (;;)
        pause();
}

TEST(one_that_closes_its_pipe_and_stays)
{
    struct outcome got;

    run(stays, &got);
    CHECK_STR(got.failure[0], "its worker did not end, and was killed");
}

/* Offsets are shared with the process that shows how far it is. */
static void moves_offsets(int pipe)
{
    int fd;

    for (fd = STDERR_FILENO + 1; fd < 64; fd++)
        if (fd != pipe)
            (void)lseek(fd, (off_t)1 << 42, SEEK_SET);
    usleep(300000);
    _exit(5);
}

TEST(one_that_moves_offsets)
{
    struct outcome got;

    run(moves_offsets, &got);
    CHECK(got.again[0]);
    CHECK_STR(got.failure[0], "");
}
