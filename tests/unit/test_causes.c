/* SPDX-License-Identifier: MIT */
/* Causes on cases built by hand: for each one where it holds, a near twin where it is refuted, one
 * undecided; and the rules of judgement. */
#include <string.h>

#include "harness.h"
#include "scene.h"

static const char realm[] = "CORP.EXAMPLE";

TEST(cname_spn_holds_and_names_both_accounts)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "portal.corp.example", "HTTP/web07.corp.example");
    const struct finding *f;

    scene_cname(&s, a, "web07.corp.example");
    scene_error(&s, a, 41, realm, "portalsvc");
    f = scene_judge(&s);
    CHECK_INT(s.findings.num, 1);
    CHECK_STR(f->cause, "cname-spn");
    CHECK_STR(f->key_owner, "WEB07$");
    CHECK(f->key_owner_expected);
    CHECK_STR(f->tried_by, "portalsvc");
    CHECK_INT(f->confidence, CONFIDENCE_POSSIBLE);
    /* the same picture with an SPN rightly on the acceptor and a changed password */
    CHECK(scene_has(f, "stale-service-password"));
    CHECK(scene_has(f, "spn-wrong-account"));
    CHECK(scene_has(f, "etype-mismatch"));
    CHECK(scene_refuted(f, "stale-ticket") != NULL);
    CHECK(strstr(f->explanation, "WEB07$") != NULL && strstr(f->explanation, "portalsvc") != NULL);
    CHECK(f->num_remedies >= 4);
    CHECK(f->evidence_for.num > 2 && f->evidence_for.at[0].num_sources > 0);
    scene_clear(&s);
}

TEST(cname_spn_refuted_when_alias_was_asked_for)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "portal.corp.example", "HTTP/portal.corp.example");
    const struct finding *f;

    scene_cname(&s, a, "web07.corp.example");
    scene_error(&s, a, 41, realm, "portalsvc");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "stale-service-password");
    CHECK(!scene_has(f, "cname-spn"));
    CHECK(scene_refuted(f, "cname-spn") != NULL);
    scene_clear(&s);
}

TEST(cname_spn_refuted_when_target_answers)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "portal.corp.example", "HTTP/web07.corp.example");
    const struct finding *f;

    scene_cname(&s, a, "web07.corp.example");
    scene_error(&s, a, 41, realm, "web07$");
    f = scene_judge(&s);
    CHECK(strcmp(f->cause, "cname-spn") != 0);
    CHECK(scene_refuted(f, "cname-spn") != NULL);
    CHECK(scene_refuted(f, "wrong-host") != NULL);
    CHECK(scene_has(f, "stale-machine-account") || strcmp(f->cause, "stale-machine-account") == 0);
    scene_clear(&s);
}

TEST(cname_spn_undecided_without_dns)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "portal.corp.example", "HTTP/web07.corp.example");
    const struct finding *f;
    size_t i;
    bool flush = false;

    scene_error(&s, a, 35, realm, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "cname-spn");
    CHECK_INT(f->confidence, CONFIDENCE_POSSIBLE);
    CHECK(scene_has(f, "rdns-spn"));
    CHECK(scene_has(f, "client-wrong-spn"));
    for (i = 0; i < f->num_missing; i++)
        flush |=
            f->missing[i].command != NULL && strstr(f->missing[i].command, "/flushdns") != NULL;
    CHECK(flush);
    scene_clear(&s);
}

TEST(cname_with_success_is_no_finding)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "portal.corp.example", "HTTP/web07.corp.example");

    scene_cname(&s, a, "web07.corp.example");
    scene_success(a);
    CHECK(scene_judge(&s) == NULL);
    scene_clear(&s);
}

TEST(spn_wrong_account_names_the_set)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    const struct finding *f;
    size_t i;
    bool setspn = false, ldifde = false;

    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "WEB07$");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "spn-wrong-account");
    CHECK(f->key_owner == NULL);
    CHECK_STR(f->tried_by, "WEB07$");
    CHECK(scene_has(f, "duplicate-spn"));
    CHECK(scene_has(f, "http-shadows-host"));
    CHECK(scene_has(f, "upn-shadows-spn"));
    CHECK(scene_refuted(f, "wrong-host") != NULL);
    CHECK(scene_refuted(f, "cname-spn") != NULL);
    for (i = 0; i < f->num_missing; i++) {
        const char *command = f->missing[i].command;

        setspn |= command != NULL &&
                  strcmp(command, "setspn -F -Q */web07.corp.example & setspn -F -Q */web07") == 0;
        ldifde |=
            command != NULL &&
            strcmp(command, "ldifde -t 3268 -r \"(userPrincipalName=HTTP/web07.corp.example*)\" -l "
                            "userPrincipalName,servicePrincipalName -f upn.ldf") == 0;
    }
    CHECK(setspn);
    CHECK(ldifde);
    scene_clear(&s);
}

