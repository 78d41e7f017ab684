/* SPDX-License-Identifier: MIT */
/* The elements of an IIS configuration that decide about Kerberos. Elements of the same name exist
 * in other sections (application, add, site), so that each is looked at with its parent. */
#include "base/limits.h"
#include "evidence/iis.h"
#include "evidence/xml.h"

enum tag {
    TAG_NONE, /* no parent: the root of a fragment */
    TAG_OTHER,
    TAG_POOLS,
    TAG_POOL,
    TAG_POOL_DEFAULTS,
    TAG_SITES,
    TAG_SITE_DEFAULTS,
    TAG_SITE,
    TAG_BINDINGS,
    TAG_LOCATION,
    TAG_WINDOWS,
    TAG_PROVIDERS
};

struct state {
    struct iis_model *model;
    enum tag open[LIMIT_XML_DEPTH + 1];
    size_t depth;
    const char *location; /* of the open location tag; NULL outside */
    size_t location_depth;
    struct iis_identity *pool;
    struct iis_site_model *site;
    struct iis_auth *auth; /* of the open windowsAuthentication */
};

static const char *keep(const struct state *state, const char *value)
{
    return value == NULL || value[0] == '\0'
               ? NULL
               : arena_text(state->model->document->scratch, bytes_of_text(value));
}

static void put_boolean(const struct state *state, struct optint *out, const char *value,
                        int64_t line)
{
    if (value == NULL)
        return;
    if (iis_same(value, "true") || iis_same(value, "false"))
        *out = optint(iis_same(value, "true"));
    else
        document_problem(state->model->document, line, "iis-boolean",
                         "the value of this attribute is neither true nor false");
}

/* Without slashes around it; "." is the whole server like "". */
static const char *location_path(const struct state *state, const char *path)
{
    struct bytes s = bytes_of_text(path == NULL ? "" : path);

    while (span_starts(s, "/"))
        s = span_from(s, 1);
    while (span_ends(s, "/"))
        s.len--;
    return s.len == 0 || span_is(s, ".") ? "" : arena_text(state->model->document->scratch, s);
}

static struct iis_auth *current_auth(struct state *state, int64_t line)
{
    const char *location = state->location;

    if (location == NULL)
        location = iis_command_target(state->model, line);
    return iis_auth_at(state->model, location, line);
}

/* ---- Elements ---- */

static void start_windows(struct state *state, const char *const *attributes, int64_t line)
{
    struct iis_auth *auth = current_auth(state, line);

    state->auth = auth;
    if (auth == NULL)
        return;
    auth->seen = true;
    put_boolean(state, &auth->enabled, xml_attribute(attributes, "enabled"), line);
    put_boolean(state, &auth->kernel_mode, xml_attribute(attributes, "useKernelMode"), line);
    put_boolean(state, &auth->use_app_pool_credentials,
                xml_attribute(attributes, "useAppPoolCredentials"), line);
    auth->config_source = keep(state, xml_attribute(attributes, "configSource"));
}

static void start_anonymous(struct state *state, const char *const *attributes, int64_t line)
{
    struct iis_auth *auth = current_auth(state, line);

    if (auth != NULL)
        put_boolean(state, &auth->anonymous, xml_attribute(attributes, "enabled"), line);
}

static void change_providers(struct state *state, const char *name, const char *value)
{
    struct iis_auth *auth = state->auth;
    size_t i, kept = 0;

    if (auth == NULL)
        return;
    if (strcmp(name, "clear") == 0) {
        auth->clear = true;
        auth->num_providers = 0;
    } else if (strcmp(name, "add") == 0 && value != NULL && auth->num_providers < 8) {
        auth->providers[auth->num_providers++] = keep(state, value);
    } else if (strcmp(name, "remove") == 0) {
        for (i = 0; i < auth->num_providers; i++)
            if (!iis_same(auth->providers[i], value))
                auth->providers[kept++] = auth->providers[i];
        auth->num_providers = kept;
    }
}

static void start_process_model(struct state *state, enum tag parent, const char *const *attributes)
{
    static const char *const numbers[] = {"LocalSystem", "LocalService", "NetworkService",
                                          "SpecificUser", "ApplicationPoolIdentity"};
    struct iis_identity *to = parent == TAG_POOL_DEFAULTS ? &state->model->pool_defaults
                              : parent == TAG_POOL        ? state->pool
                                                          : NULL;
    const char *type = xml_attribute(attributes, "identityType");

    if (to == NULL)
        return;
    if (type != NULL && type[0] >= '0' && type[0] <= '4' && type[1] == '\0')
        type = numbers[type[0] - '0'];
    if (type != NULL)
        to->type = keep(state, type);
    if (xml_attribute(attributes, "userName") != NULL)
        to->user = keep(state, xml_attribute(attributes, "userName"));
}

