/* SPDX-License-Identifier: MIT */
/* Bounds of base/limits.h within a message or a connection, below, at and above their value: what
 * fits is kept, and one more is said. */
#include <stdio.h>

#include "asn1/pac.h"
#include "base/limits.h"
#include "bounds.h"
#include "feed.h"
#include "harness.h"
#include "protocol/dns.h"

extern const struct carrier carrier_dns, carrier_http, carrier_krb5, carrier_nbns;

/* ---- DNS ---- */

static void put_dns_header(struct text *out, size_t answers)
{
    put_number(out, 1, 2);
    put_number(out, 0x8000, 2);
    put_number(out, 0, 2);
    put_number(out, answers, 2);
    put_number(out, 0, 4);
}

/* Of TCP: the message behind its length. Returns the answers that were kept. */
static size_t dns_answers(const struct text *message, size_t *out_said)
{
    struct text framed = {0};
    struct feed feed;
    size_t kept;

    put_number(&framed, message->len, 2);
    text_put_bytes(&framed, bytes_of(message));
    feed_open(&feed, &carrier_dns);
    feed_push(&feed, 1, bytes_of(&framed));
    feed_finish(&feed);
    CHECK_INT(num_of(&feed.log, KIND_dns), 1);
    *out_said = num_code(&feed.log, "limit-dns-records");
    kept = feed.log.num == 0                 ? 0
           : feed.log.at[0].kind == KIND_dns ? feed.log.at[0].dns->answers.num
                                             : feed.log.at[1].dns->answers.num;
    feed_clear(&feed);
    text_clear(&framed);
    return kept;
}

static void check_records(size_t num)
{
    struct text message = {0};
    size_t i, said;

    put_dns_header(&message, num);
    for (i = 0; i < num; i++) {
        put_number(&message, 0, 1);          /* the root */
        put_number(&message, 0x000A0001, 4); /* NULL, IN */
        put_number(&message, 0, 6);
    }
    CHECK_INT(dns_answers(&message, &said), num > LIMIT_DNS_RECORDS ? LIMIT_DNS_RECORDS : num);
    CHECK_INT(said, num > LIMIT_DNS_RECORDS);
    text_clear(&message);
}

TEST(records_of_a_dns_message)
{
    check_records(LIMIT_DNS_RECORDS - 1);
    check_records(LIMIT_DNS_RECORDS);
    check_records(LIMIT_DNS_RECORDS + 1);
}

/* One name of 255 octets that all others point to; each octet of it is written as four. */
static void check_names(size_t num, bool said_wanted)
{
    struct text message = {0};
    size_t i, said;

    put_dns_header(&message, num);
    for (i = 0; i < num; i++) {
        if (i == 0) {
            size_t k;

            for (k = 0; k < 4; k++) {
                put_number(&message, k < 3 ? 63 : 61, 1);
                put_times(&message, 1, k < 3 ? 63 : 61);
            }
            put_number(&message, 0, 1);
        } else {
            put_number(&message, 0xC000 | 12, 2);
        }
        put_number(&message, 0x000A0001, 4);
        put_number(&message, 0, 6);
    }
    CHECK_INT(dns_answers(&message, &said), said_wanted ? num - 1 : num);
    CHECK_INT(said, said_wanted);
    text_clear(&message);
}

TEST(names_of_a_dns_message_written_out)
{
    const size_t name = 250 * 4 + 3; /* and three dots */
    const size_t fit = (LIMIT_MESSAGE_BYTES + name - 1) / name;

    check_names(fit - 1, false);
    check_names(fit, false);
    check_names(fit + 1, true);
}

