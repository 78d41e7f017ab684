/* SPDX-License-Identifier: MIT */
/* What a file is that is no capture this program reads, and the command that makes one of it. */
#include "base/reader.h"
#include "capture/container.h"

#define EDITCAP  "convert it with Wireshark's editcap: editcap -F pcapng IN OUT.pcapng"
#define UNPACK   "unpack it and give the files in it"
#define ANALYZER "in Message Analyzer: File, Save As, All Messages, Export (.cap)"

/* Formats that say what they are. `at`: where the mark stands. */
static const struct {
    size_t at, len;
    const char *mark, *what;
} marks[] = {
    {0, 8, "snoop\0\0\0", "a Solaris snoop capture; " EDITCAP},
    {0, 4, "XCP\0", "a NetXray or Windows Sniffer capture; " EDITCAP},
    {0, 4, "VL\0\0", "a NetXray 1.x capture; " EDITCAP},
    {0, 17, "TRSNIFF data    \x1a", "a DOS Sniffer capture; " EDITCAP},
    {0, 4, "\xaa\xaa\xaa\xaa", "an Accellent 5Views capture; " EDITCAP},
    {0, 4, "\x05VNF", "a Visual Networks capture; " EDITCAP},
    {0, 5, "\177ver\0", "an EtherPeek or OmniPeek capture; " EDITCAP},
    {0, 14, "ObserverPktBuf", "a Network Instruments Observer capture; " EDITCAP},
    {0, 11, "iptrace 1.0", "an AIX iptrace capture; " EDITCAP},
    {0, 11, "iptrace 2.0", "an AIX iptrace capture; " EDITCAP},
    {0, 5, "TR\0d\0", "an HP-UX nettl trace; " EDITCAP},
    {0, 5, "TR\0N\0", "an HP-UX nettl trace; " EDITCAP},
    {0, 8, "\0\0\2\0\x12\5\0\x10", "a Tektronix K12 capture; " EDITCAP},
    {0, 8, "btsnoop\0", "a Bluetooth snoop log; it holds no network packets"},
    {0, 4, "\x1c\0\1\xac", "an IXIA lcap capture; " EDITCAP},
    {0, 4, "\x1c\0\1\xab", "an IXIA lcap capture; " EDITCAP},
    {0, 4, "\xac\1\0\x1c", "an IXIA lcap capture; " EDITCAP},
    {0, 4, "\xab\1\0\x1c", "an IXIA lcap capture; " EDITCAP},
    {0, 4, "cpse", "a Colasoft Capsa capture; " EDITCAP},
    {0, 8, "ElfFile\0",
     "a Windows event log (.evtx); export its text: wevtutil query-events IN /lf:true /f:xml > "
     "OUT.xml"},
    {0, 4, "MSCF",
     "a cabinet file, as netsh trace writes beside its .etl; expand it: expand -F:* IN ."},
    {0, 4, "PK\3\4", "a zip archive; " UNPACK " (a Message Analyzer trace: " ANALYZER ")"},
    {0, 4, "PK\5\6", "an empty zip archive"},
    {0, 6, "7z\xbc\xaf\x27\x1c", "a 7-Zip archive; " UNPACK ": 7z x IN"},
    {0, 6, "Rar!\x1a\7", "a RAR archive; " UNPACK ": unrar x IN"},
    {0, 3, "BZh", "compressed with bzip2; unpack it: bunzip2 IN"},
    {0, 2, "\x1f\x9d", "compressed with compress; unpack it: uncompress IN"},
    {257, 5, "ustar", "a tar archive; " UNPACK ": tar xf IN"},
    {0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE document, not a capture"},
    {0, 4, "\177ELF", "a program, not a capture"},
    {0, 2, "MZ", "a Windows program, not a capture"},
    {0, 4, "%PDF", "a PDF document, not a capture"},
};

static bool contains(struct bytes start, const char *mark)
{
    return memmem(start.at, start.len, mark, strlen(mark)) != NULL;
}

/* An event trace begins with the header of its first buffer (72 bytes: its size, how much of it is
 * used, ...) and in it with a system trace header, whose type is 1 or 2 and whose flags are C0. */
static bool is_etl(struct bytes start)
{
    struct reader reader;
    uint32_t size, saved, current;

    if (start.len < 0x50 || start.at[0x4B] != 0xC0 || start.at[0x4A] < 1 || start.at[0x4A] > 2)
        return false;
    reader_init(&reader, start, true);
    size = reader_le32(&reader);
    saved = reader_le32(&reader);
    current = reader_le32(&reader);
    return size >= 1024 && size % 1024 == 0 && size <= 64u << 20 && saved <= size &&
           current <= size;
}

/* ERF has no mark. Its records say their length, and are of a few dozen types; times do not jump.
 */
static bool is_erf(struct bytes start)
{
    enum { RECORDS = 3, HEADER = 16, MAX_TYPE = 48, MAX_GAP_S = 86400 };
    struct reader reader;
    uint64_t before = 0;
    int records;

    reader_init(&reader, start, true);
    for (records = 0; records < RECORDS; records++) {
        uint64_t stamp = reader_le64(&reader) >> 32;
        uint8_t type = reader_u8(&reader) & 0x7F;
        uint16_t len, wire_len;

        reader_skip(&reader, 1);
        len = reader_be16(&reader);
        reader_skip(&reader, 2);
        wire_len = reader_be16(&reader);
        if (!reader_ok(&reader) || type == 0 || type > MAX_TYPE || len < HEADER || wire_len == 0 ||
            stamp < 0x30000000)
            return false;
        if (records > 0 && (stamp < before || stamp - before > MAX_GAP_S))
            return false;
        before = stamp;
        reader_skip(&reader, len - HEADER);
    }
    return true;
}

/* Text of an encoding that people use: UTF-16 with its mark, or hardly anything but printable
 * letters. Letters of code pages count as printable, because evidence in them is text too. */
static bool is_text(struct bytes start)
{
    size_t i, odd = 0;

    if (start.len >= 2 &&
        (memcmp(start.at, "\xff\xfe", 2) == 0 || memcmp(start.at, "\xfe\xff", 2) == 0))
        return true;
    for (i = 0; i < start.len; i++)
        odd += start.at[i] < 0x20 && start.at[i] != '\n' && start.at[i] != '\r' &&
               start.at[i] != '\t' && start.at[i] != '\f' && start.at[i] != 0x1b;
    return odd == 0;
}

static uint8_t first_letter(struct bytes start)
{
    size_t i = start.len >= 3 && memcmp(start.at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    while (i < start.len && (start.at[i] == ' ' || start.at[i] == '\t' || start.at[i] == '\r' ||
                             start.at[i] == '\n'))
        i++;
    return i < start.len ? start.at[i] : 0;
}

static const char *describe_text(struct bytes start)
{
    uint8_t letter = first_letter(start);

    if (letter == '{' && contains(start, "\"log\"") &&
        (contains(start, "\"creator\"") || contains(start, "\"entries\"")))
        return "a HAR file, what a browser logs of HTTP: no Kerberos or DNS is in it and nothing "
               "makes a capture of it; capture with Wireshark, or: pktmon start --capture "
               "--pkt-size 0";
    if (letter == '{' || letter == '[')
        return "JSON, not a capture; export packets from Wireshark as pcapng instead";
    if (contains(start, "<pdml") || contains(start, "<psml"))
        return "packets that Wireshark wrote as XML; save them as pcapng instead";
    if (contains(start, "CLIENT_RANDOM ") || contains(start, "CLIENT_HANDSHAKE_TRAFFIC_SECRET "))
        return "a TLS key log; put its keys into the capture: editcap --inject-secrets tls,KEYS IN "
               "OUT.pcapng";
    if (contains(start, "0000  ") || contains(start, "0x0000:"))
        return "text, perhaps a packet dump; a hex dump converts with: text2pcap IN OUT.pcapng";
    return "text, and neither a capture nor evidence of a known kind";
}

const char *foreign_describe(struct bytes start, struct arena *arena)
{
    size_t i;

    if (start.len == 0)
        return "an empty file";
    for (i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        if (start.len >= marks[i].at + marks[i].len &&
            memcmp(start.at + marks[i].at, marks[i].mark, marks[i].len) == 0)
            return marks[i].what;
    if (is_etl(start))
        return "an event trace of Windows (.etl); convert it with: etl2pcapng IN.etl OUT.pcapng, "
               "or "
               "on Windows 10 and later: pktmon etl2pcap IN.etl -o OUT.pcapng";
    if (contains((struct bytes){start.at, start.len < 512 ? start.len : 512}, "NetScaler"))
        return "a NetScaler trace; " EDITCAP;
    if (is_text(start))
        return describe_text(start);
    if (is_erf(start))
        return "an Endace ERF capture; " EDITCAP;
    return arena_print(
        arena,
        "not a capture file of a known format (it begins with %02x %02x %02x %02x); "
        "if Wireshark opens it: editcap -F pcapng IN OUT.pcapng; if Message Analyzer "
        "does (.matu, .matp): " ANALYZER,
        start.at[0], start.len > 1 ? start.at[1] : 0, start.len > 2 ? start.at[2] : 0,
        start.len > 3 ? start.at[3] : 0);
}
