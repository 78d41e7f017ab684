/* SPDX-License-Identifier: MIT */
/* What many captures have in common: authentications that failed for the same cause, with the same
 * SPN, account that tried, server and client network, counted. Adding and merging give the same
 * groups in whatever order they happen. */
#ifndef KRBWHY_REPORT_GROUPS_H
#define KRBWHY_REPORT_GROUPS_H

#include "base/map.h"
#include "report/document.h"
#include "report/json.h"

struct group {
    const char *cause;
    const char *spn, *account, *server; /* NULL: unknown */
    const char *network;                /* "10.0.5.0/24", "fd05::/64"; NULL: unknown client */
    enum confidence confidence;         /* the best of its findings */
    int64_t incidents;                  /* captures with it; one for a --case */
    int64_t findings, attempts;         /* attempts with their repeats, at least one a finding */
    const char *first, *last; /* RFC 3339 of the first and the last failure; NULL unknown */
    const char *path;         /* an example: of the best confidence, then the earliest */
    int64_t frame;            /* where it shows there; 0 unknown */
    const char *time;         /* of that frame; NULL unknown */
    const void *last_finding, *last_case; /* private to groups.c: counted last */
};

/* All zero is a valid, empty set. */
struct groups {
    struct arena arena;
    struct map map;
    struct group *at;
    size_t num, room;
};

/* Adds what the findings of a view are about; those that only inform are left out. Texts are
 * copied. */
void groups_add(struct groups *groups, const struct view *view);

/* Adds a group that was counted elsewhere (over other captures). Texts are copied. */
void groups_merge(struct groups *groups, const struct group *other);

/* The heaviest first. Nothing may be added afterwards. */
void groups_sort(struct groups *groups);

/* The member "groups". */
void groups_json(struct json *json, const struct groups *groups);

/* A section that lists the heaviest; nothing when there are none. `arena` holds the texts until the
 * page is done. */
void groups_draw(const struct groups *groups, struct arena *arena, const struct document_sink *sink,
                 void *page);

void groups_clear(struct groups *groups);

#endif