/* RFC 1002 4.2.13: one NB record of so many addresses. */
static void check_nbns(size_t num)
{
    struct text message = {0};
    struct log log = {0};
    struct arena scratch = {0};
    struct carriage carriage = {.log = &log, .scratch = &scratch};
    struct flow flow = {.transport = 17, .frame = 1};
    size_t i, kept = 0;

    put_number(&message, 1, 2);
    put_number(&message, 0x8500, 2);
    put_number(&message, 0, 2);
    put_number(&message, 1, 2);
    put_number(&message, 0, 4);
    put_number(&message, 32, 1);
    for (i = 0; i < 16; i++)
        text_put(&message, "EB"); /* 'A', first-level encoded */
    put_number(&message, 0, 1);
    put_number(&message, 0x00200001, 4);
    put_number(&message, 0, 4);
    put_number(&message, 6 * num, 2);
    for (i = 0; i < num; i++) {
        put_number(&message, 0, 2);
        put_number(&message, 0x0A000000 + i, 4);
    }
    CHECK(carrier_nbns.datagram(&carrier_nbns, &carriage, &flow, 1, bytes_of(&message), 0, true));
    for (i = 0; i < log.num; i++)
        if (log.at[i].kind == KIND_dns)
            kept = log.at[i].dns->answers.num;
    CHECK_INT(kept, num > LIMIT_DNS_RECORDS ? LIMIT_DNS_RECORDS : num);
    CHECK_INT(num_code(&log, "limit-dns-records"), num > LIMIT_DNS_RECORDS);
    log_clear(&log);
    arena_clear(&scratch);
    text_clear(&message);
}

TEST(addresses_of_a_netbios_message)
{
    check_nbns(LIMIT_DNS_RECORDS - 1);
    check_nbns(LIMIT_DNS_RECORDS);
    check_nbns(LIMIT_DNS_RECORDS + 1);
}

/* ---- HTTP ---- */

