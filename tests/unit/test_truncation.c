/* SPDX-License-Identifier: MIT */
/* Captures that end after any of their bytes: what is still told is the beginning of what the whole
 * tells, and the damage has a name. */
#include "base/memory.h"
#include "capture_file.h"
#include "cli/worker.h"
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
static void check_every_cut(const uint8_t *file, size_t len, const size_t *ends, size_t num_ends)
{
    struct text whole = {0}, part = {0};
    size_t cut, problems, i, none_yet = 0;

    observe(file, len, &whole, &problems);
    CHECK_INT(problems, 0);
    CHECK(whole.len > 1000);
    for (cut = 0; cut < len; cut++) {
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
