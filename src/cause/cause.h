/* SPDX-License-Identifier: MIT */
/* A cause: one row of causes.def, one file, one struct. Judges look at facts.h and nothing else. */
#ifndef KRBWHY_CAUSE_CAUSE_H
#define KRBWHY_CAUSE_CAUSE_H

#include "cause/cards.h"
#include "cause/facts.h"
#include "cause/judgement.h"

/* Whose key encrypted the ticket, when this cause is the one. */
enum key_owner {
    KEY_OWNER_EXPECTED, /* the owner that the rules of the directory lead one to expect */
    KEY_OWNER_TRIED,    /* the account that tried: right account, wrong key */
    KEY_OWNER_OTHER     /* some other account that the wire does not name */
};

struct cause {
    const char *id;
    const char *title; /* one line, without names */
    /* The texts of docs/causes.md; plain sentences, no markup. */
    const char *shows, *against, *settled_by, *fix;
    const char *reference; /* where it is documented; NULL none */
    enum key_owner key_owner;
    int weight; /* order among findings: the one a person should act on first has the highest */

    /* Fills *judgement; leaving it untouched means "does not apply". Never NULL. */
    void (*judge)(const struct facts *facts, struct judgement *judgement);
    /* Why the key that encrypted and the key that was tried differ, in words for somebody who does
     * not know Kerberos; one or more sentences. NULL: `shows` is used. */
    const char *(*why)(const struct facts *facts, struct arena *arena);
    /* Fix cards, filled in with the case's names. NULL: none. */
    void (*remedy)(const struct facts *facts, struct cards *cards);
    /* One line with the case's names; NULL: made from `title`. */
    const char *(*headline)(const struct facts *facts, struct arena *arena);
};

#define CAUSE(name) extern const struct cause cause_##name;
#include "cause/causes.def"
#undef CAUSE

/* All rows of causes.def in order, ended by NULL. */
extern const struct cause *const causes[];

/* The cause of that id ("cname-spn"); NULL when there is none. */
const struct cause *cause_find(const char *id);

#endif
