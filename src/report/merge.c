/* SPDX-License-Identifier: MIT */
#include "report/merge.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/memory.h"
#include "report/merge_json.h"
#include "report/sinks.h"

/* ---- members, whatever the document holds ---- */

struct jsonc_object *merge_member(struct jsonc_object *in, const char *key)
{
    struct jsonc_object *out = NULL;

    return json_object_is_type(in, json_type_object) && json_object_object_get_ex(in, key, &out)
               ? out
               : NULL;
}

const char *merge_text(struct jsonc_object *in, const char *key)
{
    struct jsonc_object *value = merge_member(in, key);

    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

int64_t merge_bounded(struct jsonc_object *number)
{
    int64_t value = json_object_get_int64(number);

    return value > LIMIT_MERGE_NUMBER    ? LIMIT_MERGE_NUMBER
           : value < -LIMIT_MERGE_NUMBER ? -LIMIT_MERGE_NUMBER
                                         : value;
}

int64_t merge_int(struct jsonc_object *in, const char *key)
{
    struct jsonc_object *value = merge_member(in, key);

    return json_object_is_type(value, json_type_int) ? merge_bounded(value) : 0;
}

size_t merge_length(struct jsonc_object *in, const char *key)
{
    struct jsonc_object *value = merge_member(in, key);

    return json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
}

struct jsonc_object *merge_item(struct jsonc_object *in, const char *key, size_t i)
{
    struct jsonc_object *items = merge_member(in, key);

    /* json-c ends the process when it is another value. */
    return json_object_is_type(items, json_type_array) ? json_object_array_get_idx(items, i) : NULL;
}

/* ---- reading ---- */

static const char *path_of(struct jsonc_object *document)
{
    const char *path = merge_text(merge_item(document, "captures", 0), "path");

    if (merge_length(document, "captures") == 0)
        path = merge_length(document, "evidence") == 0
                   ? NULL
                   : merge_text(merge_item(document, "evidence", 0), "path");
    return path == NULL ? "" : path;
}

static struct jsonc_object *parse(struct bytes line)
{
    struct json_tokener *tokener = json_tokener_new_ex(LIMIT_MERGE_DEPTH);
    struct jsonc_object *document;

    if (tokener == NULL)
        memory_exhausted();
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    document = json_tokener_parse_ex(tokener, (const char *)line.at, (int)line.len);
    if (document != NULL && (json_tokener_get_error(tokener) != json_tokener_success ||
                             json_tokener_get_parse_end(tokener) != line.len)) {
        json_object_put(document);
        document = NULL;
    }
    json_tokener_free(tokener);
    return document;
}

/* What a line of --resume holds beside the key; any other line as it is. */
static struct bytes unwrap(struct bytes line)
{
    static const char begin[] = "{\"resume\":", mark[] = ",\"document\":";
    const uint8_t *found = NULL;

    if (line.len > sizeof(begin) && memcmp(line.at, begin, sizeof(begin) - 1) == 0)
        found = memmem(line.at, line.len, mark, sizeof(mark) - 1);
    if (found == NULL || line.at[line.len - 1] != '}')
        return line;
    found += sizeof(mark) - 1;
    return (struct bytes){found, line.len - 1 - (size_t)(found - line.at)};
}

bool merged_add(struct merged *merged, struct bytes line)
{
    struct jsonc_object *document = line.len <= LIMIT_MERGE_LINE_BYTES ? parse(line) : NULL;
    const char *schema = merge_text(document, "schema");
    struct merged_line *to;

    if (schema == NULL || strcmp(schema, "krbwhy/1") != 0) {
        json_object_put(document);
        return false;
    }
    if (merged->num == merged->room) {
        merged->room = merged->room == 0 ? 16 : merged->room * 2;
        merged->at = memory_grow(merged->at, merged->room, sizeof(*merged->at));
    }
    to = &merged->at[merged->num];
    to->path = arena_text(&merged->arena, bytes_of_text(path_of(document)));
    to->raw = arena_bytes(&merged->arena, line);
    to->document = document;
    to->number = merged->num++;
    return true;
}

bool merged_read(struct merged *merged, const char *path, const char **out_error)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t len;

    *out_error = NULL;
    if (file == NULL) {
        *out_error = "cannot be opened";
        return false;
    }
    while ((len = getline(&line, &room, file)) > 0) {
        struct bytes raw = {(const uint8_t *)line, (size_t)len};

        if (raw.at[raw.len - 1] == '\n')
            raw.len--;
        if (raw.len > LIMIT_MERGE_LINE_BYTES || merged->num >= LIMIT_MERGE_LINES) {
            *out_error = "is too large to be merged";
            break;
        }
        if (raw.len > 0 && !merged_add(merged, unwrap(raw)))
            merged->num_damaged++;
    }
    if (ferror(file))
        *out_error = "cannot be read";
    fclose(file);
    free(line);
    return *out_error == NULL;
}

