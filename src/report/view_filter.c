/* SPDX-License-Identifier: MIT */
#include "report/view_filter.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"

/* ---- the chain of an attempt ---- */

static int compare_places(const struct observation *a, const struct observation *b)
{
    int64_t left[3] = {a->source.capture, a->source.frame, a->id};
    int64_t right[3] = {b->source.capture, b->source.frame, b->id};
    int i;

    for (i = 0; i < 3; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}

size_t view_chain(const struct attempt *a, const struct log *log, int64_t *out)
{
    const int64_t steps[] = {
        a->address_answer, a->ptr_answer,  a->as.request, a->as.reply,    a->as.error,
        a->tgs.request,    a->tgs.reply,   a->tgs.error,  a->other_reply, a->ap_request,
        a->ap_reply,       a->gss_request, a->gss_reply,  a->request,     a->reply,
        a->ntlm,           a->tls,         a->conn,       a->error,       a->server_computer_from,
        a->far_ap_request, a->far_reply,
    };
    size_t num_fixed = sizeof(steps) / sizeof(steps[0]);
    size_t i, k, num = 0;

    for (i = 0; i < num_fixed + a->dns.num && num < VIEW_CHAIN; i++) {
        int64_t id = i < num_fixed ? steps[i] : a->dns.at[i - num_fixed].observation;
        const struct observation *o = log_find(log, id);

        if (o == NULL)
            continue;
        for (k = num; k > 0 && compare_places(log_find(log, out[k - 1]), o) > 0; k--)
            ;
        if (k > 0 && out[k - 1] == id)
            continue;
        memmove(out + k + 1, out + k, (num - k) * sizeof(*out));
        out[k] = id;
        num++;
    }
    return num;
}

/* ---- the display filter ---- */

struct frames {
    const struct view *view;
    int64_t *at;
    size_t num, room;
};

static void cite(struct frames *frames, const struct log *log, size_t input, int64_t id)
{
    struct report_place place = view_place(frames->view, log_find(log, id));

    if (place.input == SIZE_MAX || place.input != input || place.frame <= 0)
        return;
    if (frames->num == frames->room) {
        frames->room = frames->room == 0 ? 32 : frames->room * 2;
        frames->at = memory_grow(frames->at, frames->room, sizeof(*frames->at));
    }
    frames->at[frames->num++] = place.frame;
}

static void cite_statement(struct frames *frames, const struct log *log, size_t input,
                           const struct statement *statement)
{
    size_t i;

    for (i = 0; i < statement->num_sources; i++)
        cite(frames, log, input, statement->sources[i]);
}

static int compare_int64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* The file whose frames a filter selects: of the first attempt, else of the first source; SIZE_MAX
 * for none. Of a capture in several files, the one where the attempt failed. */
size_t view_filter_input(const struct view *view, const struct view_finding *shown)
{
    const struct finding *f = shown->finding;
    const struct observation *o = NULL;
    const struct attempt *a = shown->first == NULL ? NULL : shown->first->attempt;
    struct report_place place = {SIZE_MAX, 0};
    int64_t chain[VIEW_CHAIN];
    size_t num;

    if (a != NULL) {
        num = view_chain(a, shown->in->log, chain);
        o = log_find(shown->in->log, a->error != 0 ? a->error : num > 0 ? chain[num - 1] : 0);
        if (o != NULL && o->source.capture == a->capture)
            place = view_place(view, o);
        if (place.input == SIZE_MAX && a->capture >= 0 &&
            (uint64_t)a->capture < view->report->num_inputs)
            place.input = (size_t)a->capture;
        return place.input;
    }
    if (f->evidence_for.num > 0 && f->evidence_for.at[0].num_sources > 0)
        o = log_find(shown->in->log, f->evidence_for.at[0].sources[0]);
    return o == NULL ? 0 : view_place(view, o).input;
}

/* All frames that the finding cites, and the chain of its first attempt. */
const char *view_make_filter(struct view *view, const struct view_finding *shown)
{
    const struct finding *f = shown->finding;
    const struct log *log = shown->in->log;
    size_t input = view_filter_input(view, shown);
    int64_t chain[VIEW_CHAIN];
    struct frames frames = {view, NULL, 0, 0};
    struct text text = {0};
    const char *filter = NULL;
    size_t i, num;

    for (i = 0; i < f->evidence_for.num; i++)
        cite_statement(&frames, log, input, &f->evidence_for.at[i]);
    for (i = 0; i < f->evidence_against.num; i++)
        cite_statement(&frames, log, input, &f->evidence_against.at[i]);
    for (i = 0; i < f->num_refuted; i++)
        cite_statement(&frames, log, input, &f->refuted[i].statement);
    num = shown->first == NULL ? 0 : view_chain(shown->first->attempt, log, chain);
    for (i = 0; i < num; i++)
        cite(&frames, log, input, chain[i]);
    if (frames.num > 0) {
        qsort(frames.at, frames.num, sizeof(*frames.at), compare_int64);
        for (i = 0; i < frames.num; i++)
            if (i == 0 || frames.at[i] != frames.at[i - 1])
                text_putf(&text, "%s%" PRId64, i == 0 ? "" : ",", frames.at[i]);
        filter = arena_print(&view->arena, "frame.number in {%s}", text_str(&text));
    }
    text_clear(&text);
    memory_drop(frames.at);
    return filter;
}
