/* SPDX-License-Identifier: MIT */
#include "packet/tally.h"

#include <inttypes.h>
#include <stdio.h>

static bool same(const struct tally *tally, const struct tally_what *what)
{
    return tally->what.number == what->number && strcmp(tally->what.code, what->code) == 0 &&
           strcmp(tally->what.subject, what->subject) == 0 &&
           strcmp(tally->what.outcome, what->outcome) == 0;
}

void tally_note(struct tallies *tallies, const struct tally_what *what, int64_t count,
                int64_t frame, int64_t offset)
{
    size_t i = tallies->last;

    if (i >= tallies->num || !same(&tallies->at[i], what)) {
        for (i = 0; i < tallies->num; i++)
            if (same(&tallies->at[i], what))
                break;
    }
    if (i == TALLY_ROOM) {
        tallies->others += count;
        return;
    }
    if (i == tallies->num) {
        tallies->at[i] = (struct tally){*what, 0, frame, offset};
        tallies->num++;
    }
    tallies->at[i].count += count;
    tallies->last = i;
}

void tally_tell(const struct tallies *tallies, const struct packet_events *events)
{
    char message[320], number[16];
    const char *name;
    size_t i;

    if (events->problem == NULL)
        return;
    for (i = 0; i < tallies->num; i++) {
        const struct tally *tally = &tallies->at[i];
        bool one = tally->count == 1;

        number[0] = '\0';
        if (tally->what.number != 0)
            snprintf(number, sizeof(number), " %" PRIu32, tally->what.number);
        name = tally->what.name == NULL ? NULL : tally->what.name(tally->what.number);
        snprintf(message, sizeof(message), "%" PRId64 " %s%s%s%s%s %s %s", tally->count,
                 tally->what.noun, one ? "" : "s", tally->what.subject, name == NULL ? "" : " ",
                 name == NULL ? number : name, one ? "was" : "were", tally->what.outcome);
        events->problem(events->user, tally->what.code, tally->first_frame, tally->first_offset,
                        message);
    }
    if (tallies->others > 0) {
        snprintf(message, sizeof(message), "%" PRId64 " more frames were not decoded or damaged",
                 tallies->others);
        events->problem(events->user, "undecoded-layer", 0, -1, message);
    }
}
