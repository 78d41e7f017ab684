/* SPDX-License-Identifier: MIT */
/* Runs every cause on every incident, ranks what stands, and writes the findings. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "cause/cause.h"
#include "cause/clock.h"
#include "cause/event_attempt.h"
#include "cause/event_story.h"
#include "cause/iis_merge.h"
#include "cause/incident.h"
#include "cause/proof.h"
#include "cause/standing.h"
#include "cause/story.h"

#define CAUSE(name) +1
enum {
    NUM_CAUSES = 0
#include "cause/causes.def"
    ,
    MISSING_MAX = 8,
    BESIDE_TOLD = 10
};
#undef CAUSE

struct trial {
    struct facts facts;
    struct judgement judgements[NUM_CAUSES];
    size_t order[NUM_CAUSES]; /* of the causes that stand, strongest first */
    size_t num_standing;
    size_t top;
};

const char *confidence_name(enum confidence confidence)
{
    switch (confidence) {
    case CONFIDENCE_POSSIBLE:
        return "possible";
    case CONFIDENCE_LIKELY:
        return "likely";
    case CONFIDENCE_CONFIRMED:
        return "confirmed";
    default:
        return NULL;
    }
}

static bool stands(const struct judgement *j)
{
    return j->verdict == VERDICT_HOLDS || j->verdict == VERDICT_UNDECIDED;
}

static size_t index_of(const struct cause *cause)
{
    size_t i = 0;

    while (causes[i] != cause)
        i++;
    return i;
}

static void judge_attempt(struct trial *trial, const struct index *index,
                          const struct attempt *attempt, struct arena *arena)
{
    size_t unexplained = index_of(&cause_unexplained), i, k;

    facts_derive(&trial->facts, index, attempt, arena);
    for (i = 0; i < NUM_CAUSES; i++) {
        trial->judgements[i].arena = arena;
        causes[i]->judge(&trial->facts, &trial->judgements[i]);
        if (!stands(&trial->judgements[i]) || i == unexplained)
            continue;
        /* Insertion by strength; earlier rows of causes.def first among equals. */
        for (k = trial->num_standing++; k > 0 && trial->judgements[trial->order[k - 1]].strength <
                                                     trial->judgements[i].strength;
             k--)
            trial->order[k] = trial->order[k - 1];
        trial->order[k] = i;
    }
    trial->top = unexplained;
    if (!trial->facts.hidden && trial->num_standing > 0 &&
        trial->judgements[trial->order[0]].strength >= STRENGTH_FLOOR)
        trial->top = trial->order[0];
}

static struct statements copy_statements(struct arena *arena, const struct statement *at,
                                         size_t num)
{
    struct statement *copy = arena_take(arena, num, sizeof(*copy));

    if (num > 0)
        memcpy(copy, at, num * sizeof(*copy));
    return (struct statements){copy, num};
}

static void put_alternatives(struct finding *out, const struct trial *trial, struct arena *arena)
{
    const char **ids = arena_take(arena, NUM_CAUSES, sizeof(*ids));
    size_t i;

    for (i = 0; i < trial->num_standing; i++)
        if (trial->order[i] != trial->top)
            ids[out->num_alternatives++] = causes[trial->order[i]]->id;
    out->alternatives = ids;
}

static void put_refuted(struct finding *out, const struct trial *trial, struct arena *arena)
{
    struct refutation *refuted = arena_take(arena, NUM_CAUSES, sizeof(*refuted));
    size_t i;

    for (i = 0; i < NUM_CAUSES; i++)
        if (trial->judgements[i].verdict == VERDICT_REFUTED)
            refuted[out->num_refuted++] =
                (struct refutation){causes[i]->id, trial->judgements[i].refutation};
    out->refuted = refuted;
}

static void add_missing(struct finding *out, struct missing *list, const struct judgement *from)
{
    size_t i, k;

    for (i = 0; i < from->num_missing; i++) {
        for (k = 0; k < out->num_missing; k++)
            if (strcmp(list[k].what, from->missing[i].what) == 0)
                break;
        if (k == out->num_missing && k < MISSING_MAX)
            list[out->num_missing++] = from->missing[i];
    }
}

/* Where the evidence for one cause leaves no room for others, they are refuted by it. */
static void settle(struct trial *trial)
{
    const struct judgement *top = &trial->judgements[trial->top];
    size_t i, k;

    if ((!top->decides && !top->proven) || top->num_supports == 0)
        return;
    for (i = 0; i < NUM_CAUSES; i++) {
        if (i == trial->top || causes[i] == &cause_unexplained || !stands(&trial->judgements[i]) ||
            (top->proven && trial->judgements[i].proven))
            continue;
        if (top->proven) {
            proof_settles(&trial->facts, causes[trial->top]->id, &trial->judgements[i]);
            continue;
        }
        trial->judgements[i].verdict = VERDICT_REFUTED;
        trial->judgements[i].refutation = top->supports[0];
    }
    for (i = k = 0; i < trial->num_standing; i++)
        if (stands(&trial->judgements[trial->order[i]]))
            trial->order[k++] = trial->order[i];
    trial->num_standing = k;
}

