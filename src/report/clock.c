/* SPDX-License-Identifier: MIT */
#include "report/clock.h"

enum { QUARTER = 900, MOST_SKEW = 300, MOST_ZONE = 15 * 3600 };
static const int64_t NS = 1000000000;

/* The zone, as seconds to add, that makes capture time `ns` meet UTC second `utc`. */
static bool zone_of(int64_t ns, int64_t utc, int64_t *out)
{
    int64_t local = ns / NS, by, rest, zone;

    if (utc < 0 || utc > INT64_C(1) << 40)
        return false;
    by = utc - local;
    zone = (by + (by >= 0 ? QUARTER / 2 : -QUARTER / 2)) / QUARTER * QUARTER;
    rest = by - zone;
    if (zone > MOST_ZONE || zone < -MOST_ZONE || rest > MOST_SKEW || rest < -MOST_SKEW)
        return false;
    *out = zone;
    return true;
}

/* Messages that another capture of the case holds too say how the two clocks differ. */
static bool paired(struct view_input *capture, int64_t input)
{
    const struct case_clock *clock =
        capture->joined == NULL ? NULL : case_clock(capture->joined, input);

    if (clock == NULL || clock->num_pairs == 0)
        return false;
    capture->has_clock = capture->has_offset = true;
    capture->offset_ms = (clock->shift_ns + (clock->shift_ns < 0 ? -500000 : 500000)) / -1000000;
    capture->clock_basis = "same-messages";
    capture->clock = clock;
    return true;
}

/* Local times whose zone was found are shown as UTC too. */
static void settle_zone(struct view_input *capture)
{
    const struct capture_file *file = capture->file;

    if (file == NULL)
        return;
    capture->zone_s = file->zone_s;
    if (!file->zone_unknown)
        return;
    capture->local = capture->clock != NULL || !capture->has_offset;
    if (capture->local)
        return;
    capture->zone_s = optint(capture->offset_ms / 1000);
    capture->to_utc_ns = capture->offset_ms * -1000000;
}

static void find_offset(struct view_input *capture, int64_t input)
{
    size_t i;
    int64_t zone;

    if (paired(capture, input))
        return;
    if (capture->log == NULL || capture->file == NULL || !capture->file->zone_unknown)
        return;
    capture->has_clock = true;
    capture->clock_basis = "zone-unknown";
    for (i = 0; i < capture->log->num; i++) {
        const struct observation *o = &capture->log->at[i];
        struct optint utc = {false, 0};

        if (o->source.capture != input || o->source.damaged != NULL)
            continue;
        if (o->kind == KIND_krb && o->krb->error_code.set && o->krb->error_code.value != 37)
            utc = o->krb->stime_s;
        else if (o->kind == KIND_http && o->http->response)
            utc = o->http->date_s;
        if (!utc.set || !zone_of(o->source.time_ns, utc.value, &zone))
            continue;
        capture->has_offset = true;
        capture->offset_ms = -zone * 1000;
        capture->clock_basis = o->kind == KIND_krb ? "krb-error-stime" : "http-date";
        if (o->kind == KIND_krb)
            return; /* clocks in a realm are kept in step; those of web servers need not be */
    }
}

void clock_find(struct view_input *capture, int64_t input)
{
    find_offset(capture, input);
    settle_zone(capture);
}

int64_t clock_utc(const struct view_input *capture, int64_t ns)
{
    int64_t out;

    return __builtin_add_overflow(ns, capture->to_utc_ns, &out) ? ns : out;
}
