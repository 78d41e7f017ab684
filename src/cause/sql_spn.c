/* SPDX-License-Identifier: MIT */
/* MSSQLSvc on the old account, or a listener's on one replica. */
#include <strings.h>

#include "cause/cause.h"

static void judge(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;

    if (a->spn_service == NULL || strcasecmp(a->spn_service, "MSSQLSvc") != 0)
        return;
    if (f->kdc && f->code == 7) {
        judge_undecided(j, 19);
        return;
    }
    if (!f->acceptor)
        return;
    judge_holds(j, f->family == FAMILY_OTHER_KEY ? 30 : 70);
    say_for(j, SEEN(facts_ticket(f)), "the ticket is for SQL Server, %s", a->spn);
    if (f->tried_by != NULL)
        say_for(j, SEEN(a->error), "the account that could not open it is %s", f->tried_by);
    say_missing(j, "the owners of the SQL Server's SPNs, and the log-on account of every replica",
                command_fill(f->arena, "setspn -F -Q MSSQLSvc/{}*", NAMES(facts_host(f))));
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(
        arena,
        "SQL Server was given another log-on account, or the listener's name moved to "
        "a replica that runs as another one, while %s stayed where it was.",
        facts_spn(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    card_move_spn(cards, f->a->spn, f->named == NAMED_HOST ? NULL : f->tried_by);
}

const struct cause cause_sql_spn = {
    .id = "sql-spn",
    .title = "The SQL Server's SPN is on another account than the one it runs as",
    .shows = "The ticket is for MSSQLSvc/, and the error names a service account or H$.",
    .against = "The owner is the account in the error.",
    .settled_by = "setspn -F -Q MSSQLSvc/h*, the log-on account of every replica.",
    .fix = "-D on the old account, -S on the new one; one (managed) account on all replicas.",
    .reference = NULL,
    .key_owner = KEY_OWNER_OTHER,
    .weight = 90,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
