/* SPDX-License-Identifier: MIT */
/* Network Monitor files. The times and link types wanted here are what tshark 4.0.17 shows for
 * files made like these under TZ=UTC. */
#include "capture_file.h"

enum { HEADER_LEN = 72, MAX_RECORDS = 16 };

/* A file whose frames are put first and whose tables follow. */
struct netmon_file {
    struct made made;
    uint32_t at[MAX_RECORDS];
    size_t num;
    uint8_t major, minor;
};

static const uint64_t filetime = 133536960001234567; /* 2024-02-29 16:00:00.1234567 UTC */

static void begin(struct netmon_file *file, uint8_t major, uint8_t minor)
{
    memset(file, 0, sizeof(*file));
    file->major = major;
    file->minor = minor;
    put_data(&file->made, 0, HEADER_LEN);
}

static void put_record(struct netmon_file *file, int64_t delta, uint16_t media, uint32_t process,
                       const void *raw, size_t len)
{
    struct made *made = &file->made;

    file->at[file->num++] = (uint32_t)made->len;
    if (file->major == 1) {
        put32(made, (uint32_t)delta);
        put16(made, (uint32_t)len + 40);
        put16(made, (uint32_t)len);
    } else {
        put64(made, (uint64_t)delta);
        put32(made, (uint32_t)len + 40);
        put32(made, (uint32_t)len);
    }
    put(made, raw, len);
    if (file->major == 1 || file->minor == 0)
        return;
    put16(made, media);
    if (file->minor >= 2)
        put32(made, process);
    if (file->minor >= 3) {
        put64(made, filetime + 10 * (uint64_t)delta);
        put_data(made, 255, 1);
    }
}

static void put_text16(struct made *made, const char *text)
{
    put32(made, (uint32_t)strlen(text) * 2 + 2);
    for (; *text != 0; text++)
        put16(made, (uint8_t)*text);
    put16(made, 0);
}

static void put_process(struct made *made, const char *path, uint32_t pid)
{
    put_text16(made, path);
    put32(made, 3);
    put_data(made, 'i', 3); /* icon */
    put32(made, pid);
    put_data(made, 0, 8 + 4 + 32);
}

/* The table of frames in the given order, the tables of comments and processes, the header. */
static void finish(struct netmon_file *file, const size_t *order, size_t num_order)
{
    static const uint16_t start[8] = {2024, 2, 4, 29, 13, 14, 15, 678};
    struct made *made = &file->made;
    uint32_t table = (uint32_t)made->len, comments, processes;
    struct made header = {0};
    size_t i;

    for (i = 0; i < num_order; i++)
        put32(made, file->at[order[i]]);
    comments = (uint32_t)made->len;
    put32(made, 1);
    put32(made, file->at[0]);
    put_text16(made, "note");
    put32(made, 4);
    put(made, "{rtf", 4);
    processes = (uint32_t)made->len;
    put16(made, 2);
    put_process(made, "System", 4);
    put_process(made, "C:\\Windows\\System32\\svchost.exe", 3000000000);
    put(&header, file->major == 1 ? "RTSS" : "GMBU", 4);
    put(&header, &file->minor, 1);
    put(&header, &file->major, 1);
    put16(&header, 1);
    for (i = 0; i < 8; i++)
        put16(&header, start[i]);
    put32(&header, table);
    put32(&header, (uint32_t)num_order * 4);
    put64(&header, 0);
    put32(&header, comments);
    put32(&header, processes - comments);
    put32(&header, processes);
    put32(&header, 2);
    memcpy(made->at, header.at, header.len);
}

