/* SPDX-License-Identifier: MIT */
#include "asn1/mit.h"

#include <stdlib.h>

#include "asn1/mit_krb5.h"

/* The library's free functions take a context and do not use it. */
static const krb5_context no_context = NULL;

static krb5_data data_of(struct bytes raw)
{
    krb5_data data = {0};

    data.length = (unsigned)raw.len;
    data.data = (char *)raw.at;
    return data;
}

static const struct {
    krb5_error_code code;
    const char *text;
} refusals[] = {
    {ASN1_BAD_TIMEFORMAT, "a time in another format"},
    {ASN1_MISSING_FIELD, "a required field is missing"},
    {ASN1_MISPLACED_FIELD, "a field in an unexpected place"},
    {ASN1_TYPE_MISMATCH, "a value of another type"},
    {ASN1_OVERFLOW, "a number that is too large"},
    {ASN1_OVERRUN, "a length that runs over the end"},
    {ASN1_BAD_ID, "a tag that does not belong there"},
    {ASN1_BAD_LENGTH, "a length that does not match its value"},
    {ASN1_BAD_FORMAT, "a value in another format"},
    {ASN1_PARSE_ERROR, "an ASN.1 error"},
    {KRB5_BADMSGTYPE, "another msg-type than the tag's"},
    {KRB5KDC_ERR_BAD_PVNO, "another protocol version"},
    {KRB5KRB_AP_ERR_BADVERSION, "another protocol version"},
};

static const char *refusal(krb5_error_code code)
{
    size_t i;

    for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
        if (refusals[i].code == code)
            return refusals[i].text;
    return "an error without a name here";
}

/* ---- comparison: each sets *what to the field that differs, unless there is one already ---- */

static void differ(const char **what, const char *field, bool same)
{
    if (!same && *what == NULL)
        *what = field;
}

static bool same_data(const krb5_data *theirs, const struct der_bytes *ours)
{
    struct bytes raw = {(const uint8_t *)theirs->data, theirs->length};

    return bytes_equal(raw, ours->set ? ours->raw : (struct bytes){NULL, 0});
}

/* MIT keeps 32 bits of times, numbers and flags, and 0 for what is absent. */
static bool same_number(int64_t theirs, struct der_int ours)
{
    return (uint32_t)theirs == (uint32_t)(ours.set ? ours.value : 0);
}

static bool same_name(const krb5_principal theirs, const struct kerberos_name *ours)
{
    struct reader in = ours->parts.in;
    struct bytes part;
    krb5_int32 i;

    if (theirs == NULL || theirs->data == NULL)
        return !ours->set || ours->parts.num == 0;
    if (!ours->set)
        return theirs->length == 0;
    if (theirs->length != (krb5_int32)ours->parts.num || !same_number(theirs->type, ours->type))
        return false;
    for (i = 0; i < theirs->length; i++) {
        struct bytes their_part = {(const uint8_t *)theirs->data[i].data, theirs->data[i].length};

        if (!kerberos_part_take(&in, &part) || !bytes_equal(part, their_part))
            return false;
    }
    return true;
}

static bool same_realm(const krb5_principal theirs, const struct der_bytes *ours)
{
    return theirs == NULL ? !ours->set : same_data(&theirs->realm, ours);
}

static bool same_encrypted(const krb5_enc_data *theirs, const struct kerberos_encrypted *ours)
{
    return same_number(theirs->enctype, ours->etype) && same_number(theirs->kvno, ours->kvno) &&
           same_data(&theirs->ciphertext, &ours->cipher);
}

static void compare_ticket(const char **what, const krb5_ticket *theirs,
                           const struct kerberos_ticket *ours)
{
    if (theirs == NULL || !ours->set) {
        differ(what, "ticket", theirs == NULL && !ours->set);
        return;
    }
    differ(what, "ticket.realm", same_realm(theirs->server, &ours->realm));
    differ(what, "ticket.sname", same_name(theirs->server, &ours->sname));
    differ(what, "ticket.enc-part", same_encrypted(&theirs->enc_part, &ours->enc));
}

static bool same_etypes(const krb5_kdc_req *theirs, const struct kerberos *ours)
{
    struct reader in = ours->etypes.in;
    int64_t etype;
    int i;

    if (theirs->nktypes != (int)ours->etypes.num)
        return false;
    for (i = 0; i < theirs->nktypes; i++)
        if (!kerberos_int_take(&in, &etype) || (int32_t)etype != theirs->ktype[i])
            return false;
    return true;
}

static size_t count(void *const *list)
{
    size_t num = 0;

    while (list != NULL && list[num] != NULL)
        num++;
    return num;
}

static krb5_error_code ask_kdc_req(const krb5_data *raw, const struct kerberos *m,
                                   const char **what)
{
    krb5_kdc_req *req = NULL;
    krb5_error_code code =
        m->msg_type == KRB_AS_REQ ? decode_krb5_as_req(raw, &req) : decode_krb5_tgs_req(raw, &req);

    if (code != 0)
        return code;
    differ(what, "kdc-options", same_number(req->kdc_options, m->kdc_options));
    differ(what, "cname", same_name(req->client, &m->cname));
    differ(what, "sname", same_name(req->server, &m->sname));
    if (req->server != NULL)
        differ(what, "realm", same_realm(req->server, &m->realm));
    differ(what, "till", same_number(req->till, m->till_s));
    differ(what, "rtime", same_number(req->rtime, m->rtime_s));
    differ(what, "etype", same_etypes(req, m));
    differ(what, "padata", count((void *const *)req->padata) == m->padata.num);
    differ(what, "additional-tickets", count((void *const *)req->second_ticket) == m->tickets.num);
    krb5_free_kdc_req(no_context, req);
    return 0;
}

