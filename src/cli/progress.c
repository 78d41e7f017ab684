/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

static int64_t now_ms(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_init(struct progress *progress, size_t num_files, int64_t num_bytes)
{
    *progress = (struct progress){
        .terminal = isatty(STDERR_FILENO) == 1, .num_files = num_files, .num_bytes = num_bytes};
    progress->begun_ms = progress->drawn_ms = now_ms();
}

/* "1.2 GB" */
static void put_bytes(struct text *out, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    size_t i = 0;

    for (; bytes >= 999.5 && i + 1 < sizeof(units) / sizeof(units[0]); i++)
        bytes /= 1000;
    text_putf(out, bytes < 9.95 && i > 0 ? "%.1f %s" : "%.0f %s", bytes, units[i]);
}

static void put_left(struct text *out, int64_t seconds)
{
    if (seconds >= 5400)
        text_putf(out, "%" PRId64 " h %02" PRId64 " min left", seconds / 3600, seconds / 60 % 60);
    else if (seconds >= 90)
        text_putf(out, "%" PRId64 " min left", (seconds + 30) / 60);
    else
        text_putf(out, "%" PRId64 " s left", seconds);
}

static void put_line(struct text *out, const struct progress *progress, int64_t bytes,
                     int64_t messages, int64_t gone_ms)
{
    double done = (double)bytes, all = (double)progress->num_bytes;

    put_bytes(out, done);
    if (progress->num_bytes > 0) {
        text_put(out, " of ");
        put_bytes(out, all);
        text_putf(out, " (%.0f %%)", 100 * done / all);
    }
    text_put(out, ", ");
    put_bytes(out, done * 1000 / (double)gone_ms);
    text_put(out, "/s, ");
    if (bytes > 0 && progress->num_bytes >= bytes) {
        put_left(out, (int64_t)((double)gone_ms * (all - done) / done / 1000 + 0.999));
        text_put(out, ", ");
    }
    if (progress->num_files > 1)
        text_putf(out, "%zu of %zu files, ", progress->files, progress->num_files);
    if (progress->findings > 0 || messages == 0)
        text_putf(out, "%zu finding%s", progress->findings, progress->findings == 1 ? "" : "s");
    else
        text_putf(out, "%" PRId64 " Kerberos message%s", messages, messages == 1 ? "" : "s");
}

/* As much as fits: a line that wraps could not be taken away again. */
static void draw(const struct text *line)
{
    struct winsize size = {0, 0, 0, 0};
    size_t room = 79;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        room = (size_t)size.ws_col - 1;
    fprintf(stderr, "\r\x1b[K%.*s", (int)(line->len < room ? line->len : room), line->at);
    fflush(stderr);
}

void progress_add(struct progress *progress, int64_t bytes, size_t findings)
{
    progress->files++;
    progress->bytes += bytes;
    progress->findings = findings;
}

void progress_show(struct progress *progress, int64_t bytes, int64_t messages)
{
    struct text line = {0};
    int64_t now;

    if (!progress->terminal)
        return;
    now = now_ms();
    if (now - progress->begun_ms < 1000 || now - progress->drawn_ms < 100)
        return;
    progress->drawn_ms = now;
    progress->shown = true;
    put_line(&line, progress, progress->bytes + bytes, messages, now - progress->begun_ms);
    draw(&line);
    text_clear(&line);
}

void progress_clear(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\x1b[K", stderr);
    progress->shown = false;
}
