/* SPDX-License-Identifier: MIT */
/* The causes of the wider table: where each holds, a near twin where it is refuted, one undecided.
 */
#include <string.h>

#include "harness.h"
#include "scene.h"

static const char realm[] = "CORP.EXAMPLE";
static const char web[] = "web07.corp.example", http_web[] = "HTTP/web07.corp.example";
static const char site[] = "shop.corp.example", http_site[] = "HTTP/shop.corp.example";

/* A second attempt with the same ticket at another address. */
static struct attempt *member(struct scene *s, struct attempt *a, const char *address)
{
    struct attempt *b = scene_attempt(s, a->asked_for, a->spn);

    b->server = scene_address_of(address);
    b->ticket = a->ticket;
    scene_success(b);
    return b;
}

TEST(farm_member_by_address)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site);
    const struct finding *f;

    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "WEB08$");
    member(&s, a, "192.0.2.21");
    f = scene_judge(&s);
    CHECK_INT(s.findings.num, 1);
    CHECK_STR(f->cause, "farm-member");
    CHECK(scene_refuted(f, "stale-machine-account") != NULL);
    CHECK(scene_refuted(f, "stale-ticket") != NULL);
    CHECK(scene_refuted(f, "altered-in-transit") != NULL);
    scene_clear(&s);
}

TEST(farm_member_behind_one_address)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site);

    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "WEB08$");
    member(&s, a, "192.0.2.20");
    CHECK_STR(scene_judge(&s)->cause, "farm-member");
    scene_clear(&s);
}

TEST(two_members_that_work_are_no_finding)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site);

    scene_success(a);
    member(&s, a, "192.0.2.21");
    CHECK(scene_judge(&s) == NULL);
    scene_clear(&s);
}

TEST(one_name_two_identities_by_path)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site), *b;

    scene_address(&s, a);
    a->path = "/reports";
    scene_error(&s, a, 41, realm, "reportsvc");
    b = member(&s, a, "192.0.2.20");
    b->path = "/shop";
    CHECK_STR(scene_judge(&s)->cause, "one-name-two-identities");
    /* the same path: something else */
    b->path = "/reports";
    CHECK(strcmp(scene_judge(&s)->cause, "one-name-two-identities") != 0);
    CHECK(scene_refuted(&s.findings.at[0], "one-name-two-identities") != NULL);
    scene_clear(&s);
}

TEST(same_name_two_domains_by_realm)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07", "HTTP/web07");
    const struct finding *f;

    scene_error(&s, a, 41, "BRANCH.EXAMPLE", "web07$");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "same-name-two-domains");
    CHECK(scene_refuted(f, "stale-machine-account") != NULL);
    scene_clear(&s);
}

TEST(same_name_two_domains_refuted_in_one_realm)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);

    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "db01$");
    CHECK(scene_refuted(scene_judge(&s), "same-name-two-domains") != NULL);
    scene_clear(&s);
}

TEST(suffix_search_comes_before_two_domains)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "shop", "HTTP/shop.branch.example");
    const struct finding *f;

    scene_nxdomain(&s, a, "shop.corp.example");
    scene_cname(&s, a, "shop.branch.example");
    a->dns.num = 1; /* NXDOMAIN, then the full name */
    s.steps[0][1] =
        (struct dns_step){"shop.branch.example", "A", "192.0.2.20", optint(60), a->address_answer};
    a->dns.num = 2;
    scene_error(&s, a, 35, realm, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "suffix-search");
    CHECK(scene_has(f, "same-name-two-domains"));
    CHECK(scene_has(f, "spn-wrong-account"));
    scene_clear(&s);
}

TEST(suffix_search_refuted_when_the_first_suffix_answers)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "shop", "HTTP/shop.corp.example");

    scene_address(&s, a);
    s.steps[0][0].name = "shop.corp.example";
    scene_error(&s, a, 35, realm, NULL);
    CHECK(scene_refuted(scene_judge(&s), "suffix-search") != NULL);
    scene_clear(&s);
}

