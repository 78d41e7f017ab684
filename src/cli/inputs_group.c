/* SPDX-License-Identifier: MIT */
/* Which inputs are consecutive files of one capture, by their names. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/memory.h"
#include "capture/series.h"
#include "cli/inputs.h"
#include "cli/stream.h"

/* An input whose name has a number. */
struct numbered {
    size_t input;
    size_t folder;
    struct series_name name;
};

struct grouping {
    struct inputs *inputs;
    struct numbered *at;
    size_t num;
    struct map plain; /* hash of a name without number -> input */
    size_t *next;     /* per input: index + 1 of the input that follows it; 0: none */
    bool *follows;    /* per input: stands behind another one */
};

static int compare_series(const struct numbered *a, const struct numbered *b)
{
    if (a->folder != b->folder)
        return a->folder < b->folder ? -1 : 1;
    if (a->name.style != b->name.style)
        return a->name.style < b->name.style ? -1 : 1;
    return strcmp(a->name.stem, b->name.stem);
}

static int compare(const void *left, const void *right)
{
    const struct numbered *a = left, *b = right;
    int order = compare_series(a, b);

    if (order == 0 && a->name.number != b->name.number)
        order = a->name.number < b->name.number ? -1 : 1;
    return order != 0 ? order : (a->input > b->input) - (a->input < b->input);
}

static void parse(struct grouping *g)
{
    struct inputs *inputs = g->inputs;
    size_t i;

    for (i = 0; i < inputs->num; i++) {
        const char *path = inputs->at[i].path;
        struct numbered *to = &g->at[g->num];

        *to = (struct numbered){i, inputs->at[i].folder, series_parse(path, &inputs->arena)};
        if (to->name.style == SERIES_NONE)
            map_add(&g->plain,
                    map_hash(MAP_SEED, bytes_of_text(series_plain(path, &inputs->arena))),
                    (int64_t)i);
        else if (stream_is_capture(path))
            g->num++;
    }
    if (g->num > 1)
        qsort(g->at, g->num, sizeof(*g->at), compare);
}

/* tcpdump -C and Network Monitor begin with a name that has no number; SIZE_MAX: there is none. */
static size_t find_plain(struct grouping *g, const struct numbered *first)
{
    size_t at = 0;
    int64_t input;

    while (map_next(&g->plain, map_hash(MAP_SEED, bytes_of_text(first->name.stem)), &at, &input)) {
        const struct input *found = &g->inputs->at[input];

        if (found->folder == first->folder &&
            strcmp(series_plain(found->path, &g->inputs->arena), first->name.stem) == 0 &&
            stream_is_capture(found->path))
            return (size_t)input;
    }
    return SIZE_MAX;
}

/* A ring of tcpdump -W begins where its oldest file is; 0 where that cannot be told. */
static size_t find_oldest(const struct grouping *g, const struct numbered *series, size_t num)
{
    uint64_t time, oldest = UINT64_MAX;
    size_t i, found = 0;

    if (series[0].name.style != SERIES_APPENDED || series[0].name.width == 0)
        return 0;
    for (i = 0; i < num; i++) {
        if (!stream_first_time(g->inputs->at[series[i].input].path, &time))
            return 0;
        if (time < oldest) {
            oldest = time;
            found = i;
        }
    }
    return found;
}

static const char *say_missing(struct grouping *g, const struct numbered *before,
                               const struct numbered *after)
{
    const char *path = g->inputs->at[before->input].path, *slash = strrchr(path, '/');
    int64_t first = before->name.number + 1, last = after->name.number - 1;
    const char *name = slash == NULL ? path : slash + 1;

    /* The path may hold any bytes; texts of problems are clean. */
    name = arena_text(&g->inputs->arena, bytes_of_text(name));
    if (first == last)
        return arena_print(&g->inputs->arena,
                           "of the files that follow %s, number %" PRId64
                           " is missing (overwritten, or not named): what comes after it is read "
                           "as a capture of its own",
                           name, first);
    return arena_print(&g->inputs->arena,
                       "of the files that follow %s, numbers %" PRId64 " to %" PRId64
                       " are missing (overwritten, or not named): what comes after them is read as "
                       "a capture of its own",
                       name, first, last);
}

