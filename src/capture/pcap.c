/* SPDX-License-Identifier: MIT */
/* Classic pcap through libpcap, which knows its flavours: microseconds, nanoseconds, either byte
 * order, the patched formats of the nineties (pcap-savefile(5)). The only file that includes
 * pcap.h, and so also the one that knows what libpcap calls a link type.
 *
 * libpcap copies every packet twice. The records of ordinary files are taken from our own buffer
 * in its place, up to the first one that is not whole and plausible: from there on, to the end,
 * libpcap reads, and it alone says what is wrong with a file. */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdio_ext.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/reader.h"
#include "capture/container.h"
#include "capture/stream.h"

enum { HEADER_LEN = 24, SNAPLEN_AT = 16, LINK_TYPE_AT = 20, FILE_BUFFER = 1 << 20, PAGE = 4096 };
enum { PLAIN_RECORD_LEN = 16, PLAIN_MOST = 262144 };
enum { HEADERS_LINE = 48 }; /* behind that stand the ends of most headers */
enum { LINK_ETHERNET = 1, LINK_RAW = 101, LINK_USB_MMAPPED = 220 };

#define MAGIC_MICRO UINT32_C(0xa1b2c3d4)
#define MAGIC_NANO  UINT32_C(0xa1b23c4d)

/* As they read when the file's byte order is the reader's; record_len: of the packet header. */
static const struct flavour {
    uint32_t magic;
    uint8_t record_len;
} flavours[] = {
    {MAGIC_MICRO, 16}, /* microseconds */
    {MAGIC_NANO, 16},  /* nanoseconds */
    {0xa1b2cd34, 24},  /* Kuznetzov's patch: interface, protocol and packet type behind it */
    {0xa1b234cd, 24},  /* Mesquita's */
    {0xa12b3c4d, 16},  /* Navtel */
};

struct savefile {
    pcap_t *pcap;
    void *buffer;               /* of libpcap's FILE, with room to align it */
    uint8_t header[HEADER_LEN]; /* what libpcap sees of the file header */
    size_t header_at;
    struct input *input;
    size_t record_len;
    uint64_t offset; /* of the next record in the file */
    uint32_t link_type;
    struct stream stream; /* of the input, in front of libpcap's FILE */
    bool plain;           /* records are taken from there; libpcap has seen the header only */
    bool turned;          /* its byte order is not this machine's */
    int64_t unit_ns;      /* of the fractions of seconds */
};

static uint32_t load32(const uint8_t *at, bool big)
{
    struct reader reader;

    reader_init(&reader, (struct bytes){at, 4}, false);
    return big ? reader_be32(&reader) : reader_le32(&reader);
}

static const struct flavour *find_flavour(const uint8_t *magic, bool *out_big)
{
    size_t i;

    for (i = 0; i < sizeof(flavours) / sizeof(*flavours); i++) {
        *out_big = flavours[i].magic == load32(magic, true);
        if (*out_big || flavours[i].magic == load32(magic, false))
            return &flavours[i];
    }
    return NULL;
}

static bool savefile_recognise(struct bytes start)
{
    bool big;

    return start.len >= 4 && find_flavour(start.at, &big) != NULL;
}

/* libpcap's FILE reads from here: our header, then the input itself. */
static ssize_t cookie_read(void *cookie, char *out, size_t room)
{
    struct savefile *file = cookie;
    size_t left = HEADER_LEN - file->header_at;

    if (left == 0 && file->stream.end > file->stream.at) {
        left = size_min(file->stream.end - file->stream.at, room);
        memcpy(out, file->stream.buffer + file->stream.at, left);
        stream_take(&file->stream, left);
        return (ssize_t)left;
    }
    if (left == 0)
        return file->input == NULL ? 0 : (ssize_t)input_read(file->input, (uint8_t *)out, room);
    left = size_min(left, room);
    memcpy(out, file->header + file->header_at, left);
    file->header_at += left;
    return (ssize_t)left;
}

/* The header as libpcap is to see it: a snapshot length of 0 is "unlimited". Otherwise it would cut
 * packets that are longer than the file says, which Wireshark shows whole. */
static bool take_header(struct savefile *file)
{
    size_t got = 0, more = 1;

    while (got < HEADER_LEN && more > 0) {
        more = input_read(file->input, file->header + got, HEADER_LEN - got);
        got += more;
    }
    if (got < HEADER_LEN)
        return false;
    memset(file->header + SNAPLEN_AT, 0, 4);
    return true;
}

