/* SPDX-License-Identifier: MIT */
/* setspn: the forms are those of the program on Windows Server 2008 to 2022; texts are our own. */
#include "unit/evidence_check.h"

#define OWNER(line, spn, account, dn)                                                              \
    FACT("spn-owner", line, "\"spn\":\"" spn "\",\"account\":" account ",\"dn\":\"" dn "\"")
#define ABSENT(line, spn) FACT("spn-absent", line, "\"spn\":\"" spn "\"")

#define WEB "CN=web,OU=Servers,DC=test,DC=com"
#define SVC "CN=IIS Service (prod),OU=Dienst/Konten,DC=test,DC=com"

static const char query[] = "C:\\>setspn -Q HTTP/web.test.com\r\n"
                            "Checking domain DC=test,DC=com\r\n" SVC "\r\n"
                            "\tHTTP/web.test.com\r\n"
                            "\tHTTP/web\r\n"
                            "\r\n"
                            "Existing SPN found!\r\n"
                            "\r\n"
                            "C:\\>setspn -Q HTTP/no.test.com\r\n"
                            "Checking domain DC=test,DC=com\r\n"
                            "\r\n"
                            "No such SPN found.\r\n"
                            "\r\n"
                            "C:\\>setspn -L TEST\\web$\r\n"
                            "Registered ServicePrincipalNames for " WEB ":\r\n"
                            "\tHOST/web\r\n";

TEST(setspn_query_list_and_absent)
{
    CHECK_FACTS(query, "setspn",
                OWNER(4, "HTTP/web.test.com", "null", SVC) OWNER(5, "HTTP/web", "null", SVC)
                    ABSENT(12, "HTTP/no.test.com") OWNER(16, "HOST/web", "\"web$\"", WEB));
}

TEST(setspn_prefixes)
{
    check_prefixes(bytes_of_text(query), true);
}

TEST(setspn_answer_cut_before_it_came)
{
    CHECK_FACTS("> setspn -q HTTP/a\nChecking domain DC=test,DC=com\n", "setspn", "");
}

TEST(setspn_error_is_no_answer)
{
    CHECK_FACTS("C:\\>setspn -Q HTTP/a\n"
                "Checking domain DC=test,DC=com\n"
                "Ldap Error(0x51 -- Server Down): ldap_search_s\n",
                "setspn", "");
}

TEST(setspn_duplicates_of_a_forest)
{
    CHECK_FACTS("setspn -X -F\n"
                "Checking forest DC=test,DC=com\n"
                "Operation will be performed forestwide, it might take a while.\n"
                "Processing entry 0\n"
                "HTTP/a.test.com is registered on these accounts:\n"
                "\tCN=one,DC=test,DC=com\n"
                "\tCN=two,DC=test,DC=com\n"
                "\n"
                "MSSQLSvc/b:1433 is registered on these accounts:\n"
                "\tCN=three,DC=test,DC=com\n"
                "\tCN=four,DC=child,DC=test,DC=com\n"
                "\n"
                "found 2 groups of duplicate SPNs.\n",
                "setspn",
                FACT("spn-duplicate", 5, "\"spn\":\"HTTP/a.test.com\"")
                    OWNER(6, "HTTP/a.test.com", "null", "CN=one,DC=test,DC=com")
                        OWNER(7, "HTTP/a.test.com", "null", "CN=two,DC=test,DC=com")
                            FACT("spn-duplicate", 9, "\"spn\":\"MSSQLSvc/b:1433\"")
                                OWNER(10, "MSSQLSvc/b:1433", "null", "CN=three,DC=test,DC=com")
                                    OWNER(11, "MSSQLSvc/b:1433", "null",
                                          "CN=four,DC=child,DC=test,DC=com"));
}

/* Other languages: the words differ, the shapes do not. */
TEST(setspn_german_and_japanese)
{
    CHECK_FACTS("PS C:\\Users\\a> setspn -Q HTTP/x\n"
                "Die Dom\xC3\xA4ne \"DC=test,DC=com\" wird \xC3\xBC"
                "berpr\xC3\xBC"
                "ft.\n"
                "CN=web,OU=Servers,DC=test,DC=com\n"
                "        HTTP/x\n"
                "\n"
                "Bestehender SPN wurde gefunden.\n",
                "setspn", OWNER(4, "HTTP/x", "null", WEB));
    CHECK_FACTS("\xE6\xAC\xA1\xE3\x81\xAE\xE9\xA0\x85\xE7\x9B\xAE\xE3\x81\xAB\xE7\x99\xBB\xE9\x8C"
                "\xB2\xE3\x81\x95\xE3\x82\x8C\xE3\x81\xA6\xE3\x81\x84\xE3\x82\x8B "
                "ServicePrincipalNames " WEB ":\n"
                "\tHTTP/x\n",
                "setspn", OWNER(2, "HTTP/x", "null", WEB));
    CHECK_FACTS("HTTP/x\xE5\xB7\xB2\xE5\x9C\xA8\xE8\xBF\x99\xE4\xBA\x9B\xE5\xB8\x90\xE6\x88\xB7"
                "\xE4\xB8\x8A\xE6\xB3\xA8\xE5\x86\x8C\xEF\xBC\x9A\n"
                "\tCN=web,OU=Servers,DC=test,DC=com\n",
                "setspn",
                FACT("spn-duplicate", 1, "\"spn\":\"HTTP/x\"") OWNER(2, "HTTP/x", "null", WEB));
}

