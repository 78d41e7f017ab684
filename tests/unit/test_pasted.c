/* SPDX-License-Identifier: MIT */
#include "cli/token.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/pasted.h"
#include "harness.h"
#include "lab.h"

/* The published token of "IIS 7+ Kerberos authentication failure: KRB_AP_ERR_MODIFIED" (Microsoft
 * support), overwritten in places by its author. */
#define PUBLISHED                                                                                  \
    "oWwwaqADCgEBomMEYWBfBgkqhkiG9xIBAgIDAH5QME6abcdIBBaEDAgEepBEYDzIwMTExMabcd0MDUxMDE0WqUabcd"   \
    "2mAwIBKakKGwhURVNULkNPTaoXMBWgAwIBAaEOMAwbCmNvbnRvc29zdmM="

static bool has(const char *text, const char *part)
{
    bool found = strstr(text, part) != NULL;

    if (!found)
        test_fail(__FILE__, __LINE__, "\"%s\" is not in:\n%s", part, text);
    return found;
}

static void check_published(const char *pasted)
{
    struct text out = {0};

    CHECK_INT(token_explain(&out, pasted), 0);
    has(text_str(&out), "NegTokenResp");
    has(text_str(&out), "accept-incomplete");
    has(text_str(&out), "1.2.840.113554.1.2.2");
    has(text_str(&out), "03 00");
    has(text_str(&out), "KRB-ERROR");
    has(text_str(&out), "41 KRB_AP_ERR_MODIFIED");
    has(text_str(&out), "realm           TEST.COM");
    has(text_str(&out), "sname           contososvc (name type 1");
    has(text_str(&out), "damaged: a length runs over the end of what holds it at offset 32 of");
    has(text_str(&out), "damaged: offsets 32 to 67 cannot be read");
    text_clear(&out);
}

TEST(published_token_in_all_the_ways_it_is_pasted)
{
    check_published(PUBLISHED);
    check_published("WWW-Authenticate: Negotiate " PUBLISHED);
    check_published("www-authenticate:Negotiate " PUBLISHED "\r\nContent-Length: 341\r\n");
    check_published(
        "HTTP/1.1 401 Unauthorized\r\nServer: x\r\nWWW-Authenticate: negotiate " PUBLISHED);
    check_published("\xE2\x80\x9C" PUBLISHED "\xE2\x80\x9D");
    check_published("'Negotiate " PUBLISHED "'");
    check_published("\xEF\xBB\xBF" PUBLISHED "\n");
    check_published(
        "oWwwaqADCgEBomMEYWBfBgkqhkiG9xIBAgIDAH5QME6abcdIBBaEDAgEepBEYDzIwMTExMabcd0\r\n"
        "  MDUxMDE0WqUabcd2mAwIBKakKGwhURVNULkNPTaoXMBWgAwIBAaEOMAwbCmNvbnRvc29zdmM");
    check_published(
        "oWwwaqADCgEBomMEYWBfBgkqhkiG9xIBAgIDAH5QME6abcdIBBaEDAgEepBEYDzIwMTExMabcd0\xC2\xA0"
        "MDUxMDE0WqUabcd2mAwIBKakKGwhURVNULkNPTaoXMBWgAwIBAaEOMAwbCmNvbnRvc29zdmM%3D");
}

/* The same bytes as xxd, hexdump -C and Wireshark write them. */
TEST(hexadecimal_in_its_usual_forms)
{
    static const char *const dumps[] = {
        "a11b3019a0030a0101a1020600a20e040c6e0a3008a003020105a103",
        "A1 1B 30 19 A0 03 0A 01 01 A1 02 06 00 A2 0E 04 0C 6E 0A 30 08 A0 03 02 01 05 A1 03",
        "00000000: a11b 3019 a003 0a01 01a1 0206 00a2 0e04  ..0.............\n"
        "00000010: 0c6e 0a30 08a0 0302 0105 a103            .n.0........\n",
        "00000000  a1 1b 30 19 a0 03 0a 01  01 a1 02 06 00 a2 0e 04  |..0.............|\n"
        "00000010  0c 6e 0a 30 08 a0 03 02  01 05 a1 03              |.n.0........|\n"
        "0000001c\n",
        "0000   a1 1b 30 19 a0 03 0a 01 01 a1 02 06 00 a2 0e 04   ..0.............\n"
        "0010   0c 6e 0a 30 08 a0 03 02 01 05 a1 03               .n.0........\n",
        "0xa1,0x1b,0x30,0x19,0xa0,0x03,0x0a,0x01,0x01,0xa1,0x02,0x06,0x00,0xa2,0x0e,0x04,0x0c,0x6e,"
        "0x0a,0x30,0x08,0xa0,0x03,0x02,0x01,0x05,0xa1,0x03",
    };
    size_t i;

    for (i = 0; i < sizeof(dumps) / sizeof(dumps[0]); i++) {
        struct pasted pasted;
        struct bytes want = test_hex(dumps[0]);

        pasted_decode(dumps[i], &pasted);
        CHECK_INT(pasted.form, PASTED_HEX);
        CHECK(
            bytes_equal(want, (struct bytes){(const uint8_t *)pasted.bytes.at, pasted.bytes.len}));
        if (pasted.bytes.len != want.len)
            test_fail(__FILE__, __LINE__, "dump %zu: %zu bytes", i, pasted.bytes.len);
        text_clear(&pasted.bytes);
        free((void *)want.at);
    }
}

