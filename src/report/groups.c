/* SPDX-License-Identifier: MIT */
#include "report/groups.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/when.h"

enum { MOST_DRAWN = 20 };

/* ---- keys ---- */

enum { NUM_KEYS = 5 };

/* In the order in which equally heavy groups stand. */
static void keys_of(const struct group *group, const char *out[NUM_KEYS])
{
    out[0] = group->cause;
    out[1] = group->spn;
    out[2] = group->account;
    out[3] = group->server;
    out[4] = group->network;
}

/* As strcmp; what is unknown stands last. */
static int compare_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return (a == NULL) - (b == NULL);
    return strcmp(a, b);
}

static int compare_keys(const struct group *a, const struct group *b)
{
    const char *left[NUM_KEYS], *right[NUM_KEYS];
    int i, order = 0;

    keys_of(a, left);
    keys_of(b, right);
    for (i = 0; i < NUM_KEYS && order == 0; i++)
        order = compare_text(left[i], right[i]);
    return order;
}

static uint64_t hash_keys(const struct group *group)
{
    const char *keys[NUM_KEYS];
    uint64_t hash = MAP_SEED;
    int i;

    keys_of(group, keys);
    for (i = 0; i < NUM_KEYS; i++) {
        /* With its NUL, so that "a", "bc" is not "ab", "c". */
        const char *key = keys[i] == NULL ? "" : keys[i];

        hash = map_hash(hash, (struct bytes){(const uint8_t *)key, strlen(key) + 1});
    }
    return hash;
}

/* ---- adding ---- */

static const char *keep(struct groups *groups, const char *text)
{
    return text == NULL ? NULL : arena_text(&groups->arena, bytes_of_text(text));
}

/* A better example than the one there is: of higher confidence, then earlier, then by name. */
static bool is_better(const struct group *a, const struct group *b)
{
    int order;

    if (a->confidence != b->confidence)
        return a->confidence > b->confidence;
    order = compare_text(a->time, b->time);
    if (order == 0)
        order = compare_text(a->path, b->path);
    return order < 0 || (order == 0 && a->frame < b->frame);
}

/* The group with these keys, new or not. */
static struct group *find_or_make(struct groups *groups, const struct group *like)
{
    uint64_t hash = hash_keys(like);
    struct group *group;
    size_t at = 0;
    int64_t k;

    while (map_next(&groups->map, hash, &at, &k))
        if (compare_keys(&groups->at[k], like) == 0)
            return &groups->at[k];
    if (groups->num == groups->room) {
        groups->room = groups->room == 0 ? 16 : groups->room * 2;
        groups->at = memory_grow(groups->at, groups->room, sizeof(*groups->at));
    }
    map_add(&groups->map, hash, (int64_t)groups->num);
    group = &groups->at[groups->num++];
    *group = (struct group){.cause = keep(groups, like->cause),
                            .spn = keep(groups, like->spn),
                            .account = keep(groups, like->account),
                            .server = keep(groups, like->server),
                            .network = keep(groups, like->network)};
    return group;
}

/* Counts, times and example of `other` into the group with its keys. */
static struct group *merge(struct groups *groups, const struct group *other)
{
    struct group *group = find_or_make(groups, other);

    if (other->path != NULL && (group->path == NULL || is_better(other, group))) {
        group->path = keep(groups, other->path);
        group->frame = other->frame;
        group->time = keep(groups, other->time);
    }
    if (other->confidence > group->confidence)
        group->confidence = other->confidence;
    group->incidents += other->incidents;
    group->findings += other->findings;
    group->attempts += other->attempts;
    if (compare_text(other->first, group->first) < 0)
        group->first = keep(groups, other->first);
    if (other->last != NULL && (group->last == NULL || strcmp(other->last, group->last) > 0))
        group->last = keep(groups, other->last);
    return group;
}

void groups_merge(struct groups *groups, const struct group *other)
{
    merge(groups, other);
}

/* ---- from a view ---- */

