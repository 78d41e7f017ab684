/* SPDX-License-Identifier: MIT */
/* The bounds of base/limits.h that no other test meets, each at its value and one beyond it. (Those
 * of flows and streams: test_flow.c, test_stream.c; of frames and blocks: test_capture_large.c; of
 * unpacking: test_capture_compressed.c; of fragments and tunnels: test_packet*.c; DER: test_der.c;
 * HTTP and DNS: test_http*.c, test_dns*.c.) */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/limits.h"
#include "base/memory.h"
#include "cli/inputs.h"
#include "cli/worker.h"
#include "evidence_check.h"
#include "protocol/dns.h"
#include "protocol/http.h"

/* What an input of these bytes gives; log_clear(). */
static void observe(struct log *log, struct bytes content)
{
    const struct worker_setup setup = {0};
    int fd = memfd_create("input", MFD_CLOEXEC);

    memset(log, 0, sizeof(*log));
    if (write(fd, content.at, content.len) != (ssize_t)content.len)
        abort();
    lseek(fd, 0, SEEK_SET);
    worker_observe(fd, &setup, log);
}

static size_t num_of(const struct log *log, enum kind kind)
{
    size_t num = 0, i;

    for (i = 0; i < log->num; i++)
        num += log->at[i].kind == kind;
    return num;
}

static bool has_code(const struct log *log, const char *code)
{
    size_t i;

    for (i = 0; i < log->num; i++)
        if (log->at[i].kind == KIND_problem && strcmp(log->at[i].problem->code, code) == 0)
            return true;
    return false;
}

static struct bytes bytes_of(const struct text *text)
{
    return (struct bytes){(const uint8_t *)text->at, text->len};
}

static void put_little(struct text *out, uint32_t value)
{
    uint8_t raw[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                      (uint8_t)(value >> 24)};

    text_put_bytes(out, (struct bytes){raw, 4});
}

static void put_big16(struct text *out, unsigned value)
{
    uint8_t raw[2] = {(uint8_t)(value >> 8), (uint8_t)value};

    text_put_bytes(out, (struct bytes){raw, 2});
}

/* ---- Captures ---- */

static void put_pcap_header(struct text *out)
{
    put_little(out, 0xA1B2C3D4);
    put_little(out, 0x00040002);
    put_little(out, 0);
    put_little(out, 0);
    put_little(out, 65535);
    put_little(out, 101); /* raw IP */
}

