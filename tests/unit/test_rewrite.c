/* SPDX-License-Identifier: MIT */
/* Captures out: blocks, checksums, and what is a secret. */
#include <stdlib.h>

#include "rewrite/block.h"
#include "rewrite/patch.h"
#include "rewrite/scan.h"
#include "tests/harness.h"

/* RFC 1071 section 3: these octets sum to 0xDDF2, so their checksum is 0x220D. */
TEST(checksum_of_rfc_1071)
{
    static const uint8_t was[] = {0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t now[] = {0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7};
    uint16_t empty = 0xFFFF; /* the checksum of nothing but zeros */

    CHECK_INT(checksum_mend(empty, (struct bytes){was, 8}, (struct bytes){now, 8}), 0x220D);
    CHECK_INT(checksum_mend(0x220D, (struct bytes){now, 8}, (struct bytes){now, 8}), 0x220D);
    /* an odd last octet stands in the upper half of its word: F4 alone is F400 */
    CHECK_INT(checksum_mend(empty, (struct bytes){was, 5}, (struct bytes){now, 5}),
              (uint16_t) ~(0x0001 + 0xF203 + 0xF400 - 0xFFFF));
}

/* RFC 1624 section 4: HC = DD2F, m = 5555, m' = 3285 gives 0000. */
TEST(checksum_of_rfc_1624)
{
    static const uint8_t was[] = {0x55, 0x55}, now[] = {0x32, 0x85};

    CHECK_INT(checksum_mend(0xDD2F, (struct bytes){was, 2}, (struct bytes){now, 2}), 0x0000);
}

/* draft-ietf-opsawg-pcapng section 4.3: an enhanced packet block of one octet without options. */
static const uint8_t plain[] = {6, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0,    0, 0, 0, 0,  0, 7, 0,
                                0, 0, 1, 0, 0,  0, 1, 0, 0, 0, 0xAB, 0, 0, 0, 36, 0, 0, 0};

TEST(comment_where_no_option_was)
{
    static const uint8_t tail[] = {1, 0, 2, 0, 'h', 'i', 0, 0, 0, 0, 0, 0, 48, 0, 0, 0};
    struct text out = {0};

    CHECK(block_put_commented(&out, (struct bytes){plain, sizeof(plain)}, false, "hi"));
    CHECK_INT(out.len, 48);
    CHECK_INT(out.at[4], 48);
    CHECK(memcmp(out.at + 8, plain + 8, 24) == 0);
    CHECK(memcmp(out.at + 32, tail, sizeof(tail)) == 0);
    text_clear(&out);
}

TEST(comment_behind_other_options)
{
    struct text first = {0}, second = {0};

    CHECK(block_put_commented(&first, (struct bytes){plain, sizeof(plain)}, false, "one"));
    CHECK(block_put_commented(&second, (struct bytes){(const uint8_t *)first.at, first.len}, false,
                              "two"));
    CHECK_INT(second.len, first.len + 8);
    CHECK(memcmp(second.at + 32, first.at + 32, 8) == 0);
    CHECK(memcmp(second.at + 40, "\1\0\3\0two\0\0\0\0\0", 12) == 0);
    text_clear(&first);
    text_clear(&second);
}

/* Every prefix of a block, and lengths that lie: never a result with other data in front. */
TEST(comment_on_damaged_blocks)
{
    uint8_t raw[sizeof(plain)];
    size_t len;

    for (len = 0; len < sizeof(plain); len++) {
        struct text out = {0};
        struct bytes exact = test_exact((struct bytes){plain, len});

        (void)block_put_commented(&out, exact, false, "hi");
        CHECK(out.len == 0 || memcmp(out.at + 8, plain + 8, 20) == 0);
        text_clear(&out);
        free((void *)(uintptr_t)exact.at);
    }
    memcpy(raw, plain, sizeof(raw));
    raw[20] = 200; /* more captured octets than the block holds */
    {
        struct text out = {0};

        CHECK(!block_put_commented(&out, (struct bytes){raw, sizeof(raw)}, false, "hi"));
        CHECK_INT(out.len, 0);
        text_clear(&out);
    }
}

TEST(long_comment_is_cut_between_characters)
{
    struct text comment = {0}, out = {0};
    size_t i, len;

    text_put(&comment, "x");
    for (i = 0; i < 40000; i++)
        text_put(&comment, "\xC3\xA4");
    CHECK(
        block_put_commented(&out, (struct bytes){plain, sizeof(plain)}, false, text_str(&comment)));
    len = (size_t)(uint8_t)out.at[34] | (size_t)(uint8_t)out.at[35] << 8;
    CHECK(len > 65000 && len % 2 == 1);
    text_clear(&comment);
    text_clear(&out);
}

/* Comments, custom options (draft-ietf-opsawg-pcapng 3.5.1) and what hides behind the last option
 * go; flags stay. */
TEST(a_block_without_what_people_wrote)
{
    static const uint8_t options[] = {2,    0,    4,    0, 1,   0,   0,   0, /* epb_flags */
                                      1,    0,    3,    0, 'p', 'w', 'd', 0, /* comment */
                                      0xAC, 0x0B, 8,    0, 1,   2,   3,   4,   's', 'e', 'c',
                                      'r',  0xAD, 0x4B, 5, 0,   1,   2,   3,   4,   'x', 0,
                                      0,    0,    0,    0, 0,   0,   'h', 'i', 'd', 'e'};
    struct text block = {0}, out = {0}, again = {0};
    int64_t num = 0;
    size_t len = sizeof(plain) + sizeof(options);

    text_put_bytes(&block, (struct bytes){plain, sizeof(plain) - 4});
    text_put_bytes(&block, (struct bytes){options, sizeof(options)});
    block.at[4] = (char)len;
    text_put_char(&block, (char)len);
    text_put_bytes(&block, (struct bytes){(const uint8_t *)"\0\0\0", 3});
    CHECK(block_put_stripped(&out, (struct bytes){(const uint8_t *)block.at, block.len}, false,
                             &num));
    CHECK_INT(num, 4);
    CHECK_INT(out.len, sizeof(plain) + 12);
    CHECK_INT(out.at[4], (int)out.len);
    CHECK(memcmp(out.at + 8, plain + 8, 24) == 0);
    CHECK(memcmp(out.at + 32, options, 8) == 0);
    CHECK(
        !block_put_stripped(&again, (struct bytes){(const uint8_t *)out.at, out.len}, false, &num));
    CHECK_INT(again.len, 0);
    text_clear(&block);
    text_clear(&out);
    text_clear(&again);
}

/* Every prefix: nothing of the comment is in the result, whatever is damaged. */
TEST(damaged_blocks_without_what_people_wrote)
{
    struct text block = {0};
    size_t len;

    CHECK(block_put_commented(&block, (struct bytes){plain, sizeof(plain)}, false, "password"));
    for (len = 0; len <= block.len; len++) {
        struct bytes exact = test_exact((struct bytes){(const uint8_t *)block.at, len});
        struct text out = {0};
        int64_t num = 0;

        if (block_put_stripped(&out, exact, false, &num)) {
            CHECK(num > 0);
            CHECK(memmem(out.at, out.len, "pass", 4) == NULL);
        } else {
            CHECK_INT(out.len, 0);
            CHECK(len < 40 || memmem(exact.at, len - 4, "pass", 4) == NULL);
        }
        text_clear(&out);
        free((void *)(uintptr_t)exact.at);
    }
    text_clear(&block);
}

/* ---- secrets ---- */

/* SEQUENCE { [0] 18, [1] 3, [2] OCTET STRING of 16 octets }, RFC 4120 section 5.2.9. */
static const uint8_t encrypted[] = {0x30, 0x1E, 0xA0, 3,   2,   1,   18,  0xA1, 3,   2,   1,
                                    3,    0xA2, 0x12, 4,   16,  'c', 'i', 'p',  'h', 'e', 'r',
                                    't',  'e',  'x',  't', ' ', '1', '2', '3',  '4', '5'};

static struct scan_counts scan(uint8_t *at, size_t len)
{
    struct scan_counts counts = {0};
    struct scan scan = {.at = at, .len = len, .counts = &counts};

    scan_run(&scan);
    return counts;
}

TEST(ciphertext_is_replaced_the_same_everywhere)
{
    uint8_t one[sizeof(encrypted)], two[sizeof(encrypted) + 5] = {0};

    memcpy(one, encrypted, sizeof(one));
    memcpy(two + 5, encrypted, sizeof(encrypted));
    CHECK_INT(scan(one, sizeof(one)).ciphertexts, 1);
    CHECK_INT(scan(two, sizeof(two)).ciphertexts, 1);
    CHECK(memcmp(one, encrypted, 16) == 0);
    CHECK(memcmp(one + 16, encrypted + 16, 16) != 0);
    CHECK(memcmp(one, two + 5, sizeof(one)) == 0);
}

TEST(cut_ciphertext_is_zeros)
{
    size_t len;

    for (len = 16; len < sizeof(encrypted); len++) {
        uint8_t cut[sizeof(encrypted)] = {0};
        size_t i;

        memcpy(cut, encrypted, len);
        CHECK_INT(scan(cut, len).zeroed, 1);
        for (i = 16; i < len; i++)
            CHECK_INT(cut[i], 0);
    }
}

TEST(pieces_in_common_stay_in_common)
{
    uint8_t one[200], two[200];
    size_t i;

    for (i = 0; i < sizeof(one); i++)
        one[i] = two[i] = (uint8_t)(i * 7);
    two[70] ^= 1;
    scan_replace(one, sizeof(one));
    scan_replace(two, sizeof(two));
    CHECK(memcmp(one, two, 64) == 0);
    CHECK(memcmp(one + 64, two + 64, 64) != 0);
    CHECK(memcmp(one + 128, two + 128, 72) == 0);
}

/* base64 of `encrypted`, by coreutils. */
#define ENCRYPTED64 "MB6gAwIBEqEDAgEDohIEEGNpcGhlcnRleHQgMTIzNDU="

TEST(base64_is_written_back_in_place)
{
    static const char *const forms[] = {
        "GET / HTTP/1.1\r\nAuthorization: Negotiate " ENCRYPTED64 "\r\nHost: a\r\n\r\n",
        "WWW-Authenticate: Negotiate MB6gAwIBEqEDAgED\r\n ohIEEGNpcGhlcnRleHQgMTIzNDU=\r\n\r\n",
        "AUTH GSSAPI " ENCRYPTED64 "\r\n"};
    size_t i;

    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char text[256] = {0};
        size_t len = strlen(forms[i]);

        memcpy(text, forms[i], len);
        CHECK_INT(scan((uint8_t *)text, len).ciphertexts, 1);
        CHECK(strstr(text, "NpcGhlcnRleHQgMTIzNDU") == NULL);
        CHECK(strstr(text, "MB6gAwIBEqEDAgED") != NULL);
        CHECK_INT(strlen(text), len);
    }
}

