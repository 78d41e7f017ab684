/* SPDX-License-Identifier: MIT */
/* The HTTP carrier over bytes in order: which messages, in which frame, paired how. */
#include <stdio.h>
#include <stdlib.h>

#include "carrier/tls.h"
#include "feed.h"
#include "harness.h"

extern const struct carrier carrier_http;

enum { CLIENT, SERVER };

static void say(struct feed *feed, int side, const char *str)
{
    feed_push(feed, side, bytes_of_text(str));
}

/* "frame method-or-status number/request[ damaged]; ..." of all http observations; "g" for a gss,
 * "!" for a problem. request: the id of the observation. */
static const char *story(const struct feed *feed)
{
    static char out[2048];
    size_t i, len = 0;

    out[0] = '\0';
    for (i = 0; i < feed->log.num && len < sizeof(out) - 100; i++) {
        const struct observation *o = &feed->log.at[i];
        char word[16];

        if (o->kind == KIND_http) {
            snprintf(word, sizeof(word), "%lld",
                     (long long)(o->http->status.set ? o->http->status.value : 0));
            len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%lld %s #%lld<%lld%s%s",
                                    len == 0 ? "" : "; ", (long long)o->source.frame,
                                    o->http->response ? word : o->http->method,
                                    (long long)o->http->number, (long long)o->http->request,
                                    o->source.damaged == NULL ? "" : " ",
                                    o->source.damaged == NULL ? "" : o->source.damaged);
        } else {
            const char *mark = o->kind == KIND_gss       ? "; gss"
                               : o->kind == KIND_problem ? "; !"
                               : o->kind == KIND_tls     ? "; tls"
                                                         : "";

            len += (size_t)snprintf(out + len, sizeof(out) - len, "%s", mark);
        }
    }
    return out;
}

/* Ends the flow, compares, frees. */
static void check_story(struct feed *feed, const char *want, int line)
{
    feed_finish(feed);
    if (strcmp(story(feed), want) != 0)
        test_fail(__FILE__, line, "\"%s\", not \"%s\"", story(feed), want);
    CHECK_INT(feed->carriage.held, 0);
    CHECK(!feed->overrun);
    feed_clear(feed);
}

#define CHECK_STORY(feed, want) check_story(feed, want, __LINE__)

