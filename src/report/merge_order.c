/* SPDX-License-Identifier: MIT */
/* The order of merged results: that of one run over everything, which walks through folders and
 * puts consecutive files of one capture side by side (capture/series.h). */
#include <stdlib.h>

#include "base/memory.h"
#include "capture/series.h"
#include "report/merge.h"
#include "report/merge_json.h"

/* As folders are walked: a file stands before what is in a folder beside it. */
static int compare_paths(const char *a, const char *b)
{
    for (;;) {
        size_t left = strcspn(a, "/"), right = strcspn(b, "/"), both = size_min(left, right);
        bool folder_a = a[left] == '/', folder_b = b[right] == '/';
        int order = memcmp(a, b, both);

        if (order == 0 && left != right)
            order = left < right ? -1 : 1;
        if (order != 0 && folder_a != folder_b)
            return folder_a ? 1 : -1;
        if (order != 0 || !folder_a || !folder_b)
            return order != 0 ? order : (int)folder_a - (int)folder_b;
        a += left + 1;
        b += right + 1;
    }
}

static int compare_lines(const void *left, const void *right)
{
    const struct merged_line *a = left, *b = right;
    int order = compare_paths(a->path, b->path);

    if (order == 0) {
        order = memcmp(a->raw.at, b->raw.at, size_min(a->raw.len, b->raw.len));
        if (order == 0 && a->raw.len != b->raw.len)
            order = a->raw.len < b->raw.len ? -1 : 1;
    }
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

/* Of lines that are equal byte for byte, one stays. */
static void drop_copies(struct merged *merged)
{
    size_t i, num = 0;

    for (i = 0; i < merged->num; i++) {
        if (num > 0 && merged->at[i].path[0] != '\0' &&
            bytes_equal(merged->at[i].raw, merged->at[num - 1].raw))
            json_object_put(merged->at[i].document);
        else
            merged->at[num++] = merged->at[i];
    }
    merged->num = num;
}

/* ---- consecutive files that were read apart ---- */

/* A line whose first file has a number. */
struct numbered {
    struct series_name name;
    size_t line;
};

struct ordering {
    struct merged *merged;
    struct arena arena;
    struct numbered *at; /* in order of names, then lines */
    size_t num;
    size_t *next;           /* per line: 1 + the one that follows; 0: none */
    bool *follows, *placed; /* per line: stands behind another one; was put in order */
};

static int compare_names(const struct series_name *a, const struct series_name *b)
{
    int order = (a->style > b->style) - (a->style < b->style);

    if (order == 0)
        order = strcmp(a->stem, b->stem);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

static int compare_numbered(const void *left, const void *right)
{
    const struct numbered *a = left, *b = right;
    int order = compare_names(&a->name, &b->name);

    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* The first whose name is not before this one; o->num: there is none. */
static size_t lower_bound(const struct ordering *o, const struct series_name *name)
{
    size_t from = 0, to = o->num;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare_names(&o->at[middle].name, name) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* Puts the line that begins with the given name, or with a later time of it, behind `line`. */
static bool link_next(struct ordering *o, size_t line, struct series_name name)
{
    size_t found = lower_bound(o, &name);
    const struct numbered *to = &o->at[found];

    if (found == o->num || to->name.style != name.style || strcmp(to->name.stem, name.stem) != 0 ||
        (name.style != SERIES_TIMES && to->name.number != name.number) || o->follows[to->line])
        return false;
    o->next[line] = to->line + 1;
    o->follows[to->line] = true;
    return true;
}

/* tcpdump -C and Network Monitor begin with a name that has no number. */
static void link_line(struct ordering *o, size_t line)
{
    struct jsonc_object *document = o->merged->at[line].document;
    size_t num = merge_length(document, "captures");
    const char *last =
        num == 0 ? NULL : merge_text(merge_item(document, "captures", num - 1), "path");
    struct series_name name;

    if (last == NULL)
        return;
    name = series_parse(last, &o->arena);
    if (name.style != SERIES_NONE) {
        name.number++;
        (void)link_next(o, line, name);
        return;
    }
    name = (struct series_name){SERIES_APPENDED, series_plain(last, &o->arena), 1, 0};
    if (link_next(o, line, name))
        return;
    name.style = SERIES_BRACKETS;
    (void)link_next(o, line, name);
}

static void parse_names(struct ordering *o)
{
    size_t i;

    for (i = 0; i < o->merged->num; i++) {
        struct numbered *to = &o->at[o->num];

        if (merge_length(o->merged->at[i].document, "captures") == 0)
            continue;
        *to = (struct numbered){series_parse(o->merged->at[i].path, &o->arena), i};
        o->num += to->name.style != SERIES_NONE;
    }
    if (o->num > 1)
        qsort(o->at, o->num, sizeof(*o->at), compare_numbered);
}

static void put_series_together(struct merged *merged)
{
    struct ordering o = {.merged = merged};
    struct merged_line *sorted = memory_take(merged->num, sizeof(*sorted));
    size_t i, line, num = 0;

    o.at = memory_take(merged->num, sizeof(*o.at));
    o.next = memory_take(merged->num, sizeof(*o.next));
    o.follows = memory_take(merged->num, sizeof(*o.follows));
    o.placed = memory_take(merged->num, sizeof(*o.placed));
    parse_names(&o);
    for (i = 0; i < merged->num && o.num > 0; i++)
        link_line(&o, i);
    /* A second time for rings, none of which is the first. */
    for (i = 0; i < 2 * merged->num; i++) {
        line = i % merged->num + 1;
        if (i < merged->num && o.follows[line - 1])
            continue;
        for (; line != 0 && !o.placed[line - 1]; line = o.next[line - 1]) {
            sorted[num++] = merged->at[line - 1];
            o.placed[line - 1] = true;
        }
    }
    memcpy(merged->at, sorted, num * sizeof(*sorted));
    memory_drop(sorted);
    memory_drop(o.at);
    memory_drop(o.next);
    memory_drop(o.follows);
    memory_drop(o.placed);
    arena_clear(&o.arena);
}

void merged_sort(struct merged *merged)
{
    if (merged->num == 0)
        return;
    qsort(merged->at, merged->num, sizeof(*merged->at), compare_lines);
    drop_copies(merged);
    put_series_together(merged);
}
