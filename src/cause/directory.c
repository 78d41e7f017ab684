/* SPDX-License-Identifier: MIT */
/* What is wrong in a directory export by itself: one SPN on two accounts, HTTP/ that hides HOST/, a
 * userPrincipalName in the way, values of no use. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/memory.h"
#include "cause/directory_tell.h"
#include "cause/standing.h"

struct entry {
    const char *spn;
    int64_t from;
};

struct entries {
    struct entry *at;
    size_t num, room;
};

static void add(struct entries *list, const char *spn, int64_t from)
{
    if (spn == NULL || spn[0] == '\0')
        return;
    if (list->num == list->room) {
        list->room = list->room == 0 ? 64 : list->room * 2;
        list->at = memory_grow(list->at, list->room, sizeof(*list->at));
    }
    list->at[list->num++] = (struct entry){spn, from};
}

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int by_name = strcasecmp(x->spn, y->spn);

    return by_name != 0 ? by_name : (x->from > y->from) - (x->from < y->from);
}

static void gather(struct entries *list, const struct log *log)
{
    size_t i, k;

    for (i = 0; i < log->num; i++) {
        const struct observation *seen = &log->at[i];

        if (seen->kind == KIND_spn_owner)
            add(list, seen->spn_owner->spn, seen->id);
        for (k = 0; seen->kind == KIND_account && seen->account->change == NULL &&
                    k < seen->account->spns.num;
             k++)
            add(list, seen->account->spns.at[k], seen->id);
    }
    if (list->num > 0)
        qsort(list->at, list->num, sizeof(*list->at), compare);
}

/* The first entry with that SPN; list->num when there is none. */
static size_t first_of(const struct entries *list, const char *spn)
{
    size_t low = 0, high = list->num;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcasecmp(list->at[middle].spn, spn) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->num && strcasecmp(list->at[low].spn, spn) == 0 ? low : list->num;
}

static bool same_holder(const struct log *log, int64_t a, int64_t b)
{
    const struct observation *x = log_find(log, a), *y = log_find(log, b);
    const char *dn, *other;

    if (a == b || x == NULL || y == NULL)
        return a == b;
    dn = x->kind == KIND_account ? x->account->dn : x->spn_owner->dn;
    other = y->kind == KIND_account ? y->account->dn : y->spn_owner->dn;
    return dn != NULL && other != NULL && strcasecmp(dn, other) == 0;
}

/* Somebody else than the holder `from` has the SPN: worth a look at its owners, which walks all
 * facts. */
static bool elsewhere(const struct standing *s, const struct entries *list, const char *spn,
                      int64_t from)
{
    size_t i;

    for (i = first_of(list, spn); i < list->num && strcasecmp(list->at[i].spn, spn) == 0; i++)
        if (!same_holder(s->index->joined->log, list->at[i].from, from))
            return true;
    return false;
}

static size_t num_distinct(const struct owners *owners, size_t num)
{
    size_t i, k, distinct = 0;

    for (i = 0; i < num; i++) {
        for (k = 0; k < i && !standing_same(&owners->at[i], &owners->at[k]); k++)
            continue;
        distinct += k == i;
    }
    return distinct;
}

static void look_at_upns(struct standing *s, const struct entries *list)
{
    const struct log *log = &s->index->evidence;
    size_t i, k, told = 0;

    for (i = 0; i < log->num && told <= LIMIT_STANDING; i++) {
        const struct account *account = log->at[i].kind == KIND_account ? log->at[i].account : NULL;
        struct owners owners;
        const char *spn, *host;

        if (account == NULL || account->change != NULL || account->upn == NULL ||
            strchr(account->upn, '/') == NULL)
            continue;
        spn = arena_text(s->arena,
                         (struct bytes){(const uint8_t *)account->upn, strcspn(account->upn, "@")});
        host = strchr(spn, '/');
        if (!elsewhere(s, list, spn, log->at[i].id) &&
            !elsewhere(s, list, arena_print(s->arena, "HOST%s", host == NULL ? "" : host),
                       log->at[i].id))
            continue;
        owners_find(&owners, s->arena, log, spn);
        for (k = 1; k < owners.num; k++)
            if (owners.at[0].form == OWNER_UPN && owners.at[k].form != OWNER_UPN &&
                !standing_same(&owners.at[0], &owners.at[k]))
                break;
        if (k >= owners.num || standing_told(s, spn))
            continue;
        if (told++ == LIMIT_STANDING)
            break;
        directory_tell_upn(s, spn, &owners.at[0], &owners.at[k], log->at[i].id);
        standing_tell(s, spn);
    }
    standing_cut(s, "upn-shadows-spn", told);
}

/* Up to LIMIT_STANDING are told; one more is counted, to know that there are more. */
struct counts {
    size_t duplicates, shadows, malformed;
};

static bool look_for_duplicate(struct standing *s, const char *spn, struct counts *counts)
{
    struct owners owners;
    size_t num;

    owners_find(&owners, s->arena, &s->index->evidence, spn);
    owners_winning(&owners, &num);
    num = num_distinct(&owners, num);
    if (owners.num == 0 || owners.at[0].form != OWNER_SPN || num < 2 || standing_told(s, spn))
        return false;
    if (counts->duplicates++ < LIMIT_STANDING)
        directory_tell_duplicate(s, spn, &owners, num);
    return true;
}

static void look_for_shadow(struct standing *s, const char *spn, struct counts *counts)
{
    struct owners owners;
    size_t num;

    owners_find(&owners, s->arena, &s->index->evidence, spn);
    owners_winning(&owners, &num);
    if (num != 1 || owners.num < 2 || owners.at[0].form != OWNER_SPN ||
        owners.at[1].form != OWNER_HOST || standing_same(&owners.at[0], &owners.at[1]))
        return;
    if (counts->shadows++ < LIMIT_STANDING)
        directory_tell_shadow(s, spn, &owners.at[0], &owners.at[1]);
}

static void look_at(struct standing *s, const struct entries *list, const struct entry *entry,
                    struct counts *counts)
{
    const char *spn = entry->spn, *rule = spn_malformed(spn);

    if (rule != NULL && counts->malformed++ < LIMIT_STANDING)
        directory_tell_malformed(s, spn, entry->from, rule);
    if (counts->duplicates <= LIMIT_STANDING && elsewhere(s, list, spn, entry->from) &&
        look_for_duplicate(s, spn, counts))
        return;
    if (counts->shadows <= LIMIT_STANDING && strncasecmp(spn, "HTTP/", 5) == 0 &&
        elsewhere(s, list, arena_print(s->arena, "HOST/%s", spn + 5), entry->from))
        look_for_shadow(s, spn, counts);
}

void standing_directory(struct standing *s)
{
    struct entries list = {0};
    struct counts counts = {0};
    size_t i;

    gather(&list, &s->index->evidence);
    look_at_upns(s, &list);
    for (i = 0; i < list.num; i++)
        if (i == 0 || strcasecmp(list.at[i - 1].spn, list.at[i].spn) != 0)
            look_at(s, &list, &list.at[i], &counts);
    standing_cut(s, "duplicate-spn", counts.duplicates);
    standing_cut(s, "http-shadows-host", counts.shadows);
    standing_cut(s, "malformed-spn", counts.malformed);
    memory_drop(list.at);
}