/* The finding's own gaps first, then those of its alternatives. */
static void put_missing(struct finding *out, const struct trial *trial, struct arena *arena)
{
    struct missing *list = arena_take(arena, MISSING_MAX, sizeof(*list));
    size_t i;

    add_missing(out, list, &trial->judgements[trial->top]);
    for (i = 0; i < trial->num_standing; i++)
        if (trial->order[i] != trial->top)
            add_missing(out, list, &trial->judgements[trial->order[i]]);
    out->missing = list;
}

static void put_remedies(struct finding *out, const struct trial *trial, struct arena *arena)
{
    struct cards cards = {.arena = arena, .facts = &trial->facts};
    struct remedy *list;

    if (causes[trial->top]->remedy == NULL)
        return;
    causes[trial->top]->remedy(&trial->facts, &cards);
    list = arena_take(arena, cards.num, sizeof(*list));
    memcpy(list, cards.at, cards.num * sizeof(*list));
    out->remedies = list;
    out->num_remedies = cards.num;
}

static void put_accounts(struct finding *out, const struct facts *f, const struct cause *cause)
{
    if (f->kdc || f->family == FAMILY_OTHER)
        return;
    out->tried_by = f->tried_by;
    out->key_owner_expected = true;
    if (cause->key_owner == KEY_OWNER_EXPECTED)
        out->key_owner = f->expected_owner;
    else if (cause->key_owner == KEY_OWNER_TRIED)
        out->key_owner = f->tried_by != NULL ? f->tried_by : f->expected_owner;
    if (f->ev.opener != NULL) {
        out->key_owner = f->ev.opener;
        out->key_owner_expected = false;
    } else if (f->ev.owner != NULL) {
        out->key_owner = f->ev.owner->account;
    } else if (f->ev.other_holder != NULL) {
        out->key_owner = f->ev.other_holder->account;
    }
    if (out->key_owner == NULL)
        out->key_owner_expected = false;
}

/* Confirmed needs proof; likely the whole chain and no look-alike left; possible is the rest. */
static enum confidence confidence_of(const struct trial *trial, const struct finding *finding)
{
    const struct judgement *top = &trial->judgements[trial->top];

    if (finding->informs)
        return CONFIDENCE_NONE;
    if (top->proven && top->verdict == VERDICT_HOLDS)
        return CONFIDENCE_CONFIRMED; /* what else stands is proven too: settle() */
    if (top->verdict == VERDICT_HOLDS && top->full_chain && finding->num_alternatives == 0)
        return CONFIDENCE_LIKELY;
    return CONFIDENCE_POSSIBLE;
}

static void write_finding(struct finding *out, const struct trial *trial,
                          const struct incident *incident, struct arena *arena)
{
    const struct cause *cause = causes[trial->top];
    const struct judgement *top = &trial->judgements[trial->top];
    int64_t *ids = arena_take(arena, incident->num_attempts, sizeof(*ids));

    if (incident->num_attempts > 0)
        memcpy(ids, incident->attempts, incident->num_attempts * sizeof(*ids));
    out->attempts = ids;
    out->num_attempts = incident->num_attempts;
    out->informs = incident->informs;
    out->cause = cause->id;
    out->evidence_for = copy_statements(arena, top->supports, top->num_supports);
    out->evidence_against = copy_statements(arena, top->contradicts, top->num_contradicts);
    put_alternatives(out, trial, arena);
    put_refuted(out, trial, arena);
    put_remedies(out, trial, arena);
    put_accounts(out, &trial->facts, cause);
    out->confidence = confidence_of(trial, out);
    if (out->confidence != CONFIDENCE_CONFIRMED) /* what is proven needs nothing more */
        put_missing(out, trial, arena);
    if (cause == &cause_clock_skew)
        out->skew_s = clock_skew_shown(&trial->facts);
    out->zone_s = trial->facts.ev.event_zone_s;
    out->title = story_title(&trial->facts, cause, arena);
    out->explanation = story_explain(&trial->facts, cause, incident, out->key_owner,
                                     out->key_owner_expected, arena);
}

static int by_weight(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int wx = cause_find(x->cause)->weight, wy = cause_find(y->cause)->weight;

    if (x->informs != y->informs)
        return x->informs - y->informs;
    if (wx != wy)
        return wy - wx;
    if (x->confidence != y->confidence)
        return (int)y->confidence - (int)x->confidence;
    if (x->num_attempts != y->num_attempts)
        return x->num_attempts < y->num_attempts ? 1 : -1;
    if (x->num_attempts == 0) /* in the order in which the files gave them */
        return (x->id > y->id) - (x->id < y->id);
    return (x->attempts[0] > y->attempts[0]) - (x->attempts[0] < y->attempts[0]);
}

static void add_finding(struct findings *out, const struct index *index,
                        const struct incident *incident)
{
    struct trial *trial = memory_take(1, sizeof(*trial));

    judge_attempt(trial, index, incident->best, &out->arena);
    settle(trial);
    say_rule(&trial->facts, &trial->judgements[trial->top]);
    say_files(&trial->facts, &trial->judgements[trial->top]);
    write_finding(&out->at[out->num++], trial, incident, &out->arena);
    memory_drop(trial);
}

