/* SPDX-License-Identifier: MIT */
/* Bounds that would take too long or too much memory to meet as they are: built with those of
 * tests/lower_limits.h, below, at and above. */
#include <stdio.h>
#include <zlib.h>

#include "base/limits.h"
#include "bounds.h"
#include "carrier/http_pairs.h"
#include "feed.h"
#include "report/merge.h"
#include "rewrite/redact.h"
#include "unit/evidence_check.h"

extern const struct carrier carrier_http;

/* ---- Evidence ---- */

/* An account in so many lines and octets, the rest being line ends and one long comment. */
static void check_size(size_t lines, size_t len, bool said)
{
    struct text file = {0};
    struct seen seen;

    text_put(&file, "dn: CN=a,DC=test,DC=com\nobjectClass: user\nsAMAccountName: a\n");
    put_times(&file, '\n', lines - 3);
    if (len > file.len) {
        char *rest = memory_take(len - file.len, 1);

        memset(rest, '#', len - file.len);
        text_put_bytes(&file, (struct bytes){(const uint8_t *)rest, len - file.len});
        memory_drop(rest);
    }
    see_bytes(&seen, bytes_of(&file));
    CHECK_STR(seen.kind, "ldif");
    CHECK_INT(num_of(&seen.log, KIND_account), 1);
    CHECK_INT(num_code(&seen.log, "limit-evidence"), said);
    seen_clear(&seen);
    text_clear(&file);
}

TEST(lines_of_a_file)
{
    check_size(LIMIT_EVIDENCE_LINES - 1, 0, false);
    check_size(LIMIT_EVIDENCE_LINES, 0, false);
    check_size(LIMIT_EVIDENCE_LINES + 1, 0, true);
}

TEST(octets_of_a_file)
{
    check_size(10, LIMIT_EVIDENCE_BYTES - 1, false);
    check_size(10, LIMIT_EVIDENCE_BYTES, false);
    check_size(10, LIMIT_EVIDENCE_BYTES + 1, true);
}

/* ---- Observations ---- */

static void count(void *user, const struct observation *observation)
{
    (void)observation;
    ++*(size_t *)user;
}

TEST(observations_of_an_input)
{
    const struct known_name name = {.name = "a"};
    const struct source source = {0};
    struct log log = {0};
    size_t seen = 0, i;

    log.on_append = count;
    log.user = &seen;
    for (i = 0; i < LIMIT_OBSERVATIONS; i++)
        log_append(&log, KIND_known_name, &source, &name);
    CHECK(!log.full);
    CHECK_INT(log_append(&log, KIND_known_name, &source, &name), 0);
    CHECK(log.full);
    CHECK_INT(log.dropped, 1);
    CHECK_INT(seen, LIMIT_OBSERVATIONS);
    log_clear(&log);
}

/* A full log still takes what says that it is full. */
TEST(a_full_log_says_so)
{
    const struct known_name name = {.name = "a"};
    const struct problem problem = {.code = "limit-observations", .message = "", .times = 1};
    const struct source source = {0};
    struct log log = {0};
    size_t i;

    for (i = 0; i < LIMIT_OBSERVATIONS; i++)
        log_append(&log, KIND_known_name, &source, &name);
    CHECK_INT(log_append(&log, KIND_known_name, &source, &name), 0);
    for (i = 0; log_append(&log, KIND_problem, &source, &problem) > 0; i++)
        continue;
    CHECK_INT(i, LIMIT_ABOUT_INPUT);
    log_clear(&log);
}

/* A directory's export of so many accounts, all facts. */
static void check_facts(size_t num, bool said)
{
    struct text file = {0};
    struct log log;
    size_t i;

    for (i = 0; i < num; i++)
        text_putf(&file, "dn: CN=%zu,DC=t\nobjectClass: user\nsAMAccountName: a%zu\n\n", i, i);
    CHECK(file.len < LIMIT_EVIDENCE_BYTES);
    observe(&log, bytes_of(&file));
    CHECK_INT(num_of(&log, KIND_account), said ? LIMIT_OBSERVATIONS - 1 : num);
    CHECK_INT(num_code(&log, "limit-observations"), said);
    log_clear(&log);
    text_clear(&file);
}