TEST(winrm_makes_http_shadows_host_first)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");

    a->path = "/wsman?PSVersion=5.1";
    a->server_port = 5985;
    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "WEB07$");
    CHECK_STR(scene_judge(&s)->cause, "http-shadows-host");
    CHECK(scene_has(&s.findings.at[0], "spn-wrong-account"));
    scene_clear(&s);
}

TEST(own_family_refuted_by_a_success_at_the_same_server)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    struct attempt *b = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    const struct finding *f;

    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "WEB07$");
    scene_success(b);
    f = scene_judge(&s);
    CHECK_INT(s.findings.num, 1);
    CHECK(scene_refuted(f, "spn-wrong-account") != NULL);
    CHECK(scene_refuted(f, "http-shadows-host") != NULL);
    scene_clear(&s);
}

TEST(site_name_against_computer_is_undecided)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "portal.corp.example", "HTTP/portal.corp.example");
    const struct finding *f;

    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "WEB07$");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "spn-wrong-account");
    CHECK(scene_has(f, "wrong-host"));
    CHECK_INT(f->confidence, CONFIDENCE_POSSIBLE);
    scene_clear(&s);
}

TEST(wrong_host_when_the_address_is_not_in_the_answer)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    const struct finding *f;

    scene_address(&s, a);
    a->address_in_chain = false;
    scene_error(&s, a, 41, realm, "DB02$");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "wrong-host");
    scene_clear(&s);
}

TEST(wrong_host_refuted_by_the_servers_own_word)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    const struct finding *f;

    scene_address(&s, a);
    scene_error(&s, a, 35, realm, NULL);
    a->server_computer = "web07.corp.example";
    a->server_computer_from = a->error;
    f = scene_judge(&s);
    CHECK_STR(f->cause, "spn-wrong-account");
    CHECK(scene_refuted(f, "wrong-host") != NULL);
    scene_clear(&s);
}

TEST(wrong_host_first_among_computers_of_one_series)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    const struct finding *f;

    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "WEB08$");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "wrong-host");
    CHECK(scene_has(f, "spn-wrong-account"));
    CHECK_INT(f->confidence, CONFIDENCE_POSSIBLE);
    scene_clear(&s);
}

TEST(rdns_spn_holds_when_the_right_machine_answers)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/old03.corp.example");
    const struct finding *f;

    scene_address(&s, a);
    scene_ptr(&s, a, "old03.corp.example");
    scene_error(&s, a, 41, realm, "web07$");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "rdns-spn");
    CHECK_INT(f->confidence, CONFIDENCE_POSSIBLE);
    CHECK(scene_refuted(f, "cname-spn") != NULL);
    CHECK(scene_refuted(f, "client-wrong-spn") != NULL);
    CHECK(scene_refuted(f, "wrong-host") != NULL);
    CHECK_STR(f->key_owner, "OLD03$");
    scene_clear(&s);
}

TEST(rdns_spn_refuted_when_the_ptr_agrees)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    const struct finding *f;

    scene_address(&s, a);
    scene_ptr(&s, a, "web07.corp.example");
    scene_error(&s, a, 35, realm, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "spn-wrong-account");
    CHECK(scene_refuted(f, "rdns-spn") != NULL);
    scene_clear(&s);
}

TEST(stale_ticket_cached_and_retried)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    struct attempt *b;
    const struct finding *f;

    scene_address(&s, a);
    scene_cached(a);
    scene_error(&s, a, 41, realm, "WEB07$");
    b = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    scene_ticket(&s, b, 5, 18, 7);
    scene_success(b);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "stale-ticket");
    CHECK_STR(f->remedies[0].command, "klist purge & klist -li 0x3e7 purge");
    scene_clear(&s);
}

TEST(stale_ticket_refuted_by_a_fresh_one)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    const struct finding *f;

    scene_address(&s, a);
    scene_error(&s, a, 44, realm, NULL);
    f = scene_judge(&s);
    CHECK(strcmp(f->cause, "stale-ticket") != 0);
    CHECK(scene_refuted(f, "stale-ticket") != NULL);
    scene_clear(&s);
}

TEST(clock_skew_has_its_seconds)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    struct krb error = {.msg_type = 30, .realm = realm, .sname = "WEB07$"};
    struct source source = {.frame = 90, .time_ns = 90000000000, .carrier = "http"};
    const struct finding *f;

    error.error_code = optint(37);
    error.stime_s = optint(90 + 1200);
    a->error = log_append(&s.log, KIND_krb, &source, &error);
    a->error_origin = ORIGIN_ACCEPTOR;
    f = scene_judge(&s);
    CHECK_STR(f->cause, "clock-skew");
    CHECK(f->skew_s.set);
    CHECK_INT(f->skew_s.value, 1200);
    CHECK_INT(f->confidence, CONFIDENCE_LIKELY);
    CHECK_INT(f->num_alternatives, 0);
    scene_clear(&s);
}

