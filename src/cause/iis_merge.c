/* SPDX-License-Identifier: MIT */
#include "cause/iis_merge.h"

#include <string.h>
#include <strings.h>

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

static void put_pool(const struct log *evidence, struct iis_site *site)
{
    size_t i;

    for (i = 0; i < evidence->num && site->identity == NULL && !site->express; i++) {
        const struct observation *seen = &evidence->at[i];

        if (seen->kind != KIND_iis_pool || !same(seen->iis_pool->pool, site->pool))
            continue;
        site->identity = seen->iis_pool->identity;
        site->user = seen->iis_pool->user;
    }
}

/* Whether a setting's location is the site, or leads to this application of it. */
static bool covers(const char *location, const struct iis_site *site, bool only_site)
{
    size_t len = site->site == NULL ? 0 : strlen(site->site);

    if (location == NULL || location[0] == '\0')
        return only_site;
    if (len == 0 || strncasecmp(location, site->site, len) != 0)
        return false;
    if (location[len] == '\0')
        return true;
    return location[len] == '/' && site->path != NULL &&
           strcasecmp(location + len, site->path) == 0;
}

static void put_setting(const struct iis_setting *from, struct iis_site *to)
{
    if (from->kernel_mode.set)
        to->kernel_mode = from->kernel_mode;
    if (from->use_app_pool_credentials.set)
        to->use_app_pool_credentials = from->use_app_pool_credentials;
    if (from->windows_auth.set)
        to->windows_auth = from->windows_auth;
    if (from->anonymous_auth.set)
        to->anonymous_auth = from->anonymous_auth;
    if (from->providers.num > 0)
        to->providers = from->providers;
    if (from->token_checking != NULL)
        to->token_checking = from->token_checking;
}

/* The wider location first: "Site", then "Site/app". */
static void put_settings(const struct log *evidence, struct iis_site *site, bool only_site)
{
    size_t pass, i;

    for (pass = 0; pass < 3; pass++)
        for (i = 0; i < evidence->num; i++) {
            const struct observation *seen = &evidence->at[i];
            const char *location =
                seen->kind == KIND_iis_setting ? seen->iis_setting->location : NULL;
            size_t depth = location == NULL || location[0] == '\0' ? 0
                           : strchr(location, '/') == NULL         ? 1
                                                                   : 2;

            if (seen->kind == KIND_iis_setting && depth == pass &&
                covers(location, site, only_site))
                put_setting(seen->iis_setting, site);
        }
}

void iis_merge(struct log *evidence, struct arena *arena)
{
    bool pieces = false;
    size_t sites = 0, i;

    for (i = 0; i < evidence->num; i++) {
        const struct observation *seen = &evidence->at[i];

        pieces = pieces || seen->kind == KIND_iis_pool || seen->kind == KIND_iis_setting;
        sites += seen->kind == KIND_iis_site &&
                 (seen->iis_site->path == NULL || strcmp(seen->iis_site->path, "/") == 0);
    }
    for (i = 0; pieces && i < evidence->num; i++) {
        struct iis_site *copy;

        if (evidence->at[i].kind != KIND_iis_site)
            continue;
        copy = arena_take(arena, 1, sizeof(*copy));
        *copy = *evidence->at[i].iis_site;
        put_pool(evidence, copy);
        put_settings(evidence, copy, sites == 1);
        evidence->at[i].iis_site = copy;
    }
}
