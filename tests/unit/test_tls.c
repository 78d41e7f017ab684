/* SPDX-License-Identifier: MIT */
#include "protocol/tls.h"

#include <stdio.h>
#include <stdlib.h>

#include "carrier/tls.h"
#include "feed.h"
#include "harness.h"

/* RFC 8448 section 3: the first bytes of the simple 1-RTT handshake, ClientHello and ServerHello.
 */
static const char client_hello[] =
    "16 03 01 00 c4 01 00 00 c0 03 03 cb 34 ec b1 e7 81 63 ba 1c 38 c6 da cb 19 6a 6d ff a2 1a 8d"
    "99 12 ec 18 a2 ef 62 83 02 4d ec e7 00 00 06 13 01 13 03 13 02 01 00 00 91 00 00 00 0b 00 09"
    "00 00 06 73 65 72 76 65 72 ff 01 00 01 00 00 0a 00 14 00 12 00 1d 00 17 00 18 00 19 01 00 01"
    "01 01 02 01 03 01 04 00 23 00 00 00 33 00 26 00 24 00 1d 00 20 99 38 1d e5 60 e4 bd 43 d2 3d"
    "8e 43 5a 7d ba fe b3 c0 6e 51 c1 3c ae 4d 54 13 69 1e 52 9a af 2c 00 2b 00 03 02 03 04 00 0d"
    "00 20 00 1e 04 03 05 03 06 03 02 03 08 04 08 05 08 06 04 01 05 01 06 01 02 01 04 02 05 02 06"
    "02 02 02 00 2d 00 02 01 01 00 1c 00 02 40 01";
static const char server_hello[] =
    "16 03 03 00 5a 02 00 00 56 03 03 a6 af 06 a4 12 18 60 dc 5e 6e 60 24 9c d3 4c 95 93 0c 8a c5"
    "cb 14 34 da c1 55 77 2e d3 e2 69 28 00 13 01 00 00 2e 00 33 00 24 00 1d 00 20 c9 82 88 76 11"
    "20 95 fe 66 76 2b db f7 c6 72 e1 56 d6 cc 25 3b 83 3d f1 dd 69 b1 b0 4e 75 1f 0f 00 2b 00 02"
    "03 04";

TEST(the_hellos_of_rfc_8448)
{
    struct bytes bytes = test_hex(client_hello);
    struct tls_record record;
    struct tls_hello hello;
    struct reader reader;

    reader_init(&reader, bytes, false);
    CHECK(tls_take_record(&reader, &record));
    CHECK_INT(record.type, TLS_HANDSHAKE);
    CHECK_INT(record.len, 196);
    reader_skip(&reader, TLS_HANDSHAKE_HEADER);
    tls_parse_client_hello(&reader, &hello);
    CHECK(reader_ok(&reader) && reader_left(&reader) == 0);
    CHECK_INT(hello.version, 0x0304);
    CHECK(bytes_equal(hello.sni, bytes_of_text("server")));
    free((void *)bytes.at);
    bytes = test_hex(server_hello);
    reader_init(&reader, bytes, false);
    reader_skip(&reader, TLS_RECORD_HEADER + TLS_HANDSHAKE_HEADER);
    tls_parse_server_hello(&reader, &hello);
    CHECK(reader_ok(&reader) && reader_left(&reader) == 0);
    CHECK_INT(hello.version, 0x0304);
    CHECK_INT(hello.cipher, 0x1301);
    free((void *)bytes.at);
}

TEST(the_highest_version_that_is_offered)
{
    /* supported_versions: GREASE (RFC 8701), 1.2, 1.3, 1.1; ALPN h2, http/1.1 */
    struct bytes bytes = test_hex("0303 000102030405060708090a0b0c0d0e0f"
                                  "101112131415161718191a1b1c1d1e1f 00 0002 1301 0100 001f"
                                  "002b 0009 08 7a7a 0303 0304 0302"
                                  "0010 000e 000c 02 6832 08 687474702f312e31"),
                 name;
    struct tls_hello hello;
    struct reader reader;

    reader_init(&reader, bytes, false);
    tls_parse_client_hello(&reader, &hello);
    CHECK(reader_ok(&reader) && reader_left(&reader) == 0);
    CHECK_INT(hello.version, 0x0304);
    CHECK(tls_take_protocol(&hello.alpn, &name) && bytes_equal(name, bytes_of_text("h2")));
    CHECK(tls_take_protocol(&hello.alpn, &name) && bytes_equal(name, bytes_of_text("http/1.1")));
    CHECK(!tls_take_protocol(&hello.alpn, &name));
    free((void *)bytes.at);
}

