/* SPDX-License-Identifier: MIT */
/* Bounds of base/limits.h within a message, a table or a file: at the bound nothing is lost and
 * nothing is said; one beyond it, what fits is kept and a problem says the rest was left out. */
#include <stdio.h>

#include "asn1/kerberos.h"
#include "asn1/keyring.h"
#include "base/limits.h"
#include "bounds.h"
#include "carrier/tls.h"
#include "cli/worker.h"
#include "evidence_check.h"
#include "feed.h"

extern const struct carrier carrier_http;

/* ---- Messages ---- */

static void check_auths(size_t num)
{
    struct text answer = {0};
    struct feed feed;
    size_t i, kept = 0;

    feed_open(&feed, &carrier_http);
    feed_push(&feed, 0, bytes_of_text("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    text_put(&answer, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n");
    for (i = 0; i < num; i++)
        text_put(&answer, "WWW-Authenticate: Basic\r\n");
    text_put(&answer, "\r\n");
    feed_push(&feed, 1, bytes_of(&answer));
    feed_finish(&feed);
    for (i = 0; i < feed.log.num; i++)
        if (feed.log.at[i].kind == KIND_http && feed.log.at[i].http->response)
            kept = feed.log.at[i].http->auths.num;
    CHECK_INT(kept, num > LIMIT_HTTP_AUTHS ? LIMIT_HTTP_AUTHS : num);
    CHECK_INT(num_code(&feed.log, "limit-http-auths"), num > LIMIT_HTTP_AUTHS);
    feed_clear(&feed);
    text_clear(&answer);
}

TEST(authentication_fields_of_a_message)
{
    check_auths(LIMIT_HTTP_AUTHS - 1);
    check_auths(LIMIT_HTTP_AUTHS);
    check_auths(LIMIT_HTTP_AUTHS + 1);
    check_auths(LIMIT_HTTP_AUTHS + 2); /* said once */
}

static void check_protocols(size_t num)
{
    struct text hello = {0}, record = {0};
    struct feed feed;
    size_t i, kept = 0;

    put_number(&hello, 0x0303, 2);
    put_times(&hello, 'r', 32);
    put_number(&hello, 0, 1);          /* session */
    put_number(&hello, 0x00021301, 4); /* one cipher */
    put_number(&hello, 0x0100, 2);     /* no compression */
    put_number(&hello, 2 * num + 6, 2);
    put_number(&hello, 16, 2); /* ALPN */
    put_number(&hello, 2 * num + 2, 2);
    put_number(&hello, 2 * num, 2);
    for (i = 0; i < num; i++)
        text_put(&hello, "\1a");
    put_number(&record, 0x160301, 3);
    put_number(&record, hello.len + 4, 2);
    put_number(&record, 1, 1);
    put_number(&record, hello.len, 3);
    text_put_bytes(&record, bytes_of(&hello));
    feed_open(&feed, &carrier_tls);
    feed_push(&feed, 0, bytes_of(&record));
    feed_finish(&feed);
    for (i = 0; i < feed.log.num; i++)
        if (feed.log.at[i].kind == KIND_tls)
            kept = feed.log.at[i].tls->alpn.num;
    CHECK_INT(kept, num > LIMIT_TLS_NAMES ? LIMIT_TLS_NAMES : num);
    CHECK_INT(num_code(&feed.log, "limit-tls-names"), num > LIMIT_TLS_NAMES);
    feed_clear(&feed);
    text_clear(&hello);
    text_clear(&record);
}

TEST(names_of_a_tls_message)
{
    check_protocols(LIMIT_TLS_NAMES - 1);
    check_protocols(LIMIT_TLS_NAMES);
    check_protocols(LIMIT_TLS_NAMES + 1);
}

/* A handshake message of that many octets with its header, over records of 16 KB. */
static void check_handshake(size_t len)
{
    struct text message = {0};
    struct feed feed;
    size_t at;

    put_number(&message, 11, 1); /* Certificate, without any */
    put_number(&message, len - 4, 3);
    put_times(&message, 0, len - 4);
    feed_open(&feed, &carrier_tls);
    for (at = 0; at < len; at += 16384) {
        size_t part = len - at < 16384 ? len - at : 16384;
        struct text record = {0};

        put_number(&record, 0x160303, 3);
        put_number(&record, part, 2);
        text_put_bytes(&record, (struct bytes){(const uint8_t *)message.at + at, part});
        feed_push(&feed, 1, bytes_of(&record));
        text_clear(&record);
    }
    feed_finish(&feed);
    CHECK_INT(num_code(&feed.log, "limit-tls-handshake"), len > LIMIT_TLS_HANDSHAKE_BYTES);
    feed_clear(&feed);
    text_clear(&message);
}

TEST(octets_of_a_handshake_message)
{
    check_handshake(LIMIT_TLS_HANDSHAKE_BYTES - 1);
    check_handshake(LIMIT_TLS_HANDSHAKE_BYTES);
    check_handshake(LIMIT_TLS_HANDSHAKE_BYTES + 1);
}

TEST(elements_of_a_list)
{
    size_t num;

    for (num = LIMIT_DER_ITEMS - 1; num <= LIMIT_DER_ITEMS + 1; num++) {
        size_t kept = num > LIMIT_DER_ITEMS ? LIMIT_DER_ITEMS : num, i, left;
        struct text raw = {0};
        struct der_list list;
        struct reader reader;

        put_number(&raw, 0x3082, 2);
        put_number(&raw, 2 * num, 2);
        for (i = 0; i < num; i++)
            put_number(&raw, 0x3000, 2);
        reader_init(&reader, bytes_of(&raw), false);
        CHECK(kerberos_list(&reader, bytes_of(&raw), &list));
        left = reader_left(&list.in);
        CHECK_INT(list.num, kept);
        CHECK_INT(left, 2 * kept);
        CHECK_INT(list.more, num > kept);
        text_clear(&raw);
    }
}

/* ---- Captures ---- */

static void put_fragment(struct text *out, unsigned id)
{
    static const uint8_t head[] = {0x45, 0, 0, 28, 0,  0, 0x3F, 0xFD, 64, 17, 0, 0,
                                   10,   0, 0, 1,  10, 0, 0,    2,    0,  0,  0, 0};

    put_little(out, 1, 4);
    put_little(out, 0, 4);
    put_little(out, 28, 4);
    put_little(out, 28, 4);
    text_put_bytes(out, (struct bytes){head, 4});
    put_number(out, id, 2);
    text_put_bytes(out, (struct bytes){head + 6, 14}); /* more follow, offset 65512 */
    put_times(out, 'x', 8);
}

/* Each waits in a buffer of 65535 octets. */
TEST(fragments_that_wait)
{
    size_t fit = LIMIT_FRAGMENT_BYTES / 65535, num;

    CHECK(fit < LIMIT_FRAGMENT_DATAGRAMS);
    for (num = fit - 1; num <= fit + 1; num++) {
        struct text file = {0};
        struct log log;
        unsigned i;

        put_little(&file, 0xA1B2C3D4, 4);
        put_little(&file, 0x00040002, 4);
        put_little(&file, 0, 8);
        put_little(&file, 65535, 4);
        put_little(&file, 101, 4); /* raw IP */
        for (i = 1; i <= num; i++)
            put_fragment(&file, i);
        observe(&log, bytes_of(&file));
        CHECK_INT(num_code(&log, "limit-fragments"), num > fit);
        log_clear(&log);
        text_clear(&file);
    }
}

/* A Network Monitor file without frames whose table names so many processes, each with an icon of
 * that many octets. */
static void check_processes(size_t num, size_t icon, bool said)
{
    struct text file = {0};
    struct log log;
    size_t i;

    text_put(&file, "GMBU\3\2");
    put_little(&file, 1, 2);
    for (i = 0; i < 8; i++)
        put_little(&file, (const uint16_t[]){2024, 2, 4, 29, 13, 14, 15, 678}[i], 2);
    put_little(&file, 72, 4); /* frame table: empty */
    put_little(&file, 0, 4 + 8 + 8);
    put_little(&file, 72, 4);
    put_little(&file, num, 4);
    put_times(&file, 0, 72 - file.len);
    put_little(&file, 2, 2); /* version of the table */
    for (i = 0; i < num; i++) {
        put_little(&file, 2, 4);
        put_little(&file, 0, 2);
        put_little(&file, icon, 4);
        put_times(&file, 'i', icon);
        put_little(&file, i, 4);
        put_times(&file, 0, 44);
    }
    observe(&log, bytes_of(&file));
    CHECK_INT(num_of(&log, KIND_capture_file), 1);
    CHECK_INT(num_code(&log, "limit-processes"), said);
    log_clear(&log);
    text_clear(&file);
}

TEST(processes_of_a_network_monitor_file)
{
    const size_t icon = LIMIT_NETMON_TABLE_BYTES / 2 - 58;

    check_processes(LIMIT_PROCESSES - 1, 0, false);
    check_processes(LIMIT_PROCESSES, 0, false);
    check_processes(LIMIT_PROCESSES + 1, 0, true);
    check_processes(2, icon - 1, false); /* both, with 2 octets before them, fill the table */
    check_processes(2, icon, true);
}

/* ---- Keytabs ---- */

static void put_keys(struct text *file, size_t from, size_t to)
{
    for (; from < to; from++) {
        put_number(file, 2 + 3 + 3 + 4 + 4 + 1 + 2 + 2 + 8, 4);
        put_number(file, 1, 2);
        put_number(file, 1, 2);
        text_put(file, "R");
        put_number(file, 1, 2);
        text_put(file, "a");
        put_number(file, 1, 4);
        put_number(file, 0, 4);
        put_number(file, 1, 1);
        put_number(file, 18, 2);
        put_number(file, 8, 2);
        put_number(file, from, 8);
    }
}

static bool adds(struct keyring *ring, struct text *file, const char *word)
{
    char path[] = "/tmp/krbwhy-keytab-XXXXXX";
    int fd = mkstemp(path);
    struct arena arena = {0};
    const char *problem;
    bool good;

    CHECK(write(fd, file->at, file->len) == (ssize_t)file->len);
    close(fd);
    problem = keyring_add(ring, &arena, path);
    good = word == NULL ? problem == NULL : problem != NULL && strstr(problem, word) != NULL;
    if (!good)
        test_fail(__FILE__, __LINE__, "%s", problem == NULL ? "no problem" : problem);
    unlink(path);
    arena_clear(&arena);
    text_clear(file);
    return good;
}

TEST(keys_of_keytabs)
{
    struct keyring *ring = keyring_open();
    struct text file = {0};

    put_number(&file, 0x0502, 2);
    put_keys(&file, 0, LIMIT_KEYTAB_ENTRIES - 1);
    CHECK(file.len < LIMIT_KEYTAB_BYTES);
    adds(ring, &file, NULL);
    put_number(&file, 0x0502, 2);
    put_keys(&file, LIMIT_KEYTAB_ENTRIES, LIMIT_KEYTAB_ENTRIES + 1);
    adds(ring, &file, NULL);
    CHECK_INT(keyring_num(ring), LIMIT_KEYTAB_ENTRIES);
    put_number(&file, 0x0502, 2);
    put_keys(&file, LIMIT_KEYTAB_ENTRIES + 1, LIMIT_KEYTAB_ENTRIES + 2);
    adds(ring, &file, "the rest is left out");
    CHECK_INT(keyring_num(ring), LIMIT_KEYTAB_ENTRIES);
    keyring_close(ring);
}

/* A hole (RFC draft of the format: a negative length) fills the file behind one key. */
TEST(octets_of_a_keytab)
{
    size_t len;

    for (len = LIMIT_KEYTAB_BYTES - 1; len <= LIMIT_KEYTAB_BYTES + 1; len++) {
        struct keyring *ring = keyring_open();
        struct text file = {0};

        put_number(&file, 0x0502, 2);
        put_keys(&file, 0, 1);
        put_number(&file, (uint32_t)(0 - (len - file.len - 4)), 4);
        put_times(&file, 0, len - file.len);
        adds(ring, &file, len > LIMIT_KEYTAB_BYTES ? "the rest is left out" : NULL);
        CHECK_INT(keyring_num(ring), 1);
        keyring_close(ring);
    }
}

/* ---- Evidence ---- */

static void check_etypes(size_t num)
{
    struct text file = {0};
    struct seen seen;
    size_t i, kept = 0;

    text_put(&file,
             "Event ID: 27\nWhile processing a TGS request for the target server HTTP/w, the "
             "account a@TEST.COM did not have a suitable key for generating a Kerberos ticket "
             "(the missing key has an ID of 8). The requested etypes were 18 17. The accounts "
             "available etypes were");
    for (i = 0; i < num; i++)
        text_putf(&file, " %zu", i + 1);
    text_put(&file, ".\n");
    see_bytes(&seen, bytes_of(&file));
    for (i = 0; i < seen.log.num; i++)
        if (seen.log.at[i].kind == KIND_kdc_event)
            kept = seen.log.at[i].kdc_event->available.num;
    CHECK_INT(kept, num > LIMIT_ETYPES ? LIMIT_ETYPES : num);
    CHECK_INT(num_code(&seen.log, "limit-etypes") > 0, num > LIMIT_ETYPES);
    seen_clear(&seen);
    text_clear(&file);
}

TEST(encryption_types_of_an_event)
{
    check_etypes(LIMIT_ETYPES - 1);
    check_etypes(LIMIT_ETYPES);
    check_etypes(LIMIT_ETYPES + 1);
}

static void check_locations(size_t num)
{
    struct text file = {0};
    struct seen seen;
    size_t i;

    text_put(&file, "<configuration><system.applicationHost><sites>"
                    "<site name='s'><application path='/'/></site>"
                    "</sites></system.applicationHost>\n");
    for (i = 0; i < num; i++)
        text_putf(&file,
                  "<location path='s/%zu'><system.webServer><security><authentication>"
                  "<windowsAuthentication enabled='true'/></authentication></security>"
                  "</system.webServer></location>\n",
                  i);
    text_put(&file, "</configuration>\n");
    see_bytes(&seen, bytes_of(&file));
    CHECK_INT(num_of(&seen.log, KIND_iis_site) > 0, 1);
    CHECK_INT(num_code(&seen.log, "limit-iis"), num > LIMIT_IIS_LOCATIONS);
    seen_clear(&seen);
    text_clear(&file);
}

TEST(locations_of_iis)
{
    check_locations(LIMIT_IIS_LOCATIONS - 1);
    check_locations(LIMIT_IIS_LOCATIONS);
    check_locations(LIMIT_IIS_LOCATIONS + 1);
}

static void check_problems(size_t num)
{
    struct text file = {0};
    struct seen seen;
    size_t i;

    text_put(&file, "dn: CN=a,DC=test,DC=com\nobjectClass: user\nsAMAccountName: a\n");
    for (i = 0; i < num; i++)
        text_put(&file, "servicePrincipalName:: !\n");
    see_bytes(&seen, bytes_of(&file));
    CHECK_STR(seen.kind, "ldif");
    CHECK_INT(num_code(&seen.log, "ldif-base64"), num > LIMIT_PROBLEMS ? LIMIT_PROBLEMS : num);
    CHECK_INT(num_code(&seen.log, "limit-problems"), num > LIMIT_PROBLEMS);
    seen_clear(&seen);
    text_clear(&file);
}

TEST(problems_of_a_file)
{
    check_problems(LIMIT_PROBLEMS - 1);
    check_problems(LIMIT_PROBLEMS);
    check_problems(LIMIT_PROBLEMS + 1);
}