static const size_t in_order[MAX_RECORDS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static void make_usual(struct netmon_file *file, uint8_t major, uint8_t minor)
{
    begin(file, major, minor);
    put_record(file, 0, 1, 0, "aaaaaaaaaaaaaaaaaaaa", 20);
    put_record(file, 1500, 0xE071, 1, "bbbbbbbbbb", 10);
    put_record(file, major == 1 ? 7 : -7, 0xFFFF, UINT32_MAX, "ccc", 3);
    put_record(file, 250, 8, 2, "dddd", 4);
    finish(file, in_order, file->num);
}

TEST(versions)
{
    static const struct {
        uint8_t major, minor;
        int64_t times[4];
        uint32_t links[4];
        const char *info;
    } cases[] = {
        {1,
         1,
         {1709212455678000000, 1709212457178000000, 1709212455685000000, 1709212455928000000},
         {1, 1, 1, 1},
         "netmon 4 - - EN10MB"},
        {2,
         0,
         {1709212455678000000, 1709212455679500000, 1709212455677993000, 1709212455678250000},
         {1, 1, 1, 1},
         "netmon 4 - - EN10MB"},
        {2,
         1,
         {1709212455678000000, 1709212455679500000, 1709212455677993000, 1709212455678250000},
         {1, 113, LINK_NETMON_METADATA, 101},
         "netmon 4 - - EN10MB LINUX_SLL NETMON_METADATA RAW"},
        {2,
         2,
         {1709212455678000000, 1709212455679500000, 1709212455677993000, 1709212455678250000},
         {1, 113, LINK_NETMON_METADATA, 101},
         "netmon 4 - - EN10MB LINUX_SLL NETMON_METADATA RAW"},
        {2,
         3,
         {1709222400123456700, 1709222400124956700, 1709222400123449700, 1709222400123706700},
         {1, 113, LINK_NETMON_METADATA, 101},
         "netmon 4 - - EN10MB LINUX_SLL NETMON_METADATA RAW"},
    };
    size_t i, k;

    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        static struct netmon_file file;
        struct seen seen;

        make_usual(&file, cases[i].major, cases[i].minor);
        see(&seen, &file.made);
        CHECK_INT(seen.num, 4);
        CHECK_INT(seen.num_problems, 0);
        CHECK_STR(seen.info, cases[i].info);
        for (k = 0; k < 4; k++) {
            CHECK(seen.frames[k].has_time);
            CHECK_INT(seen.frames[k].time_ns, cases[i].times[k]);
            CHECK_INT(seen.frames[k].link_type, cases[i].links[k]);
            CHECK_INT(seen.first_octet[k], 'a' + (int)k);
        }
        CHECK_INT(seen.frames[1].data.len, 10);
        CHECK_INT(seen.frames[1].wire_len, 50);
        CHECK_INT(seen.frames[0].pid, cases[i].minor >= 2 ? 4 : -1);
        CHECK_INT(seen.frames[1].pid, cases[i].minor >= 2 ? 3000000000 : -1);
        CHECK_INT(seen.frames[2].pid, -1);
        CHECK_INT(seen.frames[3].pid, -1); /* no such process in the table */
        CHECK_INT(seen.frames[0].comment.len, 4);
        CHECK_INT(seen.frames[1].comment.len, 0);
    }
}

/* The names live as long as the capture; seen keeps no texts. */
TEST(names_of_processes)
{
    static struct netmon_file file;
    struct arena arena = {0};
    struct capture *capture;
    const char *message;
    struct frame frame;

    make_usual(&file, 2, 3);
    CHECK_INT(capture_open(descriptor_of((struct bytes){file.made.at, file.made.len}, true),
                           (struct bytes){NULL, 0}, NULL, &arena, &capture, &message),
              CAPTURE_OK);
    CHECK_INT(capture_next(capture, &frame), CAPTURE_OK);
    CHECK_STR(frame.process, "System");
    CHECK(bytes_equal(frame.comment, bytes_of_text("note")));
    CHECK_INT(capture_next(capture, &frame), CAPTURE_OK);
    CHECK_STR(frame.process, "svchost.exe");
    CHECK(!capture_info(capture)->zone_unknown);
    capture_close(capture);
    arena_clear(&arena);
}

TEST(out_of_order_with_holes)
{
    static struct netmon_file file;
    static const size_t order[] = {3, 0, 2};
    struct seen seen;

    begin(&file, 2, 0);
    put_data(&file.made, 0, 56); /* the header of some writers */
    put_record(&file, 0, 0, 0, "aaaa", 4);
    put_data(&file.made, 0xEE, 5);
    put_record(&file, 1, 0, 0, "bbbb", 4);
    put_record(&file, 2, 0, 0, "cccc", 4);
    put_data(&file.made, 0xEE, 7);
    put_record(&file, 3, 0, 0, "dddd", 4);
    finish(&file, order, 3);
    see(&seen, &file.made);
    CHECK_INT(seen.num, 3);
    CHECK_INT(seen.first_octet[0], 'd');
    CHECK_INT(seen.first_octet[1], 'a');
    CHECK_INT(seen.first_octet[2], 'c');
    CHECK_INT(seen.frames[0].time_ns, 1709212455678003000);
}

TEST(a_table_that_lies)
{
    static struct netmon_file file;
    static const size_t twice[] = {0, 1, 0, 1, 0, 1, 0, 1};
    struct seen seen;

    begin(&file, 2, 0);
    put_record(&file, 0, 0, 0, file.made.at, HEADER_LEN);
    put_record(&file, 0, 0, 0, file.made.at, file.made.len);
    finish(&file, twice, 8);
    see(&seen, &file.made);
    CHECK(seen.num > 2 && seen.num < 8); /* more bytes of frames than the file has */
    CHECK_STR(seen.code, "malformed-file");
    make_usual(&file, 2, 0);
    file.at[2] = 5000;
    file.made.len = HEADER_LEN + 16 + 20 + 16 + 10 + 16 + 3 + 16 + 4;
    finish(&file, in_order, 4);
    see(&seen, &file.made);
    CHECK_INT(seen.num, 2);
    CHECK_STR(seen.code, "malformed-file");
    CHECK_INT(seen.problem_offset, 5000);
    CHECK_INT(seen.problem_frame, 2);
}