TEST(every_prefix_of_a_hello)
{
    struct bytes bytes = test_hex(client_hello);
    size_t len;

    for (len = TLS_RECORD_HEADER + TLS_HANDSHAKE_HEADER; len < bytes.len; len++) {
        struct bytes exact = test_exact((struct bytes){bytes.at, len});
        struct tls_hello hello;
        struct reader reader;

        reader_init(&reader, exact, true);
        reader_skip(&reader, TLS_RECORD_HEADER + TLS_HANDSHAKE_HEADER);
        tls_parse_client_hello(&reader, &hello);
        CHECK_INT(reader.fault, FAULT_NEEDS_MORE);
        CHECK(hello.sni.len == (len >= 71 ? 6u : 0u)); /* 5 + 4 + 2 + 32 + 1 + 8 + 2 + 2 + 9 + 6 */
        free((void *)exact.at);
    }
    free((void *)bytes.at);
}

/* Made by hand after RFC 5280: subject O=x, CN=a; CN=iis01.test.com in one set more; two dNSNames
 * and an address between them. */
static const char certificate[] =
    "30 81 84"
    "  30 81 81"
    "    a0 03 020102"
    "    02 01 01"
    "    30 02 0500"
    "    30 0c 310a 3008 0603550403 0c0143" /* issuer CN=C */
    "    30 00"                             /* validity */
    "    30 25 310a 3008 060355040a 0c0178 3117 3015 0603550403 0c0e 69697330312e746573742e636f6d"
    "    30 00"                                  /* key */
    "    a3 3a 30 38 30 09 0603551d13 0402 3000" /* basic constraints */
    "          30 2b 0603551d11 0101ff 0421 301f 820e 69697330312e746573742e636f6d"
    "               8704 0a000502 8207 636f6e746f736f";

TEST(names_of_a_certificate)
{
    struct bytes der = test_hex(certificate), name;
    struct tls_names names;
    size_t len;

    CHECK(tls_parse_certificate(der, &names));
    CHECK(bytes_equal(names.common_name, bytes_of_text("iis01.test.com")));
    CHECK(tls_take_name(&names.alternative, &name));
    CHECK(bytes_equal(name, bytes_of_text("iis01.test.com")));
    CHECK(tls_take_name(&names.alternative, &name));
    CHECK(bytes_equal(name, bytes_of_text("contoso")));
    CHECK(!tls_take_name(&names.alternative, &name));
    for (len = 0; len < der.len; len++) {
        struct bytes exact = test_exact((struct bytes){der.at, len});

        if (tls_parse_certificate(exact, &names))
            while (tls_take_name(&names.alternative, &name))
                CHECK(name.at >= exact.at && name.at + name.len <= exact.at + len);
        free((void *)exact.at);
    }
    free((void *)der.at);
}

TEST(versions)
{
    char room[TLS_VERSION_ROOM];

    CHECK_STR(tls_version_name(0x0300, room), "SSL 3.0");
    CHECK_STR(tls_version_name(0x0303, room), "1.2");
    CHECK_STR(tls_version_name(0x7f1c, room), "0x7f1c");
}

TEST(claims)
{
    struct bytes hello = test_hex(client_hello), old = test_hex("804c 01 0300 0033 0000 0010");
    size_t len;

    for (len = 0; len < 6; len++)
        CHECK_INT(carrier_tls.claim(&carrier_tls, (struct bytes){hello.at, len}, 0, false),
                  CLAIM_MORE);
    CHECK_INT(carrier_tls.claim(&carrier_tls, (struct bytes){hello.at, 6}, 0, false), CLAIM_YES);
    CHECK_INT(carrier_tls.claim(&carrier_tls, bytes_of_text("GET / HTTP/1.1"), 0, true), CLAIM_NO);
    CHECK_INT(carrier_tls.claim(&carrier_tls, bytes_of_text("\x17\x03\x03\x01\x01\x01"), 0, true),
              CLAIM_NO);
    CHECK_INT(carrier_tls.claim(&carrier_tls, bytes_of_text("\x16\x03\x05\x01\x01\x01"), 0, true),
              CLAIM_NO);
    CHECK_INT(carrier_tls.claim(&carrier_tls, old, 0, true), CLAIM_YES);
    CHECK_INT(carrier_tls.claim(&carrier_tls, old, 0, false), CLAIM_NO);
    free((void *)hello.at);
    free((void *)old.at);
}

