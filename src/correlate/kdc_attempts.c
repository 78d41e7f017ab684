/* SPDX-License-Identifier: MIT */
/* Attempts that a KDC ended, and those of which only the ticket shows because TLS hides the rest.
 */
#include "correlate/messages.h"

enum {
    ERR_S_PRINCIPAL_UNKNOWN = 7,
    ERR_PREAUTH_REQUIRED = 25,
    ERR_RESPONSE_TOO_BIG = 52,
    ERR_WRONG_REALM = 68,
    NEARBY = 512 /* exchanges or messages of one client that are looked at, newest first */
};

static const int64_t probe_window_ns = 10 * SECOND_NS;
static const int64_t basic_window_ns = 30 * SECOND_NS;
static const int64_t hello_window_ns = 60 * SECOND_NS;
/* How long a client may remember that the KDC knows no such service. */
static const int64_t negative_window_ns = 900 * SECOND_NS;

static int64_t code_of(const struct join *join, const struct exchange *exchange)
{
    const struct krb *error = case_krb(join->out, exchange->ids.error);

    return error != NULL && error->error_code.set ? error->error_code.value : -1;
}

static bool is_krbtgt(const char *sname)
{
    return sname != NULL && strncmp(sname, "krbtgt/", 7) == 0;
}

/* The client got what it wanted right after: a ticket for the same name, from this KDC or another.
 */
static bool got_it_after(const struct join *join, const struct exchange *refused, bool over_tcp)
{
    size_t at = 0, looked = 0;
    int64_t index;

    while (looked++ < NEARBY &&
           map_next(&join->by_client, join_key_host(join, &refused->client), &at, &index)) {
        const struct exchange *other = &join->exchanges[index];
        int64_t later_ns =
            join_time_ns(join, &other->source) - join_time_ns(join, &refused->source);

        if (other == refused || later_ns < 0 || later_ns > probe_window_ns ||
            other->tgs != refused->tgs || !host_equal(other->sname, refused->sname))
            continue;
        if (over_tcp ? other->source.transport == 6 : other->ids.reply != 0)
            return true;
    }
    return false;
}

/* Errors that are part of a normal exchange. */
static bool is_normal(const struct join *join, const struct exchange *exchange)
{
    switch (code_of(join, exchange)) {
    case ERR_PREAUTH_REQUIRED:
    case ERR_WRONG_REALM:
        return true;
    case ERR_RESPONSE_TOO_BIG:
        return got_it_after(join, exchange, true);
    case ERR_S_PRINCIPAL_UNKNOWN:
        /* Asking for a way into another realm is a guess of the client's library, whatever comes of
         * it. */
        return is_krbtgt(exchange->sname) || got_it_after(join, exchange, false);
    default:
        return false;
    }
}

/* The name that was asked for may have led to the SPN's host. */
static bool related(const struct join *join, const struct attempt *attempt, const char *spn_host)
{
    return host_equal(attempt->asked_for, spn_host) || host_equal(attempt->canonical, spn_host) ||
           host_equal(attempt->ptr_name, spn_host) ||
           (attempt->asked_for != NULL && strchr(attempt->asked_for, '.') == NULL &&
            host_same_label(attempt->asked_for, spn_host)) ||
           (attempt->asked_for != NULL &&
            names_lead_to(join, &attempt->client, attempt->asked_for, spn_host));
}

static const char *host_of_spn(struct join *join, const char *sname)
{
    struct attempt split = {.spn = sname};

    join_split_spn(join, &split);
    return split.spn_host;
}

static void adopt_error(struct join *join, struct attempt *attempt, struct exchange *exchange)
{
    exchanges_adopt(join, attempt, exchange);
    attempt->error = exchange->ids.error;
    attempt->error_origin = ORIGIN_KDC;
}

/* Gives attempts that went on with NTLM the KDC's refusal that explains them. */
static void explain_fallbacks(struct join *join)
{
    size_t i;

    for (i = 0; i < join->out->num_attempts; i++) {
        struct attempt *attempt = &join->out->attempts[i];
        const struct source *source = case_source(join->out, attempt->request);
        size_t at = 0, looked = 0;
        int64_t index;

        if (attempt->outcome != OUTCOME_FELL_BACK || source == NULL)
            continue;
        while (looked++ < NEARBY && attempt->error == 0 &&
               map_next(&join->by_client, join_key_host(join, &attempt->client), &at, &index)) {
            struct exchange *exchange = &join->exchanges[index];
            int64_t before_ns = join_time_ns(join, source) - join_time_ns(join, &exchange->source);
            const char *host;

            if (exchange->ids.error == 0 || !exchange->tgs || exchange->sname == NULL ||
                before_ns < 0 || before_ns > negative_window_ns || is_krbtgt(exchange->sname))
                continue;
            host = host_of_spn(join, exchange->sname);
            if (host != NULL && related(join, attempt, host))
                adopt_error(join, attempt, exchange);
        }
    }
}

