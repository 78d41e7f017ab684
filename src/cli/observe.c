/* SPDX-License-Identifier: MIT */
/* The read loop: frames -> packets -> flows -> messages -> observations. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "capture/capture.h"
#include "carrier/carrier.h"
#include "cli/adjoin.h"
#include "cli/interrupt.h"
#include "cli/worker.h"
#include "evidence/evidence.h"
#include "packet/packet.h"

enum { PIPE_FIRST_BYTES = 1 << 20 };

/* What the callbacks of all layers write into. */
struct observing {
    const struct worker_setup *setup;
    struct log *log;
    struct log held;      /* what a file says before it is known whether it continues another */
    bool holding;         /* write into `held` */
    struct arena kept;    /* as long as the capture */
    struct arena scratch; /* of the carriers: cleared between messages */
    int64_t problems, comments;
    /* Of a capture under way, in one or several files: */
    struct packet_events packet_events;
    struct packet_decoder *decoder; /* NULL: none is under way */
    struct carriage carriage;
    struct observer *observer;
    struct adjoin adjoin;
    int64_t frames;         /* so far, in all of its files */
    int64_t before;         /* in those before the file that is read */
    bool several;           /* files are to be read, and this is */
    bool last_file;         /* of them */
    bool closed;            /* the input, by an interruption */
    const char **processes; /* names that flows keep; in `kept` */
    size_t num_processes;
};

static void note(struct observing *observing, enum kind kind, const struct source *source,
                 const void *record)
{
    log_append(observing->holding ? &observing->held : observing->log, kind, source, record);
}

static void put_problem(struct observing *observing, const char *code, int64_t frame,
                        int64_t offset, const char *message)
{
    struct problem problem = {.code = code, .message = message, .times = 1};
    struct source source = {.frame = frame > 0 ? frame : 0};

    if (observing->problems++ >= LIMIT_PROBLEMS)
        return; /* counted, and said at the end */
    if (frame > 0)
        problem.at_frame = optint(frame);
    if (offset >= 0)
        problem.offset = optint(offset);
    note(observing, KIND_problem, &source, &problem);
}

/* Of the packets, whose frames are counted through all files. */
static void note_packet_problem(void *user, const char *code, int64_t frame, int64_t offset,
                                const char *message)
{
    put_problem(user, code, frame, offset, message);
}

/* Of the file that is read. */
static void note_problem(void *user, const char *code, int64_t frame, int64_t offset,
                         const char *message)
{
    struct observing *observing = user;

    if (interrupt_signal() != 0 && strcmp(code, "read-error") == 0) {
        observing->closed = true; /* a pipe that is not waited for any longer */
        return;
    }
    put_problem(observing, code, frame > 0 ? frame + observing->before : 0, offset, message);
}

static void note_name(void *user, const struct capture_name *name)
{
    struct known_name known = {.name = name->name, .address = address_from(name->address)};
    struct source source = {0};

    note(user, KIND_known_name, &source, &known);
}

static void note_capture(struct observing *observing, const struct capture_info *info,
                         const struct frame *first, int64_t last_ns, int64_t size)
{
    struct source source = {0};
    struct capture_file file = {.format = info->format,
                                .packets = info->packets,
                                .size = size,
                                .link_types = {info->link_types, info->num_link_types},
                                .zone_unknown = info->zone_unknown,
                                .hardware = info->hardware,
                                .os = info->os,
                                .application = info->application,
                                .comment = info->comment};

    if (first->has_time) {
        file.first_ns = optint(first->time_ns);
        file.last_ns = optint(last_ns);
    }
    if (info->has_zone)
        file.zone_s = optint(info->zone_s);
    note(observing, KIND_capture_file, &source, &file);
}

