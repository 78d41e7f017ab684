/* SPDX-License-Identifier: MIT */
/* address, arena, digest, fault, map, memory, text, utf8 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "harness.h"

static const char *cleaned(struct arena *arena, const char *raw, size_t len)
{
    return arena_text(arena, (struct bytes){(const uint8_t *)raw, len});
}

/* Table 3-8 of the Unicode standard: how many U+FFFD an ill-formed sequence becomes. */
TEST(utf8_replaces_maximal_subparts)
{
    struct arena arena = {0};

    CHECK_STR(cleaned(&arena, "\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64", 13),
              "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
              "b\xEF\xBF\xBD"
              "c\xEF\xBF\xBD\xEF\xBF\xBD"
              "d");
    CHECK_STR(cleaned(&arena, "\xC0\xAF", 2), "\xEF\xBF\xBD\xEF\xBF\xBD"); /* overlong */
    CHECK_STR(cleaned(&arena, "\xED\xA0\x80", 3),
              "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"); /* surrogate */
    CHECK_STR(cleaned(&arena, "\xF4\x91\x92\x93", 4),
              "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK_STR(cleaned(&arena, "a\0b", 3), "a\xEF\xBF\xBD"
                                          "b");
    CHECK_STR(cleaned(&arena, "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", 9),
              "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK_STR(cleaned(&arena, "", 0), "");
    arena_clear(&arena);
}

TEST(arena_zeroes_aligns_and_keeps)
{
    struct arena arena = {0};
    uint8_t *small = arena_take(&arena, 3, 1), *large = arena_take(&arena, 300000, 1);
    size_t i;

    for (i = 0; i < 300000; i++)
        CHECK(large[i] == 0);
    memset(small, 1, 3);
    memset(large, 2, 300000);
    CHECK((uintptr_t)arena_take(&arena, 1, 1) % _Alignof(max_align_t) == 0);
    CHECK(small[2] == 1 && large[299999] == 2);
    CHECK_STR(arena_print(&arena, "%s-%d", "x", 7), "x-7");
    arena_clear(&arena);
    CHECK_INT(arena.used, 0);
}

/* FIPS 180-4 examples: "abc" and the empty message. */
TEST(sha256_vectors)
{
    struct digest abc = digest_of(bytes_of_text("abc")), empty = digest_of((struct bytes){NULL, 0}),
                  none = {0};
    char room[DIGEST_TEXT_ROOM];

    CHECK_STR(digest_text(&abc, room),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_STR(digest_text(&empty, room),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_STR(digest_text(&none, room), "");
    CHECK(digest_equal(&abc, &abc) && !digest_equal(&abc, &empty) && !digest_equal(&none, &none));
}

TEST(addresses)
{
    struct address a, b;
    char room[ADDRESS_TEXT_ROOM];

    CHECK(address_parse("10.0.5.2", &a) && a.family == 4);
    CHECK_STR(address_text(&a, room), "10.0.5.2");
    CHECK(address_parse("FE80:0:0::0:1", &b) && b.family == 6);
    CHECK_STR(address_text(&b, room), "fe80::1");
    CHECK(!address_equal(&a, &b));
    CHECK(!address_parse("10.0.5", &a) && !address_parse("", &a) &&
          !address_parse("10.0.5.2:80", &a));
    a = address_from((struct bytes){(const uint8_t *)"\x0a\0\5\2\0", 5});
    CHECK_INT(a.family, 0);
    CHECK_STR(address_text(&a, room), "");
}

TEST(map_gives_newest_first_and_survives_growth)
{
    struct map map = {0};
    size_t at = 0, seen = 0;
    int64_t value, i;

    CHECK(!map_next(&map, 1, &at, &value));
    for (i = 0; i < 10000; i++)
        map_add(&map, (uint64_t)(i % 100), i);
    at = 0;
    while (map_next(&map, 42, &at, &value)) {
        CHECK_INT(value, 9942 - 100 * (int64_t)seen);
        seen++;
    }
    CHECK_INT(seen, 100);
    CHECK(map_hash_name(MAP_SEED, "IIS01.Test.com.") == map_hash_name(MAP_SEED, "iis01.test.COM"));
    CHECK(map_hash_name(MAP_SEED, "a.b") != map_hash_name(MAP_SEED, "a.c"));
    map_clear(&map);
}

static const char *escaped(struct text *text, void (*put)(struct text *, const char *),
                           const char *str)
{
    text_reset(text);
    put(text, str);
    return text_str(text);
}

TEST(hostile_names_are_harmless_in_every_context)
{
    struct text t = {0};

    CHECK_STR(escaped(&t, text_put_plain, "a\x1b[31mb\n\x7f\xC2\x9b"),
              "a\\x1b[31mb\\x0a\\x7f\\x9b");
    CHECK_STR(escaped(&t, text_put_plain,
                      "x\xE2\x80\xAE"
                      "moc"),
              "x\\u{202e}moc"); /* right-to-left override */
    CHECK_STR(escaped(&t, text_put_json, "a\"\\\n\x1b\xE2\x80\xA8"),
              "a\\\"\\\\\\u000a\\u001b\\u2028");
    CHECK_STR(escaped(&t, text_put_html, "<b a='\"'>&"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;");
    CHECK_STR(escaped(&t, text_put_markdown, "a|b`c*[x](y)\n<i>"),
              "a&#124;b\\`c\\*\\[x\\]\\(y)\\\\x0a&#60;i&#62;");
    CHECK_STR(escaped(&t, text_put_markdown, "A_B (41): x_ _y (y) http://z :up: ](a) 1) :"),
              "A_B (41): x\\_ \\_y (y) http&#58;//z &#58;up: \\]\\(a) 1) &#58;");
    CHECK_STR(escaped(&t, text_put_plain,
                      "gr\xC3\xBC\xC3\x9F"
                      "e"),
              "gr\xC3\xBC\xC3\x9F"
              "e");
    text_clear(&t);
}

TEST(text_grows)
{
    struct text t = {0};
    int i;

    CHECK_STR(text_str(&t), "");
    for (i = 0; i < 1000; i++)
        text_putf(&t, "%d,", i % 10);
    CHECK_INT(t.len, 2000);
    CHECK_INT(strlen(t.at), 2000);
    text_clear(&t);
}

TEST(faults_have_names_of_their_own)
{
    int a, b;

    for (a = FAULT_NONE; a <= FAULT_LIMIT; a++)
        for (b = FAULT_NONE; b < a; b++)
            CHECK(strcmp(fault_name((enum fault)a), fault_name((enum fault)b)) != 0);
}

/* Memory that runs out ends the process with 2, after the handler has run. */
static int exit_of_failing(size_t nth)
{
    int status = 0;
    pid_t child;

    child = fork();
    if (child == 0) {
        close(STDERR_FILENO);
        memory_fail_at(nth);
        memory_drop(memory_take(1, 1));
        memory_drop(memory_grow(NULL, 1, 1));
        memory_fail_at(0);
        _exit(7);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(a_failed_allocation_ends_the_process_with_2)
{
    CHECK_INT(exit_of_failing(1), 2);
    CHECK_INT(exit_of_failing(2), 2);
    CHECK_INT(exit_of_failing(3), 7);
}

TEST(short_digests_differ)
{
    uint8_t octets[64] = {0};
    uint32_t zero = digest_short((struct bytes){octets, 64}), last = zero;
    size_t i;

    CHECK(digest_short((struct bytes){octets, 63}) != zero);
    for (i = 0; i < 512; i++) { /* each bit alone: unlike none, and unlike the bit before */
        uint32_t now;

        octets[i / 8] = (uint8_t)(1u << i % 8);
        now = digest_short((struct bytes){octets, 64});
        CHECK(now != zero && now != last);
        CHECK(now == digest_short((struct bytes){octets, 64}));
        last = now;
        octets[i / 8] = 0;
    }
}