TEST(a_message_belongs_to_the_frame_of_its_last_byte)
{
    struct feed feed;

    feed_open(&feed, &carrier_http);
    say(&feed, CLIENT, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"); /* 1 */
    say(&feed, CLIENT, "01234");
    say(&feed, CLIENT, "56789"); /* 3 */
    say(&feed, SERVER, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 3\r\n\r\nab");
    say(&feed, SERVER, "c"); /* 5 */
    CHECK_INT(feed.log.at[0].source.first_frame, 1);
    CHECK_INT(feed.log.at[0].source.time_ns, 3000);
    CHECK_STR(feed.log.at[0].source.carrier, "http");
    CHECK(!feed.log.at[0].source.reply && feed.log.at[1].source.reply);
    CHECK_STORY(&feed, "3 POST #1<0; 5 401 #1<1");
}

TEST(an_answer_before_the_request_is_whole)
{
    struct feed feed;

    feed_open(&feed, &carrier_http);
    say(&feed, CLIENT, "PUT /a HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    say(&feed, SERVER, "HTTP/1.1 100 Continue\r\n\r\n");
    say(&feed, CLIENT, "ab");
    say(&feed, SERVER, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
    say(&feed, CLIENT, "cd");
    say(&feed, CLIENT, "GET /b HTTP/1.1\r\n\r\n");
    say(&feed, SERVER, "HTTP/1.1 204 No Content\r\n\r\n");
    CHECK_STORY(&feed, "5 PUT #1<0; 2 100 #1<1; 4 401 #2<1; 6 GET #2<0; 7 204 #3<4");
    feed_open(&feed, &carrier_http); /* the rest never comes */
    say(&feed, CLIENT, "PUT /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
    say(&feed, SERVER, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
    feed_end(&feed, CLIENT, true);
    CHECK_STORY(&feed, "3 PUT #1<0 incomplete; 2 401 #1<1");
    feed_open(&feed, &carrier_http);
    say(&feed, CLIENT, "PUT /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
    say(&feed, SERVER, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
    CHECK_STORY(&feed, "1 PUT #1<0 incomplete; 2 401 #1<1");
}

TEST(pipelined_requests)
{
    struct feed feed;

    feed_open(&feed, &carrier_http);
    say(&feed, CLIENT, "GET /a HTTP/1.1\r\n\r\nHEAD /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n");
    say(&feed, SERVER,
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
        "HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx");
    CHECK_STORY(&feed, "1 GET #1<0; 1 HEAD #2<0; 1 GET #3<0; 2 304 #1<1; 2 200 #2<2; 2 404 #3<3");
}

TEST(chunks)
{
    struct feed feed;

    feed_open(&feed, &carrier_http);
    say(&feed, SERVER,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nHTTP/\r\n1\n");
    say(&feed, SERVER, "x\n0\r\nTrailer: 1\r\n");
    say(&feed, SERVER, "\r\nHTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    CHECK_STORY(&feed, "3 200 #1<0; 3 401 #2<0 malformed");
    feed_open(&feed, &carrier_http); /* a chunk that is longer than it says */
    say(&feed, SERVER, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nax0\r\n\r\n");
    CHECK_STORY(&feed, "1 200 #1<0 malformed");
}

TEST(until_the_end)
{
    struct feed feed;

    feed_open(&feed, &carrier_http);
    say(&feed, CLIENT, "GET / HTTP/1.0\r\n\r\n");
    say(&feed, SERVER, "HTTP/1.0 200 OK\r\n\r\nHTTP/1.0 500 in a body\r\n\r\n");
    say(&feed, SERVER, "more");
    feed_end(&feed, SERVER, true);
    CHECK(feed.log.num == 2 && feed.log.at[1].http->closes);
    CHECK_STORY(&feed, "1 GET #1<0; 4 200 #1<1");
    feed_open(&feed, &carrier_http);
    say(&feed, SERVER, "HTTP/1.0 200 OK\r\n\r\nmore");
    feed_end(&feed, SERVER, false);
    CHECK_STORY(&feed, "2 200 #1<0 incomplete");
}

TEST(gaps)
{
    struct feed feed;

    feed_open(&feed, &carrier_http); /* in a body of known length: no harm */
    say(&feed, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab");
    feed_gap(&feed, SERVER, 7);
    say(&feed, SERVER, "jHTTP/1.1 304 x\r\n\r\n");
    CHECK_STORY(&feed, "2 200 #1<0; 2 304 #2<0");
    feed_open(&feed, &carrier_http); /* over its last byte */
    say(&feed, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab");
    feed_gap(&feed, SERVER, 8);
    say(&feed, SERVER, "HTTP/1.1 304 x\r\n\r\n");
    CHECK_STORY(&feed, "2 200 #1<0 after-gap; 2 304 #2<0");
    feed_open(&feed, &carrier_http); /* in a head */
    say(&feed, CLIENT, "GET /1 HTTP/1.1\r\nHost: iis01\r\nCoo");
    feed_gap(&feed, CLIENT, 30);
    say(&feed, CLIENT, "k: x\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
    say(&feed, SERVER, "HTTP/1.1 304 x\r\n\r\n");
    CHECK(feed.log.num == 3);
    CHECK_STR(feed.log.at[0].http->host, "iis01");
    CHECK_STORY(&feed, "1 GET #1<0 incomplete; 2 GET #2<0 after-gap; 3 304 #1<2");
    feed_open(&feed, &carrier_http); /* a response is missing: the next one is the next request's */
    say(&feed, CLIENT, "GET /1 HTTP/1.1\r\n\r\n");
    say(&feed, CLIENT, "GET /2 HTTP/1.1\r\n\r\n");
    feed_gap(&feed, SERVER, 30);
    say(&feed, SERVER, "HTTP/1.1 304 x\r\n\r\n");
    CHECK_STORY(&feed, "1 GET #1<0; 2 GET #2<0; 3 304 #1<2");
    feed_open(&feed, &carrier_http); /* between chunks */
    say(&feed, SERVER, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    feed_gap(&feed, SERVER, 30);
    say(&feed, SERVER, "tail of somethingHTTP/1.1 304 x\r\n\r\n");
    CHECK_STORY(&feed, "2 200 #1<0 after-gap; 2 304 #2<0 after-gap");
}

TEST(messages_that_waited_behind_a_gap_keep_their_frames)
{
    static const char *const pieces[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab", /* 1 */
        "cdHTTP/1.1 304 x\r\n\r\n",
        "HTTP/1.1 404 x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nHTTP/1.1 ", /* 3 */
        "401 x\r\nContent-Length: 9\r\n\r\n",
        "012345678",
    };
    struct feed feed;

    feed_open(&feed, &carrier_http);
    feed_wait(&feed, SERVER, pieces, 5);
    CHECK_STORY(&feed, "2 200 #1<0; 2 304 #2<0; 3 404 #3<0; 5 401 #4<0");
}

TEST(a_cut_frame_shows_its_head)
{
    struct feed feed;
    struct segment cut = {.gap_after = true};
    const char *head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nab";

    feed_open(&feed, &carrier_http);
    cut.data = bytes_of_text(head);
    cut.frame = cut.first_frame = feed.flow.frame = 7;
    CHECK_INT(feed.carrier->feed(feed.state, &feed.carriage, &feed.flow, SERVER, &cut),
              strlen(head) - 2 + 999);
    CHECK_STORY(&feed, "7 200 #1<0");
}

/* The NTLMSSP signature with message type 1, in base64; the lab's first token is in the seeds. */
#define NTLM_TOKEN "TlRMTVNTUAABAAAAAAAAAAAAAAAAAAAAAAAAAA=="

TEST(authentication_fields)
{
    struct feed feed;
    const struct http *http;

    feed_open(&feed, &carrier_http);
    say(&feed, SERVER,
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\n"
        "www-authenticate: NTLM " NTLM_TOKEN "\r\nProxy-Authenticate: Basic realm=\"x\", NTLM\r\n"
        "Server: Microsoft-IIS/7.5\r\nPersistent-Auth: true\r\nVia: 1.1 proxy\r\n"
        "Date: Fri, 14 Oct 2011 05:10:14 GMT\r\nContent-Length: 0\r\n\r\n");
    say(&feed, CLIENT,
        "GET http://u:p@h/x?secret HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\n"
        "Cookie: secret\r\n\r\n");
    http = feed.log.at[0].http;
    CHECK_INT(http->auths.num, 4);
    CHECK_STR(http->auths.at[0].header, "WWW-Authenticate");
    CHECK_STR(http->auths.at[0].scheme, "Negotiate");
    CHECK_INT(http->auths.at[0].value_len, 0);
    CHECK_STR(http->auths.at[1].scheme, "NTLM");
    CHECK_INT(http->auths.at[1].value_len, strlen(NTLM_TOKEN));
    CHECK_STR(http->auths.at[2].scheme, "Basic");
    CHECK(!http->auths.at[2].further && http->auths.at[3].further);
    CHECK_STR(http->auths.at[3].scheme, "NTLM");
    CHECK_STR(http->server, "Microsoft-IIS/7.5");
    CHECK_STR(http->via, "1.1 proxy");
    CHECK_INT(http->date_s.value, 1318569014);
    CHECK(http->persistent_auth && !http->closes);
    CHECK_INT(feed.log.at[1].kind, KIND_gss);
    CHECK_INT(feed.log.at[1].gss->message, 1);
    CHECK_INT(feed.log.at[1].gss->order, 1);
    {
        struct text dump = feed_dump(&feed, true);

        CHECK(strstr(text_str(&dump), "secret") == NULL);
        CHECK(strstr(text_str(&dump), "c2VjcmV0") == NULL);
        CHECK(strstr(text_str(&dump), "target=http://h/x\n") != NULL);
        text_clear(&dump);
    }
    feed_finish(&feed);
    feed_clear(&feed);
}

static const char client_hello[] =
    "16030100 34 010000 30 0303"
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    "00 0002 c02f 0100 0005 000000 0100";

TEST(tls_in_a_tunnel)
{
    struct bytes hello = test_hex(client_hello);
    struct feed feed;

    feed_open(&feed, &carrier_http);
    say(&feed, CLIENT, "CONNECT h:443 HTTP/1.1\r\n\r\n");
    say(&feed, SERVER, "HTTP/1.1 407 No\r\nContent-Length: 3\r\n\r\nabc");
    say(&feed, CLIENT, "CONNECT h:443 HTTP/1.1\r\n\r\n");
    say(&feed, SERVER, "HTTP/1.1 200 OK\r\n\r\n");
    feed_push(&feed, CLIENT, (struct bytes){hello.at, 20});
    feed_push(&feed, CLIENT, (struct bytes){hello.at + 20, hello.len - 20});
    CHECK_STORY(&feed, "1 CONNECT #1<0; 2 407 #1<1; 3 CONNECT #2<0; 4 200 #2<3; tls");
    free((void *)hello.at);
    feed_open(&feed, &carrier_http); /* HTTP again, as some do it */
    say(&feed, CLIENT, "CONNECT h:80 HTTP/1.1\r\n\r\n");
    say(&feed, SERVER, "HTTP/1.1 200 OK\r\n\r\n");
    say(&feed, CLIENT, "GET / HTTP/1.1\r\n\r\n");
    say(&feed, SERVER, "HTTP/1.1 304 x\r\n\r\n");
    CHECK_STORY(&feed, "1 CONNECT #1<0; 2 200 #1<1; 3 GET #2<0; 4 304 #2<3");
    feed_open(&feed, &carrier_http);
    say(&feed, CLIENT, "CONNECT h:22 HTTP/1.1\r\n\r\n");
    say(&feed, SERVER, "HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x\r\n");
    CHECK(feed.ignored);
    CHECK_STORY(&feed, "1 CONNECT #1<0; 2 200 #1<1");
    feed_open(&feed, &carrier_http);
    say(&feed, CLIENT, "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
    say(&feed, SERVER, "HTTP/1.1 101 Switching\r\n\r\n");
    CHECK(feed.ignored);
    CHECK_STORY(&feed, "1 GET #1<0; 2 101 #1<1");
}

TEST(rpc_over_http_is_shown_at_its_head)
{
    struct feed feed;

    feed_open(&feed, &carrier_http);
    say(&feed, CLIENT,
        "RPC_IN_DATA /rpc/rpcproxy.dll HTTP/1.1\r\nContent-Length: 1073741824\r\n\r\nabc");
    CHECK_INT(feed.log.num, 1);
    CHECK_STORY(&feed, "1 RPC_IN_DATA #1<0");
}

TEST(only_one_side_was_captured)
{
    struct feed feed;
    int i;

    feed_open(&feed, &carrier_http);
    for (i = 0; i < 200; i++)
        say(&feed, CLIENT, "GET / HTTP/1.1\r\n\r\n");
    CHECK_INT(feed.log.num, 201);
    CHECK_STR(feed.log.at[64].problem->code, "limit-http-open");
    CHECK_INT(feed.log.at[200].http->number, 200);
    feed_finish(&feed);
    feed_clear(&feed);
}

TEST(a_head_without_an_end_is_bounded)
{
    struct feed feed;
    int i;

    feed_open(&feed, &carrier_http);
    say(&feed, CLIENT, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (i = 0; i < 300; i++) {
        char line[1025];

        memset(line, 'x', sizeof(line));
        line[0] = 'A';
        line[1] = ':';
        line[1022] = '\r';
        line[1023] = '\n';
        line[1024] = '\0';
        say(&feed, CLIENT, line);
    }
    CHECK_STORY(&feed, "; !; 257 GET #1<0 incomplete"); /* 256 KiB are reached by 25 + 256 * 1024 */
}

/* ---- The same conversation, cut differently ---- */

static const char *const conversation[] = {
    "GET /a?b HTTP/1.1\r\nHost: contoso.test.com\r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\nServer: x\r\nWWW-Authenticate: Negotiate\r\n"
    "WWW-Authenticate: NTLM\r\nContent-Length: 11\r\n\r\nHTTP/1.1 20",
    "POST /a HTTP/1.1\r\nHost: contoso.test.com\r\nAuthorization: NTLM " NTLM_TOKEN
    "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nA: b\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\nDate: Fri, 14 Oct 2011 05:10:14 GMT\n"
    "Transfer-Encoding: chunked\n\n5\nabcde\n0\n\n",
    "\r\nHEAD / HTTP/1.0\r\n\r\n",
    "HTTP/1.0 200 OK\r\nContent-Length: 500\r\n\r\n",
    "GET /last HTTP/1.1\r\nAuthorization: Negotiate\r\n\tYII=\r\n\r\n",
    "HTTP/1.1 200\r\nConnection: close\r\n\r\nsome body\r\n\r\nGET / HTTP/1.1\r\n\r\n",
};

/* Plays it in pieces of up to `most` bytes. */
static struct text play(size_t most)
{
    struct feed feed;
    struct text dump;
    size_t i;

    feed_open(&feed, &carrier_http);
    for (i = 0; i < sizeof(conversation) / sizeof(conversation[0]); i++) {
        struct bytes left = bytes_of_text(conversation[i]);

        while (left.len > 0) {
            size_t len = size_min(left.len, most);

            feed_push(&feed, (int)(i % 2), (struct bytes){left.at, len});
            left.at += len;
            left.len -= len;
        }
    }
    feed_end(&feed, SERVER, true);
    feed_end(&feed, CLIENT, true);
    feed_finish(&feed);
    CHECK_INT(feed.carriage.held, 0);
    dump = feed_dump(&feed, false);
    feed_clear(&feed);
    return dump;
}

TEST(any_segmentation_gives_the_same)
{
    struct text whole = play(SIZE_MAX);
    size_t most;

    CHECK(strstr(text_str(&whole), "target=/last") != NULL);
    for (most = 1; most < 200; most++) {
        struct text parts = play(most);

        if (strcmp(text_str(&whole), text_str(&parts)) != 0)
            test_fail(__FILE__, __LINE__, "pieces of %zu bytes give something else", most);
        text_clear(&parts);
    }
    text_clear(&whole);
}

/* Every prefix of one side gives the messages before its end, whole, and perhaps one that is not.
 */
TEST(every_prefix_of_a_conversation)
{
    const char *all = "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nab"
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    size_t len, first = 40, i;

    for (len = 0; len <= strlen(all); len++) {
        struct feed feed;

        feed_open(&feed, &carrier_http);
        feed_push(&feed, SERVER, (struct bytes){(const uint8_t *)all, len});
        feed_end(&feed, SERVER, false);
        feed_finish(&feed);
        for (i = 0; i < feed.log.num; i++) {
            bool whole = i == 0 ? len >= first : len == strlen(all);

            CHECK((feed.log.at[i].source.damaged == NULL) == whole);
        }
        CHECK(feed.log.num <= 2 && (len < first || feed.log.num >= 1));
        feed_clear(&feed);
    }
}