/* A Basic request of this client to that host soon after the KDC refused. */
static struct attempt *basic_after(struct join *join, const struct exchange *exchange)
{
    const char *host = exchange->sname == NULL ? NULL : host_of_spn(join, exchange->sname);
    size_t at = 0, looked = 0;
    int64_t id;

    while (looked++ < NEARBY && host != NULL &&
           map_next(&join->basics, join_key_host(join, &exchange->client), &at, &id)) {
        const struct observation *request = log_find(join->log, id);
        int64_t later_ns =
            join_time_ns(join, &request->source) - join_time_ns(join, &exchange->source);
        struct attempt *attempt;

        if (later_ns < 0 || later_ns > basic_window_ns)
            continue;
        attempt = http_begin_attempt(join, request);
        names_explain(join, attempt, messages_begin_ns(join, request));
        if (related(join, attempt, host)) {
            attempt->fallback = "Basic";
            attempt->outcome = OUTCOME_FELL_BACK;
            attempt->ended_by = "Basic in place of Kerberos";
            return attempt;
        }
        join->out->num_attempts--;
    }
    return NULL;
}

/* The name whose CNAME chain led this client to the SPN's host; the host itself when it was looked
 * up. */
const char *kdc_asked_before(const struct join *join, const struct attempt *attempt,
                             int64_t before_ns)
{
    size_t at = 0, looked = 0;
    int64_t id;

    while (looked++ < NEARBY &&
           map_next(&join->told, join_key_host(join, &attempt->client), &at, &id)) {
        const struct observation *seen = log_find(join->log, id);

        if (join_time_ns(join, &seen->source) > before_ns)
            continue;
        if (host_equal(seen->dns->qname, attempt->spn_host) ||
            names_lead_to(join, &attempt->client, seen->dns->qname, attempt->spn_host))
            return seen->dns->qname;
    }
    return NULL;
}

static struct attempt *bare_attempt(struct join *join, const struct exchange *exchange,
                                    const char *carrier)
{
    struct attempt *attempt = join_attempt(join, &exchange->source);

    attempt->carrier = carrier;
    attempt->client = exchange->client;
    attempt->client_port = exchange->client_port;
    memset(&attempt->server, 0, sizeof(attempt->server));
    attempt->server_port = 0;
    return attempt;
}

/* The same refusal of the same client again: one attempt. A library asks again without
 * canonicalisation, for a referral, over TCP. */
static bool fold(struct join *join, const struct exchange *exchange)
{
    size_t i, looked = 0;

    for (i = join->out->num_attempts; i > 0 && looked++ < NEARBY; i--) {
        struct attempt *old = &join->out->attempts[i - 1];
        int64_t first = exchange->tgs ? old->tgs.error : old->as.error;
        const struct source *source = case_source(join->out, first);

        if (source == NULL || old->error != first || old->capture != exchange->source.capture ||
            !join_same_host(join, &old->client, &exchange->client))
            continue;
        if (join_time_ns(join, &exchange->source) - join_time_ns(join, source) > probe_window_ns)
            return false;
        if (case_krb(join->out, first)->error_code.value == code_of(join, exchange) &&
            host_equal(old->spn, exchange->sname)) {
            old->repeats++;
            return true;
        }
    }
    return false;
}

/* The KDC answered a log-on with the realm in other letters than it was asked in, and the client
 * went no further: some client libraries then report 41 by themselves. */
static bool gave_up_over_letters(const struct join *join, const struct exchange *exchange)
{
    const struct krb *request = case_krb(join->out, exchange->ids.request);
    const struct krb *reply = case_krb(join->out, exchange->ids.reply);
    size_t at = 0, looked = 0;
    int64_t index;

    if (exchange->tgs || request == NULL || reply == NULL || request->realm == NULL ||
        reply->crealm == NULL || strcmp(request->realm, reply->crealm) == 0 ||
        !host_equal(request->realm, reply->crealm))
        return false;
    while (looked++ < NEARBY &&
           map_next(&join->by_client, join_key_host(join, &exchange->client), &at, &index))
        if (join->exchanges[index].tgs && join_time_ns(join, &join->exchanges[index].source) >=
                                              join_time_ns(join, &exchange->source))
            return false;
    return true;
}

