/* SPDX-License-Identifier: MIT */
/* The form of an SPN: serviceclass/host[:port or instance][/servicename] (MS-KILE 3.1.5.11 and
 * "Name Formats for Unique SPNs"). Only what can never be asked for is called malformed. */
#include <string.h>
#include <strings.h>

#include "cause/standing.h"

static const char *host_fault(const char *host, size_t len)
{
    if (len == 0)
        return "the host is missing: service/host is the least";
    if (memchr(host, ' ', len) != NULL)
        return "there is a space in the host";
    if (memchr(host, '\\', len) != NULL)
        return "there is a backslash: an SPN has slashes only";
    if (memchr(host, '*', len) != NULL)
        return "there is a * in the host: wildcards are looked for literally";
    if (memchr(host, '@', len) != NULL)
        return "there is an @ in the host: the realm is no part of a servicePrincipalName";
    if (host[len - 1] == ':')
        return "a colon without a port or instance after it";
    if (len > 1 && host[len - 1] == '.')
        return "the host ends in a dot: clients ask without it";
    return NULL;
}

/* A port of digits only has to be one. */
static const char *port_fault(const char *host, size_t len)
{
    const char *colon = memchr(host, ':', len);
    size_t i, digits;
    long port = 0;

    if (colon == NULL)
        return NULL;
    digits = (size_t)(host + len - colon - 1);
    for (i = 0; i < digits; i++) {
        if (colon[1 + i] < '0' || colon[1 + i] > '9')
            return NULL; /* an instance */
        port = port > 65535 ? port : port * 10 + (colon[1 + i] - '0');
    }
    return port == 0 || port > 65535 ? "the port is not between 1 and 65535" : NULL;
}

const char *spn_malformed(const char *spn)
{
    const char *slash = strchr(spn, '/'), *fault, *third;
    size_t len;

    if (strstr(spn, "://") != NULL)
        return "it is a URL: an SPN is service/host, without :// and without a path";
    if (slash == NULL)
        return "there is no slash: service/host is the least";
    if (slash == spn)
        return "the service class before the slash is missing";
    len = strcspn(slash + 1, "/");
    third = slash[1 + len] == '/' ? slash + 2 + len : NULL;
    fault = host_fault(slash + 1, len);
    if (fault == NULL)
        fault = port_fault(slash + 1, len);
    if (fault == NULL && third != NULL && strchr(third, '/') != NULL)
        fault = "more than three parts: service/host/name is the most";
    if (fault == NULL && third != NULL && third[0] == '\0')
        fault = "it ends in a slash";
    return fault;
}
