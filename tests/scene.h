/* SPDX-License-Identifier: MIT */
/* Cases built by hand, for the tests of causes: a log, attempts over it, and what is said of them.
 */
#ifndef KRBWHY_TESTS_SCENE_H
#define KRBWHY_TESTS_SCENE_H

#include "cause/finding.h"

enum { SCENE_ATTEMPTS = 8 };

struct scene {
    struct log log;
    struct joined_case joined;
    struct attempt attempts[SCENE_ATTEMPTS];
    struct dns_step steps[SCENE_ATTEMPTS][6];
    struct findings findings;
    int64_t frame; /* of the last observation */
};

/* A refused attempt: fresh ticket of kvno 3 and etype 18 in realm CORP.EXAMPLE for `spn`, with
 * `asked` as the Host header, DNS not seen. Everything can be changed before scene_judge. */
struct attempt *scene_attempt(struct scene *scene, const char *asked, const char *spn);

/* DNS said that asked_for has the server's address, straight or by a CNAME to `target`. */
void scene_address(struct scene *scene, struct attempt *attempt);
void scene_cname(struct scene *scene, struct attempt *attempt, const char *target);
void scene_nxdomain(struct scene *scene, struct attempt *attempt, const char *name);
void scene_ptr(struct scene *scene, struct attempt *attempt, const char *name);

/* The acceptor's error; `sname` NULL repeats the ticket's. */
void scene_error(struct scene *scene, struct attempt *attempt, int64_t code, const char *realm,
                 const char *sname);
/* A KDC's error in place of a ticket. */
void scene_kdc_error(struct scene *scene, struct attempt *attempt, int64_t code);
void scene_success(struct attempt *attempt);
/* Changes the ticket: kvno, etype; `digest` tells tickets apart. */
void scene_ticket(struct scene *scene, struct attempt *attempt, int64_t kvno, int64_t etype,
                  int digest);
/* The ticket came from the client's cache. */
void scene_cached(struct attempt *attempt);
/* A TGS-REP that is no part of an attempt. */
int64_t scene_reply(struct scene *scene, const char *spn, int64_t kvno, int64_t etype,
                    const char *kdc);
/* Any Kerberos message, from one address to another, to or from a KDC. */
int64_t scene_krb(struct scene *scene, const struct krb *krb, const char *src, const char *dst);

/* A fact of an evidence file. */
int64_t scene_fact(struct scene *scene, enum kind kind, const void *record);
/* An account with one or two SPNs (NULL none) and a userPrincipalName. */
int64_t scene_account(struct scene *scene, const char *name, const char *dn, const char *spn,
                      const char *other_spn, const char *upn);
/* Keys were tried on the attempt's ticket; `principal` NULL: none opens it. */
void scene_key(struct scene *scene, struct attempt *attempt, const char *principal, int64_t kvno);

struct address scene_address_of(const char *text);

/* Judges; the first finding, or NULL. */
const struct finding *scene_judge(struct scene *scene);
void scene_clear(struct scene *scene);

bool scene_has(const struct finding *finding, const char *alternative);
/* The sentence that refutes this cause; NULL when it is not refuted. */
const char *scene_refuted(const struct finding *finding, const char *cause);

#endif
