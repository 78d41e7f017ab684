/* SPDX-License-Identifier: MIT */
/* Times, JSON punctuation, widths and lines. */
#include "harness.h"
#include "report/json.h"
#include "report/parts.h"
#include "report/report.h"
#include "report/when.h"
#include "report/wrap.h"

/* Seconds as `date -u -d @N` prints them. */
TEST(when_rfc3339)
{
    char room[WHEN_TEXT_ROOM];

    CHECK_STR(when_text(0, room), "1970-01-01T00:00:00.000000000Z");
    CHECK_STR(when_text(INT64_C(1318569014123456789), room), "2011-10-14T05:10:14.123456789Z");
    CHECK_STR(when_text(-1, room), "1969-12-31T23:59:59.999999999Z");
    CHECK_STR(when_text(INT64_C(951782400000000000), room), "2000-02-29T00:00:00.000000000Z");
    CHECK_STR(when_text(INT64_MAX, room), "2262-04-11T23:47:16.854775807Z");
    CHECK_STR(when_text(INT64_MIN, room), "1677-09-21T00:12:43.145224192Z");
    CHECK_STR(when_seconds(INT64_C(4102444800), 0, 0, room), "2100-01-01T00:00:00Z");
    CHECK_STR(when_seconds(INT64_C(4107542399), 5, 9, room), "2100-02-28T23:59:59.000000005Z");
    CHECK_STR(when_seconds(INT64_C(4107542400), 120000000, 3, room), "2100-03-01T00:00:00.120Z");
    CHECK_STR(when_seconds(INT64_C(253402300799), 0, 0, room), "9999-12-31T23:59:59Z");
    CHECK_STR(when_seconds(INT64_C(-62167219200), 0, 0, room), "0000-01-01T00:00:00Z");
    CHECK(when_seconds(INT64_C(253402300800), 0, 0, room) == NULL);
    CHECK(when_seconds(INT64_C(-62167219201), 0, 0, room) == NULL);
    CHECK(when_seconds(INT64_MAX, 0, 0, room) == NULL);
    CHECK(when_seconds(0, 1000000000, 0, room) == NULL);
}

static void write_some(struct text *out, bool pretty)
{
    struct json json;

    json_init(&json, out, pretty);
    json_object(&json, NULL);
    json_array(&json, "none");
    json_end_array(&json);
    json_object(&json, "in");
    json_int(&json, "n", -3);
    json_text(&json, "t", "a\"\\\n\xE2\x80\xA8");
    json_end_object(&json);
    json_flat_array(&json, "flat");
    json_null(&json, NULL);
    json_object(&json, NULL);
    json_bool(&json, "b", true);
    json_port(&json, "p", 0);
    json_end_object(&json);
    json_end_array(&json);
    json_milliseconds(&json, "ms", -137500);
    json_end_object(&json);
}

TEST(json_punctuation)
{
    struct text out = {0};

    write_some(&out, false);
    CHECK_STR(text_str(&out), "{\"none\":[],\"in\":{\"n\":-3,\"t\":\"a\\\"\\\\\\u000a\\u2028\"},"
                              "\"flat\":[null,{\"b\":true,\"p\":null}],\"ms\":-137.500}");
    text_reset(&out);
    write_some(&out, true);
    CHECK_STR(text_str(&out), "{\n"
                              "  \"none\": [],\n"
                              "  \"in\": {\n"
                              "    \"n\": -3,\n"
                              "    \"t\": \"a\\\"\\\\\\u000a\\u2028\"\n"
                              "  },\n"
                              "  \"flat\": [null, {\"b\": true, \"p\": null}],\n"
                              "  \"ms\": -137.500\n"
                              "}");
    text_clear(&out);
}

TEST(json_absent_is_null)
{
    struct text out = {0};
    struct json json;
    struct optint none = {false, 7};
    struct address nowhere = {0};
    struct digest nothing = {0};

    json_init(&json, &out, false);
    json_array(&json, NULL);
    json_text(&json, NULL, NULL);
    json_optint(&json, NULL, none);
    json_optint(&json, NULL, optint(0)); /* absent and 0 differ */
    json_address(&json, NULL, &nowhere);
    json_digest(&json, NULL, &nothing);
    json_ticket(&json, NULL, NULL);
    json_kerberos_time(&json, NULL, none, none, 9);
    json_kerberos_time(&json, NULL, optint(0), optint(1), 9);
    json_kerberos_time(&json, NULL, optint(0), optint(-1), 0); /* no microsecond: left out */
    json_end_array(&json);
    CHECK_STR(text_str(&out), "[null,null,0,null,null,null,null,\"1970-01-01T00:00:00.000001000Z\","
                              "\"1970-01-01T00:00:00Z\"]");
    text_clear(&out);
}

