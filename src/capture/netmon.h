/* SPDX-License-Identifier: MIT */
/* The parts of the Network Monitor reader among themselves. Source: Microsoft's documentation
 * "netmon2/capturefile-header-values" and "netmon2/frame"; what it leaves open was seen in files.
 */
#ifndef KRBWHY_CAPTURE_NETMON_H
#define KRBWHY_CAPTURE_NETMON_H

#include "capture/container.h"
#include "capture/window.h"

struct netmon_process {
    const char *name; /* of the executable, without its folder */
    int64_t pid;
};

struct netmon_comment {
    uint32_t frame_at; /* offset of the frame it belongs to */
    struct bytes title;
};

struct netmon {
    struct window frames, tables;
    uint8_t major, minor;
    uint16_t media;      /* of all frames, before 2.1 */
    uint16_t last_media; /* of the last frame, */
    uint32_t last_link;  /* and what it is as a link type */
    int64_t start_ns;    /* SYSTEMTIME of the header, taken as UTC */
    bool start_ok;       /* the start is within what 64 bits of nanoseconds hold */
    uint64_t table_at;
    size_t num_frames, next_frame; /* entries of the frame table that are in the file */
    uint64_t walk_at;              /* where the next frame begins when there is no table; else 0 */
    bool table_cut;                /* the file ends within or before its frame table */
    uint64_t delivered;            /* bytes of all frames so far: no more than the file has */
    struct netmon_process *processes;
    size_t num_processes;
    struct netmon_comment *comments; /* sorted by frame_at */
    size_t num_comments;
    struct arena texts;
};

/* Process table (2.2 and later): `count` records at the offset. What is damaged is left out.
 * False when more than LIMIT_PROCESSES or LIMIT_NETMON_TABLE_BYTES were left out. */
bool netmon_read_processes(struct netmon *netmon, uint64_t offset, uint32_t count);

/* Comments on frames: `len` bytes at the offset. What is damaged is left out. False
 * when it is beyond LIMIT_NETMON_TABLE_BYTES. */
bool netmon_read_comments(struct netmon *netmon, uint64_t offset, uint32_t len);

/* Title of the comment on the frame at that offset; empty when it has none. */
struct bytes netmon_find_comment(const struct netmon *netmon, uint64_t frame_at);

/* A NetEvent record (an ETW event): says whose process it was; and where the event is a packet
 * that ndiscap caught, the frame becomes that packet. */
void netmon_take_event(struct frame *frame);

#endif
