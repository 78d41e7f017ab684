/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/collect.h"

enum { MOST_JOBS = 1024, LEAST_WIDTH = 60, MOST_WIDTH = 1000, LEAST_MEMORY = 16384 };

static bool fail(struct options *options, const char *before, const char *subject,
                 const char *after)
{
    text_reset(&options->error);
    text_put(&options->error, before);
    text_put_plain(&options->error, subject);
    text_put(&options->error, after);
    return false;
}

static void add(struct values *values, const char *value)
{
    values->at = memory_grow(values->at, values->num + 1, sizeof(*values->at));
    values->at[values->num++] = value;
}

/* ---- values ---- */

static bool take_format(struct options *options, const char *value)
{
    options->sink = report_sink(value);
    if (options->sink != NULL)
        return true;
    fail(options, "--format: \"", value, "\" is no format; choose ");
    options_put_formats(&options->error);
    return false;
}

/* A whole number from least to most; false without a word. */
static bool take_number(const char *value, long least, long most, long *out)
{
    char *end;

    errno = 0;
    *out = strtol(value, &end, 10);
    return errno == 0 && *end == '\0' && value[0] >= '0' && value[0] <= '9' && *out >= least &&
           *out <= most;
}

static bool take_jobs(struct options *options, const char *value)
{
    return take_number(value, 1, MOST_JOBS, &options->jobs) ||
           fail(options, "--jobs: \"", value, "\" is no number from 1 to 1024");
}

static bool take_width(struct options *options, const char *value)
{
    return take_number(value, LEAST_WIDTH, MOST_WIDTH, &options->width) ||
           fail(options, "--width: \"", value, "\" is no number from 60 to 1000");
}

static bool take_colour(struct options *options, const char *value)
{
    static const char *const when[] = {"auto", "always", "never"};
    size_t i;

    for (i = 0; i < sizeof(when) / sizeof(when[0]); i++)
        if (strcmp(value, when[i]) == 0) {
            options->colour = (enum colour_when)i;
            return true;
        }
    return fail(options, "--color: \"", value, "\" is not auto, always or never");
}

/* A size: digits, and K, M or G (of 1024) behind them. */
static bool take_size(struct options *options, const struct option_row *row, const char *value,
                      size_t *out)
{
    static const char units[] = "KMG";
    char *end;
    const char *unit;
    size_t factor = 1;
    unsigned long long number;

    errno = 0;
    number = strtoull(value, &end, 10);
    unit = *end == '\0' ? NULL : strchr(units, *end >= 'a' ? *end - 'a' + 'A' : *end);
    if (unit != NULL) {
        factor = (size_t)1 << 10 * (unit - units + 1);
        end++;
    }
    if (errno != 0 || *end != '\0' || value[0] < '0' || value[0] > '9' || number == 0 ||
        number > SIZE_MAX / factor) {
        fail(options, "--", row->name, ": \"");
        text_put_plain(&options->error, value);
        text_put(&options->error, "\" is no size like 64M");
        return false;
    }
    *out = (size_t)number * factor;
    if (*out >= LEAST_MEMORY)
        return true;
    fail(options, "--", row->name, ": \"");
    text_put_plain(&options->error, value);
    text_put(&options->error, "\" is less than 16K, into which not even one ticket fits");
    return false;
}

static bool take(struct options *options, const struct option_row *row, const char *value)
{
    options->given[row->id] = true;
    options->value[row->id] = value;
    if (row->id == OPTION_brief)
        options->sink = report_sink("brief");
    if (value == NULL) /* exactly the rows without an argument */
        return true;
    if (value[0] == '\0')
        return fail(options, "--", row->name, " was given an empty value");
    switch (row->id) {
    case OPTION_format:
        return take_format(options, value);
    case OPTION_jobs:
        return take_jobs(options, value);
    case OPTION_width:
        return take_width(options, value);
    case OPTION_color:
        return take_colour(options, value);
    case OPTION_limit_memory:
        return take_size(options, row, value, &options->limit_memory);
    case OPTION_evidence:
        add(&options->evidence, value);
        break;
    case OPTION_keytab:
        add(&options->keytabs, value);
        break;
    default:
        break;
    }
    return true;
}

