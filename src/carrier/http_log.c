/* SPDX-License-Identifier: MIT */
#include "carrier/http_log.h"

#include "base/base64.h"
#include "base/limits.h"
#include "carrier/token.h"
#include "protocol/http.h"
#include "protocol/http_auth.h"

struct found {
    struct auth auth[LIMIT_HTTP_AUTHS];
    struct bytes token[LIMIT_HTTP_AUTHS]; /* in base64; empty where there is none */
    size_t num;
    bool more; /* than fit */
};

/* Clean text in one line; NULL for an absent field. */
static const char *text_of(struct arena *arena, struct bytes value)
{
    char *line;

    if (value.at == NULL)
        return NULL;
    line = arena_take(arena, value.len, 1);
    return arena_text(arena, (struct bytes){(const uint8_t *)line, http_unfold(value, line)});
}

static const char *target_of(struct arena *arena, struct bytes target)
{
    char *clean = arena_take(arena, target.len, 1);

    return arena_text(arena,
                      (struct bytes){(const uint8_t *)clean, http_clean_target(target, clean)});
}

static void add(struct arena *arena, struct found *found, const char *field, bool further,
                const struct http_challenge *challenge)
{
    struct auth *auth;

    if (found->num == LIMIT_HTTP_AUTHS) {
        found->more = true;
        return;
    }
    auth = &found->auth[found->num];
    auth->header = field;
    auth->scheme = arena_text(arena, challenge->scheme);
    auth->value_len = (int64_t)challenge->value_len;
    auth->further = further;
    if (http_scheme_has_token(challenge->scheme))
        found->token[found->num] = challenge->token;
    found->num++;
}

static void find_auths(struct arena *arena, const struct http_head *head, struct found *found)
{
    struct bytes fields = head->fields, line;
    struct http_field field;

    found->num = 0;
    found->more = false;
    memset(found->token, 0, sizeof(found->token));
    while (http_take_field(&fields, &field, NULL)) {
        const char *name = http_auth_field(field.name);
        struct http_challenge challenge;
        size_t at = 0;
        char *text;

        if (name == NULL)
            continue;
        text = arena_take(arena, field.value.len, 1);
        line = (struct bytes){(const uint8_t *)text, http_unfold(field.value, text)};
        http_first_challenge(line, !head->response, &challenge);
        add(arena, found, name, false, &challenge);
        while (head->response && http_next_challenge(line, &at, &challenge))
            add(arena, found, name, true, &challenge);
    }
}

static void observe_tokens(struct carriage *carriage, const struct source *source,
                           const struct found *found, int64_t id)
{
    size_t i;

    for (i = 0; i < found->num; i++) {
        struct source own = *source;
        struct bytes token;

        if (found->token[i].len == 0)
            continue;
        if (!base64_decode(carriage->scratch, found->token[i], &token) && own.damaged == NULL)
            own.damaged = "malformed";
        token_observe(carriage, &own, token, id, (int64_t)i);
    }
}

int64_t http_log(struct carriage *carriage, const struct http_message *message, int64_t request)
{
    const struct source *source = &message->source;
    const struct http_head *parsed = message->parsed;
    struct arena *arena = carriage->scratch;
    struct http http = {0};
    struct http_head again;
    struct found found;
    int64_t id;

    if (parsed == NULL) {
        if (!http_parse_head(message->head, &again))
            return 0;
        parsed = &again;
    }
    http.response = parsed->response;
    http.method = text_of(arena, parsed->method);
    if (!parsed->response)
        http.target = target_of(arena, parsed->target);
    http.host = text_of(arena, parsed->host);
    if (parsed->response)
        http.status = optint(parsed->status);
    http.reason = text_of(arena, parsed->reason);
    http.server = text_of(arena, parsed->server);
    http.user_agent = text_of(arena, parsed->user_agent);
    http.via = text_of(arena, parsed->via);
    http.date_s.set = http_parse_date(parsed->date, &http.date_s.value);
    if (parsed->has_length && !parsed->bad_length)
        http.content_length = optint((int64_t)parsed->length);
    http.header_len = (int64_t)message->head.len;
    find_auths(arena, parsed, &found);
    http.auths = (struct auth_list){found.auth, found.num};
    http.closes = parsed->close || (parsed->minor == 0 && !parsed->keep_alive);
    http.persistent_auth = parsed->persistent_auth;
    http.request = request;
    http.number = message->number;
    id = log_append(carriage->log, KIND_http, source, &http);
    if (found.more)
        carrier_limit(carriage, CARRIER_HTTP_AUTHS, source);
    observe_tokens(carriage, source, &found, id);
    return id;
}
