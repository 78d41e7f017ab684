/* SPDX-License-Identifier: MIT */
/* The IIS 7+ matrix, row by row and each row's flip, over facts made by hand. */
#include <string.h>

#include "cause/iis.h"
#include "cause/standing.h"
#include "harness.h"
#include "scene.h"

static const char user_dn[] = "CN=websvc,CN=Users,DC=corp,DC=example";
static const char other_dn[] = "CN=oldsvc,CN=Users,DC=corp,DC=example";
static const char computer_dn[] = "CN=WEB07,CN=Computers,DC=corp,DC=example";
static const char web[] = "web07.corp.example", site_name[] = "shop.corp.example";

enum { ON = 1, OFF = 0, UNSET = -1 };

/* One site with one binding; texts are static. */
static int64_t put_site(struct scene *s, int kernel, int credentials, const char *identity,
                        const char *user, const char *binding)
{
    const char *bindings[] = {binding};
    struct iis_site site = {.site = "Shop", .path = "/", .pool = "ShopPool"};

    site.identity = identity;
    site.user = user;
    site.bindings = (struct text_list){bindings, 1};
    if (kernel != UNSET)
        site.kernel_mode = optint(kernel);
    if (credentials != UNSET)
        site.use_app_pool_credentials = optint(credentials);
    site.windows_auth = optint(1);
    return scene_fact(s, KIND_iis_site, &site);
}

static void put_computer(struct scene *s, const char *spn)
{
    scene_account(s, "WEB07$", computer_dn, "HOST/web07.corp.example", spn, NULL);
}

struct want {
    const char *host;
    bool on_user, on_computer; /* HTTP/host */
    enum iis_problem problem;
    const char *row;
};

static void check(int kernel, int credentials, const char *identity, const char *user,
                  const struct want *want)
{
    struct scene s = {0};
    struct iis_verdict v;
    struct arena arena = {0};
    int64_t id = put_site(&s, kernel, credentials, identity, user, "http *:80:");
    const char *spn = arena_print(&arena, "HTTP/%s", want->host);

    put_computer(&s, want->on_computer ? spn : NULL);
    scene_account(&s, "websvc", user_dn, want->on_user ? spn : NULL, NULL, NULL);
    iis_judge(&v, &arena, &s.log, log_find(&s.log, id), want->host, "WEB07$");
    CHECK_INT(v.problem, want->problem);
    CHECK_STR(v.row, want->row);
    arena_clear(&arena);
    scene_clear(&s);
}

static const char service[] = "SpecificUser", account[] = "CORP\\websvc";

TEST(row_1_and_its_flip)
{
    check(ON, OFF, "ApplicationPoolIdentity", NULL,
          &(struct want){web, false, false, IIS_RIGHT, "r1"});
    check(UNSET, UNSET, service, account, &(struct want){web, false, true, IIS_RIGHT, "r1"});
    check(ON, OFF, service, account, &(struct want){web, true, false, IIS_OTHER_ACCOUNT, "w1"});
    check(ON, OFF, "ApplicationPoolIdentity", NULL,
          &(struct want){web, true, false, IIS_OTHER_ACCOUNT, NULL});
}

TEST(row_2_and_its_flip)
{
    check(ON, OFF, service, account, &(struct want){site_name, false, true, IIS_RIGHT, "r2"});
    check(ON, OFF, service, account,
          &(struct want){site_name, true, false, IIS_OTHER_ACCOUNT, "w2"});
    check(ON, OFF, service, account, &(struct want){site_name, false, false, IIS_NO_OWNER, NULL});
}

TEST(row_3_and_its_flip)
{
    check(ON, ON, service, account, &(struct want){site_name, true, false, IIS_RIGHT, "r3"});
    check(ON, ON, service, account,
          &(struct want){site_name, false, true, IIS_OTHER_ACCOUNT, NULL});
}

TEST(row_4_and_its_flip)
{
    check(ON, ON, service, account, &(struct want){web, true, false, IIS_RIGHT, "r4"});
    check(ON, ON, service, account, &(struct want){web, false, false, IIS_OTHER_ACCOUNT, "w3"});
    check(ON, ON, service, account, &(struct want){web, false, true, IIS_OTHER_ACCOUNT, "w3"});
}

TEST(rows_5_and_6_and_their_flips)
{
    check(OFF, UNSET, service, account, &(struct want){site_name, true, false, IIS_RIGHT, "r5"});
    check(OFF, ON, service, account, &(struct want){web, true, false, IIS_RIGHT, "r6"});
    check(OFF, OFF, service, account,
          &(struct want){site_name, false, true, IIS_OTHER_ACCOUNT, NULL});
    /* 41: HOST/ of the computer answers */
    check(OFF, OFF, service, account, &(struct want){web, false, false, IIS_OTHER_ACCOUNT, NULL});
}

