/* SPDX-License-Identifier: MIT */
/* Network Monitor 1.x and 2.x: a header, frames anywhere, and a table that says where. */
#include "capture/netmon.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/reader.h"

enum {
    HEADER_LEN = 72,
    TABLE_ENTRY = 4,
    RECORD_HEADER_1 = 8,
    RECORD_HEADER_2 = 16,
    WALK_MAX_LEN = 256 << 10, /* of a frame, where only looking tells that it is one */
    WALK_CHAIN = 3,
    WALK_LAST_START = 1024
};

/* Per-frame trailers grew with the minor version of 2.x. */
static const size_t trailer_lens[] = {0, 2, 6, 15};

/* 100 ns intervals between 1601 (FILETIME) and 1970. */
static const uint64_t filetime_of_1970 = 116444736000000000;

/* Media types (netmon2, "Media Types") and what they are as a LINKTYPE. */
static const struct {
    uint16_t first, last;
    uint32_t link_type;
} media_types[] = {
    {0, 1, 1},                             /* Ethernet */
    {2, 2, 6},                             /* token ring */
    {3, 3, 10},                            /* FDDI */
    {6, 6, LINK_NETMON_WIFI},              /* 802.11 behind a prefix */
    {7, 9, 101},                           /* raw IP: WAN, tunnel, mobile broadband */
    {0xE080, 0xE080, LINK_NETMON_OTHER},   /* WiFi message */
    {0xE083, 0xE088, LINK_NETMON_OTHER},   /* filtering platform messages */
    {0xFFE0, 0xFFE0, LINK_NETMON_EVENT},   /* ETW record */
    {0xFFFB, 0xFFFF, LINK_NETMON_METADATA} /* network info, payload header, filter, capture info */
};

static uint32_t link_of_media(uint16_t media)
{
    size_t i;

    for (i = 0; i < sizeof(media_types) / sizeof(*media_types); i++)
        if (media >= media_types[i].first && media <= media_types[i].last)
            return media_types[i].link_type;
    if (media >= 0xE000 && media <= 0xEFFF) /* a pcap file that was converted */
        return link_type_normal(media & 0xFFFu);
    return LINK_NETMON_OTHER;
}

