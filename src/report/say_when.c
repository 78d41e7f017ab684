/* SPDX-License-Identifier: MIT */
/* When: in UTC, and in local time where a file tells the zone. Never the zone of this machine. */
#include "report/clock.h"
#include "report/say.h"
#include "report/say_parts.h"
#include "report/when.h"

struct view_times say_times(const struct finding *finding, const struct say_step *steps, size_t num)
{
    struct view_times times = {0};
    bool differ = false;
    size_t i;

    for (i = 0; i < num; i++) {
        const struct view_input *input = steps[i].source.input;

        times.local |= input->local;
        if (i == 0)
            times.zone_s = input->zone_s;
        differ |=
            input->zone_s.set != times.zone_s.set || input->zone_s.value != times.zone_s.value;
    }
    if (differ)
        times.zone_s.set = false;
    if (!times.zone_s.set && finding != NULL && finding->zone_s.set) {
        times.zone_s = finding->zone_s;
        times.of_client = true;
    }
    if (times.local)
        times.zone_s.set = false;
    return times;
}

int64_t say_time(const struct say_step *step, const struct view_times *times)
{
    return times->local ? step->source.time_ns
                        : clock_utc(step->source.input, step->source.time_ns);
}

int64_t say_local_time(const struct say_step *step, const struct view_times *times)
{
    int64_t out;

    return __builtin_add_overflow(say_time(step, times), times->zone_s.value * 1000000000, &out)
               ? say_time(step, times)
               : out;
}

const char *say_days(struct view *view, const struct say_step *steps, size_t num,
                     const struct view_times *times)
{
    char first[WHEN_TEXT_ROOM], last[WHEN_TEXT_ROOM];
    int64_t from = say_time(&steps[0], times), to = from;
    size_t i;

    for (i = 1; i < num; i++) {
        int64_t at = say_time(&steps[i], times);

        from = at < from ? at : from;
        to = at > to ? at : to;
    }
    when_text(from, first);
    when_text(to, last);
    if (strncmp(first, last, 10) == 0)
        return arena_print(&view->arena, "%.10s", first);
    return arena_print(&view->arena, "%.10s to %.10s", first, last);
}
