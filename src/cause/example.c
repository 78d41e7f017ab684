/* SPDX-License-Identifier: MIT */
#include "cause/example.h"

#include <string.h>

/* What differs from the usual case. */
static const struct {
    const char *id, *spn, *service, *tried_by;
    int64_t code;
    bool kdc;
} special[] = {
    {"sql-spn", "MSSQLSvc/sql01.example.com:1433", "MSSQLSvc", "svc-sql", 41, false},
    {"http-shadows-host", NULL, NULL, "APP01$", 41, false},
    {"wrong-host", NULL, NULL, "OLD07$", 41, false},
    {"stale-machine-account", "cifs/app01.example.com", "cifs", "APP01$", 41, false},
    {"same-name-one-domain", "cifs/app01.example.com", "cifs", "APP01$", 41, false},
    {"same-name-two-domains", "cifs/app01.example.com", "cifs", "APP01$", 41, false},
    {"dc-own-password", "ldap/dc1.example.com", "ldap", "DC1$", 41, false},
    {"linux-rotation", "cifs/files.example.com", "cifs", "FILES$", 44, false},
    {"managed-account", NULL, NULL, "gmsa-app$", 41, false},
    {"clock-skew", NULL, NULL, NULL, 37, false},
    {"ticket-expired", NULL, NULL, NULL, 32, false},
    {"ntlm-fallback", NULL, NULL, NULL, 7, true},
    {"kdc-error", NULL, NULL, NULL, 7, true},
};

static size_t row_of(const char *id)
{
    size_t i;

    for (i = 0; i < sizeof(special) / sizeof(special[0]); i++)
        if (strcmp(special[i].id, id) == 0)
            break;
    return i;
}

static void fill(struct facts *f, struct attempt *a, const char *id)
{
    size_t at = row_of(id);
    bool is_special = at < sizeof(special) / sizeof(special[0]);
    const char *slash;

    a->spn = is_special && special[at].spn != NULL ? special[at].spn : "HTTP/app.example.com";
    a->spn_service = is_special && special[at].service != NULL ? special[at].service : "HTTP";
    slash = strchr(a->spn, '/');
    a->spn_host =
        arena_text(f->arena, (struct bytes){(const uint8_t *)slash + 1, strcspn(slash + 1, ":")});
    a->asked_for = strcmp(id, "suffix-search") == 0 ? "app"
                   : strcmp(id, "cname-spn") == 0 || strcmp(id, "rdns-spn") == 0 ||
                           strcmp(id, "client-wrong-spn") == 0
                       ? "portal.example.com"
                       : a->spn_host;
    a->client_principal = "alice@EXAMPLE.COM";
    a->server.family = 4;
    memcpy(a->server.octet, (const uint8_t[]){192, 0, 2, 10}, 4);
    a->server_port = 80;
    a->outcome = OUTCOME_FAILED;
    f->code = is_special ? special[at].code : 41;
    f->kdc = is_special && special[at].kdc;
    f->acceptor = !f->kdc;
    f->family = FAMILY_MODIFIED;
    f->tried_by = f->kdc ? NULL : is_special ? special[at].tried_by : "svc-app";
    if (f->tried_by != NULL)
        f->named = strchr(f->tried_by, '$') != NULL ? NAMED_COMPUTER : NAMED_USER;
}

void example_cards(const struct cause *cause, struct cards *out)
{
    struct log log = {0};
    struct joined_case joined = {.log = &log};
    struct index index = {.joined = &joined};
    struct attempt attempt = {0};
    struct facts facts = {.joined = &joined, .index = &index, .a = &attempt, .arena = out->arena};

    fill(&facts, &attempt, cause->id);
    out->facts = &facts;
    if (cause->remedy != NULL)
        cause->remedy(&facts, out);
    out->facts = NULL;
}