static const char *network_of(const struct address *address, char *out, size_t room)
{
    struct address net = *address;
    char text[ADDRESS_TEXT_ROOM];
    int kept = net.family == 4 ? 3 : 8;

    if (net.family == 0)
        return NULL;
    memset(net.octet + kept, 0, sizeof(net.octet) - (size_t)kept);
    snprintf(out, room, "%s/%d", address_text(&net, text), kept * 8);
    return out;
}

/* Where an attempt shows that it failed. */
static struct view_source failure_of(const struct view *view, const struct log *log,
                                     const struct attempt *a)
{
    int64_t chain[VIEW_CHAIN];
    size_t num;
    int64_t id = a->error != 0       ? a->error
                 : a->reply != 0     ? a->reply
                 : a->gss_reply != 0 ? a->gss_reply
                                     : 0;

    num = id == 0 ? view_chain(a, log, chain) : 0;
    return view_source(view, log, num > 0 ? chain[num - 1] : id);
}

/* One attempt of a finding; NULL for a finding about none. */
static void add(struct groups *groups, const struct view *view, const struct view_finding *shown,
                const struct attempt *a)
{
    char server[ADDRESS_TEXT_ROOM], network[ADDRESS_TEXT_ROOM + 8], when[WHEN_TEXT_ROOM];
    const struct finding *f = shown->finding;
    struct view_source source = {.set = false};
    struct group one = {.cause = f->cause,
                        .account = f->tried_by,
                        .confidence = f->confidence,
                        .attempts = 1,
                        .path = view_finding_path(view, shown)};
    struct group *group;

    if (a != NULL) {
        one.spn = a->spn;
        one.server = a->server.family == 0 ? NULL : address_text(&a->server, server);
        one.network = network_of(&a->client, network, sizeof(network));
        one.attempts += a->repeats;
        source = failure_of(view, shown->in->log, a);
    } else if (f->evidence_for.num > 0 && f->evidence_for.at[0].num_sources > 0) {
        source = view_source(view, shown->in->log, f->evidence_for.at[0].sources[0]);
    }
    if (source.set && !source.input->input->evidence) {
        one.path = source.input->input->path;
        one.frame = source.place;
        one.time = one.first = one.last = when_text(source.time_ns, when);
    }
    group = merge(groups, &one);
    group->findings += group->last_finding != f;
    group->incidents += group->last_case != shown->in;
    group->last_finding = f;
    group->last_case = shown->in;
}

void groups_add(struct groups *groups, const struct view *view)
{
    size_t i, k;

    for (i = 0; i < view->num_findings; i++) {
        const struct view_finding *shown = &view->findings[i];
        const struct joined_case *joined = shown->in->joined;
        const struct finding *f = shown->finding;

        if (f->informs)
            continue;
        for (k = 0; k < f->num_attempts; k++)
            if (f->attempts[k] > 0 && (uint64_t)f->attempts[k] <= joined->num_attempts)
                add(groups, view, shown, &joined->attempts[f->attempts[k] - 1]);
        if (f->num_attempts == 0)
            add(groups, view, shown, NULL);
    }
    /* The next view may have findings and cases at the same addresses. */
    for (i = 0; i < groups->num; i++)
        groups->at[i].last_finding = groups->at[i].last_case = NULL;
}

static int compare_weight(const void *left, const void *right)
{
    const struct group *a = left, *b = right;

    if (a->attempts != b->attempts)
        return a->attempts > b->attempts ? -1 : 1;
    if (a->confidence != b->confidence)
        return a->confidence > b->confidence ? -1 : 1;
    return compare_keys(a, b);
}

void groups_sort(struct groups *groups)
{
    if (groups->num > 0)
        qsort(groups->at, groups->num, sizeof(*groups->at), compare_weight);
}

void groups_clear(struct groups *groups)
{
    arena_clear(&groups->arena);
    map_clear(&groups->map);
    memory_drop(groups->at);
    memset(groups, 0, sizeof(*groups));
}

