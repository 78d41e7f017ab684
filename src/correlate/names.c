/* SPDX-License-Identifier: MIT */
/* What each client was told by DNS, mDNS, LLMNR and NetBIOS, and what of it stands behind a
 * connection. */
#include <stdio.h>
#include <strings.h>

#include "correlate/join.h"

enum {
    CHAIN_STEPS = 64,      /* steps of one chain that are kept */
    TTL_SLACK_S = 2,       /* an application holds an answer a little longer than DNS does */
    SUFFIX_ANSWERS = 4096, /* answers to one client that are looked at for suffix attempts */
    RELATED_ANSWERS = 256  /* answers for one name that are looked at, newest first */
};

/* A response; until the next one is looked at. */
static const struct observation *look_at(const struct join *join, int64_t id)
{
    const struct observation *found = log_look(join->log, id, join->room);

    return found == NULL || found->kind != KIND_dns || !found->dns->response ? NULL : found;
}

static const struct dns *response_at(const struct join *join, int64_t id)
{
    const struct observation *found = look_at(join, id);

    return found == NULL ? NULL : found->dns;
}

static bool is_multicast(const struct address *address)
{
    return (address->family == 4 && address->octet[0] >= 224) ||
           (address->family == 6 && address->octet[0] == 0xFF);
}

/* Multicast answers (mDNS) are for everybody. */
static uint64_t told_host(const struct join *join, const struct address *client)
{
    return is_multicast(client) ? MAP_SEED : join_key_host(join, client);
}

static bool is_address_type(const char *type)
{
    return strcmp(type, "A") == 0 || strcmp(type, "AAAA") == 0;
}

static bool answer_is(const struct answer *answer, const char *type)
{
    return answer->type != NULL && answer->value != NULL && answer->name != NULL &&
           strcmp(answer->type, type) == 0;
}

static bool answer_address(const struct answer *answer, struct address *out)
{
    return answer->type != NULL && answer->value != NULL && is_address_type(answer->type) &&
           address_parse(answer->value, out);
}

static uint64_t address_key(uint64_t host, const struct address *address)
{
    return map_hash(host, (struct bytes){(const uint8_t *)address, sizeof(*address)});
}

static bool is_talker(const struct join *join, uint64_t host)
{
    size_t at = 0;
    int64_t any;

    return map_next(&join->talkers, host, &at, &any);
}

/* Attempts are of clients that did something else than ask for names: what the others were told is
 * never asked for, and there may be millions of them. */
static void find_talkers(struct join *join)
{
    const struct address *last[2] = {NULL, NULL};
    size_t i, k;

    for (i = 0; i < join->log->num; i++) {
        const struct source *source = &join->log->at[i].source;
        const struct address *ends[2] = {&source->src, &source->dst};

        if (join->log->at[i].kind == KIND_dns)
            continue;
        for (k = 0; k < 2; k++) {
            uint64_t host;

            if (last[k] != NULL && address_equal(last[k], ends[k]))
                continue;
            host = join_key_host(join, ends[k]);
            if (!is_talker(join, host))
                map_add(&join->talkers, host, 1);
            last[k] = ends[k];
        }
    }
}

static void index_answer(struct join *join, uint64_t host, const struct observation *seen)
{
    size_t k;

    if (seen->kind != KIND_dns || !seen->dns->response || seen->dns->qname == NULL)
        return;
    map_add(&join->told, host, seen->id);
    map_add(&join->answers, map_hash_name(host, seen->dns->qname), seen->id);
    for (k = 0; k < seen->dns->answers.num; k++) {
        struct address address;

        if (answer_address(&seen->dns->answers.at[k], &address))
            map_add(&join->addresses, address_key(host, &address), seen->id);
    }
}

void names_build(struct join *join)
{
    int64_t id;

    find_talkers(join);
    for (id = 1; id <= join->log->last; id++) {
        const struct observation *whole = log_whole(join->log, id);
        const struct source *source;
        uint64_t host;

        if (whole != NULL && whole->kind != KIND_dns)
            continue;
        source = log_look_source(join->log, id, join->room);
        if (source == NULL)
            continue;
        host = told_host(join, &source->dst);
        if (host == MAP_SEED || is_talker(join, host))
            index_answer(join, host, log_look(join->log, id, join->room));
    }
}

/* Walks the responses to this client for a name, newest first, private and multicast ones. */
struct walk {
    uint64_t hash[2];
    size_t which, at;
    size_t taken;
};

static struct walk walk_name(const struct join *join, const struct address *client,
                             const char *name)
{
    struct walk walk = {
        {map_hash_name(join_key_host(join, client), name), map_hash_name(MAP_SEED, name)}, 0, 0, 0};

    return walk;
}

/* The next response at or before `before_ns`; 0 at the end. */
static int64_t walk_next(const struct join *join, struct walk *walk, const char *name,
                         int64_t before_ns)
{
    int64_t id;

    while (walk->which < 2 && walk->taken < RELATED_ANSWERS) {
        const struct observation *seen;

        if (!map_next(&join->answers, walk->hash[walk->which], &walk->at, &id)) {
            walk->which++;
            walk->at = 0;
            continue;
        }
        seen = look_at(join, id);
        if (seen == NULL || !host_equal(seen->dns->qname, name) ||
            join_time_ns(join, &seen->source) > before_ns)
            continue;
        walk->taken++;
        return id;
    }
    return 0;
}

