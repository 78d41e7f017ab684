/* SPDX-License-Identifier: MIT */
/* Kerberos on UDP and TCP, RFC 4120, 7.2. */
#include "carrier/krb_observe.h"
#include "carrier/krb_stream.h"

static const uint16_t ports[] = {88, 0};

/* What a client and a KDC send each other; the rest of the messages lives in other protocols. */
static bool is_kdc_message(int type)
{
    return type == KRB_AS_REQ || type == KRB_AS_REP || type == KRB_TGS_REQ || type == KRB_TGS_REP ||
           type == KRB_ERROR;
}

static bool plausible(struct bytes first, size_t len, bool strict)
{
    struct reader in;

    reader_init(&in, first, true);
    if (!strict)
        return kerberos_type_of_octet(reader_peek(&in)) != 0;
    return is_kdc_message(kerberos_type_of_octet(reader_peek(&in))) &&
           krb_message_strict(first, len);
}

static void message(struct carriage *carriage, const struct source *source, struct bytes message)
{
    struct reader in;

    reader_init(&in, message, source->damaged != NULL);
    krb_observe(carriage, source, &in, 0, false);
}

static const struct krb_framed framed = {plausible, message};

const struct carrier carrier_krb5 = {
    .name = "krb5",
    .reference = "RFC 4120",
    .ports = ports,
    .claim = krb_stream_claim,
    .open = krb_stream_open,
    .feed = krb_stream_feed,
    .finish = krb_stream_finish,
    .stray = krb_stream_stray,
    .datagram = krb_stream_datagram,
    .framed = &framed,
};
