/* SPDX-License-Identifier: MIT */
/* One record of a capture file, whatever the container. */
#ifndef KRBWHY_CAPTURE_FRAME_H
#define KRBWHY_CAPTURE_FRAME_H

#include "base/bytes.h"

enum {
    /* Values of link_type that are no LINKTYPE number (those are < 65536). */
    LINK_NETMON_EVENT = 0x10000,    /* Network Monitor NetEvent (an ETW record) */
    LINK_NETMON_METADATA = 0x10001, /* numbered and not decoded */
    LINK_NETMON_WIFI = 0x10002,     /* 802.11 behind the Network Monitor prefix */
    LINK_NETMON_OTHER = 0x10003,    /* a media type of Network Monitor that has no LINKTYPE */
    LINK_PCAPNG_RECORD = 0x10004 /* a journal entry or system call, which Wireshark numbers too */
};

/* Borrowed from the capture: valid until the next capture_next. */
struct frame {
    int64_t number;       /* from 1, as Wireshark counts */
    int64_t time_ns;      /* since 1970 UTC; whole container precision */
    bool has_time;        /* false: the record carries none (Simple Packet Block); time_ns is 0 */
    size_t wire_len;      /* length on the wire; never less than data.len, whatever the file says */
    uint32_t link_type;   /* LINKTYPE_... of tcpdump.org, or one of the values above */
    uint32_t interface;   /* 0-based within the file */
    struct bytes data;    /* captured bytes; shorter than wire_len when the snap length cut it */
    struct bytes comment; /* first packet comment as written (UTF-8 by rights), else empty */
    const char *process;  /* name of the owning process where the container says it, else NULL */
    int64_t pid;          /* -1: unknown */
};

#endif
