/* SPDX-License-Identifier: MIT */
/* observation/log.c, codec.c, compare.c, record.c */
#include "observation/log.h"

#include <stdlib.h>

#include "base/limits.h"
#include "harness.h"

static const struct answer answers[] = {
    {.name = "contoso.test.com",
     .type = "CNAME",
     .ttl = {true, 60},
     .value = "iis01.test.com",
     .section = "answer"},
    {.name = "iis01.test.com",
     .type = "A",
     .ttl = {true, 0},
     .value = "10.0.5.2",
     .section = "answer"},
};
static const int64_t etypes[] = {18, 17, -135};
static const char *const mechs[] = {"1.2.840.113554.1.2.2", "1.3.6.1.4.1.311.2.2.10"};

static void fill(struct log *log)
{
    struct source source = {.flow = 3,
                            .frame = 7,
                            .time_ns = 1318569014000000001,
                            .sport = 53,
                            .carrier = "dns",
                            .pid = {true, 4}};
    struct dns dns = {.id = 19377,
                      .response = true,
                      .qname = "contoso.test.com",
                      .qtype = "A",
                      .answers = {answers, 2}};
    struct opener opener = {"IIS01$@TEST.COM", 3, 18};
    struct ticket ticket = {.realm = "TEST.COM",
                            .sname = "HTTP/iis01.test.com",
                            .kvno = {true, 0},
                            .sha256 = digest_of(bytes_of_text("x")),
                            .opened_by = {&opener, 1}};
    struct http http = {.method = "GET", .target = "/", .host = "contoso.test.com"};
    struct gss gss = {.token = "NegTokenInit", .mechs = {mechs, 2}, .message = 2};
    struct krb krb = {.msg_type = 14, .etypes = {etypes, 3}, .ticket = &ticket, .gss = 3};

    CHECK(address_parse("10.0.5.1", &source.src));
    CHECK(address_parse("fd05::3", &source.dst));
    CHECK_INT(log_append(log, KIND_dns, &source, &dns), 1);
    CHECK_INT(log_append(log, KIND_http, &source, &http), 2);
    CHECK_INT(log_append(log, KIND_gss, &source, &gss), 3);
    CHECK_INT(log_append(log, KIND_krb, &source, &krb), 4);
}

static bool same(const struct observation *a, const struct observation *b)
{
    return a->kind == b->kind && record_equal(&source_type, &a->source, &b->source) &&
           record_equal(kind_type(a->kind), a->record, b->record);
}

TEST(a_saved_log_loads_equal)
{
    struct log log = {0}, again = {0};
    char *data = NULL;
    size_t len = 0, i;
    FILE *file = open_memstream(&data, &len);
    const char *problem;

    fill(&log);
    CHECK(log_save(&log, file));
    fclose(file);
    file = fmemopen(data, len, "r");
    CHECK(log_load(&again, file, &problem));
    fclose(file);
    CHECK(problem == NULL);
    CHECK_INT(again.num, log.num);
    for (i = 0; i < log.num && i < again.num; i++)
        CHECK(same(&log.at[i], &again.at[i]));
    CHECK_INT(again.at[3].krb->ticket->opened_by.at[0].kvno, 3);
    CHECK(again.at[3].krb->ticket->kvno.set && again.at[3].krb->ticket->kvno.value == 0);
    CHECK(!again.at[3].krb->ticket->etype.set);
    CHECK_INT(again.at[3].krb->etypes.at[2], -135);
    log_clear(&log);
    log_clear(&again);
    free(data);
}

TEST(every_prefix_of_a_saved_log_keeps_what_is_whole)
{
    struct log log = {0};
    char *data = NULL;
    size_t len = 0, cut;
    FILE *file = open_memstream(&data, &len);

    fill(&log);
    CHECK(log_save(&log, file));
    fclose(file);
    for (cut = 1; cut < len; cut++) {
        struct log part = {0};
        const char *problem;
        bool whole;
        size_t i;

        file = fmemopen(data, cut, "r");
        whole = log_load(&part, file, &problem);
        fclose(file);
        CHECK(part.num < log.num);
        CHECK(whole == (problem == NULL));
        for (i = 0; i < part.num; i++)
            CHECK(same(&log.at[i], &part.at[i]));
        log_clear(&part);
    }
    log_clear(&log);
    free(data);
}