/* A TCP packet without data. */
static void put_tcp(struct text *out, bool answer, unsigned client, unsigned flags)
{
    uint8_t packet[40] = {0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
    unsigned sport = answer ? 88 : client, dport = answer ? client : 88;

    packet[15] = answer ? 2 : 1;
    packet[19] = answer ? 1 : 2;
    packet[20] = (uint8_t)(sport >> 8), packet[21] = (uint8_t)sport;
    packet[22] = (uint8_t)(dport >> 8), packet[23] = (uint8_t)dport;
    packet[32] = 0x50;
    packet[33] = (uint8_t)flags;
    put_little(out, 1);
    put_little(out, 0);
    put_little(out, sizeof(packet));
    put_little(out, sizeof(packet));
    text_put_bytes(out, (struct bytes){packet, sizeof(packet)});
}

/* Connections to a KDC that are refused: each is told, up to the bound. */
TEST(unanswered_connections)
{
    unsigned extra;

    for (extra = 0; extra < 2; extra++) {
        struct text file = {0};
        struct log log;
        unsigned i;

        put_pcap_header(&file);
        for (i = 0; i < LIMIT_UNANSWERED + extra; i++) {
            put_tcp(&file, false, 1025 + i, 0x02);
            put_tcp(&file, true, 1025 + i, 0x14);
        }
        observe(&log, bytes_of(&file));
        CHECK_INT(num_of(&log, KIND_conn), LIMIT_UNANSWERED);
        CHECK_INT(has_code(&log, "limit-unanswered"), extra > 0);
        log_clear(&log);
        text_clear(&file);
    }
}

static void pack(struct text *text)
{
    z_stream stream = {0};
    uint8_t out[4096];

    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = (Bytef *)text->at;
    stream.avail_in = (uInt)text->len;
    stream.next_out = out;
    stream.avail_out = sizeof(out);
    CHECK_INT(deflate(&stream, Z_FINISH), Z_STREAM_END);
    text_reset(text);
    text_put_bytes(text, (struct bytes){out, sizeof(out) - stream.avail_out});
    deflateEnd(&stream);
}

TEST(compressed_within_compressed)
{
    struct text file = {0};
    struct log log;
    int depth;

    put_pcap_header(&file);
    put_tcp(&file, false, 1025, 2);
    for (depth = 1; depth <= LIMIT_UNPACKERS + 1; depth++) {
        pack(&file);
        observe(&log, bytes_of(&file));
        CHECK_INT(num_of(&log, KIND_capture_file), depth <= LIMIT_UNPACKERS);
        CHECK_INT(num_of(&log, KIND_problem) > 0, depth > LIMIT_UNPACKERS);
        log_clear(&log);
    }
    text_clear(&file);
}

TEST(interfaces_of_a_pcapng_section)
{
    uint32_t extra, i;

    for (extra = 0; extra < 2; extra++) {
        static const uint32_t section[] = {0x0A0D0D0A, 28, 0x1A2B3C4D, 1, ~0u, ~0u, 28};
        struct text file = {0};
        struct log log;

        for (i = 0; i < 7; i++)
            put_little(&file, section[i]);
        for (i = 0; i < LIMIT_INTERFACES + extra; i++) {
            put_little(&file, 1);
            put_little(&file, 20);
            put_little(&file, 1);
            put_little(&file, 0);
            put_little(&file, 20);
        }
        observe(&log, bytes_of(&file));
        CHECK_INT(num_of(&log, KIND_problem), extra);
        log_clear(&log);
        text_clear(&file);
    }
}

/* ---- Messages ---- */

/* A question whose name takes so many jumps. */
static enum fault fault_of_jumps(unsigned jumps)
{
    struct text raw = {0};
    struct dns_message message;
    struct bytes exact;
    enum fault fault;
    unsigned i;

    put_big16(&raw, 1); /* id; flags; one question and one answer */
    put_big16(&raw, 0x8000);
    put_big16(&raw, 0);
    put_big16(&raw, 2);
    put_big16(&raw, 0);
    put_big16(&raw, 0);
    text_put_char(&raw, 0); /* the record's name: the root; then type TXT, and data of pointers */
    put_big16(&raw, 16);
    put_big16(&raw, 1);
    put_big16(&raw, 0);
    put_big16(&raw, 0);
    put_big16(&raw, 2 + 2 * jumps);
    put_big16(&raw, 0x0161); /* "a", whose end each pointer reaches through the one before */
    put_big16(&raw, 0xC000 | 12);
    for (i = 1; i < jumps; i++)
        put_big16(&raw, 0xC000u | (unsigned)(raw.len - 2));
    put_big16(&raw, 0xC000u | (unsigned)(raw.len - 2)); /* the second record's name */
    put_big16(&raw, 1);
    put_big16(&raw, 1);
    put_big16(&raw, 0);
    put_big16(&raw, 0);
    put_big16(&raw, 4);
    put_little(&raw, 0x0100000A);
    exact = test_exact(bytes_of(&raw));
    if (dns_parse(exact, 0, &message)) {
        struct dns_record record;

        while (dns_take_record(&message, &record))
            continue;
    }
    fault = message.reader.fault;
    free((void *)(uintptr_t)exact.at);
    text_clear(&raw);
    return fault;
}

TEST(jumps_of_a_dns_name)
{
    CHECK_INT(fault_of_jumps(LIMIT_DNS_JUMPS - 2), FAULT_NONE);
    CHECK_INT(fault_of_jumps(LIMIT_DNS_JUMPS - 1), FAULT_NONE); /* and one to the first */
    CHECK_INT(fault_of_jumps(LIMIT_DNS_JUMPS), FAULT_LIMIT);
}

static enum fault fault_of_chunk_line(size_t len)
{
    struct text line = {0};
    struct reader reader;
    uint64_t size;
    enum fault fault;

    text_put(&line, "5;");
    while (line.len < len - 1)
        text_put_char(&line, 'x');
    text_put_char(&line, '\n');
    reader_init(&reader, bytes_of(&line), false);
    CHECK_INT(http_take_chunk_line(&reader, &size), reader.fault == FAULT_NONE);
    fault = reader.fault;
    text_clear(&line);
    return fault;
}

TEST(lines_of_chunks)
{
    CHECK_INT(fault_of_chunk_line(LIMIT_CHUNK_LINE_BYTES - 1), FAULT_NONE);
    CHECK_INT(fault_of_chunk_line(LIMIT_CHUNK_LINE_BYTES), FAULT_NONE);
    CHECK_INT(fault_of_chunk_line(LIMIT_CHUNK_LINE_BYTES + 1), FAULT_MALFORMED);
}

/* ---- Observations ---- */

/* A record with a text that makes its body so long. */
static bool decodes(size_t body)
{
    const struct source source = {0};
    struct known_name name = {.name = ""};
    char *text = memory_take(body + 1, 1);
    struct log log = {0}, got = {0};
    struct text wire = {0};
    const char *problem;
    bool good;
    size_t around;

    /* What stands around a text of that length: seen on one a little shorter. */
    memset(text, 'x', body - 64);
    name.name = text;
    log_append(&log, KIND_known_name, &source, &name);
    log_encode(&wire, &log.at[0]);
    around = wire.len - 4 - (body - 64);
    memset(text + body - 64, 'x', 64 - around);
    log_append(&log, KIND_known_name, &source, &name);
    text_reset(&wire);
    log_encode(&wire, &log.at[1]);
    CHECK_INT(wire.len - 4, body);
    good = worker_decode(&got, 0, bytes_of(&wire), &problem);
    CHECK_INT(got.num, good);
    CHECK_INT(problem == NULL, good);
    log_clear(&log);
    log_clear(&got);
    text_clear(&wire);
    memory_drop(text);
    return good;
}

TEST(bytes_of_a_record_on_the_pipe)
{
    CHECK(decodes(LIMIT_RECORD_BYTES - 1));
    CHECK(decodes(LIMIT_RECORD_BYTES));
    CHECK(!decodes(LIMIT_RECORD_BYTES + 1));
}

/* ---- Evidence ---- */

static void check_ldif_values(size_t num, size_t kept)
{
    struct text file = {0};
    struct seen seen;
    size_t i, names = 0;

    text_put(&file, "dn: CN=a,DC=test,DC=com\nobjectClass: user\nsAMAccountName: a\n");
    for (i = 0; i < num; i++)
        text_putf(&file, "servicePrincipalName: HTTP/h%zu\n", i);
    see_bytes(&seen, bytes_of(&file));
    CHECK_STR(seen.kind, "ldif");
    for (i = 0; i < seen.log.num; i++)
        if (seen.log.at[i].kind == KIND_account)
            names = seen.log.at[i].account->spns.num;
    CHECK_INT(names, kept);
    CHECK_INT(has_code(&seen.log, "limit-values"), num > kept);
    seen_clear(&seen);
    text_clear(&file);
}

TEST(values_of_an_ldif_object)
{
    check_ldif_values(LIMIT_EVIDENCE_ITEMS - 1, LIMIT_EVIDENCE_ITEMS - 1);
    check_ldif_values(LIMIT_EVIDENCE_ITEMS, LIMIT_EVIDENCE_ITEMS);
    check_ldif_values(LIMIT_EVIDENCE_ITEMS + 1, LIMIT_EVIDENCE_ITEMS);
}

static void check_iis(size_t sites, size_t kept)
{
    struct text file = {0};
    struct seen seen;
    size_t i;

    text_put(&file, "<configuration><system.applicationHost><sites>\n");
    for (i = 0; i < sites; i++)
        text_putf(&file, "<site name='s%zu'><application path='/'/></site>\n", i);
    text_put(&file, "</sites></system.applicationHost></configuration>\n");
    see_bytes(&seen, bytes_of(&file));
    CHECK_INT(num_of(&seen.log, KIND_iis_site), kept);
    CHECK_INT(has_code(&seen.log, "limit-iis"), sites > kept);
    seen_clear(&seen);
    text_clear(&file);
}

TEST(sites_of_iis)
{
    check_iis(LIMIT_IIS_SITES, LIMIT_IIS_SITES);
    check_iis(LIMIT_IIS_SITES + 1, LIMIT_IIS_SITES);
}

static void check_depth(size_t depth, bool whole)
{
    struct text file = {0};
    struct seen seen;
    size_t i;

    text_put(&file, "<configuration><system.applicationHost><sites>"
                    "<site name='s'><application path='/'/></site></sites>"
                    "</system.applicationHost>");
    for (i = 1; i < depth; i++)
        text_put(&file, "<a>\n");
    for (i = 1; i < depth; i++)
        text_put(&file, "</a>");
    text_put(&file, "</configuration>\n");
    see_bytes(&seen, bytes_of(&file));
    CHECK_INT(seen_problems(&seen) == 0, whole);
    seen_clear(&seen);
    text_clear(&file);
}

TEST(depth_of_xml)
{
    check_depth(LIMIT_XML_DEPTH - 1, true);
    check_depth(LIMIT_XML_DEPTH, true);
    check_depth(LIMIT_XML_DEPTH + 1, false);
}

static void check_components(unsigned num, size_t keys)
{
    struct text entry = {0}, file = {0};
    struct seen seen;
    unsigned i;

    put_big16(&entry, num);
    put_big16(&entry, 1);
    text_put(&entry, "R");
    for (i = 0; i < num; i++) {
        put_big16(&entry, 1);
        text_put(&entry, "a");
    }
    put_little(&entry, 0x01000000); /* name type, time, kvno, etype 18, a key */
    put_little(&entry, 0);
    text_put_char(&entry, 1);
    put_big16(&entry, 18);
    put_big16(&entry, 32);
    text_put(&entry, "0123456789abcdef0123456789abcdef");
    put_big16(&file, 0x0502);
    put_big16(&file, 0);
    put_big16(&file, (unsigned)entry.len);
    text_put_bytes(&file, bytes_of(&entry));
    see_bytes(&seen, bytes_of(&file));
    CHECK_INT(num_of(&seen.log, KIND_key), keys);
    CHECK_INT(seen_problems(&seen) > 0, keys == 0);
    seen_clear(&seen);
    text_clear(&entry);
    text_clear(&file);
}

TEST(components_of_a_principal)
{
    check_components(LIMIT_NAME_COMPONENTS - 1, 1);
    check_components(LIMIT_NAME_COMPONENTS, 1);
    check_components(LIMIT_NAME_COMPONENTS + 1, 0);
}

/* ---- Folders ---- */

static int warnings;

static void warn(const char *path, const char *reason)
{
    (void)path;
    (void)reason;
    warnings++;
}

static void check_folders(int depth, size_t found)
{
    char top[] = "/tmp/krbwhy-limits-XXXXXX";
    struct text path = {0};
    struct inputs inputs = {0};
    int i, fd;

    CHECK(mkdtemp(top) != NULL);
    text_put(&path, top);
    for (i = 0; i < depth; i++) {
        text_put(&path, "/d");
        CHECK_INT(mkdir(path.at, 0700), 0);
    }
    text_put(&path, "/file");
    fd = open(path.at, O_CREAT | O_WRONLY, 0600);
    CHECK(fd >= 0);
    close(fd);
    warnings = 0;
    inputs_add(&inputs, top, warn);
    CHECK_INT(inputs.num, found);
    CHECK_INT(warnings, found == 0);
    inputs_clear(&inputs);
    unlink(path.at);
    for (i = 0; i <= depth; i++) {
        *strrchr(path.at, '/') = '\0';
        rmdir(path.at);
    }
    text_clear(&path);
}

TEST(folders_in_folders)
{
    check_folders(LIMIT_FOLDER_DEPTH - 1, 1);
    check_folders(LIMIT_FOLDER_DEPTH, 1);
    check_folders(LIMIT_FOLDER_DEPTH + 1, 0);
}
