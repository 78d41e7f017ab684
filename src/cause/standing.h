/* SPDX-License-Identifier: MIT */
/* Findings that files of evidence carry on their own, without an attempt in a capture. */
#ifndef KRBWHY_CAUSE_STANDING_H
#define KRBWHY_CAUSE_STANDING_H

#include "cause/cards.h"
#include "cause/iis.h"
#include "cause/judgement.h"

struct standing {
    struct arena *arena; /* of the findings */
    const struct index *index;
    struct finding *at; /* freed by the caller: memory_drop */
    size_t num, room;
    const char *
        *told; /* SPNs that a site's finding tells about, or that a site needs as they are */
    size_t num_told, room_told;
};

/* A finding under way. */
struct remark {
    const char *cause; /* id */
    const char *spn;
    enum confidence confidence;
    bool informs;
    const char *title, *explanation;
    const char *key_owner, *tried_by;
    const char *alternatives[4]; /* ids */
    size_t num_alternatives;
    struct judgement judgement; /* say_for, say_against, say_missing */
    struct cards cards;
    struct facts facts; /* what cards ask for: the SPN */
    struct attempt attempt;
};

void remark_begin(struct remark *out, struct standing *standing, const char *cause,
                  const char *spn);
void remark_end(struct standing *standing, struct remark *remark);

/* "setspn -D spn OWNER & setspn -S spn NEW", with what it breaks and the undo. Either account may
 * be NULL (a placeholder stands for it). */
void remark_move_spn(struct remark *remark, const char *spn, const char *from, const char *to);

/* "setspn -D spn account"; NULL account: a placeholder. */
void remark_remove_spn(struct remark *remark, const char *spn, const char *account,
                       const char *breaks);

/* Where more than LIMIT_STANDING of a kind were found: a finding that says so. `num` counts the
 * first that is not told too. */
void standing_cut(struct standing *standing, const char *cause, size_t num);

void standing_tell(struct standing *standing, const char *spn);
bool standing_told(const struct standing *standing, const char *spn);

/* All of it: the sites first, then what the directory shows. *standing has arena and index set. */
void standing_find(struct standing *standing);
void standing_sites(struct standing *standing);
void standing_needed(struct standing *standing, const struct observation *site);
void standing_directory(struct standing *standing);
void standing_events(struct standing *standing);

/* What is wrong with the form of an SPN, as the rule it breaks; NULL nothing. */
const char *spn_malformed(const char *spn);

/* Two names of one account: "IIS01$" and "IIS01" are the same object in setspn's output. */
bool standing_same(const struct owner *a, const struct owner *b);

#endif
