/* SPDX-License-Identifier: MIT */
/* The clear part of TLS up to 1.3 (RFC 5246, RFC 8446): records, hellos, and the leaf certificate
 * of the older versions. Everything is borrowed; lists are views to be walked. */
#ifndef KRBWHY_PROTOCOL_TLS_H
#define KRBWHY_PROTOCOL_TLS_H

#include "base/reader.h"

enum {
    TLS_RECORD_HEADER = 5,
    TLS_CHANGE_CIPHER_SPEC = 20,
    TLS_ALERT = 21,
    TLS_HANDSHAKE = 22,
    TLS_APPLICATION_DATA = 23
};

enum { TLS_CLIENT_HELLO = 1, TLS_SERVER_HELLO = 2, TLS_CERTIFICATE = 11, TLS_HANDSHAKE_HEADER = 4 };

struct tls_record {
    uint8_t type;
    uint16_t version; /* of the record layer */
    size_t len;       /* of the fragment behind the header */
};

/* The header of a record (RFC 5246 6.2.1). FAULT_MALFORMED in the reader when it cannot be one. */
bool tls_take_record(struct reader *reader, struct tls_record *out);

struct tls_hello {
    uint16_t version; /* client: the highest offered; server: the chosen one */
    bool has_cipher;
    uint16_t cipher;   /* server: the chosen cipher suite */
    struct bytes sni;  /* client: server_name (RFC 6066 3); empty when absent */
    struct bytes alpn; /* list of application protocols (RFC 7301 3.1), for tls_take_protocol */
};

/* A ClientHello or ServerHello without its handshake header. Faults are left in the reader; what
 * was read before holds. */
void tls_parse_client_hello(struct reader *reader, struct tls_hello *out);
void tls_parse_server_hello(struct reader *reader, struct tls_hello *out);

/* The next protocol name of tls_hello.alpn; false at the end. */
bool tls_take_protocol(struct bytes *alpn, struct bytes *out);

/* The DER of the leaf in a Certificate message of TLS 1.2 or older (RFC 5246 7.4.2); empty, and a
 * fault, when it is not all there. */
struct bytes tls_leaf(struct reader *reader);

struct tls_names {
    struct bytes common_name; /* of the subject; empty when absent */
    struct bytes alternative; /* contents of the SubjectAltName (RFC 5280 4.2.1.6), for
                                 tls_take_name */
};

/* False when the certificate (RFC 5280 4.1) cannot be walked up to its subject. */
bool tls_parse_certificate(struct bytes der, struct tls_names *out);

/* The next dNSName; false at the end. */
bool tls_take_name(struct bytes *alternative, struct bytes *out);

/* "1.2", "SSL 3.0"; "0x7f1c" in room[TLS_VERSION_ROOM] for an unknown one. */
enum { TLS_VERSION_ROOM = 7 };
const char *tls_version_name(uint16_t version, char *room);

#endif
