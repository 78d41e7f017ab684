/* SPDX-License-Identifier: MIT */
/* What a Network Monitor file knows about its frames: processes, comments, events of Windows. */
#include <stdlib.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/reader.h"
#include "capture/netmon.h"

/* "C:\Windows\System32\svchost.exe" gives "svchost.exe". */
static const char *file_name(const char *path)
{
    const char *last = strrchr(path, '\\');

    return last != NULL && last[1] != 0 ? last + 1 : path;
}

/* UTF-16LE up to its end or the first NUL. */
static const char *take_text(struct netmon *netmon, struct bytes raw)
{
    size_t len = 0;

    while (len + 1 < raw.len && (raw.at[len] != 0 || raw.at[len + 1] != 0))
        len += 2;
    return arena_text16(&netmon->texts, (struct bytes){raw.at, len});
}

bool netmon_read_processes(struct netmon *netmon, uint64_t offset, uint32_t count)
{
    struct reader reader;
    bool whole;

    if (offset == 0 || count == 0)
        return true;
    reader_init(&reader, window_look(&netmon->tables, offset, LIMIT_NETMON_TABLE_BYTES), true);
    whole = reader_left(&reader) < LIMIT_NETMON_TABLE_BYTES;
    reader_skip(&reader, 2); /* version */
    netmon->processes = memory_take(size_min(count, LIMIT_PROCESSES), sizeof(*netmon->processes));
    while (netmon->num_processes < count && netmon->num_processes < LIMIT_PROCESSES) {
        struct netmon_process *process = &netmon->processes[netmon->num_processes];
        struct bytes path = reader_bytes(&reader, reader_le32(&reader));

        reader_skip(&reader, reader_le32(&reader)); /* icon */
        process->pid = reader_le32(&reader);
        reader_skip(&reader, 8 + 4 + 32); /* ports, whether IPv6, addresses */
        if (!reader_ok(&reader))
            return whole;
        process->name = file_name(take_text(netmon, path));
        netmon->num_processes++;
    }
    return netmon->num_processes == count;
}

static int by_frame(const void *a, const void *b)
{
    uint32_t left = ((const struct netmon_comment *)a)->frame_at;
    uint32_t right = ((const struct netmon_comment *)b)->frame_at;

    return left < right ? -1 : left > right;
}

bool netmon_read_comments(struct netmon *netmon, uint64_t offset, uint32_t len)
{
    struct reader reader;
    bool whole = len <= LIMIT_NETMON_TABLE_BYTES;
    uint32_t count;

    if (offset == 0 || len < 4)
        return true;
    reader_init(&reader,
                window_look(&netmon->tables, offset, size_min(len, LIMIT_NETMON_TABLE_BYTES)),
                true);
    count = reader_le32(&reader);
    if (count > reader_left(&reader) / 12)
        return true; /* no comments: before 2.2 other things stand here */
    netmon->comments = memory_take(count, sizeof(*netmon->comments));
    while (netmon->num_comments < count) {
        struct netmon_comment *comment = &netmon->comments[netmon->num_comments];
        struct bytes title;

        comment->frame_at = reader_le32(&reader);
        title = reader_bytes(&reader, reader_le32(&reader));
        reader_skip(&reader, reader_le32(&reader)); /* description, in RTF */
        if (!reader_ok(&reader))
            break;
        comment->title = bytes_of_text(take_text(netmon, title));
        netmon->num_comments++;
    }
    qsort(netmon->comments, netmon->num_comments, sizeof(*netmon->comments), by_frame);
    return whole || netmon->num_comments == count;
}

struct bytes netmon_find_comment(const struct netmon *netmon, uint64_t frame_at)
{
    struct netmon_comment wanted = {.frame_at = (uint32_t)frame_at};
    const struct netmon_comment *found =
        bsearch(&wanted, netmon->comments, netmon->num_comments, sizeof(wanted), by_frame);

    return found == NULL ? (struct bytes){NULL, 0} : found->title;
}

/* Microsoft-Windows-NDIS-PacketCapture, {2ED6006E-4729-4609-B423-3EE7BCD678EF}. */
static const uint8_t ndiscap[16] = {0x6E, 0x00, 0xD6, 0x2E, 0x29, 0x47, 0x09, 0x46,
                                    0xB4, 0x23, 0x3E, 0xE7, 0xBC, 0xD6, 0x78, 0xEF};

enum { EVENT_PACKET_FRAGMENT = 1001, LINK_ETHERNET = 1, LINK_RAW = 101, LINK_WIFI = 105 };

/* Keywords of its events (the provider's manifest). */
static const uint64_t keyword_mobile = 0x200, keyword_wifi = 0x10000,
                      keyword_packet_start = 0x40000000;

/* What an EVENT_HEADER says, and the user data behind it and its buffer context. */
struct event {
    uint32_t process;
    struct bytes provider, data;
    uint16_t id;
    uint64_t keyword;
};

static bool take_event_header(struct bytes raw, struct event *event)
{
    struct reader reader;
    uint16_t num_extended, data_len;

    reader_init(&reader, raw, false);
    reader_skip(&reader, 8 + 4); /* size, type, flags, property; thread */
    event->process = reader_le32(&reader);
    reader_skip(&reader, 8); /* time stamp, which the frame has too */
    event->provider = reader_bytes(&reader, 16);
    event->id = reader_le16(&reader);
    reader_skip(&reader, 6); /* version, channel, level, opcode, task */
    event->keyword = reader_le64(&reader);
    reader_skip(&reader, 8 + 16 + 4); /* processor time, activity, buffer context */
    num_extended = reader_le16(&reader);
    data_len = reader_le16(&reader);
    reader_skip(&reader, 1); /* reassembled */
    for (; num_extended > 0 && reader_ok(&reader); num_extended--) {
        reader_skip(&reader, 6); /* reserved, type, linkage */
        reader_skip(&reader, reader_le16(&reader));
    }
    event->data = reader_bytes(&reader, size_min(data_len, reader_left(&reader)));
    return reader_ok(&reader);
}

/* The first piece of a packet; later pieces have no header of their own and stay events. */
static bool is_packet(const struct event *event)
{
    return event->id == EVENT_PACKET_FRAGMENT &&
           memcmp(event->provider.at, ndiscap, sizeof(ndiscap)) == 0 &&
           (event->keyword & keyword_packet_start) != 0;
}

void netmon_take_event(struct frame *frame)
{
    struct event event;
    struct reader reader;
    size_t len;

    if (!take_event_header(frame->data, &event))
        return;
    if (frame->pid < 0 && event.process != UINT32_MAX)
        frame->pid = event.process;
    if (!is_packet(&event))
        return;
    reader_init(&reader, event.data, false);
    reader_skip(&reader, 8); /* indexes of the miniport and of the lower interface */
    len = reader_le32(&reader);
    if (!reader_ok(&reader))
        return;
    frame->wire_len = len;
    frame->data = reader_bytes(&reader, size_min(len, reader_left(&reader)));
    frame->link_type = (event.keyword & keyword_wifi) != 0     ? LINK_WIFI
                       : (event.keyword & keyword_mobile) != 0 ? LINK_RAW
                                                               : LINK_ETHERNET;
}
