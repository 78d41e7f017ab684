/* SPDX-License-Identifier: MIT */
/* The client's rule for the name in the SPN, held against what was seen. */
#include "cause/cards.h"
#include "cause/spn_rule.h"

void say_rule(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    const struct spn_rule *rule = spn_rule_find(a->user_agent);
    bool followed = f->spn_origin == SPN_TARGET || f->spn_origin == SPN_MIDDLE;

    if (rule == NULL || !f->acceptor || a->request == 0 || a->s4u_proxy)
        return;
    if (a->spn_port != NULL)
        say_for(j, SEEN(a->request),
                "the client is %s, which puts a port into the SPN only when told to (%s)",
                rule->client, rule->option);
    else if (followed && rule->habit == HABIT_CANONICAL)
        say_for(
            j, SEEN(a->request),
            "the client is %s: by default it follows a CNAME and takes the name at its end (%s)",
            rule->client, rule->option);
    else if (followed && rule->habit == HABIT_LIBRARY)
        say_for(j, SEEN(a->request),
                "the client is %s: it hands over the typed name, and the Kerberos library below "
                "replaced it (%s)",
                rule->client, rule->option);
    else if (followed)
        say_for(j, SEEN(a->request),
                "the client is %s, which keeps the typed name by default: a setting made it follow "
                "the CNAME (%s)",
                rule->client, rule->option);
    else if (f->cname && f->spn_origin == SPN_ASKED && rule->habit == HABIT_CANONICAL)
        say_for(j, SEEN(a->request),
                "the client is %s, which would follow the CNAME by default: a setting keeps the "
                "typed name (%s)",
                rule->client, rule->option);
    else if (f->spn_origin == SPN_PTR)
        say_for(
            j, SEEN(a->request),
            "the client is %s; the name came from a reverse lookup by the Kerberos library below",
            rule->client);
}

/* "+02:00". */
static const char *zone_of(const struct facts *f, int64_t seconds)
{
    int64_t minutes = (seconds < 0 ? -seconds : seconds) / 60;

    return arena_print(f->arena, "%s%02lld:%02lld", seconds < 0 ? "-" : "+",
                       (long long)(minutes / 60), (long long)(minutes % 60));
}

static const char *clock_of(const struct facts *f, long long seconds)
{
    const char *whose = f->error != NULL && f->error->stime_s.set ? "server" : "capture";

    if (seconds == 0)
        return arena_print(f->arena, "; its clock agrees with the %s's", whose);
    return arena_print(f->arena, "; its clock is %lld second%s %s the %s's",
                       seconds < 0 ? -seconds : seconds, seconds == 1 || seconds == -1 ? "" : "s",
                       seconds < 0 ? "behind" : "ahead of", whose);
}

void say_files(const struct facts *f, struct judgement *j)
{
    const struct spn_rule *rule = spn_rule_find(f->a->user_agent);
    const struct evidence *ev = &f->ev;
    bool followed = f->spn_origin == SPN_TARGET || f->spn_origin == SPN_MIDDLE;

    if (ev->event != NULL) {
        const struct event4 *event = ev->event->event4;
        long long clock = ev->event_clock_s.set ? (long long)ev->event_clock_s.value : 0;

        say_for(j, SEEN(ev->event->id, facts_refusal(f)),
                "the client's Event ID 4 tells the same: %s could not open the ticket for %s%s%s%s",
                event->server != NULL ? event->server : "the server", f->a->spn,
                ev->event_zone_s.set ? "; the client's local time is UTC" : "",
                ev->event_zone_s.set ? zone_of(f, ev->event_zone_s.value) : "",
                ev->event_clock_s.set ? clock_of(f, clock) : "");
    }
    if (!followed || !f->acceptor || rule == NULL || rule->habit != HABIT_LIBRARY)
        return;
    if (ev->canonical != 0)
        say_for(j, SEEN(ev->canonical), "krb5.conf leaves canonical names on");
    else if (ev->canonical_off != 0)
        say_against(j, SEEN(ev->canonical_off),
                    "krb5.conf turns canonical names off: if it is this client's, it was changed "
                    "later");
}
