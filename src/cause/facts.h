/* SPDX-License-Identifier: MIT */
/* Everything the judges ask of one attempt, derived once: the chain E1 to E10 and what else the
 * case holds on the same SPN, server and account. */
#ifndef KRBWHY_CAUSE_FACTS_H
#define KRBWHY_CAUSE_FACTS_H

#include "cause/index.h"
#include "correlate/owner.h"

/* Which error the acceptor gave, by what it says of its keys. */
enum family {
    FAMILY_NONE,      /* refused without a KRB-ERROR */
    FAMILY_MODIFIED,  /* 41: could not open it; says no more */
    FAMILY_NO_KEY,    /* 35, 36, 45: no key at all for this name */
    FAMILY_OTHER_KEY, /* 44, 31: a key for this name, and not this one */
    FAMILY_OTHER      /* any other code: the keys are not the matter */
};

/* What the sname of the error names. */
enum named {
    NAMED_NOTHING,  /* no error, or no name in it */
    NAMED_ECHO,     /* the ticket's own sname: no account is named */
    NAMED_COMPUTER, /* "IIS01$": a computer or a managed account */
    NAMED_USER,     /* "contososvc" */
    NAMED_HOST      /* "host/iis01.test.com" while the ticket says otherwise */
};

/* Where the SPN's host comes from. */
enum spn_origin {
    SPN_UNKNOWN,  /* no SPN, or no name that was asked for */
    SPN_ASKED,    /* the name that was asked for (a short name and its full form are one) */
    SPN_TARGET,   /* end of the CNAME chain */
    SPN_MIDDLE,   /* a CNAME in between */
    SPN_PTR,      /* the name a reverse lookup gave */
    SPN_UNTOLD,   /* differs from what was asked for, and no answer for that was seen */
    SPN_UNRELATED /* none of what DNS told for what was asked for */
};

/* The same SPN elsewhere in the case. Each is the attempt nearest to this one, or NULL. */
struct same_spn {
    const struct attempt *works_ticket;    /* the very same ticket was accepted, at any server */
    const struct attempt *works_here;      /* accepted at this server address */
    const struct attempt *works_elsewhere; /* accepted at another server address */
    const struct attempt *works_path;      /* accepted at this server, on another path only */
    const struct attempt *works_port;      /* accepted at this server, on another port only */
    const struct attempt *other_answer; /* refused at another address in another account's name */
    const struct attempt *other_path;   /* refused here on another path in another name */
    size_t num_here;                    /* refused at this server address */
};

/* The account that the acceptor itself logged on with (E10), seen from the server's address. */
struct own_logon {
    const char *cname;
    int64_t request, reply, refused; /* AS-REQ; AS-REP; the KRB-ERROR 24 */
};

/* Two accounts, or what is known of them. */
enum match { MATCH_UNKNOWN, MATCH_SAME, MATCH_DIFFERENT };

struct iis_verdict;

/* What the files beside the capture, and keys, say. */
struct evidence {
    bool any;                         /* some file of evidence, or a key that was tried */
    struct owners owners;             /* of the SPN */
    const struct owner *owner;        /* the one that a KDC would take; NULL none, or several */
    size_t num_winning;               /* more than one: the same form twice */
    const struct owner *other_holder; /* of two, the one that did not try; NULL: not known */
    int64_t owner_from;               /* an observation that says so */
    const struct owner *other_domain; /* a holder in another domain than the ticket's; NULL */
    const struct owner *beside;       /* another object that holds the SPN in a weaker form; NULL */
    const char *asked_spn;            /* svc/asked_for, where the SPN names another host */
    struct owners asked;              /* its owners */
    const struct owner *asked_owner;
    const char *port_spn; /* the SPN with the port for one without, and the other way round */
    struct owners port;
    const struct owner *port_owner;

