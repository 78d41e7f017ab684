/* SPDX-License-Identifier: MIT */
/* Evidence files and keys beside the wire: what they settle, and what they do not. */
#include <string.h>

#include "harness.h"
#include "scene.h"

static const char realm[] = "CORP.EXAMPLE";
static const char web[] = "web07.corp.example", http_web[] = "HTTP/web07.corp.example";
static const char host_web[] = "HOST/web07.corp.example";
static const char site[] = "shop.corp.example", http_site[] = "HTTP/shop.corp.example";
static const char user_dn[] = "CN=shopsvc,CN=Users,DC=corp,DC=example";
static const char other_dn[] = "CN=oldsvc,CN=Users,DC=corp,DC=example";
static const char computer_dn[] = "CN=WEB07,CN=Computers,DC=corp,DC=example";

static struct attempt *refused(struct scene *s, const char *asked, const char *spn,
                               const char *tried)
{
    struct attempt *a = scene_attempt(s, asked, spn);

    scene_address(s, a);
    scene_error(s, a, 41, realm, tried);
    return a;
}

TEST(owners_confirm_cname_spn)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_web);
    const struct finding *f;

    scene_cname(&s, a, web);
    scene_error(&s, a, 41, realm, "shopsvc");
    scene_account(&s, "shopsvc", user_dn, http_site, NULL, NULL);
    scene_account(&s, "WEB07$", computer_dn, host_web, NULL, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "cname-spn");
    CHECK_INT(f->confidence, CONFIDENCE_CONFIRMED);
    CHECK_STR(f->key_owner, "WEB07$");
    CHECK_INT(f->num_alternatives, 0);
    CHECK(scene_refuted(f, "stale-service-password") != NULL);
    scene_clear(&s);
}

TEST(owners_refute_cname_spn_when_the_acceptor_holds_the_target)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_web);
    const struct finding *f;

    scene_cname(&s, a, web);
    scene_error(&s, a, 41, realm, "shopsvc");
    scene_account(&s, "shopsvc", user_dn, http_site, http_web, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "stale-service-password");
    CHECK(scene_refuted(f, "cname-spn") != NULL);
    CHECK(scene_refuted(f, "spn-wrong-account") != NULL);
    CHECK(f->confidence != CONFIDENCE_CONFIRMED);
    scene_clear(&s);
}

TEST(owners_separate_the_four_look_alikes)
{
    struct scene s = {0};
    const struct finding *f;

    /* another account holds it */
    refused(&s, site, http_site, "shopsvc");
    scene_account(&s, "shopsvc", user_dn, "HTTP/else.corp.example", NULL, NULL);
    scene_account(&s, "oldsvc", other_dn, http_site, NULL, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "spn-wrong-account");
    CHECK_INT(f->confidence, CONFIDENCE_CONFIRMED);
    CHECK_STR(f->key_owner, "oldsvc");
    scene_clear(&s);

    /* both hold it */
    refused(&s, site, http_site, "shopsvc");
    scene_account(&s, "shopsvc", user_dn, http_site, NULL, NULL);
    scene_account(&s, "oldsvc", other_dn, http_site, NULL, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "duplicate-spn");
    CHECK_INT(f->confidence, CONFIDENCE_CONFIRMED);
    scene_clear(&s);

    /* one holds it, the other carries it as its userPrincipalName */
    refused(&s, site, http_site, "shopsvc");
    scene_account(&s, "shopsvc", user_dn, http_site, NULL, NULL);
    scene_account(&s, "oldsvc", other_dn, NULL, NULL, "HTTP/shop.corp.example@corp.example");
    f = scene_judge(&s);
    CHECK_STR(f->cause, "upn-shadows-spn");
    CHECK_INT(f->confidence, CONFIDENCE_CONFIRMED);
    scene_clear(&s);

    /* HOST/ of a site's name on the computer that tries, HTTP/ elsewhere */
    refused(&s, site, http_site, "WEB07$");
    scene_account(&s, "WEB07$", computer_dn, "HOST/shop.corp.example", NULL, NULL);
    scene_account(&s, "shopsvc", user_dn, http_site, NULL, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "http-shadows-host");
    CHECK_INT(f->confidence, CONFIDENCE_CONFIRMED);
    scene_clear(&s);
}

