/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <string.h>

static const char client[] = "192.0.2.10", server[] = "192.0.2.20", kdc[] = "192.0.2.1";

struct address scene_address_of(const char *text)
{
    struct address out = {0};

    address_parse(text, &out);
    return out;
}

static int64_t append(struct scene *s, enum kind kind, const void *record, const char *src,
                      const char *dst, const char *carrier)
{
    struct source source = {.flow = 1,
                            .transport = 6,
                            .src = scene_address_of(src),
                            .dst = scene_address_of(dst),
                            .carrier = carrier};

    source.frame = source.first_frame = ++s->frame;
    source.time_ns = source.first_ns = s->frame * 1000000000;
    return log_append(&s->log, kind, &source, record);
}

static const struct ticket *new_ticket(struct scene *s, const char *spn, int64_t kvno,
                                       int64_t etype, int digest)
{
    struct ticket *ticket = arena_take(&s->joined.arena, 1, sizeof(*ticket));
    int64_t *chunks = arena_take(&s->joined.arena, 16, sizeof(*chunks));
    int i;

    ticket->realm = "CORP.EXAMPLE";
    ticket->sname = spn;
    ticket->etype = optint(etype);
    if (kvno >= 0)
        ticket->kvno = optint(kvno);
    ticket->sha256.set = true;
    ticket->sha256.octet[0] = (uint8_t)digest;
    ticket->cipher_len = 1024;
    for (i = 0; i < 16; i++)
        chunks[i] = digest * 100 + i;
    ticket->chunks.at = chunks;
    ticket->chunks.num = 16;
    return ticket;
}

static void split(struct scene *s, struct attempt *a, const char *spn)
{
    const char *slash = strchr(spn, '/'), *colon;

    a->spn = spn;
    if (slash == NULL)
        return;
    a->spn_service = arena_print(&s->joined.arena, "%.*s", (int)(slash - spn), spn);
    colon = strchr(slash, ':');
    a->spn_host = colon == NULL
                      ? slash + 1
                      : arena_print(&s->joined.arena, "%.*s", (int)(colon - slash - 1), slash + 1);
    a->spn_port = colon == NULL ? NULL : colon + 1;
}

void scene_ticket(struct scene *s, struct attempt *a, int64_t kvno, int64_t etype, int digest)
{
    static const int64_t etypes[] = {18, 17, 23};
    struct krb request = {.msg_type = 12, .sname = a->spn, .realm = "CORP.EXAMPLE"};
    struct krb reply = {.msg_type = 13}, ap = {.msg_type = 14};

    request.etypes.at = etypes;
    request.etypes.num = 3;
    a->ticket = reply.ticket = ap.ticket = new_ticket(s, a->spn, kvno, etype, digest);
    a->tgs.kdc = scene_address_of(kdc);
    a->tgs.request = append(s, KIND_krb, &request, client, kdc, "krb5");
    a->tgs.reply = append(s, KIND_krb, &reply, kdc, client, "krb5");
    a->ap_request = append(s, KIND_krb, &ap, client, server, "http");
    a->ticket_same = true;
}

struct attempt *scene_attempt(struct scene *s, const char *asked, const char *spn)
{
    struct attempt *a = &s->attempts[s->joined.num_attempts++];

    memset(a, 0, sizeof(*a));
    s->joined.log = &s->log;
    s->joined.attempts = s->attempts;
    a->id = (int64_t)s->joined.num_attempts;
    a->client = scene_address_of(client);
    a->server = scene_address_of(server);
    a->client_port = 40000 + a->id;
    a->server_port = 80;
    a->carrier = "http";
    a->asked_for = asked;
    a->asked_how = "Host header";
    a->path = "/";
    a->outcome = OUTCOME_FAILED;
    a->ended_by = "401 without a token";
    split(s, a, spn);
    scene_ticket(s, a, 3, 18, (int)a->id);
    return a;
}

static int64_t answer(struct scene *s, const char *qname, const struct answer *answers, size_t num,
                      int64_t rcode)
{
    struct dns dns = {.response = true, .qname = qname, .qtype = "A", .rcode = rcode};

    dns.answers.at = answers;
    dns.answers.num = num;
    return append(s, KIND_dns, &dns, "192.0.2.53", client, "dns");
}

static void step(struct scene *s, struct attempt *a, const char *name, const char *type,
                 const char *value, int64_t id)
{
    size_t i = (size_t)(a - s->attempts);

    s->steps[i][a->dns.num] = (struct dns_step){name, type, value, optint(300), id};
    a->dns.at = s->steps[i];
    a->dns.num++;
    a->dns_seen = true;
}

void scene_address(struct scene *s, struct attempt *a)
{
    struct answer answers[] = {{.name = a->asked_for, .type = "A", .value = server}};
    int64_t id = answer(s, a->asked_for, answers, 1, 0);

    step(s, a, a->asked_for, "A", server, id);
    a->canonical = a->asked_for;
    a->address_answered = a->address_in_chain = true;
    a->address_answer = id;
}

