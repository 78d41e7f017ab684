/* SPDX-License-Identifier: MIT */
#include "evidence/etype_name.h"

struct optint etype_number(struct bytes name)
{
    static const struct {
        const char *name;
        int64_t number;
    } names[] = {
        {"des-cbc-crc", 1},
        {"des-cbc-md4", 2},
        {"des-cbc-md5", 3},
        {"Kerberos DES-CBC-CRC", 1},
        {"Kerberos DES-CBC-MD5", 3},
        {"des-hmac-sha1", 8},
        {"des3-cbc-sha1", 16},
        {"des3-hmac-sha1", 16},
        {"aes128-cts-hmac-sha1-96", 17},
        {"aes128-cts", 17},
        {"AES-128-CTS-HMAC-SHA1-96", 17},
        {"aes256-cts-hmac-sha1-96", 18},
        {"aes256-cts", 18},
        {"AES-256-CTS-HMAC-SHA1-96", 18},
        {"aes128-cts-hmac-sha256-128", 19},
        {"aes128-sha2", 19},
        {"aes256-cts-hmac-sha384-192", 20},
        {"aes256-sha2", 20},
        {"arcfour-hmac", 23},
        {"arcfour-hmac-md5", 23},
        {"rc4-hmac", 23},
        {"RSADSI RC4-HMAC(NT)", 23},
        {"AES-256 CTS mode with 96-bit SHA-1 HMAC", 18}, /* MIT before 1.11 */
        {"AES-128 CTS mode with 96-bit SHA-1 HMAC", 17},
        {"ArcFour with HMAC/md5", 23},
        {"Triple DES cbc mode with HMAC/sha1", 16},
        {"DES cbc mode with CRC-32", 1},
        {"DES cbc mode with RSA-MD5", 3},
        {"arcfour-hmac-exp", 24},
        {"arcfour-hmac-md5-exp", 24},
        {"camellia128-cts-cmac", 25},
        {"camellia256-cts-cmac", 26},
    };
    size_t i;
    struct optint none = {false, 0};
    size_t colon = span_find(name, ":");

    if (colon != SIZE_MAX)
        name = span_from(name, colon + 1);
    name = span_trim(name);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (span_is_nocase(name, names[i].name))
            return optint(names[i].number);
    return none;
}