/* What people wrote; converters (etl2pcapng) and this program write comments too. */
static void note_comment(struct observing *observing, const struct frame *frame)
{
    static const char *const written[] = {"PID=", "krbwhy: "};
    struct arena arena = {0};
    struct source source = {
        .frame = frame->number, .first_frame = frame->number, .time_ns = frame->time_ns};
    struct frame_comment comment;
    size_t len = frame->comment.len, i;

    for (i = 0; i < sizeof(written) / sizeof(written[0]); i++)
        if (frame->comment.len >= strlen(written[i]) &&
            memcmp(frame->comment.at, written[i], strlen(written[i])) == 0)
            return;
    if (observing->comments++ >= LIMIT_FRAME_NOTES)
        return;
    if (len > LIMIT_FRAME_NOTE_BYTES)
        for (len = LIMIT_FRAME_NOTE_BYTES; len > 0 && (frame->comment.at[len] & 0xC0) == 0x80;)
            len--; /* not within a character */
    comment.text = arena_text(&arena, (struct bytes){frame->comment.at, len});
    if (len < frame->comment.len)
        comment.text = arena_print(&arena, "%s […]", comment.text);
    note(observing, KIND_frame_comment, &source, &comment);
    arena_clear(&arena);
}

/* ---- a capture, in one or several files ---- */

static void begin_capture(struct observing *observing)
{
    const struct worker_setup *setup = observing->setup;

    observing->packet_events = (struct packet_events){observing, note_packet_problem};
    observing->decoder = packet_decoder_open(&observing->packet_events);
    observing->carriage = (struct carriage){.log = observing->log,
                                            .scratch = &observing->scratch,
                                            .keyring = setup->keyring,
                                            .reassembly_bytes = setup->reassembly_bytes};
    observing->observer = observer_open(&observing->carriage);
    observing->frames = observing->before = observing->comments = 0;
}

static void end_capture(struct observing *observing)
{
    int64_t more;

    if (observing->decoder == NULL)
        return;
    observer_finish(observing->observer);
    packet_decoder_finish(observing->decoder);
    observer_close(observing->observer);
    packet_decoder_close(observing->decoder);
    observing->decoder = NULL;
    adjoin_clear(&observing->adjoin);
    if (observing->comments > LIMIT_FRAME_NOTES)
        put_problem(observing, "limit-comments", 0, -1,
                    arena_print(&observing->kept, "%lld more comments on frames are left out",
                                (long long)(observing->comments - LIMIT_FRAME_NOTES)));
    more = observing->problems - LIMIT_PROBLEMS;
    observing->problems = 0;
    if (more > 0)
        put_problem(observing, "limit-problems", 0, -1,
                    arena_print(&observing->kept, "%lld more problems, not listed singly",
                                (long long)more));
    log_note_dropped(observing->log);
}

/* A flow keeps the name of its process for longer than the file that says it is open. */
static const char *keep_process(struct observing *observing, const char *name)
{
    size_t i = observing->num_processes;

    while (i > 0 && strcmp(observing->processes[i - 1], name) != 0)
        i--;
    if (i > 0)
        return observing->processes[i - 1];
    observing->processes = memory_grow(observing->processes, observing->num_processes + 1,
                                       sizeof(*observing->processes));
    return observing->processes[observing->num_processes++] =
               arena_text(&observing->kept, bytes_of_text(name));
}

/* What is known of the file that is read. */
struct reading {
    struct frame first; /* that has a time */
    int64_t last_ns;
};

static void note_times(struct observing *observing, struct reading *reading,
                       const struct frame *frame)
{
    if (!frame->has_time)
        return;
    if (!reading->first.has_time)
        reading->first = *frame;
    reading->last_ns = frame->time_ns;
    adjoin_frame(&observing->adjoin, frame);
}

/* Frames in their order. Those that are read without any state are handed on together. */
static void take_frames(struct observing *observing, struct reading *reading, struct frame *frames,
                        size_t num)
{
    struct packet packets[OBSERVER_MANY];
    size_t i, together = 0;

    for (i = 0; i < num; i++) {
        struct frame *frame = &frames[i];
        bool noted = frame->comment.len > 0;

        note_times(observing, reading, frame);
        if (observing->before > 0)
            frame->number += observing->before;
        if (observing->several && frame->process != NULL)
            frame->process = keep_process(observing, frame->process);
        if (!noted && packet_direct(frame, &packets[together])) {
            together++;
            continue;
        }
        observer_packets(observing->observer, packets, together);
        together = 0;
        if (noted)
            note_comment(observing, frame);
        if (packet_decode(observing->decoder, frame, &packets[0]))
            observer_packet(observing->observer, &packets[0]);
    }
    observer_packets(observing->observer, packets, together);
    observing->frames = frames[num - 1].number;
}

