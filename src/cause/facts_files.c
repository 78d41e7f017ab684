/* SPDX-License-Identifier: MIT */
/* What the client's and the directory's own files say of one attempt: names, tickets, settings,
 * events, versions of a password. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cause/facts_case.h"

/* "no", "off" and "0" turn an option of krb5.conf off as well (profile_get_boolean). */
static bool is_off(const char *value)
{
    static const char *const words[] = {"false", "no", "off", "0", "n", "f", "nil"};
    size_t i;

    for (i = 0; value != NULL && i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasecmp(value, words[i]) == 0)
            return true;
    return false;
}

static void take_krb5_conf(struct evidence *ev, const struct observation *seen)
{
    bool canonical_off = is_off(seen->krb5_conf->dns_canonicalize_hostname);

    *(canonical_off ? &ev->canonical_off : &ev->canonical) = seen->id;
    /* Without a forward lookup there is no reverse one either. */
    *(canonical_off || is_off(seen->krb5_conf->rdns) ? &ev->rdns_off : &ev->rdns) = seen->id;
}

static void take_name(struct facts *f, const struct observation *seen, const char *server)
{
    const struct host_name *name = seen->host_name;

    if (name->value == NULL || name->origin == NULL || strcmp(name->value, server) != 0 ||
        !host_equal(name->name, f->a->asked_for))
        return;
    *(strcmp(name->origin, "hosts") == 0 ? &f->ev.hosts_line : &f->ev.cache_line) = seen->id;
}

/* What says that the machine's password is wrong: ERROR_ACCESS_DENIED, and the secure channel's own
 * errors ([MS-ERREF] 2.2: 1786 to 1789). 1311, no controller was reached, says nothing of it. */
static void take_nltest(struct evidence *ev, const struct observation *seen)
{
    int64_t status = seen->nltest->status.set ? seen->nltest->status.value : -1;

    if (!seen->nltest->verified)
        return;
    if (status == 0)
        ev->channel_good = seen->id;
    else if (status == 5 || (status >= 1786 && status <= 1789))
        ev->channel_broken = seen->id;
}

/* The owner's unicodePwd as two domain controllers have it; the pair that differs, if one does. */
static void take_repadmin(struct evidence *ev, const struct observation *seen)
{
    const struct repadmin *row = seen->repadmin;
    const struct observation *first = ev->password_a;

    if (row->attribute == NULL || strcasecmp(row->attribute, "unicodePwd") != 0 ||
        row->object == NULL || !row->version.set || ev->owner == NULL || ev->owner->dn == NULL ||
        strcasecmp(row->object, ev->owner->dn) != 0)
        return;
    if (first == NULL)
        ev->password_a = seen;
    else if (seen->source.capture != first->source.capture &&
             (ev->password_b == NULL || row->version.value != first->repadmin->version.value))
        ev->password_b = seen;
}

static bool is_spn(const struct facts *f, const char *name)
{
    size_t len = name == NULL ? 0 : strcspn(name, "@");

    return len > 0 && f->a->spn != NULL && strlen(f->a->spn) == len &&
           strncasecmp(name, f->a->spn, len) == 0;
}

/* The clock face of an event against the clock of who refused (else the capture's): whole quarters
 * of an hour are its zone, the rest is what the two clocks differ by. False: another failure. */
static bool split_clock(const struct facts *f, const struct event4 *event, struct optint *out_zone,
                        struct optint *out_clock)
{
    enum { QUARTER = 900, ZONE_MOST = 14 * 3600, CLOCK_MOST = 300 };
    const struct source *source = case_source(f->joined, facts_refusal(f));
    int64_t apart, zone;

    if (!event->time_s.set || source == NULL)
        return true;
    apart = event->time_s.value - (f->error != NULL && f->error->stime_s.set
                                       ? f->error->stime_s.value
                                       : source->time_ns / 1000000000);
    zone = (apart + (apart < 0 ? -QUARTER / 2 : QUARTER / 2)) / QUARTER * QUARTER;
    if (event->utc)
        zone = 0;
    if (zone < -ZONE_MOST || zone > ZONE_MOST || llabs((long long)(apart - zone)) > CLOCK_MOST)
        return false;
    if (!event->utc)
        *out_zone = optint(zone);
    *out_clock = optint(apart - zone);
    return true;
}

/* The client's Event ID 4 says who tried, where the error on the wire does not. */
static void take_event(struct facts *f, const struct observation *seen)
{
    struct evidence *ev = &f->ev;
    struct optint zone = {0}, clock = {0};

    if (!f->acceptor || seen->id == f->a->error || !is_spn(f, seen->event4->target) ||
        (ev->event != NULL && ev->event_clock_s.set) ||
        !split_clock(f, seen->event4, &zone, &clock))
        return;
    if (f->tried_by != NULL && f->named != NAMED_ECHO && seen->event4->server != NULL &&
        !account_equal(f->tried_by, seen->event4->server))
        return;
    ev->event = seen;
    ev->event_zone_s = zone;
    ev->event_clock_s = clock;
    if (f->named != NAMED_COMPUTER && f->named != NAMED_USER && seen->event4->server != NULL &&
        strchr(seen->event4->server, '/') == NULL) {
        ev->acceptor = seen->event4->server;
        ev->acceptor_from = seen->id;
        if (!f->realm_differs)
            ev->acceptor_known =
                owner_of_account(&ev->acceptor_object, f->arena, &f->index->evidence, ev->acceptor);
    }
}

void facts_events(struct facts *f)
{
    size_t i;

    for (i = 0; i < f->index->evidence.num; i++)
        if (f->index->evidence.at[i].kind == KIND_event4)
            take_event(f, &f->index->evidence.at[i]);
}

void facts_files(struct facts *f)
{
    char server[ADDRESS_TEXT_ROOM];
    size_t i;

    address_text(&f->a->server, server);
    for (i = 0; i < f->index->evidence.num; i++) {
        const struct observation *seen = &f->index->evidence.at[i];

        if (seen->kind == KIND_host_name)
            take_name(f, seen, server);
        else if (seen->kind == KIND_krb5_conf)
            take_krb5_conf(&f->ev, seen);
        else if (seen->kind == KIND_nltest)
            take_nltest(&f->ev, seen);
        else if (seen->kind == KIND_repadmin)
            take_repadmin(&f->ev, seen);
        else if (seen->kind == KIND_cached_ticket && is_spn(f, seen->cached_ticket->server))
            f->ev.klist = seen->id;
    }
}
