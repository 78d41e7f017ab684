/* SPDX-License-Identifier: MIT */
/* Inheritance: what is in force for a site or an application. Schema defaults, the section for all
 * sites, location tags from the site down to the path; pools likewise. */
#include "evidence/iis.h"

struct effective {
    struct optint enabled, kernel_mode, use_app_pool_credentials, anonymous;
    const char *token_checking, *not_seen;
    const char *providers[16];
    size_t num_providers;
};

static void override(struct optint *to, struct optint from)
{
    if (from.set)
        *to = from;
}

static void put_providers(struct effective *to, const struct iis_auth *from)
{
    size_t i, k;

    if (from->clear)
        to->num_providers = 0;
    for (i = 0; i < from->num_providers && to->num_providers < 16; i++) {
        for (k = 0; k < to->num_providers; k++)
            if (iis_same(to->providers[k], from->providers[i]))
                break;
        if (k == to->num_providers)
            to->providers[to->num_providers++] = from->providers[i];
    }
}

static void apply(struct effective *to, const struct iis_auth *from)
{
    override(&to->enabled, from->enabled);
    override(&to->kernel_mode, from->kernel_mode);
    override(&to->use_app_pool_credentials, from->use_app_pool_credentials);
    override(&to->anonymous, from->anonymous);
    if (from->token_checking != NULL)
        to->token_checking = from->token_checking;
    if (from->config_source != NULL)
        to->not_seen = from->config_source;
    put_providers(to, from);
}

/* Whether the location is the path itself (length of both equal) or one of its parents; out_len is
 * its length, by which nearer ones win. */
static bool covers(const char *location, struct bytes path, size_t *out_len)
{
    struct bytes l = bytes_of_text(location);

    *out_len = l.len;
    if (l.len == 0)
        return true;
    if (l.len > path.len || !span_is_nocase(span_to(path, l.len), location))
        return false;
    return l.len == path.len || path.at[l.len] == '/';
}

static struct effective settings_of(const struct iis_model *model, const char *site,
                                    const char *path)
{
    struct effective out = {.not_seen = model->config_source};
    const char *full =
        arena_print(model->document->scratch, "%s%s", site, strcmp(path, "/") == 0 ? "" : path);
    bool known = model->whole && model->damage_line == 0; /* locations come last */
    size_t done = 0, i, len;
    bool more = true;

    for (i = 0; i < model->num_auths; i++)
        known = known || (model->damage_line == 0 && model->auths[i].seen &&
                          model->auths[i].location[0] == '\0');
    if (known) {
        out.enabled = optint(0);
        out.kernel_mode = optint(1);
        out.use_app_pool_credentials = optint(0);
    }
    /* from the widest to the nearest location */
    while (more) {
        size_t best = SIZE_MAX, which = 0;

        for (i = 0; i < model->num_auths; i++)
            if ((model->damage_line == 0 || model->auths[i].location[0] != '\0') &&
                covers(model->auths[i].location, bytes_of_text(full), &len) && len >= done &&
                len < best) {
                best = len;
                which = i;
            }
        more = best != SIZE_MAX;
        if (more) {
            apply(&out, &model->auths[which]);
            done = best + 1;
        }
    }
    return out;
}

static const struct iis_identity *find_pool(const struct iis_model *model, const char *name)
{
    size_t i;

    for (i = 0; i < model->num_pools; i++)
        if (iis_same(model->pools[i].name, name))
            return &model->pools[i];
    return NULL;
}

/* identityType and user of a pool after applicationPoolDefaults and the schema. */
static void identity_of(const struct iis_model *model, const struct iis_identity *pool,
                        const char **out_type, const char **out_user)
{
    const char *user = NULL;

    *out_type = *out_user = NULL;
    if (pool == NULL || model->express)
        return;
    *out_type = pool->type != NULL                  ? pool->type
                : model->pool_defaults.type != NULL ? model->pool_defaults.type
                : model->damage_line > 0            ? NULL /* the defaults follow the pools */
                                                    : "ApplicationPoolIdentity";
    if (*out_type == NULL)
        return;
    user = pool->user != NULL ? pool->user : model->pool_defaults.user;
    if (iis_same(*out_type, "SpecificUser"))
        *out_user = user;
}

static void put_application(const struct iis_model *model, const struct iis_site_model *site,
                            const struct iis_application *application)
{
    struct effective settings = settings_of(model, site->name, application->path);
    struct iis_site fact = {.site = site->name,
                            .path = application->path,
                            .bindings = {site->bindings, site->num_bindings},
                            .pool = application->pool,
                            .kernel_mode = settings.kernel_mode,
                            .use_app_pool_credentials = settings.use_app_pool_credentials,
                            .windows_auth = settings.enabled,
                            .anonymous_auth = settings.anonymous,
                            .providers = {settings.providers, settings.num_providers},
                            .token_checking = settings.token_checking,
                            .not_seen = settings.not_seen,
                            .express = model->express};

    if (fact.pool == NULL)
        fact.pool = site->default_pool;
    if (fact.pool == NULL)
        fact.pool = model->default_pool;
    if (fact.pool == NULL && model->whole)
        fact.pool = "DefaultAppPool";
    identity_of(model, find_pool(model, fact.pool), &fact.identity, &fact.user);
    document_fact(model->document, KIND_iis_site, application->line, &fact);
}

static void put_pools(const struct iis_model *model)
{
    size_t i;

    for (i = 0; i < model->num_pools; i++) {
        struct iis_pool fact = {.pool = model->pools[i].name};

        identity_of(model, &model->pools[i], &fact.identity, &fact.user);
        document_fact(model->document, KIND_iis_pool, model->pools[i].line, &fact);
    }
}

void iis_put_sites(const struct iis_model *model)
{
    size_t i, k;

    if (model->num_sites == 0)
        put_pools(model);
    for (i = 0; i < model->num_sites; i++) {
        const struct iis_site_model *site = &model->sites[i];
        struct iis_application root = {"/", NULL, site->line};
        bool has_root = false;

        for (k = 0; k < site->num_applications; k++)
            has_root = has_root || strcmp(site->applications[k].path, "/") == 0;
        if (!has_root)
            put_application(model, site, &root);
        for (k = 0; k < site->num_applications; k++)
            put_application(model, site, &site->applications[k]);
    }
}
