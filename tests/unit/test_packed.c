/* SPDX-License-Identifier: MIT */
/* Packed observations are what they would be as structs. */
#include <stdio.h>

#include "base/limits.h"
#include "harness.h"
#include "observation/log.h"

static void encode(struct text *wire, int64_t frame, bool response)
{
    char name[32], alias[64];
    struct answer answers[] = {
        {.name = name, .type = "CNAME", .ttl = optint(300), .value = alias, .section = "answer"},
        {.name = alias, .type = "A", .ttl = optint(frame), .value = "10.0.0.1"},
        {.name = "", .type = "OPT", .section = "additional"}};
    struct dns dns = {.id = frame & 0xFFFF,
                      .response = response,
                      .rcode = response ? frame % 4 : 0,
                      .questions = 1,
                      .qname = frame % 7 == 0 ? NULL : name,
                      .qtype = "A",
                      .answers = {answers, response ? 3 : 0}};
    struct source source = {
        .flow = frame,
        .transport = 17,
        .reply = response,
        .first_frame = frame - frame % 2,
        .frame = frame,
        .first_ns = 1318569000000000000 + frame,
        .time_ns = 1318569000000000000 + frame * 2,
        .src = address_from((struct bytes){(const uint8_t *)"\x0a\0\0\1", 4}),
        .sport = 53,
        .dst = address_from((struct bytes){(const uint8_t *)"0123456789abcdef", 16}),
        .dport = 1024 + frame,
        .src_mac = "00:15:5d:01:01:01",
        .carrier = "dns",
        .damaged = frame % 5 == 0 ? "malformed" : NULL,
        .part = frame % 3};
    const struct observation o = {.kind = KIND_dns, .source = source, {.record = &dns}};

    snprintf(name, sizeof(name), "h%d.example.org", (int)(frame % 50));
    snprintf(alias, sizeof(alias), "web\xff.h%d.example.org", (int)(frame % 50));
    text_reset(wire);
    log_encode(wire, &o);
}

static bool decode(struct log *log, const struct text *wire)
{
    struct reader reader;

    reader_init(&reader, (struct bytes){(const uint8_t *)wire->at + 4, wire->len - 4}, true);
    return log_decode(log, &reader);
}

/* A token that refers to the HTTP request before it. */
static void encode_pair(struct text *http, struct text *gss, int64_t request)
{
    const struct http get = {.method = "GET"};
    const struct gss token = {.token = "krb5", .message = request};
    const struct observation one = {.kind = KIND_http, .source = {0}, {.record = &get}};
    const struct observation two = {.kind = KIND_gss, .source = {0}, {.record = &token}};

    text_reset(http);
    text_reset(gss);
    log_encode(http, &one);
    log_encode(gss, &two);
}

static bool same(const struct observation *a, const struct observation *b)
{
    return a->id == b->id && a->kind == b->kind &&
           record_equal(&source_type, &a->source, &b->source) &&
           record_equal(kind_type(a->kind), a->record, b->record);
}

TEST(packed_messages_read_as_they_were_written)
{
    struct log plain = {0}, packed = {0};
    struct log_room room = {.arena = {0}};
    struct text wire = {0}, http = {0}, gss = {0};
    const struct observation *kept;
    int64_t id, frame;
    size_t responses = 0;

    log_pack(&packed);
    log_begin(&plain, 4);
    log_begin(&packed, 4);
    for (frame = 1; frame <= 1000; frame++) {
        encode(&wire, frame, frame % 2 == 0);
        responses += frame % 2 == 0;
        CHECK(decode(&plain, &wire) && decode(&packed, &wire));
        if (frame % 100 != 0)
            continue;
        encode_pair(&http, &gss, plain.last + 1);
        CHECK(decode(&plain, &http) && decode(&packed, &http));
        CHECK(decode(&plain, &gss) && decode(&packed, &gss));
    }
    CHECK_INT(packed.last, plain.last);
    CHECK_INT(packed.num, 20);
    CHECK_INT(packed.num_dns_responses, responses);
    for (id = 1; id <= plain.last; id++) {
        CHECK(same(log_look(&packed, id, &room), log_find(&plain, id)));
        CHECK(record_equal(&source_type, log_look_source(&packed, id, &room),
                           &log_find(&plain, id)->source));
    }
    kept = log_find(&packed, 10);
    CHECK(kept == log_find(&packed, 10));
    log_find(&packed, 11);
    CHECK(same(kept, log_find(&plain, 10)));
    CHECK(log_find(&packed, 0) == NULL && log_find(&packed, packed.last + 1) == NULL);
    CHECK(log_whole(&packed, 1) == NULL && log_whole(&packed, 102)->kind == KIND_gss);

    log_renumber(&packed, 9);
    CHECK_INT(log_look(&packed, 1, &room)->source.capture, 9);
    CHECK_INT(log_find(&packed, 102)->source.capture, 9);
    log_leave(&room);
    log_clear(&plain);
    log_clear(&packed);
    text_clear(&wire);
    text_clear(&http);
    text_clear(&gss);
}

