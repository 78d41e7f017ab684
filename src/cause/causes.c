/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cause/cause.h"

const struct cause *const causes[] = {
#define CAUSE(name) &cause_##name,
#include "cause/causes.def"
#undef CAUSE
    NULL};

const struct cause *cause_find(const char *id)
{
    size_t i;

    for (i = 0; id != NULL && causes[i] != NULL; i++)
        if (strcmp(causes[i]->id, id) == 0)
            return causes[i];
    return NULL;
}
