/* SPDX-License-Identifier: MIT */
#include "report/parts.h"

#include "asn1/names.h"
#include "report/when.h"

static void opened_by(struct json *json, const struct ticket *ticket)
{
    size_t i;

    if (!ticket->tried) {
        json_null(json, "opened_by");
        return;
    }
    json_array(json, "opened_by");
    for (i = 0; i < ticket->opened_by.num; i++) {
        const struct opener *by = &ticket->opened_by.at[i];

        json_flat_object(json, NULL);
        json_text(json, "principal", by->principal);
        json_int(json, "kvno", by->kvno);
        json_int(json, "etype", by->etype);
        json_end_object(json);
    }
    json_end_array(json);
}

void json_ticket(struct json *json, const char *key, const struct ticket *ticket)
{
    if (ticket == NULL) {
        json_null(json, key);
        return;
    }
    json_object(json, key);
    json_text(json, "realm", ticket->realm);
    json_text(json, "sname", ticket->sname);
    json_optint(json, "etype", ticket->etype);
    json_text(json, "etype_name", ticket->etype.set ? krb_etype_name(ticket->etype.value) : NULL);
    json_optint(json, "kvno", ticket->kvno);
    json_digest(json, "sha256", &ticket->sha256);
    opened_by(json, ticket);
    json_end_object(json);
}

void json_kerberos_time(struct json *json, const char *key, struct optint seconds,
                        struct optint microseconds, int digits)
{
    char room[WHEN_TEXT_ROOM];
    int64_t us = microseconds.set ? microseconds.value : 0;

    if (us < 0 || us > 999999) /* RFC 4120, 5.2.4 */
        us = 0;
    json_text(json, key, seconds.set ? when_seconds(seconds.value, us * 1000, digits, room) : NULL);
}
