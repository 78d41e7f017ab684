/* SPDX-License-Identifier: MIT */
/* Files that are no captures: each is named, with the command that converts it. */
#include "capture_file.h"

static void check_named(const void *raw, size_t len, const char *word, const char *command)
{
    struct seen seen;

    see_from(&seen, (struct bytes){raw, len}, false, 0);
    CHECK_INT(seen.status, CAPTURE_NOT);
    if (strstr(seen.message, word) == NULL || strstr(seen.message, command) == NULL)
        CHECK_STR(seen.message, word);
}

static void check_text(const char *text, const char *word, const char *command)
{
    check_named(text, strlen(text), word, command);
}

TEST(marks)
{
    check_named("snoop\0\0\0\0\0\0\2\0\0\0\4", 16, "snoop", "editcap -F pcapng");
    check_named("XCP\0"
                "002.002\0",
                12, "Sniffer", "editcap");
    check_named("TRSNIFF data    \x1a\0\0", 19, "DOS Sniffer", "editcap");
    check_named("\xaa\xaa\xaa\xaa\0\0", 6, "5Views", "editcap");
    check_named("PK\3\4\x14\0", 6, "zip", "Export (.cap)");
    check_named("MSCF\0\0\0\0", 8, "cabinet", "expand -F:*");
    check_named("ElfFile\0\0\0", 10, "event log", "wevtutil");
    check_named("BZh91AY&SY", 10, "bzip2", "bunzip2");
    check_named("\x1c\0\1\xac", 4, "lcap", "editcap");
    check_named("", 0, "empty", "");
    check_named("\1\2\3", 3, "begins with 01 02 03 00", ".matu");
}

TEST(texts)
{
    check_text("\xef\xbb\xbf{ \"log\": { \"version\": \"1.2\", \"creator\": {} } }", "HAR",
               "pktmon");
    check_text("  [ {\"_index\": 1} ]", "JSON", "pcapng");
    check_text("<?xml version=\"1.0\"?>\n<pdml version=\"0\">", "XML", "pcapng");
    check_text("# keys\nCLIENT_RANDOM 00 11\n", "key log", "--inject-secrets");
    check_text("0000  00 11 22 33\n", "hex dump", "text2pcap");
    check_text("Registered ServicePrincipalNames for CN=x\r\n",
               "text, and neither a capture nor evidence of a known kind", "");
    check_text("gr\xfc\xdf Gott\n", "text", "");
    check_named("\xff\xfeR\0e\0g\0", 8, "text", "");
}

TEST(event_trace)
{
    struct made made = {0};

    put32(&made, 0x10000); /* WMI_BUFFER_HEADER: size of the buffer, offsets into it */
    put32(&made, 0x3D8);
    put32(&made, 0x3D8);
    put_data(&made, 0, 0x48 - 12);
    put16(&made, 2);      /* SYSTEM_TRACE_HEADER: version */
    put16(&made, 0xC002); /* its type and flags */
    put_data(&made, 0, 100);
    check_named(made.at, made.len, ".etl", "etl2pcapng IN.etl OUT.pcapng");
    check_named(made.at, made.len, ".etl", "pktmon etl2pcap IN.etl -o OUT.pcapng");
    made.at[0x4B] = 0;
    check_named(made.at, made.len, "not a capture file of a known format", "");
}

TEST(erf)
{
    struct made made = {.big = true};
    int i;

    for (i = 0; i < 4; i++) {
        made.big = false;
        put64(&made, (UINT64_C(1700000000) + (uint64_t)i) << 32);
        made.big = true;
        put_integer(&made, 2, 1); /* Ethernet */
        put_integer(&made, 4, 1);
        put16(&made, 16 + 2 + 60);
        put16(&made, 0);
        put16(&made, 60);
        put_data(&made, 0, 62);
    }
    check_named(made.at, made.len, "ERF", "editcap");
}

TEST(tar)
{
    struct made made = {0};

    put_data(&made, 0, 257);
    put(&made, "ustar", 5);
    put_data(&made, 0, 250);
    check_named(made.at, made.len, "tar", "tar xf");
}
