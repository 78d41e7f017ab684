/* SPDX-License-Identifier: MIT */
/* The rules of judgement, one test each, and what every finding has to have. */
#include <string.h>

#include "cause/cause.h"
#include "harness.h"
#include "scene.h"

static const char realm[] = "CORP.EXAMPLE";
static const char web[] = "web07.corp.example", http_web[] = "HTTP/web07.corp.example";
static const char site[] = "shop.corp.example", http_site[] = "HTTP/shop.corp.example";

TEST(a_success_with_the_typed_name_raises_cname_spn)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_web), *b;
    size_t i;
    bool said = false;

    scene_cname(&s, a, web);
    scene_error(&s, a, 41, realm, "shopsvc");
    b = scene_attempt(&s, site, http_site);
    scene_success(b);
    CHECK_STR(scene_judge(&s)->cause, "cname-spn");
    for (i = 0; i < s.findings.at[0].evidence_for.num; i++)
        said |= strstr(s.findings.at[0].evidence_for.at[i].text, http_site) != NULL &&
                strstr(s.findings.at[0].evidence_for.at[i].text, "accepted") != NULL;
    CHECK(said);
    scene_clear(&s);
}

TEST(a_known_computer_makes_wrong_host_of_a_site_name)
{
    struct scene s = {0};
    struct krb logon = {.msg_type = 10, .cname = "SHOP$", .realm = realm};
    struct attempt *a;

    a = scene_attempt(&s, site, http_site);
    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "WEB07$");
    CHECK_STR(scene_judge(&s)->cause, "spn-wrong-account");
    /* the SPN's host logs on as a computer somewhere else */
    scene_krb(&s, &logon, "192.0.2.77", "192.0.2.1");
    CHECK_STR(scene_judge(&s)->cause, "wrong-host");
    CHECK(scene_has(&s.findings.at[0], "spn-wrong-account"));
    scene_clear(&s);
}

TEST(hosts_file_is_suspected_only_of_a_client_without_a_cache)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web), *other;

    scene_error(&s, a, 35, realm, NULL);
    /* other names were looked up, once: this one may be cached */
    other = scene_attempt(&s, "db01.corp.example", "HTTP/db01.corp.example");
    scene_address(&s, other);
    scene_success(other);
    CHECK_STR(scene_judge(&s)->cause, "spn-wrong-account");
    CHECK(scene_has(&s.findings.at[0], "wrong-host"));
    scene_clear(&s);
}

TEST(equal_kvnos_of_one_say_nothing)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site);

    scene_ticket(&s, a, 1, 18, 1);
    scene_error(&s, a, 44, realm, NULL);
    scene_reply(&s, http_site, 1, 18, "192.0.2.2");
    CHECK(scene_refuted(scene_judge(&s), "replication-lag") == NULL);
    CHECK(scene_has(&s.findings.at[0], "replication-lag"));
    scene_clear(&s);
}

TEST(a_front_ends_ticket_is_no_matter_of_browser_policies)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_web);
    const struct finding *f;
    size_t i;

    a->s4u_proxy = true;
    scene_cname(&s, a, web);
    scene_error(&s, a, 41, realm, "shopsvc");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "cname-spn");
    for (i = 0; i < f->num_remedies; i++)
        CHECK(strstr(f->remedies[i].what, "Chrome") == NULL &&
              strstr(f->remedies[i].what, "Internet Explorer") == NULL);
    CHECK(f->evidence_against.num > 0);
    scene_clear(&s);
}

TEST(an_echo_names_no_account)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);
    const struct finding *f;

    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "http/WEB07.corp.example");
    f = scene_judge(&s);
    CHECK(f->tried_by == NULL);
    scene_clear(&s);
}

TEST(insufficient_evidence_names_its_gap)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site);
    const struct finding *f;
    size_t i;
    bool full = false;

    a->spn = a->spn_service = a->spn_host = NULL;
    a->ticket = NULL;
    a->ap_request = 0;
    memset(&a->tgs, 0, sizeof(a->tgs));
    f = scene_judge(&s);
    CHECK_STR(f->cause, "unexplained");
    for (i = 0; i < f->num_missing; i++)
        full |= strstr(f->missing[i].what, "full frames") != NULL;
    CHECK(full);
    scene_clear(&s);
}

TEST(order_of_removal_and_registration)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);
    const struct finding *f;
    size_t i;

    scene_address(&s, a);
    scene_error(&s, a, 41, realm, "shopsvc");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "spn-wrong-account");
    for (i = 0; i < f->num_remedies; i++) {
        const char *command = f->remedies[i].command;
        const char *off = command == NULL ? NULL : strstr(command, "-D ");
        const char *on = command == NULL ? NULL : strstr(command, "-S ");

        CHECK(on == NULL || off == NULL || off < on);
    }
    scene_clear(&s);
}