TEST(clock_skew_followed_by_success_only_informs)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    struct attempt *b;

    scene_error(&s, a, 37, realm, NULL);
    b = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    scene_success(b);
    CHECK(scene_judge(&s)->informs);
    scene_clear(&s);
}

TEST(kdc_seven_does_not_advise_a_third_registration_first)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");
    const struct finding *f;

    scene_kdc_error(&s, a, 7);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "kdc-error");
    CHECK(scene_has(f, "duplicate-spn"));
    CHECK_STR(f->remedies[0].command, "setspn -F -Q HTTP/web07.corp.example & setspn -X -F");
    scene_clear(&s);
}

TEST(seven_then_ntlm_is_one_finding)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "web07.corp.example", "HTTP/web07.corp.example");

    scene_kdc_error(&s, a, 7);
    a->outcome = OUTCOME_FELL_BACK;
    a->fallback = "NTLM";
    a->ntlm = a->tgs.request;
    CHECK_STR(scene_judge(&s)->cause, "ntlm-fallback");
    CHECK_INT(s.findings.num, 1);
    scene_clear(&s);
}

TEST(same_incident_of_many_is_one_finding)
{
    struct scene s = {0};
    int i;

    for (i = 0; i < 3; i++) {
        struct attempt *a = scene_attempt(&s, "portal.corp.example", "HTTP/web07.corp.example");

        if (i == 2)
            a->client = scene_address_of("192.0.2.11");
        scene_cname(&s, a, "web07.corp.example");
        scene_error(&s, a, 41, realm, "portalsvc");
    }
    CHECK_INT(scene_judge(&s)->num_attempts, 3);
    CHECK_INT(s.findings.num, 1);
    CHECK(strstr(s.findings.at[0].explanation, "3 times, to 2 clients") != NULL);
    scene_clear(&s);
}

TEST(tls_only_informs)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "portal.corp.example", "HTTP/web07.corp.example");
    const struct finding *f;

    scene_cname(&s, a, "web07.corp.example");
    a->ap_request = 0;
    a->tls = a->tgs.reply;
    a->carrier = "tls";
    a->outcome = OUTCOME_UNKNOWN;
    f = scene_judge(&s);
    CHECK_STR(f->cause, "unexplained");
    CHECK(f->informs);
    CHECK(confidence_name(f->confidence) == NULL);
    CHECK(scene_has(f, "cname-spn"));
    scene_clear(&s);
}

TEST(hostile_names_are_not_offered_as_commands)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "portal.corp.example", "HTTP/x & del *.corp.example");
    const struct finding *f;
    size_t i;

    scene_error(&s, a, 41, realm, "-D evil");
    f = scene_judge(&s);
    CHECK(f != NULL);
    for (i = 0; f != NULL && i < f->num_remedies; i++)
        CHECK(f->remedies[i].command == NULL || strstr(f->remedies[i].command, "del *") == NULL);
    for (i = 0; f != NULL && i < f->num_missing; i++)
        CHECK(f->missing[i].command == NULL || strstr(f->missing[i].command, "del *") == NULL);
    scene_clear(&s);
}

/* Nothing but a cached ticket: which other signs make it first. */
TEST(stale_ticket_alone)
{
    static const struct {
        int64_t code;
        const char *tried, *asked;
        bool seen, first;
    } rows[] = {
        {44, NULL, "web07.corp.example", true, true},
        {41, "WEB07$", "web07.corp.example", true, true},
        {41, "shopsvc", "web07.corp.example", true, false},
        {41, "DB01$", "web07.corp.example", true, false},
        {35, NULL, "web07.corp.example", true, false},
        {44, NULL, "shop.corp.example", true, false},
        {41, "WEB07$", "web07.corp.example", false, false}, /* a capture on the server's side */
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene s = {0};
        struct attempt *a = scene_attempt(&s, rows[i].asked, "HTTP/web07.corp.example");
        const struct finding *f;

        scene_error(&s, a, rows[i].code, realm, rows[i].tried);
        scene_cached(a);
        a->dns_seen = rows[i].seen;
        if (!rows[i].seen)
            a->client = scene_address_of("192.0.2.44");
        f = scene_judge(&s);
        if (rows[i].first)
            CHECK_STR(f->cause, "stale-ticket");
        else
            CHECK(strcmp(f->cause, "stale-ticket") != 0 && scene_has(f, "stale-ticket"));
        scene_clear(&s);
    }
}