/* Messages of all tls observations, with what is special about them. */
static const char *story(const struct feed *feed)
{
    static char out[1024];
    size_t i, len = 0;

    out[0] = '\0';
    for (i = 0; i < feed->log.num && len < sizeof(out) - 200; i++) {
        const struct observation *o = &feed->log.at[i];

        len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%lld %s %s %s%s",
                                len == 0 ? "" : "; ", (long long)o->source.frame, o->tls->message,
                                o->tls->version, o->tls->sni == NULL ? "" : o->tls->sni,
                                o->source.damaged == NULL ? "" : o->source.damaged);
        if (o->tls->names.num > 0)
            len += (size_t)snprintf(out + len, sizeof(out) - len, "%s of %zu", o->tls->names.at[0],
                                    o->tls->names.num);
    }
    return out;
}

static void push_hex(struct feed *feed, int side, const char *hex)
{
    struct bytes bytes = test_hex(hex);

    feed_push(feed, side, bytes);
    free((void *)bytes.at);
}

TEST(a_connection_is_let_go_at_its_data)
{
    struct feed feed;

    feed_open(&feed, &carrier_tls);
    push_hex(&feed, 0, client_hello);
    push_hex(&feed, 1, server_hello);
    push_hex(&feed, 1, "14 0303 0001 01  17 0303");
    push_hex(&feed, 1, "1000 0102");
    CHECK(feed.ignored);
    feed_finish(&feed);
    CHECK_STR(story(&feed),
              "1 ClientHello 1.3 server; 2 ServerHello 1.3 ; 4 application_data 1.3 ");
    feed_clear(&feed);
}

/* ServerHello and Certificate in one stream of handshake bytes, cut into records of `most`. */
static void play(struct feed *feed, size_t most)
{
    struct bytes hello = test_hex("02 000026 0303 000102030405060708090a0b0c0d0e0f"
                                  "101112131415161718191a1b1c1d1e1f 00 c02f 00"),
                 der = test_hex(certificate);
    uint8_t stream[512] = {0};
    size_t len = hello.len, at;

    memcpy(stream, hello.at, len);
    stream[len] = TLS_CERTIFICATE;
    stream[len + 3] = (uint8_t)(der.len + 6);
    stream[len + 6] = (uint8_t)(der.len + 3);
    stream[len + 9] = (uint8_t)der.len;
    memcpy(stream + len + 10, der.at, der.len);
    len += 10 + der.len;
    for (at = 0; at < len; at += most) {
        uint8_t record[600] = {TLS_HANDSHAKE, 3, 3};
        size_t part = size_min(most, len - at);

        record[3] = (uint8_t)(part >> 8);
        record[4] = (uint8_t)part;
        memcpy(record + 5, stream + at, part);
        feed_push(feed, 1, (struct bytes){record, 5 + part});
    }
    free((void *)hello.at);
    free((void *)der.at);
}

TEST(messages_over_several_records)
{
    size_t most;

    for (most = 1; most < 250; most++) {
        struct feed feed;

        feed_open(&feed, &carrier_tls);
        play(&feed, most);
        push_hex(&feed, 1, "15 0303 0002 0228");
        feed_finish(&feed);
        CHECK_INT(feed.log.num, 3);
        CHECK_STR(feed.log.at[1].tls->message, "Certificate");
        CHECK_INT(feed.log.at[1].tls->names.num, 3);
        CHECK_STR(feed.log.at[1].tls->names.at[2], "iis01.test.com");
        CHECK_STR(feed.log.at[1].tls->version, "1.2");
        CHECK_INT(feed.log.at[0].tls->cipher.value, 0xc02f);
        CHECK_INT(feed.log.at[2].tls->alert.value, 40); /* handshake_failure */
        CHECK(feed.log.at[1].source.damaged == NULL);
        feed_clear(&feed);
    }
}

TEST(what_is_encrypted_or_cut)
{
    struct bytes hello = test_hex(client_hello);
    struct feed feed;

    feed_open(&feed, &carrier_tls); /* behind ChangeCipherSpec */
    push_hex(&feed, 1, "14 0303 0001 01  15 0303 0002 0228");
    push_hex(&feed, 1, server_hello);
    feed_finish(&feed);
    CHECK_INT(feed.log.num, 0);
    feed_clear(&feed);
    feed_open(&feed, &carrier_tls); /* cut behind the name */
    feed_push(&feed, 0, (struct bytes){hello.at, 80});
    feed_gap(&feed, 0, hello.len - 80);
    feed_finish(&feed);
    CHECK_STR(story(&feed), "1 ClientHello 1.2 serverincomplete");
    feed_clear(&feed);
    free((void *)hello.at);
}
