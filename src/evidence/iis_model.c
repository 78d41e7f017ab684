/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "evidence/iis.h"

/* Room for one more item of `size` bytes; false, and the model marked full, at the limit. */
static bool grow(struct iis_model *model, void *list, size_t num, size_t *room, size_t size,
                 size_t limit)
{
    struct arena *arena = model->document->scratch;
    void *old, *fresh;

    if (num >= limit) {
        model->full = true;
        return false;
    }
    if (num < *room)
        return true;
    *room = *room == 0 ? 4 : *room * 2;
    fresh = arena_take(arena, *room, size);
    memcpy(&old, list, sizeof(old));
    if (num > 0)
        memcpy(fresh, old, num * size);
    memcpy(list, &fresh, sizeof(fresh));
    return true;
}

bool iis_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && span_is_nocase(bytes_of_text(a), b);
}

struct iis_auth *iis_auth_at(struct iis_model *model, const char *location, int64_t line)
{
    struct iis_auth *auth;
    size_t i;

    for (i = 0; i < model->num_auths; i++)
        if (iis_same(model->auths[i].location, location))
            return &model->auths[i];
    if (!grow(model, &model->auths, model->num_auths, &model->room_auths, sizeof(*auth),
              LIMIT_IIS_LOCATIONS))
        return NULL;
    auth = &model->auths[model->num_auths++];
    auth->location = location;
    auth->line = line;
    return auth;
}

struct iis_site_model *iis_find_site(struct iis_model *model, const char *name)
{
    size_t i;

    for (i = 0; i < model->num_sites; i++)
        if (iis_same(model->sites[i].name, name))
            return &model->sites[i];
    return NULL;
}

struct iis_site_model *iis_add_site(struct iis_model *model, const char *name, int64_t line)
{
    struct iis_site_model *site;

    if (!grow(model, &model->sites, model->num_sites, &model->room_sites, sizeof(*site),
              LIMIT_IIS_SITES))
        return NULL;
    site = &model->sites[model->num_sites++];
    site->name = name;
    site->line = line;
    return site;
}

struct iis_application *iis_add_application(struct iis_model *model, struct iis_site_model *site,
                                            const char *path, const char *pool, int64_t line)
{
    struct iis_application *application;

    if (model->num_applications >= LIMIT_EVIDENCE_ITEMS) {
        model->full = true;
        return NULL;
    }
    model->num_applications++;
    if (!grow(model, &site->applications, site->num_applications, &site->room_applications,
              sizeof(*application), LIMIT_EVIDENCE_ITEMS))
        return NULL;
    application = &site->applications[site->num_applications++];
    application->path = path;
    application->pool = pool;
    application->line = line;
    return application;
}

void iis_add_binding(struct iis_model *model, struct iis_site_model *site, const char *binding)
{
    if (grow(model, &site->bindings, site->num_bindings, &site->room_bindings,
             sizeof(*site->bindings), LIMIT_EVIDENCE_ITEMS))
        site->bindings[site->num_bindings++] = binding;
}

struct iis_identity *iis_add_pool(struct iis_model *model, const char *name, int64_t line)
{
    struct iis_identity *pool;

    if (!grow(model, &model->pools, model->num_pools, &model->room_pools, sizeof(*pool),
              LIMIT_IIS_SITES))
        return NULL;
    pool = &model->pools[model->num_pools++];
    pool->name = name;
    pool->line = line;
    return pool;
}