TEST(another_computer_answered)
{
    struct scene s = {0};
    const struct finding *f;

    refused(&s, web, http_web, "DB01$");
    scene_account(&s, "WEB07$", computer_dn, host_web, NULL, NULL);
    scene_account(&s, "DB01$", "CN=DB01,CN=Computers,DC=corp,DC=example", NULL, NULL, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "wrong-host");
    CHECK_INT(f->confidence, CONFIDENCE_CONFIRMED);
    scene_clear(&s);
}

TEST(a_holder_in_another_domain)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);
    const struct finding *f;

    scene_address(&s, a);
    scene_error(&s, a, 35, realm, NULL);
    scene_account(&s, "oldsvc", other_dn, http_web, NULL, NULL);
    scene_account(&s, "websvc", "CN=websvc,CN=Users,DC=branch,DC=example", http_web, NULL, NULL);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "same-name-two-domains");
    CHECK(f->confidence != CONFIDENCE_CONFIRMED); /* who tried is not known */
    scene_clear(&s);
}

TEST(kdc_seven_with_two_holders_is_a_duplicate)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_site);

    scene_kdc_error(&s, a, 7);
    scene_account(&s, "shopsvc", user_dn, http_site, NULL, NULL);
    CHECK_STR(scene_judge(&s)->cause, "kdc-error");
    CHECK(scene_refuted(&s.findings.at[0], "duplicate-spn") != NULL);
    scene_account(&s, "oldsvc", other_dn, http_site, NULL, NULL);
    CHECK_STR(scene_judge(&s)->cause, "duplicate-spn");
    CHECK_INT(s.findings.at[0].confidence, CONFIDENCE_CONFIRMED);
    scene_clear(&s);
}

TEST(a_key_proves_who_encrypted_and_no_more)
{
    struct scene s = {0};
    struct attempt *a = refused(&s, site, http_site, "shopsvc");
    const struct finding *f;

    scene_key(&s, a, "oldsvc@CORP.EXAMPLE", 3);
    f = scene_judge(&s);
    CHECK_STR(f->key_owner, "oldsvc");
    CHECK(!f->key_owner_expected);
    CHECK(scene_refuted(f, "stale-service-password") != NULL);
    /* which of the look-alikes it is, a key does not say */
    CHECK_INT(f->confidence, CONFIDENCE_POSSIBLE);
    CHECK(scene_has(f, "duplicate-spn") && scene_has(f, "upn-shadows-spn"));
    scene_clear(&s);
}

TEST(a_key_of_the_same_account_leaves_its_password)
{
    struct scene s = {0};
    struct attempt *a = refused(&s, site, http_site, "shopsvc");
    const struct finding *f;

    scene_key(&s, a, "shopsvc@CORP.EXAMPLE", 3);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "stale-service-password");
    CHECK(scene_refuted(f, "spn-wrong-account") != NULL);
    CHECK(scene_refuted(f, "duplicate-spn") != NULL);
    scene_clear(&s);
}

TEST(a_key_of_the_target_confirms_cname_spn)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, site, http_web);

    scene_cname(&s, a, web);
    scene_error(&s, a, 41, realm, "shopsvc");
    scene_key(&s, a, "web07$@CORP.EXAMPLE", 3);
    CHECK_STR(scene_judge(&s)->cause, "cname-spn");
    CHECK_INT(s.findings.at[0].confidence, CONFIDENCE_CONFIRMED);
    /* a key under the service's own name tells no account */
    scene_key(&s, a, "HTTP/web07.corp.example@CORP.EXAMPLE", 3);
    CHECK_INT(scene_judge(&s)->confidence, CONFIDENCE_POSSIBLE);
    scene_clear(&s);
}

static void keytab(struct scene *s, const char *principal, int64_t kvno, int64_t etype)
{
    struct key key = {.principal = principal, .kvno = kvno};

    key.etype = optint(etype);
    scene_fact(s, KIND_key, &key);
}

