/* SPDX-License-Identifier: MIT */
#include "cause/event_attempt.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"

enum { MSG_ERROR = 30, ERR_MODIFIED = 41 };

static bool equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcasecmp(a, b) == 0);
}

static bool is_known(const struct log *log, size_t at)
{
    size_t i;

    for (i = 0; i < at; i++)
        if (log->at[i].kind == KIND_event4 &&
            equal(log->at[i].event4->server, log->at[at].event4->server) &&
            equal(log->at[i].event4->target, log->at[at].event4->target))
            return true;
    return false;
}

static const char *cut(struct arena *arena, const char *text, size_t len)
{
    return arena_text(arena, (struct bytes){(const uint8_t *)text, len});
}

static void set_spn(struct attempt *a, struct arena *arena, const char *target)
{
    const char *slash, *host, *colon;

    a->spn = cut(arena, target, strcspn(target, "@"));
    slash = strchr(a->spn, '/');
    if (slash == NULL || slash == a->spn || slash[1] == '\0')
        return;
    a->spn_service = cut(arena, a->spn, (size_t)(slash - a->spn));
    host = slash + 1;
    colon = strchr(host, ':');
    a->spn_host = cut(arena, host, strcspn(host, ":/"));
    if (colon != NULL && colon[1] >= '0' && colon[1] <= '9')
        a->spn_port = cut(arena, colon + 1, strspn(colon + 1, "0123456789"));
}

size_t event_attempts(struct attempt **out, const struct index *index, struct arena *arena)
{
    const struct log *log = &index->evidence;
    size_t num = 0, i;

    *out = arena_take(arena, LIMIT_STANDING, sizeof(**out));
    for (i = 0; i < log->num && num < LIMIT_STANDING; i++) {
        struct attempt *a = &(*out)[num];

        if (log->at[i].kind != KIND_event4 || log->at[i].event4->target == NULL || is_known(log, i))
            continue;
        a->capture = log->at[i].source.capture;
        a->carrier = "event";
        set_spn(a, arena, log->at[i].event4->target);
        a->outcome = OUTCOME_FAILED;
        a->ended_by = "Event ID 4 on the client";
        a->error = log->at[i].id;
        a->error_origin = ORIGIN_ACCEPTOR;
        num++;
    }
    return num;
}

const struct krb *event_error(const struct log *log, int64_t observation, struct arena *arena)
{
    const struct observation *seen = log_find(log, observation);
    struct krb *krb;

    if (seen == NULL || seen->kind != KIND_event4)
        return NULL;
    krb = arena_take(arena, 1, sizeof(*krb));
    krb->msg_type = MSG_ERROR;
    krb->error_code = optint(ERR_MODIFIED);
    krb->realm = seen->event4->server_realm;
    krb->sname = seen->event4->server;
    return krb;
}