TEST(stale_service_password_after_an_older_ticket_worked)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site), *b;
    const struct finding *f;

    scene_ticket(&s, a, 5, 18, 1);
    scene_success(a);
    b = scene_attempt(&s, site, http_site);
    scene_ticket(&s, b, 6, 18, 2);
    scene_error(&s, b, 41, realm, "shopsvc");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "stale-service-password");
    CHECK(scene_refuted(f, "replication-lag") != NULL); /* one KDC */
    CHECK(scene_refuted(f, "etype-mismatch") != NULL);
    CHECK_STR(f->key_owner, "shopsvc");
    scene_clear(&s);
}

TEST(stale_service_password_refuted_by_35)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site);
    const struct finding *f;

    scene_cname(&s, a, web);
    scene_error(&s, a, 35, realm, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "spn-wrong-account");
    CHECK(scene_refuted(f, "stale-service-password") != NULL);
    CHECK(scene_refuted(f, "etype-mismatch") != NULL);
    CHECK(scene_refuted(f, "altered-in-transit") != NULL);
    scene_clear(&s);
}

/* E10: the service's own log-on from the server's address. */
static void own_logon(struct scene *s, const char *cname, int64_t error)
{
    struct krb request = {.msg_type = 10, .cname = cname, .realm = realm};
    struct krb answer = {.msg_type = error == 0 ? 11 : 30, .realm = realm};

    answer.cname = error == 0 ? cname : NULL;
    if (error != 0)
        answer.error_code = optint(error);
    scene_krb(s, &request, "192.0.2.20", "192.0.2.1");
    scene_krb(s, &answer, "192.0.2.1", "192.0.2.20");
}

TEST(own_logon_speaks_for_and_against_an_old_password)
{
    struct scene s = {0};
    struct attempt *a;

    own_logon(&s, "shopsvc", 24);
    a = scene_attempt(&s, site, http_site);
    scene_error(&s, a, 41, realm, "shopsvc");
    CHECK_STR(scene_judge(&s)->cause, "stale-service-password");
    own_logon(&s, "shopsvc", 0);
    CHECK(scene_refuted(scene_judge(&s), "stale-service-password") != NULL);
    scene_clear(&s);
}

TEST(a_users_logon_from_the_server_says_nothing)
{
    struct scene s = {0};
    struct attempt *a;

    own_logon(&s, "alice", 0);
    a = scene_attempt(&s, site, http_site);
    scene_error(&s, a, 41, realm, "shopsvc");
    CHECK(scene_refuted(scene_judge(&s), "stale-service-password") == NULL);
    scene_clear(&s);
}

TEST(a_logon_without_a_name_is_nobodys)
{
    struct scene s = {0};
    struct attempt *a;

    own_logon(&s, "", 24);
    own_logon(&s, "$", 24);
    a = scene_attempt(&s, site, http_site);
    scene_error(&s, a, 44, realm, http_site);
    CHECK_STR(scene_judge(&s)->confidence == CONFIDENCE_POSSIBLE ? "possible" : "more", "possible");
    CHECK(scene_refuted(scene_judge(&s), "stale-machine-account") == NULL);
    scene_clear(&s);
}

TEST(stale_machine_account_by_two_classes)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web), *b;
    const struct finding *f;

    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "WEB07$");
    b = scene_attempt(&s, web, "cifs/web07.corp.example");
    scene_error(&s, b, 41, realm, "WEB07$");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "stale-machine-account");
    CHECK_STR(f->key_owner, "WEB07$");
    /* the other class works: one SPN is wrong, not the key */
    scene_success(b);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "spn-wrong-account");
    CHECK(scene_refuted(f, "stale-machine-account") != NULL);
    scene_clear(&s);
}

TEST(code_44_on_a_computers_name_is_its_password)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_web);
    const struct finding *f;

    scene_cname(&s, a, web);
    scene_error(&s, a, 44, realm, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "stale-machine-account");
    CHECK(scene_refuted(f, "cname-spn") != NULL);
    CHECK(scene_refuted(f, "wrong-host") != NULL);
    CHECK(scene_has(f, "etype-mismatch"));
    CHECK(scene_has(f, "linux-rotation"));
    scene_clear(&s);
}