/* ---- out ---- */

void groups_json(struct json *json, const struct groups *groups)
{
    size_t i;

    json_array(json, "groups");
    for (i = 0; i < groups->num; i++) {
        const struct group *group = &groups->at[i];

        json_object(json, NULL);
        json_text(json, "cause", group->cause);
        json_text(json, "spn", group->spn);
        json_text(json, "account", group->account);
        json_text(json, "server", group->server);
        json_text(json, "network", group->network);
        json_text(json, "confidence", confidence_name(group->confidence));
        json_int(json, "incidents", group->incidents);
        json_int(json, "findings", group->findings);
        json_int(json, "attempts", group->attempts);
        json_text(json, "first", group->first);
        json_text(json, "last", group->last);
        json_flat_object(json, "example");
        json_text(json, "path", group->path);
        json_port(json, "frame", group->frame);
        json_text(json, "time", group->time);
        json_end_object(json);
        json_end_object(json);
    }
    json_end_array(json);
}

static const char *keep_text(struct arena *arena, struct text *text)
{
    const char *kept = arena_text(arena, bytes_of_text(text_str(text)));

    text_clear(text);
    return kept;
}

/* "2011-10-14 05:10:05" of RFC 3339. */
static void put_when(struct text *out, const char *time)
{
    text_putf(out, "%.10s %.8s", time, strlen(time) >= 19 ? time + 11 : "");
}

/* "HTTP/iis01.test.com, tried by contososvc at 10.0.5.2, from 10.0.5.0/24: 3 requests in 2
 * captures, 2011-10-14 05:10:05 to 2011-10-15 06:00:00 UTC". */
static const char *say(const struct group *group, struct arena *arena)
{
    struct text out = {0};

    text_put(&out, group->spn == NULL ? "no SPN" : group->spn);
    if (group->account != NULL)
        text_putf(&out, ", tried by %s", group->account);
    if (group->server != NULL)
        text_putf(&out, "%s at %s", group->account == NULL ? "," : "", group->server);
    if (group->network != NULL)
        text_putf(&out, ", from %s", group->network);
    text_put(&out, ": ");
    say_count(&out, group->attempts, "request", "requests");
    text_put(&out, " in ");
    say_count(&out, group->incidents, "incident", "incidents");
    if (group->first != NULL && group->last != NULL) {
        text_put(&out, ", ");
        put_when(&out, group->first);
        if (strcmp(group->first, group->last) != 0) {
            text_put(&out, " to ");
            put_when(&out, group->last);
        }
        text_put(&out, " UTC");
    }
    return keep_text(arena, &out);
}

static const char *say_example(const struct group *group, struct arena *arena)
{
    struct text out = {0};

    if (group->path == NULL || group->path[0] == '\0')
        return "";
    text_putf(&out, "for example %s", group->path);
    if (group->frame > 0)
        text_putf(&out, " frame %" PRId64, group->frame);
    return keep_text(arena, &out);
}

void groups_draw(const struct groups *groups, struct arena *arena, const struct document_sink *sink,
                 void *page)
{
    size_t i;

    if (groups->num == 0)
        return;
    document_section(sink, page, DOCUMENT_GROUPS, "What went wrong, the most frequent first");
    for (i = 0; i < groups->num && i < MOST_DRAWN; i++) {
        const char *confidence = confidence_name(groups->at[i].confidence);
        struct text lead = {0};

        text_putf(&lead, "%s (%s)", groups->at[i].cause, confidence == NULL ? "?" : confidence);
        sink->item(page, keep_text(arena, &lead), say(&groups->at[i], arena),
                   say_example(&groups->at[i], arena));
    }
    if (groups->num > MOST_DRAWN) {
        struct text more = {0};

        text_putf(&more, "And %zu more; --format json has them all.", groups->num - MOST_DRAWN);
        sink->paragraph(page, keep_text(arena, &more));
    }
    sink->end_section(page);
}
