/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

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

static void draw(const struct progress *progress, int64_t gone_ms)
{
    enum { MEGA = 1000000 };
    int64_t left_ms = 0;

    /* By bytes where they say something, else by files. */
    if (progress->bytes > 0 && progress->num_bytes > progress->bytes)
        left_ms = (int64_t)((double)gone_ms * (double)(progress->num_bytes - progress->bytes) /
                            (double)progress->bytes);
    else if (progress->files > 0)
        left_ms = (int64_t)((double)gone_ms * (double)(progress->num_files - progress->files) /
                            (double)progress->files);
    fprintf(stderr,
            "\r\x1b[K%zu of %zu files, %" PRId64 " of %" PRId64 " MB, %zu finding%s, %" PRId64
            " s left",
            progress->files, progress->num_files, progress->bytes / MEGA,
            progress->num_bytes / MEGA, progress->findings, progress->findings == 1 ? "" : "s",
            (left_ms + 999) / 1000);
    fflush(stderr);
}

void progress_add(struct progress *progress, int64_t bytes, size_t findings)
{
    int64_t now;

    progress->files++;
    progress->bytes += bytes;
    progress->findings = findings;
    if (!progress->terminal)
        return;
    now = now_ms();
    if (now - progress->begun_ms < 1000 || now - progress->drawn_ms < 100)
        return;
    progress->drawn_ms = now;
    progress->shown = true;
    draw(progress, now - progress->begun_ms);
}

void progress_clear(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\x1b[K", stderr);
    progress->shown = false;
}