TEST(replication_lag_and_duplicate_by_the_distance_of_kvnos)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site);
    const struct finding *f;

    scene_ticket(&s, a, 5, 18, 1);
    scene_error(&s, a, 44, realm, NULL);
    scene_reply(&s, http_site, 6, 18, "192.0.2.2");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "replication-lag");
    CHECK(scene_has(f, "duplicate-spn")); /* both until a file decides */
    scene_clear(&s);

    a = scene_attempt(&s, site, http_site);
    scene_ticket(&s, a, 5, 18, 1);
    scene_error(&s, a, 41, realm, "shopsvc");
    scene_reply(&s, http_site, 19, 18, "192.0.2.2");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "duplicate-spn");
    CHECK(scene_has(f, "replication-lag"));
    scene_clear(&s);
}

TEST(replication_lag_refuted_when_kdcs_agree)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site);

    scene_error(&s, a, 44, realm, NULL);
    scene_reply(&s, http_site, 3, 18, "192.0.2.2");
    CHECK(scene_refuted(scene_judge(&s), "replication-lag") != NULL);
    scene_clear(&s);
}

TEST(port_in_spn)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, "HTTP/shop.corp.example:8080");

    a->server_port = a->asked_port = 8080;
    scene_address(&s, a);
    scene_error(&s, a, 35, realm, NULL);
    CHECK_STR(scene_judge(&s)->cause, "port-in-spn");
    scene_clear(&s);

    a = scene_attempt(&s, site, http_site);
    a->server_port = a->asked_port = 8080;
    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "shopsvc");
    CHECK(scene_has(scene_judge(&s), "port-in-spn"));
    a->server_port = a->asked_port = 80;
    CHECK(!scene_has(scene_judge(&s), "port-in-spn"));
    scene_clear(&s);
}

TEST(etype_mismatch)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web), *b;
    const struct finding *f;

    scene_ticket(&s, a, 3, 23, 1); /* RC4 for a computer, though AES was offered */
    scene_ptr(&s, a, web);
    scene_error(&s, a, 44, realm, NULL);
    CHECK_STR(scene_judge(&s)->cause, "etype-mismatch");
    scene_clear(&s);

    a = scene_attempt(&s, web, http_web);
    scene_error(&s, a, 31, realm, NULL);
    CHECK(scene_refuted(scene_judge(&s), "etype-mismatch") != NULL);
    scene_clear(&s);

    a = scene_attempt(&s, site, http_site);
    scene_error(&s, a, 41, realm, "shopsvc");
    b = scene_attempt(&s, site, http_site);
    scene_ticket(&s, b, 3, 23, 9);
    scene_success(b);
    f = scene_judge(&s);
    CHECK(strcmp(f->cause, "etype-mismatch") == 0 || strcmp(f->cause, "keytab-salt") == 0);
    CHECK(scene_has(f, "etype-mismatch") || scene_has(f, "keytab-salt"));
    scene_clear(&s);
}

TEST(keytab_salt_refuted_by_rc4)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);

    scene_ticket(&s, a, 3, 23, 1);
    scene_error(&s, a, 31, realm, NULL);
    CHECK(scene_refuted(scene_judge(&s), "keytab-salt") != NULL);
    scene_clear(&s);
}

TEST(managed_account_refuted_by_the_computers_name)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site);

    scene_cname(&s, a, web);
    scene_error(&s, a, 41, realm, "web07$");
    CHECK(scene_refuted(scene_judge(&s), "managed-account") != NULL);
    scene_clear(&s);

    a = scene_attempt(&s, site, http_site);
    scene_error(&s, a, 41, realm, "gmsa-shop$");
    CHECK(scene_has(scene_judge(&s), "managed-account"));
    scene_clear(&s);
}

static void alter(struct scene *s, struct attempt *a, int digest)
{
    int64_t *chunks = arena_take(&s->joined.arena, 16, sizeof(*chunks));
    struct ticket *ticket = arena_take(&s->joined.arena, 1, sizeof(*ticket));
    int i;

    *ticket = *a->ticket;
    for (i = 0; i < 16; i++)
        chunks[i] = digest == 0 && i == 5 ? -1 : a->ticket->chunks.at[i] + digest;
    ticket->chunks.at = chunks;
    ticket->sha256.octet[1] = 0x55;
    a->ticket = ticket;
    a->other_reply = a->tgs.reply;
    a->tgs.request = a->tgs.reply = 0;
    a->ticket_same = false;
}