static bool netmon_recognise(struct bytes start)
{
    return start.len >= 4 && (memcmp(start.at, "GMBU", 4) == 0 || memcmp(start.at, "RTSS", 4) == 0);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar, whatever its month's number is. */
static int64_t days_until(int64_t year, int64_t month, int64_t day)
{
    int64_t months = year * 12 + month - 3; /* from March of year 0: the leap day comes last */
    int64_t y = months / 12, m = months % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* SYSTEMTIME: local time of a zone that is not written down. */
static void take_start(struct netmon *netmon, struct reader *reader)
{
    int64_t year = reader_le16(reader), month = reader_le16(reader), day, seconds, part;

    reader_skip(reader, 2); /* day of the week */
    day = reader_le16(reader);
    seconds = reader_le16(reader) * 3600;
    seconds += reader_le16(reader) * 60;
    seconds += reader_le16(reader);
    part = reader_le16(reader) * (int64_t)1000000;
    if (year == 0)
        return; /* no date at all */
    seconds += days_until(year, month, day) * 86400;
    netmon->start_ok = !__builtin_mul_overflow(seconds, (int64_t)1000000000, &netmon->start_ns) &&
                       !__builtin_add_overflow(netmon->start_ns, part, &netmon->start_ns);
}

static size_t record_header_len(const struct netmon *netmon)
{
    return netmon->major == 1 ? RECORD_HEADER_1 : RECORD_HEADER_2;
}

static size_t trailer_len(const struct netmon *netmon)
{
    return netmon->major == 1 ? 0 : trailer_lens[size_min(netmon->minor, 3)];
}

/* The fixed part of a record. */
struct record {
    uint64_t at;
    int64_t delta_ns;
    bool delta_ok;
    uint32_t original, captured;
};

static bool take_record(struct netmon *netmon, uint64_t at, struct record *record)
{
    size_t len = record_header_len(netmon);
    struct bytes raw = window_look(&netmon->frames, at, len);

    if (raw.len < len)
        return false;
    record->at = at;
    record->delta_ok = true;
    if (netmon->major == 1) {
        record->delta_ns = (int64_t)bytes_le32(raw.at) * 1000000;
        record->original = bytes_le16(raw.at + 4);
        record->captured = bytes_le16(raw.at + 6);
    } else {
        /* Microseconds that are multiplied by 10 as if unsigned and are then signed tenths: what
         * the documentation amounts to, and real files hold negative ones. */
        int64_t tenths = (int64_t)(bytes_le64(raw.at) * 10);

        record->delta_ok = !__builtin_mul_overflow(tenths, (int64_t)100, &record->delta_ns);
        record->original = bytes_le32(raw.at + 8);
        record->captured = bytes_le32(raw.at + 12);
    }
    return true;
}

static uint64_t record_end(const struct netmon *netmon, const struct record *record)
{
    return record->at + record_header_len(netmon) + record->captured + trailer_len(netmon);
}

/* Without a table: may this be the header of a frame? */
static bool looks_like_frame(const struct record *record)
{
    static const int64_t decade_ns = (int64_t)10 * 366 * 86400 * 1000000000;

    return record->captured > 0 && record->captured <= record->original &&
           record->original <= WALK_MAX_LEN && record->delta_ok && record->delta_ns < decade_ns &&
           record->delta_ns > -decade_ns;
}

static bool is_whole_frame(struct netmon *netmon, uint64_t at, struct record *record)
{
    return take_record(netmon, at, record) && looks_like_frame(record) &&
           record_end(netmon, record) <= netmon->frames.size;
}

/* Do frames follow one another from here, if only to the end of the file? */
static bool begins_chain(struct netmon *netmon, uint64_t at)
{
    int links;

    for (links = 0; links < WALK_CHAIN; links++) {
        struct record record;

        if (!take_record(netmon, at, &record))
            return links > 0;
        if (!looks_like_frame(&record))
            return false;
        at = record_end(netmon, &record);
        if (at > netmon->frames.size)
            return links > 0;
    }
    return true;
}

/* The table is lost with the end of the file: mostly the frames follow one another, behind a header
 * that some writers pad. */
static void begin_walk(struct netmon *netmon)
{
    uint64_t at;

    netmon->walk_at = UINT64_MAX;
    for (at = HEADER_LEN; at < WALK_LAST_START && netmon->walk_at == UINT64_MAX; at++)
        if (begins_chain(netmon, at))
            netmon->walk_at = at;
}

static void settle_table(struct netmon *netmon, uint32_t at, uint32_t len)
{
    uint64_t size = netmon->frames.size, there = at < size ? size - at : 0;

    netmon->table_at = at;
    netmon->num_frames = (size_t)(len < there ? len : there) / TABLE_ENTRY;
    netmon->table_cut = len > there;
    if (netmon->table_cut && netmon->num_frames == 0)
        begin_walk(netmon);
}

static enum capture_status take_header(struct capture *capture, struct netmon *netmon)
{
    struct bytes raw = window_look(&netmon->tables, 0, HEADER_LEN);
    struct reader reader;
    uint32_t table_at, table_len, at, len;

    reader_init(&reader, raw, true);
    reader_skip(&reader, 4);
    netmon->minor = reader_u8(&reader);
    netmon->major = reader_u8(&reader);
    netmon->media = netmon->last_media = reader_le16(&reader);
    netmon->last_link = link_of_media(netmon->media);
    take_start(netmon, &reader);
    table_at = reader_le32(&reader);
    table_len = reader_le32(&reader);
    if (!reader_ok(&reader))
        return container_refuse(
            capture, "a Network Monitor file cut short in its header; nothing can be read");
    if (netmon->major != 1 && netmon->major != 2)
        return container_refuse(capture,
                                "a Network Monitor file of version %u.%u, which is not known",
                                netmon->major, netmon->minor);
    settle_table(netmon, table_at, table_len);
    reader_skip(&reader, 8); /* user data */
    at = reader_le32(&reader);
    len = reader_le32(&reader);
    if (!netmon_read_comments(netmon, at, len))
        container_problem(capture, "limit-comments", (int64_t)at,
                          "the table of comments is too long; the later ones are left out");
    at = reader_le32(&reader);
    len = reader_le32(&reader);
    if (reader_ok(&reader) && netmon->major == 2 && netmon->minor >= 2 && /* before: statistics */
        !netmon_read_processes(netmon, at, len))
        container_problem(capture, "limit-processes", (int64_t)at,
                          "the table of processes is too long; the later ones have no name");
    return CAPTURE_OK;
}

static enum capture_status netmon_open(struct capture *capture)
{
    struct netmon *netmon = capture->state = memory_take(1, sizeof(*netmon));

    if (!window_init(&netmon->frames, capture->input))
        return container_refuse(capture,
                                "a Network Monitor file of more than %zu bytes that cannot be read "
                                "out of order: unpack it to a file first",
                                LIMIT_LOADED_BYTES);
    window_share(&netmon->tables, &netmon->frames);
    if (take_header(capture, netmon) != CAPTURE_OK)
        return CAPTURE_FAILED;
    capture->info.zone_unknown = netmon->major == 1 || netmon->minor < 3;
    return CAPTURE_OK;
}

static void set_time(const struct netmon *netmon, const struct record *record, struct frame *frame)
{
    frame->has_time = netmon->start_ok && record->delta_ok &&
                      !__builtin_add_overflow(netmon->start_ns, record->delta_ns, &frame->time_ns);
    if (!frame->has_time)
        frame->time_ns = 0;
}

/* FILETIME; 0 is none. */
static void set_filetime(uint64_t filetime, struct frame *frame)
{
    int64_t since;

    if (filetime == 0 || filetime > INT64_MAX)
        return;
    since = (int64_t)filetime - (int64_t)filetime_of_1970;
    frame->has_time = !__builtin_mul_overflow(since, (int64_t)100, &frame->time_ns);
    if (!frame->has_time)
        frame->time_ns = 0;
}

/* The header's clock is local, the trailer's is UTC: between them lies the zone. Both are of one
 * clock and differ by less than a millisecond in real files; what is no whole quarter of an hour is
 * none. */
static void find_zone(struct capture_info *info, int64_t local_ns, int64_t utc_ns)
{
    const int64_t quarter = INT64_C(900000000000), most = 60 * quarter, off = 2000000000;
    int64_t apart, zone;

    if (__builtin_sub_overflow(local_ns, utc_ns, &apart) || apart > most || apart < -most)
        return;
    zone = (apart + (apart < 0 ? -quarter / 2 : quarter / 2)) / quarter * quarter;
    if (apart - zone > off || apart - zone < -off)
        return;
    info->has_zone = true;
    info->zone_s = zone / 1000000000;
}

/* What the trailer, where there is one, says about its frame. */
static void take_trailer(struct netmon *netmon, struct bytes raw, struct frame *frame)
{
    uint16_t media = raw.len >= trailer_lens[1] ? bytes_le16(raw.at) : netmon->media;
    uint32_t process = raw.len >= trailer_lens[2] ? bytes_le32(raw.at + 2) : UINT32_MAX;

    if (raw.len >= trailer_lens[3])
        set_filetime(bytes_le64(raw.at + 6), frame);
    if (media != netmon->last_media) {
        netmon->last_media = media;
        netmon->last_link = link_of_media(media);
    }
    frame->link_type = netmon->last_link;
    if (process < netmon->num_processes) {
        frame->process = netmon->processes[process].name;
        frame->pid = netmon->processes[process].pid;
    }
}

static enum capture_status stop(struct capture *capture, uint64_t at, const char *what)
{
    container_problem(capture, "malformed-file", (int64_t)at,
                      "the Network Monitor file after frame %lld: %s; reading stops here",
                      (long long)capture->number, what);
    return CAPTURE_END;
}

static enum capture_status end_of_frames(struct capture *capture, const struct netmon *netmon)
{
    if (netmon->table_cut)
        container_ended(capture, (int64_t)netmon->frames.size, false,
                        netmon->walk_at == 0 ? "within its table of frames"
                                             : "before its table of frames");
    else
        container_ended(capture, (int64_t)netmon->frames.size, true, "");
    return CAPTURE_END;
}

/* Where the next frame is. CAPTURE_END after the last. */
static enum capture_status find_record(struct capture *capture, struct record *record)
{
    struct netmon *netmon = capture->state;
    struct bytes entry;
    uint64_t at;

    if (netmon->walk_at != 0) {
        if (netmon->walk_at >= netmon->frames.size ||
            !is_whole_frame(netmon, netmon->walk_at, record))
            return end_of_frames(capture, netmon);
        netmon->walk_at = record_end(netmon, record);
        return CAPTURE_OK;
    }
    if (netmon->next_frame >= netmon->num_frames)
        return end_of_frames(capture, netmon);
    entry = window_look(&netmon->tables, netmon->table_at + TABLE_ENTRY * netmon->next_frame++,
                        TABLE_ENTRY);
    at = entry.len < TABLE_ENTRY ? 0 : bytes_le32(entry.at);
    if (entry.len < TABLE_ENTRY || !take_record(netmon, at, record) ||
        record_end(netmon, record) > netmon->frames.size)
        return stop(capture, at, "the table names a place where no whole frame is");
    return CAPTURE_OK;
}

static enum capture_status netmon_next(struct capture *capture, struct frame *out_frame)
{
    struct netmon *netmon = capture->state;
    size_t head = record_header_len(netmon), tail = trailer_len(netmon), whole;
    struct record record;
    struct bytes raw, trailer;
    int64_t local_ns;
    bool timed;

    if (find_record(capture, &record) != CAPTURE_OK)
        return CAPTURE_END;
    if (record.captured > LIMIT_FRAME_BYTES)
        return stop(capture, record.at, "a frame of an impossible length");
    whole = head + record.captured + tail;
    netmon->delivered += whole;
    if (netmon->delivered > netmon->frames.size)
        return stop(capture, record.at, "frames overlap");
    raw = window_look(&netmon->frames, record.at, whole);
    if (raw.len < whole)
        return stop(capture, record.at, "a frame cannot be read"); /* cut while it was read */
    trailer = (struct bytes){raw.at + head + record.captured, tail};
    out_frame->data = (struct bytes){raw.at + head, record.captured};
    out_frame->wire_len = record.original;
    set_time(netmon, &record, out_frame);
    local_ns = out_frame->time_ns;
    timed = out_frame->has_time;
    take_trailer(netmon, trailer, out_frame);
    if (tail >= trailer_lens[3] && timed && out_frame->has_time && !capture->info.has_zone)
        find_zone(&capture->info, local_ns, out_frame->time_ns);
    if (netmon->num_comments > 0)
        out_frame->comment = netmon_find_comment(netmon, record.at);
    if (out_frame->link_type == LINK_NETMON_EVENT)
        netmon_take_event(out_frame);
    return CAPTURE_OK;
}

static void netmon_close(struct capture *capture)
{
    struct netmon *netmon = capture->state;

    if (netmon == NULL)
        return;
    window_clear(&netmon->tables);
    window_clear(&netmon->frames);
    memory_drop(netmon->processes);
    memory_drop(netmon->comments);
    arena_clear(&netmon->texts);
    memory_drop(netmon);
}

const struct container container_netmon = {.name = "netmon",
                                           .recognise = netmon_recognise,
                                           .open = netmon_open,
                                           .next = netmon_next,
                                           .close = netmon_close};
