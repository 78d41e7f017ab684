/* SPDX-License-Identifier: MIT */
/* Who owns a name: what a directory does with an sname, worked out over the evidence that stands in
 * the log. Order (MS-KILE 3.3.5.1.1, MS-ADTS sPNMappings): userPrincipalName equal to it; the exact
 * servicePrincipalName; HOST/ of the same name for the services of sPNMappings; an sname of one
 * component as sAMAccountName, then with "$". */
#ifndef KRBWHY_CORRELATE_OWNER_H
#define KRBWHY_CORRELATE_OWNER_H

#include "observation/log.h"

enum owner_form {
    OWNER_UPN,  /* userPrincipalName: wins over all others */
    OWNER_SPN,  /* the exact servicePrincipalName */
    OWNER_HOST, /* HOST/ of the same name stands in for the service */
    OWNER_SAM   /* sAMAccountName */
};

struct owner {
    enum owner_form form;
    const char *account; /* sAMAccountName; from the DN where no file names it (account_guessed);
                            never NULL */
    bool account_guessed;
    const char *dn;  /* NULL where no file names it */
    bool computer;   /* objectClass says so, or the name ends in "$" and nothing contradicts */
    bool managed;    /* a (group) managed service account */
    bool kind_known; /* whether it is a computer is known: by objectClass, its name, its container
                        or a HOST/ entry of its own name */
    struct optint etypes, kvno; /* absent says nothing: a global catalog export has neither */
    const int64_t *sources;     /* observation ids of the facts that say it, ascending */
    size_t num_sources;
};

enum { OWNERS_MOST = 32 };

struct owners {
    struct owner
        at[OWNERS_MOST]; /* by form, then in order of the log; one entry per object and form */
    size_t num;
    bool more;   /* beyond OWNERS_MOST */
    bool looked; /* some evidence could have shown an owner: files with SPNs or accounts were given
                  */
    int64_t absent; /* a setspn -Q that looked for this very name and found nothing; 0 none */
};

/* All objects that hold the sname in one form or another. Texts live in the arena or the log. */
void owners_find(struct owners *out, struct arena *arena, const struct log *log, const char *sname);

/* The owners of the form that wins: *out_num of them, 0 when nobody owns the name. More than one: a
 * KDC gives no ticket (error 7). */
const struct owner *owners_winning(const struct owners *owners, size_t *out_num);

/* The object with that account name (sAMAccountName, with or without "$", "DOMAIN\name",
 * "name@realm"); false when no evidence knows it. */
bool owner_of_account(struct owner *out, struct arena *arena, const struct log *log,
                      const char *account);

/* Two account names are the same: case, "DOMAIN\" before, "@realm" behind do not count. */
bool account_equal(const char *a, const char *b);

/* HOST/ stands in for this service class (the default value of sPNMappings, and wsman). */
bool service_is_host_mapped(const char *service);

#endif
