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

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

/* Errors that say that a service could not open a ticket; krbtgt's are a KDC's own. */
static bool is_refusal(int64_t code, const char *server)
{
    return (code == 31 || code == 35 || code == 36 || code == 41 || code == 44 || code == 45) &&
           !is_empty(server) && strncasecmp(server, "krbtgt/", 7) != 0;
}

bool told_parse(struct told *out, const struct observation *seen)
{
    memset(out, 0, sizeof(*out));
    if (seen == NULL)
        return false;
    switch (seen->kind) {
    case KIND_event4:
        *out = (struct told){ERR_MODIFIED,         seen->event4->server, seen->event4->server_realm,
                             seen->event4->target, seen->event4->time,   "Event ID 4"};
        return !is_empty(out->server);
    case KIND_event3:
        *out = (struct told){seen->event3->error_code.set ? seen->event3->error_code.value : 0,
                             seen->event3->server_name,
                             seen->event3->server_realm,
                             seen->event3->target_name,
                             seen->event3->time,
                             "Event ID 3"};
        return is_refusal(out->code, out->server);
    case KIND_netmon:
        *out = (struct told){seen->netmon->error_code.value,
                             seen->netmon->sname,
                             seen->netmon->realm,
                             NULL,
                             NULL,
                             "The decoded frame"};
        return is_refusal(out->code, out->server);
    default:
        return false;
    }
}

/* The same failure told before: by the same kind of line, or by one that says more. */
static bool is_known(const struct log *log, size_t at)
{
    struct told one, other;
    size_t i;

    told_parse(&one, &log->at[at]);
    for (i = 0; i < log->num; i++) {
        if (i == at || !told_parse(&other, &log->at[i]) || !equal(one.server, other.server))
            continue;
        if (equal(one.target, other.target) ? i < at
                                            : is_empty(one.target) && !is_empty(other.target))
            return true;
    }
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

size_t event_attempts(struct attempt **out, const struct index *index, struct arena *arena,
                      bool *out_more)
{
    const struct log *log = &index->evidence;
    struct told told;
    size_t num = 0, i;

    *out = arena_take(arena, LIMIT_STANDING + 1, sizeof(**out));
    *out_more = false;
    for (i = 0; i < log->num && !*out_more; i++) {
        struct attempt *a = &(*out)[num];

        if (!told_parse(&told, &log->at[i]) || is_known(log, i))
            continue;
        if (num == LIMIT_STANDING) {
            *out_more = true;
            break;
        }
        a->capture = log->at[i].source.capture;
        a->carrier = "event";
        if (!is_empty(told.target))
            set_spn(a, arena, told.target);
        a->outcome = OUTCOME_FAILED;
        a->ended_by = told.by;
        a->error = log->at[i].id;
        a->error_origin = ORIGIN_ACCEPTOR;
        num++;
    }
    return num;
}

const struct krb *event_error(const struct log *log, int64_t observation, struct arena *arena)
{
    struct told told;
    struct krb *krb;

    if (!told_parse(&told, log_find(log, observation)))
        return NULL;
    krb = arena_take(arena, 1, sizeof(*krb));
    krb->msg_type = MSG_ERROR;
    krb->error_code = optint(told.code);
    krb->realm = told.realm;
    krb->sname = told.server;
    return krb;
}
