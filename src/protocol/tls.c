/* SPDX-License-Identifier: MIT */
#include "protocol/tls.h"

#include <stdio.h>

#include "asn1/der.h"

enum { RECORD_MAX = (1 << 14) + 2048 }; /* RFC 5246 6.2.3 */

enum { EXTENSION_SERVER_NAME = 0, EXTENSION_ALPN = 16, EXTENSION_VERSIONS = 43 };

bool tls_take_record(struct reader *reader, struct tls_record *out)
{
    size_t at = reader->at;

    out->type = reader_u8(reader);
    out->version = reader_be16(reader);
    out->len = reader_be16(reader);
    if (reader_ok(reader) &&
        (out->type < TLS_CHANGE_CIPHER_SPEC || out->type > TLS_APPLICATION_DATA ||
         out->version >> 8 != 3 || (out->version & 0xFF) > 4 || out->len > RECORD_MAX))
        reader_fail_at(reader, FAULT_MALFORMED, "no TLS record", at);
    return reader_ok(reader);
}

/* ---- Hellos ---- */

/* RFC 8701: values that mean nothing, to keep servers tolerant. */
static bool is_grease(uint16_t value)
{
    return (value & 0x0F0F) == 0x0A0A && value >> 8 == (value & 0xFF);
}

static void take_server_name(struct reader *data, struct tls_hello *out)
{
    struct reader list = reader_child(data, reader_be16(data));

    while (reader_left(&list) > 0) {
        uint8_t type = reader_u8(&list);
        struct bytes name = reader_bytes(&list, reader_be16(&list));

        if (type == 0 && out->sni.len == 0)
            out->sni = name;
    }
    reader_close(data, &list);
}

/* A client sends a list, a server one value. */
static void take_versions(struct reader *data, bool client, struct tls_hello *out)
{
    struct reader list = client ? reader_child(data, reader_u8(data)) : *data;
    uint16_t best = 0;

    while (reader_left(&list) > 0) {
        uint16_t version = reader_be16(&list);

        if (!is_grease(version) && version > best)
            best = version;
    }
    if (best != 0)
        out->version = best;
    reader_close(data, &list);
}

static void take_extensions(struct reader *reader, bool client, struct tls_hello *out)
{
    struct reader all;

    if (reader_left(reader) == 0 && !reader->open)
        return; /* RFC 5246 7.4.1.2: they may be absent */
    all = reader_child(reader, reader_be16(reader));
    while (reader_left(&all) > 0) {
        uint16_t type = reader_be16(&all);
        struct reader data = reader_child(&all, reader_be16(&all));

        if (type == EXTENSION_SERVER_NAME && client && reader_left(&data) > 0)
            take_server_name(&data, out);
        else if (type == EXTENSION_VERSIONS)
            take_versions(&data, client, out);
        else if (type == EXTENSION_ALPN)
            out->alpn = reader_bytes(&data, reader_be16(&data));
        reader_close(&all, &data);
    }
    reader_close(reader, &all);
}

void tls_parse_client_hello(struct reader *reader, struct tls_hello *out)
{
    memset(out, 0, sizeof(*out));
    out->version = reader_be16(reader);
    reader_skip(reader, 32);
    reader_skip(reader, reader_u8(reader));   /* session id */
    reader_skip(reader, reader_be16(reader)); /* cipher suites */
    reader_skip(reader, reader_u8(reader));   /* compression methods */
    take_extensions(reader, true, out);
}

void tls_parse_server_hello(struct reader *reader, struct tls_hello *out)
{
    memset(out, 0, sizeof(*out));
    out->version = reader_be16(reader);
    reader_skip(reader, 32);
    reader_skip(reader, reader_u8(reader));
    out->cipher = reader_be16(reader);
    out->has_cipher = reader_ok(reader);
    reader_skip(reader, 1);
    take_extensions(reader, false, out);
}

bool tls_take_protocol(struct bytes *alpn, struct bytes *out)
{
    struct reader reader;

    reader_init(&reader, *alpn, false);
    *out = reader_bytes(&reader, reader_u8(&reader));
    *alpn = reader_rest(&reader);
    return out->len > 0;
}

/* ---- Certificates ---- */

