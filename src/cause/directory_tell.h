/* SPDX-License-Identifier: MIT */
/* The findings that a directory's export carries by itself, in words. Each appends one. */
#ifndef KRBWHY_CAUSE_DIRECTORY_TELL_H
#define KRBWHY_CAUSE_DIRECTORY_TELL_H

#include "cause/standing.h"

/* num, 2 and more, of the owners hold the SPN in the form that wins. */
void directory_tell_duplicate(struct standing *s, const char *spn, const struct owners *owners,
                              size_t num);

/* HTTP/ on one account hides HOST/ of the same name on a computer. */
void directory_tell_shadow(struct standing *s, const char *spn, const struct owner *holder,
                           const struct owner *host);

/* The userPrincipalName of `upn`, said at observation `from`, equals an SPN of `holder`. */
void directory_tell_upn(struct standing *s, const char *spn, const struct owner *upn,
                        const struct owner *holder, int64_t from);

/* An SPN, said at observation `from`, breaks a rule of form (spn_malformed). */
void directory_tell_malformed(struct standing *s, const char *spn, int64_t from, const char *rule);

#endif
