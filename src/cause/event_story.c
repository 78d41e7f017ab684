/* SPDX-License-Identifier: MIT */
#include "cause/event_story.h"

#include <string.h>

#include "cause/cards.h"
#include "cause/cause.h"
#include "cause/event_attempt.h"

/* An event does not tell which name was typed: that of an alias cannot be excluded. */
static void add_alias(struct finding *finding, struct arena *arena)
{
    const char **ids = arena_take(arena, finding->num_alternatives + 1, sizeof(*ids));
    size_t i;

    for (i = 0; i < finding->num_alternatives; i++) {
        ids[i] = finding->alternatives[i];
        if (strcmp(ids[i], "cname-spn") == 0)
            return;
    }
    ids[i] = "cname-spn";
    finding->alternatives = ids;
    finding->num_alternatives++;
}

/* No file says who holds the name: the event shows which causes are possible, and none before the
 * others. */
static void leave_open(struct finding *finding, struct arena *arena)
{
    const char **ids = arena_take(arena, finding->num_alternatives + 1, sizeof(*ids));
    size_t num = 0, i;

    if (strcmp(finding->cause, cause_unexplained.id) != 0)
        ids[num++] = finding->cause;
    for (i = 0; i < finding->num_alternatives; i++)
        ids[num++] = finding->alternatives[i];
    finding->cause = cause_unexplained.id;
    finding->alternatives = ids;
    finding->num_alternatives = num;
    finding->key_owner = NULL;
    finding->key_owner_expected = false;
}

/* Nothing is known of the name: every cause that needs no more than two keys is possible. */
static void without_name(struct finding *finding, const char *server, struct arena *arena)
{
    static const char *const computer[] = {
        "spn-wrong-account", "wrong-host",      "duplicate-spn",         "http-shadows-host",
        "upn-shadows-spn",   "managed-account", "stale-machine-account", "cname-spn"};
    static const char *const user[] = {"spn-wrong-account", "wrong-host",
                                       "duplicate-spn",     "http-shadows-host",
                                       "upn-shadows-spn",   "stale-service-password",
                                       "cname-spn"};
    bool machine = strchr(server, '$') != NULL || strchr(server, '/') != NULL;
    struct missing *missing = arena_take(arena, 4, sizeof(*missing));

    finding->alternatives = machine ? computer : user;
    finding->num_alternatives =
        machine ? sizeof(computer) / sizeof(computer[0]) : sizeof(user) / sizeof(user[0]);
    missing[0] = (struct missing){
        "the name that the ticket was for: the whole text of the event (newer Windows names the "
        "target), or the client's tickets right after the failure",
        "klist"};
    missing[1] = (struct missing){"the names that the account holds",
                                  command_fill(arena, "setspn -L {}", NAMES(server))};
    missing[2] = (struct missing){"duplicates in the whole forest", "setspn -X -F"};
    missing[3] = (struct missing){"a capture of the failure, from before the connection starts",
                                  "netsh trace start capture=yes tracefile=client.etl maxsize=512"};
    finding->missing = missing;
    finding->num_missing = 4;
}

/* What an event says, in its own words; a fix is offered where the files settle the cause only. */
void event_story(struct finding *finding, const struct attempt *a, const struct index *index,
                 struct arena *arena)
{
    struct owners *owners = arena_take(arena, 1, sizeof(*owners));
    const struct owner *owner = NULL;
    const char *spn = a->spn == NULL ? "a service that is not named" : a->spn, *by;
    bool settled = finding->confidence == CONFIDENCE_CONFIRMED;
    struct told told;
    size_t num = 0;

    told_parse(&told, log_find(index->joined->log, a->error));
    if (a->spn != NULL) {
        owners_find(owners, arena, &index->evidence, a->spn);
        owner = owners_winning(owners, &num);
    }
    finding->title =
        arena_print(arena, "%s: %s could not open a ticket for %s", told.by, told.server, spn);
    by = num == 1 ? arena_print(arena, ", by the files %s", owner->account) : "";
    finding->explanation = arena_print(
        arena,
        "The client showed a ticket for %s, which a domain controller had encrypted with the key "
        "of the account that holds that name%s. The service tried it with the key of %s and could "
        "not open it: error %lld%s%s%s. %s",
        spn, by, told.server, (long long)told.code, told.code == 41 ? ", KRB_AP_ERR_MODIFIED" : "",
        told.time == NULL ? "" : ", at ", told.time == NULL ? "" : told.time,
        settled ? "The files settle why."
                : "Why the two keys differ this alone does not show: either another account holds "
                  "the name, or another machine was reached, or one account has two passwords. The "
                  "causes that are possible are named as alternatives, and what to collect for "
                  "them is listed.");
    if (settled)
        return;
    finding->num_remedies = 0;
    if (strcmp(finding->cause, "cname-spn") != 0)
        add_alias(finding, arena);
    if (num == 0)
        leave_open(finding, arena);
    if (a->spn == NULL)
        without_name(finding, told.server, arena);
}
