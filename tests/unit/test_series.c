/* SPDX-License-Identifier: MIT */
/* Names of consecutive files: wireshark(1) -b, tcpdump(1) -C, -W and -G, netsh trace. */
#include "capture/series.h"

#include <stdio.h>

#include "harness.h"

static void check(const char *path, enum series_style style, int64_t number, const char *stem)
{
    struct arena arena = {0};
    struct series_name name = series_parse(path, &arena);

    if (name.style != style || (style != SERIES_NONE && name.number != number))
        printf("# %s: style %d, number %lld\n", path, name.style, (long long)name.number);
    CHECK_INT(name.style, style);
    if (style != SERIES_NONE) {
        CHECK_INT(name.number, number);
        CHECK_STR(name.stem, stem);
    }
    arena_clear(&arena);
}

TEST(names_that_count)
{
    check("d/t_00009_20260101120000.pcapng", SERIES_DUMPCAP, 9, "d/t_#.pcapng");
    check("t_00010_20260101120000.pcapng.gz", SERIES_DUMPCAP, 10, "t_#.pcapng");
    check("t_20260101120000_00010.pcapng", SERIES_DUMPCAP, 10, "t_#.pcapng");
    check("a_b_123456_20260101120000", SERIES_DUMPCAP, 123456, "a_b_#");
    check("d/t.pcap1", SERIES_APPENDED, 1, "d/t.pcap");
    check("t.pcap007.zst", SERIES_APPENDED, 7, "t.pcap");
    check("t(12).cap", SERIES_BRACKETS, 12, "t.cap");
    check("t-20260102_030405.pcap", SERIES_TIMES, 20260102030405, "t-#.pcap");
    check("2026-01-02T03:04.pcap", SERIES_TIMES, 202601020304, "#.pcap");
    check("t1767225600.pcap", SERIES_TIMES, 1767225600, "t#.pcap");
}

TEST(names_that_do_not)
{
    static const char *const names[] = {
        "t.pcap",
        "t1.pcap",
        "t (1).pcap", /* saved by a browser a second time */
        "(1).cap",
        "t(1)(x).cap",
        "t-20261301.pcap",      /* no month */
        "t-20260102.pcap",      /* a day holds more than one file */
        "t-20260102_9904.pcap", /* no hour */
        "t.pcap12345678901",    /* no number that a tool would write */
        "t.pcapng.txt",
        "",
        ".gz",
        "d.pcap1/notes",
    };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        check(names[i], SERIES_NONE, 0, NULL);
}
