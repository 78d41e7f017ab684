/* SPDX-License-Identifier: MIT */
/* Attempts over HTTP: a request that carries a token, and what the server made of it. */
#include <strings.h>

#include "correlate/messages.h"

enum { NEG_REJECT = 2 };

/* The final response to a request: not 100-continue and the like. */
static int64_t reply_to(const struct join *join, int64_t request)
{
    size_t at = 0;
    int64_t id, best = 0;

    while (map_next(&join->replies, join_key_id(request), &at, &id)) {
        const struct http *http = case_http(join->out, id);

        if (http->status.set && http->status.value >= 100 && http->status.value < 200)
            continue;
        best = id; /* the oldest */
    }
    return best;
}

static bool header_is(const struct auth *auth, const char *header)
{
    return auth->header != NULL && strcasecmp(auth->header, header) == 0;
}

static bool scheme_is(const struct auth *auth, const char *scheme)
{
    return auth->scheme != NULL && strcasecmp(auth->scheme, scheme) == 0;
}

static bool has_scheme(const struct http *http, const char *header, const char *scheme)
{
    size_t i;

    for (i = 0; http != NULL && i < http->auths.num; i++)
        if (header_is(&http->auths.at[i], header) && scheme_is(&http->auths.at[i], scheme))
            return true;
    return false;
}

/* Host and path of "http://host:port/path"; NULL when the target has no authority. */
static const char *absolute_host(struct join *join, const char *target, const char **out_path)
{
    const char *host = target == NULL ? NULL : strstr(target, "://"), *end;

    if (host == NULL || strcspn(target, "/?") < (size_t)(host - target))
        return NULL;
    host += 3;
    end = host + strcspn(host, "/?#");
    *out_path = *end == '\0' ? "/" : end;
    return arena_text(join->arena, (struct bytes){(const uint8_t *)host, (size_t)(end - host)});
}

/* E1: whom the client meant. */
static void explain_target(struct join *join, struct attempt *attempt, const struct http *request,
                           int64_t begin_ns)
{
    const char *path = request->target, *host = absolute_host(join, request->target, &path);
    bool connect = request->method != NULL && strcmp(request->method, "CONNECT") == 0;

    attempt->user_agent = request->user_agent;
    attempt->path = connect ? NULL : path;
    if (attempt->proxy) {
        attempt->asked_for = names_for_address(join, &attempt->client, &attempt->server, begin_ns);
        attempt->asked_how = "DNS query for the proxy's address";
        return;
    }
    attempt->through_proxy = host != NULL || connect;
    attempt->asked_how = host != NULL ? "URI of the request" : "Host header";
    if (host == NULL && connect) {
        host = request->target;
        attempt->asked_how = "CONNECT";
    }
    if (host == NULL)
        host = request->host;
    if (host != NULL)
        join_split_host(join, attempt, host);
}

static void judge_reply(struct join *join, struct attempt *attempt, const struct tokens *reply,
                        const struct source *flow)
{
    const struct http *http = case_http(join->out, attempt->reply);
    const struct gss *gss = case_gss(join->out, reply->gss);
    int64_t status = http != NULL && http->status.set ? http->status.value : 0;
    bool refused = status == 401 || status == 407;

    attempt->gss_reply = reply->gss;
    attempt->ap_reply = reply->ap_rep;
    if (reply->error != 0) {
        attempt->error = reply->error;
        attempt->error_origin = ORIGIN_ACCEPTOR;
        attempt_end(attempt, OUTCOME_FAILED,
                    status == 407 ? "KRB-ERROR in the 407"
                    : refused     ? "KRB-ERROR in the 401"
                                  : "KRB-ERROR in the answer");
    } else if (reply->ap_rep != 0) {
        attempt_end(attempt, OUTCOME_SUCCEEDED,
                    refused ? "AP-REP: the ticket was opened, access was refused for another reason"
                            : "AP-REP");
    } else if (gss != NULL && gss->neg_state.set && gss->neg_state.value == NEG_REJECT) {
        attempt_end(attempt, OUTCOME_FAILED, "SPNEGO reject without a KRB-ERROR");
    } else if (http == NULL) {
        messages_judge_silence(join, attempt, flow);
    } else if (refused) {
        attempt_end(attempt, OUTCOME_FAILED,
                    reply->gss != 0 ? "401 with a token that holds no KRB-ERROR"
                    : status == 407 ? "407 without a token"
                                    : "401 without a token");
    } else if (status == 400 || status == 413 || status == 431) {
        attempt_end(attempt, OUTCOME_FAILED, "the request itself was refused (400, 413 or 431)");
    } else if (status >= 500) {
        attempt_end(attempt, OUTCOME_UNKNOWN, "the server failed (5xx)");
    } else {
        attempt_end(attempt, OUTCOME_SUCCEEDED, "the request was served");
    }
}

