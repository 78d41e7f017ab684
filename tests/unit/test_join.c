/* SPDX-License-Identifier: MIT */
/* correlate: case, hosts, names, exchanges, http_attempts, kdc_attempts, sides */
#include "correlate/attempt.h"

#include "harness.h"

static const int64_t SECOND = 1000000000;

/* A log under construction: one client, one server, one KDC; frames and ids count up. */
struct world {
    struct log log;
    struct joined_case joined;
    int64_t now; /* seconds */
    int64_t frame, capture, flow;
    const char *client, *client_mac;
};

static struct source source_of(struct world *w, const char *server, int64_t port, bool reply,
                               const char *carrier)
{
    struct source s = {.capture = w->capture,
                       .flow = w->flow,
                       .reply = reply,
                       .transport = 6,
                       .frame = ++w->frame,
                       .first_frame = w->frame,
                       .time_ns = w->now * SECOND,
                       .first_ns = w->now * SECOND,
                       .carrier = carrier};
    const char *client = w->client == NULL ? "10.0.0.3" : w->client;

    CHECK(address_parse(reply ? server : client, &s.src));
    CHECK(address_parse(reply ? client : server, &s.dst));
    s.sport = reply ? port : 50000 + w->flow;
    s.dport = reply ? 50000 + w->flow : port;
    if (!reply)
        s.src_mac = w->client_mac;
    return s;
}

static struct digest digest_text_of(const char *text)
{
    return digest_of(bytes_of_text(text));
}

/* The answer to A? `name`: an address, or an alias of `alias` that has it. */
static void dns(struct world *w, const char *name, const char *alias, const char *address,
                int64_t ttl, int64_t rcode)
{
    struct source s = source_of(w, "10.0.0.53", 53, true, "dns");
    struct answer answers[2] = {
        {.name = name, .type = "CNAME", .value = alias, .ttl = {true, ttl}, .section = "answer"},
        {.name = alias == NULL ? name : alias,
         .type = "A",
         .value = address,
         .ttl = {true, ttl},
         .section = "answer"}};
    struct dns record = {.response = true, .rcode = rcode, .qname = name, .qtype = "A"};

    s.transport = 17;
    if (rcode == 0) {
        record.answers.at = alias == NULL ? answers + 1 : answers;
        record.answers.num = alias == NULL ? 1 : 2;
    }
    log_append(&w->log, KIND_dns, &s, &record);
}

static void ptr(struct world *w, const char *arpa, const char *name)
{
    struct source s = source_of(w, "10.0.0.53", 53, true, "dns");
    struct answer answer = {.name = arpa, .type = "PTR", .value = name, .section = "answer"};
    struct dns record = {.response = true, .qname = arpa, .qtype = "PTR", .answers = {&answer, 1}};

    log_append(&w->log, KIND_dns, &s, &record);
}

/* A TGS exchange; `error` 0 gives a ticket whose ciphertext is named by `cipher`. */
static void tgs(struct world *w, const char *kdc, const char *sname, const char *cipher,
                int64_t error)
{
    struct source ask = source_of(w, kdc, 88, false, "krb5"), answer;
    struct krb request = {
        .msg_type = 12, .sname = sname, .realm = "TEST.COM", .whole_sha256 = digest_text_of(sname)};
    struct ticket ticket = {.realm = "TEST.COM",
                            .sname = sname,
                            .etype = {true, 18},
                            .kvno = {true, 3},
                            .sha256 = digest_text_of(cipher)};
    struct krb reply = {.msg_type = error == 0 ? 13 : 30,
                        .cname = "alice",
                        .crealm = "TEST.COM",
                        .error_code = {error != 0, error},
                        .sname = sname,
                        .ticket = error == 0 ? &ticket : NULL,
                        .whole_sha256 = digest_text_of(cipher)};

    log_append(&w->log, KIND_krb, &ask, &request);
    answer = source_of(w, kdc, 88, true, "krb5");
    log_append(&w->log, KIND_krb, &answer, &reply);
}

