/* SPDX-License-Identifier: MIT */
/* Captures that end after any of their bytes: what is still told is the beginning of what the whole
 * tells, and the damage has a name. Of compressed captures and of evidence some of all cuts,
 * evenly; each one when KRBWHY_EVERY is set. */
#include <dirent.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/memory.h"
#include "capture_file.h"
#include "cli/worker.h"
#include "evidence/evidence.h"
#include "report/report.h"

enum { FILE_BYTES = 65536, PCAP_HEADER = 24, PCAP_RECORD = 16 };

/* The events of the first `len` bytes of a file, and how many problems were told. */
static void observe(const uint8_t *file, size_t len, struct text *out_events, size_t *out_problems)
{
    const struct worker_setup setup = {0};
    const struct report_input input = {.path = "-"};
    struct log log = {0};
    size_t i;

    worker_observe(descriptor_of((struct bytes){file, len}, false), &setup, &log);
    *out_problems = 0;
    for (i = 0; i < log.num; i++)
        *out_problems += log.at[i].kind == KIND_problem;
    text_reset(out_events);
    events_render(out_events, &input, 1, &log, false);
    log_clear(&log);
}

/* Events that are not marked as damaged, line by line, against the whole's: each is the next. The
 * damaged ones stand where the whole has what they are a part of. */
static bool is_beginning(const char *part, const char *whole)
{
    while (*part != '\0') {
        const char *end = strchr(part, '\n') + 1, *damaged = strstr(part, "\"damaged\":\"");
        size_t len = (size_t)(end - part);

        if (damaged == NULL || damaged >= end) {
            if (strncmp(part, whole, len) != 0)
                return false;
            whole += len;
        }
        part = end;
    }
    return true;
}

/* `ends`: where a cut leaves a file that is whole in itself. */
static void check_cuts(const uint8_t *file, size_t len, const size_t *ends, size_t num_ends,
                       size_t stride)
{
    struct text whole = {0}, part = {0};
    size_t cut, problems, i, none_yet = 0;

    observe(file, len, &whole, &problems);
    CHECK_INT(problems, 0);
    CHECK(whole.len > 1000);
    for (cut = 0; cut < len; cut += stride) {
        bool clean = false;

        observe(file, cut, &part, &problems);
        for (i = 0; i < num_ends; i++)
            clean = clean || ends[i] == cut;
        if (problems == 0 && !clean)
            test_fail(__FILE__, __LINE__, "cut after %zu bytes: no damage is named", cut);
        if (!is_beginning(text_str(&part), text_str(&whole)))
            test_fail(__FILE__, __LINE__, "cut after %zu bytes: %s", cut, text_str(&part));
        none_yet += part.len == 0;
    }
    CHECK(none_yet < len); /* or nothing was tested */
    text_clear(&whole);
    text_clear(&part);
}

static void check_every_cut(const uint8_t *file, size_t len, const size_t *ends, size_t num_ends)
{
    check_cuts(file, len, ends, num_ends, 1);
}

/* How far one cut is from the next, of so many octets. */
static size_t stride_of(size_t len, size_t cuts)
{
    return getenv("KRBWHY_EVERY") != NULL || len <= cuts ? 1 : len / cuts;
}

struct pcap {
    uint8_t at[FILE_BYTES];
    size_t len;
};

static void load(struct pcap *pcap, const char *path)
{
    FILE *file = fopen(path, "rb");

    pcap->len = 0;
    CHECK(file != NULL);
    if (file == NULL)
        return;
    pcap->len = fread(pcap->at, 1, sizeof(pcap->at), file);
    fclose(file);
}