TEST(a_keytab_beside_the_ticket)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);

    scene_address(&s, a);
    scene_error(&s, a, 44, realm, NULL);
    keytab(&s, "HTTP/web07.corp.example@CORP.EXAMPLE", 3, 23);
    CHECK_STR(scene_judge(&s)->cause, "etype-mismatch");
    scene_clear(&s);

    a = scene_attempt(&s, web, http_web);
    scene_address(&s, a);
    scene_error(&s, a, 44, realm, NULL);
    keytab(&s, "HTTP/web07.corp.example@CORP.EXAMPLE", 3, 18);
    CHECK(scene_refuted(scene_judge(&s), "etype-mismatch") != NULL);
    scene_clear(&s);

    /* newer than the ticket: the ticket is old */
    a = scene_attempt(&s, web, http_web);
    scene_cached(a);
    scene_error(&s, a, 44, realm, NULL);
    keytab(&s, "HTTP/web07.corp.example@CORP.EXAMPLE", 4, 18);
    CHECK_STR(scene_judge(&s)->cause, "stale-ticket");
    CHECK(scene_refuted(&s.findings.at[0], "stale-machine-account") != NULL);
    scene_clear(&s);
}

TEST(a_collection_of_keys_is_no_keytab_of_the_service)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);

    scene_address(&s, a);
    scene_error(&s, a, 44, realm, NULL);
    keytab(&s, "HTTP/web07.corp.example@CORP.EXAMPLE", 3, 18);
    keytab(&s, "krbtgt/CORP.EXAMPLE@CORP.EXAMPLE", 2, 18);
    CHECK(scene_refuted(scene_judge(&s), "etype-mismatch") == NULL);
    scene_clear(&s);
}

TEST(the_iis_matrix_names_the_acceptor_where_the_error_does_not)
{
    static const char *const bindings[] = {"http *:80:"};
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);
    struct iis_site row = {.site = "Shop", .path = "/", .identity = "SpecificUser"};
    const struct finding *f;

    row.user = "CORP\\shopsvc";
    row.bindings.at = bindings;
    row.bindings.num = 1;
    row.kernel_mode = optint(1);
    row.use_app_pool_credentials = optint(0);
    scene_address(&s, a);
    scene_error(&s, a, 35, realm, NULL);
    scene_account(&s, "shopsvc", user_dn, http_web, NULL, NULL);
    scene_account(&s, "WEB07$", computer_dn, host_web, NULL, NULL);
    scene_fact(&s, KIND_iis_site, &row);
    f = scene_judge(&s);
    CHECK_STR(f->cause, "spn-wrong-account");
    CHECK_INT(f->confidence, CONFIDENCE_CONFIRMED);
    scene_clear(&s);

    /* useAppPoolCredentials: the pool's account is the holder, so that is not it */
    a = scene_attempt(&s, web, http_web);
    scene_address(&s, a);
    scene_error(&s, a, 41, realm, NULL);
    row.use_app_pool_credentials = optint(1);
    scene_account(&s, "shopsvc", user_dn, http_web, NULL, NULL);
    scene_fact(&s, KIND_iis_site, &row);
    CHECK(scene_refuted(scene_judge(&s), "spn-wrong-account") != NULL);
    scene_clear(&s);
}

TEST(a_hosts_file_that_leads_there)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);
    struct host_name line = {.name = web, .type = "A", .value = "192.0.2.20", .origin = "hosts"};

    scene_error(&s, a, 35, realm, NULL);
    scene_fact(&s, KIND_host_name, &line);
    CHECK_STR(scene_judge(&s)->cause, "wrong-host");
    scene_clear(&s);

    a = scene_attempt(&s, web, http_web);
    line.value = "192.0.2.99";
    scene_error(&s, a, 35, realm, NULL);
    scene_fact(&s, KIND_host_name, &line);
    CHECK(strcmp(scene_judge(&s)->cause, "wrong-host") != 0);
    scene_clear(&s);
}

TEST(the_directorys_kvno_beside_the_tickets)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, web, http_web);
    struct account account = {.account = "WEB07$", .dn = computer_dn};
    const char *spns[] = {host_web};

    account.spns.at = spns;
    account.spns.num = 1;
    account.kvno = optint(5);
    scene_address(&s, a);
    scene_cached(a);
    scene_error(&s, a, 41, realm, "WEB07$");
    scene_fact(&s, KIND_account, &account);
    CHECK_STR(scene_judge(&s)->cause, "stale-ticket");
    scene_clear(&s);

    a = scene_attempt(&s, web, http_web);
    account.kvno = optint(3);
    scene_address(&s, a);
    scene_cached(a);
    scene_error(&s, a, 41, realm, "WEB07$");
    scene_fact(&s, KIND_account, &account);
    CHECK_STR(scene_judge(&s)->cause, "stale-machine-account");
    CHECK(scene_refuted(&s.findings.at[0], "stale-ticket") != NULL);
    scene_clear(&s);
}
