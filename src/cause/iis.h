/* SPDX-License-Identifier: MIT */
/* The IIS 7+ matrix: which account opens the tickets of a site, where the SPN of a name has to be
 * for that, and what is wrong when it is elsewhere. Rules over iis_site facts and the owners that
 * the evidence shows; the published combinations only give a row its name. */
#ifndef KRBWHY_CAUSE_IIS_H
#define KRBWHY_CAUSE_IIS_H

#include "correlate/attempt.h"
#include "correlate/owner.h"

enum iis_opener {
    IIS_OPENER_UNKNOWN, /* the configuration leaves it open: see iis_site.not_seen, or a pool that
                           is in no file */
    IIS_OPENER_MACHINE, /* the server's computer account */
    IIS_OPENER_POOL     /* the service account of the application pool */
};

struct iis_rule {
    enum iis_opener opener;
    const char *account;   /* IIS_OPENER_POOL: as configured ("TEST\contososvc"); else NULL */
    bool kernel;           /* kernel mode is on (the default) */
    bool pool_credentials; /* useAppPoolCredentials is true */
    bool service_pool;     /* the pool runs as a named account; the built-in ones are the machine */
};

/* Never fails. Texts are the site's. */
void iis_rule_of(struct iis_rule *out, const struct iis_site *site);

enum iis_problem {
    IIS_RIGHT,
    IIS_NOT_KNOWN,     /* no evidence of owners, or the opener is unknown */
    IIS_NO_OWNER,      /* nobody in the files holds the name: no ticket, error 7 */
    IIS_TWO_OWNERS,    /* several hold it: no ticket, error 7, or 41 from a KDC that picks one */
    IIS_UPN,           /* a userPrincipalName that equals the SPN wins */
    IIS_OTHER_ACCOUNT, /* the tickets are made for another account: 41 */
    IIS_OTHER_MACHINE  /* ... for another computer */
};

struct iis_verdict {
    struct iis_rule rule;
    const struct iis_site *site;
    int64_t site_from;    /* its observation */
    const char *computer; /* the server's own account or name; NULL unknown */
    const char *host;     /* the name the site is reached by */
    const char *spn;      /* HTTP/ and that name */
    bool computer_name;   /* ... is a computer's own */
    const struct owners *owners;
    const struct owner *owner; /* that a KDC takes; NULL none or several */
    size_t num_winning;
    enum iis_problem problem;
    bool certain;         /* the files leave no doubt about the accounts */
    const char *row;      /* "r1" to "r8", "w1" to "w3"; NULL: none of the published ones */
    const char *row_says; /* the row in words; NULL */
};

/* Judges one name of one site. `computer` is the server's own account or host name, NULL unknown:
 * then any computer is taken for it. */
void iis_judge(struct iis_verdict *out, struct arena *arena, const struct log *log,
               const struct observation *site, const char *host, const char *computer);

/* Who opens, for sentences. */
const char *iis_opener_name(const struct iis_verdict *verdict);

/* The settings in words: "kernel mode on, useAppPoolCredentials false, pool identity TEST\svc". */
const char *iis_settings(const struct iis_rule *rule, const struct iis_site *site,
                         struct arena *arena);

/* The host header of a binding ("http *:80:host"), "" for none; NULL when it is no binding of HTTP.
 * *out_port is its port. */
const char *iis_binding(const char *binding, long *out_port);

/* "PortalSite", "PortalSite/app": as appcmd takes it. */
const char *iis_location(const struct iis_site *site, struct arena *arena);

/* The site and application that a request reached, by port, Host header and path; NULL none. A
 * binding with the host header wins over one without, a longer path over a shorter one. */
const struct observation *iis_site_reached(const struct log *log, const char *host, int64_t port,
                                           const char *path);

#endif