static void add_silent_attempts(struct join *join)
{
    size_t i;

    for (i = 0; i < join->num_exchanges; i++) {
        struct attempt *attempt;

        if (!gave_up_over_letters(join, &join->exchanges[i]))
            continue;
        attempt = bare_attempt(join, &join->exchanges[i], "krb5");
        exchanges_adopt(join, attempt, &join->exchanges[i]);
        attempt->outcome = OUTCOME_UNKNOWN;
        attempt->ended_by = "the client went no further after the AS-REP";
    }
}

/* NTLM over other protocols than HTTP that no refusal of a KDC explains. */
static void drop_unexplained(struct join *join)
{
    size_t i, kept = 0;

    for (i = 0; i < join->out->num_attempts; i++) {
        const struct attempt *attempt = &join->out->attempts[i];

        if (attempt->outcome != OUTCOME_FELL_BACK || attempt->error != 0 ||
            case_http(join->out, attempt->request) != NULL)
            join->out->attempts[kept++] = *attempt;
    }
    join->out->num_attempts = kept;
}

void kdc_attempts(struct join *join)
{
    size_t i;

    explain_fallbacks(join);
    drop_unexplained(join);
    for (i = 0; i < join->num_exchanges; i++) {
        struct exchange *exchange = &join->exchanges[i];
        struct attempt *attempt;

        if (exchange->ids.error == 0 || exchange->used || is_normal(join, exchange) ||
            fold(join, exchange))
            continue;
        attempt = basic_after(join, exchange);
        if (attempt == NULL) {
            attempt = bare_attempt(join, exchange, "krb5");
            attempt->outcome = OUTCOME_FAILED;
            attempt->ended_by =
                exchange->tgs ? "the KDC refused the ticket" : "the KDC refused the log-on";
        }
        adopt_error(join, attempt, exchange);
        if (attempt->asked_for == NULL && exchange->tgs && attempt->spn_host != NULL) {
            attempt->asked_for =
                kdc_asked_before(join, attempt, join_time_ns(join, &exchange->source));
            attempt->asked_how = "DNS query before the ticket";
            names_explain(join, attempt, join_time_ns(join, &exchange->source));
        }
        if (attempt->spn != NULL)
            exchanges_explain(join, attempt, join_time_ns(join, &exchange->source));
    }
    add_silent_attempts(join);
}

/* The TLS connection of this client to the ticket's host, nearest in time; fills the attempt. */
static bool take_hello(struct join *join, struct attempt *attempt, const struct exchange *exchange)
{
    size_t at = 0, looked = 0;
    int64_t id;

    while (looked++ < NEARBY &&
           map_next(&join->hello, join_key_host(join, &exchange->client), &at, &id)) {
        const struct observation *seen = log_find(join->log, id);
        int64_t apart_ns =
            join_time_ns(join, &seen->source) - join_time_ns(join, &exchange->source);

        if (apart_ns < -hello_window_ns || apart_ns > hello_window_ns)
            continue;
        attempt->client = seen->source.src;
        attempt->client_port = seen->source.sport;
        attempt->server = seen->source.dst;
        attempt->server_port = seen->source.dport;
        attempt->asked_for = seen->tls->sni;
        attempt->asked_how = "TLS SNI";
        if (attempt->asked_for == NULL) {
            attempt->asked_for = names_for_address(join, &attempt->client, &attempt->server,
                                                   join_time_ns(join, &seen->source));
            attempt->asked_how = "DNS query for the server's address";
        }
        attempt->canonical = NULL;
        names_explain(join, attempt, join_time_ns(join, &seen->source));
        names_explain_ptr(join, attempt, join_time_ns(join, &exchange->source));
        if (!related(join, attempt, attempt->spn_host))
            continue;
        attempt->tls = id;
        return true;
    }
    return false;
}

void tls_attempts(struct join *join)
{
    size_t i;

    for (i = 0; i < join->num_exchanges; i++) {
        struct exchange *exchange = &join->exchanges[i];
        struct attempt *attempt;

        if (!exchange->tgs || exchange->ids.reply == 0 || exchange->used ||
            exchange->sname == NULL || is_krbtgt(exchange->sname))
            continue;
        attempt = bare_attempt(join, exchange, "tls");
        exchanges_adopt(join, attempt, exchange);
        if (attempt->spn_host == NULL || !take_hello(join, attempt, exchange)) {
            exchange->used = false;
            join->out->num_attempts--;
            continue;
        }
        attempt->ticket_same = false;
        attempt->outcome = OUTCOME_UNKNOWN;
        attempt->ended_by = "TLS hides the exchange";
    }
}