TEST(ticket_without_keys_and_without_kvno)
{
    struct opener by = {"IIS01$@TEST.COM", 3, 18};
    struct ticket ticket = {.realm = "R", .sname = "", .etype = optint(-135)};
    struct text out = {0};
    struct json json;

    json_init(&json, &out, false);
    json_ticket(&json, NULL, &ticket);
    CHECK_STR(text_str(&out),
              "{\"realm\":\"R\",\"sname\":\"\",\"etype\":-135,\"etype_name\":"
              "\"rc4-hmac-old-exp\",\"kvno\":null,\"sha256\":null,\"opened_by\":null}");
    ticket.tried = true;
    ticket.etype = optint(99);
    ticket.kvno = optint(0);
    text_reset(&out);
    json_init(&json, &out, false);
    json_ticket(&json, NULL, &ticket);
    CHECK(strstr(text_str(&out), "\"etype\":99,\"etype_name\":null,\"kvno\":0,") != NULL);
    CHECK(strstr(text_str(&out), "\"opened_by\":[]") != NULL); /* tried, and none did */
    ticket.opened_by.at = &by;
    ticket.opened_by.num = 1;
    text_reset(&out);
    json_init(&json, &out, false);
    json_ticket(&json, NULL, &ticket);
    CHECK(strstr(text_str(&out), "\"opened_by\":[{\"principal\":\"IIS01$@TEST.COM\",\"kvno\":3,"
                                 "\"etype\":18}]") != NULL);
    text_clear(&out);
}

TEST(width_of_characters)
{
    CHECK_INT(wrap_width(""), 0);
    CHECK_INT(wrap_width("abc"), 3);
    CHECK_INT(wrap_width("\xC3\xA9"), 1);                 /* e acute */
    CHECK_INT(wrap_width("e\xCC\x81"), 1);                /* e, combining acute */
    CHECK_INT(wrap_width("\xE6\x9D\xB1\xE4\xBA\xAC"), 4); /* Tokyo in Han characters */
    CHECK_INT(wrap_width("\xEF\xBD\xB1"), 1);             /* half-width katakana */
    CHECK_INT(wrap_width("\xF0\x9F\x94\x91"), 2);         /* key */
    CHECK_INT(wrap_width("\xED\x95\x9C"), 2);             /* Hangul syllable */
}

TEST(lines_are_wrapped_between_words)
{
    struct text out = {0};
    size_t column = wrap_put(&out, "one two  three", 9, 2, 0);

    CHECK_STR(text_str(&out), "one two\n  three");
    CHECK_INT(column, 7);
    text_reset(&out);
    column = wrap_put(&out, "\xE6\x9D\xB1\xE4\xBA\xAC \xE6\x9D\xB1\xE4\xBA\xAC x", 9, 0, 0);
    CHECK_STR(text_str(&out), "\xE6\x9D\xB1\xE4\xBA\xAC \xE6\x9D\xB1\xE4\xBA\xAC\nx");
    text_reset(&out);
    wrap_put(&out, "HTTP/averylongname.example.com is long", 10, 4, 4);
    CHECK_STR(text_str(&out), "HTTP/averylongname.example.com\n    is\n    long");
    text_reset(&out);
    column = wrap_put(&out, "", 10, 4, 6);
    CHECK_STR(text_str(&out), "");
    CHECK_INT(column, 6);
    text_clear(&out);
}

TEST(lines_are_harmless)
{
    struct text out = {0};

    wrap_put(&out, "a\x1b[31m\nb\xC2\x9B", 80, 0, 0);
    CHECK_STR(text_str(&out), "a\\x1b[31m\\x0ab\\x9b");
    text_clear(&out);
}

TEST(every_format_has_a_name)
{
    const struct sink *sink;

    CHECK_STR(report_sinks[0].name, "text");
    for (sink = report_sinks; sink->name != NULL; sink++) {
        CHECK(report_sink(sink->name) == sink);
        CHECK(sink->about != NULL && sink->render != NULL && sink->suffix[0] == '.');
    }
    CHECK(report_sink("xml") == NULL);
    CHECK(report_sink("") == NULL);
}