    /* The account that the acceptor uses: the error's name, else the IIS configuration's. */
    const char *acceptor; /* NULL unknown; "" the computer's own, whatever its name */
    int64_t acceptor_from;
    bool acceptor_known; /* its object is in the evidence */
    struct owner acceptor_object;
    enum match match;    /* owner and acceptor */
    bool acceptor_holds; /* the acceptor's account holds the SPN too, in whatever form */

    /* Keys */
    bool tried;         /* keys were tried on the ticket */
    const char *opener; /* account of the key that opens the ticket, without realm; NULL none */
    struct optint opener_kvno;
    enum match opened;                   /* opener and acceptor */
    const struct observation *key_kvno;  /* a keytab's entry for the name or account: other kvno */
    const struct observation *key_etype; /* ... this kvno, other etypes only */
    const struct observation *key_same;  /* ... this kvno and etype */
    /* A collection, of a KDC or of several accounts, is no service's keytab. */
    const struct observation *key_opens; /* an entry of a service's keytab that opens the ticket */
    const struct observation *key_realm; /* the services' keytabs have keys of this other realm, and
                                            none of the ticket's */
    const struct observation *key_newer; /* a newer key version of the account that opens it */
    const struct observation *key_twin;  /* the account of the opener's name, in the domain that the
                                            SPN's host is in */

    int64_t hosts_line;            /* hosts file: asked_for has the server's address */
    int64_t site;                  /* the IIS site that the request reached */
    const struct iis_verdict *iis; /* of that site and the SPN's host; NULL none, or the error names
                                      another account than the configuration */
    int64_t rdns;                  /* krb5.conf that leaves reverse lookups on */
    int64_t channel_broken;        /* nltest: the secure channel does not verify */
    int64_t channel_good;          /* ... does */
    int64_t cache_line;            /* displaydns: asked_for has the server's address */
    int64_t rdns_off;              /* krb5.conf that turns reverse lookups off */
    int64_t canonical;             /* krb5.conf that leaves canonical names on */
    int64_t canonical_off;
    int64_t klist;                                     /* the client holds a ticket for the SPN */
    const struct observation *password_a, *password_b; /* repadmin: unicodePwd of the owner, from
                                                          two files or controllers; NULL */
    const struct observation *event;                   /* Event ID 4 of this failure; NULL */
    struct optint event_zone_s, event_clock_s;         /* zone of its clock face, and the rest, to
                                                          the clock of who refused (stime), else
                                                          the capture's */
};

struct facts {
    const struct joined_case *joined;
    const struct index *index;
    const struct attempt *a;
    struct arena *arena;

    /* The failure */
    const struct krb *error;
    int64_t code;  /* 0: no KRB-ERROR */
    bool acceptor; /* the acceptor refused the ticket; the 41 family or no error at all */
    bool hidden;   /* TLS hides what came of it: judged as if it had been refused */
    bool kdc;      /* a KDC ended it */
    enum family family;

    /* E7 */
    enum named named;
    const char *tried_by;    /* the account or host name in the error; NULL not named */
    const char *tried_realm; /* realm of the error; NULL */
    bool realm_differs;      /* the error names another realm than the ticket */
    bool tried_is_spn_host;  /* a computer of the SPN host's label, in the ticket's realm */
    bool tried_is_target;    /* a computer of the label of the name that DNS ended at */

    /* Names */
    enum spn_origin spn_origin;
    bool cname;             /* what was asked for is a CNAME of something else */
    int64_t cname_from;     /* the answer that says so */
    bool short_name;        /* asked for without a dot */
    int64_t nxdomain;       /* a suffix attempt that failed before the name was found */
    bool web;               /* the service is HTTP, or not known */
    bool computer_service;  /* only the computer itself provides the service: file shares, ... */
    bool host_mapped;       /* HTTP and the like: HOST/ of the same name stands for it */
    bool site_name;         /* the SPN's host is known not to be the computer's own name */
    bool own_name;          /* ... is known, or told by DNS, to be the computer's own name */
    int64_t spn_computer;   /* observation that shows the SPN host as a computer; 0 */
    int64_t tried_computer; /* observation that shows the error's name as a computer's; 0 */
    bool sibling_names;     /* "WEB03" and "WEB04": the error's name and the SPN's host are of one
                               series */
    bool fqdn_elsewhere;    /* the SPN's DNS domain is neither the ticket realm's nor below it */
    const char *full_name;  /* what DNS made of a short name; NULL */

