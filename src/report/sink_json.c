/* SPDX-License-Identifier: MIT */
/* The schema krbwhy/1 (docs/krbwhy-1.schema.json), as one document or one line a case. */
#include "report/groups.h"
#include "report/json_parts.h"
#include "report/parts.h"
#include "report/sinks.h"
#include "report/view.h"

static void put_problems(struct json *json, const struct view_input *input)
{
    struct text message = {0};
    size_t i;

    json_array(json, "problems");
    for (i = 0; i < input->num_problems; i++) {
        const struct problem *p = input->problems[i];

        text_reset(&message);
        text_put(&message, p->message == NULL ? "" : p->message);
        if (p->times > 1)
            text_putf(&message, " (%lld times)", (long long)p->times);
        json_flat_object(json, NULL);
        json_text(json, "code", p->code);
        json_optint(json, "frame", p->at_frame);
        json_optint(json, "offset", p->offset);
        json_text(json, "message", text_str(&message));
        json_end_object(json);
    }
    json_end_array(json);
    text_clear(&message);
}

static void put_clock(struct json *json, const struct view_input *capture)
{
    if (!capture->has_clock) {
        json_null(json, "clock");
        return;
    }
    json_flat_object(json, "clock");
    if (capture->has_offset)
        json_milliseconds(json, "offset_s", capture->offset_ms);
    else
        json_null(json, "offset_s");
    json_text(json, "basis", capture->clock_basis);
    json_end_object(json);
}

static void put_time(struct json *json, const char *key, struct optint ns)
{
    if (ns.set)
        json_time(json, key, ns.value);
    else
        json_null(json, key);
}

static void put_capture(struct json *json, const struct view_input *capture)
{
    static const struct capture_file unknown;
    const struct capture_file *file = capture->file == NULL ? &unknown : capture->file;
    size_t i;

    json_object(json, NULL);
    json_text(json, "path", capture->input->path);
    json_text(json, "format", file->format);
    json_int(json, "packets", file->packets);
    if (file->size >= 0)
        json_int(json, "bytes", file->size);
    else
        json_null(json, "bytes"); /* of a pipe */
    put_time(json, "first", file->first_ns);
    put_time(json, "last", file->last_ns);
    json_flat_array(json, "link_types");
    for (i = 0; i < file->link_types.num; i++)
        json_text(json, NULL, file->link_types.at[i]);
    json_end_array(json);
    if (capture->input->part > 0)
        json_int(json, "continues", capture->number - 1);
    else
        json_null(json, "continues");
    put_clock(json, capture);
    put_problems(json, capture);
    json_end_object(json);
}

static void put_evidence(struct json *json, const struct view_input *evidence)
{
    json_object(json, NULL);
    json_text(json, "path", evidence->input->path);
    json_text(json, "kind", evidence->kind);
    json_int(json, "facts", evidence->facts);
    put_problems(json, evidence);
    json_end_object(json);
}

/* ---- the document ---- */

static void put_summary(struct json *json, const struct view *view)
{
    size_t i;

    json_object(json, "summary");
    json_int(json, "attempts", view->total_attempts);
    json_int(json, "failed", view->failed);
    json_int(json, "findings", (int64_t)view->num_findings);
    json_bool(json, "complete", !view->partial);
    json_object(json, "by_cause");
    for (i = 0; i < view->num_by_cause; i++)
        json_int(json, view->by_cause[i].cause, view->by_cause[i].num);
    json_end_object(json);
    json_end_object(json);
}

static void put_groups(struct json *json, const struct view *view)
{
    struct groups groups = {0};

    groups_add(&groups, view);
    groups_sort(&groups);
    groups_json(json, &groups);
    groups_clear(&groups);
}

static void put_document(struct text *out, const struct view *view, bool pretty)
{
    struct json json;
    size_t i;

    json_init(&json, out, pretty);
    json_object(&json, NULL);
    json_text(&json, "schema", "krbwhy/1");
    json_text(&json, "program", "krbwhy " KRBWHY_VERSION);
    json_array(&json, "captures");
    for (i = 0; i < view->num_captures; i++)
        put_capture(&json, &view->captures[i]);
    json_end_array(&json);
    json_array(&json, "evidence");
    for (i = 0; i < view->num_evidence; i++)
        put_evidence(&json, &view->evidence[i]);
    json_end_array(&json);
    put_summary(&json, view);
    put_groups(&json, view);
    json_array(&json, "attempts");
    for (i = 0; i < view->num_attempts; i++)
        json_attempt(&json, view, &view->attempts[i]);
    json_end_array(&json);
    json_array(&json, "findings");
    for (i = 0; i < view->num_findings; i++)
        json_finding(&json, view, &view->findings[i]);
    json_end_array(&json);
    json_end_object(&json);
    text_put_char(out, '\n');
}

void sink_json(struct text *out, const struct report *report, const struct report_style *style)
{
    struct view view = {0};

    (void)style;
    view_init(&view, report, 0, report->num_cases);
    put_document(out, &view, true);
    view_clear(&view);
}

void sink_ndjson(struct text *out, const struct report *report, const struct report_style *style)
{
    size_t i;

    (void)style;
    for (i = 0; i < report->num_cases; i++) {
        struct view view = {0};

        view_init(&view, report, i, 1);
        put_document(out, &view, false);
        view_clear(&view);
    }
}