TEST(altered_in_transit_by_the_common_part)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site);
    const struct finding *f;

    alter(&s, a, 0);
    scene_error(&s, a, 41, realm, "shopsvc");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "altered-in-transit");
    CHECK_INT(f->confidence, CONFIDENCE_LIKELY);
    CHECK_INT(f->num_alternatives, 0);
    scene_clear(&s);

    a = scene_attempt(&s, site, http_site);
    alter(&s, a, 1000);
    scene_error(&s, a, 41, realm, "shopsvc");
    f = scene_judge(&s);
    CHECK(scene_refuted(f, "altered-in-transit") != NULL); /* another ticket, fetched earlier */
    scene_clear(&s);
}

TEST(client_wrong_spn)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, "HTTP/db01.corp.example");
    const struct finding *f;

    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "WEB07$");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "client-wrong-spn");
    CHECK(scene_has(f, "rdns-spn"));
    scene_ptr(&s, a, "db01.corp.example");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "rdns-spn");
    CHECK(scene_refuted(f, "client-wrong-spn") != NULL);
    scene_clear(&s);
}

TEST(forged_ticket_is_never_first)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);
    const struct finding *f;

    scene_address(&s, a);
    scene_ticket(&s, a, -1, 23, 1);
    scene_cached(a);
    scene_error(&s, a, 44, realm, NULL);
    f = scene_judge(&s);
    CHECK(strcmp(f->cause, "forged-ticket") != 0);
    CHECK(scene_has(f, "forged-ticket"));
    CHECK_INT(f->confidence, CONFIDENCE_POSSIBLE);
    scene_clear(&s);

    a = scene_attempt(&s, web, http_web);
    scene_ticket(&s, a, -1, 23, 1);
    scene_error(&s, a, 44, realm, NULL);
    CHECK(scene_refuted(scene_judge(&s), "forged-ticket") != NULL);
    scene_clear(&s);
}

TEST(client_local_needs_a_realm_in_other_letters)
{
    struct scene s = {0};
    struct krb request = {.msg_type = 10, .realm = "corp.example", .cname = "alice"};
    struct krb reply = {.msg_type = 11, .crealm = realm, .cname = "alice"};
    struct attempt *a = scene_attempt(&s, NULL, "krbtgt/corp.example");

    a->as.request = scene_krb(&s, &request, "192.0.2.10", "192.0.2.1");
    a->as.reply = scene_krb(&s, &reply, "192.0.2.1", "192.0.2.10");
    memset(&a->tgs, 0, sizeof(a->tgs));
    a->ap_request = 0;
    a->outcome = OUTCOME_UNKNOWN;
    CHECK_STR(scene_judge(&s)->cause, "client-local");
    CHECK(!s.findings.at[0].informs);
    /* canonical names were asked for: the client takes the reply */
    request.kdc_options = optint(0x10000);
    a->as.request = scene_krb(&s, &request, "192.0.2.10", "192.0.2.1");
    CHECK(scene_judge(&s)->informs);
    scene_clear(&s);
}

TEST(fast_request_changed)
{
    struct scene s = {0};
    struct krb request = {.msg_type = 10, .realm = realm, .cname = "alice", .fast = true};
    struct attempt *a = scene_attempt(&s, NULL, "krbtgt/CORP.EXAMPLE");

    scene_kdc_error(&s, a, 41);
    a->as.request = scene_krb(&s, &request, "192.0.2.10", "192.0.2.1");
    a->as.error = a->error;
    a->tgs.request = a->tgs.error = 0;
    CHECK_STR(scene_judge(&s)->cause, "altered-in-transit");
    scene_clear(&s);
}