/* The frames of a file, the first of which was read already. */
static void read_frames(struct observing *observing, struct capture *capture,
                        const struct frame *first, bool more, int64_t size)
{
    struct frame frames[OBSERVER_MANY];
    struct reading reading = {{0}, 0};
    bool stopped = false;
    size_t num;

    frames[0] = *first;
    for (num = more; num > 0; num = stopped ? 0 : capture_take(capture, frames, OBSERVER_MANY)) {
        take_frames(observing, &reading, frames, num);
        stopped = interrupt_signal() != 0 && size >= 0; /* a pipe is closed: what came counts */
    }
    stopped |= observing->closed;
    if (stopped && observing->problems >= LIMIT_PROBLEMS)
        observing->problems = 0; /* this one is never left out */
    if (stopped)
        note_problem(observing, "interrupted", observing->frames - observing->before, -1,
                     "reading was interrupted here; what comes after is not in this result");
    adjoin_file(&observing->adjoin, capture_info(capture));
    if (observing->last_file)
        end_capture(observing);
    note_capture(observing, capture_info(capture), &reading.first, reading.last_ns, size);
}

/* Size of a regular file; -1 for a pipe. */
static int64_t size_of(int fd)
{
    struct stat stat;

    return fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) ? (int64_t)stat.st_size : -1;
}

/* Reads on from fd until the end or `limit` bytes in all. */
static void read_on(int fd, struct text *content, size_t limit)
{
    uint8_t chunk[64 * 1024];
    ssize_t got;

    while (content->len < limit &&
           ((got = read(fd, chunk, size_min(sizeof(chunk), limit - content->len))) > 0 ||
            (got < 0 && errno == EINTR)))
        if (got > 0)
            text_put_bytes(content, (struct bytes){chunk, (size_t)got});
}

/* No capture: perhaps a file that travels with one. `content` is what was read of a pipe so far. */
static void observe_evidence(int fd, bool seekable, struct text *content, const char *not_a_capture,
                             struct converters *converters, struct observing *observing)
{
    struct source source = {0};
    struct log facts = {0};
    size_t i;
    struct bytes bytes;

    if (seekable && lseek(fd, 0, SEEK_SET) != 0)
        return;
    read_on(fd, content,
            LIMIT_EVIDENCE_BYTES + 1); /* one more, so that the reader sees that it was too long */
    bytes = (struct bytes){(const uint8_t *)content->at, content->len};
    if (evidence_read(&facts, &source, bytes, converters) == NULL && not_a_capture != NULL &&
        facts.num > 0 && strcmp(facts.at[0].problem->code, "unknown-data") == 0) {
        /* Neither, and only the capture's reader may know what it is. */
        note_problem(observing, "not-a-capture", 0, -1, not_a_capture);
    } else {
        for (i = 0; i < facts.num; i++)
            log_append(observing->log, facts.at[i].kind, &facts.at[i].source, facts.at[i].record);
    }
    log_clear(&facts);
}

/* ---- files ---- */

static const char *base_name(struct observing *observing, const char *path)
{
    const char *slash = strrchr(path, '/');

    return arena_text(&observing->kept, bytes_of_text(slash == NULL ? path : slash + 1));
}

/* What the worker's reader has to know before the records of a further file, and what was held
 * back of those. */