TEST(every_prefix_and_every_changed_octet_is_refused_or_read)
{
    struct log packed = {0};
    struct log_room room = {.arena = {0}};
    struct text wire = {0};
    size_t i;

    log_pack(&packed);
    log_begin(&packed, 0);
    encode(&wire, 20, true);
    for (i = 0; i + 4 < wire.len; i++) {
        struct reader reader;

        reader_init(&reader, (struct bytes){(const uint8_t *)wire.at + 4, i}, true);
        CHECK(!log_decode(&packed, &reader) && !reader_ok(&reader));
    }
    CHECK_INT(packed.last, 0);
    for (i = 4; i < wire.len; i++) {
        wire.at[i] = (char)(wire.at[i] ^ 0x55);
        if (decode(&packed, &wire))
            CHECK(log_look(&packed, packed.last, &room) != NULL);
        wire.at[i] = (char)(wire.at[i] ^ 0x55);
    }
    log_leave(&room);
    log_clear(&packed);
    text_clear(&wire);
}

/* LIMIT_DNS_MESSAGES is for names alone: what comes behind them keeps its place and its references.
 */
TEST(too_many_names_are_left_out_and_nothing_else)
{
    struct log log = {0};
    struct text wire = {0}, http = {0}, gss = {0};
    int64_t frame;

    CHECK(LIMIT_DNS_MESSAGES >= 1000000);
    log.most = 3;
    log_pack(&log);
    log_begin(&log, 0);
    for (frame = 1; frame <= 5; frame++) {
        encode(&wire, frame, true);
        CHECK(decode(&log, &wire));
    }
    encode_pair(&http, &gss, 6);
    CHECK(decode(&log, &http) && decode(&log, &gss));
    log_note_dropped(&log);
    CHECK(log_find(&log, 3) != NULL && log_find(&log, 4) == NULL && log_find(&log, 5) == NULL);
    CHECK(log_find(&log, 7)->kind == KIND_gss && log_find(&log, 7)->gss->message == 6);
    CHECK_INT(log.num, 3);
    CHECK_STR(log.at[2].problem->code, "limit-dns");
    CHECK_INT(log.at[2].problem->at_frame.value, 4);
    CHECK_STR(log.at[2].problem->message, "too many DNS messages: 2 are left out, from here on");
    log_clear(&log);
    text_clear(&wire);
    text_clear(&http);
    text_clear(&gss);
}

/* Packed ones of one log in another. */
TEST(another_log_takes_them)
{
    struct log from = {0}, to = {0};
    struct text wire = {0}, http = {0}, gss = {0};

    log_pack(&from);
    log_begin(&from, 0);
    encode(&wire, 2, true);
    encode_pair(&http, &gss, 2);
    CHECK(decode(&from, &wire) && decode(&from, &http) && decode(&from, &gss));
    log_add(&to, &from, 3);
    log_add(&to, &from, 5);
    CHECK_INT(to.num, 6);
    CHECK(to.at[3].kind == KIND_dns && to.at[3].source.capture == 5 && to.at[3].source.frame == 2);
    CHECK_INT(to.at[5].gss->message, 5);
    log_clear(&to);
    log_clear(&from);
    text_clear(&wire);
    text_clear(&http);
    text_clear(&gss);
}