TEST(facts_of_a_file)
{
    check_facts(LIMIT_OBSERVATIONS - 2, false); /* and what the file is */
    check_facts(LIMIT_OBSERVATIONS - 1, false);
    check_facts(LIMIT_OBSERVATIONS, true);
    check_facts(LIMIT_OBSERVATIONS + 1, true);
}

/* ---- The pipe ---- */

struct sent {
    size_t len; /* of all records, with the lengths before them */
    bool failed;
};

static void take_record(void *user, size_t index, struct bytes record)
{
    struct sent *out = user;

    (void)index;
    out->len += 4 + record.len;
}

static void take_sent(void *user, size_t index, const struct job_result *result)
{
    struct sent *out = user;

    (void)index;
    out->failed = result->failure != NULL;
    if (out->failed)
        CHECK(strstr(result->failure, "more than 262144 bytes of observations") != NULL);
}

/* What a worker of its own sends for accounts with so long a name, the last with one of `last`. */
static struct sent send(size_t num, size_t last)
{
    const struct worker_setup setup = {.jobs = 1, .no_sandbox = true};
    char path[] = "/tmp/krbwhy-pipe-XXXXXX";
    const struct job job = {.path = path};
    struct sent outcome = {0, false};
    const struct worker_taker taker = {take_record, take_sent, &outcome};
    struct text file = {0};
    int fd = mkstemp(path);
    size_t i;

    for (i = 0; i < num; i++) {
        text_put(&file, "dn: CN=");
        put_times(&file, 'a', i + 1 < num ? 400 : last);
        text_put(&file, ",DC=t\nobjectClass: user\nsAMAccountName: a\n\n");
    }
    CHECK(file.len < LIMIT_EVIDENCE_BYTES);
    CHECK(write(fd, file.at, file.len) == (ssize_t)file.len);
    close(fd);
    worker_run(&setup, &job, 1, &taker);
    unlink(path);
    text_clear(&file);
    return outcome;
}

TEST(octets_of_an_input_on_the_pipe)
{
    struct sent one = send(1, 400), two = send(2, 400), fit, over;
    size_t each = two.len - one.len, num = (LIMIT_LOG_BYTES - one.len) / each - 1, rest;

    CHECK(!one.failed && each > 400);
    rest = LIMIT_LOG_BYTES - send(num, 400).len;
    CHECK(rest < 10000); /* the length of a text takes two octets */
    fit = send(num, 400 + rest - 1);
    CHECK(!fit.failed);
    CHECK_INT(fit.len, LIMIT_LOG_BYTES - 1);
    fit = send(num, 400 + rest);
    CHECK(!fit.failed);
    CHECK_INT(fit.len, LIMIT_LOG_BYTES);
    over = send(num, 400 + rest + 1);
    CHECK(over.failed);
    CHECK(over.len <= LIMIT_LOG_BYTES);
}

/* ---- Files out of order ---- */

/* A Network Monitor file without frames, of so many octets, compressed. */
static void check_loaded(size_t len)
{
    struct text file = {0};
    struct log log;
    z_stream stream = {0};
    uint8_t out[4096];
    size_t i;

    text_put(&file, "GMBU\3\2");
    put_little(&file, 1, 2);
    for (i = 0; i < 8; i++)
        put_little(&file, (const uint16_t[]){2024, 2, 4, 29, 13, 14, 15, 678}[i], 2);
    put_little(&file, 72, 4);
    put_times(&file, 0, len - file.len);
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = (Bytef *)file.at;
    stream.avail_in = (uInt)file.len;
    stream.next_out = out;
    stream.avail_out = sizeof(out);
    CHECK_INT(deflate(&stream, Z_FINISH), Z_STREAM_END);
    observe(&log, (struct bytes){out, sizeof(out) - stream.avail_out});
    deflateEnd(&stream);
    CHECK_INT(num_of(&log, KIND_capture_file), len <= LIMIT_LOADED_BYTES);
    CHECK_INT(num_of(&log, KIND_problem), len > LIMIT_LOADED_BYTES);
    if (len > LIMIT_LOADED_BYTES && log.num > 0)
        CHECK(strstr(log.at[0].problem->message, "more than 300000 bytes") != NULL);
    log_clear(&log);
    text_clear(&file);
}

