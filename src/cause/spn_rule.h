/* SPDX-License-Identifier: MIT */
/* Which name a client puts in its SPN, by its User-Agent. */
#ifndef KRBWHY_CAUSE_SPN_RULE_H
#define KRBWHY_CAUSE_SPN_RULE_H

/* What a client makes of a CNAME when nobody told it otherwise. */
enum spn_habit {
    HABIT_TYPED,     /* keeps the name that was typed */
    HABIT_CANONICAL, /* takes the name at the end of the chain */
    HABIT_LIBRARY    /* leaves it to the Kerberos library below */
};

struct spn_rule {
    const char *id;     /* "chrome"; what --explain takes */
    const char *client; /* "Chrome and Edge" */
    const char *names;  /* which name it takes, and with which port, unless told otherwise */
    const char *option; /* the setting that changes it */
    enum spn_habit habit;
    const char *marks; /* substrings of the User-Agent, "|" between them; all NULL: not over HTTP */
};

/* In the order in which they are tried; ended by a row whose id is NULL. */
extern const struct spn_rule spn_rules[];

/* The rule of this User-Agent; NULL when there is none or it is not known. */
const struct spn_rule *spn_rule_find(const char *user_agent);

#endif
