/* SPDX-License-Identifier: MIT */
/* Sentences about observations, for people. Names in them are as they were seen: whoever prints
 * them escapes. */
#ifndef KRBWHY_REPORT_SAY_H
#define KRBWHY_REPORT_SAY_H

#include "report/view.h"

/* One line of an attempt's time line: everything that one frame said. */
struct say_step {
    struct view_source source;
    const char *from, *to; /* static: "client", "KDC", "DNS", "server", ... */
    const char *what;
    bool fault;  /* it is an error or a refusal */
    bool ticket; /* it carries the service's ticket: TGS-REP, AP-REQ */
};

/* The attempt's chain, in order; in the view's arena. Returns the number of steps. */
size_t say_chain(struct view *view, const struct view_attempt *shown, struct say_step **out);

/* Adds to each step what somebody wrote on its frame in the capture. */
void say_comments(struct view *view, struct say_step *steps, size_t num);

/* How the chain's times are to be shown; `finding` may be NULL. */
struct view_times say_times(const struct finding *finding, const struct say_step *steps,
                            size_t num);

/* The step's time in nanoseconds: UTC, or as the file has it (times->local). */
int64_t say_time(const struct say_step *step, const struct view_times *times);

/* The same in the zone of `times`, which has one. */
int64_t say_local_time(const struct say_step *step, const struct view_times *times);

/* "2011-10-14" or "2011-10-14 to 2011-10-15": the days of a chain of at least one step. */
const char *say_days(struct view *view, const struct say_step *steps, size_t num,
                     const struct view_times *times);

/* Who the roles are: "client 10.0.5.3 (alice@TEST.COM), server 10.0.5.2:80, KDC 10.0.5.1". */
const char *say_roles(struct view *view, const struct view_attempt *shown);

/* The verdict on a finding in one sentence: "KRB_AP_ERR_MODIFIED (41): the ticket was encrypted for
 * IIS01$ and contososvc tried to open it." */
const char *say_verdict(struct view *view, const struct view_finding *shown);

/* "frame 2", "frames 2 and 15", "spns.ldf line 3"; "" for none. Captures are named when the case
 * has more than one. */
const char *say_places(struct view *view, const struct report_case *in,
                       const struct statement *statement);

/* That several files were read as one capture; NULL unless this is the first of such. */
const char *say_series(struct view *view, const struct view_input *capture);

/* An attempt in one line: "alice@TEST.COM, HTTP/iis01.test.com at 10.0.5.2 (KRB-ERROR in the 401)";
 * and where its first and last messages are. */
const char *say_attempt(struct view *view, const struct view_attempt *shown);
const char *say_where(struct view *view, const struct view_attempt *shown);

/* Appends "1 attempt", "2 attempts", "no attempts". */
void say_count(struct text *out, int64_t num, const char *one, const char *many);

#endif
