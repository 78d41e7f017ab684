/* SPDX-License-Identifier: MIT */
#include "protocol/http.h"

#include <stdlib.h>

#include "harness.h"
#include "protocol/http_auth.h"

static struct bytes text(const char *str)
{
    return bytes_of_text(str);
}

static void check_bytes(struct bytes got, const char *want, int line)
{
    if (!bytes_equal(got, text(want)))
        test_fail(__FILE__, line, "\"%.*s\", not \"%s\"", (int)got.len, (const char *)got.at, want);
}

#define CHECK_BYTES(got, want) check_bytes(got, want, __LINE__)

/* RFC 9112 2.1 */
static const char request[] = "GET /hello.txt HTTP/1.1\r\n"
                              "User-Agent: curl/7.64.1\r\n"
                              "Host: www.example.com\r\n"
                              "Accept-Language: en, mi\r\n"
                              "\r\n";
static const char response[] = "HTTP/1.1 200 OK\r\n"
                               "Date: Mon, 27 Jul 2009 12:28:53 GMT\r\n"
                               "Server: Apache\r\n"
                               "Last-Modified: Wed, 22 Jul 2009 19:15:56 GMT\r\n"
                               "ETag: \"34aa387-d-1568eb00\"\r\n"
                               "Accept-Ranges: bytes\r\n"
                               "Content-Length: 51\r\n"
                               "Vary: Accept-Encoding\r\n"
                               "Content-Type: text/plain\r\n"
                               "\r\n";

TEST(the_messages_of_the_rfc)
{
    struct http_head head;
    size_t scanned = 0;

    CHECK_INT(http_head_len(text(request), &scanned), strlen(request));
    CHECK(http_parse_head(text(request), &head));
    CHECK(!head.response);
    CHECK_BYTES(head.method, "GET");
    CHECK_BYTES(head.target, "/hello.txt");
    CHECK_INT(head.minor, 1);
    CHECK_BYTES(head.host, "www.example.com");
    CHECK_BYTES(head.user_agent, "curl/7.64.1");
    CHECK_INT(http_body_of(&head, text("")), HTTP_BODY_NONE);
    CHECK(http_parse_head(text(response), &head));
    CHECK(head.response);
    CHECK_INT(head.status, 200);
    CHECK_BYTES(head.reason, "OK");
    CHECK_BYTES(head.server, "Apache");
    CHECK(head.has_length && !head.bad_length);
    CHECK_INT(head.length, 51);
    CHECK_INT(http_body_of(&head, text("GET")), HTTP_BODY_LENGTH);
    CHECK_INT(http_body_of(&head, text("HEAD")), HTTP_BODY_NONE);
    CHECK(!head.odd);
}

TEST(every_prefix_waits)
{
    size_t len, whole = strlen(request), step = 0, scanned = 0;

    for (len = 0; len < whole; len++) {
        struct bytes exact = test_exact((struct bytes){(const uint8_t *)request, len});
        size_t fresh = 0;

        CHECK_INT(http_head_len(exact, &fresh), 0);
        step = http_head_len(exact, &scanned); /* where the call before left off */
        CHECK_INT(step, 0);
        CHECK(http_start_line(exact) == (len < 25 ? HTTP_LINE_MORE : HTTP_LINE_REQUEST));
        CHECK(http_first_line(exact) == (len < 5 ? HTTP_LINE_MORE : HTTP_LINE_REQUEST));
        free((void *)exact.at);
    }
    CHECK_INT(http_head_len(text(request), &scanned), whole);
}

