/* SPDX-License-Identifier: MIT */
/* Bounds of base/limits.h on what files alone are found to hold and on merged reports, below, at
 * and above their value: what is left out is said. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "bounds.h"
#include "harness.h"
#include "report/merge.h"
#include "scene.h"

/* Texts of facts live as long as the scene. */
static struct arena names;

static const char *dn_of(const char *account)
{
    return arena_print(&names, "CN=%s,DC=corp,DC=example", account);
}

static void put_account(struct scene *s, const char *name, const char *spn, const char *upn)
{
    scene_account(s, name, dn_of(name), spn, NULL, upn);
}

static void put_duplicate(struct scene *s, size_t i)
{
    const char *spn = arena_print(&names, "HTTP/h%zu.corp.example", i);

    put_account(s, arena_print(&names, "a%zu", i), spn, NULL);
    put_account(s, arena_print(&names, "b%zu", i), spn, NULL);
}

static void put_shadow(struct scene *s, size_t i)
{
    put_account(s, arena_print(&names, "h%zu$", i),
                arena_print(&names, "HOST/h%zu.corp.example", i), NULL);
    put_account(s, arena_print(&names, "a%zu", i), arena_print(&names, "HTTP/h%zu.corp.example", i),
                NULL);
}

static void put_malformed(struct scene *s, size_t i)
{
    put_account(s, arena_print(&names, "a%zu", i),
                arena_print(&names, "HTTP/http://h%zu.corp.example/x", i), NULL);
}

/* [MS-KILE] leaves to the domain controller which of the two it finds first. */
static void put_upn(struct scene *s, size_t i)
{
    const char *host = arena_print(&names, "h%zu.corp.example", i);

    put_account(s, arena_print(&names, "h%zu$", i), arena_print(&names, "HOST/%s", host), NULL);
    put_account(s, arena_print(&names, "a%zu", i), NULL,
                arena_print(&names, "HTTP/%s@CORP.EXAMPLE", host));
}

static void put_event11(struct scene *s, size_t i)
{
    const struct kdc_event event = {.id = 11, .spn = arena_print(&names, "HTTP/h%zu", i)};

    scene_fact(s, KIND_kdc_event, &event);
}

static void put_event4(struct scene *s, size_t i)
{
    const struct event4 event = {.server = arena_print(&names, "svc%zu", i),
                                 .target = arena_print(&names, "HTTP/h%zu", i)};

    scene_fact(s, KIND_event4, &event);
}

/* A site that no account's SPNs are known to. */
static void put_site(struct scene *s, size_t i)
{
    const char *bindings[] = {arena_print(&names, "http *:80:h%zu.corp.example", i)};
    const struct iis_site site = {.site = arena_print(&names, "s%zu", i),
                                  .path = "/",
                                  .pool = "p",
                                  .identity = "SpecificUser",
                                  .user = "CORP\\svc",
                                  .kernel_mode = optint(0),
                                  .windows_auth = optint(1),
                                  .bindings = {bindings, 1}};

    scene_fact(s, KIND_iis_site, &site);
}

static size_t told(const struct scene *s, const char *cause)
{
    size_t i, num = 0;

    for (i = 0; i < s->findings.num; i++)
        num += strcmp(s->findings.at[i].cause, cause) == 0;
    return num;
}

/* Of any cause: NULL. */
static size_t cuts(const struct scene *s, const char *cause)
{
    size_t i, num = 0;

    for (i = 0; i < s->findings.num; i++)
        num += (cause == NULL || strcmp(s->findings.at[i].cause, cause) == 0) &&
               strstr(s->findings.at[i].title, "200 of this kind are listed") != NULL;
    return num;
}