struct chain_builder {
    struct dns_step steps[CHAIN_STEPS];
    size_t num;
};

static void add_step(struct chain_builder *chain, struct dns_step step)
{
    size_t i;

    for (i = 0; i < chain->num; i++) {
        const struct dns_step *old = &chain->steps[i];

        if (host_equal(old->name, step.name) && strcmp(old->type, step.type) == 0 &&
            (old->value == step.value || host_equal(old->value, step.value)))
            return;
    }
    if (chain->num < CHAIN_STEPS)
        chain->steps[chain->num++] = step;
}

/* Follows the CNAMEs of one response from its question; returns the last name. */
static const char *follow(struct chain_builder *chain, const struct dns *dns, int64_t id)
{
    const char *name = dns->qname;
    size_t hops, k;

    for (hops = 0; hops < dns->answers.num; hops++) {
        const char *next = NULL;

        for (k = 0; k < dns->answers.num && next == NULL; k++) {
            const struct answer *answer = &dns->answers.at[k];

            if (!answer_is(answer, "CNAME") || !host_equal(answer->name, name))
                continue;
            next = answer->value;
            add_step(chain, (struct dns_step){answer->name, "CNAME", next, answer->ttl, id});
        }
        if (next == NULL || host_equal(next, dns->qname))
            break;
        name = next;
    }
    for (k = 0; k < dns->answers.num; k++) {
        const struct answer *answer = &dns->answers.at[k];

        if (answer->type != NULL && answer->value != NULL && answer->name != NULL &&
            is_address_type(answer->type) && host_equal(answer->name, name))
            add_step(chain,
                     (struct dns_step){answer->name, answer->type, answer->value, answer->ttl, id});
    }
    return name;
}

static int64_t smallest_ttl_s(const struct dns *dns)
{
    int64_t least = INT32_MAX;
    size_t k;

    for (k = 0; k < dns->answers.num; k++)
        if (dns->answers.at[k].ttl.set && dns->answers.at[k].ttl.value < least &&
            dns->answers.at[k].section != NULL && strcmp(dns->answers.at[k].section, "answer") == 0)
            least = dns->answers.at[k].ttl.value;
    return least;
}

static bool holds_at(const struct join *join, int64_t id, int64_t at_ns)
{
    const struct observation *seen = look_at(join, id);
    int64_t age_s = (at_ns - join_time_ns(join, &seen->source)) / SECOND_NS;

    return age_s <= smallest_ttl_s(seen->dns) + TTL_SLACK_S;
}

/* Is the server's address among this response's addresses? *out_family: it has any of the same
 * family. */
static bool response_has(const struct dns *dns, const struct address *server, bool *out_family)
{
    bool found = false;
    size_t k;

    for (k = 0; k < dns->answers.num; k++) {
        struct address address;

        if (!answer_address(&dns->answers.at[k], &address))
            continue;
        if (address.family == server->family)
            *out_family = true;
        found |= address_equal(&address, server);
    }
    return found;
}

/* Weighs one response to the name that was asked for into the attempt. */
static void weigh(struct join *join, struct attempt *attempt, int64_t id, int64_t begin_ns)
{
    const struct dns *dns = response_at(join, id);
    bool family = false, has = response_has(dns, &attempt->server, &family);

    if (!family || !holds_at(join, id, begin_ns))
        return;
    if (!attempt->address_answered || (has && !attempt->address_in_chain))
        attempt->address_answer = id;
    attempt->address_answered = true;
    attempt->address_in_chain |= has;
}

/* Responses for `name`: fills the chain from the newest that has one; true when any was positive.
 */
static bool take_name(struct join *join, struct attempt *attempt, struct chain_builder *chain,
                      const char *name, int64_t begin_ns)
{
    struct walk walk = walk_name(join, &attempt->client, name);
    int64_t id, negative = 0;
    bool positive = false;
    const char *negative_type = NULL;

    while ((id = walk_next(join, &walk, name, begin_ns)) != 0) {
        const struct dns *dns = response_at(join, id);
        const char *end;
        size_t before = chain->num;

        if (dns == NULL ||
            (dns->qtype != NULL && !is_address_type(dns->qtype) && strcmp(dns->qtype, "NB") != 0 &&
             strcmp(dns->qtype, "CNAME") != 0 && strcmp(dns->qtype, "ANY") != 0))
            continue;
        if (dns->rcode == 3 && negative == 0) {
            negative = id;
            negative_type = "NXDOMAIN";
        }
        if (dns->rcode != 0)
            continue;
        end = follow(chain, dns, id);
        if (chain->num > before && attempt->canonical == NULL)
            attempt->canonical = end;
        positive |= chain->num > before;
        weigh(join, attempt, id, begin_ns);
    }
    if (!positive && negative != 0)
        add_step(chain, (struct dns_step){name, negative_type, NULL, {false, 0}, negative});
    return positive;
}

