/* SPDX-License-Identifier: MIT */
/* DNS over UDP and TCP, multicast DNS, LLMNR and NetBIOS names as observations. */
#include <stdio.h>
#include <stdlib.h>

#include "feed.h"
#include "harness.h"

extern const struct carrier carrier_dns, carrier_mdns, carrier_llmnr, carrier_nbns;

/* contoso.test.com: CNAME iis01.test.com, A 10.0.5.2, as in the reference case; an SOA left out. */
static const char answer[] = "4bb1 8580 0001 0002 0000 0000"
                             "07636f6e746f736f 0474657374 03636f6d 00 0001 0001"
                             "c00c 0005 0001 00000384 0008 0569697330 31 c014"
                             "c02e 0001 0001 00000384 0004 0a000502";

struct stage {
    struct log log;
    struct arena scratch;
    struct carriage carriage;
    struct flow flow;
};

static bool play(struct stage *stage, const struct carrier *carrier, struct bytes bytes,
                 size_t missing, bool hinted)
{
    memset(stage, 0, sizeof(*stage));
    stage->carriage = (struct carriage){.log = &stage->log, .scratch = &stage->scratch};
    stage->flow.transport = 17;
    stage->flow.frame = 2;
    return carrier->datagram(carrier, &stage->carriage, &stage->flow, 1, bytes, missing, hinted);
}

static void strike(struct stage *stage)
{
    log_clear(&stage->log);
    arena_clear(&stage->scratch);
}

TEST(an_answer)
{
    struct bytes bytes = test_hex(answer);
    struct stage stage;
    const struct dns *dns;

    CHECK(play(&stage, &carrier_dns, bytes, 0, true));
    CHECK_INT(stage.log.num, 1);
    dns = stage.log.at[0].dns;
    CHECK_INT(dns->id, 0x4bb1);
    CHECK(dns->response && dns->authoritative);
    CHECK_STR(dns->qname, "contoso.test.com");
    CHECK_STR(dns->qtype, "A");
    CHECK_INT(dns->answers.num, 2);
    CHECK_STR(dns->answers.at[0].type, "CNAME");
    CHECK_STR(dns->answers.at[0].value, "iis01.test.com");
    CHECK_STR(dns->answers.at[1].name, "iis01.test.com");
    CHECK_STR(dns->answers.at[1].value, "10.0.5.2");
    CHECK_INT(dns->answers.at[1].ttl.value, 900);
    CHECK_STR(dns->answers.at[1].section, "answer");
    CHECK_STR(stage.log.at[0].source.carrier, "dns");
    CHECK(stage.log.at[0].source.damaged == NULL && stage.log.at[0].source.reply);
    strike(&stage);
    CHECK(!play(&stage, &carrier_dns, bytes, 0, false)); /* another port */
    strike(&stage);
    CHECK(play(&stage, &carrier_mdns, bytes, 0, true));
    CHECK_STR(stage.log.at[0].source.carrier, "mdns");
    strike(&stage);
    CHECK(play(&stage, &carrier_llmnr, bytes, 0, true));
    CHECK_STR(stage.log.at[0].source.carrier, "llmnr");
    strike(&stage);
    free((void *)bytes.at);
}

TEST(every_prefix_says_incomplete)
{
    struct bytes bytes = test_hex(answer);
    size_t len;

    for (len = 0; len < bytes.len; len++) {
        struct bytes exact = test_exact((struct bytes){bytes.at, len});
        struct stage stage;
        bool taken = play(&stage, &carrier_dns, exact, bytes.len - len, true);

        CHECK(taken == (len >= 12));
        if (taken)
            CHECK_STR(stage.log.at[0].source.damaged, "incomplete");
        strike(&stage);
        free((void *)exact.at);
    }
    free((void *)bytes.at);
}