static uint32_t little(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* The offset of the record behind the one at `at`. */
static size_t next_record(const struct pcap *pcap, size_t at)
{
    return at + PCAP_RECORD + little(pcap->at + at + 8);
}

TEST(pcap_at_every_byte)
{
    struct pcap *pcap = memory_take(1, sizeof(*pcap));
    size_t ends[64], num = 0, at = PCAP_HEADER;

    load(pcap, "fixtures/reference-case/reference-case.pcap");
    for (; at < pcap->len && num < 64; at = next_record(pcap, at))
        ends[num++] = at;
    check_every_cut(pcap->at, pcap->len, ends, num);
    memory_drop(pcap);
}

TEST(pcapng_at_every_byte)
{
    struct pcap *pcap = memory_take(1, sizeof(*pcap));
    struct made *made = memory_take(1, sizeof(*made));
    size_t ends[64], num = 0, at = PCAP_HEADER;

    load(pcap, "fixtures/pair-cname-winmit/pair-cname-winmit.server.pcap");
    put32(made, 0x0A0D0D0A); /* section header */
    put32(made, 28);
    put32(made, 0x1A2B3C4D);
    put32(made, 1);
    put64(made, UINT64_MAX);
    put32(made, 28);
    ends[num++] = made->len;
    put32(made, 1); /* interface */
    put32(made, 20);
    put32(made, little(pcap->at + 20));
    put32(made, 0);
    put32(made, 20);
    for (; at < pcap->len && num < 64; at = next_record(pcap, at)) {
        uint32_t len = little(pcap->at + at + 8), padded = (len + 3) / 4 * 4;
        uint64_t us = little(pcap->at + at) * 1000000ull + little(pcap->at + at + 4);

        ends[num++] = made->len;
        put32(made, 6); /* enhanced packet */
        put32(made, 32 + padded);
        put32(made, 0);
        put32(made, (uint32_t)(us >> 32));
        put32(made, (uint32_t)us);
        put32(made, len);
        put32(made, little(pcap->at + at + 12));
        put(made, pcap->at + at + PCAP_RECORD, len);
        put_data(made, 0, padded - len);
        put32(made, 32 + padded);
    }
    check_every_cut(made->at, made->len, ends, num);
    memory_drop(made);
    memory_drop(pcap);
}

/* Network Monitor 2.0, with its table of frames in front of them or behind. */
static void make_netmon(struct made *made, const struct pcap *pcap, bool table_first)
{
    struct made frames = {0}, table = {0};
    uint64_t first_us = 0;
    uint32_t begin;
    size_t at = PCAP_HEADER, num = 0;

    for (; at < pcap->len; at = next_record(pcap, at))
        num++;
    begin = 72 + (table_first ? 4 * (uint32_t)num : 0);
    for (at = PCAP_HEADER; at < pcap->len; at = next_record(pcap, at)) {
        uint32_t len = little(pcap->at + at + 8);
        uint64_t us = little(pcap->at + at) * 1000000ull + little(pcap->at + at + 4);

        first_us = first_us == 0 ? us / 1000000 * 1000000 : first_us;
        put32(&table, begin + (uint32_t)frames.len);
        put64(&frames, us - first_us);
        put32(&frames, little(pcap->at + at + 12));
        put32(&frames, len);
        put(&frames, pcap->at + at + PCAP_RECORD, len);
    }
    put(made, "GMBU\0\2", 6);
    put16(made, 1);    /* Ethernet */
    put16(made, 2024); /* when: only differences count here */
    put_data(made, 1, 1), put_data(made, 0, 1);
    put_data(made, 0, 2);
    put_data(made, 1, 1), put_data(made, 0, 1);
    put_data(made, 0, 8);
    put32(made, table_first ? 72 : 72 + (uint32_t)frames.len);
    put32(made, (uint32_t)table.len);
    put_data(made, 0, 72 - made->len);
    put(made, table_first ? table.at : frames.at, table_first ? table.len : frames.len);
    put(made, table_first ? frames.at : table.at, table_first ? frames.len : table.len);
}

static void check_netmon(bool table_first)
{
    struct pcap *pcap = memory_take(1, sizeof(*pcap));
    struct made *made = memory_take(1, sizeof(*made));

    load(pcap, "fixtures/pair-cname-winmit/pair-cname-winmit.server.pcap");
    make_netmon(made, pcap, table_first);
    check_every_cut(made->at, made->len, NULL, 0);
    memory_drop(made);
    memory_drop(pcap);
}

TEST(netmon_with_its_table_in_front_at_every_byte)
{
    check_netmon(true);
}

TEST(netmon_with_its_table_behind_at_every_byte)
{
    check_netmon(false);
}

/* ---- compressed ---- */

enum { CUTS = 120 };

static size_t by_zlib(uint8_t *to, size_t room, const uint8_t *from, size_t len)
{
    z_stream stream = {
        .next_in = (uint8_t *)(uintptr_t)from, .avail_in = (unsigned)len, .next_out = to};

    stream.avail_out = (unsigned)room;
    if (deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        deflate(&stream, Z_FINISH) != Z_STREAM_END)
        return 0;
    deflateEnd(&stream);
    return stream.total_out;
}

static size_t by_zstd(uint8_t *to, size_t room, const uint8_t *from, size_t len)
{
    return ZSTD_compress(to, room, from, len, 3);
}

static size_t by_lz4(uint8_t *to, size_t room, const uint8_t *from, size_t len)
{
    return LZ4F_compressFrame(to, room, from, len, NULL);
}

static size_t by_lzma(uint8_t *to, size_t room, const uint8_t *from, size_t len)
{
    size_t out = 0;

    return lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, from, len, to, &out, room) == LZMA_OK
               ? out
               : 0;
}

