/* SPDX-License-Identifier: MIT */
/* What the judge says of a case: causes with their evidence, in order of weight. */
#ifndef KRBWHY_CAUSE_FINDING_H
#define KRBWHY_CAUSE_FINDING_H

#include "correlate/attempt.h"

enum confidence {
    CONFIDENCE_NONE, /* informs only; null in JSON */
    CONFIDENCE_POSSIBLE,
    CONFIDENCE_LIKELY,
    CONFIDENCE_CONFIRMED
};

/* A sentence and the observations that show it. */
struct statement {
    const char *text;
    const int64_t *sources; /* observation ids */
    size_t num_sources;
};

struct statements {
    const struct statement *at;
    size_t num;
};

/* Why a look-alike is not it. */
struct refutation {
    const char *cause;
    struct statement statement;
};

/* A gap and how to close it. */
struct missing {
    const char *what;
    const char *command; /* NULL when there is none to type */
};

/* A fix card, filled in with the case's names. Absent parts are NULL. */
struct remedy {
    const char *what, *command, *who, *breaks, *undo, *verify, *reference;
};

struct finding {
    int64_t id;              /* from 1 within the case */
    const int64_t *attempts; /* ids, ascending */
    size_t num_attempts;
    const char *cause; /* id of causes.def, or unexplained, kdc-error, ap-error, ntlm-fallback,
                          clock-skew, ticket-expired, channel-binding, token-too-big */
    enum confidence confidence;
    const char *title;       /* one line */
    const char *explanation; /* for someone who does not know Kerberos: whose key encrypted, who
                                tried, why they differ */
    const char *key_owner;   /* account whose key encrypted the ticket ("IIS01$"); NULL unknown */
    bool key_owner_expected; /* key_owner is an inference, not a proof */
    const char *tried_by;    /* account that tried to decrypt; NULL unknown */
    struct statements evidence_for, evidence_against;
    const char *const *alternatives; /* every cause id that the evidence does not exclude */
    size_t num_alternatives;
    const struct refutation *refuted;
    size_t num_refuted;
    const struct missing *missing;
    size_t num_missing;
    const struct remedy *remedies;
    size_t num_remedies;
    struct optint skew_s; /* clock-skew: seconds the other clock is ahead of the client's */
    struct optint zone_s; /* of the client, by its Event ID 4: seconds to add to UTC */
    bool informs;         /* only shown with --all */
};

struct findings {
    struct arena arena;
    struct finding *at; /* in order of weight; those that only inform are last */
    size_t num;
};

/* Judges every attempt of the case, merges the same incident of many clients, ranks. *out is zeroed
 * or cleared. */
void judge_case(struct findings *out, const struct joined_case *joined);

void findings_clear(struct findings *findings);

/* "confirmed", "likely", "possible", or NULL. */
const char *confidence_name(enum confidence confidence);

#endif