struct attempt *http_begin_attempt(struct join *join, const struct observation *request)
{
    struct attempt *attempt = join_attempt(join, &request->source);

    attempt->carrier = "http";
    attempt->request = request->id;
    attempt->reply = reply_to(join, request->id);
    attempt->proxy = has_scheme(request->http, "Proxy-Authorization", "Negotiate") ||
                     has_scheme(request->http, "Proxy-Authorization", "Kerberos") ||
                     has_scheme(request->http, "Proxy-Authorization", "NTLM");
    explain_target(join, attempt, request->http, messages_begin_ns(join, request));
    messages_explain_computer(join, attempt, &request->source);
    return attempt;
}

static void add_ticket_attempt(struct join *join, const struct observation *request,
                               const struct tokens *tokens)
{
    struct attempt *attempt = http_begin_attempt(join, request);
    const struct krb *ap = case_krb(join->out, tokens->ap_req);
    struct tokens reply = messages_tokens(join, attempt->reply);

    attempt->gss_request = tokens->gss;
    attempt->ap_request = tokens->ap_req;
    attempt->ticket = ap == NULL ? NULL : ap->ticket;
    if (attempt->ticket != NULL && attempt->ticket->sname != NULL) {
        attempt->spn = attempt->ticket->sname;
        join_split_spn(join, attempt);
    }
    exchanges_explain(join, attempt, join_time_ns(join, &request->source));
    names_explain(join, attempt, messages_begin_ns(join, request));
    names_explain_ptr(join, attempt, join_time_ns(join, &request->source));
    judge_reply(join, attempt, &reply, &request->source);
}

/* NTLM inside Negotiate: the client could have used Kerberos and did not. kdc_attempts says why. */
static void add_ntlm_attempt(struct join *join, const struct observation *request,
                             const struct tokens *tokens)
{
    const struct ntlm *ntlm = case_ntlm(join->out, tokens->ntlm);
    struct attempt *attempt;

    if (ntlm->msg_type != 1)
        return;
    attempt = messages_failed_before(join, request);
    if (attempt != NULL) {
        attempt->ntlm = tokens->ntlm;
        attempt->fallback = "NTLM";
        return;
    }
    if (!has_scheme(request->http, "Authorization", "Negotiate") &&
        !has_scheme(request->http, "Proxy-Authorization", "Negotiate"))
        return;
    attempt = http_begin_attempt(join, request);
    attempt->gss_request = tokens->gss;
    attempt->ntlm = tokens->ntlm;
    attempt->fallback = "NTLM";
    names_explain(join, attempt, messages_begin_ns(join, request));
    attempt_end(attempt, OUTCOME_FELL_BACK, "NTLM in place of Kerberos");
}

/* Basic after a refused ticket; Basic after a KDC's refusal is found by kdc_attempts, and Basic
 * alone is no failure. */
static void note_basic(struct join *join, const struct observation *request)
{
    struct attempt *attempt = messages_failed_before(join, request);

    if (attempt != NULL && attempt->fallback == NULL)
        attempt->fallback = "Basic";
    map_add(&join->basics, join_key_host(join, &request->source.src), request->id);
}

/* A first token for Kerberos of which the capture kept too little to see the AP-REQ in it. */
static bool cut_kerberos(const struct gss *gss)
{
    static const char krb5[] = "1.2.840.113554.1.2.2", microsoft[] = "1.2.840.48018.1.2.2";
    const char *mech;

    if (gss == NULL || gss->token == NULL)
        return false;
    if (strcmp(gss->token, "krb5") == 0)
        return !gss->tok_id.set || gss->tok_id.value == 0x0100;
    mech = gss->mech != NULL ? gss->mech : gss->mechs.num > 0 ? gss->mechs.at[0] : "";
    return strncmp(gss->token, "NegTokenInit", 12) == 0 &&
           (strcmp(mech, krb5) == 0 || strcmp(mech, microsoft) == 0);
}

void http_attempts(struct join *join)
{
    size_t i;

    for (i = 0; i < join->log->num; i++) {
        const struct observation *seen = &join->log->at[i];
        struct tokens tokens;

        if (seen->kind != KIND_http || seen->http->response || seen->http->auths.num == 0)
            continue;
        tokens = messages_tokens(join, seen->id);
        if (tokens.ap_req != 0 ||
            (tokens.ntlm == 0 && cut_kerberos(case_gss(join->out, tokens.gss))))
            add_ticket_attempt(join, seen, &tokens);
        else if (tokens.ntlm != 0)
            add_ntlm_attempt(join, seen, &tokens);
        else if (has_scheme(seen->http, "Authorization", "Basic"))
            note_basic(join, seen);
    }
}
