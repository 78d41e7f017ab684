/* SPDX-License-Identifier: MIT */
#include "correlate/messages.h"

enum {
    MSG_AP_REQ = 14,
    MSG_AP_REP = 15,
    MSG_ERROR = 30,
    LOOK_BACK = 512 /* attempts before this one that are looked at */
};

bool messages_is_one(const struct observation *seen, bool *out_response, int64_t *out_request)
{
    switch (seen->kind) {
    case KIND_http:
        *out_response = seen->http->response;
        *out_request = seen->http->request;
        return true;
    case KIND_smb2:
        *out_response = seen->smb2->response;
        *out_request = seen->smb2->request;
        return true;
    case KIND_ldap:
        *out_response = seen->ldap->response;
        *out_request = seen->ldap->request;
        return true;
    case KIND_dcerpc:
        *out_response = seen->dcerpc->response;
        *out_request = seen->dcerpc->request;
        return true;
    default:
        return false;
    }
}

void messages_index(struct join *join)
{
    size_t i;

    for (i = 0; i < join->log->num; i++) {
        const struct observation *seen = &join->log->at[i];
        bool response;
        int64_t request;

        if (messages_is_one(seen, &response, &request)) {
            map_add(&join->flow_messages, join_key_flow(&seen->source), seen->id);
            if (response && request != 0)
                map_add(&join->replies, join_key_id(request), seen->id);
        }
        switch (seen->kind) {
        case KIND_gss:
            if (seen->gss->message != 0)
                map_add(&join->children, join_key_id(seen->gss->message), seen->id);
            break;
        case KIND_ntlm:
            if (seen->ntlm->message != 0)
                map_add(&join->children, join_key_id(seen->ntlm->message), seen->id);
            break;
        case KIND_krb:
            if (seen->krb->gss != 0 && !seen->krb->inside.set)
                map_add(&join->children, join_key_id(seen->krb->gss), seen->id);
            break;
        case KIND_conn:
            map_add(&join->conns, join_key_flow(&seen->source), seen->id);
            break;
        case KIND_tls:
            if (seen->tls->message != NULL && strcmp(seen->tls->message, "ClientHello") == 0)
                map_add(&join->hello, join_key_host(join, &seen->source.src), seen->id);
            break;
        default:
            break;
        }
    }
}

static void take_krb(const struct join *join, int64_t gss, struct tokens *out)
{
    size_t at = 0;
    int64_t id;

    while (map_next(&join->children, join_key_id(gss), &at, &id)) {
        const struct krb *krb = case_krb(join->out, id);

        if (krb == NULL)
            continue;
        if (krb->msg_type == MSG_AP_REQ)
            out->ap_req = id;
        else if (krb->msg_type == MSG_AP_REP)
            out->ap_rep = id;
        else if (krb->msg_type == MSG_ERROR)
            out->error = id;
    }
}

struct tokens messages_tokens(const struct join *join, int64_t message)
{
    struct tokens out = {0};
    size_t at = 0;
    int64_t id;

    if (message == 0)
        return out;
    while (map_next(&join->children, join_key_id(message), &at, &id)) {
        const struct observation *seen = log_find(join->log, id);

        if (seen->kind == KIND_ntlm) {
            out.ntlm = id;
        } else if (seen->kind == KIND_gss) {
            out.gss = id;
            take_krb(join, id, &out);
        }
    }
    return out;
}

/* E8: the computer that says its name in an NTLM CHALLENGE on the same connection. */
void messages_explain_computer(struct join *join, struct attempt *attempt,
                               const struct source *flow)
{
    size_t at = 0;
    int64_t id;

    while (map_next(&join->flow_messages, join_key_flow(flow), &at, &id)) {
        struct tokens tokens = messages_tokens(join, id);
        const struct ntlm *ntlm = case_ntlm(join->out, tokens.ntlm);

        if (ntlm == NULL || ntlm->msg_type != 2)
            continue;
        attempt->server_computer =
            ntlm->dns_computer != NULL ? ntlm->dns_computer : ntlm->nb_computer;
        attempt->server_computer_from = tokens.ntlm;
    }
}

void attempt_end(struct attempt *attempt, enum outcome outcome, const char *how)
{
    attempt->outcome = outcome;
    attempt->ended_by = how;
}

/* No response was seen: was the connection cut off? */
void messages_judge_silence(struct join *join, struct attempt *attempt, const struct source *flow)
{
    size_t at = 0;
    int64_t id;

    while (map_next(&join->conns, join_key_flow(flow), &at, &id)) {
        const struct observation *seen = log_find(join->log, id);

        if (seen->conn->what == NULL || strcmp(seen->conn->what, "reset") != 0)
            continue;
        attempt->conn = id;
        attempt_end(attempt, OUTCOME_FAILED, "connection reset in place of an answer");
        return;
    }
    attempt_end(attempt, OUTCOME_UNKNOWN, "no answer in the capture");
}

/* When a connection began, for what DNS answers are held against: the request at the latest. */
int64_t messages_begin_ns(const struct join *join, const struct observation *request)
{
    struct source begin = request->source;
    size_t at = 0;
    int64_t id;

    if (begin.first_ns != 0)
        begin.time_ns = begin.first_ns;
    while (map_next(&join->flow_messages, join_key_flow(&request->source), &at, &id)) {
        const struct source *source = &log_find(join->log, id)->source;

        if (source->first_ns != 0 && source->first_ns < begin.time_ns)
            begin.time_ns = source->first_ns;
    }
    return join_time_ns(join, &begin);
}

/* The same client failed with Kerberos at the same server just before: NTLM then belongs to that
 * attempt. */
struct attempt *messages_failed_before(struct join *join, const struct observation *request)
{
    size_t i, looked = 0;

    for (i = join->out->num_attempts; i > 0 && looked++ < LOOK_BACK; i--) {
        struct attempt *old = &join->out->attempts[i - 1];
        const struct source *last = case_source(join->out, old->request);

        if (old->outcome == OUTCOME_FAILED && old->ap_request != 0 &&
            old->capture == request->source.capture &&
            join_same_host(join, &old->client, &request->source.src) &&
            address_equal(&old->server, &request->source.dst) &&
            join_time_ns(join, &request->source) - join_time_ns(join, last) < 30 * SECOND_NS)
            return old;
        if (old->capture != request->source.capture || last == NULL ||
            join_time_ns(join, &request->source) - join_time_ns(join, last) > 60 * SECOND_NS)
            break;
    }
    return NULL;
}
