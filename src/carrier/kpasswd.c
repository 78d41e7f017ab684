/* SPDX-License-Identifier: MIT */
/* The Kerberos change and set password protocol, RFC 3244: an AP-REQ or AP-REP and a KRB-PRIV or
 * KRB-ERROR behind a small header. */
#include "carrier/krb_observe.h"
#include "carrier/krb_stream.h"

enum {
    HEADER_LEN = 6,
    VERSION_CHANGE = 1, /* also of every reply */
    VERSION_SET = 0xFF80
};

static const uint16_t ports[] = {464, 0};

/* Header: message length, version, length of the AP-REQ or AP-REP (0 in an error). */
static bool take_header(struct reader *in, size_t *out_len, size_t *out_ap_len)
{
    uint16_t version;

    *out_len = reader_be16(in);
    version = reader_be16(in);
    *out_ap_len = reader_be16(in);
    return reader_ok(in) && (version == VERSION_CHANGE || version == VERSION_SET) &&
           *out_len >= HEADER_LEN && *out_ap_len <= *out_len - HEADER_LEN;
}

static bool plausible(struct bytes first, size_t len, bool strict)
{
    struct reader in;
    size_t message_len, ap_len;
    int type;

    reader_init(&in, first, first.len < len);
    if (kerberos_type_of_octet(reader_peek(&in)) ==
        KRB_ERROR) /* some servers leave the header out */
        return !strict && krb_message_strict(first, len);
    if (!take_header(&in, &message_len, &ap_len) || message_len != len)
        return false;
    if (reader_left(&in) == 0)
        return !strict;
    type = kerberos_type_of_octet(reader_peek(&in));
    return ap_len == 0 ? type == KRB_ERROR : type == KRB_AP_REQ || type == KRB_AP_REP;
}

static void message(struct carriage *carriage, const struct source *source, struct bytes message)
{
    bool cut = source->damaged != NULL;
    struct reader in, ap;
    size_t len, ap_len;

    reader_init(&in, message, cut);
    if (kerberos_type_of_octet(reader_peek(&in)) != KRB_ERROR) {
        if (!take_header(&in, &len, &ap_len))
            return;
        if (ap_len > 0) {
            ap = reader_child(&in, ap_len);
            krb_observe(carriage, source, &ap, 0, false);
        }
    }
    if (reader_left(&in) > 0)
        krb_observe(carriage, source, &in, 0, false);
}

static const struct krb_framed framed = {plausible, message};

const struct carrier carrier_kpasswd = {
    .name = "kpasswd",
    .reference = "RFC 3244",
    .ports = ports,
    .claim = krb_stream_claim,
    .open = krb_stream_open,
    .feed = krb_stream_feed,
    .finish = krb_stream_finish,
    .stray = krb_stream_stray,
    .datagram = krb_stream_datagram,
    .framed = &framed,
};
