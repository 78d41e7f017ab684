/* SPDX-License-Identifier: MIT */
#include "flow/marks.h"

#include <string.h>

#include "base/memory.h"

enum { FIRST_MARKS = 8, MAX_MARKS = 512 };

/* Index of the last mark at or before the offset; 0 when all are behind it. */
static size_t index_of(const struct marks *marks, uint64_t offset)
{
    size_t low = 0, high = marks->num;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (marks->at[middle].offset <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void fold(struct marks *marks)
{
    size_t i, kept = 0;

    for (i = 0; i < marks->num; i += 2, kept++) {
        struct mark mark = marks->at[i];

        if (i + 1 < marks->num && marks->at[i + 1].last.frame > mark.last.frame)
            mark.last = marks->at[i + 1].last;
        marks->at[kept] = mark;
    }
    marks->num = kept;
}

void marks_add(struct marks *marks, uint64_t offset, struct arrival arrival)
{
    struct mark mark = {offset, arrival, arrival};
    size_t at;

    if (marks->num == MAX_MARKS)
        fold(marks);
    if (marks->num == marks->room) {
        marks->room = marks->room == 0 ? FIRST_MARKS : marks->room * 2;
        marks->at = memory_grow(marks->at, marks->room, sizeof(*marks->at));
    }
    at = marks->num;
    if (at > 0 && marks->at[at - 1].offset >= offset) {
        at = index_of(marks, offset);
        at += marks->at[at].offset < offset;
        memmove(&marks->at[at + 1], &marks->at[at], (marks->num - at) * sizeof(*marks->at));
    }
    marks->at[at] = mark;
    marks->num++;
}

struct arrival marks_find(const struct marks *marks, uint64_t offset)
{
    return marks->at[index_of(marks, offset)].first;
}

uint64_t marks_next(const struct marks *marks, uint64_t offset)
{
    size_t i = marks->num == 0 ? 0 : index_of(marks, offset);

    while (i < marks->num && marks->at[i].offset <= offset)
        i++;
    return i < marks->num ? marks->at[i].offset : UINT64_MAX;
}

struct arrival marks_latest(const struct marks *marks, uint64_t from, uint64_t to)
{
    size_t i = index_of(marks, from);
    struct arrival latest = marks->at[i].last;

    for (i++; i < marks->num && marks->at[i].offset < to; i++)
        if (marks->at[i].last.frame > latest.frame)
            latest = marks->at[i].last;
    return latest;
}

void marks_drop(struct marks *marks, uint64_t offset)
{
    size_t gone = marks->num == 0 ? 0 : index_of(marks, offset);

    if (gone == 0)
        return;
    marks->num -= gone;
    memmove(marks->at, marks->at + gone, marks->num * sizeof(*marks->at));
}

void marks_shift(struct marks *marks, uint64_t by)
{
    size_t i;

    for (i = 0; i < marks->num; i++)
        marks->at[i].offset += by;
}

void marks_clear(struct marks *marks)
{
    memory_drop(marks->at);
    memset(marks, 0, sizeof(*marks));
}