/* A FILE over the input, which libpcap closes; the buffer of buffer_len bytes is the caller's. */
static FILE *open_stream(struct savefile *file, char *buffer, size_t buffer_len)
{
    cookie_io_functions_t functions = {.read = cookie_read};
    FILE *stream = fopencookie(file, "rb", functions);

    if (stream == NULL)
        memory_exhausted();
    setvbuf(stream, buffer, _IOFBF, buffer_len);
    __fsetlocking(stream, FSETLOCKING_BYCALLER); /* one thread: no lock per packet */
    return stream;
}

static char *take_buffer(struct savefile *file)
{
    uintptr_t at;

    file->buffer = memory_take(1, FILE_BUFFER + PAGE);
    at = (uintptr_t)file->buffer;
    return (char *)file->buffer + (PAGE - at % PAGE) % PAGE;
}

/* Whether libpcap does nothing with the records but to turn their numbers round: magic number and
 * version are those of today, and the link type has no header that it turns round as well. */
static bool is_plain(const struct savefile *file, bool big)
{
    const uint32_t magic = load32(file->header, big), version = load32(file->header + 4, big);
    const uint32_t link_type = load32(file->header + LINK_TYPE_AT, big);

    if ((magic != MAGIC_MICRO && magic != MAGIC_NANO) ||
        version != (big ? UINT32_C(0x00020004) : UINT32_C(0x00040002)))
        return false;
    return link_type == LINK_ETHERNET || link_type == LINK_RAW ||
           (!file->turned && link_type <= 0xFFFF && link_type != LINK_USB_MMAPPED);
}

static enum capture_status savefile_open(struct capture *capture)
{
    struct savefile *file = capture->state = memory_take(1, sizeof(*file));
    char error[PCAP_ERRBUF_SIZE] = "";
    const struct flavour *flavour;
    FILE *stream;
    bool big;

    file->input = capture->input;
    if (!take_header(file))
        return container_refuse(
            capture, "a pcap file cut short in its header of %d bytes; nothing can be read",
            HEADER_LEN);
    flavour = find_flavour(file->header, &big);
    if (flavour == NULL)
        return container_refuse(capture, "no pcap file");
    file->record_len = flavour->record_len;
    file->offset = HEADER_LEN;
    file->link_type = link_type_normal(load32(file->header + LINK_TYPE_AT, big) & 0xFFFF);
    file->turned = big != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    file->unit_ns = flavour->magic == MAGIC_NANO ? 1 : 1000;
    file->plain = is_plain(file, big);
    if (file->plain)
        stream_open(&file->stream, file->input);
    stream = open_stream(file, take_buffer(file), FILE_BUFFER);
    file->pcap =
        pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, error);
    if (file->pcap != NULL)
        return CAPTURE_OK;
    fclose(stream);
    return container_refuse(capture, "a pcap file that libpcap cannot read: %s", error);
}

/* libpcap stopped: the regular end, the end of the input, or a record it does not believe. */
static enum capture_status end_of_records(struct capture *capture, const struct savefile *file,
                                          int status)
{
    const char *error = status == PCAP_ERROR ? pcap_geterr(file->pcap) : "";

    if (status != PCAP_ERROR || strncmp(error, "truncated", 9) == 0)
        container_ended(capture, (int64_t)file->offset, status != PCAP_ERROR, "within a packet");
    else
        container_problem(capture, "malformed-file", (int64_t)file->offset,
                          "the record after frame %lld cannot be read (%s); what comes before is "
                          "analysed",
                          (long long)capture->number, error);
    return CAPTURE_END;
}

/* A number of a record's header. */
static inline uint32_t number_at(const uint8_t *at, bool turned)
{
    uint32_t number;

    memcpy(&number, at, sizeof(number));
    return turned ? __builtin_bswap32(number) : number;
}

/* Whether all of the record is there, and it is one that libpcap need not judge. Seconds, their
 * fraction, captured length, length. */
static inline bool is_plain_record(const uint8_t *at, size_t left, bool turned)
{
    uint32_t caplen;

    if (left < PLAIN_RECORD_LEN)
        return false;
    caplen = number_at(at + 8, turned);
    return caplen <= left - PLAIN_RECORD_LEN && caplen <= PLAIN_MOST &&
           number_at(at + 4, turned) <= INT32_MAX;
}

/* Field by field: clearing the structure first costs as much as all the rest. */
static inline void set_frame(struct frame *out, const uint8_t *record, bool turned, int64_t unit_ns)
{
    uint32_t caplen = number_at(record + 8, turned), len = number_at(record + 12, turned);

    out->time_ns = (int64_t)number_at(record, turned) * 1000000000 +
                   (int64_t)number_at(record + 4, turned) * unit_ns;
    out->has_time = true;
    out->wire_len = len > caplen ? len : caplen;
    out->interface = 0;
    out->data = (struct bytes){record + PLAIN_RECORD_LEN, caplen};
    out->comment = (struct bytes){NULL, 0};
    out->process = NULL;
    out->pid = -1;
}

