/* SPDX-License-Identifier: MIT */
#include "rewrite/plan.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/say.h"
#include "rewrite/plan_parts.h"

enum { COMMENT_ENOUGH = 4096, NTLM_AUTHENTICATE = 3 };

static void *grown(void *at, size_t num, size_t *room, size_t size)
{
    if (num < *room)
        return at;
    *room = *room == 0 ? 16 : *room * 2;
    return memory_grow(at, *room, size);
}

/* ---- order ---- */

static int compare_ends(const struct address *a, uint16_t a_port, const struct address *b,
                        uint16_t b_port)
{
    int order = memcmp(a, b, sizeof(*a));

    return order != 0 ? order : (a_port > b_port) - (a_port < b_port);
}

static int compare_flows(const void *a, const void *b)
{
    const struct plan_flow *x = a, *y = b;
    int order = compare_ends(&x->address[0], x->port[0], &y->address[0], y->port[0]);

    if (order == 0)
        order = compare_ends(&x->address[1], x->port[1], &y->address[1], y->port[1]);
    return order != 0 ? order : x->transport - y->transport;
}

static int compare_frames(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int compare_cited(const void *a, const void *b)
{
    return compare_frames(&((const struct plan_comment *)a)->frame,
                          &((const struct plan_comment *)b)->frame);
}

static int compare_comments(const void *a, const void *b)
{
    const struct plan_comment *x = a, *y = b;
    int order = compare_cited(a, b);

    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static struct plan_flow make_flow(const struct address *src, uint16_t sport,
                                  const struct address *dst, uint16_t dport, uint8_t transport)
{
    bool turn = compare_ends(src, sport, dst, dport) > 0;
    struct plan_flow flow = {.address = {turn ? *dst : *src, turn ? *src : *dst},
                             .port = {turn ? dport : sport, turn ? sport : dport},
                             .transport = transport};

    return flow;
}

/* ---- collecting ---- */

static void add_frame(struct plan *plan, int64_t frame)
{
    plan->frames = grown(plan->frames, plan->num_frames, &plan->frames_room, sizeof(*plan->frames));
    plan->frames[plan->num_frames++] = frame;
}

void plan_add_source(struct planning *planning, int64_t id)
{
    const struct observation *o = log_find(planning->log, id);
    struct plan *plan = planning->plan;

    if (o == NULL || o->source.capture != planning->input || o->source.frame <= 0)
        return;
    add_frame(plan, o->source.frame);
    add_frame(plan, o->source.first_frame);
    if (o->source.transport == 0)
        return;
    plan->flows = grown(plan->flows, plan->num_flows, &plan->flows_room, sizeof(*plan->flows));
    plan->flows[plan->num_flows++] =
        make_flow(&o->source.src, (uint16_t)o->source.sport, &o->source.dst,
                  (uint16_t)o->source.dport, (uint8_t)o->source.transport);
}

static void add_comment(struct planning *planning, int64_t frame, const char *text)
{
    struct plan *plan = planning->plan;

    if (frame <= 0)
        return;
    plan->comments =
        grown(plan->comments, plan->num_comments, &plan->comments_room, sizeof(*plan->comments));
    plan->comments[plan->num_comments] = (struct plan_comment){frame, plan->num_comments, text};
    plan->num_comments++;
}

/* "cname-spn (possible)" */
static const char *name_verdict(struct planning *planning, const struct finding *finding)
{
    const char *confidence = confidence_name(finding->confidence);

    return confidence == NULL
               ? finding->cause
               : arena_print(&planning->plan->arena, "%s (%s)", finding->cause, confidence);
}

static void comment_chain(struct planning *planning, const struct view_finding *shown,
                          const struct view_attempt *attempt)
{
    struct arena *arena = &planning->plan->arena;
    const char *verdict = name_verdict(planning, shown->finding);
    struct say_step *steps;
    size_t i, num = say_chain(&planning->view, attempt, &steps);

    for (i = 0; i < num; i++) {
        const struct say_step *step = &steps[i];

        if (step->source.input == NULL || step->source.input->file == NULL ||
            planning->view.by_input[planning->input] !=
                step->source.input - step->source.input->input->part)
            continue;
        add_comment(planning, step->source.frame,
                    step->fault
                        ? arena_print(arena, "%s: %s, %s. %s", step->from, step->what, verdict,
                                      shown->finding->title)
                        : arena_print(arena, "%s: %s, %s", step->from, step->what, verdict));
    }
}

/* What a finding cites beyond its chain. */
static void comment_statement(struct planning *planning, const struct finding *finding,
                              const char *role, const struct statement *statement)
{
    size_t i;

    for (i = 0; i < statement->num_sources; i++) {
        const struct observation *o = log_find(planning->log, statement->sources[i]);

        plan_add_source(planning, statement->sources[i]);
        if (o != NULL && o->source.capture == planning->input)
            add_comment(planning, o->source.frame,
                        arena_print(&planning->plan->arena, "%s %s: %s", role,
                                    name_verdict(planning, finding), statement->text));
    }
}

static void add_attempt(struct planning *planning, const struct view_finding *shown, int64_t id)
{
    const struct view *view = &planning->view;
    int64_t chain[VIEW_CHAIN];
    size_t i, k, num;

    for (i = 0; i < view->num_attempts; i++) {
        if (view->attempts[i].id != id)
            continue;
        comment_chain(planning, shown, &view->attempts[i]);
        num = view_chain(view->attempts[i].attempt, planning->log, chain);
        for (k = 0; k < num; k++)
            plan_add_source(planning, chain[k]);
        plan_note_context(planning, view->attempts[i].attempt, chain, num);
        return;
    }
}

static void add_finding(struct planning *planning, const struct view_finding *shown)
{
    const struct finding *f = shown->finding;
    size_t i;

    for (i = 0; i < shown->num_attempts; i++)
        add_attempt(planning, shown, shown->attempts[i]);
    for (i = 0; i < f->evidence_for.num; i++)
        comment_statement(planning, f, "for", &f->evidence_for.at[i]);
    for (i = 0; i < f->evidence_against.num; i++)
        comment_statement(planning, f, "against", &f->evidence_against.at[i]);
    for (i = 0; i < f->num_refuted; i++) {
        size_t k;

        for (k = 0; k < f->refuted[i].statement.num_sources; k++)
            plan_add_source(planning, f->refuted[i].statement.sources[k]);
    }
}

/* ---- in order, each once ---- */

static bool said_before(const struct plan_comment *at, size_t from, size_t to)
{
    for (; from < to; from++)
        if (strcmp(at[from].text, at[to].text) == 0)
            return true;
    return false;
}

/* One comment a frame: everything that was said of it, in the order in which it was said. */
static void merge_comments(struct plan *plan)
{
    struct plan_comment *at = plan->comments;
    size_t i, k, num = 0;

    if (plan->num_comments > 0)
        qsort(at, plan->num_comments, sizeof(*at), compare_comments);
    for (i = 0; i < plan->num_comments; i = k) {
        struct text whole = {0};
        int64_t frame = at[i].frame;

        for (k = i; k < plan->num_comments && at[k].frame == frame; k++)
            if (whole.len < COMMENT_ENOUGH && !said_before(at, i, k))
                text_putf(&whole, "%skrbwhy: %s", whole.len == 0 ? "" : "\n", at[k].text);
        at[num].frame = frame;
        at[num++].text = arena_text(&plan->arena, bytes_of_text(text_str(&whole)));
        text_clear(&whole);
    }
    plan->num_comments = num;
}

static size_t drop_repeats(void *at, size_t num, size_t size,
                           int (*compare)(const void *, const void *))
{
    uint8_t *item = at;
    size_t i, kept = 0;

    if (num == 0)
        return 0;
    qsort(at, num, size, compare);
    for (i = 1; i < num; i++)
        if (compare(item + kept * size, item + i * size) != 0)
            memmove(item + ++kept * size, item + i * size, size);
    return kept + 1;
}

static void count_secrets(struct plan *plan, const struct log *log, int64_t input)
{
    size_t i, k;

    for (i = 0; i < log->num; i++) {
        const struct observation *o = &log->at[i];

        if (o->source.capture != input)
            continue;
        plan->tickets += o->kind == KIND_krb && o->krb->ticket != NULL;
        plan->ntlm += o->kind == KIND_ntlm && o->ntlm->msg_type == NTLM_AUTHENTICATE;
        for (k = 0; o->kind == KIND_http && k < o->http->auths.num; k++)
            plan->basic += !o->http->response && o->http->auths.at[k].scheme != NULL &&
                           strcmp(o->http->auths.at[k].scheme, "Basic") == 0;
    }
}

void plan_init(struct plan *plan, const struct report *report, int64_t input)
{
    struct planning planning = {.plan = plan, .input = input};
    size_t i;

    if (report->num_cases == 0)
        return;
    planning.log = report->cases[0].log;
    view_init(&planning.view, report, 0, 1);
    for (i = 0; i < planning.view.num_findings; i++)
        add_finding(&planning, &planning.view.findings[i]);
    plan_add_contexts(&planning);
    plan->num_findings = planning.view.num_findings;
    merge_comments(plan);
    plan->num_flows =
        drop_repeats(plan->flows, plan->num_flows, sizeof(*plan->flows), compare_flows);
    plan->num_frames =
        drop_repeats(plan->frames, plan->num_frames, sizeof(*plan->frames), compare_frames);
    count_secrets(plan, planning.log, input);
    view_clear(&planning.view);
}

void plan_clear(struct plan *plan)
{
    memory_drop(plan->comments);
    memory_drop(plan->flows);
    memory_drop(plan->frames);
    arena_clear(&plan->arena);
    memset(plan, 0, sizeof(*plan));
}

const char *plan_comment(const struct plan *plan, int64_t frame)
{
    struct plan_comment key = {frame, 0, NULL};
    const struct plan_comment *found = plan->num_comments == 0
                                           ? NULL
                                           : bsearch(&key, plan->comments, plan->num_comments,
                                                     sizeof(*plan->comments), compare_cited);

    return found == NULL ? NULL : found->text;
}

bool plan_has_packet(const struct plan *plan, const struct packet *packet)
{
    struct plan_flow key =
        make_flow(&packet->src, packet->sport, &packet->dst, packet->dport, packet->transport);

    return plan->num_flows > 0 &&
           bsearch(&key, plan->flows, plan->num_flows, sizeof(key), compare_flows) != NULL;
}

bool plan_has_frame(const struct plan *plan, int64_t frame)
{
    return plan->num_frames > 0 && bsearch(&frame, plan->frames, plan->num_frames,
                                           sizeof(*plan->frames), compare_frames) != NULL;
}