TEST(what_is_no_token_is_named_so)
{
    static const char *const others[] = {"",
                                         "   ",
                                         "hello world",
                                         "Negotiate",
                                         "WWW-Authenticate:",
                                         "TlRM",
                                         "Basic dXNlcjpwYXNz",
                                         "<html>",
                                         "AAAA",
                                         "http://contoso.test.com/"};
    size_t i;

    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct text out = {0};

        CHECK_INT(token_explain(&out, others[i]), 2);
        CHECK(strncmp(text_str(&out), "not a token: ", 13) == 0);
        text_clear(&out);
    }
}

TEST(a_shortened_request_still_names_its_ticket)
{
    struct text out = {0};
    char hex[401];

    memcpy(hex, lab_ap_req_token, 400);
    hex[400] = '\0';
    CHECK_INT(token_explain(&out, hex), 0);
    has(text_str(&out), "AP-REQ");
    has(text_str(&out), "ticket sname    HTTP/iis01.test.com (name type 3");
    has(text_str(&out), "ticket etype    18 (aes256-cts-hmac-sha1-96)");
    has(text_str(&out), "ticket kvno     3");
    has(text_str(&out), "damaged: the token is cut short: it ends at offset 200");
    text_clear(&out);
}

/* One phrase of the facts that came with a token. */
static void check_fact(const char *out, const char *fact)
{
    char a[256], b[512];
    int n;

    if (sscanf(fact, "NegTokenResp %255s", a) == 1) {
        has(out, "NegTokenResp");
        has(out, a);
    } else if (sscanf(fact, "supportedMech %255s", a) == 1) {
        has(out, "supportedMech");
        has(out, a);
    } else if (strcmp(fact, "old OID") == 0) {
        has(out, "supportedMech   1.2.840.48018.1.2.2");
    } else if (sscanf(fact, "KRB-ERROR %255s", a) == 1) {
        snprintf(b, sizeof(b), "error-code      %s ", a);
        has(out, b);
    } else if (sscanf(fact, "realm %255s", a) == 1) {
        snprintf(b, sizeof(b), "  realm           %s\n", a);
        has(out, b);
    } else if (sscanf(fact, "sname %200s (type %d)", a, &n) == 2) {
        snprintf(b, sizeof(b), "  sname           %s (name type %d,", a, n);
        has(out, b);
    } else if (sscanf(fact, "stime %200s susec %d", a, &n) == 2) {
        snprintf(b, sizeof(b), "  stime           %s, %d us\n", a, n);
        has(out, b);
    } else if (sscanf(fact, "AP-REP etype %d", &n) == 1) {
        snprintf(b, sizeof(b), "enc-part etype  %d (", n);
        has(out, "AP-REP");
        has(out, b);
    } else if (sscanf(fact, "no %255s", a) == 1) {
        CHECK(strstr(out, a) == NULL);
    } else if (strstr(fact, "mechListMIC") != NULL) {
        has(out, "mechListMIC");
    } else if (strcmp(fact, "nothing else") == 0) {
        CHECK(strstr(out, "AP-REP") == NULL && strstr(out, "KRB-ERROR") == NULL);
    } else {
        test_fail(__FILE__, __LINE__, "a fact of an unknown form: %s", fact);
    }
}

static void check_token(const char *name, const char *token, char *facts)
{
    struct text out = {0};
    char *fact, *next;

    if (token_explain(&out, token) != 0)
        test_fail(__FILE__, __LINE__, "%s: no token", name);
    for (fact = facts; fact != NULL; fact = next) {
        next = strstr(fact, ", ");
        if (next != NULL) {
            *next = '\0';
            next += 2;
        }
        if ((fact[0] != 'A' || fact[1] != 'P') && strstr(fact, "with AP-REP etype") != NULL) {
            check_fact(text_str(&out), strstr(fact, "AP-REP"));
            *strstr(fact, " with AP-REP") = '\0';
        }
        check_fact(text_str(&out), fact);
    }
    CHECK(strstr(text_str(&out), "damaged") == NULL);
    text_clear(&out);
}

/* Tokens of real servers; name, source, token and facts in columns. */
TEST(tokens_of_real_servers_give_all_their_facts)
{
    FILE *file = fopen("../shared/tokens/tokens.tsv", "r");
    char row[8192];
    int num = 0;

    if (file == NULL) {
        test_skip("no tokens beside the repository");
        return;
    }
    while (fgets(row, sizeof(row), file) != NULL) {
        char *name = strtok(row, "\t"), *source = strtok(NULL, "\t"), *token = strtok(NULL, "\t"),
             *facts = strtok(NULL, "\t\n");

        if (facts == NULL || strcmp(name, "name") == 0 || source == NULL)
            continue;
        check_token(name, token, facts);
        num++;
    }
    fclose(file);
    CHECK(num >= 7);
}
