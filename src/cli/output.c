/* SPDX-License-Identifier: MIT */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/interrupt.h"
#include "cli/pipeline.h"

/* The file that must not stay behind when the process ends early. Handlers of signals and of
 * failed allocations take no argument, so this cannot be anywhere else. Workers inherit it: only
 * the process that made the file may remove it. */
enum { NUM_PENDING = 3 };

static struct pending {
    char *volatile temporary; /* heap; NULL: none */
    char *target;             /* heap; what it becomes */
    volatile pid_t owner;
} pending[NUM_PENDING];

static void remove_one(const struct pending *one)
{
    if (one->temporary != NULL && one->owner == getpid())
        unlink(one->temporary);
}

static void remove_pending(void)
{
    size_t i;

    for (i = 0; i < NUM_PENDING; i++)
        remove_one(&pending[i]);
}

static void on_signal(int number)
{
    if (interrupt_take(number))
        return;
    remove_pending();
    if (number == SIGINT)
        _exit(EXIT_INTERRUPTED);
    signal(number, SIG_DFL);
    raise(number);
}

void output_catch_signals(void)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGTERM};
    size_t i;

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction before, action = {.sa_handler = on_signal};

        sigemptyset(&action.sa_mask);
        /* What the caller ignores (nohup, a shell's background job) stays ignored. */
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
    memory_on_failure(remove_pending);
}

static bool fail(struct text *out_error, const char *what, const char *path)
{
    int why = errno;

    text_put(out_error, what);
    if (path != NULL)
        text_put_plain(out_error, path);
    text_putf(out_error, ": %s", strerror(why));
    return false;
}

static void forget(struct pending *one)
{
    char *temporary = one->temporary;

    one->temporary = NULL;
    memory_drop(temporary);
    memory_drop(one->target);
    one->target = NULL;
}

static bool cannot_write(const struct output *output, struct text *out_error)
{
    int why = errno;

    text_put(out_error, output->option);
    errno = why;
    return fail(out_error, ": cannot write ", output->path);
}

/* Permissions of a new file are those of the one it replaces, else what the umask leaves. */
static void set_mode(int fd, const struct stat *old)
{
    mode_t mask = umask(0);

    umask(mask);
    /* Nothing is lost when this is refused: the file is then private. */
    (void)!fchmod(fd, old != NULL ? old->st_mode & 07777 : 0666 & ~mask);
}

static bool open_temporary(struct output *output, const struct stat *old, struct text *out_error)
{
    /* A symbolic link stays, and the file it leads to is replaced. */
    char *real = old != NULL ? realpath(output->path, NULL) : NULL;
    const char *target = real != NULL ? real : output->path;
    const char *slash = strrchr(target, '/');
    struct text name = {0};
    struct pending *one;
    struct bytes folder = {(const uint8_t *)target,
                           slash == NULL ? 0 : (size_t)(slash - target) + 1};

    text_put_bytes(&name, folder);
    text_putf(&name, ".%s.XXXXXX", slash == NULL ? target : slash + 1);
    for (output->slot = 0; pending[output->slot].target != NULL; output->slot++)
        ; /* as many outputs as slots */
    one = &pending[output->slot];
    /* Before there is a file: nothing may fail between its birth and its being pending. */
    one->target = memory_take(strlen(target) + 1, 1);
    memcpy(one->target, target, strlen(target));
    output->fd = mkostemp(name.at, O_CLOEXEC);
    if (output->fd >= 0) {
        one->owner = getpid();
        one->temporary = name.at;
        output->temporary = true;
        set_mode(output->fd, old);
    } else {
        cannot_write(output, out_error);
        forget(one);
        text_clear(&name);
    }
    free(real);
    return output->fd >= 0;
}

static bool open_path(struct output *output, const char *path, struct text *out_error)
{
    struct stat old;

    output->path = path;
    if (stat(path, &old) != 0)
        return open_temporary(output, NULL, out_error);
    if (S_ISREG(old.st_mode))
        return open_temporary(output, &old, out_error);
    output->fd = open(path, O_WRONLY | O_CLOEXEC);
    return output->fd >= 0 || cannot_write(output, out_error);
}

bool output_open(struct output *output, const char *path, struct text *out_error)
{
    memset(output, 0, sizeof(*output));
    output->option = "--output";
    output->fd = STDOUT_FILENO;
    return path == NULL || strcmp(path, "-") == 0 || open_path(output, path, out_error);
}

bool output_open_file(struct output *output, const char *option, const char *path,
                      struct text *out_error)
{
    memset(output, 0, sizeof(*output));
    output->option = option;
    output->fd = -1;
    if (strcmp(path, "-") != 0)
        return open_path(output, path, out_error);
    text_putf(out_error, "%s: the report goes to standard output; name a file", option);
    return false;
}

static bool write_all(int fd, const struct text *text)
{
    size_t done = 0;

    while (done < text->len) {
        ssize_t n = write(fd, text->at + done, text->len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

void output_append(struct output *output, struct text *text)
{
    if (write_all(output->fd, text))
        text_reset(text);
}

static bool finish(struct output *output)
{
    if (output->temporary && fsync(output->fd) != 0)
        return false;
    if (output->path != NULL && close(output->fd) != 0) {
        output->fd = -1;
        return false;
    }
    output->fd = -1;
    return !output->temporary ||
           rename(pending[output->slot].temporary, pending[output->slot].target) == 0;
}

static void forget_written(struct output *output)
{
    if (output->temporary)
        forget(&pending[output->slot]);
    output->temporary = false;
}

bool output_commit(struct output *output, struct text *out_error)
{
    if (output->skip) {
        output_drop(output);
        return true;
    }
    if (finish(output)) {
        forget_written(output);
        return true;
    }
    cannot_write(output, out_error);
    output_drop(output);
    return false;
}

enum output_result output_write(struct output *output, const struct text *text,
                                struct text *out_error)
{
    /* Only now: workers must die of a pipe that nobody reads. */
    signal(SIGPIPE, SIG_IGN);
    if (write_all(output->fd, text) && finish(output)) {
        forget_written(output);
        return OUTPUT_DONE;
    }
    if (errno == EPIPE) {
        output_drop(output);
        return OUTPUT_NOBODY_READS;
    }
    fail(out_error, "cannot write ", output->path != NULL ? output->path : "standard output");
    output_drop(output);
    return OUTPUT_FAILED;
}

void output_drop(struct output *output)
{
    if (output->path != NULL && output->fd >= 0)
        close(output->fd);
    output->fd = -1;
    if (!output->temporary)
        return;
    remove_one(&pending[output->slot]);
    forget(&pending[output->slot]);
    output->temporary = false;
}

struct report_style output_style(const struct output *output)
{
    enum { MOST_WIDTH = 140 }; /* longer lines are hard to read, however wide a terminal is */
    struct report_style style = {0};
    struct winsize size = {0, 0, 0, 0};
    bool terminal = output->path == NULL && isatty(output->fd);
    const char *columns = getenv("COLUMNS"), *off = getenv("NO_COLOR"), *term = getenv("TERM");

    if (terminal && ioctl(output->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        style.width = size.ws_col;
    else if (columns != NULL && columns[0] >= '1' && columns[0] <= '9')
        style.width = strtoul(columns, NULL, 10);
    if (style.width > MOST_WIDTH)
        style.width = MOST_WIDTH;
    style.colour = terminal && (off == NULL || off[0] == '\0') && term != NULL && term[0] != '\0' &&
                   strcmp(term, "dumb") != 0;
    return style;
}
