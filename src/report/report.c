/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include "report/sinks.h"

const struct sink report_sinks[] = {
#define SINK(name, function, suffix, about) {name, about, suffix, function},
#include "report/sinks.def"
#undef SINK
    {NULL, NULL, NULL, NULL},
};

const struct sink *report_sink(const char *name)
{
    const struct sink *sink;

    for (sink = report_sinks; sink->name != NULL; sink++)
        if (strcmp(sink->name, name) == 0)
            return sink;
    return NULL;
}

struct report_place report_place(const struct report_input *inputs, size_t num_inputs,
                                 const struct source *source)
{
    struct report_place place = {SIZE_MAX, source->frame};

    if (source->capture < 0 || (uint64_t)source->capture >= num_inputs)
        return place;
    place.input = (size_t)source->capture;
    if (source->part <= 0 || (uint64_t)source->part >= num_inputs - place.input)
        return place;
    /* The log of a worker is not trusted: a part that is none is of the first file. */
    if (inputs[place.input + (size_t)source->part].part == (size_t)source->part)
        place.input += (size_t)source->part;
    if (place.frame > inputs[place.input].frames_before)
        place.frame -= inputs[place.input].frames_before;
    return place;
}

void report_render(struct text *out, const struct sink *sink, const struct report *report,
                   const struct report_style *style)
{
    sink->render(out, report, style);
}

size_t report_num_findings(const struct report *report)
{
    size_t i, k, num = 0;

    for (i = 0; i < report->num_cases; i++)
        for (k = 0; k < report->cases[i].findings->num; k++)
            num += !report->cases[i].findings->at[k].informs;
    return num;
}
