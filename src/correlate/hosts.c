/* SPDX-License-Identifier: MIT */
/* Which addresses belong to one machine: those that send with one MAC, unless so many do that it is
 * a router. */
#include "base/memory.h"
#include "correlate/join.h"

static uint64_t address_hash(const struct address *address)
{
    return map_hash(MAP_SEED, (struct bytes){(const uint8_t *)address, sizeof(*address)});
}

static struct host_address *find(const struct hosts *hosts, const struct address *address)
{
    uint64_t hash = address_hash(address);
    size_t at = 0;
    int64_t index;

    while (map_next(&hosts->by_address, hash, &at, &index))
        if (address_equal(&hosts->addresses[index].address, address))
            return &hosts->addresses[index];
    return NULL;
}

static void learn(struct hosts *hosts, const struct address *address, const char *mac)
{
    struct host_address *known;

    if (address->family == 0 || find(hosts, address) != NULL)
        return;
    if (hosts->num == hosts->room) {
        hosts->room = hosts->room == 0 ? 64 : hosts->room * 2;
        hosts->addresses = memory_grow(hosts->addresses, hosts->room, sizeof(*hosts->addresses));
    }
    known = &hosts->addresses[hosts->num];
    known->address = *address;
    known->mac = mac == NULL ? 0 : map_hash(MAP_SEED, bytes_of_text(mac));
    map_add(&hosts->by_address, address_hash(address), (int64_t)hosts->num++);
}

/* One machine may have one IPv4 address and several of IPv6. More is a router (or a proxy ARP): its
 * MAC says nothing. */
static void forget_routers(struct hosts *hosts)
{
    struct map v4 = {0}; /* MAC -> index of its first IPv4 address */
    size_t i, k;

    for (i = 0; i < hosts->num; i++) {
        struct host_address *host = &hosts->addresses[i];
        size_t at = 0;
        int64_t first;

        if (host->mac == 0 || host->address.family != 4)
            continue;
        if (map_next(&v4, host->mac, &at, &first))
            hosts->addresses[first].mac = host->mac = 0;
        else
            map_add(&v4, host->mac, (int64_t)i);
    }
    /* IPv6 addresses keep their MAC only beside an IPv4 address that kept it, or alone. */
    for (i = 0; i < hosts->num; i++) {
        struct host_address *host = &hosts->addresses[i];
        size_t at = 0;
        int64_t first;

        if (host->mac == 0 || host->address.family != 6 || !map_next(&v4, host->mac, &at, &first))
            continue;
        k = (size_t)first;
        if (hosts->addresses[k].mac == 0)
            host->mac = 0;
    }
    map_clear(&v4);
}

void hosts_build(struct join *join)
{
    int64_t id;

    for (id = 1; id <= join->log->last; id++) {
        const struct source *source = log_look_source(join->log, id, join->room);

        if (source != NULL)
            learn(&join->hosts, &source->src, source->src_mac);
    }
    forget_routers(&join->hosts);
}

void hosts_clear(struct hosts *hosts)
{
    map_clear(&hosts->by_address);
    memory_drop(hosts->addresses);
}

uint64_t join_key_host(const struct join *join, const struct address *address)
{
    const struct host_address *known = find(&join->hosts, address);

    return known == NULL || known->mac == 0 ? address_hash(address) : known->mac;
}

bool join_same_host(const struct join *join, const struct address *a, const struct address *b)
{
    return a->family != 0 && b->family != 0 && join_key_host(join, a) == join_key_host(join, b);
}