static void check_standing(void (*one)(struct scene *s, size_t i), const char *cause, bool other)
{
    size_t num, i, all;

    for (num = LIMIT_STANDING - 1; num <= LIMIT_STANDING + 1; num++) {
        struct scene s = {0};

        if (other) /* somebody holds an SPN, so that sites can be judged */
            put_account(&s, "x", "HTTP/x.corp.example", NULL);
        for (i = 0; i < num; i++)
            one(&s, i);
        scene_judge(&s);
        CHECK_INT(cuts(&s, NULL), num > LIMIT_STANDING);
        all = told(&s, cause) - cuts(&s, cause);
        if (all != (num > LIMIT_STANDING ? LIMIT_STANDING : num))
            test_fail(__FILE__, __LINE__, "%s: %zu of %zu are told", cause, all, num);
        scene_clear(&s);
    }
    arena_clear(&names);
}

TEST(findings_of_one_kind)
{
    CHECK_INT(LIMIT_STANDING, 200);
    check_standing(put_duplicate, "duplicate-spn", false);
    check_standing(put_shadow, "http-shadows-host", false);
    check_standing(put_malformed, "malformed-spn", false);
    check_standing(put_upn, "upn-shadows-spn", false);
    check_standing(put_event11, "duplicate-spn", false);
}

TEST(sites_of_iis_alone_and_with_owners)
{
    check_standing(put_site, "spn-wrong-account", false);
    check_standing(put_site, "kdc-error", true);
}

TEST(failures_that_events_tell)
{
    size_t num, i, failures;

    for (num = LIMIT_STANDING - 1; num <= LIMIT_STANDING + 1; num++) {
        struct scene s = {0};

        for (i = 0; i < num; i++)
            put_event4(&s, i);
        scene_judge(&s);
        for (failures = i = 0; i < s.findings.num; i++)
            failures += s.findings.at[i].title != NULL && strstr(s.findings.at[i].title, "svc");
        CHECK_INT(failures, num > LIMIT_STANDING ? LIMIT_STANDING : num);
        CHECK_INT(cuts(&s, NULL), num > LIMIT_STANDING);
        scene_clear(&s);
    }
    arena_clear(&names);
}

/* Computers that a site without host header may stand on. */
TEST(servers_of_a_site_without_host_header)
{
    size_t num, i, said;

    for (num = LIMIT_SERVER_NAMES - 1; num <= LIMIT_SERVER_NAMES + 1; num++) {
        const char *bindings[] = {"http *:80:"};
        const struct iis_site site = {.site = "s",
                                      .path = "/",
                                      .pool = "p",
                                      .identity = "ApplicationPoolIdentity",
                                      .windows_auth = optint(1),
                                      .bindings = {bindings, 1}};
        struct scene s = {0};

        scene_fact(&s, KIND_iis_site, &site);
        for (i = 0; i < num; i++)
            put_account(&s, arena_print(&names, "h%zu$", i),
                        arena_print(&names, "HOST/h%zu.corp.example", i), NULL);
        scene_judge(&s);
        for (said = i = 0; i < s.findings.num; i++)
            said += strstr(s.findings.at[i].title, "the first 64 computers") != NULL;
        CHECK_INT(said, num > LIMIT_SERVER_NAMES);
        scene_clear(&s);
    }
    arena_clear(&names);
}

/* Beside a capture, a whole directory is not gone through. */
TEST(facts_beside_a_capture)
{
    size_t num, i, said;

    for (num = LIMIT_BESIDE_FACTS - 1; num <= LIMIT_BESIDE_FACTS + 1; num++) {
        const struct spn_absent absent = {.spn = "HTTP/x"};
        struct scene s = {0};

        scene_attempt(&s, "web.corp.example", "HTTP/web.corp.example");
        scene_error(&s, &s.attempts[0], 41, "CORP.EXAMPLE", "web$");
        for (i = 0; i < num; i++)
            scene_fact(&s, KIND_spn_absent, &absent);
        CHECK(scene_judge(&s) != NULL);
        for (said = i = 0; s.findings.num > 0 && i < s.findings.at[0].num_missing; i++)
            said += strstr(s.findings.at[0].missing[i].what, "more than 20000 facts") != NULL;
        CHECK_INT(said, num > LIMIT_BESIDE_FACTS);
        scene_clear(&s);
    }
}