void merged_clear(struct merged *merged)
{
    size_t i;

    for (i = 0; i < merged->num; i++)
        json_object_put(merged->at[i].document);
    memory_drop(merged->at);
    arena_clear(&merged->arena);
    memset(merged, 0, sizeof(*merged));
}

/* ---- sums ---- */

static enum confidence confidence_of(const char *name)
{
    enum confidence c;

    for (c = CONFIDENCE_CONFIRMED; name != NULL && c > CONFIDENCE_NONE; c--)
        if (strcmp(confidence_name(c), name) == 0)
            return c;
    return CONFIDENCE_NONE;
}

void merged_groups(const struct merged *merged, struct groups *out)
{
    size_t i, k;

    for (i = 0; i < merged->num; i++)
        for (k = 0; k < merge_length(merged->at[i].document, "groups"); k++) {
            struct jsonc_object *in = merge_item(merged->at[i].document, "groups", k);
            struct jsonc_object *example = merge_member(in, "example");
            struct group one = {.cause = merge_text(in, "cause"),
                                .spn = merge_text(in, "spn"),
                                .account = merge_text(in, "account"),
                                .server = merge_text(in, "server"),
                                .network = merge_text(in, "network"),
                                .confidence = confidence_of(merge_text(in, "confidence")),
                                .incidents = merge_int(in, "incidents"),
                                .findings = merge_int(in, "findings"),
                                .attempts = merge_int(in, "attempts"),
                                .first = merge_text(in, "first"),
                                .last = merge_text(in, "last"),
                                .path = merge_text(example, "path"),
                                .frame = merge_int(example, "frame"),
                                .time = merge_text(example, "time")};

            if (one.cause != NULL)
                groups_merge(out, &one);
        }
    groups_sort(out);
}

size_t merged_num_findings(const struct merged *merged)
{
    size_t i, k, num = 0;

    for (i = 0; i < merged->num; i++)
        for (k = 0; k < merge_length(merged->at[i].document, "findings"); k++)
            num +=
                merge_text(merge_item(merged->at[i].document, "findings", k), "confidence") != NULL;
    return num;
}

static void count_cause(struct merged_totals *out, struct arena *arena, const char *cause,
                        int64_t num)
{
    size_t i;

    for (i = 0; i < out->num_by_cause && i < LIMIT_MERGE_CAUSES; i++)
        if (strcmp(out->by_cause[i].cause, cause) == 0)
            break;
    if (i == LIMIT_MERGE_CAUSES)
        cause = "others";
    if (i == out->num_by_cause) {
        out->by_cause[i].cause = arena_text(arena, bytes_of_text(cause));
        out->num_by_cause++;
    }
    out->by_cause[i].num += num;
}

void merged_totals(const struct merged *merged, struct arena *arena, struct merged_totals *out)
{
    size_t i;

    memset(out, 0, sizeof(*out));
    out->by_cause = arena_take(arena, LIMIT_MERGE_CAUSES + 1, sizeof(*out->by_cause));
    for (i = 0; i < merged->num; i++) {
        struct jsonc_object *document = merged->at[i].document;
        struct jsonc_object *summary = merge_member(document, "summary");
        struct jsonc_object *by_cause = merge_member(summary, "by_cause");

        out->captures += (int64_t)merge_length(document, "captures");
        out->attempts += merge_int(summary, "attempts");
        out->failed += merge_int(summary, "failed");
        out->findings += merge_int(summary, "findings");
        out->partial |= json_object_is_type(merge_member(summary, "complete"), json_type_boolean) &&
                        !json_object_get_boolean(merge_member(summary, "complete"));
        if (json_object_is_type(by_cause, json_type_object)) {
            struct json_object_iterator at = json_object_iter_begin(by_cause),
                                        end = json_object_iter_end(by_cause);

            for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
                count_cause(out, arena, json_object_iter_peek_name(&at),
                            merge_bounded(json_object_iter_peek_value(&at)));
        }
    }
    out->evidence = (int64_t)merge_num_evidence(merged);
}

/* ---- out ---- */

bool merged_render(const struct merged *merged, const char *format, struct text *out,
                   const struct report_style *style)
{
    size_t i;

    if (strcmp(format, "json") == 0) {
        merge_json(merged, out);
    } else if (strcmp(format, "ndjson") == 0) {
        for (i = 0; i < merged->num; i++) {
            text_put_bytes(out, merged->at[i].raw);
            text_put_char(out, '\n');
        }
    } else if (strcmp(format, "text") == 0) {
        text_merged(out, merged, style);
    } else if (strcmp(format, "markdown") == 0) {
        markdown_merged(out, merged);
    } else {
        return false;
    }
    return true;
}