TEST(credentials_and_cookies_are_crossed_out)
{
    static const char text[] = "GET / HTTP/1.1\r\nCookie: a=secret1; b=secret2\r\n"
                               "authorization: Basic dXNlcjpwdw==\r\nX: Cookie: kept=1\r\n\r\n"
                               "HTTP/1.1 200 OK\r\nSet-Cookie: s=secret3; Path=/p\r\n\r\n";
    static const char want[] = "GET / HTTP/1.1\r\nCookie: a=xxxxxxx; b=xxxxxxx\r\n"
                               "authorization: Basic xxxxxxxxxx==\r\nX: Cookie: kept=1\r\n\r\n"
                               "HTTP/1.1 200 OK\r\nSet-Cookie: s=xxxxxxx; Path=/p\r\n\r\n";
    char got[sizeof(text)];

    memcpy(got, text, sizeof(text));
    CHECK_INT(scan((uint8_t *)got, sizeof(got) - 1).headers, 4);
    CHECK_STR(got, want);
}

/* Octets that the capture does not have are '#' here. */
static void scan_with_hole(char *text)
{
    struct scan_counts counts = {0};
    size_t from = strcspn(text, "#"), to = from + strspn(text + from, "#");
    struct scan_hole hole = {from, to};
    struct scan scan = {.at = (uint8_t *)text,
                        .len = strlen(text),
                        .holes = &hole,
                        .num_holes = 1,
                        .counts = &counts};

    memset(text + from, 0, to - from);
    scan_run(&scan);
    memset(text + from, '#', to - from);
}