/* An <add> outside of its section is a pool where it has a pool's attributes. */
static bool is_pool(enum tag parent, const char *const *attributes)
{
    return parent == TAG_POOLS ||
           (parent == TAG_NONE && (xml_attribute(attributes, "managedPipelineMode") != NULL ||
                                   xml_attribute(attributes, "managedRuntimeVersion") != NULL ||
                                   xml_attribute(attributes, "queueLength") != NULL));
}

static enum tag start_add(struct state *state, enum tag parent, const char *const *attributes,
                          int64_t line)
{
    const char *name = keep(state, xml_attribute(attributes, "name"));

    if (parent == TAG_PROVIDERS)
        change_providers(state, "add", xml_attribute(attributes, "value"));
    if (name == NULL || !is_pool(parent, attributes))
        return TAG_OTHER;
    state->pool = iis_add_pool(state->model, name, line);
    return TAG_POOL;
}

static void start_binding(struct state *state, const char *const *attributes)
{
    const char *protocol = xml_attribute(attributes, "protocol");
    const char *information = xml_attribute(attributes, "bindingInformation");

    if (state->site != NULL && protocol != NULL && information != NULL)
        iis_add_binding(
            state->model, state->site,
            arena_print(state->model->document->scratch, "%s %s",
                        keep(state, protocol) == NULL ? "" : keep(state, protocol),
                        keep(state, information) == NULL ? "" : keep(state, information)));
}

/* applicationDefaults of all sites, of siteDefaults, or of one site. */
static void start_application_defaults(struct state *state, enum tag parent,
                                       const char *const *attributes)
{
    const char *pool = keep(state, xml_attribute(attributes, "applicationPool"));

    if (pool == NULL)
        return;
    if (parent == TAG_SITE && state->site != NULL)
        state->site->default_pool = pool;
    else if (parent == TAG_SITES || parent == TAG_SITE_DEFAULTS)
        state->model->default_pool = pool;
}

static void start_application(struct state *state, const char *const *attributes, int64_t line)
{
    const char *path = keep(state, xml_attribute(attributes, "path"));

    if (state->site != NULL)
        iis_add_application(state->model, state->site, path == NULL ? "/" : path,
                            keep(state, xml_attribute(attributes, "applicationPool")), line);
}

/* appcmd ... /xml */
static void start_appcmd(struct state *state, const char *name, const char *const *attributes,
                         int64_t line)
{
    const char *site_name = keep(state, xml_attribute(attributes, "SITE.NAME"));
    struct iis_site_model *site;
    struct bytes bindings, one;

    if (site_name == NULL)
        return;
    site = iis_find_site(state->model, site_name);
    if (site == NULL && (site = iis_add_site(state->model, site_name, line)) == NULL)
        return;
    if (strcmp(name, "APP") == 0) {
        const char *path = keep(state, xml_attribute(attributes, "path"));

        iis_add_application(state->model, site, path == NULL ? "/" : path,
                            keep(state, xml_attribute(attributes, "APPPOOL.NAME")), line);
        return;
    }
    bindings = bytes_of_text(
        xml_attribute(attributes, "bindings") == NULL ? "" : xml_attribute(attributes, "bindings"));
    while (bindings.len > 0) {
        size_t comma = size_min(span_find(bindings, ","), bindings.len), slash;

        one = span_to(bindings, comma);
        slash = span_find(one, "/");
        if (slash != SIZE_MAX)
            iis_add_binding(
                state->model, site,
                arena_print(
                    state->model->document->scratch, "%s %s",
                    arena_text(state->model->document->scratch, span_to(one, slash)),
                    arena_text(state->model->document->scratch, span_from(one, slash + 1))));
        bindings = span_from(bindings, comma + 1);
    }
}

static void note_source(struct state *state, const char *const *attributes)
{
    const char *source = keep(state, xml_attribute(attributes, "configSource"));

    if (source != NULL)
        state->model->config_source = source;
}

