/* SPDX-License-Identifier: MIT */
/* krb5.conf, keytab, nltest, repadmin, code pages, and what is none of the kinds. */
#include "unit/evidence_check.h"

static const char conf[] = "# a comment\n"
                           "[libdefaults]\n"
                           "\tdefault_realm = TEST.COM\n"
                           "\tdefault_realm = LATER.COM\n"
                           "    rdns = no\n"
                           "    dns_canonicalize_hostname = fallback\n"
                           "    permitted_enctypes = aes256-cts # no comment here\n"
                           "[realms]\n"
                           "    TEST.COM = {\n"
                           "        kdc = dc1\n"
                           "        rdns = yes\n"
                           "    }\n"
                           "[domain_realm]\n"
                           "    .test.com = TEST.COM\n";

TEST(krb5_conf)
{
    struct seen seen;

    CHECK_FACTS(conf, "krb5conf",
                FACT("krb5-conf", 2,
                     "\"default_realm\":\"TEST.COM\",\"rdns\":\"no\","
                     "\"dns_canonicalize_hostname\":\"fallback\","
                     "\"permitted_enctypes\":\"aes256-cts # no comment here\""));
    see_bytes(&seen, bytes_of_text(conf));
    CHECK(seen.log.num == 2 && seen.log.at[1].krb5_conf->domain_realm.num == 1);
    seen_clear(&seen);
    check_prefixes(bytes_of_text(conf), true);
}

TEST(krb5_conf_alike)
{
    CHECK_FACTS("[global]\n realm = TEST.COM\n kerberos method = secrets and keytab\n", NULL, "");
}

/* Two entries as ktutil writes them, a hole between; the second has a kvno of 32 bits. The format
 * is that of MIT krb5's doc/formats/keytab_file_format.rst. */
static const char keytab_hex[] =
    "05 02 "
    "00 00 00 28  00 02 00 04 54 45 53 54 00 04 48 54 54 50 00 01 77 00 00 00 01 00 00 00 05 03 "
    "00 12 00 04 11 22 33 44 00 00 00 03 00 00 "
    "ff ff ff fe  00 00 "
    "00 00 00 1c  00 01 00 01 52 00 02 61 24 00 00 00 01 00 00 00 00 2c 00 17 00 02 55 66 00 00 01 "
    "2c";

TEST(keytab_entries)
{
    struct bytes content = test_hex(keytab_hex);
    struct seen seen;

    see_bytes(&seen, content);
    CHECK_STR(seen.kind, "keytab");
    CHECK_STR(text_str(&seen.facts),
              FACT("key", 1, "\"principal\":\"HTTP/w@TEST\",\"kvno\":3,\"etype\":18")
                  FACT("key", 1, "\"principal\":\"a$@R\",\"kvno\":300,\"etype\":23"));
    CHECK_INT(seen_problems(&seen), 0);
    seen_clear(&seen);
    check_prefixes(content, true);
    free((void *)(uintptr_t)content.at);
}

TEST(keytab_cut_within_an_entry)
{
    struct bytes content = test_hex(keytab_hex);
    struct seen seen;

    content.len -= 8;
    see_bytes(&seen, content);
    CHECK(strstr(text_str(&seen.facts), "HTTP/w@TEST") != NULL);
    CHECK(strstr(text_str(&seen.facts), "a$@R") == NULL);
    CHECK(seen_problems(&seen) > 0);
    seen_clear(&seen);
    free((void *)(uintptr_t)content.at);
}

TEST(nltest_verify)
{
    struct seen seen;
    static const char text[] = "C:\\>nltest.exe /sc_verify:test.com\n"
                               "Flags: b0 HAS_IP  HAS_TIMESERV \n"
                               "Trusted DC Name \\\\dc1.test.com \n"
                               "Trusted DC Connection Status Status = 0 0x0 NERR_Success\n"
                               "Trust Verification Status = 5 0x5 ERROR_ACCESS_DENIED\n"
                               "The command completed successfully\n";

    CHECK_FACTS(text, "nltest",
                FACT("nltest", 3, "\"domain\":\"test.com\",\"dc\":\"dc1.test.com\",\"status\":5"));
    see_bytes(&seen, bytes_of_text(text));
    CHECK(seen.log.num == 2 && seen.log.at[1].nltest->verified);
    seen_clear(&seen);
}