/* ---- the walk over argv ---- */

struct walk {
    char *const *at; /* what comes next */
    char *const *end;
};

/* The value of an option that needs one: `attached`, or the next argument. */
static bool take_with_value(struct options *options, struct walk *walk,
                            const struct option_row *row, const char *attached)
{
    if (row->argument == NULL)
        return attached == NULL ? take(options, row, NULL)
                                : fail(options, "--", row->name, " takes no value");
    if (attached == NULL && walk->at == walk->end) {
        fail(options, "--", row->name, " needs a ");
        text_put(&options->error, row->argument);
        return false;
    }
    return take(options, row, attached != NULL ? attached : *walk->at++);
}

/* How many single characters have to change to get from a to b; at most `most` + 1. */
static size_t distance(const char *a, const char *b, size_t most)
{
    size_t skip_a, skip_b, change;

    while (*a != '\0' && *a == *b)
        a++, b++;
    if (*a == '\0' && *b == '\0')
        return 0;
    if (most == 0)
        return 1;
    change = *a != '\0' && *b != '\0' ? distance(a + 1, b + 1, most - 1) : most;
    skip_a = *a != '\0' ? distance(a + 1, b, most - 1) : most;
    skip_b = *b != '\0' ? distance(a, b + 1, most - 1) : most;
    return 1 + (change < skip_a ? (change < skip_b ? change : skip_b)
                                : (skip_a < skip_b ? skip_a : skip_b));
}

static bool fail_unknown(struct options *options, const char *name)
{
    size_t i;

    fail(options, "unknown option --", name, "");
    for (i = 0; i < OPTION_COUNT; i++)
        if (distance(name, option_rows[i].name, 2) <= 2) {
            text_put(&options->error, "; did you mean --");
            text_put(&options->error, option_rows[i].name);
            text_put(&options->error, "?");
            return false;
        }
    text_put(&options->error, "; see krbwhy --help");
    return false;
}

static bool take_long(struct options *options, struct walk *walk, const char *name)
{
    size_t i, len = strcspn(name, "=");
    char *whole;

    for (i = 0; i < OPTION_COUNT; i++)
        if (strlen(option_rows[i].name) == len && memcmp(option_rows[i].name, name, len) == 0)
            return take_with_value(options, walk, &option_rows[i],
                                   name[len] == '=' ? name + len + 1 : NULL);
    whole = memory_take(len + 1, 1);
    memcpy(whole, name, len);
    fail_unknown(options, whole);
    memory_drop(whole);
    return false;
}

static bool take_letters(struct options *options, struct walk *walk, const char *letters)
{
    size_t i;

    for (; *letters != '\0'; letters++) {
        const struct option_row *row = NULL;

        for (i = 0; i < OPTION_COUNT; i++)
            if (option_rows[i].letter == *letters)
                row = &option_rows[i];
        if (row == NULL) {
            char one[2] = {*letters, '\0'};

            return fail(options, "unknown option -", one, "; see krbwhy --help");
        }
        if (row->argument != NULL)
            return take_with_value(options, walk, row, letters[1] != '\0' ? letters + 1 : NULL);
        if (!take(options, row, NULL))
            return false;
    }
    return true;
}

/* --token and --explain are commands of their own. */
static bool check_alone(struct options *options)
{
    const char *name = options->given[OPTION_token] ? "token" : "explain";

    if (options->given[OPTION_token] && options->given[OPTION_explain])
        return fail(options, "--token", "", " and --explain do not go together");
    if (options->paths.num > 0 || options->evidence.num > 0)
        return fail(options, "--", name, " stands alone; name no files beside it");
    return true;
}