static void put_event(struct netmon_file *file, uint16_t id, uint64_t keyword, uint16_t extended,
                      const char *packet)
{
    static const uint8_t ndiscap[16] = {0x6E, 0x00, 0xD6, 0x2E, 0x29, 0x47, 0x09, 0x46,
                                        0xB4, 0x23, 0x3E, 0xE7, 0xBC, 0xD6, 0x78, 0xEF};
    struct made event = {0};

    put64(&event, 0);
    put32(&event, 11);
    put32(&event, 77); /* process */
    put64(&event, filetime);
    put(&event, ndiscap, 16);
    put16(&event, id);
    put_data(&event, 0, 6);
    put64(&event, keyword);
    put_data(&event, 0, 8 + 16 + 4);
    put16(&event, extended);
    put16(&event, (uint32_t)strlen(packet) + 12);
    put_data(&event, 0, 1);
    for (; extended > 0; extended--) {
        put_data(&event, 0, 6);
        put16(&event, 5);
        put_data(&event, 0xEE, 5);
    }
    put32(&event, 5);
    put32(&event, 6);
    put32(&event, (uint32_t)strlen(packet));
    put(&event, packet, strlen(packet));
    put_record(file, 0, 0xFFE0, UINT32_MAX, event.at, event.len);
}

TEST(events_that_are_packets)
{
    static struct netmon_file file;
    struct seen seen;

    begin(&file, 2, 3);
    put_event(&file, 1001, 0xC0000001, 0, "ethernet");
    put_event(&file, 1001, 0xC0000001, 2, "ethernet");
    put_event(&file, 1001, 0xC0010001, 0, "wifi");
    put_event(&file, 1001, 0xC0000200, 0, "raw ip");
    put_event(&file, 1002, 0xC0000001, 0, "metadata");
    put_event(&file, 1001, 0x80000001, 0, "the second piece");
    finish(&file, in_order, file.num);
    see(&seen, &file.made);
    CHECK_INT(seen.num, 6);
    CHECK_INT(seen.frames[0].link_type, 1);
    CHECK_INT(seen.frames[0].data.len, 8);
    CHECK_INT(seen.frames[0].wire_len, 8);
    CHECK_INT(seen.frames[0].pid, 77);
    CHECK_INT(seen.first_octet[1], 'e');
    CHECK_INT(seen.frames[2].link_type, 105);
    CHECK_INT(seen.frames[3].link_type, 101);
    CHECK_INT(seen.frames[4].link_type, LINK_NETMON_EVENT);
    CHECK_INT(seen.frames[5].link_type, LINK_NETMON_EVENT);
    CHECK_INT(seen.frames[5].data.len, 89 + 12 + 16);
}

TEST(dates_out_of_range)
{
    static struct netmon_file file;
    struct seen seen;

    make_usual(&file, 2, 0);
    file.made.at[14] = 30; /* 30 February, 25:61:61.999: as mktime reads it */
    file.made.at[16] = 25;
    file.made.at[18] = 61;
    file.made.at[20] = 61;
    file.made.at[22] = 999 & 0xFF;
    file.made.at[23] = 999 >> 8;
    see(&seen, &file.made);
    CHECK_INT(seen.frames[0].time_ns, 1709344921999000000);
    file.made.at[9] = 0xFF; /* a year that 64 bits of nanoseconds do not hold */
    see(&seen, &file.made);
    CHECK_INT(seen.num, 4);
    CHECK(!seen.frames[0].has_time);
}

TEST(an_unknown_version)
{
    static struct netmon_file file;
    struct seen seen;

    make_usual(&file, 2, 0);
    file.made.at[5] = 3;
    see(&seen, &file.made);
    CHECK_INT(seen.status, CAPTURE_FAILED);
}

/* The table stands behind the frames: where it is lost, they are found by walking. */
TEST(every_prefix)
{
    static struct netmon_file file;
    uint8_t minor;

    for (minor = 0; minor < 4; minor++) {
        struct seen seen;
        size_t len, table;

        make_usual(&file, 2, minor);
        table = file.made.at[24] + 256u * file.made.at[25];
        for (len = 0; len < file.made.len; len++) {
            see_from(&seen, (struct bytes){file.made.at, len}, len % 2 == 0,
                     len % 3 == 0 ? len : 0);
            CHECK_INT(seen.status, len < 4 ? CAPTURE_NOT : len < 32 ? CAPTURE_FAILED : CAPTURE_OK);
            if (seen.status != CAPTURE_OK)
                continue;
            CHECK_INT(seen.num_problems, len < table + 16);
            if (seen.num_problems > 0)
                CHECK_STR(seen.code, "truncated-file");
            CHECK(seen.num <= 4);
            if (len <= table && len >= HEADER_LEN + 90) /* no table: those that are whole */
                CHECK(seen.num >= 1);
            if (len == table || len >= table + 16) /* with no table or all of it */
                CHECK_INT(seen.num, 4);
        }
    }
}