    const char
        *expected_owner; /* "IIS01$" where the directory's rules lead one to expect it; NULL */

    /* Ticket */
    bool fresh;       /* the TGS exchange that gave it is in the capture */
    bool cached;      /* it is not, though the client's other traffic is */
    bool rc4, aes;    /* etype of the ticket */
    bool offered_aes; /* the client offered AES for it, as far as was seen */
    struct optint kvno;

    struct same_spn same;
    /* TGS-REPs for the same SPN and realm, each NULL or nearest to this one */
    const struct observation *rep_later_kvno; /* same KDC or unknown, later, higher kvno */
    const struct observation *rep_other_kdc;  /* another KDC, other kvno or etype */
    const struct observation *rep_same_kdc;   /* the same KDC, other kvno, within the capture */
    const struct observation *rep_etype;      /* other etype, equal kvno */
    const struct observation *rep_agrees;     /* another KDC, the same kvno and etype */
    const struct attempt *works_lower_kvno;   /* accepted here with a lower kvno */
    const struct attempt *works_higher_kvno;  /* accepted here with a higher kvno */
    const struct attempt *works_etype;        /* accepted here with another etype */
    const struct attempt *works_same_etype;   /* accepted here with this etype */

    const struct attempt
        *works_alias; /* accepted here with the SPN of the name that was asked for */
    const struct attempt *class_fails;   /* another service class of the same host fails likewise */
    const struct attempt *class_works;   /* ... works here */
    const struct attempt *later_success; /* same client and server or SPN, after this attempt */

    struct own_logon own;
    struct evidence ev;
    bool server_is_kdc;
    const struct ticket *tgt; /* that the TGS-REQ carried; NULL */
    bool tgt_is_foreign;      /* issued by another realm: the trust's keys matter */
    /* A KDC ended it, and what the client wanted is only known from the 401 it had just got. */
    const char *on_way_to;
    int64_t on_way_from;      /* the request that got the 401 */
    bool nothing_leads_there; /* no DNS answer, nothing typed, names the SPN's host */
    bool no_dns_cache;        /* the client asks DNS again for what it was just told */
    int64_t other_names_told; /* DNS told this client other names though not this one; 0 */
};

/* *out is zeroed; lives as long as the case, the index and the arena. */
void facts_derive(struct facts *out, const struct index *index, const struct attempt *attempt,
                  struct arena *arena);

/* Short forms for citing. */
int64_t facts_refusal(const struct facts *facts); /* the error, else the reply that refused */
int64_t facts_ticket(const struct facts *facts);  /* the TGS-REP, else the AP-REQ */
int64_t facts_shown(const struct facts *facts);   /* the AP-REQ, else the request with the token */

/* Frame of an observation; 0 for none. */
int64_t facts_frame(const struct facts *facts, int64_t id);

/* Names for sentences; never NULL ("the server", "the service", ...). */
const char *facts_spn(const struct facts *facts);
const char *facts_host(const struct facts *facts); /* the SPN's host */
const char *facts_asked(const struct facts *facts);
const char *facts_server(const struct facts *facts); /* address of the server, in the arena */
const char *
facts_who(const struct facts *facts); /* who tried: "contososvc", "the account at 10.0.5.2" */

/* "contososvc of CN=..." for sentences. */
const char *facts_owner(const struct facts *facts, const struct owner *owner);

/* Everything of realm and case: "TEST.COM" and "test.com" are one. */
bool realm_equal(const char *a, const char *b);

#endif
