/* SPDX-License-Identifier: MIT */
/* Pieces of JSON that reports and events have in common. */
#ifndef KRBWHY_REPORT_PARTS_H
#define KRBWHY_REPORT_PARTS_H

#include "report/json.h"

/* realm, sname, etype, etype_name, kvno, sha256, opened_by; null for NULL. opened_by is null when
 * no keys were tried on it. */
void json_ticket(struct json *json, const char *key, const struct ticket *ticket);

/* A KerberosTime with microseconds: RFC 3339, null when absent or outside of its years. digits: of
 * the fraction. */
void json_kerberos_time(struct json *json, const char *key, struct optint seconds,
                        struct optint microseconds, int digits);

#endif