static void check_compressed(size_t (*by)(uint8_t *to, size_t room, const uint8_t *from,
                                          size_t len))
{
    struct pcap *pcap = memory_take(1, sizeof(*pcap)), *packed = memory_take(1, sizeof(*packed));

    load(pcap, "fixtures/pair-cname-winmit/pair-cname-winmit.server.pcap");
    packed->len = by(packed->at, sizeof(packed->at), pcap->at, pcap->len);
    CHECK(packed->len > 100 && packed->len < sizeof(packed->at));
    check_cuts(packed->at, packed->len, NULL, 0, stride_of(packed->len, CUTS));
    memory_drop(pcap);
    memory_drop(packed);
}

TEST(gzip)
{
    check_compressed(by_zlib);
}

TEST(zstd)
{
    check_compressed(by_zstd);
}

TEST(lz4)
{
    check_compressed(by_lz4);
}

TEST(xz)
{
    check_compressed(by_lzma);
}

/* ---- evidence ---- */

static bool same_fact(const struct observation *a, const struct observation *b)
{
    return a->kind == b->kind && record_equal(kind_type(a->kind), a->record, b->record);
}

/* Facts in their order, without what is said of the file and its damage. */
static size_t collect_facts(const struct log *log, const struct observation **out, size_t room,
                            bool *out_damage)
{
    size_t num = 0, i;

    *out_damage = false;
    for (i = 0; i < log->num; i++) {
        *out_damage |= log->at[i].kind == KIND_problem;
        if (log->at[i].kind != KIND_problem && log->at[i].kind != KIND_evidence_file && num < room)
            out[num++] = &log->at[i];
    }
    return num;
}

enum { FACTS = 256 };

/* Of what was cut all but the (at most two) facts of its last object are those of the whole, in
 * their order. */
static void check_evidence(const char *name, const struct pcap *file, struct converters *converters)
{
    const struct source source = {0};
    const struct observation *whole[FACTS], *part[FACTS];
    struct log all = {0};
    size_t num_whole, cut, stride = stride_of(file->len, 100), worst = 0;
    bool damage;

    evidence_read(&all, &source, (struct bytes){file->at, file->len}, converters);
    num_whole = collect_facts(&all, whole, FACTS, &damage);
    for (cut = 0; cut < file->len; cut += stride) {
        struct bytes exact = test_exact((struct bytes){file->at, cut});
        struct log log = {0};
        size_t num, i, k, strange = 0;

        evidence_read(&log, &source, exact, converters);
        num = collect_facts(&log, part, FACTS, &damage);
        for (i = k = 0; i < num; i++) {
            size_t next = k;

            while (next < num_whole && !same_fact(part[i], whole[next]))
                next++;
            if (next < num_whole)
                k = next + 1;
            else
                strange++;
        }
        if (num > num_whole + 1 || (strange > 2 && !damage))
            test_fail(__FILE__, __LINE__, "%s cut after %zu bytes: %zu of %zu facts are others",
                      name, cut, strange, num);
        worst = strange > worst ? strange : worst;
        log_clear(&log);
        free((void *)(uintptr_t)exact.at);
    }
    printf("# %s: %zu facts, %zu\n", name, num_whole, worst);
    log_clear(&all);
}

TEST(every_kind_of_evidence)
{
    struct converters *converters = converters_open();
    struct pcap *file = memory_take(1, sizeof(*file));
    DIR *seeds = opendir("tests/fuzz/seeds/evidence");
    struct dirent *entry;
    size_t num = 0;
    char path[512];

    CHECK(seeds != NULL);
    while (seeds != NULL && (entry = readdir(seeds)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "tests/fuzz/seeds/evidence/%s", entry->d_name);
        load(file, path);
        check_evidence(entry->d_name, file, converters);
        num++;
    }
    closedir(seeds);
    CHECK(num > 20);
    memory_drop(file);
    converters_close(converters);
}