/* The element's tag, after its attributes were read. */
static enum tag start_named(struct state *state, enum tag parent, const char *name,
                            const char *const *attributes, int64_t line)
{
    struct iis_model *model = state->model;

    if (strcmp(name, "configuration") == 0) {
        model->whole = true;
        model->transform = xml_attribute(attributes, "xmlns:xdt") != NULL;
    } else if (strcmp(name, "applicationPools") == 0) {
        model->has_pools = true;
        note_source(state, attributes);
        return TAG_POOLS;
    } else if (strcmp(name, "applicationPoolDefaults") == 0) {
        return TAG_POOL_DEFAULTS;
    } else if (strcmp(name, "processModel") == 0) {
        start_process_model(state, parent, attributes);
    } else if (strcmp(name, "add") == 0) {
        return start_add(state, parent, attributes, line);
    } else if (strcmp(name, "clear") == 0 || strcmp(name, "remove") == 0) {
        if (parent == TAG_PROVIDERS)
            change_providers(state, name, xml_attribute(attributes, "value"));
    } else if (strcmp(name, "sites") == 0) {
        note_source(state, attributes);
        return TAG_SITES;
    } else if (strcmp(name, "siteDefaults") == 0) {
        return TAG_SITE_DEFAULTS;
    } else if (strcmp(name, "site") == 0 && (parent == TAG_SITES || parent == TAG_NONE) &&
               keep(state, xml_attribute(attributes, "name")) != NULL) {
        state->site = iis_add_site(model, keep(state, xml_attribute(attributes, "name")), line);
        return TAG_SITE;
    } else if (strcmp(name, "application") == 0 && parent == TAG_SITE) {
        start_application(state, attributes, line);
    } else if (strcmp(name, "applicationDefaults") == 0) {
        start_application_defaults(state, parent, attributes);
    } else if (strcmp(name, "bindings") == 0 && parent == TAG_SITE) {
        return TAG_BINDINGS;
    } else if (strcmp(name, "binding") == 0 && parent == TAG_BINDINGS) {
        start_binding(state, attributes);
    } else if (strcmp(name, "location") == 0) {
        state->location = location_path(state, xml_attribute(attributes, "path"));
        state->location_depth = state->depth;
        return TAG_LOCATION;
    } else if (strcmp(name, "windowsAuthentication") == 0) {
        start_windows(state, attributes, line);
        return TAG_WINDOWS;
    } else if (strcmp(name, "anonymousAuthentication") == 0) {
        start_anonymous(state, attributes, line);
    } else if (strcmp(name, "providers") == 0 && parent == TAG_WINDOWS) {
        return TAG_PROVIDERS;
    } else if (strcmp(name, "extendedProtection") == 0 && parent == TAG_WINDOWS) {
        if (state->auth != NULL)
            state->auth->token_checking = keep(state, xml_attribute(attributes, "tokenChecking"));
    } else if (strcmp(name, "SITE") == 0 || strcmp(name, "APP") == 0) {
        start_appcmd(state, name, attributes, line);
    }
    return TAG_OTHER;
}

static void start(void *user, const char *name, const char *const *attributes, int64_t line)
{
    struct state *state = user;
    enum tag parent = state->depth == 0 ? TAG_NONE : state->open[state->depth - 1];
    enum tag tag = start_named(state, parent, name, attributes, line);

    if (state->depth <= LIMIT_XML_DEPTH)
        state->open[state->depth] = tag;
    state->depth++;
}

static void end(void *user, const char *name)
{
    struct state *state = user;

    (void)name;
    if (state->depth == 0)
        return;
    state->depth--;
    switch (state->open[state->depth]) {
    case TAG_LOCATION:
        if (state->depth == state->location_depth)
            state->location = NULL;
        break;
    case TAG_SITE:
        state->site = NULL;
        break;
    case TAG_POOL:
        state->pool = NULL;
        break;
    case TAG_WINDOWS:
        state->auth = NULL;
        break;
    default:
        break;
    }
}

void iis_read_xml(struct iis_model *model)
{
    static const char *const roots[] = {"configuration",
                                        "system.applicationHost",
                                        "system.webServer",
                                        "applicationPools",
                                        "sites",
                                        "site",
                                        "add",
                                        "location",
                                        "security",
                                        "authentication",
                                        "windowsAuthentication",
                                        "appcmd",
                                        NULL};
    struct state state = {.model = model};
    struct xml_events events = {&state, start, end, NULL};

    xml_read(model->document, roots, &events, &model->damage_line);
    model->express = span_has(model->document->text, "%IIS_BIN%") ||
                     span_has(model->document->text, "%IIS_USER_HOME%") ||
                     span_has(model->document->text, "%IIS_SITES_HOME%");
}
