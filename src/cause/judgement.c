/* SPDX-License-Identifier: MIT */
#include "cause/judgement.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

__attribute__((format(printf, 3, 0))) static struct statement
statement_make(struct arena *arena, const int64_t *seen, const char *format, va_list args)
{
    struct text text = {0};
    struct statement out = {0};
    int64_t ids[STATEMENT_SOURCES];

    text_vputf(&text, format, args);
    out.text = arena_text(arena, bytes_of_text(text_str(&text)));
    text_clear(&text);
    for (; *seen >= 0; seen++) {
        size_t i = 0;

        while (i < out.num_sources && ids[i] != *seen)
            i++;
        if (*seen != 0 && i == out.num_sources && i < STATEMENT_SOURCES)
            ids[out.num_sources++] = *seen;
    }
    if (out.num_sources > 0) {
        int64_t *copy = arena_take(arena, out.num_sources, sizeof(*copy));

        memcpy(copy, ids, out.num_sources * sizeof(*copy));
        out.sources = copy;
    }
    return out;
}

void judge_holds(struct judgement *judgement, int strength)
{
    judgement->verdict = VERDICT_HOLDS;
    judgement->strength = strength;
}

void judge_undecided(struct judgement *judgement, int strength)
{
    judgement->verdict = VERDICT_UNDECIDED;
    judgement->strength = strength;
}

void judge_refuted(struct judgement *judgement, const int64_t *seen, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    judgement->refutation = statement_make(judgement->arena, seen, format, args);
    va_end(args);
    judgement->verdict = VERDICT_REFUTED;
    judgement->strength = 0;
    judgement->full_chain = false;
}

void say_for(struct judgement *judgement, const int64_t *seen, const char *format, ...)
{
    va_list args;

    if (judgement->num_supports == JUDGEMENT_STATEMENTS)
        return;
    va_start(args, format);
    judgement->supports[judgement->num_supports++] =
        statement_make(judgement->arena, seen, format, args);
    va_end(args);
}

void say_against(struct judgement *judgement, const int64_t *seen, const char *format, ...)
{
    va_list args;

    if (judgement->num_contradicts == JUDGEMENT_STATEMENTS)
        return;
    va_start(args, format);
    judgement->contradicts[judgement->num_contradicts++] =
        statement_make(judgement->arena, seen, format, args);
    va_end(args);
}

void say_missing(struct judgement *judgement, const char *what, const char *command)
{
    size_t i;

    for (i = 0; i < judgement->num_missing; i++)
        if (strcmp(judgement->missing[i].what, what) == 0)
            return;
    if (judgement->num_missing < JUDGEMENT_MISSING)
        judgement->missing[judgement->num_missing++] = (struct missing){what, command};
}