TEST(references_are_shifted_and_must_point_backwards)
{
    struct log log = {0}, joined = {0};
    struct text wire = {0};
    struct gss forward = {.token = "krb5", .message = 9};
    struct source source = {0};
    struct reader reader;
    size_t i;

    fill(&log);
    fill(&joined);
    log_begin(&joined, 5);
    for (i = 0; i < log.num; i++) {
        text_reset(&wire);
        log_encode(&wire, &log.at[i]);
        reader_init(&reader, (struct bytes){(uint8_t *)wire.at + 4, wire.len - 4}, false);
        CHECK(log_decode(&joined, &reader));
    }
    CHECK_INT(joined.at[6].gss->message, 6);
    CHECK_INT(joined.at[7].krb->gss, 7);
    CHECK_INT(joined.at[7].source.capture, 5);
    text_reset(&wire);
    log_append(&log, KIND_gss, &source, &forward);
    log_encode(&wire, &log.at[4]);
    reader_init(&reader, (struct bytes){(uint8_t *)wire.at + 4, wire.len - 4}, false);
    log_begin(&joined, 6);
    CHECK(!log_decode(&joined, &reader));
    CHECK_INT(reader.fault, FAULT_MALFORMED);
    CHECK_INT(joined.num, 8);
    text_clear(&wire);
    log_clear(&log);
    log_clear(&joined);
}

TEST(texts_are_copied_clean)
{
    struct log log = {0};
    char host[] = "a\xFF"
                  "b";
    struct http http = {.host = host};
    struct source source = {0};

    log_append(&log, KIND_http, &source, &http);
    host[0] = 'X';
    CHECK_STR(log.at[0].http->host, "a\xEF\xBF\xBD"
                                    "b");
    CHECK(log.at[0].http->method == NULL);
    CHECK(log_find(&log, 0) == NULL && log_find(&log, 2) == NULL &&
          log_find(&log, 1) == &log.at[0]);
    log_clear(&log);
}

TEST(a_difference_in_any_field_is_seen)
{
    struct dns a = {.id = 1, .qname = "x", .answers = {answers, 2}}, b = a;

    CHECK(record_equal(&dns_type, &a, &b));
    b.answers.num = 1;
    CHECK(!record_equal(&dns_type, &a, &b));
    b = a;
    b.qname = NULL;
    CHECK(!record_equal(&dns_type, &a, &b));
    b.qname = "";
    CHECK(!record_equal(&dns_type, &a, &b));
}

TEST(dump_names_every_field_that_is_there)
{
    struct log log = {0};
    struct text out = {0};

    fill(&log);
    record_dump(&out, &krb_type, log.at[3].record, 0);
    CHECK(strstr(text_str(&out), "msg_type=14\n") != NULL);
    CHECK(strstr(text_str(&out), "ticket:\n  realm=TEST.COM\n") != NULL);
    CHECK(strstr(text_str(&out), "error_code") == NULL);
    text_clear(&out);
    log_clear(&log);
}

static void count_and_encode(void *user, const struct observation *observation)
{
    log_encode(user, observation);
}

TEST(a_log_that_passes_on_keeps_nothing_and_counts_the_same)
{
    struct log passing = {0}, kept = {0}, again = {0};
    struct text wire = {0};
    struct reader reader;
    size_t i;

    passing.on_append = count_and_encode;
    passing.user = &wire;
    fill(&passing);
    fill(&kept);
    CHECK_INT(passing.num, kept.num);
    CHECK_INT(passing.arena.used, 0);
    reader_init(&reader, (struct bytes){(uint8_t *)wire.at, wire.len}, false);
    while (reader_left(&reader) > 0) {
        struct reader body = reader_child(&reader, reader_be32(&reader));

        CHECK(log_decode(&again, &body));
    }
    CHECK_INT(again.num, kept.num);
    for (i = 0; i < kept.num && i < again.num; i++)
        CHECK(same(&kept.at[i], &again.at[i]));
    text_clear(&wire);
    log_clear(&kept);
    log_clear(&again);
}

/* They come back within the ranges of limits.h, so that whatever is done with two of them fits. */
TEST(extreme_numbers_are_bounded)
{
    struct log log = {0}, again = {0};
    const int64_t bounded[] = {0, -1, 1, 63, 64, -64, -65, LIMIT_NUMBER, -LIMIT_NUMBER, UINT32_MAX};
    const int64_t all[] = {0, -1, 1, 63, 64, -64, -65, INT64_MAX, INT64_MIN, UINT32_MAX};
    struct krb krb = {.etypes = {all, sizeof(all) / sizeof(all[0])}, .stime_s = optint(INT64_MAX)};
    struct source source = {.frame = INT64_MAX, .time_ns = INT64_MIN};
    struct text wire = {0};
    struct reader reader;

    log_append(&log, KIND_krb, &source, &krb);
    log_encode(&wire, &log.at[0]);
    reader_init(&reader, (struct bytes){(uint8_t *)wire.at + 4, wire.len - 4}, false);
    CHECK(log_decode(&again, &reader));
    CHECK_INT(again.at[0].source.frame, LIMIT_NUMBER);
    CHECK_INT(again.at[0].source.time_ns, -LIMIT_NANOSECONDS);
    CHECK_INT(again.at[0].krb->stime_s.value, LIMIT_SECONDS);
    CHECK_INT(again.at[0].krb->etypes.num, sizeof(bounded) / sizeof(bounded[0]));
    CHECK(memcmp(again.at[0].krb->etypes.at, bounded, sizeof(bounded)) == 0);
    text_clear(&wire);
    log_clear(&log);
    log_clear(&again);
}
