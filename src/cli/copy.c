/* SPDX-License-Identifier: MIT */
#include "cli/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/pipeline.h"
#include "cli/sandbox.h"
#include "rewrite/rewrite.h"

static void tell(void *user, const char *line)
{
    const struct copy *copy = user;

    pipeline_warn(copy->output->option, line);
}

/* The result is for others: it names files, not where they lie. */
static const char *base_name(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    return arena_text(arena, bytes_of_text(slash == NULL ? path : slash + 1));
}

static _Noreturn void work(struct copy copy, int *inputs)
{
    struct arena arena = {0}; /* as long as the process */
    const char **names = arena_take(&arena, copy.num_paths, sizeof(*names));
    struct rewrite rewrite = {.plan = copy.plan,
                              .extract = copy.extract,
                              .redact = copy.redact,
                              .out = copy.output->fd,
                              .names = copy.num_paths > 1 ? names : NULL,
                              .tell = tell,
                              .user = &copy};
    struct text error = {0};
    bool done;
    size_t i;

    for (i = 0; i < copy.num_paths; i++)
        names[i] = base_name(&arena, copy.paths[i]);

    if (!copy.no_sandbox) {
        /* A refusal was told at the first reading. */
        (void)sandbox_enter(inputs, copy.num_paths, copy.output->fd);
        rewrite.out = SANDBOX_OUTPUT;
    }
    done = rewrite_run(&rewrite, inputs, copy.num_paths, &error);
    if (!done)
        tell(&copy, text_str(&error));
    text_clear(&error);
    _exit(done ? 0 : 1);
}

/* The input and the result must be different files: an accident would cost the original. */
static bool is_input(const struct copy *copy, int input)
{
    struct stat in, out;

    return fstat(input, &in) == 0 && stat(copy->output->path, &out) == 0 &&
           in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

static void put_num(struct text *line, int64_t num, const char *one, const char *many)
{
    if (num > 0)
        text_putf(line, "%s%" PRId64 " %s", line->len > 0 ? ", " : "", num, num == 1 ? one : many);
}

static void warn_contents(const struct copy *copy)
{
    struct text line = {0}, parts = {0};

    put_num(&parts, copy->plan->tickets, "message with a Kerberos ticket",
            "messages with Kerberos tickets");
    put_num(&parts, copy->plan->ntlm, "NTLM response", "NTLM responses");
    put_num(&parts, copy->plan->basic, "user name and password (Basic)",
            "user names and passwords (Basic)");
    text_putf(&line, "the %s carries ", copy->extract ? "capture it is taken from" : "file");
    if (parts.len > 0)
        text_putf(&line, "%s, and ", text_str(&parts));
    text_put(&line, "cookies and the contents of every message as they were; --redact overwrites "
                    "tickets, authenticators, NTLM responses, cookies and credentials");
    pipeline_warn(copy->output->option, text_str(&line));
    text_clear(&parts);
    text_clear(&line);
}

static void tell_several(const struct copy *copy)
{
    struct text line = {0};

    text_putf(&line,
              "%zu consecutive files of one capture were written as one; its frames are "
              "counted through all of them",
              copy->num_paths);
    pipeline_warn(copy->output->option, text_str(&line));
    text_clear(&line);
}

static bool run_child(const struct copy *copy, int *inputs)
{
    int status = 0;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0)
        work(*copy, inputs);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (pid < 0)
        pipeline_warn(copy->output->option, strerror(errno));
    else if (!WIFEXITED(status))
        pipeline_warn(copy->output->option, "the process that writes it ended by a signal");
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* False after a line on stderr. What was opened is closed by the caller. */
static bool open_inputs(const struct copy *copy, int *inputs)
{
    size_t i;

    for (i = 0; i < copy->num_paths; i++) {
        inputs[i] = open(copy->paths[i], O_RDONLY | O_CLOEXEC);
        if (inputs[i] < 0) {
            pipeline_warn(copy->paths[i], strerror(errno));
            return false;
        }
        if (is_input(copy, inputs[i])) {
            pipeline_warn(copy->output->option,
                          "the result would overwrite the input; name another file");
            return false;
        }
    }
    return true;
}

bool copy_write(const struct copy *copy)
{
    bool done;
    int *inputs;
    size_t i;

    if (strcmp(copy->paths[0], "-") == 0) {
        pipeline_warn(copy->output->option,
                      "standard input cannot be read a second time; save it to a file first");
        return false;
    }
    if (copy->extract && copy->plan->num_findings == 0) {
        pipeline_warn(copy->output->option,
                      "there is no finding to extract, and no file is written");
        copy->output->skip = true;
        return true;
    }
    inputs = memory_take(copy->num_paths, sizeof(*inputs));
    for (i = 0; i < copy->num_paths; i++)
        inputs[i] = -1;
    done = open_inputs(copy, inputs) && run_child(copy, inputs);
    for (i = 0; i < copy->num_paths; i++)
        if (inputs[i] >= 0)
            close(inputs[i]);
    memory_drop(inputs);
    if (done && copy->num_paths > 1)
        tell_several(copy);
    if (done && !copy->redact)
        warn_contents(copy);
    return done;
}
