/* SPDX-License-Identifier: MIT */
#include "cli/adjoin.h"

#include <inttypes.h>

/* Frames of several interfaces, or of several queues of one, need not be in order. A gap is judged
 * by the silences that the capture has anyway. */
#define NS          UINT64_C(1000000000)
#define EARLIER_NS  NS
#define LATER_NS    (60 * NS)
#define MOST_GAP_NS (86400 * NS)

static const char *keep(struct adjoin *adjoin, const char *text)
{
    return text == NULL ? NULL : arena_text(&adjoin->arena, bytes_of_text(text));
}

void adjoin_file(struct adjoin *adjoin, const struct capture_info *info)
{
    uint64_t silence_ns = adjoin->silence_ns;
    int64_t last_ns = adjoin->last_ns;
    bool has_time = adjoin->has_time;
    size_t i;

    if (info->num_link_types == 0)
        return; /* no frame in it: what was known before still is */
    adjoin_clear(adjoin);
    adjoin->silence_ns = silence_ns;
    adjoin->last_ns = last_ns;
    adjoin->has_time = has_time;
    adjoin->link_types = arena_take(&adjoin->arena, info->num_link_types, sizeof(char *));
    adjoin->interfaces = arena_take(&adjoin->arena, info->num_interfaces, sizeof(char *));
    for (i = 0; i < info->num_link_types; i++)
        adjoin->link_types[i] = keep(adjoin, info->link_types[i]);
    for (i = 0; i < info->num_interfaces; i++)
        adjoin->interfaces[i] = keep(adjoin, info->interfaces[i]);
    adjoin->num_link_types = info->num_link_types;
    adjoin->num_interfaces = info->num_interfaces;
    adjoin->hardware = keep(adjoin, info->hardware);
    adjoin->os = keep(adjoin, info->os);
    adjoin->zone_unknown = info->zone_unknown;
}

static bool is_among(const char *const *names, size_t num, const char *name)
{
    size_t i;

    for (i = 0; i < num; i++)
        if (names[i] != NULL && strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool has_names(const struct adjoin *adjoin)
{
    size_t i;

    for (i = 0; i < adjoin->num_interfaces; i++)
        if (adjoin->interfaces[i] == NULL)
            return false;
    return adjoin->num_interfaces > 0;
}

static bool differ(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) != 0;
}

static void put_seconds(struct text *out, uint64_t ns)
{
    text_putf(out, "%" PRIu64 ".%03" PRIu64 " s", ns / NS, ns / 1000000 % 1000);
}

/* False when the times say that it is another capture. */
static bool check_times(const struct adjoin *adjoin, int64_t first_ns, struct text *out_why)
{
    uint64_t most = adjoin->silence_ns > MOST_GAP_NS / 2 ? MOST_GAP_NS : 2 * adjoin->silence_ns;

    if (most < LATER_NS)
        most = LATER_NS;
    if (first_ns < adjoin->last_ns) {
        if (adjoin_gap(first_ns, adjoin->last_ns) <= EARLIER_NS)
            return true;
        text_put(out_why, "its first frame is earlier than the last frame of that");
        return false;
    }
    if (adjoin_gap(adjoin->last_ns, first_ns) <= most)
        return true;
    text_put(out_why, "its first frame is ");
    put_seconds(out_why, adjoin_gap(adjoin->last_ns, first_ns));
    text_put(out_why, " later than the last frame of that");
    return false;
}

bool adjoin_check(const struct adjoin *adjoin, const struct capture_info *info,
                  const struct frame *first, struct text *out_why)
{
    const char *link = info->num_link_types > 0 ? info->link_types[0] : "";
    const char *interface =
        first->interface < info->num_interfaces ? info->interfaces[first->interface] : NULL;

    if (adjoin->num_link_types == 0)
        return true; /* no frame so far that could contradict */
    if (!is_among(adjoin->link_types, adjoin->num_link_types, link)) {
        text_putf(out_why, "its link type is %s, that of the other %s", link,
                  adjoin->link_types[0]);
        return false;
    }
    if (interface != NULL && has_names(adjoin) &&
        !is_among(adjoin->interfaces, adjoin->num_interfaces, interface)) {
        text_putf(out_why, "it was captured on interface %s, that on %s", interface,
                  adjoin->interfaces[0]);
        return false;
    }
    if (differ(adjoin->hardware, info->hardware) || differ(adjoin->os, info->os) ||
        adjoin->zone_unknown != info->zone_unknown) {
        text_put(out_why, "it was captured on another machine");
        return false;
    }
    if (!first->has_time || !adjoin->has_time) {
        text_put(out_why, "frames without times cannot tell");
        return false;
    }
    return check_times(adjoin, first->time_ns, out_why);
}

void adjoin_clear(struct adjoin *adjoin)
{
    arena_clear(&adjoin->arena);
    memset(adjoin, 0, sizeof(*adjoin));
}
