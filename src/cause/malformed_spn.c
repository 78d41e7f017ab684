/* SPDX-License-Identifier: MIT */
/* A servicePrincipalName that nobody can ask for. Files alone show it: see standing.h. */
#include "cause/cause.h"

static void judge(const struct facts *f, struct judgement *j)
{
    (void)f;
    (void)j;
}

const struct cause cause_malformed_spn = {
    .id = "malformed-spn",
    .title = "A registered SPN has a form that no client asks for",
    .shows = "A servicePrincipalName in a directory export that is not service/host, "
             "service/host:port or service/host/name. The name it was meant to be is not "
             "registered by it: a KDC answers 7, or another holder of the name gets the tickets.",
    .against = "The right form is registered beside it.",
    .settled_by = "An LDIF export or setspn -L of the account.",
    .fix = "Remove it, and register the name in its right form.",
    .reference = "Name Formats for Unique SPNs",
    .key_owner = KEY_OWNER_OTHER,
    .weight = 30,
    .judge = judge,
};
