/* SPDX-License-Identifier: MIT */
#include "carrier/krb_observe.h"

#include "asn1/keyring.h"
#include "carrier/krb_text.h"

enum { CHUNK = 64 };

/* What belongs to one call of krb_observe. */
struct context {
    struct carriage *carriage;
    struct arena *arena;
    const struct source *source;
    const struct reader *base; /* whose offsets the message has */
    int64_t gss;
};

static struct optint opt(struct der_int value)
{
    return value.set ? optint(value.value) : (struct optint){false, 0};
}

static const char *text(const struct context *c, struct der_bytes value)
{
    return value.set ? arena_text(c->arena, value.raw) : NULL;
}

static const char *name_text(const struct context *c, const struct kerberos_name *name)
{
    return name->set ? krb_name_text(c->arena, name) : NULL;
}

/* A short digest of each piece, so that two ciphertexts can be compared piecewise. */
static struct int_list chunks_of(struct arena *arena, struct bytes cipher)
{
    size_t num = cipher.len / CHUNK + (cipher.len % CHUNK != 0), i;
    int64_t *at = arena_take(arena, num, sizeof(*at));

    for (i = 0; i < num; i++) {
        struct bytes piece = {cipher.at + i * CHUNK, size_min(CHUNK, cipher.len - i * CHUNK)};

        at[i] = (int64_t)digest_short(piece);
    }
    return (struct int_list){at, num};
}

/* Which keys open it, and what it says inside. */
static void try_keys(const struct context *c, const struct kerberos_encrypted *enc,
                     struct ticket *out)
{
    const struct keyring *ring = c->carriage->keyring;
    const struct keyring_result *result;
    struct opener *openers;
    size_t i;

    if (ring == NULL || !enc->etype.set || !enc->cipher.set)
        return;
    result = keyring_try(ring, enc->etype.value, enc->cipher.raw);
    openers = arena_take(c->arena, result->num, sizeof(*openers));
    for (i = 0; i < result->num; i++) {
        struct keyring_entry entry = keyring_entry(ring, result->opened_by[i]);

        openers[i] = (struct opener){entry.principal, entry.kvno, entry.etype};
    }
    out->tried = true;
    out->opened_by = (struct opener_list){openers, result->num};
    out->client = result->client;
    out->pac_logon = result->pac_logon;
    if (result->client != NULL) {
        out->auth_ns = optint(result->auth_s * 1000000000);
        out->end_ns = optint(result->end_s * 1000000000);
    }
}

static struct ticket make_ticket(const struct context *c, const struct kerberos_ticket *ticket)
{
    struct ticket out = {0};

    out.realm = text(c, ticket->realm);
    out.sname = name_text(c, &ticket->sname);
    if (ticket->sname.set) {
        out.sname_type = opt(ticket->sname.type);
        out.num_components = optint((int64_t)ticket->sname.parts.num);
    }
    out.etype = opt(ticket->enc.etype);
    out.kvno = opt(ticket->enc.kvno);
    if (ticket->enc.cipher.set) {
        out.sha256 = digest_of(ticket->enc.cipher.raw);
        out.cipher_len = (int64_t)ticket->enc.cipher.raw.len;
        out.chunks = chunks_of(c->arena, ticket->enc.cipher.raw);
    }
    try_keys(c, &ticket->enc, &out);
    return out;
}

static struct int_list int_list(struct arena *arena, const struct der_list *list)
{
    int64_t *at = arena_take(arena, list->num, sizeof(*at)), value;
    struct reader in = list->in;
    size_t num = 0;

    while (num < list->num && kerberos_int_take(&in, &value))
        at[num++] = value;
    return (struct int_list){at, num};
}

/* Types of PA-DATA or TYPED-DATA, in order. */
static struct int_list type_list(struct arena *arena, const struct der_list *list,
                                 bool (*take)(struct reader *, struct kerberos_padata *))
{
    int64_t *at = arena_take(arena, list->num, sizeof(*at));
    struct reader in = list->in;
    struct kerberos_padata item;
    size_t num = 0;

    while (num < list->num && take(&in, &item))
        if (item.type.set)
            at[num++] = item.type.value;
    return (struct int_list){at, num};
}

static struct ticket_list ticket_list(const struct context *c, const struct der_list *list)
{
    struct ticket *at = arena_take(c->arena, list->num, sizeof(*at));
    struct reader in = list->in;
    struct kerberos_ticket ticket;
    size_t num = 0;

    while (num < list->num && kerberos_ticket_take(&in, &ticket))
        at[num++] = make_ticket(c, &ticket);
    return (struct ticket_list){at, num};
}

/* ETYPE-INFO2 where there is one, else ETYPE-INFO: RFC 4120, 5.2.7.5 wants the newer one used. */
static struct etype_info_list etype_infos(const struct context *c, const struct der_list *padata)
{
    struct reader in = padata->in;
    struct kerberos_padata item;
    struct der_list best = {0}, list;
    struct etype_info *at;
    struct kerberos_etype_info entry;
    int64_t type = 0;
    size_t num = 0;

