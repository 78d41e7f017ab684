/* SPDX-License-Identifier: MIT */
/* Attempts over protocols whose requests bind a security context and are answered one by one: SMB2,
 * LDAP, DCE/RPC. */
#include "correlate/messages.h"

enum {
    NEG_COMPLETED = 0,
    NEG_REJECT = 2,
    LDAP_SUCCESS = 0,
    LDAP_IN_PROGRESS = 14, /* saslBindInProgress */
    LDAP_REFUSED = 49,     /* invalidCredentials */
    LDAP_OTHER = 80,       /* Cyrus SASL behind OpenLDAP, where GSS-API failed */
    FAULT_DENIED = 5,      /* ERROR_ACCESS_DENIED */
    FAULT_PACKAGE = 1825   /* RPC_S_SEC_PKG_ERROR */
};

/* What an answer without a telling token says. */
struct ending {
    enum outcome outcome;
    const char *how;
};

/* NTSTATUS of a SESSION_SETUP ([MS-ERREF] 2.3.1, [MS-SMB2] 3.3.5.5.3): those that a ticket nobody
 * can open leads to; with the others somebody opened it, or did not come to it. */
static const struct status {
    int64_t status;
    enum outcome outcome;
    const char *how;
} statuses[] = {
    {0, OUTCOME_SUCCEEDED, "the session was set up"},
    {0xC0000016, OUTCOME_UNKNOWN, "the negotiation goes on, without a KRB-ERROR"},
    {0xC000006D, OUTCOME_FAILED, "STATUS_LOGON_FAILURE without a KRB-ERROR"},
    {0xC000006A, OUTCOME_FAILED, "STATUS_WRONG_PASSWORD without a KRB-ERROR"},
    {0xC0000022, OUTCOME_FAILED, "STATUS_ACCESS_DENIED without a KRB-ERROR"},
    {0xC000035B, OUTCOME_FAILED, "STATUS_BAD_BINDINGS: the channel does not fit the log-on"},
};

static struct ending end_of_smb2(struct join *join, const struct smb2 *smb2)
{
    size_t i;

    for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (smb2->status.set && statuses[i].status == smb2->status.value)
            return (struct ending){statuses[i].outcome, statuses[i].how};
    return (struct ending){OUTCOME_UNKNOWN,
                           arena_print(join->arena,
                                       "refused with NTSTATUS 0x%08llx, not over the ticket",
                                       (unsigned long long)smb2->status.value & 0xFFFFFFFF)};
}

static struct ending end_of_ldap(struct join *join, const struct ldap *ldap)
{
    int64_t code = ldap->result.value;

    if (!ldap->result.set)
        return (struct ending){OUTCOME_UNKNOWN, "the answer cannot be read"};
    if (code == LDAP_SUCCESS)
        return (struct ending){OUTCOME_SUCCEEDED, "the bind succeeded"};
    if (code == LDAP_IN_PROGRESS)
        return (struct ending){OUTCOME_UNKNOWN, "the bind goes on, without a KRB-ERROR"};
    if (code == LDAP_REFUSED || code == LDAP_OTHER)
        return (struct ending){OUTCOME_FAILED, code == LDAP_REFUSED
                                                   ? "invalidCredentials (49) without a KRB-ERROR"
                                                   : "other (80) without a KRB-ERROR"};
    return (struct ending){OUTCOME_UNKNOWN,
                           arena_print(join->arena,
                                       "refused with LDAP code %lld, not over the ticket",
                                       (long long)code)};
}

static struct ending end_of_dcerpc(struct join *join, const struct dcerpc *dcerpc)
{
    if (dcerpc->type != NULL && strcmp(dcerpc->type, "bind_nak") == 0)
        return (struct ending){OUTCOME_FAILED, "bind_nak without a KRB-ERROR"};
    if (dcerpc->type == NULL || strcmp(dcerpc->type, "fault") != 0)
        return (struct ending){OUTCOME_UNKNOWN, "the bind was answered without a token"};
    if (dcerpc->reason.set &&
        (dcerpc->reason.value == FAULT_DENIED || dcerpc->reason.value == FAULT_PACKAGE))
        return (struct ending){OUTCOME_FAILED, "RPC fault without a KRB-ERROR"};
    return (struct ending){OUTCOME_UNKNOWN,
                           arena_print(join->arena, "RPC fault 0x%08llx, not over the ticket",
                                       (unsigned long long)dcerpc->reason.value & 0xFFFFFFFF)};
}

static struct ending end_of(struct join *join, const struct observation *reply)
{
    switch (reply->kind) {
    case KIND_smb2:
        return end_of_smb2(join, reply->smb2);
    case KIND_ldap:
        return end_of_ldap(join, reply->ldap);
    case KIND_dcerpc:
        return end_of_dcerpc(join, reply->dcerpc);
    default:
        return (struct ending){OUTCOME_UNKNOWN, "the answer cannot be read"};
    }
}

