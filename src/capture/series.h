/* SPDX-License-Identifier: MIT */
/* Files that are consecutive by their names: what dumpcap, tcpdump, netsh and Network Monitor call
 * the files of one long capture. Whether they are is decided when they are read (cli/adjoin.h). */
#ifndef KRBWHY_CAPTURE_SERIES_H
#define KRBWHY_CAPTURE_SERIES_H

#include "base/arena.h"

/* How a name counts. */
enum series_style {
    SERIES_NONE,
    SERIES_DUMPCAP,  /* NAME_00001_20260101120000.pcapng; wireshark(1), -b: also the time first */
    SERIES_APPENDED, /* NAME.pcap, NAME.pcap1, NAME.pcap2; NAME.pcap00, NAME.pcap01: tcpdump(1), -C
                        and -W */
    SERIES_TIMES,    /* a date and time in the name: tcpdump(1), -G with strftime(3) */
    SERIES_BRACKETS  /* NAME(1).cap: netsh trace, Network Monitor's chained captures */
};

struct series_name {
    enum series_style style;
    /* What all names of a series share: the path with its number left out, an ending of compression
     * (.gz) too. In the arena. */
    const char *stem;
    /* From 0; of SERIES_TIMES the digits of the time, which can only be put in order. */
    int64_t number;
    size_t width; /* digits of SERIES_APPENDED when they begin with 0, else 0 */
};

/* Understands the name of a file. style SERIES_NONE: it has no number. */
struct series_name series_parse(const char *path, struct arena *arena);

/* The path without an ending of compression. In the arena. */
const char *series_plain(const char *path, struct arena *arena);

#endif