TEST(token_too_big)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);
    struct http request = {.method = "GET", .header_len = 17000};
    struct http reply = {.response = true, .header_len = 200};
    struct source source = {.frame = 70, .carrier = "http"};

    reply.status = optint(400);
    a->request = log_append(&s.log, KIND_http, &source, &request);
    a->reply = log_append(&s.log, KIND_http, &source, &reply);
    CHECK_STR(scene_judge(&s)->cause, "token-too-big");
    scene_clear(&s);
}

TEST(bare_refusal_behind_tls_is_channel_binding_first)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);

    a->server_port = 443;
    scene_address(&s, a);
    CHECK_STR(scene_judge(&s)->cause, "channel-binding");
    a->server_port = 80;
    CHECK(!scene_has(scene_judge(&s), "channel-binding"));
    scene_clear(&s);
}

/* Active Directory's text for SEC_E_BAD_BINDINGS ([MS-ERREF] 2.1), and for a wrong password. */
TEST(ldap_tells_channel_binding_from_a_key)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, "ldap/web.test.com");
    struct ldap reply = {.operation = "bindResponse", .response = true};
    struct source source = {.frame = 70, .carrier = "ldap"};

    a->carrier = "ldap";
    reply.result = optint(49);
    reply.diagnostic = "80090346: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, "
                       "data 80090346, v4563";
    a->reply = log_append(&s.log, KIND_ldap, &source, &reply);
    CHECK_STR(scene_judge(&s)->cause, "channel-binding");
    reply.diagnostic = "8009030C: LdapErr: DSID-0C0904DC, comment: AcceptSecurityContext error, "
                       "data 52e, v1db1";
    a->reply = log_append(&s.log, KIND_ldap, &source, &reply);
    CHECK(strcmp(scene_judge(&s)->cause, "channel-binding") != 0);
    scene_clear(&s);
}

TEST(a_users_own_trouble_is_quiet_once_over)
{
    struct scene s = {0};
    struct krb reply = {.msg_type = 11, .crealm = realm, .cname = "alice"};
    struct attempt *a = scene_attempt(&s, NULL, "krbtgt/CORP.EXAMPLE");

    scene_kdc_error(&s, a, 24);
    a->as = a->tgs;
    memset(&a->tgs, 0, sizeof(a->tgs));
    CHECK(!scene_judge(&s)->informs);
    scene_krb(&s, &reply, "192.0.2.1", "192.0.2.10");
    CHECK(scene_judge(&s)->informs);
    scene_clear(&s);
}

TEST(nothing_off_the_wire_is_confirmed)
{
    static const int64_t codes[] = {31, 35, 36, 41, 44, 45, 0};
    static const char *const names[] = {NULL, "WEB07$", "shopsvc", "DB01$"};
    size_t i, k;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
            struct scene s = {0};
            struct attempt *a = scene_attempt(&s, site, k % 2 == 0 ? http_site : http_web);
            const struct finding *f;

            scene_cname(&s, a, web);
            if (codes[i] != 0)
                scene_error(&s, a, codes[i], realm, names[k]);
            f = scene_judge(&s);
            CHECK(f != NULL && f->confidence == CONFIDENCE_POSSIBLE);
            CHECK(f != NULL && f->num_missing > 0);
            scene_clear(&s);
        }
}

TEST(sql_spn)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, "MSSQLSvc/web07.corp.example:1433");

    scene_error(&s, a, 41, realm, "sqlsvc");
    CHECK_STR(scene_judge(&s)->cause, "sql-spn");
    scene_error(&s, a, 44, realm, NULL);
    CHECK(strcmp(scene_judge(&s)->cause, "sql-spn") != 0);
    CHECK(scene_has(&s.findings.at[0], "sql-spn"));
    scene_clear(&s);

    a = scene_attempt(&s, web, http_web);
    scene_error(&s, a, 41, realm, "sqlsvc");
    CHECK(!scene_has(scene_judge(&s), "sql-spn"));
    scene_clear(&s);
}