TEST(rows_7_and_8_and_their_flips)
{
    static const char *const built_in[] = {"NetworkService", "LocalSystem", "LocalService",
                                           "ApplicationPoolIdentity"};
    size_t i;

    for (i = 0; i < 4; i++) {
        check(OFF, OFF, built_in[i], NULL, &(struct want){site_name, false, true, IIS_RIGHT, "r7"});
        check(OFF, ON, built_in[i], NULL, &(struct want){web, false, false, IIS_RIGHT, "r8"});
        check(OFF, OFF, built_in[i], NULL,
              &(struct want){site_name, true, false, IIS_OTHER_ACCOUNT, NULL});
        check(OFF, OFF, built_in[i], NULL,
              &(struct want){site_name, true, true, IIS_TWO_OWNERS, NULL});
    }
}

TEST(what_the_configuration_leaves_open_is_not_judged)
{
    check(OFF, OFF, NULL, NULL, &(struct want){web, false, false, IIS_NOT_KNOWN, NULL});
    check(OFF, OFF, service, NULL, &(struct want){web, false, false, IIS_NOT_KNOWN, NULL});
    /* kernel mode does not ask for the pool */
    check(ON, OFF, NULL, NULL, &(struct want){web, false, false, IIS_RIGHT, "r1"});
}

TEST(no_owners_no_verdict)
{
    struct scene s = {0};
    const struct finding *f;

    put_site(&s, ON, OFF, service, account, "http *:80:shop.corp.example");
    f = scene_judge(&s); /* what the site needs is told; nothing is said to be wrong */
    CHECK(f != NULL && f->confidence == CONFIDENCE_NONE);
    scene_clear(&s);
}

TEST(an_account_whose_kind_is_not_known)
{
    struct scene s = {0};
    struct spn_owner owner = {.spn = "HTTP/shop.corp.example",
                              .dn = "CN=WEB07,OU=Servers,DC=corp,DC=example"};
    const struct finding *f;

    put_site(&s, ON, OFF, service, account, "http *:80:shop.corp.example");
    scene_fact(&s, KIND_spn_owner, &owner);
    f = scene_judge(&s);
    CHECK(f == NULL || f->confidence != CONFIDENCE_CONFIRMED);
    /* HOST/ of its own name says that it is a computer */
    owner.spn = "HOST/web07.corp.example";
    scene_fact(&s, KIND_spn_owner, &owner);
    CHECK(scene_judge(&s) == NULL);
    scene_clear(&s);
}

TEST(a_site_without_a_capture)
{
    struct scene s = {0};
    const struct finding *f;

    put_site(&s, ON, OFF, service, account, "http *:80:shop.corp.example");
    scene_account(&s, "websvc", user_dn, "HTTP/shop.corp.example", NULL, NULL);
    f = scene_judge(&s);
    CHECK(f != NULL);
    CHECK_STR(f->cause, "spn-wrong-account");
    CHECK_INT(f->confidence, CONFIDENCE_CONFIRMED);
    CHECK_INT(f->num_attempts, 0);
    CHECK_INT(f->num_remedies, 2);
    CHECK(strstr(f->remedies[0].command, "set config \"Shop\"") != NULL);
    CHECK(strstr(f->remedies[0].command, "/useAppPoolCredentials:true") != NULL);
    CHECK(strstr(f->remedies[1].command, "setspn -D HTTP/shop.corp.example websvc & "
                                         "setspn -S HTTP/shop.corp.example ") != NULL);
    CHECK(f->remedies[1].undo != NULL && f->remedies[1].breaks != NULL);
    scene_clear(&s);
}

TEST(the_computers_name_where_one_computer_is_known)
{
    struct scene s = {0};
    const struct finding *f;

    put_site(&s, ON, ON, service, account, "http *:80:");
    put_computer(&s, NULL);
    scene_account(&s, "websvc", user_dn, NULL, NULL, NULL);
    f = scene_judge(&s);
    CHECK(f != NULL);
    CHECK_STR(f->cause, "spn-wrong-account");
    CHECK_INT(f->confidence, CONFIDENCE_LIKELY); /* it need not be the web server */
    CHECK(strstr(f->explanation, "third of the three") != NULL);
    /* a second computer: which one it is, is not known */
    scene_account(&s, "WEB08$", "CN=WEB08,CN=Computers,DC=corp,DC=example",
                  "HOST/web08.corp.example", NULL, NULL);
    f = scene_judge(&s);
    CHECK_INT(f->confidence, CONFIDENCE_POSSIBLE);
    /* the pool's account holds the name of one: the site stands there, and is right */
    scene_account(&s, "websvc", user_dn, "HTTP/web08.corp.example", NULL, NULL);
    f = scene_judge(&s);
    CHECK(f == NULL || f->informs);
    scene_clear(&s);
}