TEST(a_netbios_name)
{
    /* RFC 1002 4.2.13, FRED of RFC 1001 with two addresses */
    struct bytes bytes = test_hex("0001 8500 0000 0001 0000 0000 20 4547464345464545434143414341"
                                  "434143414341434143414341434143414341 00 0020 0001 000493e0 000c"
                                  "0000 0a000502 6000 0a000504");
    struct stage stage;
    const struct dns *dns;

    CHECK(play(&stage, &carrier_nbns, bytes, 0, true));
    dns = stage.log.at[0].dns;
    CHECK(dns->qname == NULL);
    CHECK_INT(dns->answers.num, 2);
    CHECK_STR(dns->answers.at[0].name, "FRED");
    CHECK_STR(dns->answers.at[0].type, "NB");
    CHECK_STR(dns->answers.at[0].value, "10.0.5.2");
    CHECK_STR(dns->answers.at[1].value, "10.0.5.4");
    CHECK_STR(stage.log.at[0].source.carrier, "nbns");
    strike(&stage);
    free((void *)bytes.at);
}

/* Messages with their length in front, cut into pieces of `most`. */
static size_t stream(size_t most, size_t times, struct text *out_dump)
{
    struct bytes bytes = test_hex(answer);
    struct feed feed;
    uint8_t all[1024];
    size_t len = 0, i, num;

    for (i = 0; i < times; i++) {
        all[len++] = 0;
        all[len++] = (uint8_t)bytes.len;
        memcpy(all + len, bytes.at, bytes.len);
        len += bytes.len;
    }
    feed_open(&feed, &carrier_dns);
    for (i = 0; i < len; i += most)
        feed_push(&feed, 1, (struct bytes){all + i, size_min(most, len - i)});
    feed_end(&feed, 1, true);
    feed_finish(&feed);
    num = feed.log.num;
    *out_dump = feed_dump(&feed, false);
    feed_clear(&feed);
    free((void *)bytes.at);
    return num;
}

TEST(a_stream_in_any_pieces)
{
    struct text whole, parts;
    size_t most;

    CHECK_INT(stream(1000, 4, &whole), 4);
    for (most = 1; most < 200; most++) {
        CHECK_INT(stream(most, 4, &parts), 4);
        CHECK_STR(text_str(&parts), text_str(&whole));
        text_clear(&parts);
    }
    text_clear(&whole);
}

TEST(a_stream_with_a_gap)
{
    struct bytes bytes = test_hex(answer);
    uint8_t framed[256] = {0, (uint8_t)bytes.len};
    struct feed feed;

    memcpy(framed + 2, bytes.at, bytes.len);
    feed_open(&feed, &carrier_dns);
    feed_push(&feed, 1, (struct bytes){framed, 40});
    feed_gap(&feed, 1, 100);
    feed_push(&feed, 1, (struct bytes){framed + 20, bytes.len - 18}); /* the rest of another */
    feed_push(&feed, 1, (struct bytes){framed, bytes.len + 2});
    feed_push(&feed, 1, (struct bytes){framed, bytes.len + 2});
    feed_finish(&feed);
    CHECK_INT(feed.log.num, 3);
    CHECK_STR(feed.log.at[0].source.damaged, "incomplete");
    CHECK_STR(feed.log.at[0].dns->qname, "contoso.test.com");
    CHECK_STR(feed.log.at[1].source.damaged, "after-gap");
    CHECK_INT(feed.log.at[1].dns->answers.num, 2);
    CHECK(feed.log.at[2].source.damaged == NULL);
    feed_clear(&feed);
    free((void *)bytes.at);
}

TEST(claims)
{
    struct bytes bytes = test_hex(answer);
    uint8_t framed[256] = {0, (uint8_t)bytes.len};
    size_t len;

    memcpy(framed + 2, bytes.at, bytes.len);
    for (len = 0; len < 14; len++)
        CHECK_INT(carrier_dns.claim(&carrier_dns, (struct bytes){framed, len}, 0, true),
                  CLAIM_MORE);
    CHECK_INT(carrier_dns.claim(&carrier_dns, (struct bytes){framed, 14}, 0, true), CLAIM_YES);
    CHECK_INT(carrier_dns.claim(&carrier_dns, (struct bytes){framed, 14}, 0, false), CLAIM_NO);
    CHECK_INT(carrier_dns.claim(&carrier_dns, bytes_of_text("GET / HTTP/1.1\r\n"), 0, true),
              CLAIM_NO);
    CHECK(carrier_mdns.claim == NULL);
    free((void *)bytes.at);
}