TEST(octets_of_a_file_read_out_of_order)
{
    check_loaded(LIMIT_LOADED_BYTES - 1);
    check_loaded(LIMIT_LOADED_BYTES);
    check_loaded(LIMIT_LOADED_BYTES + 1);
}

/* ---- Messages that wait ---- */

/* The head of an answer waits for the end of its body. */
static void check_held(size_t held)
{
    struct text head = {0};
    struct feed feed;

    text_put(&head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: ");
    put_times(&head, 'x', held - sizeof(struct http_message) - head.len - 4);
    text_put(&head, "\r\n\r\n");
    feed_open(&feed, &carrier_http);
    feed_push(&feed, 1, bytes_of(&head));
    CHECK_INT(feed.carriage.held, held > LIMIT_HELD_BYTES ? 0 : held);
    CHECK_INT(num_code(&feed.log, "limit-held"), held > LIMIT_HELD_BYTES);
    CHECK_INT(num_of(&feed.log, KIND_http), held > LIMIT_HELD_BYTES);
    feed_push(&feed, 1, bytes_of_text("0\r\n\r\n"));
    CHECK_INT(num_of(&feed.log, KIND_http), 1);
    CHECK_INT(feed.carriage.held, 0);
    feed_finish(&feed);
    feed_clear(&feed);
    text_clear(&head);
}

TEST(octets_of_heads_that_wait)
{
    check_held(LIMIT_HELD_BYTES - 1);
    check_held(LIMIT_HELD_BYTES);
    check_held(LIMIT_HELD_BYTES + 1);
}

/* ---- Redaction ---- */

static struct packet tcp_packet(uint32_t seq, const uint8_t *at, size_t len)
{
    struct packet packet = {.transport = 6, .sport = 1025, .dport = 80, .seq = seq};

    address_parse("10.0.0.1", &packet.src);
    address_parse("10.0.0.2", &packet.dst);
    packet.payload = (struct bytes){at, len};
    return packet;
}

static bool take(struct redactor *redactor, int64_t number, uint32_t seq, const uint8_t *at,
                 size_t len)
{
    const struct packet_pieces pieces = {0};
    struct packet packet = tcp_packet(seq, at, len);
    struct frame frame = {.number = number, .data = {at, len}};

    return redactor_frame(redactor, &frame, &packet, &pieces);
}

static void check_kept(size_t len)
{
    struct redactor *redactor = redactor_open();
    uint8_t *payload = memory_take(len, 1);

    CHECK(take(redactor, 1, 1, payload, len - 100));
    CHECK_INT(take(redactor, 2, (uint32_t)(len - 99), payload, 100), len <= LIMIT_REDACT_BYTES);
    redactor_close(redactor);
    memory_drop(payload);
}

/* The message: test_limits.py. */
TEST(octets_kept_for_redaction)
{
    check_kept(LIMIT_REDACT_BYTES - 1);
    check_kept(LIMIT_REDACT_BYTES);
    check_kept(LIMIT_REDACT_BYTES + 1);
}

/* SEQUENCE { [0] 18, [2] OCTET STRING of 64 }, RFC 4120 5.2.9. */
static const uint8_t encrypted[] = {0x30, 0x49, 0xA0, 3, 2, 1, 18, 0xA2, 0x42, 4, 64};

enum { CIPHER = 64, SECRET = sizeof(encrypted) + CIPHER };

static void put_secret(uint8_t *at)
{
    size_t i;

    memcpy(at, encrypted, sizeof(encrypted));
    for (i = 0; i < CIPHER; i++)
        at[sizeof(encrypted) + i] = (uint8_t)(i * 7 + 1);
}

/* Two secrets in a stream of `len` octets in frames of 500: one at its beginning, one at its end.
 * All octets of both ciphers are overwritten, wherever the pieces end in which it is looked at. */
static void check_run(size_t len)
{
    struct redactor *redactor = redactor_open();
    uint8_t *stream = memory_take(len, 1), *was = memory_take(len, 1);
    size_t at, i, left = 0;
    int64_t number = 0;

    put_secret(stream + 3);
    put_secret(stream + len - SECRET);
    memcpy(was, stream, len);
    for (at = 0; at < len; at += 500)
        CHECK(take(redactor, ++number, (uint32_t)(1 + at), was + at, size_min(500, len - at)));
    CHECK(redactor_finish(redactor));
    for (at = 0, number = 0; at < len; at += 500)
        redactor_apply(redactor, ++number, stream + at, size_min(500, len - at));
    for (i = 0; i < CIPHER; i++)
        left += (size_t)((stream[len - CIPHER + i] == was[len - CIPHER + i]) +
                         (stream[3 + sizeof(encrypted) + i] == was[3 + sizeof(encrypted) + i]));
    CHECK(left < 10); /* an octet may stay what it was by chance */
    redactor_close(redactor);
    memory_drop(stream);
    memory_drop(was);
}

/* A text whose "SECRET" stands `before` octets before the end of the first piece. */
static void check_text(const char *text, size_t before)
{
    const size_t len = LIMIT_REDACT_RUN + 5000;
    struct redactor *redactor = redactor_open();
    uint8_t *stream = memory_take(len, 1), *was = memory_take(len, 1);
    int64_t number = 0;
    size_t at;

    memset(stream, '.', len);
    memcpy(stream + LIMIT_REDACT_RUN - before, text, strlen(text));
    memcpy(was, stream, len);
    for (at = 0; at < len; at += 500)
        CHECK(take(redactor, ++number, (uint32_t)(1 + at), was + at, size_min(500, len - at)));
    CHECK(redactor_finish(redactor));
    for (at = 0, number = 0; at < len; at += 500)
        redactor_apply(redactor, ++number, stream + at, size_min(500, len - at));
    CHECK(memmem(stream, len, "SECRET", 6) == NULL);
    CHECK(memmem(stream, len, "GET / HTTP", 10) != NULL);
    redactor_close(redactor);
    memory_drop(stream);
    memory_drop(was);
}

TEST(lines_at_the_end_of_a_piece)
{
    size_t before;

    for (before = 0; before < 70; before++)
        check_text("\r\nGET / HTTP/1.1\r\nCookie: a=SECRET\r\nAuthorization: Basic SECRET\r\n\r\n",
                   before);
}

TEST(octets_of_a_direction_looked_at_in_one_piece)
{
    size_t k;

    check_run(LIMIT_REDACT_RUN - 1);
    check_run(LIMIT_REDACT_RUN);
    check_run(LIMIT_REDACT_RUN + 1);
    for (k = 1; k < SECRET; k += 3) /* across the end of the first piece */
        check_run(LIMIT_REDACT_RUN + k);
    check_run(3 * LIMIT_REDACT_RUN + 30);
}

/* A secret of `len` octets that begins one before those that the next piece looks at too. */
static void check_long(size_t len)
{
    const size_t all = LIMIT_REDACT_RUN + 5000, begin = LIMIT_REDACT_RUN - LIMIT_REDACT_OVERLAP - 1,
                 cipher = len - 13;
    struct redactor *redactor = redactor_open();
    uint8_t *stream = memory_take(all, 1), *was = memory_take(all, 1);
    struct text secret = {0};
    size_t at, left = 0;
    int64_t number = 0;

    put_number(&secret, 0xA003020112, 5); /* as `encrypted`, with lengths of two octets */
    put_number(&secret, 0xA282, 2);
    put_number(&secret, cipher + 4, 2);
    put_number(&secret, 0x0482, 2);
    put_number(&secret, cipher, 2);
    put_times(&secret, 'c', cipher);
    CHECK_INT(secret.len, len);
    memcpy(stream + begin, secret.at, len);
    memcpy(was, stream, all);
    for (at = 0; at < all; at += 500)
        CHECK(take(redactor, ++number, (uint32_t)(1 + at), was + at, size_min(500, all - at)));
    CHECK(redactor_finish(redactor));
    for (at = 0, number = 0; at < all; at += 500)
        redactor_apply(redactor, ++number, stream + at, size_min(500, all - at));
    for (at = begin + 13; at < begin + len; at++)
        left += stream[at] == 'c';
    CHECK(left < cipher / 50);
    CHECK_INT(redactor_counts(redactor)->ciphertexts, 1);
    CHECK_INT(redactor_counts(redactor)->zeroed, len > LIMIT_REDACT_OVERLAP + 1);
    redactor_close(redactor);
    memory_drop(stream);
    memory_drop(was);
    text_clear(&secret);
}

TEST(octets_of_a_secret_across_pieces)
{
    check_long(LIMIT_REDACT_OVERLAP);
    check_long(LIMIT_REDACT_OVERLAP + 1);
    check_long(LIMIT_REDACT_OVERLAP + 2);
}

/* The secret's first 30 octets, so many that were not captured, and another secret. */
static void check_gap(size_t gap)
{
    struct redactor *redactor = redactor_open();
    uint8_t first[600] = {0}, second[600] = {0}, was_first[600], was_second[600];
    size_t i, left = 0;

    put_secret(first + 500);
    put_secret(second + 5);
    memcpy(was_first, first, sizeof(first));
    memcpy(was_second, second, sizeof(second));
    CHECK(take(redactor, 1, 1, was_first, 530));
    CHECK(take(redactor, 2, (uint32_t)(1 + 530 + gap), was_second, 600));
    CHECK(redactor_finish(redactor));
    redactor_apply(redactor, 1, first, 530);
    redactor_apply(redactor, 2, second, 600);
    for (i = 0; i < CIPHER; i++)
        left += second[5 + sizeof(encrypted) + i] == was_second[5 + sizeof(encrypted) + i];
    for (i = 500 + sizeof(encrypted); i < 530; i++)
        left += first[i] == was_first[i];
    CHECK(left < 10);
    redactor_close(redactor);
}

TEST(missing_octets_that_a_piece_goes_across)
{
    check_gap(LIMIT_REDACT_GAP - 1);
    check_gap(LIMIT_REDACT_GAP);
    check_gap(LIMIT_REDACT_GAP + 1);
}

/* ---- Merging ---- */

/* A file of so many lines, the last of that length. */
static void check_merge(size_t lines, size_t len, bool said)
{
    char path[] = "/tmp/krbwhy-merge-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    struct merged merged = {0};
    const char *error;
    size_t i, put;

    for (i = 1; i < lines; i++)
        fprintf(file, "{\"schema\":\"krbwhy/1\"}\n");
    put = (size_t)fprintf(file, "{\"schema\":\"krbwhy/1\"");
    for (; put + 1 < len; put++)
        fputc(' ', file);
    fprintf(file, "}\n");
    fclose(file);
    CHECK_INT(merged_read(&merged, path, &error), !said);
    CHECK_STR(error, said ? "is too large to be merged" : NULL);
    CHECK_INT(merged.num, lines - said);
    CHECK_INT(merged.num_damaged, 0);
    merged_clear(&merged);
    unlink(path);
}

TEST(lines_of_a_merged_file)
{
    check_merge(LIMIT_MERGE_LINES - 1, 0, false);
    check_merge(LIMIT_MERGE_LINES, 0, false);
    check_merge(LIMIT_MERGE_LINES + 1, 0, true);
}

TEST(octets_of_a_merged_line)
{
    check_merge(3, LIMIT_MERGE_LINE_BYTES - 1, false);
    check_merge(3, LIMIT_MERGE_LINE_BYTES, false);
    check_merge(3, LIMIT_MERGE_LINE_BYTES + 1, true);
}