TEST(findings_stand_in_order_of_weight)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, NULL, "HTTP/nobody.corp.example"), *b, *c;

    scene_kdc_error(&s, a, 7);
    b = scene_attempt(&s, web, http_web);
    scene_error(&s, b, 41, realm, "shopsvc");
    c = scene_attempt(&s, site, http_site);
    c->ap_request = 0;
    c->tls = c->tgs.reply;
    c->outcome = OUTCOME_UNKNOWN;
    scene_judge(&s);
    CHECK_INT(s.findings.num, 3);
    CHECK_STR(s.findings.at[0].cause, "spn-wrong-account");
    CHECK_STR(s.findings.at[1].cause, "kdc-error");
    CHECK(s.findings.at[2].informs);
    CHECK_INT(s.findings.at[0].id, 1);
    CHECK_INT(s.findings.at[2].id, 3);
    scene_clear(&s);
}

/* Every remedy says who, what else breaks, how to undo it and how to see that it worked. */
TEST(every_card_is_complete)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_web);
    struct index index = {0};
    static const char *const names[] = {"WEB07$", "shopsvc", NULL};
    size_t i, k, n;

    scene_cname(&s, a, web);
    for (n = 0; n < 3; n++) {
        struct facts facts = {0};

        scene_error(&s, a, n == 2 ? 35 : 41, realm, names[n]);
        index_build(&index, &s.joined);
        facts_derive(&facts, &index, a, &s.joined.arena);
        for (i = 0; causes[i] != NULL; i++) {
            struct cards cards = {.arena = &s.joined.arena, .facts = &facts};

            if (causes[i]->remedy == NULL)
                continue;
            causes[i]->remedy(&facts, &cards);
            for (k = 0; k < cards.num; k++) {
                const struct remedy *card = &cards.at[k];

                if (card->what == NULL || card->who == NULL || card->verify == NULL ||
                    (card->command != NULL && (card->breaks == NULL || card->undo == NULL)))
                    test_fail(__FILE__, __LINE__, "%s, card %zu: %s", causes[i]->id, k, card->what);
                if (card->command != NULL)
                    CHECK(strstr(card->command, "\xe2\x80") == NULL &&
                          strchr(card->command, '\n') == NULL);
            }
        }
        index_clear(&index);
    }
    scene_clear(&s);
}

TEST(statements_cite_what_was_seen)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_web);
    const struct finding *f;
    size_t i, k;

    scene_cname(&s, a, web);
    scene_error(&s, a, 41, realm, "shopsvc");
    f = scene_judge(&s);
    for (i = 0; i < f->evidence_for.num; i++) {
        CHECK(f->evidence_for.at[i].num_sources > 0);
        for (k = 0; k < f->evidence_for.at[i].num_sources; k++)
            CHECK(log_find(&s.log, f->evidence_for.at[i].sources[k]) != NULL);
    }
    for (i = 0; i < f->num_refuted; i++)
        CHECK(f->refuted[i].statement.num_sources > 0);
    scene_clear(&s);
}

TEST(same_input_same_findings)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_web);
    struct findings again = {0};

    scene_cname(&s, a, web);
    scene_error(&s, a, 41, realm, "shopsvc");
    scene_judge(&s);
    judge_case(&again, &s.joined);
    CHECK_INT(again.num, s.findings.num);
    CHECK_STR(again.at[0].explanation, s.findings.at[0].explanation);
    CHECK_INT(again.at[0].num_alternatives, s.findings.at[0].num_alternatives);
    findings_clear(&again);
    scene_clear(&s);
}

TEST(optional_requests_that_are_refused_only_inform)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, NULL, "web07$@CORP.EXAMPLE");
    struct ticket own = {.realm = realm, .sname = "web07$"}, front = {.sname = http_site};
    struct krb request = {.msg_type = 12, .sname = "web07$@CORP.EXAMPLE"};

    scene_kdc_error(&s, a, 13);
    request.additional_tickets.at = &own;
    request.additional_tickets.num = 1;
    a->tgs.request = scene_krb(&s, &request, "192.0.2.10", "192.0.2.1");
    CHECK(scene_judge(&s)->informs);
    /* a front end that may not delegate is a finding */
    request.additional_tickets.at = &front;
    a->tgs.request = scene_krb(&s, &request, "192.0.2.10", "192.0.2.1");
    CHECK(!scene_judge(&s)->informs);
    /* a forwarded TGT */
    request.additional_tickets.num = 0;
    request.sname = "krbtgt/CORP.EXAMPLE";
    request.kdc_options = optint(0x20800000);
    a->tgs.request = scene_krb(&s, &request, "192.0.2.10", "192.0.2.1");
    CHECK(scene_judge(&s)->informs);
    scene_clear(&s);
}
