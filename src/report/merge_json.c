/* SPDX-License-Identifier: MIT */
#include "report/merge_json.h"

#include <stdlib.h>

#include "base/memory.h"

/* Evidence that goes with many captures is in each of their documents, and once in the whole. */
struct evidence {
    const char *path;
    struct jsonc_object *value;
    size_t document, place; /* where it was found first */
};

struct evidences {
    struct evidence *at; /* by path */
    size_t num;
};

static int compare_evidence(const void *left, const void *right)
{
    const struct evidence *a = left, *b = right;
    int order = strcmp(a->path, b->path);

    if (order == 0)
        order = (a->document > b->document) - (a->document < b->document);
    return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

static const char *evidence_path(struct jsonc_object *document, size_t i)
{
    const char *path = merge_text(merge_item(document, "evidence", i), "path");

    return path == NULL ? "" : path;
}

static void gather(const struct merged *merged, struct evidences *out)
{
    size_t i, k, room = 0, num = 0;

    for (i = 0; i < merged->num; i++)
        room += merge_length(merged->at[i].document, "evidence");
    out->at = memory_take(room, sizeof(*out->at));
    for (i = 0; i < merged->num; i++)
        for (k = 0; k < merge_length(merged->at[i].document, "evidence"); k++)
            out->at[num++] =
                (struct evidence){evidence_path(merged->at[i].document, k),
                                  merge_item(merged->at[i].document, "evidence", k), i, k};
    if (num > 0)
        qsort(out->at, num, sizeof(*out->at), compare_evidence);
    for (i = 0; i < num; i++)
        if (out->num == 0 || strcmp(out->at[out->num - 1].path, out->at[i].path) != 0)
            out->at[out->num++] = out->at[i];
}

static int64_t evidence_number(const struct evidences *evidences, const char *path)
{
    size_t low = 0, high = evidences->num;

    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(evidences->at[middle].path, path) <= 0)
            low = middle;
        else
            high = middle;
    }
    return (int64_t)low;
}

size_t merge_num_evidence(const struct merged *merged)
{
    struct evidences all = {NULL, 0};

    gather(merged, &all);
    memory_drop(all.at);
    return all.num;
}

/* ---- copying, with numbers of the whole ---- */

struct copy {
    struct json *json;
    const struct evidences *evidences;
    struct jsonc_object *document;
    int64_t captures, attempts, findings; /* in the documents before */
};

/* Values that the writers of the report put on one line. */
static bool is_flat(const char *key, const char *of, struct jsonc_object *value)
{
    static const char *const keys[] = {"clock",  "link_types",   "dns",      "client",
                                       "server", "alternatives", "problems", "attempts"};
    size_t i;

    if (json_object_is_type(value, json_type_object) &&
        (json_object_object_length(value) == 2 || json_object_object_length(value) == 3) &&
        (json_object_object_get_ex(value, "frame", NULL) ||
         json_object_object_get_ex(value, "line", NULL)))
        return true; /* a source */
    if (key == NULL) /* items of problems, dns and opened_by, not the arrays */
        return of != NULL && (strcmp(of, "problems") == 0 || strcmp(of, "dns") == 0 ||
                              strcmp(of, "opened_by") == 0);
    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(key, keys[i]) == 0)
            return strcmp(key, "problems") != 0 && strcmp(key, "dns") != 0;
    return false;
}

static int64_t renumbered(const struct copy *copy, const char *key, const char *of,
                          struct jsonc_object *number)
{
    int64_t value = merge_bounded(number);

    if (key == NULL)
        return of != NULL && strcmp(of, "attempts") == 0 ? value + copy->attempts
                                                         : json_object_get_int64(number);
    if (strcmp(key, "capture") == 0 || strcmp(key, "continues") == 0)
        return value + copy->captures;
    if (strcmp(key, "evidence") == 0)
        return evidence_number(copy->evidences,
                               evidence_path(copy->document, value < 0 ? 0 : (size_t)value));
    return json_object_get_int64(number);
}

/* 0 for what no number of ours is. */
static int64_t milliseconds(double seconds)
{
    if (!(seconds > -1e15 && seconds < 1e15))
        return 0;
    return (int64_t)(seconds * 1000.0 + (seconds < 0 ? -0.5 : 0.5));
}

static void put_value(const struct copy *copy, const char *key, const char *of,
                      struct jsonc_object *value);

/* Members of an object in their order; but not the one called `without` (NULL: all). */
static void put_members(const struct copy *copy, struct jsonc_object *value, const char *without)
{
    struct json_object_iterator at = json_object_iter_begin(value);
    struct json_object_iterator end = json_object_iter_end(value);
    struct text escaped = {0};

    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *key = json_object_iter_peek_name(&at);

        if (without != NULL && strcmp(key, without) == 0)
            continue;
        text_reset(&escaped);
        text_put_json(&escaped, key);
        put_value(copy, text_str(&escaped), NULL, json_object_iter_peek_value(&at));
    }
    text_clear(&escaped);
}