/* The name is the typed one, a dot and a suffix. */
static bool host_starts(const char *name, const char *typed, size_t typed_len)
{
    return strncasecmp(name, typed, typed_len) == 0 && name[typed_len] == '.' &&
           name[typed_len + 1] != '\0';
}

/* Names the client asked for that are asked_for and a suffix, oldest first; several when a search
 * list was tried. */
static void take_suffixes(struct join *join, struct attempt *attempt, struct chain_builder *chain,
                          int64_t begin_ns)
{
    size_t len = strlen(attempt->asked_for), at = 0, i, num = 0, looked = 0;
    const char *found[8];
    int64_t id;

    while (num < 8 && looked++ < SUFFIX_ANSWERS &&
           map_next(&join->told, join_key_host(join, &attempt->client), &at, &id)) {
        const struct observation *seen = look_at(join, id);

        if (join_time_ns(join, &seen->source) > begin_ns ||
            !host_starts(seen->dns->qname, attempt->asked_for, len))
            continue;
        for (i = 0; i < num && !host_equal(found[i], seen->dns->qname); i++)
            continue;
        if (i == num)
            found[num++] = seen->dns->qname;
    }
    for (i = num; i > 0; i--)
        (void)take_name(join, attempt, chain, found[i - 1], begin_ns);
    attempt->suffix_searched = num > 0;
}

void names_explain(struct join *join, struct attempt *attempt, int64_t begin_ns)
{
    struct chain_builder chain = {.num = 0};
    struct dns_step *kept;
    struct address literal;
    size_t at = 0;
    int64_t any;

    attempt->dns_seen = map_next(&join->told, join_key_host(join, &attempt->client), &at, &any);
    if (attempt->asked_for == NULL || address_parse(attempt->asked_for, &literal))
        return;
    if (!take_name(join, attempt, &chain, attempt->asked_for, begin_ns))
        take_suffixes(join, attempt, &chain, begin_ns);
    if (chain.num == 0)
        return;
    kept = arena_take(join->arena, chain.num, sizeof(*kept));
    memcpy(kept, chain.steps, chain.num * sizeof(*kept));
    attempt->dns.at = kept;
    attempt->dns.num = chain.num;
}

/* The name under in-addr.arpa or ip6.arpa (RFC 1035 section 3.5, RFC 3596 section 2.5). */
static void arpa_name(const struct address *address, char out[80])
{
    size_t len = 0;
    int i;

    if (address->family == 4) {
        snprintf(out, 80, "%u.%u.%u.%u.in-addr.arpa", address->octet[3], address->octet[2],
                 address->octet[1], address->octet[0]);
        return;
    }
    for (i = 15; i >= 0; i--) {
        out[len++] = "0123456789abcdef"[address->octet[i] & 15];
        out[len++] = '.';
        out[len++] = "0123456789abcdef"[address->octet[i] >> 4];
        out[len++] = '.';
    }
    memcpy(out + len, "ip6.arpa", 9);
}

void names_explain_ptr(struct join *join, struct attempt *attempt, int64_t before_ns)
{
    struct walk walk;
    char name[80];
    int64_t id;

    if (attempt->server.family == 0)
        return;
    arpa_name(&attempt->server, name);
    walk = walk_name(join, &attempt->client, name);
    while ((id = walk_next(join, &walk, name, before_ns)) != 0) {
        const struct dns *dns = response_at(join, id);
        size_t k;

        for (k = 0; k < dns->answers.num; k++) {
            if (!answer_is(&dns->answers.at[k], "PTR"))
                continue;
            attempt->ptr_name = dns->answers.at[k].value;
            attempt->ptr_answer = id;
            return;
        }
    }
}

const char *names_for_address(const struct join *join, const struct address *client,
                              const struct address *address, int64_t before_ns)
{
    uint64_t hash = address_key(join_key_host(join, client), address);
    size_t at = 0;
    int64_t id;

    while (map_next(&join->addresses, hash, &at, &id)) {
        const struct observation *seen = look_at(join, id);
        bool family = false;

        if (seen != NULL && join_time_ns(join, &seen->source) <= before_ns &&
            response_has(seen->dns, address, &family))
            return seen->dns->qname;
    }
    return NULL;
}

bool names_lead_to(const struct join *join, const struct address *client, const char *name,
                   const char *other)
{
    struct walk walk = walk_name(join, client, name);
    int64_t id;

    while ((id = walk_next(join, &walk, name, INT64_MAX)) != 0) {
        const struct dns *dns = response_at(join, id);
        size_t k;

        for (k = 0; k < dns->answers.num; k++)
            if (dns->answers.at[k].value != NULL && dns->answers.at[k].type != NULL &&
                (is_address_type(dns->answers.at[k].type) ||
                 strcmp(dns->answers.at[k].type, "CNAME") == 0) &&
                host_equal(dns->answers.at[k].value, other))
                return true;
    }
    return false;
}