static void judge_reply(struct join *join, struct attempt *attempt, const struct source *flow)
{
    const struct observation *reply = log_find(join->log, attempt->reply);
    struct tokens tokens = messages_tokens(join, attempt->reply);
    const struct gss *gss = case_gss(join->out, tokens.gss);
    struct ending ending;

    attempt->gss_reply = tokens.gss;
    attempt->ap_reply = tokens.ap_rep;
    if (tokens.error != 0) {
        attempt->error = tokens.error;
        attempt->error_origin = ORIGIN_ACCEPTOR;
        attempt_end(attempt, OUTCOME_FAILED, "KRB-ERROR in the answer");
        return;
    }
    if (reply == NULL) {
        messages_judge_silence(join, attempt, flow);
        return;
    }
    ending = end_of(join, reply);
    if (tokens.ap_rep != 0)
        ending = (struct ending){OUTCOME_SUCCEEDED, "AP-REP"};
    else if (gss != NULL && gss->neg_state.set && gss->neg_state.value == NEG_REJECT)
        ending = (struct ending){OUTCOME_FAILED, "SPNEGO reject without a KRB-ERROR"};
    else if (gss != NULL && gss->neg_state.set && gss->neg_state.value == NEG_COMPLETED)
        ending = (struct ending){OUTCOME_SUCCEEDED, "SPNEGO: accepted"};
    attempt_end(attempt, ending.outcome, ending.how);
}

/* The first answer to a request; 0: none was seen. */
static int64_t reply_to(const struct join *join, int64_t request)
{
    size_t at = 0;
    int64_t id, first = 0;

    while (map_next(&join->replies, join_key_id(request), &at, &id))
        first = id; /* the oldest comes last */
    return first;
}

/* The share that was connected to on this connection: "\\\\server\\share" says whom the user
 * meant. */
static bool take_tree(struct join *join, struct attempt *attempt, const struct source *flow)
{
    size_t at = 0, len;
    int64_t id;

    while (map_next(&join->flow_messages, join_key_flow(flow), &at, &id)) {
        const struct smb2 *smb2 = case_smb2(join->out, id);
        const char *host = smb2 == NULL ? NULL : smb2->tree;

        if (host == NULL || host[0] != '\\' || host[1] != '\\')
            continue;
        len = strcspn(host + 2, "\\");
        join_split_host(join, attempt,
                        arena_text(join->arena, (struct bytes){(const uint8_t *)host + 2, len}));
        attempt->asked_how = "share that was connected to";
    }
    return attempt->asked_for != NULL;
}

/* E1: whom the client meant. */
static void explain_target(struct join *join, struct attempt *attempt, const struct source *request)
{
    int64_t before_ns = join_time_ns(join, request);

    if (take_tree(join, attempt, request))
        return;
    if (attempt->spn_host != NULL)
        attempt->asked_for = kdc_asked_before(join, attempt, before_ns);
    attempt->asked_how = "DNS query before the ticket";
    if (attempt->asked_for != NULL)
        return;
    attempt->asked_for = names_for_address(join, &attempt->client, &attempt->server, before_ns);
    attempt->asked_how = "DNS query for the server's address";
}

static struct attempt *begin(struct join *join, const struct observation *request,
                             const struct tokens *tokens)
{
    struct attempt *attempt = join_attempt(join, &request->source);
    const struct krb *ap = case_krb(join->out, tokens->ap_req);

    attempt->carrier = request->source.carrier;
    attempt->request = request->id;
    attempt->reply = reply_to(join, request->id);
    attempt->gss_request = tokens->gss;
    attempt->ap_request = tokens->ap_req;
    attempt->ticket = ap == NULL ? NULL : ap->ticket;
    if (attempt->ticket != NULL && attempt->ticket->sname != NULL) {
        attempt->spn = attempt->ticket->sname;
        join_split_spn(join, attempt);
    }
    explain_target(join, attempt, &request->source);
    messages_explain_computer(join, attempt, &request->source);
    return attempt;
}

static void add_ticket_attempt(struct join *join, const struct observation *request,
                               const struct tokens *tokens)
{
    struct attempt *attempt = begin(join, request, tokens);

    exchanges_explain(join, attempt, join_time_ns(join, &request->source));
    names_explain(join, attempt, messages_begin_ns(join, request));
    names_explain_ptr(join, attempt, join_time_ns(join, &request->source));
    judge_reply(join, attempt, &request->source);
}

/* NTLM is usual where these protocols meet machines without a domain: it tells something only when
 * a KDC or a server refused Kerberos before. kdc_attempts drops it where no KDC did. */
static void add_ntlm_attempt(struct join *join, const struct observation *request,
                             const struct tokens *tokens)
{
    struct attempt *attempt = messages_failed_before(join, request);

    if (case_ntlm(join->out, tokens->ntlm)->msg_type != 1)
        return;
    if (attempt == NULL) {
        attempt = begin(join, request, tokens);
        names_explain(join, attempt, messages_begin_ns(join, request));
        attempt_end(attempt, OUTCOME_FELL_BACK, "NTLM in place of Kerberos");
    }
    attempt->ntlm = tokens->ntlm;
    attempt->fallback = "NTLM";
}

void bind_attempts(struct join *join)
{
    size_t i;

    for (i = 0; i < join->log->num; i++) {
        const struct observation *seen = &join->log->at[i];
        struct tokens tokens;
        bool response;
        int64_t request;

        if (seen->kind == KIND_http || !messages_is_one(seen, &response, &request) || response)
            continue;
        tokens = messages_tokens(join, seen->id);
        if (tokens.ap_req != 0)
            add_ticket_attempt(join, seen, &tokens);
        else if (tokens.ntlm != 0)
            add_ntlm_attempt(join, seen, &tokens);
    }
}