/* GET with that ticket, and the answer: `error` 0 is a 200 without a token, -1 a bare 401. */
static void get(struct world *w, const char *server, const char *host, const char *sname,
                const char *cipher, int64_t error, int64_t number)
{
    struct source ask = source_of(w, server, 80, false, "http"), answer;
    struct auth negotiate = {.header = "Authorization", .scheme = "Negotiate", .value_len = 100},
                offer = {.header = "WWW-Authenticate", .scheme = "Negotiate"};
    struct http request = {
        .method = "GET", .target = "/", .host = host, .auths = {&negotiate, 1}, .number = number};
    struct http reply = {.response = true,
                         .status = {true, error == 0 ? 200 : 401},
                         .auths = {&offer, error == 0 ? 0 : 1},
                         .number = number};
    struct gss token = {.token = "NegTokenInit"};
    struct ticket ticket = {.realm = "TEST.COM",
                            .sname = sname,
                            .etype = {true, 18},
                            .kvno = {true, 3},
                            .sha256 = digest_text_of(cipher)};
    struct krb ap = {.msg_type = 14, .ticket = &ticket, .whole_sha256 = digest_text_of(cipher)};
    struct krb refusal = {.msg_type = 30,
                          .error_code = {true, error},
                          .sname = "svc",
                          .realm = "TEST.COM",
                          .whole_sha256 = digest_text_of("refusal")};

    token.message = log_append(&w->log, KIND_http, &ask, &request);
    ap.gss = log_append(&w->log, KIND_gss, &ask, &token);
    log_append(&w->log, KIND_krb, &ask, &ap);
    answer = source_of(w, server, 80, true, "http");
    reply.request = token.message;
    token.token = "NegTokenResp";
    token.message = log_append(&w->log, KIND_http, &answer, &reply);
    if (error <= 0)
        return;
    refusal.gss = log_append(&w->log, KIND_gss, &answer, &token);
    log_append(&w->log, KIND_krb, &answer, &refusal);
}

static const struct attempt *joined(struct world *w, size_t want)
{
    case_clear(&w->joined);
    case_join(&w->joined, &w->log);
    CHECK_INT(w->joined.num_attempts, want);
    return w->joined.num_attempts < want ? NULL : w->joined.attempts;
}

static void done(struct world *w)
{
    case_clear(&w->joined);
    log_clear(&w->log);
}

TEST(a_cname_chain_a_ticket_and_a_refusal_are_one_attempt)
{
    struct world w = {.now = 1000, .flow = 1};
    const struct attempt *a;

    dns(&w, "site.test.com", "web01.test.com", "10.0.0.2", 300, 0);
    tgs(&w, "10.0.0.1", "HTTP/web01.test.com", "t1", 0);
    w.flow = 2;
    get(&w, "10.0.0.2", "site.test.com:80", "HTTP/web01.test.com", "t1", 41, 1);
    a = joined(&w, 1);
    CHECK_STR(a->asked_for, "site.test.com");
    CHECK_INT(a->asked_port, 80);
    CHECK_STR(a->canonical, "web01.test.com");
    CHECK(a->address_answered && a->address_in_chain && a->ticket_same && !a->suffix_searched);
    CHECK_INT(a->dns.num, 2);
    CHECK_STR(a->spn_host, "web01.test.com");
    CHECK_STR(a->client_principal, "alice@TEST.COM");
    CHECK_INT(a->outcome, OUTCOME_FAILED);
    CHECK_INT(a->error_origin, ORIGIN_ACCEPTOR);
    CHECK_INT(case_source(&w.joined, a->tgs.reply)->frame, 3);
    done(&w);
}

TEST(an_answer_holds_for_its_ttl)
{
    struct world w = {.now = 1000, .flow = 1};

    dns(&w, "web01.test.com", NULL, "10.0.0.2", 60, 0);
    w.now += 61; /* an application is a little late */
    get(&w, "10.0.0.9", "web01.test.com", "HTTP/web01.test.com", "t", 41, 1);
    CHECK(joined(&w, 1)->address_answered && !w.joined.attempts->address_in_chain);
    done(&w);
    w = (struct world){.now = 1000, .flow = 1};
    dns(&w, "web01.test.com", NULL, "10.0.0.2", 60, 0);
    w.now += 70;
    get(&w, "10.0.0.9", "web01.test.com", "HTTP/web01.test.com", "t", 41, 1);
    CHECK(!joined(&w, 1)->address_answered); /* nothing valid says where it should have gone */
    done(&w);
}

TEST(a_short_name_is_found_under_its_suffix)
{
    struct world w = {.now = 1000, .flow = 1};
    const struct attempt *a;

    dns(&w, "portal.a.test.com", NULL, NULL, 0, 3);
    dns(&w, "portal.b.test.com", NULL, "10.0.0.2", 60, 0);
    get(&w, "10.0.0.2", "portal", "HTTP/portal.b.test.com", "t", 41, 1);
    a = joined(&w, 1);
    CHECK(a->suffix_searched && a->address_in_chain);
    CHECK_INT(a->dns.num, 2);
    CHECK_STR(a->dns.at[0].type, "NXDOMAIN");
    CHECK_STR(a->canonical, "portal.b.test.com");
    done(&w);
}

TEST(a_reverse_lookup_is_the_one_of_the_servers_address)
{
    struct world w = {.now = 1000, .flow = 1};

    ptr(&w, "9.0.0.10.in-addr.arpa", "other.test.com");
    ptr(&w, "2.0.0.10.in-addr.arpa", "web01.test.com");
    get(&w, "10.0.0.2", "site.test.com", "HTTP/web01.test.com", "t", 41, 1);
    CHECK_STR(joined(&w, 1)->ptr_name, "web01.test.com");
    done(&w);
}