TEST(start_lines)
{
    static const struct {
        const char *line;
        enum http_line want;
    } cases[] = {
        {"POST /wsman HTTP/1.1\r\n", HTTP_LINE_REQUEST},
        {"GET / HTTP/1.0\n", HTTP_LINE_REQUEST},
        {"RPC_IN_DATA /rpc/rpcproxy.dll?a:6001 HTTP/1.1\r\n", HTTP_LINE_REQUEST},
        {"CONNECT www.test.com:443 HTTP/1.1\r\n", HTTP_LINE_REQUEST},
        {"OPTIONS * HTTP/1.1\r\n", HTTP_LINE_REQUEST},
        {"M-SEARCH * HTTP/1.1\r\n", HTTP_LINE_REQUEST},
        {"GET http://iis01.test.com/a b HTTP/1.1\r\n", HTTP_LINE_REQUEST},
        {"HTTP/1.1 401 Unauthorized\r\n", HTTP_LINE_RESPONSE},
        {"HTTP/1.1 401\r\n", HTTP_LINE_RESPONSE},
        {"HTTP/1.1 401 \r\n", HTTP_LINE_RESPONSE},
        {"HTTP/1.0 200 OK\n", HTTP_LINE_RESPONSE},
        {"OPTIONS * RTSP/1.0\r\n", HTTP_LINE_NO},
        {"OPTIONS sip:a@b SIP/2.0\r\n", HTTP_LINE_NO},
        {"PRI * HTTP/2.0\r\n", HTTP_LINE_NO},
        {"HTTP/2 200\r\n", HTTP_LINE_NO},
        {"HTTP/1.1 4x1 Odd\r\n", HTTP_LINE_NO},
        {"HTTP/1.1 4011 Odd\r\n", HTTP_LINE_NO},
        {"GET /\r\n", HTTP_LINE_NO},
        {"GET HTTP/1.1\r\n", HTTP_LINE_NO},
        {"get / HTTP/1.1\r\n", HTTP_LINE_NO},
        {"\x16\x03\x01", HTTP_LINE_NO},
        {" GET / HTTP/1.1\r\n", HTTP_LINE_NO},
        {"EHLO mail", HTTP_LINE_MORE}, /* until its end */
        {"EHLO mail\r\n", HTTP_LINE_NO},
        {"H", HTTP_LINE_MORE},
        {"HTTP/1.", HTTP_LINE_MORE},
        {"", HTTP_LINE_MORE},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (http_start_line(text(cases[i].line)) != cases[i].want)
            test_fail(__FILE__, __LINE__, "%s", cases[i].line);
    CHECK_INT(http_first_line(text("OPTIONS *")), HTTP_LINE_MORE);
}

TEST(odd_heads)
{
    struct http_head head;
    size_t scanned = 0;
    char line[64];
    const char *folded = "HTTP/1.0 401 No\n"
                         "WWW-Authenticate: Negotiate\r\n  oWww\r\n\taqAD\r\n"
                         "Server : lab \r\n"
                         "no field at all\r\n"
                         "\n";
    struct bytes fields;
    struct http_field field;

    CHECK_INT(http_head_len(text(folded), &scanned), strlen(folded));
    CHECK(http_parse_head(text(folded), &head));
    CHECK(head.odd);
    CHECK_INT(head.minor, 0);
    CHECK_BYTES(head.server, "lab");
    fields = head.fields;
    CHECK(http_take_field(&fields, &field, NULL));
    CHECK_BYTES(field.name, "WWW-Authenticate");
    CHECK_BYTES(((struct bytes){(uint8_t *)line, http_unfold(field.value, line)}),
                "Negotiate oWww aqAD");
    scanned = 0;
    CHECK_INT(http_head_len(text("GET / HTTP/1.1\n\nX"), &scanned), 16);
}

static enum http_body body(const char *fields, bool is_response, const char *method)
{
    char raw[512] = "";
    struct http_head head;

    strcat(raw, is_response ? "HTTP/1.1 200 OK\r\n" : "POST / HTTP/1.1\r\n");
    strcat(raw, fields);
    strcat(raw, "\r\n");
    CHECK(http_parse_head(text(raw), &head));
    return http_body_of(&head, text(method));
}

/* RFC 9112 6.3 */
TEST(bodies)
{
    CHECK_INT(body("", false, ""), HTTP_BODY_NONE);
    CHECK_INT(body("", true, "GET"), HTTP_BODY_TO_END);
    CHECK_INT(body("", true, "HEAD"), HTTP_BODY_NONE);
    CHECK_INT(body("", true, "CONNECT"), HTTP_BODY_TUNNEL);
    CHECK_INT(body("Content-Length: 5\r\n", true, "CONNECT"), HTTP_BODY_TUNNEL);
    CHECK_INT(body("Content-Length: 0\r\n", true, ""), HTTP_BODY_NONE);
    CHECK_INT(body("content-length: 5\r\n", false, ""), HTTP_BODY_LENGTH);
    CHECK_INT(body("Content-Length: 5, 5\r\n", false, ""), HTTP_BODY_LENGTH);
    CHECK_INT(body("Content-Length: 5\r\nContent-Length: 5\r\n", true, ""), HTTP_BODY_LENGTH);
    CHECK_INT(body("Content-Length: 5\r\nContent-Length: 6\r\n", true, ""), HTTP_BODY_TO_END);
    CHECK_INT(body("Content-Length: -5\r\n", true, ""), HTTP_BODY_TO_END);
    CHECK_INT(body("Content-Length: 18446744073709551615\r\n", true, ""), HTTP_BODY_TO_END);
    CHECK_INT(body("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", true, ""),
              HTTP_BODY_CHUNKED);
    CHECK_INT(body("Transfer-Encoding: gzip, Chunked\r\n", true, ""), HTTP_BODY_CHUNKED);
    CHECK_INT(body("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", true, ""), HTTP_BODY_TO_END);
}

static enum fault chunk(const char *line, uint64_t *out_size)
{
    struct bytes exact = test_exact(text(line));
    struct reader reader;

    *out_size = 0;
    reader_init(&reader, exact, true);
    if (http_take_chunk_line(&reader, out_size))
        CHECK_INT(reader_left(&reader), 0);
    free((void *)exact.at);
    return reader.fault;
}

/* RFC 9112 7.1 */
TEST(chunk_lines)
{
    uint64_t size;

    CHECK_INT(chunk("1a2F\r\n", &size), FAULT_NONE);
    CHECK_INT(size, 0x1A2F);
    CHECK_INT(chunk("5;name=\"value\"\r\n", &size), FAULT_NONE);
    CHECK_INT(size, 5);
    CHECK_INT(chunk("5 \n", &size), FAULT_NONE);
    CHECK_INT(chunk("0\r\n", &size), FAULT_NONE);
    CHECK_INT(chunk("1a2F", &size), FAULT_NEEDS_MORE);
    CHECK_INT(chunk("", &size), FAULT_NEEDS_MORE);
    CHECK_INT(chunk("\r\n", &size), FAULT_MALFORMED);
    CHECK_INT(chunk("5g\r\n", &size), FAULT_MALFORMED);
    CHECK_INT(chunk("fffffffffffffffffffff\r\n", &size), FAULT_MALFORMED);
}

static const char *cleaned(const char *target)
{
    static char out[128];
    size_t len = http_clean_target(text(target), out);

    out[len] = '\0';
    return out;
}

TEST(targets_lose_what_may_be_secret)
{
    CHECK_STR(cleaned("/"), "/");
    CHECK_STR(cleaned("/a/b?password=x#y"), "/a/b");
    CHECK_STR(cleaned("/a#y?z"), "/a");
    CHECK_STR(cleaned("http://user:pw@iis01.test.com:8080/a?b"), "http://iis01.test.com:8080/a");
    CHECK_STR(cleaned("http://iis01.test.com"), "http://iis01.test.com");
    CHECK_STR(cleaned("http://a@b@iis01.test.com/@x"), "http://iis01.test.com/@x");
    CHECK_STR(cleaned("user@iis01.test.com:443"), "iis01.test.com:443");
    CHECK_STR(cleaned("/path@x"), "/path@x");
    CHECK_STR(cleaned("/app/x;jsessionid=0A1B?y"), "/app/x");
    CHECK_STR(cleaned("http://u;p:w@h/a;b/c"), "http://h/a");
    CHECK_STR(cleaned("/a://b@c"), "/a://b@c");
    CHECK_STR(cleaned("*"), "*");
    CHECK_STR(cleaned(""), "");
}

/* RFC 9110 5.6.7: three forms of one moment. */
TEST(dates)
{
    int64_t s = 0;

    CHECK(http_parse_date(text("Sun, 06 Nov 1994 08:49:37 GMT"), &s));
    CHECK_INT(s, 784111777);
    s = 0;
    CHECK(http_parse_date(text("Sunday, 06-Nov-94 08:49:37 GMT"), &s));
    CHECK_INT(s, 784111777);
    s = 0;
    CHECK(http_parse_date(text("Sun Nov  6 08:49:37 1994"), &s));
    CHECK_INT(s, 784111777);
    CHECK(http_parse_date(text("Fri, 14 Oct 2011 05:10:14 GMT"), &s)); /* the reference case */
    CHECK_INT(s, 1318569014);
    CHECK(http_parse_date(text("Tue, 29 Feb 2000 00:00:00 GMT"), &s));
    CHECK_INT(s, 951782400);
    CHECK(http_parse_date(text("Friday, 01-Jan-38 00:00:00 GMT"), &s));
    CHECK_INT(s, 2145916800);
    CHECK(!http_parse_date(text(""), &s));
    CHECK(!http_parse_date(text("Sun, 06 Nov 1994 08:49:37"), &s));
    CHECK(!http_parse_date(text("Sun, 06 Nov 1994 08:49:37 GMT+1"), &s));
    CHECK(!http_parse_date(text("Sun, 46 Nov 1994 08:49:37 GMT"), &s));
    CHECK(!http_parse_date(text("Sun, 06 Nox 1994 08:49:37 GMT"), &s));
    CHECK(!http_parse_date(text("Sun, 06 Nov 1994 24:49:37 GMT"), &s));
}

TEST(challenges)
{
    struct http_challenge c;
    struct bytes line = text("Negotiate oWww==, NTLM,Basic realm=\"a, \\\"b\", charset=\"UTF-8\" , "
                             "Digest qop = \"auth\"");
    size_t at = 0;

    http_first_challenge(line, false, &c);
    CHECK_BYTES(c.scheme, "Negotiate");
    CHECK_BYTES(c.token, "oWww==");
    CHECK_INT(c.value_len, line.len - strlen("Negotiate "));
    CHECK(http_next_challenge(line, &at, &c));
    CHECK_BYTES(c.scheme, "NTLM");
    CHECK_BYTES(c.token, "");
    CHECK(http_next_challenge(line, &at, &c));
    CHECK_BYTES(c.scheme, "Basic");
    CHECK(http_next_challenge(line, &at, &c));
    CHECK_BYTES(c.scheme, "Digest");
    CHECK(!http_next_challenge(line, &at, &c));
    /* RFC 9110 11.6.1 */
    line = text(
        "Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\"");
    at = 0;
    http_first_challenge(line, false, &c);
    CHECK_BYTES(c.scheme, "Basic");
    CHECK(http_next_challenge(line, &at, &c));
    CHECK_BYTES(c.scheme, "Newauth");
    CHECK(!http_next_challenge(line, &at, &c));
}

TEST(a_secret_alone_is_no_scheme)
{
    struct http_challenge c;

    http_first_challenge(text("Negotiate"), true, &c);
    CHECK_BYTES(c.scheme, "Negotiate");
    http_first_challenge(text("s3cr3t"), true, &c);
    CHECK_BYTES(c.scheme, "");
    http_first_challenge(text("dXNlcjpwdw=="), true, &c);
    CHECK_BYTES(c.scheme, "");
    http_first_challenge(text("user:pw"), true, &c);
    CHECK_BYTES(c.scheme, "");
    http_first_challenge(text("AWS4-HMAC-SHA256 Credential=x"), true, &c);
    CHECK_BYTES(c.scheme, "AWS4-HMAC-SHA256");
    http_first_challenge(text("Newauth"), false, &c);
    CHECK_BYTES(c.scheme, "Newauth");
    http_first_challenge(text(""), false, &c);
    CHECK_BYTES(c.scheme, "");
    CHECK_INT(c.value_len, 0);
}