static void put_nest(const struct copy *copy, const char *key, const char *of,
                     struct jsonc_object *value)
{
    bool flat = is_flat(key, of, value);
    size_t i;

    if (json_object_is_type(value, json_type_object)) {
        (flat ? json_flat_object : json_object)(copy->json, key);
        put_members(copy, value, NULL);
        json_end_object(copy->json);
        return;
    }
    (flat ? json_flat_array : json_array)(copy->json, key);
    for (i = 0; i < json_object_array_length(value); i++)
        put_value(copy, NULL, key == NULL ? "" : key, json_object_array_get_idx(value, i));
    json_end_array(copy->json);
}

/* of: the key of the array that a value without a key stands in. */
static void put_value(const struct copy *copy, const char *key, const char *of,
                      struct jsonc_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        json_null(copy->json, key);
        break;
    case json_type_boolean:
        json_bool(copy->json, key, json_object_get_boolean(value));
        break;
    case json_type_int:
        json_int(copy->json, key, renumbered(copy, key, of, value));
        break;
    case json_type_double: /* seconds with thousandths are the only ones */
        json_milliseconds(copy->json, key, milliseconds(json_object_get_double(value)));
        break;
    case json_type_string:
        json_text(copy->json, key, json_object_get_string(value));
        break;
    case json_type_object:
    case json_type_array:
        put_nest(copy, key, of, value);
        break;
    }
}

/* An attempt or finding: its own id first, then everything else. */
static void put_numbered(const struct copy *copy, struct jsonc_object *value, int64_t id)
{
    json_object(copy->json, NULL);
    json_int(copy->json, "id", id);
    put_members(copy, value, "id");
    json_end_object(copy->json);
}

static void put_all(struct copy *copy, const struct merged *merged, const char *which)
{
    size_t i, k;

    copy->captures = copy->attempts = copy->findings = 0;
    json_array(copy->json, which);
    for (i = 0; i < merged->num; i++) {
        copy->document = merged->at[i].document;
        for (k = 0; k < merge_length(copy->document, which); k++) {
            struct jsonc_object *value = merge_item(copy->document, which, k);

            if (strcmp(which, "attempts") == 0 && json_object_is_type(value, json_type_object))
                put_numbered(copy, value, merge_int(value, "id") + copy->attempts);
            else if (strcmp(which, "findings") == 0 && json_object_is_type(value, json_type_object))
                put_numbered(copy, value, ++copy->findings);
            else
                put_value(copy, NULL, which, value);
        }
        copy->captures += (int64_t)merge_length(copy->document, "captures");
        copy->attempts += merge_int(merge_member(copy->document, "summary"), "attempts");
    }
    json_end_array(copy->json);
}

static void put_evidence(struct copy *copy)
{
    size_t i;

    json_array(copy->json, "evidence");
    for (i = 0; i < copy->evidences->num; i++)
        put_value(copy, NULL, "evidence", copy->evidences->at[i].value);
    json_end_array(copy->json);
}

static void put_summary(struct json *json, const struct merged *merged)
{
    struct arena arena = {0};
    struct merged_totals totals;
    size_t i;

    merged_totals(merged, &arena, &totals);
    json_object(json, "summary");
    json_int(json, "attempts", totals.attempts);
    json_int(json, "failed", totals.failed);
    json_int(json, "findings", totals.findings);
    json_bool(json, "complete", !totals.partial);
    json_object(json, "by_cause");
    for (i = 0; i < totals.num_by_cause; i++) {
        struct text escaped = {0};

        text_put_json(&escaped, totals.by_cause[i].cause);
        json_int(json, text_str(&escaped), totals.by_cause[i].num);
        text_clear(&escaped);
    }
    json_end_object(json);
    json_end_object(json);
    arena_clear(&arena);
}

void merge_json(const struct merged *merged, struct text *out)
{
    struct evidences evidences = {NULL, 0};
    struct groups groups = {0};
    struct json json;
    struct copy copy = {.json = &json, .evidences = &evidences};

    gather(merged, &evidences);
    merged_groups(merged, &groups);
    json_init(&json, out, true);
    json_object(&json, NULL);
    json_text(&json, "schema", "krbwhy/1");
    json_text(&json, "program", "krbwhy " KRBWHY_VERSION);
    put_all(&copy, merged, "captures");
    put_evidence(&copy);
    put_summary(&json, merged);
    groups_json(&json, &groups);
    put_all(&copy, merged, "attempts");
    put_all(&copy, merged, "findings");
    json_end_object(&json);
    text_put_char(out, '\n');
    groups_clear(&groups);
    memory_drop(evidences.at);
}
