/* SPDX-License-Identifier: MIT */
#include "unit/evidence_check.h"

#define ACCOUNT(line, account, dn, upn, spns, etypes, kvno)                                        \
    FACT("account", line,                                                                          \
         "\"account\":" account ",\"dn\":" dn ",\"upn\":" upn ",\"spns\":[" spns                   \
         "],\"etypes\":" etypes ",\"kvno\":" kvno)

/* RFC 2849: folding with one blank, base64 behind two colons, comments, options. */
static const char export[] = "version: 1\r\n"
                             "# a comment\r\n"
                             " that goes on\r\n"
                             "dn: CN=svc,OU=Ser\r\n"
                             " vices,DC=test,DC=com\r\n"
                             "changetype: add\r\n"
                             "objectClass: user\r\n"
                             "samaccountname: svc\r\n"
                             "servicePrincipalName: \r\n"
                             " HTTP/web.test.com\r\n"
                             "servicePrincipalName;range=0-1499: HTTP/web\r\n"
                             "msDS-AllowedToDelegateTo: cifs/other\r\n"
                             "userPrincipalName:: c3ZjQHRlc3QuY29t\r\n"
                             "msDS-KeyVersionNumber: 3\r\n"
                             "msDS-SupportedEncryptionTypes: 24\r\n"
                             "\r\n"
                             "dn:: Q049SsO8cmdlbixEQz10ZXN0\r\n"
                             "sAMAccountName: juergen\r\n"
                             "\r\n"
                             "dn: OU=Empty,DC=test\r\n"
                             "objectClass: organizationalUnit\r\n";

TEST(ldif_export)
{
    CHECK_FACTS(
        export, "ldif",
        ACCOUNT(4, "\"svc\"", "\"CN=svc,OU=Services,DC=test,DC=com\"", "\"svc@test.com\"",
                "\"HTTP/web.test.com\",\"HTTP/web\"", "24", "3")
            ACCOUNT(17, "\"juergen\"", "\"CN=J\xC3\xBCrgen,DC=test\"", "null", "", "null", "null"));
}

TEST(ldif_prefixes)
{
    check_prefixes(bytes_of_text(export), true);
}

TEST(ldif_indented_and_double_spaced)
{
    CHECK_FACTS(
        "    dn: CN=a,DC=test\n\n    sAMAccountName: a\n\n"
        "    servicePrincipalName: HTTP/01234\n\n     56789\n\n"
        "    msDS-KeyVersionNumber: 2\n\n    objectClass: user\n\n",
        "ldif",
        ACCOUNT(1, "\"a\"", "\"CN=a,DC=test\"", "null", "\"HTTP/0123456789\"", "null", "2"));
}

TEST(ldif_modify_is_an_intention)
{
    struct seen seen;

    see_bytes(&seen, bytes_of_text("dn: CN=a,DC=test\n"
                                   "changetype: modify\n"
                                   "delete: servicePrincipalName\n"
                                   "servicePrincipalName: HTTP/old\n"
                                   "-\n"
                                   "add: servicePrincipalName\n"
                                   "servicePrincipalName: HTTP/new\n"
                                   "-\n"
                                   "\n"
                                   "dn: CN=b,DC=test\n"
                                   "changetype: delete\n"
                                   "sAMAccountName: b\n"));
    CHECK_STR(text_str(&seen.facts),
              ACCOUNT(1, "null", "\"CN=a,DC=test\"", "null", "\"HTTP/new\"", "null", "null"));
    CHECK(seen.log.num == 2 && seen.log.at[1].kind == KIND_account);
    if (seen.log.num == 2)
        CHECK_STR(seen.log.at[1].account->change, "modify");
    seen_clear(&seen);
}

TEST(ldif_bad_values_are_noted_and_the_rest_counts)
{
    struct seen seen;

    see_bytes(&seen, bytes_of_text("dn: CN=a,DC=test\n"
                                   "msDS-KeyVersionNumber: many\n"
                                   "userPrincipalName:: !!!!\n"
                                   "objectSid:: !!!!\n"
                                   "sAMAccountName: a\n"));
    CHECK_STR(text_str(&seen.facts),
              ACCOUNT(1, "\"a\"", "\"CN=a,DC=test\"", "null", "", "null", "null"));
    CHECK_INT(seen_problems(&seen), 2);
    CHECK_INT(seen.log.at[2].source.line, 2);
    CHECK_INT(seen.log.at[3].source.line, 3);
    seen_clear(&seen);
}

TEST(ldif_results_and_referrals_are_no_objects)
{
    CHECK_FACTS("dn: CN=a,DC=test\nsAMAccountName: a\n\n"
                "# search reference\nref: ldap://x/DC=y\n\n"
                "# search result\nsearch: 2\nresult: 0 Success\n",
                "ldif", ACCOUNT(1, "\"a\"", "\"CN=a,DC=test\"", "null", "", "null", "null"));
}

TEST(ldif_lists_of_scripts_are_none)
{
    CHECK_FACTS("ServicePrincipalName : HTTP/x\nSAMAccountName : svc\n", NULL, "");
}

/* A paste may have lost the dn; what the file does not say stays unsaid. */
TEST(ldif_without_dn)
{
    CHECK_FACTS("sAMAccountName: a\nservicePrincipalName: HTTP/a\n\n"
                "servicePrincipalName: HTTP/b\ndistinguishedName: CN=b,DC=test\n",
                "ldif",
                ACCOUNT(1, "\"a\"", "null", "null", "\"HTTP/a\"", "null", "null")
                    ACCOUNT(4, "null", "\"CN=b,DC=test\"", "null", "\"HTTP/b\"", "null", "null"));
}