/* All records that are whole in the buffer, while the first of them waits in the cache and the
 * next headers come. */
static size_t savefile_take(struct capture *capture, struct frame *out_frames, size_t room)
{
    struct savefile *file = capture->state;
    const uint8_t *start = file->stream.buffer + file->stream.at, *at = start;
    size_t left = file->plain && !capture->general ? file->stream.end - file->stream.at : 0, num;
    const int64_t unit_ns = file->unit_ns;
    const uint32_t link_type = file->link_type;
    const bool turned = file->turned;

    for (num = 0; num < room && is_plain_record(at, left, turned); num++) {
        uint32_t caplen = number_at(at + 8, turned);

        __builtin_prefetch(at + PLAIN_RECORD_LEN + HEADERS_LINE);
        set_frame(&out_frames[num], at, turned, unit_ns);
        out_frames[num].link_type = link_type;
        at += PLAIN_RECORD_LEN + caplen;
        left -= PLAIN_RECORD_LEN + caplen;
    }
    file->offset += (size_t)(at - start);
    stream_take(&file->stream, (size_t)(at - start));
    return num;
}

/* Reads on for a record that is not whole in the buffer. False when it is for libpcap to judge;
 * nothing is taken then. */
static bool take_plain(struct capture *capture, struct frame *out_frame)
{
    struct savefile *file = capture->state;
    struct bytes bytes = stream_look(&file->stream, PLAIN_RECORD_LEN);
    uint32_t caplen;

    if (bytes.len < PLAIN_RECORD_LEN)
        return false;
    caplen = number_at(bytes.at + 8, file->turned);
    if (caplen <= PLAIN_MOST)
        stream_look(&file->stream, PLAIN_RECORD_LEN + (size_t)caplen);
    return savefile_take(capture, out_frame, 1) == 1;
}

static enum capture_status savefile_next(struct capture *capture, struct frame *out_frame)
{
    struct savefile *file = capture->state;
    struct pcap_pkthdr *header;
    const u_char *data;
    int status;

    if (file->plain && !capture->general && take_plain(capture, out_frame))
        return CAPTURE_OK;
    file->plain = false;
    status = pcap_next_ex(file->pcap, &header, &data);
    if (status != 1)
        return end_of_records(capture, file, status);
    /* Seconds are unsigned in the file and go on after 2038, which libpcap's sign would undo. */
    out_frame->time_ns = (int64_t)(uint32_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec;
    out_frame->has_time = true;
    out_frame->wire_len = header->len;
    out_frame->link_type = file->link_type;
    out_frame->data = (struct bytes){data, header->caplen};
    file->offset += file->record_len + header->caplen;
    return CAPTURE_OK;
}

static void savefile_close(struct capture *capture)
{
    struct savefile *file = capture->state;

    if (file == NULL)
        return;
    if (file->pcap != NULL)
        pcap_close(file->pcap); /* and with it the FILE */
    memory_drop(file->buffer);
    stream_close(&file->stream);
    memory_drop(file);
}

const struct container container_pcap = {.name = "pcap",
                                         .recognise = savefile_recognise,
                                         .open = savefile_open,
                                         .next = savefile_next,
                                         .take = savefile_take,
                                         .close = savefile_close};

uint32_t link_type_normal(uint32_t link_type)
{
    return link_type == 12 || link_type == 14 ? 101 : link_type;
}

/* libpcap names DLT numbers, and a few differ from the LINKTYPE numbers of files. It translates
 * where it opens a file: here one of nothing but a header. */
const char *link_name_find(uint32_t link_type)
{
    struct savefile file = {.header = {0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4}};
    char error[PCAP_ERRBUF_SIZE], buffer[HEADER_LEN];
    const char *name = NULL;
    FILE *stream;
    pcap_t *pcap;

    file.header[LINK_TYPE_AT + 2] = (uint8_t)(link_type >> 8);
    file.header[LINK_TYPE_AT + 3] = (uint8_t)link_type;
    stream = open_stream(&file, buffer, sizeof(buffer));
    pcap = pcap_fopen_offline(stream, error);
    if (pcap != NULL) {
        name = pcap_datalink_val_to_name(pcap_datalink(pcap)); /* static text of libpcap */
        pcap_close(pcap);
    } else {
        fclose(stream);
    }
    return name;
}
