/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include "harness.h"

/* Parses the words (NULL ends them) after the program's name. */
static bool parse(struct options *out, const char *const *words)
{
    char *argv[16] = {(char *)"krbwhy"};
    int argc = 1;

    while (*words != NULL)
        argv[argc++] = (char *)*words++;
    memset(out, 0, sizeof(*out));
    return options_parse(out, argc, argv);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void check_error(const char *const *words, const char *error)
{
    struct options o;

    CHECK(!parse(&o, words));
    CHECK_STR(text_str(&o.error), error);
    options_clear(&o);
}

TEST(defaults)
{
    struct options o;

    CHECK(parse(&o, WORDS("a.pcap")));
    CHECK_STR(o.sink->name, "text");
    CHECK_INT(o.jobs, 0);
    CHECK_INT(o.paths.num, 1);
    CHECK(!o.given[OPTION_all] && !o.given[OPTION_case] && !o.given[OPTION_events]);
    CHECK(o.value[OPTION_output] == NULL);
    options_clear(&o);
}

TEST(long_options)
{
    struct options o;

    CHECK(parse(&o, WORDS("--format=json", "a", "--output", "out", "--jobs", "4", "b", "--case",
                          "--all", "--keytab=k1", "--keytab", "k2", "--evidence", "e")));
    CHECK_STR(o.sink->name, "json");
    CHECK_STR(o.value[OPTION_output], "out");
    CHECK_INT(o.jobs, 4);
    CHECK_INT(o.paths.num, 2);
    CHECK_STR(o.paths.at[1], "b");
    CHECK_INT(o.keytabs.num, 2);
    CHECK_STR(o.keytabs.at[0], "k1");
    CHECK_STR(o.keytabs.at[1], "k2");
    CHECK_INT(o.evidence.num, 1);
    CHECK(o.given[OPTION_case] && o.given[OPTION_all]);
    options_clear(&o);
}

TEST(short_options)
{
    struct options o;

    CHECK(parse(&o, WORDS("-afjson", "-j", "2", "-", "-o-", "-ke", "-ee.ldf", "--", "-x")));
    CHECK(o.given[OPTION_all]);
    CHECK_STR(o.sink->name, "json");
    CHECK_INT(o.jobs, 2);
    CHECK_STR(o.value[OPTION_output], "-");
    CHECK_STR(o.keytabs.at[0], "e");
    CHECK_STR(o.evidence.at[0], "e.ldf");
    CHECK_INT(o.paths.num, 2);
    CHECK_STR(o.paths.at[0], "-");
    CHECK_STR(o.paths.at[1], "-x");
    options_clear(&o);
}

TEST(the_last_one_wins)
{
    struct options o;

    CHECK(parse(&o, WORDS("-f", "json", "-f", "text", "-o", "a", "-o", "b", "x")));
    CHECK_STR(o.sink->name, "text");
    CHECK_STR(o.value[OPTION_output], "b");
    options_clear(&o);
}

TEST(help_and_version_need_nothing_else)
{
    struct options o;

    CHECK(parse(&o, WORDS("-h")));
    options_clear(&o);
    CHECK(parse(&o, WORDS("--version")));
    options_clear(&o);
}

TEST(errors_name_the_option)
{
    check_error(WORDS("--bogus", "x"), "unknown option --bogus; see krbwhy --help");
    check_error(WORDS("--formt", "json"), "unknown option --formt; did you mean --format?");
    check_error(WORDS("--formt=json"), "unknown option --formt; did you mean --format?");
    check_error(WORDS("--form", "json"), "unknown option --form; did you mean --format?");
    check_error(WORDS("-z"), "unknown option -z; see krbwhy --help");
    check_error(WORDS("-az", "x"), "unknown option -z; see krbwhy --help");
    check_error(WORDS("--all=1", "x"), "--all takes no value");
    check_error(WORDS("x", "--output"), "--output needs a FILE");
    check_error(WORDS("x", "-o"), "--output needs a FILE");
    check_error(WORDS("x", "--output="), "--output was given an empty value");
    check_error(WORDS("-j", "0", "x"), "--jobs: \"0\" is no number from 1 to 1024");
    check_error(WORDS("-j", "+1", "x"), "--jobs: \"+1\" is no number from 1 to 1024");
    check_error(WORDS("-j1x", "x"), "--jobs: \"1x\" is no number from 1 to 1024");
    check_error(WORDS("-j99999999999999999999", "x"),
                "--jobs: \"99999999999999999999\" is no number from 1 to 1024");
    check_error(WORDS("--limit-memory", "0", "x"), "--limit-memory: \"0\" is no size like 64M");
    check_error(WORDS("--limit-memory", "-1", "x"), "--limit-memory: \"-1\" is no size like 64M");
    check_error(WORDS("--limit-memory", "1MB", "x"), "--limit-memory: \"1MB\" is no size like 64M");
    check_error(WORDS("--limit-memory", "M", "x"), "--limit-memory: \"M\" is no size like 64M");
    check_error(WORDS("--limit-memory", "99999999999G", "x"),
                "--limit-memory: \"99999999999G\" is no size like 64M");
    check_error(WORDS(NULL), "no capture was named; see krbwhy --help");
    check_error(WORDS(""), "an empty name is no file");
    check_error(WORDS("--events", "-f", "text", "x"),
                "--events has a format of its own and does not go with --format text");
    check_error(WORDS("--\x1b[31m"), "unknown option --\\x1b[31m; see krbwhy --help");
    check_error(WORDS("-\xFF"), "unknown option -\xEF\xBF\xBD; see krbwhy --help");
}

static size_t size_given(const char *value)
{
    struct options o;
    size_t size = parse(&o, WORDS("--limit-memory", value, "x")) ? o.limit_memory : 0;

    options_clear(&o);
    return size;
}

TEST(sizes)
{
    struct options o;

    check_error(WORDS("--limit-memory", "1", "x"),
                "--limit-memory: \"1\" is less than 16K, into which not even one ticket fits");
    check_error(WORDS("--limit-memory", "16383", "x"),
                "--limit-memory: \"16383\" is less than 16K, into which not even one ticket fits");
    CHECK_INT(size_given("16384"), 16384);
    CHECK_INT(size_given("16385"), 16385);
    CHECK_INT(size_given("16K"), 16384);
    CHECK_INT(size_given("16k"), 16384);
    CHECK_INT(size_given("48M"), 48 << 20);
    CHECK_INT(size_given("2G") >> 30, 2);
    CHECK(parse(&o, WORDS("--no-sandbox", "x")));
    CHECK(o.given[OPTION_no_sandbox]);
    CHECK_INT(o.limit_memory, 0);
    options_clear(&o);
}

TEST(an_unknown_format_lists_the_known)
{
    struct options o;

    CHECK(!parse(&o, WORDS("-fxml", "x")));
    CHECK(strstr(text_str(&o.error), "--format: \"xml\" is no format; choose text, json") != NULL);
    options_clear(&o);
}

TEST(a_token_stands_alone)
{
    struct options o;

    CHECK(parse(&o, WORDS("--token", "YII=")));
    CHECK_STR(o.value[OPTION_token], "YII=");
    options_clear(&o);
    check_error(WORDS("--token", "YII=", "x"), "--token stands alone; name no files beside it");
    check_error(WORDS("x", "--explain", "41"), "--explain stands alone; name no files beside it");
    check_error(WORDS("--token", "a", "--explain", "41"),
                "--token and --explain do not go together");
    CHECK(parse(&o, WORDS("--explain", "-2146893022")));
    CHECK_STR(o.value[OPTION_explain], "-2146893022");
    options_clear(&o);
    check_error(WORDS("--token"), "--token needs a BASE64");
}

TEST(help_names_every_option_within_80_columns)
{
    struct text help = {0};
    const char *at;
    size_t i;

    options_help(&help);
    for (i = 0; i < OPTION_COUNT; i++) {
        struct text name = {0};

        text_putf(&name, "--%s", option_rows[i].name);
        CHECK(strstr(text_str(&help), text_str(&name)) != NULL);
        text_clear(&name);
    }
    for (at = text_str(&help); *at != '\0'; at += strcspn(at, "\n") + 1)
        CHECK(strcspn(at, "\n") <= 80);
    text_clear(&help);
}