TEST(header_behind_what_was_not_captured)
{
    char text[] = "HTTP/1.1 200 OK\r\nServ####Set-Cookie: s=secret; Path=/\r\n\r\n";

    scan_with_hole(text);
    CHECK_STR(text, "HTTP/1.1 200 OK\r\nServ####Set-Cookie: s=xxxxxx; Path=/\r\n\r\n");
}

/* Too short to be looked into, but what it is the header says. */
TEST(end_of_a_token_behind_what_was_not_captured)
{
    char reply[] = "WWW-Authenticate: Negotiate oYG2MIGzoAMK###GVyIHRleHQgMTI=\r\n\r\n";
    char request[] = "Authorization: Negotiate YIIG###GVyIHRleHQgMTI=\r\nHost: a\r\n\r\n";

    scan_with_hole(reply);
    CHECK_STR(reply, "WWW-Authenticate: Negotiate oYG2MIGzoAMK###AAAAAAAAAAAAAA=\r\n\r\n");
    scan_with_hole(request);
    CHECK_STR(request, "Authorization: Negotiate YIIG###AAAAAAAAAAAAAA=\r\nHost: a\r\n\r\n");
}

/* [MS-NLMP] 2.2.1.3: fields of length, maximum and offset at 12 (LM), 20 (NT) and 52 (key). */
TEST(ntlm_response_is_wiped)
{
    uint8_t message[140];
    size_t i, len;

    for (len = sizeof(message); len > 12; len--) {
        memset(message, 'u', sizeof(message));
        memcpy(message, "NTLMSSP\0\3\0\0\0", 12);
        memset(message + 12, 0, 52);
        message[12] = message[14] = 24;
        message[16] = 88;
        message[20] = message[22] = 24;
        message[24] = 112;
        CHECK_INT(scan(message, len).ntlm, 1);
        for (i = 72; i < len && i < 136; i++)
            CHECK_INT(message[i], 0);
    }
    CHECK_INT(message[136], 'u');
}

TEST(nothing_is_found_where_nothing_is)
{
    /* ETYPE-INFO2-ENTRY with s2kparams, RFC 4120 section 5.2.7.5; a NegTokenResp with a token */
    static const uint8_t entry[] = {0x30, 0x14, 0xA0, 3,    2, 1, 18, 0xA1, 5, 0x1B, 3,
                                    'a',  'b',  'c',  0xA2, 6, 4, 4,  0,    0, 16,   0};
    uint8_t raw[sizeof(entry)];

    memcpy(raw, entry, sizeof(raw));
    CHECK_INT(scan(raw, sizeof(raw)).ciphertexts, 0);
    CHECK(memcmp(raw, entry, sizeof(raw)) == 0);
}
