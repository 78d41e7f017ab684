/* SPDX-License-Identifier: MIT */
/* What a KDC's own event log says of names, where no export in the files shows the same. */
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "cause/standing.h"

enum { EVENT_DUPLICATE = 11 }; /* Microsoft-Windows-Kerberos-Key-Distribution-Center */

static bool is_told(const struct standing *s, size_t at)
{
    const struct log *log = &s->index->evidence;
    const char *spn = log->at[at].kdc_event->spn;
    struct owners *owners = arena_take(s->arena, 1, sizeof(*owners));
    size_t i, num;

    for (i = 0; i < at; i++)
        if (log->at[i].kind == KIND_kdc_event && log->at[i].kdc_event->spn != NULL &&
            strcasecmp(log->at[i].kdc_event->spn, spn) == 0)
            return true;
    owners_find(owners, s->arena, log, spn);
    owners_winning(owners, &num);
    return num > 1; /* the accounts themselves are in the files, and that is told */
}

static void tell_event(struct standing *s, const struct observation *seen)
{
    const char *spn = seen->kdc_event->spn;
    struct remark r;

    remark_begin(&r, s, "duplicate-spn", spn);
    r.title = arena_print(s->arena, "%s is registered on several accounts", spn);
    r.explanation =
        "A domain controller found the name on more than one account. It gives no ticket for it "
        "then (error 7); clients fall back to NTLM or fail. Which accounts they are, its event "
        "does not say.";
    r.confidence = CONFIDENCE_LIKELY;
    say_for(&r.judgement, SEEN(seen->id), "Event ID 11 of the KDC names %s as a duplicate%s%s", spn,
            seen->kdc_event->time == NULL ? "" : ", at ",
            seen->kdc_event->time == NULL ? "" : seen->kdc_event->time);
    say_missing(&r.judgement, "the accounts that hold it",
                command_fill(s->arena, "setspn -F -Q {}", NAMES(spn)));
    say_missing(&r.judgement, "all duplicates in the forest", "setspn -X -F");
    remark_remove_spn(&r, spn, NULL, "the service, where it runs as the account");
    remark_end(s, &r);
}

void standing_events(struct standing *s)
{
    const struct log *log = &s->index->evidence;
    size_t i, told = 0;

    for (i = 0; i < log->num && told <= LIMIT_STANDING; i++)
        if (log->at[i].kind == KIND_kdc_event && log->at[i].kdc_event->id == EVENT_DUPLICATE &&
            log->at[i].kdc_event->spn != NULL && !is_told(s, i) && told++ < LIMIT_STANDING)
            tell_event(s, &log->at[i]);
    standing_cut(s, "duplicate-spn", told);
}
