/* SPDX-License-Identifier: MIT */
#include "cause/index.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"

enum { MSG_AS_REQ = 10, MSG_AS_REP = 11, MSG_TGS_REQ = 12, MSG_TGS_REP = 13, MSG_ERROR = 30 };

uint64_t index_name(const char *name)
{
    return map_hash_name(MAP_SEED, name);
}

uint64_t index_label(const char *name)
{
    char label[256];
    size_t len = strcspn(name, ".");

    if (len > 0 && name[len - 1] == '$')
        len--;
    if (len >= sizeof(label))
        len = sizeof(label) - 1;
    memcpy(label, name, len);
    label[len] = '\0';
    return map_hash_name(MAP_SEED, label);
}

uint64_t index_address(const struct address *address)
{
    struct bytes raw = {(const uint8_t *)address, sizeof(*address)};

    return map_hash(MAP_SEED, raw);
}

bool index_is_machine(const char *name)
{
    size_t len = name == NULL ? 0 : strlen(name);

    return len > 1 && name[len - 1] == '$';
}

static void index_krb(struct index *out, const struct observation *seen)
{
    const struct krb *krb = seen->krb;
    bool kdc = seen->source.carrier != NULL && strcmp(seen->source.carrier, "krb5") == 0;

    if (krb->msg_type == MSG_TGS_REP && krb->ticket != NULL && krb->ticket->sname != NULL)
        map_add(&out->tickets, index_name(krb->ticket->sname), seen->id);
    if (krb->inside.set)
        return;
    if (kdc && (krb->msg_type == MSG_AS_REQ || krb->msg_type == MSG_TGS_REQ))
        map_add(&out->talk, index_address(&seen->source.src), seen->id);
    if (kdc && krb->msg_type == MSG_AS_REQ)
        map_add(&out->as, index_address(&seen->source.src), seen->id);
    if (kdc && (krb->msg_type == MSG_AS_REP || krb->msg_type == MSG_ERROR))
        map_add(&out->as, index_address(&seen->source.dst), seen->id);
    if (kdc && (krb->msg_type == MSG_AS_REP || krb->msg_type == MSG_TGS_REP))
        map_add(&out->kdcs, index_address(&seen->source.src), seen->id);
    if (krb->msg_type == MSG_AS_REQ && index_is_machine(krb->cname))
        map_add(&out->computers, index_label(krb->cname), seen->id);
    if (krb->msg_type == MSG_ERROR && !kdc && index_is_machine(krb->sname) &&
        strchr(krb->sname, '/') == NULL)
        map_add(&out->computers, index_label(krb->sname), seen->id);
}

static bool is_known(const struct map *map, uint64_t key)
{
    size_t at = 0;
    int64_t any;

    return map_next(map, key, &at, &any);
}

/* Only clients of attempts are asked for: there may be millions of others. */
static void index_dns(struct index *out, const struct joined_case *joined)
{
    const struct log *log = joined->log;
    struct log_room room = {.arena = {0}};
    struct map clients = {0};
    int64_t id;
    size_t i;

    for (i = 0; i < joined->num_attempts; i++) {
        uint64_t key = index_address(&joined->attempts[i].client);

        if (!is_known(&clients, key))
            map_add(&clients, key, 1);
    }
    for (id = 1; id <= log->last && joined->num_attempts > 0; id++) {
        const struct observation *seen = log_whole(log, id);
        const struct source *source;

        if (seen != NULL && seen->kind != KIND_dns)
            continue;
        source = log_look_source(log, id, &room);
        if (source == NULL || !is_known(&clients, index_address(&source->dst)))
            continue;
        seen = log_look(log, id, &room);
        if (seen->kind == KIND_dns && seen->dns->response)
            map_add(&out->told, index_address(&seen->source.dst), seen->id);
    }
    map_clear(&clients);
    log_leave(&room);
}

static void index_ntlm(struct index *out, const struct observation *seen)
{
    if (seen->ntlm->msg_type != 2)
        return;
    map_add(&out->here, index_address(&seen->source.src), seen->id);
    if (seen->ntlm->nb_computer != NULL)
        map_add(&out->computers, index_label(seen->ntlm->nb_computer), seen->id);
    else if (seen->ntlm->dns_computer != NULL)
        map_add(&out->computers, index_label(seen->ntlm->dns_computer), seen->id);
}

static void index_http(struct index *out, const struct observation *seen)
{
    const struct http *http = seen->http;
    size_t i;

    if (!http->response || !http->status.set ||
        (http->status.value != 401 && http->status.value != 407))
        return;
    for (i = 0; i < http->auths.num; i++) {
        if (http->auths.at[i].scheme == NULL ||
            strcasecmp(http->auths.at[i].scheme, "Negotiate") != 0)
            continue;
        map_add(&out->offers, index_address(&seen->source.dst), seen->id);
        return;
    }
}

static void index_evidence(struct index *out, const struct observation *seen)
{
    struct log *log = &out->evidence;

    if (log->num == log->room) {
        log->room = log->room == 0 ? 64 : log->room * 2;
        log->at = memory_grow(log->at, log->room, sizeof(*log->at));
    }
    log->at[log->num++] = *seen;
}

void index_build(struct index *out, const struct joined_case *joined)
{
    size_t i;

    out->joined = joined;
    for (i = 0; i < joined->log->num; i++) {
        const struct observation *seen = &joined->log->at[i];

        if (seen->kind == KIND_krb)
            index_krb(out, seen);
        else if (seen->kind == KIND_ntlm)
            index_ntlm(out, seen);
        else if (seen->kind == KIND_http)
            index_http(out, seen);
        else if (seen->kind >= KIND_spn_owner)
            index_evidence(out, seen);
    }
    index_dns(out, joined);
    for (i = 0; i < joined->num_attempts; i++)
        if (joined->attempts[i].spn != NULL)
            map_add(&out->attempts, index_name(joined->attempts[i].spn), (int64_t)i);
}

void index_clear(struct index *index)
{
    map_clear(&index->attempts);
    map_clear(&index->tickets);
    map_clear(&index->as);
    map_clear(&index->computers);
    map_clear(&index->here);
    map_clear(&index->told);
    map_clear(&index->kdcs);
    map_clear(&index->talk);
    map_clear(&index->offers);
    memory_drop(index->evidence.at);
    memset(&index->evidence, 0, sizeof(index->evidence));
    index->joined = NULL;
}

static const char *computer_named(const struct observation *seen)
{
    if (seen->kind == KIND_ntlm)
        return seen->ntlm->nb_computer != NULL ? seen->ntlm->nb_computer : seen->ntlm->dns_computer;
    return seen->krb->msg_type == MSG_ERROR ? seen->krb->sname : seen->krb->cname;
}

int64_t index_computer(const struct index *index, const char *name, int64_t except)
{
    size_t at = 0, looked = 0;
    int64_t id, oldest = 0;

    if (name == NULL)
        return 0;
    while (looked++ < INDEX_NEARBY && map_next(&index->computers, index_label(name), &at, &id))
        if (id != except && host_same_label(computer_named(log_find(index->joined->log, id)), name))
            oldest = id;
    return oldest;
}

const struct observation *index_fact(const struct index *index, int64_t id)
{
    size_t i;

    for (i = 0; i < index->evidence.num; i++)
        if (index->evidence.at[i].id == id)
            return &index->evidence.at[i];
    return NULL;
}
