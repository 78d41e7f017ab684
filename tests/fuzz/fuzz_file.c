/* SPDX-License-Identifier: MIT */
/* The whole program on a file that is a capture or evidence: observed, over the pipe's form and
 * back, joined, judged, and printed in every format. What is read back is what was sent, every
 * record is short enough for the pipe, frames lie within the capture, and reading the file again
 * gives the same events. */
#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "cli/worker.h"
#include "evidence/evidence.h"
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void observe(const uint8_t *data, size_t len, struct log *log)
{
    static struct worker_setup setup;
    int fd = memfd_create("input", MFD_CLOEXEC);

    if (setup.converters == NULL)
        setup.converters = converters_open();
    setup.reassembly_bytes = (size_t)1 << 20;
    if (fd < 0 || write(fd, data, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    worker_observe(fd, &setup, log);
}

static void check_frames(const struct log *log)
{
    int64_t packets = 0;
    size_t i;

    for (i = 0; i < log->num; i++)
        if (log->at[i].kind == KIND_capture_file)
            packets = log->at[i].capture_file->packets;
    for (i = 0; i < log->num; i++)
        assert(log->at[i].kind == KIND_problem ||
               (log->at[i].source.frame >= 0 && log->at[i].source.frame <= packets));
}

/* Times of damaged files may be further away than the pipe lets pass. */
static bool is_far(const struct observation *o)
{
    int64_t times[] = {o->source.first_ns, o->source.time_ns, 0, 0};
    bool far = false;
    size_t i;

    if (o->kind == KIND_capture_file) {
        times[2] = o->capture_file->first_ns.value;
        times[3] = o->capture_file->last_ns.value;
    }
    for (i = 0; i < 4; i++)
        far |= times[i] > LIMIT_NANOSECONDS || times[i] < -LIMIT_NANOSECONDS;
    return far;
}

/* To the pipe's form and back. */
static void send(const struct log *from, struct log *to)
{
    struct text wire = {0}, again = {0};
    const char *problem;
    bool far = false;
    size_t i;

    for (i = 0; i < from->num; i++) {
        size_t before = wire.len;

        far |= is_far(&from->at[i]);

        log_encode(&wire, &from->at[i]);
        assert(wire.len - before <= LIMIT_RECORD_BYTES + 4);
    }
    assert(worker_decode(to, 0, (struct bytes){(const uint8_t *)wire.at, wire.len}, &problem));
    assert(problem == NULL && to->num == from->num);
    for (i = 0; i < to->num; i++)
        log_encode(&again, &to->at[i]);
    assert(far ||
           (wire.len == again.len && (wire.len == 0 || memcmp(wire.at, again.at, wire.len) == 0)));
    text_clear(&wire);
    text_clear(&again);
}

/* tabs: between columns. */
static void check_clean(const struct text *out, bool tabs)
{
    size_t i;

    assert(out->len == 0 ||
           utf8_clean((struct bytes){(uint8_t *)out->at, out->len}, NULL) == out->len);
    for (i = 0; i < out->len; i++)
        assert((unsigned char)out->at[i] >= ' ' || out->at[i] == '\n' ||
               (tabs && out->at[i] == '\t'));
}

static void print_all(const struct log *log, struct text *out_events)
{
    static const struct report_style style = {.width = 80};
    struct joined_case joined = {0};
    struct findings findings = {0};
    struct report_input input = {.path = "file"};
    struct report_case one = {log, &joined, &findings};
    struct report report = {&input, 1, &one, 1, true, false};
    const struct sink *sink;
    struct text out = {0};

    case_join(&joined, log);
    judge_case(&findings, &joined);
    for (sink = report_sinks; sink->name != NULL; sink++) {
        text_reset(&out);
        report_render(&out, sink, &report, &style);
        check_clean(&out, strcmp(sink->name, "brief") == 0);
    }
    events_render(out_events, &input, 1, log, true);
    check_clean(out_events, false);
    text_clear(&out);
    findings_clear(&findings);
    case_clear(&joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct log seen = {0}, sent = {0};
    const struct report_input input = {.path = "file"};
    struct text events = {0}, again = {0};

    observe(data, len, &seen);
    check_frames(&seen);
    send(&seen, &sent);
    print_all(&sent, &events);
    log_clear(&seen);
    observe(data, len, &seen);
    events_render(&again, &input, 1, &seen, true);
    assert(events.len == again.len &&
           (events.len == 0 || memcmp(events.at, again.at, events.len) == 0));
    log_clear(&seen);
    log_clear(&sent);
    text_clear(&events);
    text_clear(&again);
    return 0;
}
