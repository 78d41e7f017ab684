/* SPDX-License-Identifier: MIT */
/* One authentication, from the name that was typed to its outcome, and the case that holds them
 * all. Everything is immutable once case_join has returned; texts live in the case's arena or in
 * the log. */
#ifndef KRBWHY_CORRELATE_ATTEMPT_H
#define KRBWHY_CORRELATE_ATTEMPT_H

#include "observation/log.h"

enum outcome {
    OUTCOME_UNKNOWN,   /* the capture does not show how it ended (TLS, end of the capture) */
    OUTCOME_SUCCEEDED, /* the ticket was opened; accept-completed with AP-REP is that even in a 401
                        */
    OUTCOME_FAILED,    /* a KRB-ERROR, or refused without one */
    OUTCOME_FELL_BACK  /* the KDC gave no ticket and the client went on with NTLM or Basic */
};

enum origin { ORIGIN_NONE, ORIGIN_KDC, ORIGIN_ACCEPTOR };

/* One step of what DNS (or mDNS, LLMNR, NetBIOS) told the client. */
struct dns_step {
    const char *name, *type;
    const char *value; /* NULL: no such name (type "NXDOMAIN") or no such record (type "NODATA") */
    struct optint ttl;
    int64_t observation;
};

struct dns_steps {
    const struct dns_step *at;
    size_t num;
};

/* A request to a KDC and what came back; observation ids of krb records, 0 = not seen. */
struct kdc_exchange {
    int64_t request, reply, error; /* at most one of reply and error is not 0 */
    struct address kdc;            /* family 0 when neither was seen */
    int64_t repeats;               /* further identical requests, not counted as attempts */
};

struct attempt {
    int64_t id;                       /* from 1 within the case */
    int64_t capture;                  /* index of the capture of its first observation */
    struct address client, server;    /* family 0: unknown */
    int64_t client_port, server_port; /* 0: unknown */
    const char *client_principal;     /* name@REALM; NULL unknown */
    const char *server_computer; /* E8: computer name in an NTLM CHALLENGE on the same connection */
    int64_t server_computer_from; /* that observation */
    const char *carrier;          /* http, smb2, ldap, dcerpc; tls; krb5 where the KDC ended it */
    bool proxy;                   /* the token was for a proxy (407, Proxy-Authorization) */
    bool through_proxy; /* the token is for an origin server and travels through a proxy */

    /* E1 */
    const char *asked_for; /* host name as typed, without port; NULL unknown */
    int64_t asked_port;    /* of the Host header or URI; 0: none written */
    const char
        *asked_how;   /* static: "Host header", "TLS SNI", "DNS query before the ticket", ... */
    const char *path; /* of the request target */
    const char *user_agent;

    /* E2, E3 */
    struct dns_steps dns; /* for asked_for, in chain order: suffix attempts, CNAME*, A or AAAA */
    const char
        *canonical; /* end of the chain (asked_for itself without CNAME); NULL: no answer seen */
    bool dns_seen;  /* the capture holds any name answer to this client */
    bool address_answered; /* an answer for asked_for was seen and held when the connection began */
    bool address_in_chain; /* ... and holds the server's address */
    int64_t address_answer; /* the dns observation that says so; 0 none */
    const char *ptr_name;   /* PTR of the server's address, told to the client before the TGS-REQ */
    int64_t ptr_answer;
    bool suffix_searched; /* a short name, or NXDOMAIN under one suffix before another answered */

    /* E4, E5 */
    const char *spn;         /* sname of the ticket, else of the request: "HTTP/iis01.test.com" */
    const char *spn_service; /* "HTTP"; NULL when the SPN has one component */
    const char *spn_host;    /* second component without port */
    const char *spn_port;    /* digits after a colon; NULL none */
    const struct ticket *ticket; /* of the AP-REQ, else of the TGS-REP; NULL */
    struct kdc_exchange as;      /* that gave the client its TGT, or ended the attempt */
    struct kdc_exchange tgs;     /* that gave this very ticket, or ended the attempt */
    bool ticket_same;            /* E6: the AP-REQ's ticket is the TGS-REP's, by digest */
    int64_t other_reply; /* a TGS-REP for the same SPN and client before, with another ciphertext; 0
                            none */
    bool referred;       /* the ticket came by way of a cross-realm referral */
    bool s4u_proxy;      /* the TGS-REQ carried additional tickets (S4U2Proxy) */