    while (padata->set && kerberos_padata_take(&in, &item))
        if ((item.type.value == PA_ETYPE_INFO2 ||
             (item.type.value == PA_ETYPE_INFO && type != PA_ETYPE_INFO2)) &&
            kerberos_list(c->base, item.value.raw, &list)) {
            type = item.type.value;
            best = list;
            if (list.more)
                carrier_limit(c->carriage, CARRIER_LIST, c->source);
        }
    at = arena_take(c->arena, best.num, sizeof(*at));
    while (num < best.num && kerberos_etype_info_take(&best.in, type, &entry)) {
        at[num].etype = entry.etype.value;
        at[num++].salt = text(c, entry.salt);
    }
    return (struct etype_info_list){at, num};
}

static void read_padata(const struct context *c, const struct kerberos *message, struct krb *out)
{
    struct reader in = message->padata.in;
    struct kerberos_padata item;
    struct kerberos_user user;

    out->padata = type_list(c->arena, &message->padata, kerberos_padata_take);
    while (message->padata.set && kerberos_padata_take(&in, &item)) {
        out->fast |= item.type.set && item.type.value == PA_FX_FAST;
        if (kerberos_user_parse(c->base, &item, &user))
            out->for_user = krb_principal_text(c->arena, &user.name, user.realm);
    }
    if (message->msg_type == KRB_AS_REP || message->msg_type == KRB_TGS_REP)
        out->etype_infos = etype_infos(c, &message->padata);
}

static void read_edata(const struct context *c, const struct kerberos *message, struct krb *out)
{
    struct kerberos_edata edata;

    kerberos_edata_parse(c->base, message, &edata);
    out->ntstatus = opt(edata.ntstatus);
    if (edata.list.more)
        carrier_limit(c->carriage, CARRIER_LIST, c->source);
    if (edata.kind == EDATA_METHOD_DATA) {
        out->padata = type_list(c->arena, &edata.list, kerberos_padata_take);
        out->etype_infos = etype_infos(c, &edata.list);
    } else if (edata.kind == EDATA_TYPED_DATA) {
        out->typed_data = type_list(c->arena, &edata.list, kerberos_typed_take);
    }
}

static void read_fields(const struct context *c, const struct kerberos *message, struct krb *out)
{
    out->realm = text(c, message->realm);
    out->sname = name_text(c, &message->sname);
    if (message->sname.set) {
        out->sname_type = opt(message->sname.type);
        out->num_sname = optint((int64_t)message->sname.parts.num);
    }
    out->crealm = text(c, message->crealm);
    out->cname = name_text(c, &message->cname);
    if (message->cname.set)
        out->cname_type = opt(message->cname.type);
    out->kdc_options = opt(message->kdc_options);
    out->till_s = opt(message->till_s);
    out->rtime_s = opt(message->rtime_s);
    out->etypes = int_list(c->arena, &message->etypes);
    out->additional_tickets = ticket_list(c, &message->tickets);
    out->error_code = opt(message->error_code);
    out->e_text = text(c, message->e_text);
    out->stime_s = opt(message->stime_s);
    out->stime_us = opt(message->susec);
    out->ctime_s = opt(message->ctime_s);
    out->ctime_us = opt(message->cusec);
    out->ap_options = opt(message->ap_options);
    out->enc_etype = opt(message->enc.etype);
    out->enc_kvno = opt(message->enc.kvno);
    out->auth_etype = opt(message->authenticator.etype);
    if (message->authenticator.cipher.set)
        out->auth_sha256 = digest_of(message->authenticator.cipher.raw);
}

/* Appends the observation of one message that was read. */
static int64_t append(const struct context *c, const struct kerberos *message, int64_t parent,
                      int64_t inside)
{
    struct source source = *c->source;
    struct krb krb = {0};
    struct ticket ticket;
    struct bytes whole = {c->base->base + message->start, message->end - message->start};

    krb.msg_type = message->msg_type;
    krb.parent = parent;
    if (parent != 0)
        krb.inside = optint(inside);
    krb.gss = c->gss;
    read_fields(c, message, &krb);
    read_padata(c, message, &krb);
    if (message->msg_type == KRB_ERROR)
        read_edata(c, message, &krb);
    if (message->ticket.set) {
        ticket = make_ticket(c, &message->ticket);
        krb.ticket = &ticket;
    }
    krb.note = krb_note(c->arena, message, whole);
    krb.whole_sha256 = digest_of(whole);
    if (source.damaged == NULL && message->story.fault != FAULT_NONE)
        source.damaged = message->story.fault == FAULT_NEEDS_MORE ? "incomplete" : "malformed";
    return log_append(c->carriage->log, KIND_krb, &source, &krb);
}

/* Messages inside PA-DATA: the AP-REQ of a TGS-REQ, that of FAST's armour. They have no PA-DATA
 * themselves, so that this goes one level deep. */
static void append_nested(const struct context *c, const struct kerberos *message, int64_t parent)
{
    struct reader in = message->padata.in, nested;
    struct kerberos_padata item;
    struct kerberos inner;

    while (message->padata.set && kerberos_padata_take(&in, &item))
        if (kerberos_nested(c->base, &item, &nested) && kerberos_parse(&nested, &inner))
            append(c, &inner, parent, message->msg_type);
}

int64_t krb_observe(struct carriage *carriage, const struct source *source, struct reader *in,
                    int64_t gss, bool salvage)
{
    struct reader base = *in;
    struct context context = {carriage, carriage->scratch, source, &base, gss};
    struct kerberos message;
    int64_t id;

    if (salvage ? !kerberos_salvage(in, &message) : !kerberos_parse(in, &message))
        return 0;
    id = append(&context, &message, 0, 0);
    if (id != 0)
        append_nested(&context, &message, id);
    return id;
}
