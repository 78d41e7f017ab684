/* SPDX-License-Identifier: MIT */
/* What one cause says of one attempt, and how it says it. */
#ifndef KRBWHY_CAUSE_JUDGEMENT_H
#define KRBWHY_CAUSE_JUDGEMENT_H

#include "cause/finding.h"

enum verdict {
    VERDICT_NOT_APPLICABLE,
    VERDICT_HOLDS,     /* its signs are there */
    VERDICT_UNDECIDED, /* could be; what is missing is said */
    VERDICT_REFUTED    /* something in the evidence excludes it */
};

enum { JUDGEMENT_STATEMENTS = 10, JUDGEMENT_MISSING = 8, STATEMENT_SOURCES = 6 };

/* Strengths order the causes that stand; they are no probabilities. Below STRENGTH_FLOOR a cause is
 * an alternative and never the finding itself. */
enum { STRENGTH_FLOOR = 20 };

struct judgement {
    struct arena *arena; /* set by the caller */
    enum verdict verdict;
    int strength;
    bool full_chain; /* every step that the cause needs is on the wire */
    bool decides;    /* its evidence leaves no room for the look-alikes that stand */
    bool proven;     /* a key or an evidence file proves it; makes `confirmed` possible */
    struct statement supports[JUDGEMENT_STATEMENTS];
    size_t num_supports;
    struct statement contradicts[JUDGEMENT_STATEMENTS];
    size_t num_contradicts;
    struct statement refutation; /* VERDICT_REFUTED */
    struct missing missing[JUDGEMENT_MISSING];
    size_t num_missing;
};

/* The observation ids a statement cites; ids that are 0 (not seen) are left out. */
#define SEEN(...) ((const int64_t[]){__VA_ARGS__, -1})

void judge_holds(struct judgement *judgement, int strength);
void judge_undecided(struct judgement *judgement, int strength);

/* Refutes, with the sentence that says why. Format as printf; arguments are clean text. */
void judge_refuted(struct judgement *judgement, const int64_t *seen, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A sentence for (against) the cause. More than fit are dropped. */
void say_for(struct judgement *judgement, const int64_t *seen, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void say_against(struct judgement *judgement, const int64_t *seen, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What would settle it; the same `what` is kept once. Both in the judgement's arena or static. */
void say_missing(struct judgement *judgement, const char *what, const char *command);

#endif
