/* SPDX-License-Identifier: MIT */
/* A command line: arguments that end with NUL. What was understood, written as long options with
 * "=", is understood the same; what was not is one printable line. */
#include "base/memory.h"
#include "cli/options.h"
#include "fuzz.h"

enum { MOST_ARGUMENTS = 64 };

struct line {
    char **at;
    int num, room;
};

static void add(struct line *line, const char *name, const char *value)
{
    struct text text = {0};

    text_put(&text, name);
    text_put(&text, value);
    if (line->num == line->room) {
        line->room = line->room == 0 ? 16 : line->room * 2;
        line->at = memory_grow(line->at, (size_t)line->room, sizeof(*line->at));
    }
    line->at[line->num++] = strdup(text_str(&text));
    text_clear(&text);
}

static void drop(struct line *line)
{
    while (line->num > 0)
        free(line->at[--line->num]);
    memory_drop(line->at);
}

static void add_option(struct line *line, const struct options *options, enum option_id id)
{
    struct text name = {0};
    const struct values *all = id == OPTION_evidence ? &options->evidence
                               : id == OPTION_keytab ? &options->keytabs
                                                     : NULL;
    size_t i;

    text_putf(&name, "--%s%s", option_rows[id].name, option_rows[id].argument == NULL ? "" : "=");
    if (all == NULL)
        add(line, text_str(&name), option_rows[id].argument == NULL ? "" : options->value[id]);
    for (i = 0; all != NULL && i < all->num; i++)
        add(line, text_str(&name), all->at[i]);
    text_clear(&name);
}

static void check_values(const struct values *a, const struct values *b)
{
    size_t i;

    assert(a->num == b->num);
    for (i = 0; i < a->num; i++)
        assert(a->at[i][0] != '\0' && strcmp(a->at[i], b->at[i]) == 0);
}

static void check_same(const struct options *a, const struct options *b)
{
    int id;

    for (id = 0; id < OPTION_COUNT; id++) {
        assert(a->given[id] == b->given[id]);
        assert((a->value[id] == NULL) == (b->value[id] == NULL));
        assert(a->value[id] == NULL || strcmp(a->value[id], b->value[id]) == 0);
        assert(!a->given[id] || (option_rows[id].argument == NULL) == (a->value[id] == NULL));
    }
    check_values(&a->paths, &b->paths);
    check_values(&a->evidence, &b->evidence);
    check_values(&a->keytabs, &b->keytabs);
    assert(a->sink != NULL && a->sink == b->sink && a->jobs == b->jobs && a->width == b->width);
    assert(a->limit_memory == b->limit_memory && a->colour == b->colour);
}

static void check_understood(const struct options *options)
{
    struct options again = {0};
    struct line line = {0};
    bool brief_last = strcmp(options->sink->name, "brief") == 0;
    size_t i;
    int id;

    assert(options->error.len == 0);
    assert(options->jobs >= 0 && options->jobs <= 1024);
    assert(options->width == 0 || (options->width >= 60 && options->width <= 1000));
    assert(options->given[OPTION_limit_memory] == (options->limit_memory > 0));
    add(&line, "krbwhy", "");
    if (options->given[OPTION_brief] && !brief_last)
        add_option(&line, options, OPTION_brief); /* a format behind it counts */
    for (id = 0; id < OPTION_COUNT; id++)
        if (options->given[id] && id != OPTION_brief)
            add_option(&line, options, (enum option_id)id);
    if (options->given[OPTION_brief] && brief_last)
        add_option(&line, options, OPTION_brief);
    add(&line, "--", "");
    for (i = 0; i < options->paths.num; i++)
        add(&line, "", options->paths.at[i]);
    assert(options_parse(&again, line.num, line.at));
    check_same(options, &again);
    options_clear(&again);
    drop(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct options options = {0};
    struct line line = {0};
    size_t at = 0;

    add(&line, "krbwhy", "");
    while (at < len && line.num < MOST_ARGUMENTS) {
        size_t end = at;
        struct text one = {0};

        while (end < len && data[end] != '\0')
            end++;
        text_put_bytes(&one, (struct bytes){data + at, end - at});
        add(&line, text_str(&one), "");
        text_clear(&one);
        at = end + 1;
    }
    if (options_parse(&options, line.num, line.at)) {
        check_understood(&options);
    } else {
        assert(options.error.len > 0 && strchr(options.error.at, '\n') == NULL);
        fuzz_check_lines(options.error.at, options.error.len, false);
    }
    options_clear(&options);
    drop(&line);
    return 0;
}
