/* SPDX-License-Identifier: MIT */
/* Bindings, and the site that a request reaches by them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cause/iis.h"

enum { FIT_HOST = 1 << 20, FIT_PORT = 1 << 16 };

const char *iis_binding(const char *binding, long *out_port)
{
    const char *host, *port;

    *out_port = 0;
    if (binding == NULL || strncasecmp(binding, "http", 4) != 0)
        return NULL;
    host = strrchr(binding, ':'); /* an IPv6 address has colons too, in brackets */
    if (host == NULL || host == binding)
        return NULL;
    for (port = host; port > binding && port[-1] >= '0' && port[-1] <= '9'; port--)
        continue;
    if (port == host || port == binding || port[-1] != ':')
        return NULL;
    *out_port = strtol(port, NULL, 10);
    return host + 1;
}

const char *iis_location(const struct iis_site *site, struct arena *arena)
{
    return site->path == NULL || strcmp(site->path, "/") == 0
               ? site->site
               : arena_print(arena, "%s%s", site->site, site->path);
}

static size_t binding_fits(const char *binding, const char *host, int64_t port)
{
    long bound;
    const char *header = iis_binding(binding, &bound);

    if (header == NULL || bound != port)
        return 0;
    if (header[0] == '\0')
        return FIT_PORT;
    return host_equal(header, host) ? FIT_HOST : 0;
}

static size_t path_fits(const char *app, const char *path)
{
    size_t len = app == NULL ? 0 : strlen(app);

    if (len <= 1)
        return 1;
    return path != NULL && strncasecmp(path, app, len) == 0 &&
                   (path[len] == '\0' || path[len] == '/' || path[len] == '?')
               ? len
               : 0;
}

const struct observation *iis_site_reached(const struct log *log, const char *host, int64_t port,
                                           const char *path)
{
    const struct observation *best = NULL;
    size_t best_fit = 0, i, k;

    for (i = 0; i < log->num; i++) {
        const struct observation *seen = &log->at[i];
        size_t binding = 0, fit;

        if (seen->kind != KIND_iis_site)
            continue;
        for (k = 0; k < seen->iis_site->bindings.num; k++) {
            fit = binding_fits(seen->iis_site->bindings.at[k], host, port);
            binding = fit > binding ? fit : binding;
        }
        fit = path_fits(seen->iis_site->path, path);
        if (binding == 0 || fit == 0 || binding + fit <= best_fit)
            continue;
        best_fit = binding + fit;
        best = seen;
    }
    return best;
}