/* Captures out come from a report's findings. */
static bool check_copies(struct options *options)
{
    bool copies = options->given[OPTION_annotate] || options->given[OPTION_extract];
    const char *name = options->given[OPTION_annotate] ? "annotate" : "extract";

    if (options->given[OPTION_redact] && !copies)
        return fail(options, "--redact", "", " needs --annotate FILE or --extract FILE");
    if (copies && (options->given[OPTION_events] || options->given[OPTION_token] ||
                   options->given[OPTION_explain] || options->given[OPTION_collect]))
        return fail(options, "--", name,
                    " does not go with --events, --token, --explain or --collect");
    return true;
}

/* Formats that results of earlier runs can be written in. */
static bool check_merged_format(struct options *options, const char *option)
{
    static const char *const formats[] = {"text", "json", "ndjson", "markdown"};
    size_t i;

    for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strcmp(options->sink->name, formats[i]) == 0)
            return true;
    return fail(options, option, "", " writes text, json, ndjson or markdown");
}

static bool check_merge(struct options *options)
{

    if (options->given[OPTION_events] || options->given[OPTION_case] || options->evidence.num > 0 ||
        options->keytabs.num > 0)
        return fail(options, "--merge", "", " reads results, not captures; name nothing else");
    if (options->paths.num == 0)
        return fail(options, "--merge", "", " needs files that --format ndjson has written");
    return check_merged_format(options, "--merge");
}

/* What does not go together. */
static bool check(struct options *options)
{
    bool alone = options->given[OPTION_help] || options->given[OPTION_version];

    if (alone)
        return true;
    if (options->given[OPTION_events] &&
        (options->given[OPTION_format] || options->given[OPTION_brief]) &&
        strcmp(options->sink->name, "ndjson") != 0)
        return fail(options, "--events has a format of its own and does not go with --format ",
                    options->sink->name, "");
    if (options->given[OPTION_events] && options->given[OPTION_case])
        return fail(options, "--events", "",
                    " shows every file by itself and does not go with --case");
    if (!check_copies(options))
        return false;
    if (options->given[OPTION_token] || options->given[OPTION_explain])
        return check_alone(options);
    if (options->given[OPTION_collect])
        return collect_role(options->value[OPTION_collect]) ||
               fail(options, "--collect: the role is client, server or dc, not ",
                    options->value[OPTION_collect], "");
    if (options->given[OPTION_merge])
        return check_merge(options);
    if (options->given[OPTION_resume]) {
        if (options->given[OPTION_case] || options->given[OPTION_events] ||
            options->given[OPTION_compare] || options->given[OPTION_annotate] ||
            options->given[OPTION_extract])
            return fail(options, "--resume", "", " keeps reports of single captures only");
        if (!check_merged_format(options, "--resume"))
            return false;
    }
    if (options->paths.num == 0 && options->evidence.num == 0)
        return fail(options, "no capture was named; see krbwhy --help", "", "");
    return true;
}

bool options_parse(struct options *out, int argc, char *const *argv)
{
    struct walk walk = {argv + (argc > 0), argv + argc};
    bool only_paths = false;

    out->sink = report_sinks;
    while (walk.at < walk.end) {
        const char *arg = *walk.at++;

        if (only_paths || arg[0] != '-' || arg[1] == '\0') {
            if (arg[0] == '\0')
                return fail(out, "an empty name is no file", "", "");
            add(&out->paths, arg);
        } else if (strcmp(arg, "--") == 0) {
            only_paths = true;
        } else if (!(arg[1] == '-' ? take_long(out, &walk, arg + 2)
                                   : take_letters(out, &walk, arg + 1))) {
            return false;
        }
    }
    return check(out);
}

void options_clear(struct options *options)
{
    memory_drop(options->paths.at);
    memory_drop(options->evidence.at);
    memory_drop(options->keytabs.at);
    text_clear(&options->error);
}
