/* SPDX-License-Identifier: MIT */
/* What an IIS configuration says, before inheritance: applicationHost.config, a fragment of it, a
 * web.config, or what appcmd lists. Texts and arrays live in the document's scratch. */
#ifndef KRBWHY_EVIDENCE_IIS_H
#define KRBWHY_EVIDENCE_IIS_H

#include "evidence/document.h"

/* Identity of a pool, as far as the element itself says it. */
struct iis_identity {
    const char *name; /* of the pool; NULL: applicationPoolDefaults */
    const char *type; /* identityType; NULL: inherited */
    const char *user;
    int64_t line;
};

/* Authentication settings of one place; absent ones are inherited. */
struct iis_auth {
    const char *location; /* path of the location tag without slashes around it; "" for all sites */
    int64_t line;
    bool seen; /* a windowsAuthentication element stood here */
    struct optint enabled, kernel_mode, use_app_pool_credentials, anonymous;
    const char *token_checking;
    const char *config_source;
    bool clear; /* providers inherited so far are dropped */
    const char *providers[8];
    size_t num_providers;
};

struct iis_application {
    const char *path;
    const char *pool;
    int64_t line;
};

struct iis_site_model {
    const char *name;
    int64_t line;
    const char *default_pool; /* applicationDefaults inside the site */
    struct iis_application *applications;
    size_t num_applications, room_applications;
    const char **bindings;
    size_t num_bindings, room_bindings;
};

struct iis_model {
    const struct document *document;
    bool whole;     /* a <configuration>: what it does not say has the schema's default */
    bool express;   /* IIS Express: pools run as the user who is signed in */
    bool transform; /* an XDT transform: says what to change, not what is */
    bool has_pools; /* an applicationPools section was seen */
    const char *config_source; /* a file that holds pools or sites instead */
    const char *default_pool;
    struct iis_identity pool_defaults;
    struct iis_identity *pools;
    size_t num_pools, room_pools;
    struct iis_auth *auths;
    size_t num_auths, room_auths;
    struct iis_site_model *sites;
    size_t num_sites, room_sites;
    size_t num_applications; /* of all sites */
    bool full;               /* a limit was met, something is left out */
    int64_t damage_line;     /* 0: the XML is whole */
    struct iis_command {     /* appcmd commands in the paste: what their output is about */
        int64_t line;
        const char *target;
    } commands[64];
    size_t num_commands;
};

/* Reads all XML of the document into the zeroed model. */
void iis_read_xml(struct iis_model *model);

/* Reads the lists of appcmd ("SITE "x" (id:1,bindings:...)") into the model. */
void iis_read_appcmd(struct iis_model *model);

/* Notes the appcmd commands of the document; first of all. */
void iis_read_commands(struct iis_model *model);

/* The target of the last appcmd command above a line ("Default Web Site/app"); "" for none. */
const char *iis_command_target(const struct iis_model *model, int64_t line);

/* Appends the effective values of each site and application. */
void iis_put_sites(const struct iis_model *model);

/* ---- Building ---- */

/* The settings of a location, made when there are none yet; NULL beyond the limit. */
struct iis_auth *iis_auth_at(struct iis_model *model, const char *location, int64_t line);

/* A new site, application or pool; NULL beyond the limit. */
struct iis_site_model *iis_add_site(struct iis_model *model, const char *name, int64_t line);
struct iis_application *iis_add_application(struct iis_model *model, struct iis_site_model *site,
                                            const char *path, const char *pool, int64_t line);
void iis_add_binding(struct iis_model *model, struct iis_site_model *site, const char *binding);
struct iis_identity *iis_add_pool(struct iis_model *model, const char *name, int64_t line);
struct iis_site_model *iis_find_site(struct iis_model *model, const char *name);

/* ASCII case ignored. */
bool iis_same(const char *a, const char *b);

#endif