static krb5_error_code ask_kdc_rep(const krb5_data *raw, const struct kerberos *m,
                                   const char **what)
{
    krb5_kdc_rep *rep = NULL;
    krb5_error_code code =
        m->msg_type == KRB_AS_REP ? decode_krb5_as_rep(raw, &rep) : decode_krb5_tgs_rep(raw, &rep);

    if (code != 0)
        return code;
    differ(what, "crealm", same_realm(rep->client, &m->crealm));
    differ(what, "cname", same_name(rep->client, &m->cname));
    compare_ticket(what, rep->ticket, &m->ticket);
    differ(what, "enc-part", same_encrypted(&rep->enc_part, &m->enc));
    krb5_free_kdc_rep(no_context, rep);
    return 0;
}

static krb5_error_code ask_ap_req(const krb5_data *raw, const struct kerberos *m, const char **what)
{
    krb5_ap_req *req = NULL;
    krb5_error_code code = decode_krb5_ap_req(raw, &req);

    if (code != 0)
        return code;
    differ(what, "ap-options", same_number(req->ap_options, m->ap_options));
    compare_ticket(what, req->ticket, &m->ticket);
    differ(what, "authenticator", same_encrypted(&req->authenticator, &m->authenticator));
    krb5_free_ap_req(no_context, req);
    return 0;
}

static krb5_error_code ask_ap_rep(const krb5_data *raw, const struct kerberos *m, const char **what)
{
    krb5_ap_rep *rep = NULL;
    krb5_error_code code = decode_krb5_ap_rep(raw, &rep);

    if (code != 0)
        return code;
    differ(what, "enc-part", same_encrypted(&rep->enc_part, &m->enc));
    krb5_free_ap_rep(no_context, rep);
    return 0;
}

static krb5_error_code ask_priv(const krb5_data *raw, const struct kerberos *m, const char **what)
{
    struct mit_priv *priv = NULL;
    krb5_error_code code = decode_krb5_priv(raw, &priv);

    if (code != 0)
        return code;
    differ(what, "enc-part", same_encrypted(&priv->enc_part, &m->enc));
    krb5_free_priv(no_context, priv);
    return 0;
}

static krb5_error_code ask_error(const krb5_data *raw, const struct kerberos *m, const char **what)
{
    krb5_error *error = NULL;
    krb5_error_code code = decode_krb5_error(raw, &error);

    if (code != 0)
        return code;
    differ(what, "error-code", same_number(error->error, m->error_code));
    differ(what, "stime", same_number(error->stime, m->stime_s));
    differ(what, "susec", same_number(error->susec, m->susec));
    differ(what, "ctime", same_number(error->ctime, m->ctime_s));
    differ(what, "cusec", same_number(error->cusec, m->cusec));
    if (error->client != NULL)
        differ(what, "cname", same_name(error->client, &m->cname));
    differ(what, "realm", same_realm(error->server, &m->realm));
    differ(what, "sname", same_name(error->server, &m->sname));
    differ(what, "e-text", same_data(&error->text, &m->e_text));
    differ(what, "e-data", same_data(&error->e_data, &m->e_data));
    krb5_free_error(no_context, error);
    return 0;
}

enum mit_verdict mit_confirm(const struct kerberos *message, struct bytes raw,
                             const char **out_what)
{
    static const struct {
        int type;
        krb5_error_code (*ask)(const krb5_data *, const struct kerberos *, const char **);
    } asks[] = {{KRB_AS_REQ, ask_kdc_req},  {KRB_TGS_REQ, ask_kdc_req}, {KRB_AS_REP, ask_kdc_rep},
                {KRB_TGS_REP, ask_kdc_rep}, {KRB_AP_REQ, ask_ap_req},   {KRB_AP_REP, ask_ap_rep},
                {KRB_PRIV, ask_priv},       {KRB_ERROR, ask_error}};
    const krb5_data data = data_of(raw);
    const char *what = NULL;
    size_t i;

    *out_what = "";
    for (i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
        if (asks[i].type == message->msg_type) {
            krb5_error_code code = asks[i].ask(&data, message, &what);

            *out_what = code != 0 ? refusal(code) : what == NULL ? "" : what;
            return code != 0 ? MIT_REFUSES : what != NULL ? MIT_DISAGREES : MIT_AGREES;
        }
    return MIT_NOT_ASKED;
}

/* An error is encoded by the library and decoded again: this shows that the declarations fit. */
const char *mit_self_test(void)
{
    krb5_data components[1] = {{0, 4, (char *)"test"}};
    krb5_principal_data server = {0};
    krb5_error error = {0}, *again = NULL;
    krb5_data *raw = NULL;
    const char *problem = NULL;

    server.realm.data = (char *)"EXAMPLE.COM";
    server.realm.length = 11;
    server.data = components;
    server.length = 1;
    server.type = 1;
    error.server = &server;
    error.error = 41;
    error.stime = 1318569014;
    if (encode_krb5_error(&error, &raw) != 0)
        return "encode_krb5_error fails";
    if (decode_krb5_error(raw, &again) != 0)
        problem = "decode_krb5_error fails";
    else if (again->error != 41 || again->stime != error.stime || again->server == NULL ||
             again->server->length != 1 || again->server->data[0].length != 4)
        problem = "decode_krb5_error gives something else";
    krb5_free_error(no_context, again);
    krb5_free_data(no_context, raw);
    return problem;
}
