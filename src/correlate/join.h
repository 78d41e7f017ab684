/* SPDX-License-Identifier: MIT */
/* What the joining files share while a case is built: indexes over the log, gone once it stands. */
#ifndef KRBWHY_CORRELATE_JOIN_H
#define KRBWHY_CORRELATE_JOIN_H

#include "base/map.h"
#include "correlate/attempt.h"

#define SECOND_NS INT64_C(1000000000)

/* A machine that owns several addresses (IPv4 and IPv6 of one MAC) counts as one client. */
struct hosts {
    struct map by_address; /* address -> index into addresses */
    struct host_address *addresses;
    size_t num, room;
};

struct host_address {
    struct address address;
    uint64_t mac; /* 0: unknown, or shared by more than one machine (a router) */
};

/* A request to a KDC, its answer, and who asked. */
struct exchange {
    struct kdc_exchange ids;
    int64_t inner;        /* AP-REQ inside a TGS-REQ: it holds the TGT */
    struct source source; /* of the first message seen; `client` is who asked */
    struct address client;
    int64_t client_port;
    bool tgs;
    const char *sname,
        *realm; /* asked for; from the reply's ticket when the request was not seen */
    bool used;  /* its ticket, or its error, belongs to an attempt */
};

struct join {
    struct joined_case *out;
    const struct log *log;
    struct arena *arena;
    struct log_room *room; /* for what is looked at and not kept */
    struct hosts hosts;

    /* names */
    struct map talkers;   /* hosts that do more than ask for names: only these are told anything */
    struct map answers;   /* host, qname -> dns responses */
    struct map addresses; /* host, address in an answer -> dns responses */
    struct map told;      /* host -> any dns response */

    /* KDC */
    struct exchange *exchanges;
    size_t num_exchanges, room_exchanges;
    struct map by_ticket; /* digest of the reply's ticket -> exchange index */
    struct map by_client; /* host -> exchange index */

    /* messages of a connection */
    struct map replies;       /* request id -> ids of its responses; of http, smb2, ldap, dcerpc */
    struct map children;      /* id of such a message -> gss and ntlm ids; gss id -> krb ids */
    struct map conns;         /* capture, flow -> conn ids */
    struct map flow_messages; /* capture, flow -> ids of such messages */
    struct map basics;        /* host -> http requests with Basic */
    struct map hello;         /* host -> tls ClientHello ids */

    size_t room_attempts;
};

uint64_t join_key_id(int64_t id);
uint64_t join_key_flow(const struct source *source);
/* The machine behind an address: a stable key that two addresses of one machine share. */
uint64_t join_key_host(const struct join *join, const struct address *address);
bool join_same_host(const struct join *join, const struct address *a, const struct address *b);

/* The time of a source on the case's clock. */
int64_t join_time_ns(const struct join *join, const struct source *source);

/* sides.c: captures of one incident from several places. Finds how their clocks differ; afterwards
 * makes one attempt of those that are one. */
void sides_build(struct join *join);
void sides_merge(struct join *join);

/* Fills hosts from every source of the log. */
void hosts_build(struct join *join);
void hosts_clear(struct hosts *hosts);

/* names.c: what each client was told. */
void names_build(struct join *join);
/* Sets asked_for's chain and the E2/E3 members of the attempt; the connection began at `begin_ns`.
 */
void names_explain(struct join *join, struct attempt *attempt, int64_t begin_ns);
/* Sets ptr_name when the client was told a name for the server's address before `before_ns`. */
void names_explain_ptr(struct join *join, struct attempt *attempt, int64_t before_ns);
/* The name this client last asked DNS for that led to the address; NULL none. */
const char *names_for_address(const struct join *join, const struct address *client,
                              const struct address *address, int64_t before_ns);
/* True when DNS told this client that `name` leads to `other` (a CNAME's target, or one of its
 * addresses' text). */
bool names_lead_to(const struct join *join, const struct address *client, const char *name,
                   const char *other);

/* exchanges.c: KDC requests with their answers. */
void exchanges_build(struct join *join);
/* The exchange whose reply carried this very ticket; NULL none. */
struct exchange *exchanges_find_ticket(const struct join *join, const struct digest *digest);
/* Sets tgs, as, other_reply, ticket_same, referred, client_principal of an attempt whose spn,
 * ticket and client are set. */
void exchanges_explain(struct join *join, struct attempt *attempt, int64_t before_ns);
/* Fills what the exchange itself says: tgs or as, client, spn, principal. */
void exchanges_adopt(struct join *join, struct attempt *attempt, struct exchange *exchange);

/* attempts over HTTP, TLS, and those that end at the KDC. */
void http_attempts(struct join *join);
/* An attempt for this http request with all that the request says of itself. */
struct attempt *http_begin_attempt(struct join *join, const struct observation *request);
/* attempts over protocols whose requests bind a security context: SMB2, LDAP, DCE/RPC. */
void bind_attempts(struct join *join);
void kdc_attempts(struct join *join);
/* The name that this client asked DNS for on its way to the SPN's host, last before `before_ns`;
 * NULL: none. */
const char *kdc_asked_before(const struct join *join, const struct attempt *attempt,
                             int64_t before_ns);
void tls_attempts(struct join *join);

/* A new attempt at the end of the list; its id is set when all are sorted. */
struct attempt *join_attempt(struct join *join, const struct source *source);
/* Splits attempt->spn into service, host and port. */
void join_split_spn(struct join *join, struct attempt *attempt);
/* Sets asked_for and asked_port from "host", "host:port", "[v6]:port". */
void join_split_host(struct join *join, struct attempt *attempt, const char *host);

#endif
