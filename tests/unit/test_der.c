/* SPDX-License-Identifier: MIT */
#include "asn1/der.h"

#include <stdlib.h>

#include "asn1/oid.h"
#include "base/limits.h"
#include "harness.h"

/* The first element of hexadecimal bytes, which stay allocated until `drop`. */
struct one {
    struct bytes raw;
    struct reader in;
    struct der_story story;
    struct der der;
    bool taken;
};

static struct one take(const char *hex, bool open)
{
    struct bytes loose = test_hex(hex);
    struct one one = {.raw = test_exact(loose)};

    free((void *)loose.at);
    reader_init(&one.in, one.raw, open);
    one.taken = der_take(&one.in, &one.story, &one.der);
    return one;
}

static void drop(struct one *one)
{
    free((void *)one->raw.at);
}

/* X.690, 8.1.2 to 8.1.5, 8.14.3 */
TEST(headers)
{
    struct one one = take("1a054a6f6e6573", false);

    CHECK(one.taken && der_is(&one.der, DER_UNIVERSAL, 26) && !one.der.constructed);
    CHECK_INT(reader_left(&one.der.in), 5);
    CHECK_INT(one.der.end, 7);
    drop(&one);
    one = take("a7 02 43 00", false); /* [7] constructed */
    CHECK(der_is(&one.der, DER_CONTEXT, 7) && one.der.constructed);
    drop(&one);
    one = take("7f 81 48 01 00", false); /* [APPLICATION 200] */
    CHECK(der_is(&one.der, DER_APPLICATION, 200));
    CHECK_INT(one.story.odd, 0);
    drop(&one);
    one = take("df 1e 00", false); /* [PRIVATE 30] in the long form */
    CHECK(der_is(&one.der, DER_PRIVATE, 30));
    CHECK_INT(one.story.odd, DER_ODD_LONG_TAG);
    drop(&one);
    one = take("df 90 80 80 80 00 00", false);
    CHECK(!one.taken);
    CHECK_INT(one.story.fault, FAULT_LIMIT);
    drop(&one);
    one = take("04 81 03 aabbcc", false);
    CHECK_INT(reader_left(&one.der.in), 3);
    CHECK_INT(one.story.odd, DER_ODD_LONG_LENGTH);
    drop(&one);
    one = take("04 88 00000000 00000003 aabbcc", false);
    CHECK_INT(reader_left(&one.der.in), 3);
    drop(&one);
    one = take("04 ff 00", false);
    CHECK_INT(one.story.fault, FAULT_MALFORMED);
    CHECK_INT(one.story.fault_at, 1);
    drop(&one);
    one = take("04 80 aa 00 00", false); /* indefinite needs constructed */
    CHECK_INT(one.story.fault, FAULT_MALFORMED);
    drop(&one);
}

TEST(what_is_too_long_is_given_as_far_as_it_is_there)
{
    struct one one = take("04 05 aabb", false);

    CHECK(one.taken && one.der.cut);
    CHECK_INT(one.story.fault, FAULT_MALFORMED);
    CHECK_INT(one.story.fault_at, 0);
    CHECK_INT(reader_left(&one.der.in), 2);
    CHECK(!der_string(&one.der, &one.story).set);
    CHECK_INT(der_string(&one.der, &one.story).raw.len, 2);
    drop(&one);
    one = take("04 05 aabb", true);
    CHECK_INT(one.story.fault, FAULT_NEEDS_MORE);
    CHECK_INT(one.story.fault_at, 4);
    drop(&one);
    one = take("04 89 ffffffffffffffffff aa", false); /* a length beyond 64 bits */
    CHECK(one.der.cut);
    drop(&one);
}

TEST(indefinite_lengths_are_read_and_noted)
{
    struct one one = take("30 80 30 80 02 01 05 00 00 04 02 0000 00 00 05 00", false);

    CHECK(one.taken && !one.der.cut);
    CHECK_INT(one.der.end, 15);
    CHECK_INT(reader_left(&one.in), 2);
    CHECK_INT(reader_left(&one.der.in), 11);
    CHECK_INT(one.story.odd, DER_ODD_INDEFINITE);
    drop(&one);
    one = take("30 80 02 01 05 00", true);
    CHECK(one.der.cut);
    CHECK_INT(one.story.fault, FAULT_NEEDS_MORE);
    drop(&one);
    one = take("30 80 02 01 05", false);
    CHECK_INT(one.story.fault, FAULT_MALFORMED);
    drop(&one);
}

TEST(nesting_without_lengths_is_bounded)
{
    uint8_t raw[2 * LIMIT_DER_DEPTH + 8];
    struct reader in;
    struct der_story story = {0};
    struct der der;
    size_t i;

    for (i = 0; i < sizeof(raw); i += 2) {
        raw[i] = 0x30;
        raw[i + 1] = 0x80;
    }
    reader_init(&in, (struct bytes){raw, sizeof(raw)}, true);
    CHECK(der_take(&in, &story, &der) && der.cut);
    CHECK_INT(story.fault, FAULT_LIMIT);
}

