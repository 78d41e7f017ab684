/* SPDX-License-Identifier: MIT */
/* Who speaks on a flow. One file per carrier, one row in carriers.def; a carrier turns decoded
 * messages into observations. */
#ifndef KRBWHY_CARRIER_CARRIER_H
#define KRBWHY_CARRIER_CARRIER_H

#include "flow/flow.h"
#include "observation/log.h"

struct keyring; /* asn1/keyring.h; keys to try on tickets; NULL without keytabs */

/* What every carrier works with during one capture. */
struct carriage {
    struct log *log;
    struct arena *scratch; /* cleared between messages; log_append copies */
    const struct keyring *keyring;
    size_t reassembly_bytes; /* of all streams together; 0: LIMIT_REASSEMBLY_BYTES */
    size_t held;    /* bytes that messages which wait for their end take up, all flows together */
    bool held_full; /* LIMIT_HELD_BYTES was met, and said */
    unsigned limits_said; /* bits of enum carrier_limit */
};

/* Bounds within a message. */
enum carrier_limit {
    CARRIER_HTTP_AUTHS,    /* LIMIT_HTTP_AUTHS */
    CARRIER_TLS_NAMES,     /* LIMIT_TLS_NAMES */
    CARRIER_TLS_HANDSHAKE, /* LIMIT_TLS_HANDSHAKE_BYTES */
    CARRIER_LIST,          /* LIMIT_DER_ITEMS, of a list in pre-authentication or error data */
    CARRIER_MESSAGE,       /* LIMIT_MESSAGE_BYTES, of Kerberos over TCP, SMB, LDAP and RPC */
    CARRIER_DNS_RECORDS,   /* LIMIT_DNS_RECORDS, or LIMIT_MESSAGE_BYTES of names written out */
    CARRIER_HTTP_HEADER,   /* LIMIT_HTTP_HEADER_BYTES, of a start line or a trailer */
    CARRIER_HTTP_OPEN,     /* LIMIT_HTTP_OPEN */
    CARRIER_HTTP_WAITING   /* LIMIT_HTTP_WAITING */
};

enum claim {
    CLAIM_NO,
    CLAIM_MORE, /* cannot tell yet: ask again with more bytes */
    CLAIM_YES
};

struct krb_framed; /* carrier/krb_stream.h */

/* Functions take the carrier first, so that those alike share them. */
struct carrier {
    const char *name;      /* as printed in events: "krb5", "http", "dns" */
    const char *reference; /* RFC */
    const uint16_t *ports; /* hints, ended by 0: asked first on these; NULL for none */
    /* TCP. NULL claim: not on TCP. Looks at the first bytes a side sent; `hinted` when the server's
     * port is one of ports. */
    enum claim (*claim)(const struct carrier *self, struct bytes first, int side, bool hinted);
    void *(*open)(const struct carrier *self, struct carriage *carriage, struct flow *flow);
    /* As flow_events.data. */
    size_t (*feed)(void *state, struct carriage *carriage, struct flow *flow, int side,
                   const struct segment *segment);
    /* Emits what is pending (marked damaged "incomplete" where it is) and frees state. */
    void (*finish)(void *state, struct carriage *carriage, struct flow *flow);
    /* UDP on none of its ports: whether datagram is to be asked. NULL: it is not. */
    bool (*stray)(const struct carrier *self, struct bytes payload, size_t missing);
    /* UDP: true when the datagram was this carrier's. NULL: not on UDP. `missing` > 0: it was cut
     * by that many bytes. */
    bool (*datagram)(const struct carrier *self, struct carriage *carriage, const struct flow *flow,
                     int side, struct bytes payload, size_t missing, bool hinted);
    const struct krb_framed *framed;  /* what carriers of krb_stream.h add; NULL in others */
    const struct framed_rules *rules; /* what those of framed.h add */
};

/* The table of carriers.def, ended by a NULL. Order is the order of asking. */
extern const struct carrier *const carriers[];

/* The observer: everything between packets and the log for one capture. */
struct observer;
struct observer *observer_open(struct carriage *carriage);
void observer_packet(struct observer *observer, const struct packet *packet);

/* The same for several at once, at most OBSERVER_MANY, in their order. */
enum { OBSERVER_MANY = 32 };
void observer_packets(struct observer *observer, const struct packet *packets, size_t num);

/* End of the capture: flushes flows and pending messages. */
void observer_finish(struct observer *observer);
void observer_close(struct observer *observer);

/* A source for a message on this flow: from the segment (TCP) or the flow's current frame (segment
 * NULL). `damaged` as in records.def or NULL. Strings are borrowed. */
struct source carrier_source(const struct flow *flow, int side, const struct segment *segment,
                             const char *carrier, const char *damaged);

/* Says that the message at `source` met a bound: once in a capture for each. */
void carrier_limit(struct carriage *carriage, enum carrier_limit limit,
                   const struct source *source);

#endif
