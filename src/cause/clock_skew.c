/* SPDX-License-Identifier: MIT */
/* 37, from an acceptor or a KDC. */
#include "cause/clock.h"

#include <stdlib.h>

#include "cause/cause.h"

struct optint clock_skew_s(const struct facts *f, bool *out_by_capture)
{
    const struct source *source = case_source(f->joined, f->a->error);
    struct optint none = {0};

    *out_by_capture = false;
    if (f->error == NULL || !f->error->stime_s.set || source == NULL)
        return none;
    if (f->error->ctime_s.set)
        return optint(f->error->stime_s.value - f->error->ctime_s.value);
    *out_by_capture = true;
    /* Nearest second: stime is cut to seconds, the capture's clock is not. */
    return optint(f->error->stime_s.value - source->time_ns / 1000000000);
}

struct optint clock_skew_shown(const struct facts *f)
{
    bool by_capture;
    struct optint skew = clock_skew_s(f, &by_capture);
    struct optint none = {0};

    /* A capture whose clock agrees with the one that complained shows no difference at all: the
     * third clock is the wrong one, and its time is not on the wire. */
    if (skew.set && by_capture && skew.value > -60 && skew.value < 60)
        return none;
    return skew;
}

static const char *other_clock(const struct facts *f)
{
    return f->kdc ? "the KDC" : "the server";
}

/* " (20 minutes)" for what is too many seconds to grasp. */
static const char *in_words(const struct facts *f, long long seconds)
{
    if (seconds < 180)
        return "";
    if (seconds < 7200)
        return arena_print(f->arena, " (%lld minutes)", (seconds + 30) / 60);
    if (seconds < 2 * 86400)
        return arena_print(f->arena, " (%lld hours)", (seconds + 1800) / 3600);
    return arena_print(f->arena, " (%lld days)", (seconds + 43200) / 86400);
}

static void judge(const struct facts *f, struct judgement *j)
{
    bool by_capture;
    struct optint skew = clock_skew_s(f, &by_capture), shown = clock_skew_shown(f);

    if (f->code != 37)
        return;
    judge_holds(j, 95);
    j->full_chain = true;
    say_for(j, SEEN(f->a->error), "%s answers with error 37 (KRB_AP_ERR_SKEW)", other_clock(f));
    if (shown.set)
        say_for(j, SEEN(f->a->error), "its clock (stime) is %lld seconds%s %s %s",
                llabs((long long)shown.value), in_words(f, llabs((long long)shown.value)),
                shown.value < 0 ? "behind" : "ahead of",
                by_capture ? "the clock of the capture" : "the client's (ctime)");
    else if (skew.set && by_capture)
        say_for(j, SEEN(f->a->error),
                "its clock agrees with the clock of the capture: it is the client's clock that is "
                "off, and by how much is not on the wire");
    say_missing(j, "the two clocks, compared",
                "w32tm /query /status & w32tm /stripchart "
                "/computer:DOMAIN /samples:3 /dataonly");
}

static const char *why(const struct facts *f, struct arena *arena)
{
    return arena_print(
        arena,
        "No key is wrong here: the message could be read, but the time in it is more "
        "than the allowed five minutes away from the clock of %s.",
        other_clock(f));
}

static void remedy(const struct facts *f, struct cards *cards)
{
    struct optint shown = clock_skew_shown(f);
    struct remedy *card = card_add(cards,
                                   "Set the clock of %s and see why it is not kept (w32time, "
                                   "chrony, the virtual machine's host)",
                                   shown.set ? "the machine that is wrong" : "the client");

    card->command = "w32tm /resync /rediscover";
    card->who = "an administrator of the machine with the wrong clock";
    card->breaks = "nothing; jobs that depend on the time may run again or be left out";
    card->undo = "none needed";
    card->verify = "w32tm /query /status, then try again";
    card->reference = "RFC 4120, 3.2.3; five minutes by default";
}

const struct cause cause_clock_skew = {
    .id = "clock-skew",
    .title = "The clocks are too far apart",
    .shows =
        "Error 37; stime in the error against ctime and the capture's clock gives the seconds.",
    .against = "A 37 that is followed by success is normal: Windows recovers by itself.",
    .settled_by = "w32tm /query /status on both machines.",
    .fix = "Set the clock that is wrong.",
    .reference = "RFC 4120, 7.5.9",
    .key_owner = KEY_OWNER_TRIED,
    .weight = 70,
    .judge = judge,
    .why = why,
    .remedy = remedy,
};
