/* SPDX-License-Identifier: MIT */
#include "carrier/token.h"

#include "asn1/oid.h"
#include "carrier/krb_observe.h"
#include "protocol/gss.h"
#include "protocol/ntlm.h"

static struct optint opt(struct der_int value)
{
    return value.set ? optint(value.value) : (struct optint){false, 0};
}

static const char *oid(struct arena *arena, struct bytes content)
{
    char dotted[OID_TEXT_ROOM];

    return content.len > 0 && oid_text(content, dotted) ? arena_print(arena, "%s", dotted) : NULL;
}

static struct text_list mech_list(struct arena *arena, const struct der_list *mechs)
{
    const char **at = arena_take(arena, mechs->num, sizeof(*at));
    struct reader in = mechs->in;
    struct bytes content;
    size_t num = 0;

    while (num < mechs->num && spnego_mech_take(&in, &content)) {
        const char *dotted = oid(arena, content);

        at[num++] = dotted == NULL ? "" : dotted;
    }
    return (struct text_list){at, num};
}

static const char *damage(const struct source *source, enum fault fault)
{
    if (source->damaged != NULL || fault == FAULT_NONE)
        return source->damaged;
    return fault == FAULT_NEEDS_MORE ? "incomplete" : "malformed";
}

static const char *gss_note(struct arena *arena, const struct gss_token *gss)
{
    if (gss->story.fault != FAULT_NONE)
        return arena_print(arena, "%s at offset %zu: %s", fault_name(gss->story.fault),
                           gss->story.fault_at, gss->story.fault_what);
    if (gss->kind == GSS_NEGOEX)
        return "NegoEx messages are not read";
    if (reader_left(&gss->mic_token) > 0)
        return "the mechListMIC holds a whole token (habit of Java)";
    return NULL;
}

static int64_t append_gss(struct carriage *carriage, const struct source *source,
                          const struct gss_token *token, size_t len, int64_t message_id,
                          int64_t order)
{
    struct arena *arena = carriage->scratch;
    struct source own = *source;
    struct gss gss = {0};

    gss.token = token->token;
    gss.mechs = mech_list(arena, &token->spnego.mechs);
    gss.neg_state = opt(token->spnego.neg_state);
    gss.supported_mech =
        token->spnego.supported.set ? oid(arena, token->spnego.supported.raw) : NULL;
    gss.mech = oid(arena, token->mech);
    gss.tok_id = opt(token->tok_id);
    gss.has_mech_token = token->spnego.token.set;
    gss.has_mic = token->spnego.mic.set;
    gss.token_len = (int64_t)len;
    gss.message = message_id;
    gss.order = order;
    gss.note = gss_note(arena, token);
    own.damaged = damage(source, token->story.fault);
    return log_append(carriage->log, KIND_gss, &own, &gss);
}

static void append_ntlm(struct carriage *carriage, const struct source *source,
                        const struct gss_token *token, int64_t gss_id, int64_t message_id,
                        int64_t order)
{
    struct reader in = token->inner;
    struct ntlm_message message;
    struct source own = *source;
    struct ntlm ntlm = {0};
    bool open = token->inner.open;

    if (!ntlm_parse(carriage->scratch, reader_rest(&in), open, &message))
        return;
    ntlm.msg_type = message.type;
    ntlm.target = message.target;
    ntlm.nb_computer = message.nb_computer;
    ntlm.nb_domain = message.nb_domain;
    ntlm.dns_computer = message.dns_computer;
    ntlm.dns_domain = message.dns_domain;
    ntlm.dns_tree = message.dns_tree;
    if (message.has_time)
        ntlm.time_ns = optint(message.time_ns);
    ntlm.target_name = message.target_name;
    ntlm.domain = message.domain;
    ntlm.user = message.user;
    ntlm.workstation = message.workstation;
    if (message.bindings != NTLM_BINDINGS_ABSENT)
        ntlm.channel_bindings = optint(message.bindings == NTLM_BINDINGS_SET);
    ntlm.version = message.version;
    ntlm.gss = gss_id;
    ntlm.message = message_id;
    ntlm.order = order;
    own.damaged = damage(source, message.fault);
    log_append(carriage->log, KIND_ntlm, &own, &ntlm);
}

void token_observe(struct carriage *carriage, const struct source *source, struct bytes token,
                   int64_t message_id, int64_t order)
{
    bool open = source->damaged != NULL && strcmp(source->damaged, "incomplete") == 0;
    struct gss_token gss;
    int64_t gss_id;

    if (token.len == 0)
        return;
    gss_parse(token, open, &gss);
    gss_id = append_gss(carriage, source, &gss, token.len, message_id, order);
    if (gss_id == 0) /* the log is full */
        return;
    if (gss.kind == GSS_KERBEROS)
        krb_observe(carriage, source, &gss.inner, gss_id, gss.salvaged);
    else if (gss.kind == GSS_NTLM)
        append_ntlm(carriage, source, &gss, gss_id, message_id, order);
}