void scene_cname(struct scene *s, struct attempt *a, const char *target)
{
    struct answer answers[] = {{.name = a->asked_for, .type = "CNAME", .value = target},
                               {.name = target, .type = "A", .value = server}};
    int64_t id = answer(s, a->asked_for, answers, 2, 0);

    step(s, a, a->asked_for, "CNAME", target, id);
    step(s, a, target, "A", server, id);
    a->canonical = target;
    a->address_answered = a->address_in_chain = true;
    a->address_answer = id;
}

void scene_nxdomain(struct scene *s, struct attempt *a, const char *name)
{
    step(s, a, name, "NXDOMAIN", NULL, answer(s, name, NULL, 0, 3));
    a->suffix_searched = true;
}

void scene_ptr(struct scene *s, struct attempt *a, const char *name)
{
    struct answer answers[] = {{.name = "20.2.0.192.in-addr.arpa", .type = "PTR", .value = name}};

    a->ptr_name = name;
    a->ptr_answer = answer(s, "20.2.0.192.in-addr.arpa", answers, 1, 0);
}

void scene_error(struct scene *s, struct attempt *a, int64_t code, const char *realm,
                 const char *sname)
{
    struct krb error = {.msg_type = 30, .realm = realm};
    char text[ADDRESS_TEXT_ROOM];

    error.sname = sname != NULL ? sname : a->spn;
    error.error_code = optint(code);
    error.stime_s = optint(s->frame + 1);
    a->error = append(s, KIND_krb, &error, address_text(&a->server, text), client, "http");
    a->error_origin = ORIGIN_ACCEPTOR;
}

void scene_kdc_error(struct scene *s, struct attempt *a, int64_t code)
{
    struct krb error = {.msg_type = 30, .realm = "CORP.EXAMPLE", .sname = a->spn};

    error.error_code = optint(code);
    error.stime_s = optint(s->frame + 1);
    a->tgs.reply = 0;
    a->ap_request = 0;
    a->ticket = NULL;
    a->ticket_same = false;
    a->error = a->tgs.error = append(s, KIND_krb, &error, kdc, client, "krb5");
    a->error_origin = ORIGIN_KDC;
    a->carrier = "krb5";
}

void scene_success(struct attempt *a)
{
    a->outcome = OUTCOME_SUCCEEDED;
    a->ended_by = "AP-REP";
}

void scene_cached(struct attempt *a)
{
    memset(&a->tgs, 0, sizeof(a->tgs));
    a->ticket_same = false;
    a->dns_seen = true;
}

int64_t scene_reply(struct scene *s, const char *spn, int64_t kvno, int64_t etype, const char *from)
{
    struct krb reply = {.msg_type = 13, .ticket = new_ticket(s, spn, kvno, etype, 99)};

    return append(s, KIND_krb, &reply, from, client, "krb5");
}

int64_t scene_krb(struct scene *s, const struct krb *krb, const char *src, const char *dst)
{
    return append(s, KIND_krb, krb, src, dst, "krb5");
}

int64_t scene_fact(struct scene *s, enum kind kind, const void *record)
{
    struct source source = {.capture = 1, .line = ++s->frame};

    return log_append(&s->log, kind, &source, record);
}

int64_t scene_account(struct scene *s, const char *name, const char *dn, const char *spn,
                      const char *other_spn, const char *upn)
{
    const char *spns[2] = {spn, other_spn};
    struct account account = {.account = name, .dn = dn, .upn = upn};

    account.spns.at = spns;
    account.spns.num = spn == NULL ? 0 : other_spn == NULL ? 1 : 2;
    return scene_fact(s, KIND_account, &account);
}

void scene_key(struct scene *s, struct attempt *a, const char *principal, int64_t kvno)
{
    struct ticket *ticket = arena_take(&s->joined.arena, 1, sizeof(*ticket));
    struct opener *opener = arena_take(&s->joined.arena, 1, sizeof(*opener));

    *ticket = *a->ticket;
    ticket->tried = true;
    *opener = (struct opener){principal, kvno, 18};
    ticket->opened_by.at = opener;
    ticket->opened_by.num = principal == NULL ? 0 : 1;
    a->ticket = ticket;
}

const struct finding *scene_judge(struct scene *s)
{
    findings_clear(&s->findings);
    s->joined.log = &s->log;
    judge_case(&s->findings, &s->joined);
    return s->findings.num == 0 ? NULL : &s->findings.at[0];
}

void scene_clear(struct scene *s)
{
    findings_clear(&s->findings);
    arena_clear(&s->joined.arena);
    log_clear(&s->log);
    memset(s, 0, sizeof(*s));
}

bool scene_has(const struct finding *finding, const char *alternative)
{
    size_t i;

    for (i = 0; i < finding->num_alternatives; i++)
        if (strcmp(finding->alternatives[i], alternative) == 0)
            return true;
    return false;
}

const char *scene_refuted(const struct finding *finding, const char *cause)
{
    size_t i;

    for (i = 0; i < finding->num_refuted; i++)
        if (strcmp(finding->refuted[i].cause, cause) == 0)
            return finding->refuted[i].statement.text;
    return NULL;
}
