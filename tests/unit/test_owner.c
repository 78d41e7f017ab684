/* SPDX-License-Identifier: MIT */
/* correlate/owner.c */
#include "correlate/owner.h"

#include "harness.h"

struct world {
    struct log log;
    struct arena arena;
    struct owners owners;
};

static void has_account(struct world *w, const char *name, const char *dn, const char *class,
                        const char *upn, const char *spn)
{
    struct source source = {.line = 1};
    struct account account = {.account = name,
                              .dn = dn,
                              .upn = upn,
                              .object_classes = {&class, class == NULL ? 0 : 1},
                              .spns = {&spn, spn == NULL ? 0 : 1}};

    log_append(&w->log, KIND_account, &source, &account);
}

static void has_spn(struct world *w, const char *spn, const char *dn)
{
    struct source source = {.line = 1};
    struct spn_owner fact = {.spn = spn, .dn = dn};

    log_append(&w->log, KIND_spn_owner, &source, &fact);
}

/* Number of winning owners; *out_first the first one's account. */
static size_t winners(struct world *w, const char *sname, const char **out_first)
{
    size_t num;
    const struct owner *first;

    owners_find(&w->owners, &w->arena, &w->log, sname);
    first = owners_winning(&w->owners, &num);
    *out_first = num == 0 ? NULL : first->account;
    return num;
}

static void done(struct world *w)
{
    log_clear(&w->log);
    arena_clear(&w->arena);
}

TEST(exact_spn_wins_over_host_mapping)
{
    struct world w = {0};
    const char *first;

    has_account(&w, "IIS01$", "CN=IIS01,CN=Computers,DC=test,DC=com", "computer", NULL,
                "HOST/iis01.test.com");
    CHECK_INT(winners(&w, "HTTP/iis01.test.com", &first), 1);
    CHECK_STR(first, "IIS01$");
    CHECK_INT(w.owners.at[0].form, OWNER_HOST);
    CHECK(w.owners.at[0].computer);
    has_account(&w, "svc", "CN=svc,DC=test,DC=com", "user", NULL, "http/IIS01.test.com");
    CHECK_INT(winners(&w, "HTTP/iis01.test.com", &first), 1);
    CHECK_STR(first, "svc");
    CHECK_INT(w.owners.num, 2); /* the shadowed HOST/ stays visible */
    done(&w);
}

TEST(upn_wins_over_everything)
{
    struct world w = {0};
    const char *first;

    has_account(&w, "svca", "CN=svca,DC=test,DC=com", "user", NULL, "HTTP/app.test.com");
    has_account(&w, "svcb", "CN=svcb,DC=test,DC=com", "user", "HTTP/app.test.com@TEST.COM", NULL);
    CHECK_INT(winners(&w, "HTTP/app.test.com", &first), 1);
    CHECK_STR(first, "svcb");
    CHECK_INT(w.owners.at[0].form, OWNER_UPN);
    done(&w);
}

TEST(two_owners_of_the_winning_form)
{
    struct world w = {0};
    const char *first;

    has_spn(&w, "HTTP/app.test.com", "CN=svca,DC=test,DC=com");
    has_spn(&w, "HTTP/app.test.com", "CN=svcb,DC=test,DC=com");
    has_spn(&w, "HTTP/app.test.com", "cn=SVCA,DC=test,DC=com"); /* the same object once more */
    CHECK_INT(winners(&w, "HTTP/app.test.com", &first), 2);
    CHECK(w.owners.at[0].account_guessed);
    CHECK_INT(w.owners.at[0].num_sources, 2);
    done(&w);
}

TEST(setspn_and_ldif_of_one_object_meet_by_dn)
{
    struct world w = {0};
    const char *first;

    has_spn(&w, "HTTP/app.test.com", "CN=IIS Kerberos Service,DC=test,DC=com");
    CHECK_INT(winners(&w, "HTTP/app.test.com", &first), 1);
    CHECK_STR(first, "IIS Kerberos Service");
    has_account(&w, "f_iis_kerb", "CN=IIS Kerberos Service,DC=test,DC=com", "user", NULL,
                "HTTP/app.test.com");
    CHECK_INT(winners(&w, "HTTP/app.test.com", &first), 1);
    CHECK_STR(first, "f_iis_kerb");
    CHECK(!w.owners.at[0].account_guessed);
    done(&w);
}

TEST(host_does_not_stand_in_for_every_service)
{
    struct world w = {0};
    const char *first;

    has_account(&w, "SQL1$", "CN=SQL1,CN=Computers,DC=test,DC=com", "computer", NULL,
                "HOST/sql1.test.com");
    CHECK_INT(winners(&w, "MSSQLSvc/sql1.test.com:1433", &first), 0);
    CHECK(w.owners.looked);
    CHECK_INT(winners(&w, "cifs/sql1.test.com", &first), 1);
    CHECK_INT(winners(&w, "cifs/sql1.test.com:445", &first), 0);
    CHECK_INT(winners(&w, "sql1", &first), 1); /* one component: sAMAccountName, then with "$" */
    CHECK_INT(w.owners.at[0].form, OWNER_SAM);
    done(&w);
}

TEST(an_intention_is_no_state_and_absence_is_told_apart)
{
    struct world w = {0};
    const char *first, *spn = "HTTP/x.test.com";
    struct source source = {0};
    struct account modify = {.account = "svc", .change = "modify", .spns = {&spn, 1}};
    struct spn_absent absent = {.spn = spn};

    CHECK_INT(winners(&w, spn, &first), 0);
    CHECK(!w.owners.looked);
    log_append(&w.log, KIND_account, &source, &modify);
    CHECK_INT(winners(&w, spn, &first), 0);
    CHECK_INT(log_append(&w.log, KIND_spn_absent, &source, &absent), 2);
    CHECK_INT(winners(&w, spn, &first), 0);
    CHECK_INT(w.owners.absent, 2);
    done(&w);
}

TEST(account_names_compare_without_their_domain)
{
    CHECK(account_equal("TEST\\ContosoSvc", "contososvc@TEST.COM"));
    CHECK(account_equal("IIS01$", "iis01$"));
    CHECK(!account_equal("IIS01$", "IIS01"));
    CHECK(!account_equal("", "") && !account_equal(NULL, "a") &&
          !account_equal("TEST\\", "TEST\\"));
}