/* A console of 80 columns breaks what is longer. */
TEST(setspn_broken_lines)
{
    CHECK_FACTS("Checking domain DC=test,DC=com\n"
                "CN=svc-with-a-rather-long-name-0123456789,OU=Services,OU=Accounts,OU=Europe,DC=t\n"
                "est,DC=com\n"
                "        E3514235-4B06-11D1-AB04-00C04FC2DCD2/0123456789012345678901234567890123-\n"
                "tail/test.com\n"
                "        HTTP/next\n",
                "setspn",
                OWNER(4,
                      "E3514235-4B06-11D1-AB04-00C04FC2DCD2/0123456789012345678901234567890123-"
                      "tail/test.com",
                      "null",
                      "CN=svc-with-a-rather-long-name-0123456789,OU=Services,OU=Accounts,OU=Europe,"
                      "DC=test,DC=com")
                    OWNER(6, "HTTP/next", "null",
                          "CN=svc-with-a-rather-long-name-0123456789,OU=Services,OU=Accounts,"
                          "OU=Europe,DC=test,DC=com"));
}

/* -S, -A and -D say what was done, not what is. */
TEST(setspn_actions_are_no_state)
{
    CHECK_FACTS("C:\\>setspn -S HTTP/x web\n"
                "Checking domain DC=test,DC=com\n"
                "\n"
                "Registering ServicePrincipalNames for " WEB "\n"
                "\tHTTP/x\n"
                "Updated object\n",
                "setspn", "");
    /* refused: the owner is shown */
    CHECK_FACTS("C:\\>setspn -S HTTP/x web\n"
                "Checking domain DC=test,DC=com\n" SVC "\n"
                "\tHTTP/x\n"
                "\n"
                "Duplicate SPN found, aborting operation!\n",
                "setspn", OWNER(4, "HTTP/x", "null", SVC));
}

TEST(setspn_published_commands_have_long_dashes_and_quotes)
{
    CHECK_FACTS("setspn \xE2\x80\x93Q \xE2\x80\x9CHTTP/no\xE2\x80\x9D\n"
                "Checking domain DC=test,DC=com\n"
                "No such SPN found.\n",
                "setspn", ABSENT(3, "HTTP/no"));
}

TEST(setspn_prose_and_other_commands_around)
{
    CHECK_FACTS("Hi team,\n\nplease find the output below. HTTP/web is what we use.\n\n"
                "> C:\\>setspn -L svc\n"
                "> Registered ServicePrincipalNames for CN=svc,DC=test,DC=com:\n"
                ">         HTTP/web\n"
                ">         HTTP/http://bad\n"
                "> C:\\>ping web\n"
                "> Reply from 10.0.0.1: bytes=32\n"
                "\nThanks/Regards\n",
                "setspn",
                OWNER(7, "HTTP/web", "\"svc\"", "CN=svc,DC=test,DC=com")
                    OWNER(8, "HTTP/http://bad", "\"svc\"", "CN=svc,DC=test,DC=com"));
}

TEST(setspn_help_is_no_output)
{
    CHECK_FACTS("Usage: setspn [modifiers switch data] computername\n"
                "  -R = reset HOST ServicePrincipalName\n"
                "    Usage:   setspn -R computername\n"
                "  -S = add arbitrary SPN after verifying no duplicates exist\n",
                NULL, "");
}

/* Blanks of a web page, and a code fence where the answer was cut off. */
TEST(setspn_from_a_page)
{
    CHECK_FACTS("C:\\>setspn -Q HTTP/x\n"
                "Checking\xC2\xA0"
                "domain\xC2\xA0"
                "DC=test,DC=com\n"
                "```\n",
                "setspn", "");
    CHECK_FACTS("Registered\xC2\xA0ServicePrincipalNames\xC2\xA0"
                "for\xC2\xA0" WEB ":\n"
                "\xC2\xA0\xC2\xA0HTTP/x\xE2\x80\x8B\n",
                "setspn", OWNER(2, "HTTP/x", "null", WEB));
}
