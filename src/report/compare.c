/* SPDX-License-Identifier: MIT */
#include "report/compare.h"

#include <inttypes.h>

#include "asn1/names.h"

/* One side of a row. Before: the last authentication that failed, else the last one; after: the
 * last one. */
struct side {
    const struct report_case *in;
    const struct attempt *attempt; /* NULL: not seen */
};

/* What one capture says beside what the other says. */
enum change {
    CHANGE_FIXED,
    CHANGE_STILL,
    CHANGE_BROKEN,
    CHANGE_WORKS,
    CHANGE_UNTRIED,
    CHANGE_GONE,
    CHANGE_NEW,
    CHANGE_NEW_FAILS,
    CHANGE_OPEN
};

static const struct {
    const char *word, *sentence;
    bool bad;
} changes[] = {
    [CHANGE_FIXED] = {"fixed", "failed before, works now", false},
    [CHANGE_STILL] = {"still fails", "failed before, fails now", true},
    [CHANGE_BROKEN] = {"broken", "worked before, fails now", true},
    [CHANGE_WORKS] = {"works", "worked before, works now", false},
    [CHANGE_UNTRIED] = {"not tried again",
                        "failed before; the second capture does not hold it: purge the tickets "
                        "(klist purge), try again, and capture that",
                        true},
    [CHANGE_GONE] = {"not tried again", "worked before; not in the second capture", false},
    [CHANGE_NEW] = {"works", "only in the second capture", false},
    [CHANGE_NEW_FAILS] = {"fails", "only in the second capture", true},
    [CHANGE_OPEN] = {"open", "one of the captures does not show how it ended", true},
};

static bool failed(const struct attempt *attempt)
{
    return attempt->outcome == OUTCOME_FAILED || attempt->outcome == OUTCOME_FELL_BACK;
}

static enum change change_of(const struct attempt *before, const struct attempt *after)
{
    if (before == NULL)
        return failed(after) ? CHANGE_NEW_FAILS : CHANGE_NEW;
    if (after == NULL)
        return failed(before) ? CHANGE_UNTRIED : CHANGE_GONE;
    if (before->outcome == OUTCOME_UNKNOWN || after->outcome == OUTCOME_UNKNOWN)
        return CHANGE_OPEN;
    if (failed(before))
        return failed(after) ? CHANGE_STILL : CHANGE_FIXED;
    return failed(after) ? CHANGE_BROKEN : CHANGE_WORKS;
}

/* The same thing was tried: the same SPN; or the same name, when the fix changed which SPN is asked
 * for. */
static bool same_try(const struct attempt *a, const struct attempt *b)
{
    if (a->asked_for != NULL && b->asked_for != NULL)
        return host_equal(a->asked_for, b->asked_for) && a->asked_port == b->asked_port;
    return host_equal(a->spn, b->spn);
}

/* The last attempt like that one; the last that failed when there is one and `failure` is set. */
static const struct attempt *last_like(const struct report_case *in, const struct attempt *like,
                                       bool failure)
{
    const struct attempt *last = NULL;
    size_t i;

    for (i = in->joined->num_attempts; i > 0; i--) {
        const struct attempt *attempt = &in->joined->attempts[i - 1];

        if (!same_try(attempt, like))
            continue;
        if (!failure || failed(attempt))
            return attempt;
        if (last == NULL)
            last = attempt;
    }
    return last;
}

/* Whose key encrypted the ticket: proven by a key, else as the findings have it. */
static const char *owner_of(const struct side *side, bool *out_expected)
{
    const struct ticket *ticket = side->attempt->ticket;
    size_t i, k;

    *out_expected = false;
    if (ticket != NULL && ticket->opened_by.num > 0)
        return ticket->opened_by.at[0].principal;
    for (i = 0; i < side->in->findings->num; i++)
        for (k = 0; k < side->in->findings->at[i].num_attempts; k++)
            if (side->in->findings->at[i].attempts[k] == side->attempt->id) {
                *out_expected = side->in->findings->at[i].key_owner_expected;
                return side->in->findings->at[i].key_owner;
            }
    return NULL;
}

static void put_ticket(struct text *out, const struct side *side)
{
    const struct ticket *ticket = side->attempt->ticket;
    bool expected;
    const char *owner = owner_of(side, &expected), *etype;

    if (owner != NULL) {
        text_put(out, "; key of ");
        text_put_plain(out, owner);
        text_put(out, expected ? " (expected)" : "");
    }
    if (ticket == NULL)
        return;
    if (ticket->kvno.set)
        text_putf(out, "; kvno %" PRId64, ticket->kvno.value);
    etype = ticket->etype.set ? krb_etype_name(ticket->etype.value) : NULL;
    if (etype != NULL)
        text_putf(out, "; %s", etype);
}

static void put_side(struct text *out, const char *label, const struct side *side)
{
    const struct krb *error;

    text_putf(out, "  %-7s ", label);
    if (side->attempt == NULL) {
        text_put(out, "not seen\n");
        return;
    }
    error = case_krb(side->in->joined, side->attempt->error);
    text_put_plain(out, side->attempt->spn == NULL ? "no SPN seen" : side->attempt->spn);
    text_put(out, side->attempt->outcome == OUTCOME_SUCCEEDED ? ": succeeded"
                  : failed(side->attempt)                     ? ": failed"
                                                              : ": outcome not seen");
    if (error != NULL && error->error_code.set) {
        const char *name = krb_error_name(error->error_code.value);

        text_putf(out, ", error %" PRId64 "%s%s", error->error_code.value, name == NULL ? "" : " ",
                  name == NULL ? "" : name);
        if (error->sname != NULL && side->attempt->error_origin == ORIGIN_ACCEPTOR) {
            text_put(out, " by ");
            text_put_plain(out, error->sname);
        }
    }
    put_ticket(out, side);
    text_put(out, "\n");
}

/* One row; true when it is good. */
static bool put_row(struct text *out, const struct side *before, const struct side *after)
{
    const struct attempt *any = before->attempt != NULL ? before->attempt : after->attempt;
    enum change change = change_of(before->attempt, after->attempt);

    text_put_plain(out, any->asked_for != NULL ? any->asked_for
                        : any->spn != NULL     ? any->spn
                                               : "(no name)");
    text_putf(out, ": %s (%s)\n", changes[change].word, changes[change].sentence);
    put_side(out, "before", before);
    put_side(out, "after", after);
    text_put(out, "\n");
    return !changes[change].bad;
}

bool compare_render(struct text *out, const struct report *report)
{
    const struct report_case *before = &report->cases[0], *after = &report->cases[1];
    bool good = true;
    size_t i, rows = 0;

    for (i = 0; i < before->joined->num_attempts; i++) {
        struct side old = {before, &before->joined->attempts[i]}, new = {after, NULL};

        if (last_like(before, old.attempt, true) != old.attempt)
            continue;
        new.attempt = last_like(after, old.attempt, false);
        good &= put_row(out, &old, &new);
        rows++;
    }
    for (i = 0; i < after->joined->num_attempts; i++) {
        struct side old = {before, NULL}, new = {after, &after->joined->attempts[i]};

        if (last_like(after, new.attempt, false) != new.attempt ||
            last_like(before, new.attempt, false) != NULL)
            continue;
        good &= put_row(out, &old, &new);
        rows++;
    }
    if (rows == 0)
        text_put(out, "Neither capture holds an authentication: nothing to compare.\n");
    else
        text_putf(out, "%s\n",
                  good ? "Nothing fails in the second capture that was tried in both."
                       : "Not everything is seen to work now.");
    return good && rows > 0;
}