static bool has_capture(const struct log *log)
{
    size_t i;

    for (i = 0; i < log->num; i++)
        if (log->at[i].kind == KIND_capture_file)
            return true;
    return false;
}

/* Files alone: what they show by themselves, and the failures that an event log tells of. */
static void judge_files(struct findings *out, const struct index *index)
{
    struct standing standing = {.arena = &out->arena, .index = index};
    struct attempt *events;
    bool more;
    size_t num = event_attempts(&events, index, &out->arena, &more), i;

    standing_find(&standing);
    if (more)
        standing_cut(&standing, "kdc-error", LIMIT_STANDING + 1);
    out->at = arena_take(&out->arena, num + standing.num, sizeof(*out->at));
    for (i = 0; i < num; i++) {
        struct incident incident = {.best = &events[i]};

        add_finding(out, index, &incident);
        event_story(&out->at[out->num - 1], &events[i], index, &out->arena);
        out->at[out->num - 1].id = (int64_t)i - (int64_t)num;
    }
    if (standing.num > 0)
        memcpy(&out->at[out->num], standing.at, standing.num * sizeof(*standing.at));
    out->num += standing.num;
    memory_drop(standing.at);
    memory_drop(standing.told);
}

/* Whether the title of a directory's finding speaks of a name that a failed attempt was about. */
static bool touches(const struct finding *standing, const struct incidents *incidents)
{
    size_t i;

    for (i = 0; i < incidents->num; i++) {
        const struct attempt *a = incidents->at[i].best;

        if (!incidents->at[i].informs && ((a->spn_host != NULL && strlen(a->spn_host) > 2 &&
                                           strcasestr(standing->title, a->spn_host) != NULL) ||
                                          (a->asked_for != NULL && strlen(a->asked_for) > 2 &&
                                           strcasestr(standing->title, a->asked_for) != NULL)))
            return true;
    }
    return false;
}

static bool is_said(const struct findings *findings, const char *cause)
{
    size_t i;

    for (i = 0; i < findings->num; i++)
        if (findings->at[i].num_attempts > 0 && strcmp(findings->at[i].cause, cause) == 0)
            return true;
    return false;
}

/* A whole directory beside each of many captures is not gone through. */
static void say_beside_left_out(struct findings *out)
{
    struct finding *finding = &out->at[0];
    struct missing *all = arena_take(&out->arena, finding->num_missing + 1, sizeof(*all));

    if (finding->num_missing > 0)
        memcpy(all, finding->missing, finding->num_missing * sizeof(*all));
    all[finding->num_missing].what = arena_print(
        &out->arena,
        "what is wrong in the files by themselves: beside a capture, files of more than %d facts "
        "are only asked for the names of the case",
        LIMIT_BESIDE_FACTS);
    all[finding->num_missing++].command = "krbwhy FILE";
    finding->missing = all;
}

/* What else the files beside a capture show of its names: informs, the findings of the log-ons come
 * first. */
static void judge_beside(struct findings *out, const struct index *index,
                         const struct incidents *incidents)
{
    struct standing standing = {.arena = &out->arena, .index = index};
    struct finding *grown;
    size_t i, told = 0;

    if (index->evidence.num == 0 || out->num == 0)
        return;
    if (index->evidence.num > LIMIT_BESIDE_FACTS) {
        say_beside_left_out(out);
        return;
    }
    standing_directory(&standing);
    grown = arena_take(&out->arena, out->num + standing.num, sizeof(*grown));
    memcpy(grown, out->at, out->num * sizeof(*grown));
    out->at = grown;
    for (i = 0; i < standing.num && told < BESIDE_TOLD; i++) {
        struct finding *to;

        if (!touches(&standing.at[i], incidents) || is_said(out, standing.at[i].cause))
            continue;
        to = &out->at[out->num++];
        *to = standing.at[i];
        to->informs = true;
        to->confidence = CONFIDENCE_NONE;
        told++;
    }
    memory_drop(standing.at);
    memory_drop(standing.told);
}

void judge_case(struct findings *out, const struct joined_case *joined)
{
    struct index index = {0};
    struct incidents incidents = {0};
    size_t i;

    index_build(&index, joined);
    iis_merge(&index.evidence, &out->arena);
    incidents_gather(&incidents, &index);
    if (joined->num_attempts == 0 && !has_capture(joined->log)) {
        judge_files(out, &index);
    } else {
        out->at = arena_take(&out->arena, incidents.num, sizeof(*out->at));
        for (i = 0; i < incidents.num; i++)
            add_finding(out, &index, &incidents.at[i]);
        judge_beside(out, &index, &incidents);
    }
    if (out->num > 1)
        qsort(out->at, out->num, sizeof(*out->at), by_weight);
    for (i = 0; i < out->num; i++)
        out->at[i].id = (int64_t)i + 1;
    incidents_clear(&incidents);
    index_clear(&index);
}

void findings_clear(struct findings *findings)
{
    arena_clear(&findings->arena);
    memset(findings, 0, sizeof(*findings));
}