struct bytes tls_leaf(struct reader *reader)
{
    struct reader list = reader_child(reader, reader_be24(reader));
    struct bytes leaf = reader_bytes(&list, reader_be24(&list));

    reader_close(reader, &list);
    return leaf;
}

/* Whether the element is the OBJECT IDENTIFIER with these contents. */
static bool is_oid(const struct der *der, const char *contents)
{
    return der_is(der, DER_UNIVERSAL, DER_OID) && !der->cut &&
           bytes_equal((struct bytes){der->in.base + der->in.at, reader_left(&der->in)},
                       bytes_of_text(contents));
}

static struct bytes contents_of(const struct der *der)
{
    struct reader in = der->in;

    return der->cut || der->constructed ? (struct bytes){NULL, 0} : reader_rest(&in);
}

/* The last commonName (2.5.4.3) of a Name: the most specific one (RFC 5280 4.1.2.4). */
static struct bytes common_name(const struct der *name, struct der_story *story)
{
    struct bytes found = {NULL, 0};
    struct reader sets = name->in;
    struct der set, pair, type, value;

    while (der_take(&sets, story, &set)) {
        struct reader pairs = set.in;

        while (der_take(&pairs, story, &pair)) {
            struct reader in = pair.in;

            if (der_take(&in, story, &type) && is_oid(&type, "\x55\x04\x03") &&
                der_take(&in, story, &value))
                found = contents_of(&value);
        }
    }
    return found;
}

/* The contents of the subjectAltName (2.5.29.17) of Extensions. */
static struct bytes alternative_names(const struct der *wrapper, struct der_story *story)
{
    struct bytes found = {NULL, 0};
    struct der list, extension, item, names;
    struct reader extensions;

    if (!der_inside(wrapper, story, &list))
        return found;
    extensions = list.in;
    while (der_take(&extensions, story, &extension)) {
        struct reader in = extension.in, octets;

        if (!der_take(&in, story, &item) || !is_oid(&item, "\x55\x1D\x11"))
            continue;
        while (der_take(&in, story, &item) && !der_is(&item, DER_UNIVERSAL, DER_OCTET_STRING))
            continue; /* critical */
        octets = item.in;
        if (der_is(&item, DER_UNIVERSAL, DER_OCTET_STRING) && der_take(&octets, story, &names)) {
            struct reader rest = names.in;

            found = reader_rest(&rest);
        }
    }
    return found;
}

bool tls_parse_certificate(struct bytes der, struct tls_names *out)
{
    struct der_story story = {0};
    struct der whole, body, item = {0};
    struct reader in;
    unsigned sequences = 0;

    memset(out, 0, sizeof(*out));
    reader_init(&in, der, false);
    if (!der_take(&in, &story, &whole))
        return false;
    in = whole.in;
    if (!der_take(&in, &story, &body) || !der_is(&body, DER_UNIVERSAL, DER_SEQUENCE))
        return false;
    in = body.in;
    /* [version] serial, then SEQUENCEs: signature, issuer, validity, subject, key; [3] extensions
     */
    while (der_take(&in, &story, &item)) {
        if (der_is(&item, DER_UNIVERSAL, DER_SEQUENCE) && ++sequences == 4)
            out->common_name = common_name(&item, &story);
        else if (der_is(&item, DER_CONTEXT, 3))
            out->alternative = alternative_names(&item, &story);
    }
    return sequences >= 4;
}

bool tls_take_name(struct bytes *alternative, struct bytes *out)
{
    struct der_story story = {0};
    struct reader in;
    struct der name;

    reader_init(&in, *alternative, false);
    while (der_take(&in, &story, &name)) {
        *out = contents_of(&name);
        if (der_is(&name, DER_CONTEXT, 2) && out->len > 0) {
            *alternative = reader_rest(&in);
            return true;
        }
    }
    alternative->len = 0;
    return false;
}

const char *tls_version_name(uint16_t version, char *room)
{
    static const char *const names[] = {"SSL 3.0", "1.0", "1.1", "1.2", "1.3"};

    if (version >> 8 == 3 && (version & 0xFF) <= 4)
        return names[version & 0xFF];
    snprintf(room, TLS_VERSION_ROOM, "0x%04x", version);
    return room;
}
