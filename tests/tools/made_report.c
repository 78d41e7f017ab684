/* SPDX-License-Identifier: MIT */
/* Prints a hand-made incident, the reference case as records, in a format of the report:
 * made_report FORMAT VARIANT [WIDTH]. VARIANT is plain, hostile (its names are escapes, markup and
 * line breaks), success (also an attempt that succeeded, and a finding that only informs), all (the
 * same with
 * --all), none (nothing failed), two (the same incident twice). FORMAT "events" prints the events.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

struct made_case {
    struct log log;
    struct joined_case joined;
    struct findings findings;
    struct attempt attempts[2];
    struct finding found[2];
    struct report_input inputs[2];
    struct report_case cases[1];
    struct report report;
    /* observation ids */
    int64_t query, answer, tgs_req, tgs_rep, http_req, ap_req, http_rep, error;
};

/* What the texts of the case hold: the names of the reference case, or hostile ones. */
struct made_names {
    const char *account, *computer, *spn, *host, *target;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct made_names made_names = {"contososvc", "IIS01$", "HTTP/iis01.test.com",
                                             "contoso.test.com", "iis01.test.com"};

/* A terminal's colour and title sequences, an HTML tag, a Markdown table break and image, a
 * right-to-left override, line breaks, and what is no UTF-8. */
static const struct made_names made_hostile = {"\x1b[31mroot\x1b]0;x\x07",
                                               "<script>alert(1)</script>|a|b|",
                                               "HTTP/![x](http://e.example/)\n# h",
                                               "a`b\xE2\x80\xAE"
                                               "c\r\n.test.com",
                                               "=cmd|' /C calc'!A0\xC2\x9B"};

static struct source at(int64_t frame, const char *from, int64_t sport, const char *to,
                        int64_t dport, const char *carrier)
{
    struct source s = {.flow = frame, .frame = frame, .first_frame = frame};

    s.time_ns = INT64_C(1318569005000000000) + frame * 1000000;
    s.first_ns = s.time_ns;
    s.transport = strcmp(carrier, "dns") == 0 ? 17 : 6;
    address_parse(from, &s.src);
    address_parse(to, &s.dst);
    s.sport = sport;
    s.dport = dport;
    s.carrier = carrier;
    return s;
}

static const char client[] = "10.0.5.3", dc[] = "10.0.5.1", server[] = "10.0.5.2";

static void log_names(struct made_case *m, const struct made_names *n)
{
    struct source ask = at(1, client, 64506, dc, 53, "dns");
    struct source told = at(2, dc, 53, client, 64506, "dns");
    struct answer answers[2] = {{.name = n->host,
                                 .type = "CNAME",
                                 .ttl = optint(3600),
                                 .value = n->target,
                                 .section = "answer"},
                                {.name = n->target,
                                 .type = "A",
                                 .ttl = optint(1200),
                                 .value = server,
                                 .section = "answer"}};
    struct dns dns = {.id = 19377, .questions = 1, .qname = n->host, .qtype = "A"};

    m->query = log_append(&m->log, KIND_dns, &ask, &dns);
    dns.response = true;
    dns.answers.at = answers;
    dns.answers.num = COUNT(answers);
    m->answer = log_append(&m->log, KIND_dns, &told, &dns);
}

static const int64_t etypes[] = {18, 17, 23, 24, -135};

static void log_ticket(struct made_case *m, const struct made_names *n, const struct ticket *ticket)
{
    struct source ask = at(3, client, 50044, dc, 88, "krb5");
    struct source told = at(4, dc, 88, client, 50044, "krb5");
    struct krb req = {
        .msg_type = 12, .realm = "TEST.COM", .sname = n->spn, .sname_type = optint(2)};
    struct krb rep = {
        .msg_type = 13, .crealm = "TEST.COM", .cname = "alice", .cname_type = optint(1)};

    req.etypes.at = etypes;
    req.etypes.num = COUNT(etypes);
    m->tgs_req = log_append(&m->log, KIND_krb, &ask, &req);
    rep.ticket = ticket;
    rep.enc_etype = optint(18);
    m->tgs_rep = log_append(&m->log, KIND_krb, &told, &rep);
}

static void log_refusal(struct made_case *m, const struct made_names *n,
                        const struct ticket *ticket)
{
    struct source ask = at(6, client, 50045, server, 80, "http");
    struct source told = at(8, server, 80, client, 50045, "http");
    struct auth auth[1] = {{.header = "Authorization", .scheme = "Negotiate", .value_len = 2200}};
    struct auth back[2] = {{.header = "WWW-Authenticate", .scheme = "Negotiate", .value_len = 144},
                           {.header = "WWW-Authenticate", .scheme = "NTLM"}};
    struct http get = {.method = "GET", .target = "/", .host = n->host, .auths = {auth, 1}};
    struct http rep = {.response = true,
                       .status = optint(401),
                       .reason = "Unauthorized",
                       .server = "Microsoft-IIS/7.5",
                       .auths = {back, 2}};
    struct krb ap = {.msg_type = 14, .auth_etype = optint(18)};
    struct krb error = {.msg_type = 30,
                        .realm = "TEST.COM",
                        .sname = n->account,
                        .sname_type = optint(1),
                        .error_code = optint(41),
                        .stime_s = optint(1318569014),
                        .stime_us = optint(250000)};

    get.number = rep.number = 1;
    m->http_req = log_append(&m->log, KIND_http, &ask, &get);
    ap.ticket = ticket;
    m->ap_req = log_append(&m->log, KIND_krb, &ask, &ap);
    rep.request = m->http_req;
    m->http_rep = log_append(&m->log, KIND_http, &told, &rep);
    m->error = log_append(&m->log, KIND_krb, &told, &error);
}

static void log_file(struct made_case *m)
{
    static const char *const links[] = {"EN10MB"};
    struct source none = {0}, cut = {.frame = 8};
    struct capture_file file = {.format = "pcap",
                                .packets = 9,
                                .size = 4321,
                                .first_ns = optint(INT64_C(1318569005001000000)),
                                .last_ns = optint(INT64_C(1318569005008000000)),
                                .link_types = {links, 1}};
    struct problem problem = {.code = "truncated-file",
                              .at_frame = optint(9),
                              .offset = optint(4300),
                              .message = "the file ends within a frame",
                              .times = 1};

    log_append(&m->log, KIND_capture_file, &none, &file);
    log_append(&m->log, KIND_problem, &cut, &problem);
}

static void make_attempt(struct made_case *m, const struct made_names *n)
{
    struct arena *arena = &m->joined.arena;
    struct attempt *a = &m->attempts[0];
    struct dns_step *steps = arena_take(arena, 2, sizeof(*steps));
    struct dns_step chain[2] = {{n->host, "CNAME", n->target, optint(3600), m->answer},
                                {n->target, "A", server, optint(1200), m->answer}};

    memcpy(steps, chain, sizeof(chain));
    a->id = 1;
    address_parse(client, &a->client);
    address_parse(server, &a->server);
    a->client_port = 50045;
    a->server_port = 80;
    a->client_principal = "alice@TEST.COM";
    a->carrier = "http";
    a->asked_for = n->host;
    a->asked_how = "Host header";
    a->path = "/";
    a->dns.at = steps;
    a->dns.num = 2;
    a->dns_seen = a->address_answered = a->address_in_chain = true;
    a->address_answer = m->answer;
    a->canonical = n->target;
    a->spn = n->spn;
    a->ticket = log_find(&m->log, m->ap_req)->krb->ticket;
    a->tgs.request = m->tgs_req;
    a->tgs.reply = m->tgs_rep;
    address_parse(dc, &a->tgs.kdc);
    a->ticket_same = true;
    a->ap_request = m->ap_req;
    a->request = m->http_req;
    a->reply = m->http_rep;
    a->outcome = OUTCOME_FAILED;
    a->ended_by = "KRB-ERROR in the 401";
    a->error = m->error;
    a->error_origin = ORIGIN_ACCEPTOR;
    m->joined.attempts = m->attempts;
    m->joined.num_attempts = 1;
    m->joined.log = &m->log;
}

static struct statement *say(struct made_case *m, const char *text, int64_t a, int64_t b)
{
    struct statement *s = arena_take(&m->findings.arena, 1, sizeof(*s));
    int64_t *sources = arena_take(&m->findings.arena, 2, sizeof(*sources));

