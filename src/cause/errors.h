/* SPDX-License-Identifier: MIT */
/* What the errors beside 41 mean, and what to do about them. */
#ifndef KRBWHY_CAUSE_ERRORS_H
#define KRBWHY_CAUSE_ERRORS_H

#include <stdint.h>

struct error_text {
    int64_t code;
    const char *means;   /* one sentence */
    const char *next;    /* what to look at or to do */
    const char *command; /* NULL none */
};

/* In order of the codes; ended by code -1. */
extern const struct error_text error_texts[];

/* The row of that code; NULL when there is none. */
const struct error_text *error_find(int64_t code);

#endif