static void go_on(struct observing *observing, bool joined, const char *before, const char *why)
{
    struct next_file next = {.joined = joined, .frames_before = observing->frames};
    struct source source = {0};
    size_t i;

    observing->holding = false;
    if (joined) {
        log_next_file(observing->log, observing->frames);
    } else {
        end_capture(observing);
        log_restart(observing->log);
        observing->problems = 0;
        next.frames_before = observing->frames = observing->before = 0;
    }
    note(observing, KIND_next_file, &source, &next);
    if (!joined)
        put_problem(observing, "not-continued", 0, -1,
                    arena_print(&observing->kept,
                                "by its name it continues %s, but %s: it is read as a capture of "
                                "its own",
                                base_name(observing, before), why));
    for (i = 0; i < observing->held.num; i++)
        note(observing, observing->held.at[i].kind, &observing->held.at[i].source,
             observing->held.at[i].record);
    log_clear(&observing->held);
}

/* The file was opened as `status` says; true when it continues the capture under way. */
static bool continues(const struct observing *observing, enum capture_status status,
                      struct capture *capture, const struct frame *first, bool more,
                      struct text *why)
{
    if (status != CAPTURE_OK)
        text_put(why, "it cannot be read as one");
    else if (observing->decoder == NULL)
        text_put(why, "that cannot be read");
    else
        return !more || adjoin_check(&observing->adjoin, capture_info(capture), first, why);
    return false;
}

/* `before`: path of the file that it may continue; NULL for the first. */
static void observe_file(struct observing *observing, int fd, const char *before)
{
    struct capture_events events = {observing, note_problem, note_name, NULL};
    struct capture *capture = NULL;
    struct frame frame = {0};
    const char *message = NULL;
    int64_t size = fd < 0 ? 0 : size_of(fd);
    struct text first = {0}; /* of a pipe, which cannot be read twice */
    struct text why = {0};
    int again = fd < 0 ? -1 : dup(fd);
    enum capture_status status = CAPTURE_FAILED;
    bool more = false, joined = false;

    if (size < 0)
        read_on(fd, &first, PIPE_FIRST_BYTES);
    observing->holding = before != NULL;
    observing->before = observing->frames;
    if (fd < 0)
        message = arena_print(&observing->kept, "cannot be opened: %s", strerror(-fd));
    else
        status = capture_open(fd, (struct bytes){(const uint8_t *)first.at, first.len}, &events,
                              &observing->kept, &capture, &message);
    if (status == CAPTURE_OK)
        more = capture_next(capture, &frame) == CAPTURE_OK;
    if (before != NULL) {
        joined = continues(observing, status, capture, &frame, more, &why);
        go_on(observing, joined, before, text_str(&why));
    }
    switch (status) {
    case CAPTURE_OK:
        if (!joined)
            begin_capture(observing);
        read_frames(observing, capture, &frame, more, size);
        capture_close(capture);
        break;
    case CAPTURE_NOT:
        observe_evidence(again, size >= 0, &first, message, observing->setup->converters,
                         observing);
        break;
    case CAPTURE_FAILED:
    case CAPTURE_END:
        note_problem(observing, "unreadable", 0, -1, message);
        break;
    }
    if (again >= 0)
        close(again);
    text_clear(&first);
    text_clear(&why);
}

void worker_observe_files(const int *fds, const struct job *job, const struct worker_setup *setup,
                          struct log *log)
{
    struct observing observing = {
        .setup = setup, .log = log, .several = job->num_more > 0, .last_file = true};
    size_t i;

    if (job->missing != NULL)
        put_problem(&observing, job->too_many ? "limit-series" : "missing-file", 0, -1,
                    job->missing);
    for (i = 0; i <= job->num_more && (i == 0 || interrupt_signal() == 0); i++) {
        observing.last_file = i == job->num_more;
        observe_file(&observing, fds[i], i == 0 ? NULL : i == 1 ? job->path : job->more[i - 2]);
    }
    end_capture(&observing);
    memory_drop(observing.processes);
    arena_clear(&observing.scratch);
    arena_clear(&observing.kept);
}

void worker_observe(int fd, const struct worker_setup *setup, struct log *log)
{
    const struct job job = {.path = "-"};

    worker_observe_files(&fd, &job, setup, log);
}
