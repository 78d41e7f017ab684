/* SPDX-License-Identifier: MIT */
/* The read loop: frames -> packets -> flows -> messages -> observations. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "capture/capture.h"
#include "carrier/carrier.h"
#include "cli/worker.h"
#include "evidence/evidence.h"
#include "packet/packet.h"

enum { PIPE_FIRST_BYTES = 1 << 20 };

/* What the callbacks of all layers write into. */
struct observing {
    struct log *log;
    struct arena kept;    /* as long as the capture */
    struct arena scratch; /* of the carriers: cleared between messages */
    int64_t problems;
};

static void note_problem(void *user, const char *code, int64_t frame, int64_t offset,
                         const char *message)
{
    struct observing *observing = user;
    struct problem problem = {.code = code, .message = message, .times = 1};
    struct source source = {.frame = frame > 0 ? frame : 0};

    if (observing->problems++ >= LIMIT_PROBLEMS)
        return;
    if (frame > 0)
        problem.at_frame = optint(frame);
    if (offset >= 0)
        problem.offset = optint(offset);
    log_append(observing->log, KIND_problem, &source, &problem);
}

static void note_name(void *user, const struct capture_name *name)
{
    struct observing *observing = user;
    struct known_name known = {.name = name->name, .address = address_from(name->address)};
    struct source source = {0};

    log_append(observing->log, KIND_known_name, &source, &known);
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
    log_append(observing->log, KIND_capture_file, &source, &file);
}

static void read_frames(struct capture *capture, struct observing *observing,
                        const struct worker_setup *setup, int64_t size)
{
    struct packet_events packet_events = {observing, note_problem};
    struct packet_decoder *decoder = packet_decoder_open(&packet_events);
    struct carriage carriage = {.log = observing->log,
                                .scratch = &observing->scratch,
                                .keyring = setup->keyring,
                                .reassembly_bytes = setup->reassembly_bytes};
    struct observer *observer = observer_open(&carriage);
    struct frame frame, first = {0};
    struct packet packet;
    int64_t last_ns = 0;

    while (capture_next(capture, &frame) == CAPTURE_OK) {
        if (!first.has_time && frame.has_time)
            first = frame;
        if (frame.has_time)
            last_ns = frame.time_ns;
        if (packet_decode(decoder, &frame, &packet))
            observer_packet(observer, &packet);
    }
    observer_finish(observer);
    packet_decoder_finish(decoder);
    observer_close(observer);
    packet_decoder_close(decoder);
    note_capture(observing, capture_info(capture), &first, last_ns, size);
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

void worker_observe(int fd, const struct worker_setup *setup, struct log *log)
{
    struct observing observing = {.log = log};
    struct capture_events events = {&observing, note_problem, note_name, NULL};
    struct capture *capture = NULL;
    const char *message = NULL;
    int64_t size = size_of(fd);
    struct text first = {0}; /* of a pipe, which cannot be read twice */
    int again = dup(fd);

    if (size < 0)
        read_on(fd, &first, PIPE_FIRST_BYTES);
    switch (capture_open(fd, (struct bytes){(const uint8_t *)first.at, first.len}, &events,
                         &observing.kept, &capture, &message)) {
    case CAPTURE_OK:
        read_frames(capture, &observing, setup, size);
        capture_close(capture);
        break;
    case CAPTURE_NOT:
        observe_evidence(again, size >= 0, &first, message, setup->converters, &observing);
        break;
    case CAPTURE_FAILED:
    case CAPTURE_END:
        note_problem(&observing, "unreadable", 0, -1, message);
        break;
    }
    if (log->full)
        note_problem(&observing, "limit-observations", 0, -1,
                     "too many observations; the later ones are left out");
    if (again >= 0)
        close(again);
    text_clear(&first);
    arena_clear(&observing.scratch);
    arena_clear(&observing.kept);
}
