/* SPDX-License-Identifier: MIT */
/* The HTML report over incidents made by hand; lines of text in pictures; Base64. */
#include <stdio.h>

#include "base/base64.h"
#include "harness.h"
#include "report/html_svg.h"
#include "report/report.h"
#include "scene.h"

/* RFC 4648, section 10. */
TEST(base64_encode_vectors)
{
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    size_t i;

    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct text out = {0};

        base64_encode(&out, bytes_of_text(vectors[i][0]));
        CHECK_STR(text_str(&out), vectors[i][1]);
        text_clear(&out);
    }
}

TEST(svg_lines_break_at_blanks_then_within_words)
{
    struct svg_lines lines = {0};

    svg_wrap(&lines, "one two three four", 60, 10, 9);
    CHECK(lines.num > 1);
    CHECK(strstr(text_str(&lines.html), "one two ") == text_str(&lines.html));
    svg_lines_clear(&lines);

    svg_wrap(&lines, "HTTP/a-very-long-name-without-any-blank.example.com", 80, 10, 9);
    CHECK(lines.num > 2);
    svg_lines_clear(&lines);

    svg_wrap(&lines, "aaaa bbbb cccc dddd eeee ffff", 40, 10, 2);
    CHECK_INT(lines.num, 2);
    CHECK(strstr(text_str(&lines.html), "\xE2\x80\xA6") != NULL);
    svg_lines_clear(&lines);

    svg_wrap(&lines, "", 40, 10, 2);
    CHECK_INT(lines.num, 0);
    svg_lines_clear(&lines);

    svg_wrap(&lines, "<b>&\"'", 400, 10, 2);
    CHECK_STR(text_str(&lines.html), "&lt;b&gt;&amp;&quot;&#39;\n");
    svg_lines_clear(&lines);
}

/* What is cut off in a picture must not be cut within a character. */
TEST(svg_lines_keep_characters_whole)
{
    struct svg_lines lines = {0};
    const char *at;

    svg_wrap(&lines, "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE6\x97\xA5\xE6\x9C\xAC", 25, 10, 9);
    CHECK(lines.num >= 2);
    for (at = text_str(&lines.html); *at != '\0'; at = strchr(at, '\n') + 1)
        CHECK((strchr(at, '\n') - at) % 3 == 0);
    svg_lines_clear(&lines);
}

static void render(struct text *out, struct scene *s, const char *path)
{
    struct report_input input = {.path = path};
    struct report_case one = {&s->log, &s->joined, &s->findings};
    struct report report = {&input, 1, &one, 1, false, false};
    struct report_style style = {0};

    report_render(out, report_sink("html"), &report, &style);
}

static size_t count(const char *text, const char *what)
{
    size_t num = 0;

    for (; (text = strstr(text, what)) != NULL; text++)
        num++;
    return num;
}

TEST(html_names_both_accounts_and_the_spn)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "portal.corp.example", "HTTP/web07.corp.example");
    struct text out = {0};

    scene_cname(&s, a, "web07.corp.example");
    scene_error(&s, a, 41, "CORP.EXAMPLE", "portalsvc");
    scene_judge(&s);
    render(&out, &s, "a.pcap");
    CHECK(strstr(text_str(&out), ">WEB07$</text>") != NULL);
    CHECK(strstr(text_str(&out), ">portalsvc</text>") != NULL);
    CHECK(strstr(text_str(&out), ">not the same key</text>") != NULL);
    CHECK(strstr(text_str(&out), ">HTTP/web07.corp.example</text>") != NULL);
    CHECK(strstr(text_str(&out), ">expected, not proven</text>") != NULL);
    CHECK_INT(count(text_str(&out), "<h1"), 1);
    text_clear(&out);
    scene_clear(&s);
}

TEST(html_kdc_refusal_shows_no_key)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "portal.corp.example", "HTTP/web07.corp.example");
    struct text out = {0};

    scene_kdc_error(&s, a, 7);
    scene_judge(&s);
    render(&out, &s, "a.pcap");
    CHECK(strstr(text_str(&out), ">gave no ticket</text>") != NULL);
    CHECK(strstr(text_str(&out), "not the same key") == NULL);
    text_clear(&out);
    scene_clear(&s);
}

TEST(html_success_shows_one_key)
{
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, "portal.corp.example", "HTTP/portal.corp.example");
    struct text out = {0};

    scene_success(a);
    scene_judge(&s);
    render(&out, &s, "a.pcap");
    CHECK(strstr(text_str(&out), "the same key: the ticket was opened") != NULL);
    CHECK(strstr(text_str(&out), "Nothing wrong was found") != NULL);
    text_clear(&out);
    scene_clear(&s);
}

/* Every name that a capture gives, in every place it is drawn, and the file's own. */
TEST(html_hostile_names_stay_text)
{
    static const char bad[] = "</title></desc></svg><script>alert(1)</script>\"'><img src=x>";
    struct scene s = {0};
    struct attempt *a = scene_attempt(&s, bad, bad);
    struct text out = {0};

    scene_cname(&s, a, bad);
    scene_error(&s, a, 41, bad, bad);
    scene_judge(&s);
    render(&out, &s, bad);
    CHECK_INT(count(text_str(&out), "<script"), 1);
    CHECK_INT(count(text_str(&out), "<img"), 0);
    CHECK(strstr(text_str(&out), "&lt;script&gt;alert(1)&lt;/script&gt;") != NULL);
    CHECK_INT(count(text_str(&out), "<svg"), count(text_str(&out), "</svg>"));
    text_clear(&out);
    scene_clear(&s);
}