TEST(one_machine_with_two_addresses_is_one_client)
{
    struct world w = {.now = 1000, .flow = 1, .client_mac = "02:00:00:00:00:03"};

    /* It asks over IPv4 and connects over IPv6, with one MAC. */
    tgs(&w, "10.0.0.1", "HTTP/web01.test.com", "t1", 0);
    dns(&w, "web01.test.com", NULL, "10.0.0.2", 60, 0);
    w.client = "fd00::3";
    w.flow = 2;
    get(&w, "fd00::2", "web01.test.com", "HTTP/web01.test.com", "t1", 0, 1);
    CHECK(joined(&w, 1)->dns_seen);
    CHECK_INT(w.joined.attempts->dns.num, 1);
    CHECK(!w.joined.attempts->address_answered); /* an A record says nothing of an IPv6 address */
    done(&w);
}

TEST(two_clients_two_requests_and_a_success_are_kept_apart)
{
    struct world w = {.now = 1000, .flow = 1};
    const struct attempt *a;

    get(&w, "10.0.0.2", "web01.test.com", "HTTP/web01.test.com", "t1", 41, 1);
    get(&w, "10.0.0.2", "web01.test.com", "HTTP/web01.test.com", "t2", 0, 2);
    w.client = "10.0.0.4";
    w.flow = 2;
    get(&w, "10.0.0.2", "web01.test.com", "HTTP/web01.test.com", "t3", -1, 1);
    a = joined(&w, 3);
    CHECK_INT(a[0].outcome, OUTCOME_FAILED);
    CHECK_INT(a[1].outcome, OUTCOME_SUCCEEDED);
    CHECK_INT(a[2].outcome, OUTCOME_FAILED);
    CHECK_INT(a[2].error, 0);
    CHECK_STR(a[2].ended_by, "401 without a token");
    CHECK(!address_equal(&a[0].client, &a[2].client));
    done(&w);
}

TEST(another_ticket_for_the_same_name_is_no_match)
{
    struct world w = {.now = 1000, .flow = 1};
    const struct attempt *a;

    tgs(&w, "10.0.0.1", "HTTP/web01.test.com", "new", 0);
    w.flow = 2;
    get(&w, "10.0.0.2", "web01.test.com", "HTTP/web01.test.com", "old", 41, 1);
    a = joined(&w, 1);
    CHECK(!a->ticket_same && a->tgs.reply == 0 && a->other_reply != 0);
    done(&w);
}

TEST(a_kdc_that_refuses_ends_an_attempt_once)
{
    struct world w = {.now = 1000, .flow = 1};
    const struct attempt *a;

    tgs(&w, "10.0.0.1", "HTTP/none.test.com", "e1", 7);
    w.flow = 2;
    tgs(&w, "10.0.0.1", "HTTP/none.test.com", "e2", 7); /* the library asks again */
    w.flow = 3;
    tgs(&w, "10.0.0.1", "krbtgt/COM", "e3", 7); /* and guesses at a way into another realm */
    a = joined(&w, 1);
    CHECK_INT(a->error_origin, ORIGIN_KDC);
    CHECK_INT(a->repeats, 1);
    CHECK_INT(a->outcome, OUTCOME_FAILED);
    done(&w);
}

TEST(a_probe_that_is_followed_by_a_ticket_is_normal)
{
    struct world w = {.now = 1000, .flow = 1};

    tgs(&w, "10.0.0.1", "HTTP/web01.test.com", "e1", 7);
    w.flow = 2;
    tgs(&w, "10.0.0.11", "HTTP/web01.test.com", "t1", 0);
    (void)joined(&w, 0);
    done(&w);
}

TEST(both_ends_of_one_exchange_are_one_attempt_on_one_clock)
{
    struct world w = {.now = 1000, .flow = 1};
    const struct attempt *a;

    tgs(&w, "10.0.0.1", "HTTP/web01.test.com", "t1", 0);
    w.flow = 2;
    get(&w, "10.0.0.2", "web01.test.com", "HTTP/web01.test.com", "t1", 41, 1);
    w.capture = 1;
    w.now += 137; /* the server's clock */
    get(&w, "10.0.0.2", "web01.test.com", "HTTP/web01.test.com", "t1", 41, 1);
    a = joined(&w, 1);
    CHECK(a->far_ap_request != 0 && a->tgs.reply != 0);
    CHECK_INT(case_clock(&w.joined, 1)->shift_ns, -137 * SECOND);
    CHECK_INT(case_time_ns(&w.joined, a->far_ap_request), case_time_ns(&w.joined, a->ap_request));
    CHECK_INT(case_clock(&w.joined, 0)->num_pairs, 0);
    done(&w);
}
