/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cause/cause.h"
#include "cause/errors.h"
#include "cause/explain.h"
#include "cause/spn_rule.h"
#include "harness.h"

static bool page_has(const char *argument, const char *part)
{
    struct text out = {0};
    bool found = explain(&out, argument) && strstr(text_str(&out), part) != NULL;

    text_clear(&out);
    return found;
}

TEST(explain_finds_every_form_of_41)
{
    CHECK(page_has("41", "KRB_AP_ERR_MODIFIED"));
    CHECK(page_has("0x29", "KRB_AP_ERR_MODIFIED"));
    CHECK(page_has("KRB_AP_ERR_MODIFIED", "cname-spn"));
    CHECK(page_has("krb_ap_err_modified", "cname-spn"));
    CHECK(page_has("0x80090322", "SEC_E_WRONG_PRINCIPAL"));
    CHECK(page_has("-2146893022", "SEC_E_WRONG_PRINCIPAL"));
    CHECK(page_has("2148074274", "dc-own-password"));
    CHECK(page_has("1396", "ERROR_WRONG_TARGET_NAME"));
    CHECK(page_has("The target principal name is incorrect.", "KRB_AP_ERR_MODIFIED"));
}

TEST(explain_finds_messages_and_codes_of_windows)
{
    CHECK(page_has("0x21C7", "setspn -F -Q"));
    CHECK(page_has("8647", "ERROR_DS_SPN_VALUE_NOT_UNIQUE_IN_FOREST"));
    CHECK(page_has("Cannot generate SSPI context", "sql-spn"));
    CHECK(page_has("error: Cannot generate SSPI context. (Microsoft SQL Server)", "sql-spn"));
    CHECK(page_has("SEC_E_TIME_SKEW", "clock-skew"));
    CHECK(page_has("7", "duplicate-spn"));
    CHECK(page_has("KDC_ERR_PREAUTH_FAILED", "password"));
}

TEST(explain_knows_clients_and_causes)
{
    CHECK(page_has("chrome", "DisableAuthNegotiateCnameLookup"));
    CHECK(page_has("Edge", "DisableAuthNegotiateCnameLookup"));
    CHECK(page_has("curl", "rdns"));
    CHECK(page_has("cname-spn", "A record instead of the CNAME"));
    CHECK(page_has("list", "token-too-big"));
}

TEST(explain_says_no_to_the_rest)
{
    struct text out = {0};

    CHECK(!explain(&out, "no such thing"));
    CHECK(!explain(&out, ""));
    CHECK(!explain(&out, NULL));
    CHECK(!explain(&out, "99999999999999999999"));
    CHECK(!explain(&out, "-"));
    CHECK(!explain(&out, "0x"));
    CHECK(!explain(&out, "4242"));
    CHECK_INT(out.len, 0);
    text_clear(&out);
}

TEST(explain_lines_are_at_most_78_columns)
{
    struct text out = {0};
    const char *at;
    size_t i;

    for (i = 0; causes[i] != NULL; i++)
        CHECK(explain(&out, causes[i]->id));
    CHECK(explain(&out, "41"));
    CHECK(explain(&out, "list"));
    for (at = text_str(&out); *at != '\0'; at += strcspn(at, "\n") + 1)
        if (strcspn(at, "\n") > 78)
            test_fail(__FILE__, __LINE__, "a line of %zu columns: %.40s", strcspn(at, "\n"), at);
    text_clear(&out);
}

TEST(causes_markdown_is_up_to_date)
{
    struct text out = {0};
    FILE *file = fopen("docs/causes.md", "rb");
    char *have;
    size_t len;

    explain_markdown(&out);
    CHECK(file != NULL);
    if (file != NULL) {
        have = calloc(1, out.len + 2);
        len = fread(have, 1, out.len + 1, file);
        fclose(file);
        CHECK_INT(len, out.len);
        CHECK(len == out.len && memcmp(have, text_str(&out), len) == 0);
        free(have);
    }
    text_clear(&out);
}

TEST(tables_are_complete)
{
    size_t i, k;

    for (i = 0; causes[i] != NULL; i++) {
        CHECK(causes[i]->title != NULL && causes[i]->shows != NULL && causes[i]->against != NULL);
        CHECK(causes[i]->settled_by != NULL && causes[i]->fix != NULL && causes[i]->judge != NULL);
        CHECK(cause_find(causes[i]->id) == causes[i]);
    }
    for (k = 0; error_texts[k].code >= 0; k++)
        CHECK(k == 0 || error_texts[k].code > error_texts[k - 1].code);
}

TEST(spn_rules_by_user_agent)
{
    CHECK_STR(spn_rule_find("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, "
                            "like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91")
                  ->id,
              "chrome");
    CHECK_STR(spn_rule_find("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko")->id,
              "ie");
    CHECK_STR(spn_rule_find("Microsoft WinRM Client")->id, "winrm");
    CHECK_STR(spn_rule_find("curl/7.88.1")->id, "curl");
    CHECK(spn_rule_find("lynx") == NULL);
    CHECK(spn_rule_find(NULL) == NULL);
}
