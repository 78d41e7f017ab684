/* SPDX-License-Identifier: MIT */
/* The inside of a capture: what a container (a file format) implements and what it is given.
 * A container is one file and one row of containers.def; an unpacker one file and one row of
 * unpackers.def. */
#ifndef KRBWHY_CAPTURE_CONTAINER_H
#define KRBWHY_CAPTURE_CONTAINER_H

#include "base/arena.h"
#include "capture/capture.h"
#include "capture/input.h"

struct container {
    const char *name; /* as capture_info.format spells it */
    bool (*recognise)(struct bytes start);
    /* Reads the header. CAPTURE_OK, or CAPTURE_FAILED with capture->message set (container_refuse).
     */
    enum capture_status (*open)(struct capture *capture);
    /* Fills all of *out_frame but `number`. CAPTURE_OK or CAPTURE_END; not called after the end. */
    enum capture_status (*next)(struct capture *capture, struct frame *out_frame);
    /* Up to `room` of the frames that follow, without a problem and without touching what those
     * before them borrow; 0 at any time: then `next` is to tell. Fills all but `number`; wire_len
     * and the length are as struct frame and LIMIT_FRAME_BYTES want them. NULL: always 0. */
    size_t (*take)(struct capture *capture, struct frame *out_frames, size_t room);
    void (*close)(
        struct capture *capture); /* frees capture->state; may be called after a failed open */
};

struct unpacker {
    const char *name;
    bool (*recognise)(struct bytes start);
    struct input *(*open)(struct input *below); /* takes `below` over; never fails */
};

struct capture {
    const struct container *container;
    void *state;         /* of the container; NULL before its open */
    struct input *input; /* at the container's first byte when open is called */
    struct capture_events events;
    struct arena arena;   /* texts of info and of problems */
    struct arena *answer; /* of the caller: where the message of a failed open goes */
    const char *message;
    struct capture_info info;
    const char **link_names, **interface_names;
    uint32_t last_link;    /* link type that was noted last */
    uint8_t *links_seen;   /* one bit a link type */
    int64_t number;        /* of the last frame delivered */
    bool ended, noted_cut; /* noted_cut: a frame over LIMIT_FRAME_BYTES was reported */
    bool general;          /* tests: containers take no short cut for what is usual */
};

enum {
    CONTAINER_START = 4096, /* bytes a recogniser may expect to see, unless the file is shorter */
    LINK_NOT_SEEN = LINK_PCAPNG_RECORD + 1 /* above every link type a frame can have */
};

#define CONTAINER(name) extern const struct container container_##name;
#define UNPACKER(name)  extern const struct unpacker unpacker_##name;
#include "capture/containers.def"
#include "capture/unpackers.def"
#undef CONTAINER
#undef UNPACKER

/* Reports a problem after the frames delivered so far. offset: in the unpacked file, -1 unknown. */
void container_problem(struct capture *capture, const char *code, int64_t offset,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The input ended although the container expected more (or, with `regular`, exactly where it might
 * end): reports why, when there is anything to report. `what` says where in the container it
 * happened ("in the header of a packet"). */
void container_ended(struct capture *capture, int64_t offset, bool regular, const char *what);

/* For open: sets capture->message and returns CAPTURE_FAILED. */
enum capture_status container_refuse(struct capture *capture, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* LINKTYPE numbers of old files whose meaning moved, as libpcap and Wireshark read them: raw IP of
 * several BSDs (12, 14) is 101. */
uint32_t link_type_normal(uint32_t link_type);

/* Foreign formats: what the bytes are and what converts them; never NULL. */
const char *foreign_describe(struct bytes start, struct arena *arena);

#endif