TEST(nobody_holds_a_custom_name)
{
    struct scene s = {0};
    const struct finding *f;

    put_site(&s, ON, OFF, service, account, "http *:80:shop.corp.example");
    put_computer(&s, NULL);
    f = scene_judge(&s);
    CHECK(f != NULL);
    CHECK_STR(f->cause, "kdc-error");
    CHECK_INT(f->confidence, CONFIDENCE_POSSIBLE); /* the export may not hold it */
    CHECK(strstr(f->explanation, "error 7, not 41") != NULL);
    scene_clear(&s);
}

TEST(two_applications_of_one_name)
{
    static const char *const bindings[] = {"http *:80:shop.corp.example"};
    struct iis_site app = {.site = "Shop", .path = "/app", .pool = "AppPool"};
    struct scene s = {0};
    const struct finding *f;

    app.bindings = (struct text_list){bindings, 1};
    app.identity = service;
    app.user = "CORP\\oldsvc";
    app.kernel_mode = optint(0);
    app.windows_auth = optint(1);
    put_site(&s, OFF, OFF, service, account, bindings[0]);
    scene_fact(&s, KIND_iis_site, &app);
    scene_account(&s, "websvc", user_dn, "HTTP/shop.corp.example", NULL, NULL);
    scene_account(&s, "oldsvc", other_dn, NULL, NULL, NULL);
    f = scene_judge(&s);
    CHECK(f != NULL);
    CHECK_STR(f->cause, "one-name-two-identities");
    CHECK_INT(s.findings.num, 1);
    scene_clear(&s);
}

TEST(anonymous_or_no_negotiate)
{
    static const char *const bindings[] = {"http *:80:shop.corp.example"};
    static const char *const ntlm[] = {"NTLM"};
    struct iis_site site = {.site = "Shop", .path = "/", .identity = service, .user = account};
    struct scene s = {0};

    site.bindings = (struct text_list){bindings, 1};
    site.windows_auth = optint(1);
    site.anonymous_auth = optint(1);
    scene_fact(&s, KIND_iis_site, &site);
    scene_account(&s, "websvc", user_dn, "HTTP/shop.corp.example", NULL, NULL);
    CHECK(scene_judge(&s) != NULL && s.findings.at[0].informs);
    scene_clear(&s);

    site.anonymous_auth = optint(0);
    site.providers = (struct text_list){ntlm, 1};
    scene_fact(&s, KIND_iis_site, &site);
    scene_account(&s, "websvc", user_dn, "HTTP/shop.corp.example", NULL, NULL);
    CHECK(scene_judge(&s) == NULL);
    scene_clear(&s);
}

TEST(bindings)
{
    long port;

    CHECK_STR(iis_binding("http *:80:shop.corp.example", &port), "shop.corp.example");
    CHECK_INT(port, 80);
    CHECK_STR(iis_binding("https [2001:db8::1]:8443:", &port), "");
    CHECK_INT(port, 8443);
    CHECK(iis_binding("net.tcp 808:*", &port) == NULL);
    CHECK(iis_binding("http", &port) == NULL);
    CHECK(iis_binding("http *:80", &port) == NULL);
    CHECK(iis_binding("http :", &port) == NULL);
    CHECK(iis_binding("", &port) == NULL);
}

/* ---- the directory by itself ---- */

TEST(a_duplicate_in_one_export)
{
    struct scene s = {0};
    const struct finding *f;

    scene_account(&s, "websvc", user_dn, "HTTP/shop.corp.example", NULL, NULL);
    CHECK(scene_judge(&s) == NULL);
    scene_account(&s, "oldsvc", other_dn, "http/SHOP.corp.example", NULL, NULL);
    f = scene_judge(&s);
    CHECK(f != NULL);
    CHECK_STR(f->cause, "duplicate-spn");
    CHECK_INT(f->confidence, CONFIDENCE_CONFIRMED);
    CHECK_INT(f->evidence_for.num, 2);
    CHECK_INT(s.findings.num, 1);
    scene_clear(&s);
}

TEST(the_same_object_twice_is_no_duplicate)
{
    struct scene s = {0};
    struct spn_owner owner = {.spn = "HTTP/shop.corp.example", .dn = user_dn};

    scene_account(&s, "websvc", user_dn, "HTTP/shop.corp.example", "http/shop.corp.example", NULL);
    scene_account(&s, "websvc", user_dn, "HTTP/shop.corp.example", NULL, NULL);
    scene_fact(&s, KIND_spn_owner, &owner);
    CHECK(scene_judge(&s) == NULL);
    scene_clear(&s);
}