TEST(repadmin_rows)
{
    CHECK_FACTS(
        "C:\\>repadmin /showobjmeta dc1 \"CN=svc web,DC=test,DC=com\"\n\n"
        "30 entries.\n"
        "Loc.USN                           Originating DSA  Org.USN  Org.Time/Date        Ver "
        "Attribute\n"
        "=======                           =============== ========= =============        === "
        "=========\n"
        "  12604                        Site Two\\DC1     12604 2019-11-05 09:38:09    1 "
        "objectClass\n"
        "  22604                        Site Two\\DC2     99604 2020-11-05 09:38:09    7 "
        "unicodePwd\n"
        "  22605                        Site Two\\DC2     99605 2020-11-05 09:38:10    2 "
        "servicePrincipalName\n",
        "repadmin",
        FACT("repadmin", 7,
             "\"object\":\"CN=svc web,DC=test,DC=com\",\"dc\":\"dc1\",\"attribute\":\"unicodePwd\","
             "\"version\":7,\"time\":\"2020-11-05 09:38:09\",\"dsa\":\"Site Two\\\\DC2\"")
            FACT("repadmin", 8,
                 "\"object\":\"CN=svc web,DC=test,DC=com\",\"dc\":\"dc1\",\"attribute\":"
                 "\"servicePrincipalName\",\"version\":2,\"time\":\"2020-11-05 09:38:10\",\"dsa\":"
                 "\"Site Two\\\\DC2\""));
}

static void check_encoding(const char *hex, const char *want)
{
    struct bytes content = test_hex(hex);
    struct seen seen;
    struct text text = {0};

    /* a line that makes it evidence, then the words */
    text_put(&text, "Checking domain DC=test,DC=com\r\n\r\n");
    text_put_bytes(&text, content);
    see_bytes(&seen, (struct bytes){(const uint8_t *)text.at, text.len});
    CHECK_STR(seen.kind, "setspn");
    if (seen.log.num > 0 && seen.log.at[0].kind == KIND_evidence_file)
        CHECK_STR(seen.log.at[0].evidence_file->encoding, want);
    seen_clear(&seen);
    text_clear(&text);
    free((void *)(uintptr_t)content.at);
}

/* Bytes made with: printf '...' | iconv -t CP850 | od -An -tx1 */
TEST(code_pages)
{
    check_encoding("56 82 72 69 66 69 63 61 74 69 6f 6e 20 84 20 6c 27 65 6e 74 72 82 65", "CP850");
    check_encoding("56 e9 72 69 66 69 63 61 74 69 6f 6e 20 e0 20 6c 27 65 6e 74 72 e9 65",
                   "CP1252");
    check_encoding("8f e0 ae a2 a5 e0 aa a0 20 a4 ae ac a5 ad a0", "CP866");
    check_encoding("cf f0 ee e2 e5 f0 ea e0 20 e4 ee ec e5 ed e0", "CP1251");
    check_encoding("83 68 83 81 83 43 83 93 82 f0 8a 6d 94 46 82 b5 82 c4 82 a2 82 dc 82 b7",
                   "CP932");
    check_encoding("d5 fd d4 da bc ec b2 e9 d3 f2", "CP936");
    check_encoding("a5 bf a6 62 c0 cb ac 64 ba f4 b0 ec", "CP950");
    check_encoding("56 c3 a9 72 69 66 69 63 61 74 69 6f 6e", "UTF-8");
}

TEST(unknown_files_are_named)
{
    struct seen seen;

    see_bytes(&seen, bytes_of_text("Nmap scan report for a\n"));
    CHECK_STR(seen.kind, NULL);
    CHECK_INT(seen.log.num, 1);
    CHECK_STR(seen.log.at[0].problem->code, "unknown-evidence");
    seen_clear(&seen);
    see_bytes(&seen, bytes_of_text("hello\n"));
    CHECK_STR(seen.log.at[0].problem->code, "unknown-data");
    seen_clear(&seen);
    see_bytes(&seen, bytes_of_text(""));
    CHECK_STR(seen.log.at[0].problem->code, "unknown-evidence");
    seen_clear(&seen);
}
