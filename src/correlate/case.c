/* SPDX-License-Identifier: MIT */
/* The case as a whole: building order, accessors, sorting. */
#include <stdlib.h>

#include "base/memory.h"
#include "correlate/messages.h"

const struct source *case_source(const struct joined_case *joined, int64_t id)
{
    const struct observation *found = log_find(joined->log, id);

    return found == NULL ? NULL : &found->source;
}

const struct case_clock *case_clock(const struct joined_case *joined, int64_t input)
{
    size_t i;

    for (i = 0; i < joined->num_clocks; i++)
        if (joined->clocks[i].input == input)
            return &joined->clocks[i];
    return NULL;
}

/* A time between 1970 and 2116, so that any two can be subtracted; a worker is not trusted to send
 * such. */
static int64_t bounded_ns(int64_t ns)
{
    return ns < 0 ? 0 : ns > INT64_MAX / 2 ? INT64_MAX / 2 : ns;
}

static int64_t on_case_clock(const struct joined_case *joined, const struct source *source)
{
    const struct case_clock *clock = case_clock(joined, source->capture);

    /* Both summands are below 2^62. */
    return bounded_ns(bounded_ns(source->time_ns) + (clock == NULL ? 0 : clock->shift_ns));
}

int64_t case_time_ns(const struct joined_case *joined, int64_t id)
{
    const struct observation *found = log_find(joined->log, id);

    return found == NULL ? 0 : on_case_clock(joined, &found->source);
}

int64_t join_time_ns(const struct join *join, const struct source *source)
{
    return on_case_clock(join->out, source);
}

#define ACCESSOR(name)                                                                             \
    const struct name *case_##name(const struct joined_case *joined, int64_t id)                   \
    {                                                                                              \
        const struct observation *found = log_find(joined->log, id);                               \
                                                                                                   \
        return found == NULL || found->kind != KIND_##name ? NULL : found->name;                   \
    }
ACCESSOR(krb)
ACCESSOR(http)
ACCESSOR(gss)
ACCESSOR(ntlm)
ACCESSOR(dns)
ACCESSOR(smb2)
ACCESSOR(ldap)
ACCESSOR(dcerpc)

static size_t host_len(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && name[len - 1] == '.' ? len - 1 : len;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same_letters(const char *a, const char *b, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

bool host_equal(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return false;
    return host_len(a) == host_len(b) && same_letters(a, b, host_len(a));
}

bool host_same_label(const char *a, const char *b)
{
    size_t len;

    if (a == NULL || b == NULL)
        return false;
    len = strcspn(a, ".$");
    return len > 0 && len == strcspn(b, ".$") && same_letters(a, b, len);
}

uint64_t join_key_id(int64_t id)
{
    return map_hash(MAP_SEED, (struct bytes){(const uint8_t *)&id, sizeof(id)});
}

uint64_t join_key_flow(const struct source *source)
{
    uint64_t hash =
        map_hash(MAP_SEED, (struct bytes){(const uint8_t *)&source->capture, sizeof(int64_t)});

    return map_hash(hash, (struct bytes){(const uint8_t *)&source->flow, sizeof(int64_t)});
}

struct attempt *join_attempt(struct join *join, const struct source *source)
{
    struct joined_case *out = join->out;
    struct attempt *attempt;

    if (out->num_attempts == join->room_attempts) {
        join->room_attempts = join->room_attempts == 0 ? 16 : join->room_attempts * 2;
        out->attempts = memory_grow(out->attempts, join->room_attempts, sizeof(*out->attempts));
    }
    attempt = &out->attempts[out->num_attempts++];
    memset(attempt, 0, sizeof(*attempt));
    attempt->capture = source->capture;
    attempt->client = source->reply ? source->dst : source->src;
    attempt->client_port = source->reply ? source->dport : source->sport;
    attempt->server = source->reply ? source->src : source->dst;
    attempt->server_port = source->reply ? source->sport : source->dport;
    return attempt;
}

void join_split_spn(struct join *join, struct attempt *attempt)
{
    const char *slash = strchr(attempt->spn, '/'), *host, *end, *colon;

    if (slash == NULL)
        return;
    attempt->spn_service = arena_text(
        join->arena, (struct bytes){(const uint8_t *)attempt->spn, (size_t)(slash - attempt->spn)});
    host = slash + 1;
    end = host + strcspn(host, "/");
    colon = memchr(host, ':', (size_t)(end - host));
    attempt->spn_host =
        arena_text(join->arena, (struct bytes){(const uint8_t *)host,
                                               (size_t)((colon == NULL ? end : colon) - host)});
    if (colon != NULL)
        attempt->spn_port = arena_text(
            join->arena, (struct bytes){(const uint8_t *)colon + 1, (size_t)(end - colon - 1)});
}

void join_split_host(struct join *join, struct attempt *attempt, const char *host)
{
    size_t len = strcspn(host, ":");
    const char *port = host[len] == ':' ? host + len + 1 : NULL;

    if (host[0] == '[') {
        len = strcspn(++host, "]");
        port = host[len] != '\0' && host[len + 1] == ':' ? host + len + 2 : NULL;
    }
    attempt->asked_for =
        len == 0 ? NULL : arena_text(join->arena, (struct bytes){(const uint8_t *)host, len});
    attempt->asked_port = port == NULL ? 0 : strtol(port, NULL, 10);
}

/* The first thing seen of an attempt decides its place. */
static int64_t first_seen(const struct attempt *attempt)
{
    const int64_t ids[] = {attempt->tgs.request, attempt->tgs.reply, attempt->tgs.error,
                           attempt->ap_request,  attempt->as.error,  attempt->as.reply,
                           attempt->request,     attempt->ntlm,      attempt->tls};
    size_t i;

    /* What it is about comes first: the token; a KDC that refused; what hides it. */
    if (attempt->ap_request != 0)
        return attempt->ap_request;
    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (ids[i] != 0)
            return ids[i];
    return INT64_MAX;
}

static int by_first_seen(const void *a, const void *b)
{
    int64_t x = first_seen(a), y = first_seen(b);

    return (x > y) - (x < y);
}

void case_join(struct joined_case *out, const struct log *log)
{
    struct log_room room = {.arena = {0}};
    struct join join = {.out = out, .log = log, .arena = &out->arena, .room = &room};
    size_t i;

    out->log = log;
    sides_build(&join);
    hosts_build(&join);
    names_build(&join);
    exchanges_build(&join);
    messages_index(&join);
    http_attempts(&join);
    bind_attempts(&join);
    kdc_attempts(&join);
    tls_attempts(&join);
    sides_merge(&join);
    if (out->num_attempts > 1)
        qsort(out->attempts, out->num_attempts, sizeof(*out->attempts), by_first_seen);
    for (i = 0; i < out->num_attempts; i++)
        out->attempts[i].id = (int64_t)i + 1;

    log_leave(&room);
    hosts_clear(&join.hosts);
    map_clear(&join.talkers);
    map_clear(&join.answers);
    map_clear(&join.addresses);
    map_clear(&join.told);
    map_clear(&join.by_ticket);
    map_clear(&join.by_client);
    map_clear(&join.replies);
    map_clear(&join.children);
    map_clear(&join.conns);
    map_clear(&join.flow_messages);
    map_clear(&join.basics);
    map_clear(&join.hello);
    memory_drop(join.exchanges);
}

void case_clear(struct joined_case *joined)
{
    arena_clear(&joined->arena);
    memory_drop(joined->attempts);
    memset(joined, 0, sizeof(*joined));
}