TEST(two_domains_are_not_a_proven_duplicate)
{
    struct scene s = {0};

    scene_account(&s, "websvc", user_dn, "HTTP/shop.corp.example", NULL, NULL);
    scene_account(&s, "oldsvc", "CN=oldsvc,CN=Users,DC=branch,DC=example", "HTTP/shop.corp.example",
                  NULL, NULL);
    CHECK(scene_judge(&s) != NULL);
    CHECK_STR(s.findings.at[0].cause, "duplicate-spn");
    CHECK_INT(s.findings.at[0].confidence, CONFIDENCE_POSSIBLE);
    scene_clear(&s);
}

TEST(http_hides_host)
{
    struct scene s = {0};

    put_computer(&s, NULL);
    scene_account(&s, "websvc", user_dn, "HTTP/web07.corp.example", NULL, NULL);
    CHECK(scene_judge(&s) != NULL);
    CHECK_STR(s.findings.at[0].cause, "http-shadows-host");
    CHECK_INT(s.findings.at[0].confidence, CONFIDENCE_POSSIBLE);
    /* a site that runs as that account wants it so */
    put_site(&s, ON, ON, service, account, "http *:80:web07.corp.example");
    CHECK(scene_judge(&s) != NULL && s.findings.at[0].informs);
    scene_clear(&s);

    put_computer(&s, "HTTP/web07.corp.example");
    CHECK(scene_judge(&s) == NULL);
    scene_clear(&s);
}

TEST(a_upn_in_the_way)
{
    struct scene s = {0};

    scene_account(&s, "websvc", user_dn, "HTTP/shop.corp.example", NULL,
                  "HTTP/shop.corp.example@CORP.EXAMPLE");
    CHECK(scene_judge(&s) == NULL); /* ktpass does that, on one account */
    scene_account(&s, "oldsvc", other_dn, NULL, NULL, "HTTP/web07.corp.example@CORP.EXAMPLE");
    CHECK(scene_judge(&s) == NULL); /* nobody else holds it */
    put_computer(&s, NULL);
    CHECK(scene_judge(&s) != NULL);
    CHECK_STR(s.findings.at[0].cause, "upn-shadows-spn");
    CHECK_INT(s.findings.at[0].confidence, CONFIDENCE_CONFIRMED);
    scene_clear(&s);
}

TEST(forms_of_spns)
{
    static const char *const good[] = {
        "HTTP/web07",
        "HTTP/web07.corp.example:8080",
        "MSSQLSvc/db.corp.example:INST",
        "ldap/dc1.corp.example/corp.example",
        "Hyper-V Replica Service/hv1.corp.example",
        "E3514235-4B06-11D1-AB04-00C04FC2DCD2/3f2504e0-4f89-11d3-9a0c-0305e82c3301/corp.example",
        "kadmin/changepw",
        "NtFrs-88f5d2bd-b646-11d2-a6d3-00c04fc9b232/dc1.corp.example"};
    static const char *const bad[] = {"web07.corp.example",
                                      "HTTP/",
                                      "/web07",
                                      "http://web07",
                                      "HTTP/https://web07/",
                                      "HTTP//web07",
                                      "HTTP/web07:",
                                      "HTTP/web07:0",
                                      "HTTP/web07:70000",
                                      "HTTP/web 07",
                                      "HTTP/web07/a/b",
                                      "HTTP/web07/",
                                      "HTTP/web07@CORP.EXAMPLE",
                                      "HTTP/CORP\\web07",
                                      "HTTP/*.corp.example",
                                      "HTTP/web07.corp.example."};
    size_t i;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CHECK_STR(spn_malformed(good[i]), NULL);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (spn_malformed(bad[i]) == NULL)
            test_fail(__FILE__, __LINE__, "taken for an SPN: %s", bad[i]);
}

/* ---- the event log by itself ---- */

TEST(event_4_alone)
{
    struct event4 event = {.server = "websvc", .target = "HTTP/shop.corp.example"};
    struct scene s = {0};
    const struct finding *f;

    event.server_realm = "CORP.EXAMPLE";
    scene_fact(&s, KIND_event4, &event);
    scene_fact(&s, KIND_event4, &event);
    f = scene_judge(&s);
    CHECK(f != NULL);
    CHECK_INT(s.findings.num, 1);
    CHECK_INT(f->confidence, CONFIDENCE_POSSIBLE);
    CHECK_STR(f->tried_by, "websvc");
    CHECK(strstr(f->title, "websvc could not open a ticket for HTTP/shop.corp.example") != NULL);
    CHECK(f->num_missing > 0);
    CHECK_INT(f->num_remedies, 0);
    CHECK(scene_has(f, "cname-spn") && scene_has(f, "duplicate-spn"));
    /* the holder is who tried: one account, two passwords */
    scene_account(&s, "websvc", user_dn, "HTTP/shop.corp.example", NULL, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "stale-service-password");
    CHECK(scene_refuted(f, "spn-wrong-account") != NULL);
    scene_clear(&s);
}