TEST(same_name_one_domain)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web), *b;
    const struct finding *f;

    scene_error(&s, a, 41, realm, "WEB07$");
    CHECK(scene_has(scene_judge(&s), "same-name-one-domain"));
    b = scene_attempt(&s, web, http_web);
    b->server = scene_address_of("192.0.2.66");
    b->server_computer = "web07.corp.example"; /* another machine says the same name, and works */
    b->server_computer_from = b->ap_request;
    scene_success(b);
    f = scene_judge(&s);
    CHECK(scene_has(f, "same-name-one-domain") || strcmp(f->cause, "same-name-one-domain") == 0);
    b->server_computer = "db01.corp.example";
    f = scene_judge(&s);
    CHECK(strcmp(f->cause, "same-name-one-domain") != 0);
    /* a user's name is no computer's */
    scene_error(&s, a, 41, realm, "shopsvc");
    CHECK(!scene_has(scene_judge(&s), "same-name-one-domain"));
    scene_clear(&s);
}

TEST(dc_own_password)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, "ldap/web07.corp.example");
    struct krb reply = {.msg_type = 13};

    scene_error(&s, a, 41, realm, "WEB07$");
    CHECK(!scene_has(scene_judge(&s), "dc-own-password"));
    scene_krb(&s, &reply, "192.0.2.20", "192.0.2.10"); /* the server is a KDC */
    CHECK_STR(scene_judge(&s)->cause, "dc-own-password");
    scene_error(&s, a, 35, realm, NULL);
    CHECK(scene_refuted(scene_judge(&s), "dc-own-password") != NULL);
    scene_clear(&s);
}

TEST(ticket_expired_and_other_errors_of_a_service)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);

    scene_error(&s, a, 32, realm, "WEB07$");
    CHECK_STR(scene_judge(&s)->cause, "ticket-expired");
    CHECK_INT(s.findings.at[0].num_alternatives, 0);
    CHECK(s.findings.at[0].tried_by == NULL);
    scene_error(&s, a, 33, realm, "WEB07$");
    CHECK_STR(scene_judge(&s)->cause, "ticket-expired");
    scene_error(&s, a, 34, realm, NULL);
    CHECK_STR(scene_judge(&s)->cause, "ap-error");
    CHECK(strstr(s.findings.at[0].title, "KRB_AP_ERR_REPEAT") != NULL);
    CHECK_INT(s.findings.at[0].num_alternatives, 0);
    scene_clear(&s);

    a = scene_attempt(&s, web, http_web);
    scene_kdc_error(&s, a, 32);
    CHECK_STR(scene_judge(&s)->cause, "ticket-expired");
    scene_kdc_error(&s, a, 14);
    CHECK_STR(scene_judge(&s)->cause, "kdc-error");
    CHECK(strstr(s.findings.at[0].evidence_for.at[1].text, "18 (aes256") != NULL);
    scene_clear(&s);
}

/* Errors of a KDC that a person can act upon (RFC 4120, 7.5.9) come with something to type, which
 * has the case's names in it and no placeholder where the name is known. */
TEST(errors_of_a_kdc_have_commands)
{
    static const int64_t codes[] = {1,  2,  6,  7,  9,  12, 13, 14, 16,
                                    18, 19, 20, 23, 24, 27, 28, 29, 60};
    size_t i, k, typed;

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        struct scene s = {0};
        struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
        const struct finding *f;

        a->client_principal = "alice@CORP.EXAMPLE";
        scene_kdc_error(&s, a, codes[i]);
        f = scene_judge(&s);
        CHECK(f != NULL);
        for (k = typed = 0; f != NULL && k < f->num_remedies; k++) {
            const char *command = f->remedies[k].command;

            typed += command != NULL;
            if (command != NULL && strstr(command, "{}") != NULL)
                test_fail(__FILE__, __LINE__, "%lld: %s", (long long)codes[i], command);
            if (command != NULL && strstr(command, "YOUR-ACCOUNT") != NULL)
                test_fail(__FILE__, __LINE__, "%lld: %s", (long long)codes[i], command);
            CHECK(f->remedies[k].what != NULL && f->remedies[k].verify != NULL);
        }
        if (typed == 0)
            test_fail(__FILE__, __LINE__, "%lld: no command", (long long)codes[i]);
        scene_clear(&s);
    }
}