    /* The exchange with the acceptor: observation ids, 0 = not seen */
    int64_t ap_request, ap_reply;   /* krb: AP-REQ, AP-REP */
    int64_t gss_request, gss_reply; /* gss */
    int64_t request, reply;         /* the messages that carried the tokens: http, smb2, ... */
    int64_t far_ap_request; /* krb: the same AP-REQ as another capture of the case holds it (the
                               server's side) */
    int64_t far_reply;      /* the message that answered there */
    int64_t ntlm;           /* an NTLM message of the client that followed in place of Kerberos */
    int64_t tls;            /* the ClientHello that hides the rest */
    int64_t conn;           /* conn: how the connection ended, where that matters */
    const char *fallback;   /* "NTLM" or "Basic"; NULL */

    enum outcome outcome;
    const char *ended_by; /* in words, static: "KRB-ERROR in the 401", "401 without a token",
                             "SPNEGO reject", "connection reset" */
    int64_t error;        /* krb observation of the KRB-ERROR; 0 none */
    enum origin error_origin;
    int64_t repeats; /* identical refusals folded into this attempt */
};

/* How the clock of one capture of a case stands to that of another: found from messages that both
 * hold. */
struct case_clock {
    int64_t input;     /* index of the capture among the inputs */
    int64_t reference; /* the capture whose clock is the case's; itself where nothing pairs them */
    int64_t shift_ns;  /* added to a time of this capture it is a time on the reference's clock;
                          median of the pairs */
    int64_t spread_ns; /* between the smallest and the largest difference */
    size_t num_pairs;  /* messages that both captures hold; 0: not paired */
};

/* What is looked at together. */
struct joined_case {
    struct arena arena;
    const struct log *log; /* borrowed; outlives the case */
    struct attempt *attempts;
    size_t num_attempts;
    const struct case_clock *clocks; /* one per capture with observations, ascending by input */
    size_t num_clocks;
};

/* Joins the observations of a log into attempts, in order of their first frame. Never fails. *out
 * is zeroed by the caller or by case_clear. */
void case_join(struct joined_case *out, const struct log *log);

void case_clear(struct joined_case *joined);

/* Readers of a case; each returns NULL for id 0 or an observation of another kind. */
const struct krb *case_krb(const struct joined_case *joined, int64_t id);
const struct http *case_http(const struct joined_case *joined, int64_t id);
const struct gss *case_gss(const struct joined_case *joined, int64_t id);
const struct ntlm *case_ntlm(const struct joined_case *joined, int64_t id);
const struct dns *case_dns(const struct joined_case *joined, int64_t id);
const struct smb2 *case_smb2(const struct joined_case *joined, int64_t id);
const struct ldap *case_ldap(const struct joined_case *joined, int64_t id);
const struct dcerpc *case_dcerpc(const struct joined_case *joined, int64_t id);
const struct source *case_source(const struct joined_case *joined, int64_t id);

/* The time of an observation on the case's clock; 0 for id 0. */
int64_t case_time_ns(const struct joined_case *joined, int64_t id);

/* The clock of a capture; NULL for an input without observations. */
const struct case_clock *case_clock(const struct joined_case *joined, int64_t input);

/* Host names compare without case and without a dot at their end; false when either is NULL. */
bool host_equal(const char *a, const char *b);

/* The first labels are the same ("iis01", "IIS01.test.com"); a "$" at the end is ignored; false
 * when either is NULL. */
bool host_same_label(const char *a, const char *b);

#endif
