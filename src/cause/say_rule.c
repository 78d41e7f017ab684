/* SPDX-License-Identifier: MIT */
/* The client's rule for the name in the SPN, held against what was seen. */
#include "cause/cards.h"
#include "cause/spn_rule.h"

void say_rule(const struct facts *f, struct judgement *j)
{
    const struct attempt *a = f->a;
    const struct spn_rule *rule = spn_rule_find(a->user_agent);
    bool followed = f->spn_origin == SPN_TARGET || f->spn_origin == SPN_MIDDLE;

    if (rule == NULL || !f->acceptor || a->http_request == 0 || a->s4u_proxy)
        return;
    if (a->spn_port != NULL)
        say_for(j, SEEN(a->http_request),
                "the client is %s, which puts a port into the SPN only when told to (%s)",
                rule->client, rule->option);
    else if (followed && rule->habit == HABIT_CANONICAL)
        say_for(
            j, SEEN(a->http_request),
            "the client is %s: by default it follows a CNAME and takes the name at its end (%s)",
            rule->client, rule->option);
    else if (followed && rule->habit == HABIT_LIBRARY)
        say_for(j, SEEN(a->http_request),
                "the client is %s: it hands over the typed name, and the Kerberos library below "
                "replaced it (%s)",
                rule->client, rule->option);
    else if (followed)
        say_for(j, SEEN(a->http_request),
                "the client is %s, which keeps the typed name by default: a setting made it follow "
                "the CNAME (%s)",
                rule->client, rule->option);
    else if (f->cname && f->spn_origin == SPN_ASKED && rule->habit == HABIT_CANONICAL)
        say_for(j, SEEN(a->http_request),
                "the client is %s, which would follow the CNAME by default: a setting keeps the "
                "typed name (%s)",
                rule->client, rule->option);
    else if (f->spn_origin == SPN_PTR)
        say_for(
            j, SEEN(a->http_request),
            "the client is %s; the name came from a reverse lookup by the Kerberos library below",
            rule->client);
}