/* ---- Merged reports ---- */

static bool merges(struct merged *merged, size_t depth)
{
    struct text line = {0};
    bool good;
    size_t i;

    text_put(&line, "{\"schema\":\"krbwhy/1\",\"x\":");
    for (i = 1; i < depth; i++)
        text_put_char(&line, '[');
    for (i = 1; i < depth; i++)
        text_put_char(&line, ']');
    text_put_char(&line, '}');
    good = merged_add(merged, bytes_of(&line));
    text_clear(&line);
    return good;
}

TEST(depth_of_merged_documents)
{
    struct merged merged = {0};

    CHECK(merges(&merged, LIMIT_MERGE_DEPTH - 1));
    CHECK(merges(&merged, LIMIT_MERGE_DEPTH));
    CHECK(!merges(&merged, LIMIT_MERGE_DEPTH + 1));
    CHECK(!merges(&merged, 100000));
    merged_clear(&merged);
}

static void check_causes(size_t num)
{
    struct merged merged = {0};
    struct merged_totals totals;
    struct arena arena = {0};
    struct text line = {0};
    size_t i;

    text_put(&line, "{\"schema\":\"krbwhy/1\",\"summary\":{\"by_cause\":{");
    for (i = 0; i < num; i++)
        text_putf(&line, "%s\"c%zu\":1", i == 0 ? "" : ",", i);
    text_put(&line, "}}}");
    CHECK(merged_add(&merged, bytes_of(&line)));
    CHECK(merged_add(&merged, bytes_of(&line)));
    merged_totals(&merged, &arena, &totals);
    if (num <= LIMIT_MERGE_CAUSES) {
        CHECK_INT(totals.num_by_cause, num);
    } else {
        CHECK_INT(totals.num_by_cause, LIMIT_MERGE_CAUSES + 1);
        CHECK_STR(totals.by_cause[LIMIT_MERGE_CAUSES].cause, "others");
        CHECK_INT(totals.by_cause[LIMIT_MERGE_CAUSES].num, 2 * (num - LIMIT_MERGE_CAUSES));
    }
    CHECK_INT(totals.by_cause[0].num, 2);
    arena_clear(&arena);
    text_clear(&line);
    merged_clear(&merged);
}

TEST(causes_of_merged_documents)
{
    check_causes(LIMIT_MERGE_CAUSES - 1);
    check_causes(LIMIT_MERGE_CAUSES);
    check_causes(LIMIT_MERGE_CAUSES + 1);
    check_causes(LIMIT_MERGE_CAUSES + 3);
}

/* No capture has so many: what says so is clipped, so that sums of documents fit. */
static int64_t attempts_of(int64_t number)
{
    struct merged merged = {0};
    struct merged_totals totals;
    struct arena arena = {0};
    struct text line = {0};

    text_putf(&line, "{\"schema\":\"krbwhy/1\",\"summary\":{\"attempts\":%lld}}",
              (long long)number);
    CHECK(merged_add(&merged, bytes_of(&line)));
    merged_totals(&merged, &arena, &totals);
    arena_clear(&arena);
    text_clear(&line);
    merged_clear(&merged);
    return totals.attempts;
}

TEST(counts_of_merged_documents)
{
    CHECK_INT(attempts_of(LIMIT_MERGE_NUMBER - 1), LIMIT_MERGE_NUMBER - 1);
    CHECK_INT(attempts_of(LIMIT_MERGE_NUMBER), LIMIT_MERGE_NUMBER);
    CHECK_INT(attempts_of(LIMIT_MERGE_NUMBER + 1), LIMIT_MERGE_NUMBER);
    CHECK_INT(attempts_of(INT64_MAX), LIMIT_MERGE_NUMBER);
    CHECK_INT(attempts_of(-LIMIT_MERGE_NUMBER - 1), -LIMIT_MERGE_NUMBER);
}