    sources[0] = a;
    sources[1] = b;
    s->text = text;
    s->sources = sources;
    s->num_sources = b != 0 ? 2 : a != 0;
    return s;
}

static void make_finding(struct made_case *m, const struct made_names *n)
{
    static const int64_t about[] = {1};
    static const char *const others[] = {"spn-wrong-account", "stale-service-password"};
    struct arena *arena = &m->findings.arena;
    struct finding *f = &m->found[0];
    struct refutation *no = arena_take(arena, 1, sizeof(*no));
    struct missing *gap = arena_take(arena, 1, sizeof(*gap));
    struct remedy *fix = arena_take(arena, 1, sizeof(*fix));

    f->id = 1;
    f->attempts = about;
    f->num_attempts = 1;
    f->cause = "cname-spn";
    f->confidence = CONFIDENCE_LIKELY;
    f->title = "the client asked for the name that the alias points to";
    f->explanation = arena_print(arena, "The ticket is for %s, because %s is an alias of %s.",
                                 n->spn, n->host, n->target);
    f->key_owner = n->computer;
    f->key_owner_expected = true;
    f->tried_by = n->account;
    f->evidence_for.at = say(m, arena_print(arena, "%s is an alias of %s", n->host, n->target),
                             m->answer, m->tgs_req);
    f->evidence_for.num = 1;
    f->evidence_against.at = say(m, "the capture begins late", 0, 0);
    f->evidence_against.num = 1;
    f->alternatives = others;
    f->num_alternatives = 2;
    no->cause = "wrong-host";
    no->statement = *say(m, "the address is the one that DNS gave", m->answer, 0);
    f->refuted = no;
    f->num_refuted = 1;
    gap->what = "who owns the names";
    gap->command = arena_print(arena, "setspn -F -Q */%s", n->target);
    f->missing = gap;
    f->num_missing = 1;
    fix->what = "Give the site a name of its own: an A record in place of the alias.";
    fix->command = arena_print(arena, "dnscmd /recordadd test.com %s A %s", n->host, server);
    fix->who = "DNS administrator";
    fix->breaks = "nothing else uses the alias";
    fix->verify = arena_print(arena, "klist get HTTP/%s", n->host);
    f->remedies = fix;
    f->num_remedies = 1;
    m->findings.at = m->found;
    m->findings.num = 1;
}

static void made_init(struct made_case *m, const struct made_names *n)
{
    struct ticket ticket = {.realm = "TEST.COM",
                            .sname = n->spn,
                            .sname_type = optint(2),
                            .etype = optint(18),
                            .kvno = optint(3),
                            .cipher_len = 1000,
                            .sha256 = digest_of(bytes_of_text("ticket"))};

    memset(m, 0, sizeof(*m));
    log_file(m);
    log_names(m, n);
    log_ticket(m, n, &ticket);
    log_refusal(m, n, &ticket);
    make_attempt(m, n);
    make_finding(m, n);
    m->inputs[0].path = "web.pcap";
    m->cases[0].log = &m->log;
    m->cases[0].joined = &m->joined;
    m->cases[0].findings = &m->findings;
    m->report.inputs = m->inputs;
    m->report.num_inputs = 1;
    m->report.cases = m->cases;
    m->report.num_cases = 1;
}

static void made_add_success(struct made_case *m)
{
    static const int64_t about[] = {2};

    m->attempts[1] = m->attempts[0];
    m->attempts[1].id = 2;
    m->attempts[1].outcome = OUTCOME_SUCCEEDED;
    m->attempts[1].error = 0;
    m->attempts[1].error_origin = ORIGIN_NONE;
    m->joined.num_attempts = 2;
    memset(&m->found[1], 0, sizeof(m->found[1]));
    m->found[1].id = 2;
    m->found[1].attempts = about;
    m->found[1].num_attempts = 1;
    m->found[1].cause = "unexplained";
    m->found[1].title = "hidden by TLS";
    m->found[1].explanation = "The exchange cannot be seen.";
    m->found[1].informs = true;
    m->findings.num = 2;
}

static void made_take_findings(struct made_case *m)
{
    m->findings.num = 0;
    m->joined.num_attempts = 0;
}

static void made_clear(struct made_case *m)
{
    arena_clear(&m->findings.arena);
    arena_clear(&m->joined.arena);
    log_clear(&m->log);
}

static void print(const struct report *report, const struct made_case *m, const char *format,
                  const char *width)
{
    struct report_style style = {.width = width == NULL ? 0 : strtoul(width, NULL, 10)};
    const struct sink *sink = report_sink(format);
    struct text out = {0};

    if (strcmp(format, "events") == 0)
        events_render(&out, report->inputs, report->num_inputs, &m->log, true);
    else if (sink != NULL)
        report_render(&out, sink, report, &style);
    fwrite(text_str(&out), 1, out.len, stdout);
    text_clear(&out);
}

int main(int argc, char **argv)
{
    struct made_case m;
    struct report report;
    struct report_case twice[2];
    const char *variant = argc > 2 ? argv[2] : "plain";

    if (argc < 2)
        return 2;
    made_init(&m, strcmp(variant, "hostile") == 0 ? &made_hostile : &made_names);
    if (strcmp(variant, "success") == 0 || strcmp(variant, "all") == 0)
        made_add_success(&m);
    if (strcmp(variant, "none") == 0)
        made_take_findings(&m);
    report = m.report;
    report.all = strcmp(variant, "all") == 0;
    if (strcmp(variant, "two") == 0) {
        twice[0] = twice[1] = m.cases[0];
        report.cases = twice;
        report.num_cases = 2;
    }
    print(&report, &m, argv[1], argc > 3 ? argv[3] : NULL);
    made_clear(&m);
    return 0;
}