static void check_integer(const char *hex, bool set, int64_t value, unsigned odd, enum fault fault)
{
    struct one one = take(hex, false);
    struct der_int got = der_integer(&one.der, &one.story);

    if (got.set != set || got.value != value || one.story.odd != odd || one.story.fault != fault)
        test_fail(__FILE__, __LINE__, "%s: %lld", hex, (long long)got.value);
    drop(&one);
}

TEST(integers)
{
    check_integer("02 01 00", true, 0, 0, FAULT_NONE);
    check_integer("02 01 7f", true, 127, 0, FAULT_NONE);
    check_integer("02 02 0080", true, 128, 0, FAULT_NONE);
    check_integer("02 01 80", true, -128, 0, FAULT_NONE);
    check_integer("02 02 ff79", true, -135, 0, FAULT_NONE); /* etype of old RC4 */
    check_integer("02 05 00ffffffff", true, 4294967295, 0, FAULT_NONE);
    check_integer("02 08 7fffffffffffffff", true, INT64_MAX, 0, FAULT_NONE);
    check_integer("02 08 8000000000000000", true, INT64_MIN, 0, FAULT_NONE);
    check_integer("02 02 0005", true, 5, DER_ODD_LONG_INTEGER, FAULT_NONE);
    check_integer("02 02 ff80", true, -128, DER_ODD_LONG_INTEGER, FAULT_NONE);
    check_integer("02 00", false, 0, 0, FAULT_MALFORMED);
    check_integer("02 09 00ffffffffffffffff", false, 0, 0, FAULT_LIMIT);
}

TEST(flags_are_the_first_32_bits)
{
    struct one one = take("03 05 00 40810010", false);

    CHECK_INT(der_flags(&one.der, &one.story).value, 0x40810010);
    drop(&one);
    one = take("03 02 05 a0", false);
    CHECK_INT(der_flags(&one.der, &one.story).value, 0xA0000000);
    drop(&one);
    one = take("03 01 08", false);
    CHECK(!der_flags(&one.der, &one.story).set);
    drop(&one);
    one = take("03 00", false);
    CHECK(!der_flags(&one.der, &one.story).set);
    CHECK_INT(one.story.fault, FAULT_MALFORMED);
    drop(&one);
}

static void check_time(const char *text, bool set, int64_t value, unsigned odd)
{
    struct der der = {0};
    struct der_story story = {0};
    struct der_int got;

    reader_init(&der.in, bytes_of_text(text), false);
    got = der_time(&der, &story);
    if (got.set != set || got.value != value || story.odd != odd ||
        (story.fault == FAULT_NONE) != set)
        test_fail(__FILE__, __LINE__, "%s: %lld", text, (long long)got.value);
}

/* Seconds from date -u -d ... +%s */
TEST(times)
{
    check_time("19700101000000Z", true, 0, 0);
    check_time("20111014051014Z", true, 1318569014, 0);
    check_time("20000229235959Z", true, 951868799, 0);
    check_time("20380119031408Z", true, 2147483648, 0);
    check_time("99991231235959Z", true, 253402300799, 0);
    check_time("19691231235959Z", true, -1, 0);
    check_time("00010101000000Z", true, -62135596800, 0);
    check_time("20111014051014.25Z", true, 1318569014, DER_ODD_TIME);
    check_time("20111014051014", true, 1318569014, DER_ODD_TIME);
    check_time("21000229000000Z", false, 0, 0);
    check_time("20111314051014Z", false, 0, 0);
    check_time("2011101405101Z", false, 0, 0);
    check_time("20111014051014Zx", false, 0, 0);
    check_time("20111014051014+0200", false, 0, 0);
    check_time("", false, 0, 0);
}

TEST(object_identifiers)
{
    char text[OID_TEXT_ROOM];
    struct bytes krb5 = test_hex("2a864886f712010202"), ms = test_hex("2a864882f712010202"),
                 bad = test_hex("2a86"), big = test_hex("2a90808080807f"),
                 top = test_hex("883703"); /* X.690, 8.19.5: 2.999.3 */

    CHECK(oid_text(krb5, text));
    CHECK_STR(text, "1.2.840.113554.1.2.2");
    CHECK_INT(oid_mech(krb5), MECH_KRB5);
    CHECK_INT(oid_mech(ms), MECH_KRB5_MS);
    CHECK(oid_text(top, text));
    CHECK_STR(text, "2.999.3");
    CHECK(!oid_text(bad, text));
    CHECK(!oid_text(big, text));
    CHECK_STR(text, "");
    CHECK_INT(oid_mech(bad), MECH_OTHER);
    CHECK_STR(oid_name("1.3.6.1.5.5.2"), "SPNEGO");
    CHECK_STR(oid_name("1.2.3"), NULL);
    free((void *)krb5.at);
    free((void *)ms.at);
    free((void *)bad.at);
    free((void *)big.at);
    free((void *)top.at);
}
