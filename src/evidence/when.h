/* SPDX-License-Identifier: MIT */
/* Dates and times as event logs print them. */
#ifndef KRBWHY_EVIDENCE_WHEN_H
#define KRBWHY_EVIDENCE_WHEN_H

#include "evidence/span.h"

struct when {
    struct bytes text; /* as written, borrowed */
    bool known;        /* seconds is set: day and month could be told apart */
    int64_t seconds;   /* since 1970, of the clock face */
    bool utc;          /* the text says that it is UTC; else local time of an unknown zone */
    bool has_time;     /* false: a date alone */
};

/* The last date in s ("10/13/2011 10:10:05 PM", "2017-04-08T06:06:33.6402312Z", "13.10.2011
 * 22:10:05", "18:35:19.0000 1/27/2010 Z"); false when there is none. */
bool when_find(struct bytes s, struct when *out);

/* A time of day alone, "10:10:05 PM"; false when s holds none. */
bool when_find_time(struct bytes s, struct bytes *out_text, int64_t *out_seconds);

#endif