/* A request whose head has that many octets. */
static void check_head(size_t len)
{
    struct text head = {0};
    struct feed feed;
    size_t i, cut = 0;

    text_put(&head, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    put_times(&head, 'x', len - head.len - 4);
    text_put(&head, "\r\n\r\n");
    CHECK_INT(head.len, len);
    feed_open(&feed, &carrier_http);
    feed_push(&feed, 0, bytes_of(&head));
    feed_finish(&feed);
    CHECK_INT(num_of(&feed.log, KIND_http), 1);
    for (i = 0; i < feed.log.num; i++)
        if (feed.log.at[i].kind == KIND_http) {
            CHECK_STR(feed.log.at[i].http->host, "a");
            cut = feed.log.at[i].source.damaged != NULL;
        }
    CHECK_INT(cut, len > LIMIT_HTTP_HEADER_BYTES);
    CHECK_INT(num_code(&feed.log, "limit-http-header"), len > LIMIT_HTTP_HEADER_BYTES);
    feed_clear(&feed);
    text_clear(&head);
}

TEST(octets_of_a_head)
{
    check_head(LIMIT_HTTP_HEADER_BYTES - 1);
    check_head(LIMIT_HTTP_HEADER_BYTES);
    check_head(LIMIT_HTTP_HEADER_BYTES + 1);
}

/* Octets without a line end, behind `before`. */
static void check_endless(const char *request, const char *before, const char *line, size_t len)
{
    struct text piece = {0};
    struct feed feed;

    feed_open(&feed, &carrier_http);
    feed_push(&feed, 0, bytes_of_text(request));
    feed_push(&feed, 1, bytes_of_text(before));
    text_put(&piece, line);
    put_times(&piece, 'x', len - piece.len);
    feed_push(&feed, *before == '\0' ? 0 : 1, bytes_of(&piece));
    CHECK_INT(num_code(&feed.log, "limit-http-line"), len > LIMIT_HTTP_HEADER_BYTES);
    feed_finish(&feed);
    feed_clear(&feed);
    text_clear(&piece);
}

TEST(octets_of_a_line)
{
    size_t len;

    for (len = LIMIT_HTTP_HEADER_BYTES - 1; len <= LIMIT_HTTP_HEADER_BYTES + 1; len++) {
        check_endless("", "", "GET /", len);
        check_endless("GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: ", len);
    }
}

static void check_open(size_t num)
{
    struct feed feed;
    size_t i;

    feed_open(&feed, &carrier_http);
    for (i = 0; i < num; i++)
        feed_push(&feed, 0, bytes_of_text("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_INT(num_of(&feed.log, KIND_http), num);
    CHECK_INT(num_code(&feed.log, "limit-http-open"), num > LIMIT_HTTP_OPEN);
    feed_finish(&feed);
    feed_clear(&feed);
}

TEST(requests_without_an_answer)
{
    check_open(LIMIT_HTTP_OPEN - 1);
    check_open(LIMIT_HTTP_OPEN);
    check_open(LIMIT_HTTP_OPEN + 1);
}

/* Interim answers (RFC 9110 15.2) while the request's body is on its way. */
static void check_waiting(size_t num)
{
    struct feed feed;
    size_t i;

    feed_open(&feed, &carrier_http);
    feed_push(&feed, 0, bytes_of_text("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"));
    for (i = 0; i < num; i++)
        feed_push(&feed, 1, bytes_of_text("HTTP/1.1 100 Continue\r\n\r\n"));
    CHECK_INT(num_code(&feed.log, "limit-http-waiting"), num > LIMIT_HTTP_WAITING);
    CHECK_INT(num_of(&feed.log, KIND_http), num > LIMIT_HTTP_WAITING);
    feed_push(&feed, 0, bytes_of_text("123456789"));
    CHECK_INT(num_of(&feed.log, KIND_http), num + 1);
    feed_finish(&feed);
    feed_clear(&feed);
}

TEST(answers_to_an_open_request)
{
    check_waiting(LIMIT_HTTP_WAITING - 1);
    check_waiting(LIMIT_HTTP_WAITING);
    check_waiting(LIMIT_HTTP_WAITING + 1);
}

/* ---- Kerberos ---- */

static void put_der(struct text *out, unsigned tag, struct bytes content)
{
    put_number(out, tag, 1);
    put_number(out, 0x83, 1);
    put_number(out, content.len, 3);
    text_put_bytes(out, content);
}

/* KRB-ERROR (RFC 4120 5.9.1) 41 with e-data that makes it so long, behind its length. */
static void check_message(size_t len)
{
    static const uint8_t parts[] = {0xA0, 3,    2,   1,   5,   0xA1, 3,    2,    1,    30,  0xA4,
                                    17,   0x18, 15,  '2', '0', '2',  '6',  '0',  '1',  '0', '1',
                                    '0',  '0',  '0', '0', '0', '0',  'Z',  0xA5, 3,    2,   1,
                                    0,    0xA6, 3,   2,   1,   41,   0xA9, 3,    0x1B, 1,   'R'};
    static const uint8_t sname[] = {0xAA, 14,   0x30, 12,   0xA0, 3,    2, 1,
                                    2,    0xA1, 5,    0x30, 3,    0x1B, 1, 'a'};
    struct text inner = {0}, data = {0}, sequence = {0}, message = {0}, framed = {0};
    struct feed feed;
    size_t body = sizeof(parts), fill = len - (body + sizeof(sname)) - 4 * 5;
    size_t i;

    put_times(&data, 'x', fill);
    put_der(&inner, 0x04, bytes_of(&data));
    text_put_bytes(&sequence, (struct bytes){parts, body});
    text_put_bytes(&sequence, (struct bytes){sname, sizeof(sname)});
    put_der(&sequence, 0xAC, bytes_of(&inner));
    text_reset(&inner);
    put_der(&inner, 0x30, bytes_of(&sequence));
    put_der(&message, 0x7E, bytes_of(&inner));
    CHECK_INT(message.len, len);
    put_number(&framed, len, 4);
    text_put_bytes(&framed, bytes_of(&message));
    feed_open(&feed, &carrier_krb5);
    feed_push(&feed, 1, bytes_of(&framed));
    feed_end(&feed, 1, true);
    feed_finish(&feed);
    CHECK_INT(num_of(&feed.log, KIND_krb), len <= LIMIT_MESSAGE_BYTES);
    for (i = 0; i < feed.log.num; i++)
        if (feed.log.at[i].kind == KIND_krb)
            CHECK_INT(feed.log.at[i].krb->error_code.value, 41);
    CHECK_INT(num_code(&feed.log, "limit-message"), len > LIMIT_MESSAGE_BYTES);
    feed_clear(&feed);
    text_clear(&inner);
    text_clear(&data);
    text_clear(&sequence);
    text_clear(&message);
    text_clear(&framed);
}

TEST(octets_of_a_kerberos_message)
{
    check_message(LIMIT_MESSAGE_BYTES - 1);
    check_message(LIMIT_MESSAGE_BYTES);
    check_message(LIMIT_MESSAGE_BYTES + 1);
}

/* KERB_VALIDATION_INFO ([MS-PAC] 2.5): an account's name of so many characters, so many groups. */
static bool reads_pac(size_t chars, size_t groups)
{
    struct text raw = {0};
    struct arena arena = {0};
    size_t i;
    bool read;

    put_times(&raw, 0, 16 + 4 + 6 * 8);
    for (i = 0; i < 6; i++) {
        put_little(&raw, 0, 4);
        put_little(&raw, i == 0, 4);
    }
    put_times(&raw, 0, 2 + 2 + 4 + 4 + 4);
    put_little(&raw, groups > 0, 4);
    put_times(&raw, 0, 4 + 16 + 2 * 8 + 4 + 8 + 4 + 4 + 8 + 8 + 4 + 4 + 5 * 4);
    put_little(&raw, chars, 4);
    put_little(&raw, 0, 4);
    put_little(&raw, chars, 4);
    for (i = 0; i < chars; i++)
        put_little(&raw, 'a', 2);
    put_times(&raw, 0, chars % 2 * 2);
    if (groups > 0) {
        put_little(&raw, groups, 4);
        put_times(&raw, 0, groups * 8);
    }
    read = pac_logon(&arena, bytes_of(&raw)) != NULL;
    arena_clear(&arena);
    text_clear(&raw);
    return read;
}

/* A ticket that holds more is longer than LIMIT_MESSAGE_BYTES, which is said. */
TEST(texts_and_groups_of_a_pac)
{
    const size_t groups = LIMIT_TOKEN_BYTES / 8;

    CHECK(reads_pac(LIMIT_TOKEN_BYTES - 1, 0));
    CHECK(reads_pac(LIMIT_TOKEN_BYTES, 0));
    CHECK(!reads_pac(LIMIT_TOKEN_BYTES + 1, 0));
    CHECK(reads_pac(1, groups - 1));
    CHECK(reads_pac(1, groups));
    CHECK(!reads_pac(1, groups + 1));
}

/* ---- Comments ---- */

/* draft-ietf-opsawg-pcapng 4.3: a frame with a comment of so many octets. */
static void check_comment(size_t len)
{
    struct text file = {0};
    struct log log;
    size_t i, padded = (len + 3) / 4 * 4, total = 28 + 4 + padded + 4, kept = 0;

    put_little(&file, 0x0A0D0D0A, 4);
    put_little(&file, 28, 4);
    put_little(&file, 0x1A2B3C4D, 4);
    put_little(&file, 1, 4);
    put_little(&file, UINT64_MAX, 8);
    put_little(&file, 28, 4);
    put_little(&file, 1, 4);
    put_little(&file, 20, 4);
    put_little(&file, 101, 4);
    put_little(&file, 0, 4);
    put_little(&file, 20, 4);
    put_little(&file, 6, 4);
    put_little(&file, total, 4);
    put_little(&file, 0, 4);
    put_little(&file, 0, 8);
    put_little(&file, 0, 8);
    put_little(&file, 1, 2);
    put_little(&file, len, 2);
    put_times(&file, 'c', len);
    put_times(&file, 0, padded - len);
    put_little(&file, total, 4);
    observe(&log, bytes_of(&file));
    CHECK_INT(num_of(&log, KIND_frame_comment), 1);
    for (i = 0; i < log.num; i++)
        if (log.at[i].kind == KIND_frame_comment) {
            const char *text = log.at[i].frame_comment->text;

            kept = strspn(text, "c");
            CHECK_STR(text + kept, len > LIMIT_FRAME_NOTE_BYTES ? " […]" : "");
        }
    CHECK_INT(kept, len > LIMIT_FRAME_NOTE_BYTES ? LIMIT_FRAME_NOTE_BYTES : len);
    log_clear(&log);
    text_clear(&file);
}

TEST(octets_of_a_comment)
{
    check_comment(LIMIT_FRAME_NOTE_BYTES - 1);
    check_comment(LIMIT_FRAME_NOTE_BYTES);
    check_comment(LIMIT_FRAME_NOTE_BYTES + 1);
}
