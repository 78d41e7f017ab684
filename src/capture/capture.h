/* SPDX-License-Identifier: MIT */
/* Captures in: one container reader per file format, all yielding struct frame. Type by content
 * only. */
#ifndef KRBWHY_CAPTURE_CAPTURE_H
#define KRBWHY_CAPTURE_CAPTURE_H

#include "base/arena.h"
#include "capture/frame.h"

/* A name the capturing machine knew (pcapng name resolution block). */
struct capture_name {
    const char *name;
    struct bytes address; /* 4 or 16 octets */
};

/* What a container tells about itself and what is wrong with it. Callbacks may be NULL. */
struct capture_events {
    void *user;
    /* code: stable word: truncated-file, malformed-file, read-error (reading stops after these);
     * malformed-block, limit-frame, limit-ratio (said once). frame: last good frame number, 0
     * before the first; offset: in the (uncompressed) file, -1 unknown. */
    void (*problem)(void *user, const char *code, int64_t frame, int64_t offset,
                    const char *message);
    void (*name)(void *user, const struct capture_name *name);
    /* pcapng only: every block as it stands in the file, in order, before the frame that it holds
     * is delivered; borrowed until the next capture_next. `big`: its byte order. `cut`: longer than
     * LIMIT_BLOCK_BYTES, and its end is not in `raw`. */
    void (*block)(void *user, struct bytes raw, bool big, bool cut);
};

/* Known after the last frame; texts live until capture_close. */
struct capture_info {
    const char *format; /* "pcap", "pcapng", "netmon", with " in gzip" etc. where compressed */
    int64_t packets;    /* frames, without those of LINK_PCAPNG_RECORD */
    const char *const
        *link_types; /* names as pcap_datalink_val_to_name spells them, in order of appearance */
    size_t num_link_types;
    const char *const *interfaces; /* pcapng: name of each as it was described, by frame.interface;
                                      NULL where it has none */
    size_t num_interfaces;
    bool zone_unknown; /* times are local time of an unknown zone, taken as UTC */
    bool has_zone;     /* the file tells the time zone of the machine that captured */
    int64_t zone_s;    /* has_zone: seconds to add to UTC for its local time */
    const char *hardware, *os, *application, *comment; /* NULL when absent */
};

struct capture; /* opaque */

enum capture_status {
    CAPTURE_OK,
    CAPTURE_END,   /* no more frames: the regular end, or damage that was reported as a problem */
    CAPTURE_NOT,   /* open: not a capture of a known format; *out_message names what it is and what
                      converts it */
    CAPTURE_FAILED /* open: unreadable or damaged in its header; *out_message says how, with the
                      offset */
};

/* Takes over the descriptor (readable, may be a pipe) and recognises the format by content.
 * `first`: bytes already read from fd, to be seen before it (may be empty; copied).
 * On CAPTURE_OK *out_capture is the caller's, to be returned with capture_close. Otherwise fd is
 * closed and *out_message is one line of static or `arena` text. */
enum capture_status capture_open(int fd, struct bytes first, const struct capture_events *events,
                                 struct arena *arena, struct capture **out_capture,
                                 const char **out_message);

/* The next frame, borrowed until the following call; CAPTURE_END at the end. */
enum capture_status capture_next(struct capture *capture, struct frame *out_frame);

/* The same for up to `room` > 0 frames at once: those that are in memory already, at least one. All
 * are borrowed until the following call of either. 0 at the end. */
size_t capture_take(struct capture *capture, struct frame *out_frames, size_t room);

/* Facts about the file; complete after CAPTURE_END. */
const struct capture_info *capture_info(struct capture *capture);

void capture_close(struct capture *capture);

/* "EN10MB" for LINKTYPE 1, as pcap_datalink_val_to_name; NULL when libpcap has no name for it.
 * Static text. Not for every packet: libpcap opens a file to tell. */
const char *link_name_find(uint32_t link_type);

#endif