/* The file would follow the one before it, were there not so many before that. */
static const char *say_too_many(struct grouping *g, const struct numbered *after)
{
    const char *path = g->inputs->at[after->input].path, *slash = strrchr(path, '/');

    return arena_print(
        &g->inputs->arena,
        "%s: %d consecutive files are read as one capture; from here on they are "
        "another one",
        arena_text(&g->inputs->arena, bytes_of_text(slash == NULL ? path : slash + 1)),
        LIMIT_SERIES_FILES);
}

static void chain(struct grouping *g, size_t before, size_t after)
{
    g->next[before] = after + 1;
    g->follows[after] = true;
}

/* The inputs of one series, in the order of their numbers, each number once. */
static void link_series(struct grouping *g, const struct numbered *series, size_t num)
{
    bool by_time = series[0].name.style == SERIES_TIMES, may_begin_plain;
    size_t start = find_oldest(g, series, num), plain = SIZE_MAX, i, in_run = 1;

    may_begin_plain =
        series[0].name.number == 1 && series[0].name.width == 0 &&
        (series[0].name.style == SERIES_APPENDED || series[0].name.style == SERIES_BRACKETS);
    if (may_begin_plain)
        plain = find_plain(g, &series[0]);
    if (plain != SIZE_MAX) {
        chain(g, plain, series[0].input);
        in_run++;
    }
    for (i = 1; i < num; i++, in_run++) {
        const struct numbered *before = &series[(start + i - 1) % num];
        const struct numbered *after = &series[(start + i) % num];
        /* A ring goes on with its first number. */
        bool next = by_time || after->name.number == before->name.number + 1 ||
                    (start > 0 && after == series);

        if (!next)
            g->inputs->at[after->input].missing = say_missing(g, before, after);
        if (next && in_run < LIMIT_SERIES_FILES) {
            chain(g, before->input, after->input);
            continue;
        }
        if (next) {
            g->inputs->at[after->input].missing = say_too_many(g, after);
            g->inputs->at[after->input].too_many = true;
        }
        in_run = 0;
    }
}

static void link_all(struct grouping *g)
{
    size_t begin, i, num;

    for (begin = 0; begin < g->num; begin = i) {
        struct numbered *series = &g->at[begin];

        /* The same number twice (a file named twice, or compressed and not): the first counts. */
        for (i = begin + 1, num = 1; i < g->num && compare_series(series, &g->at[i]) == 0; i++)
            if (g->at[i].name.number != series[num - 1].name.number)
                series[num++] = g->at[i];
        link_series(g, series, num);
    }
}

/* Each input, with those that follow it behind it. */
static void put_in_order(struct grouping *g)
{
    struct inputs *inputs = g->inputs;
    struct input *sorted = memory_take(inputs->num, sizeof(*sorted));
    size_t i, at, num = 0;

    for (i = 0; i < inputs->num; i++) {
        size_t before = 0;

        if (g->follows[i])
            continue;
        for (at = i + 1; at != 0; at = g->next[at - 1]) {
            sorted[num] = inputs->at[at - 1];
            sorted[num++].follows = before++;
        }
    }
    memcpy(inputs->at, sorted, inputs->num * sizeof(*sorted));
    memory_drop(sorted);
}

void inputs_group(struct inputs *inputs)
{
    struct grouping g = {.inputs = inputs};

    if (inputs->num < 2)
        return;
    g.at = memory_take(inputs->num, sizeof(*g.at));
    g.next = memory_take(inputs->num, sizeof(*g.next));
    g.follows = memory_take(inputs->num, sizeof(*g.follows));
    parse(&g);
    link_all(&g);
    put_in_order(&g);
    map_clear(&g.plain);
    memory_drop(g.at);
    memory_drop(g.next);
    memory_drop(g.follows);
}
