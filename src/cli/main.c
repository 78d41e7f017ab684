/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/output.h"
#include "cli/pipeline.h"

static void complain(const struct text *line)
{
    fprintf(stderr, "krbwhy: %s\n", text_str(line));
}

/* Fills `text` and returns the exit status. */
static int run(const struct options *options, const struct output *output, struct text *text)
{
    struct pipeline_options pipeline = {
        .paths = options->paths.at,
        .num_paths = options->paths.num,
        .evidence = options->evidence.at,
        .num_evidence = options->evidence.num,
        .keytabs = options->keytabs.at,
        .num_keytabs = options->keytabs.num,
        .one_case = options->given[OPTION_case],
        .all = options->given[OPTION_all],
        .events = options->given[OPTION_events],
        .jobs = options->jobs,
        .sink = options->sink,
        .style = output_style(output),
    };

    if (options->given[OPTION_help]) {
        options_help(text);
        return EXIT_NOTHING_WRONG;
    }
    if (options->given[OPTION_version]) {
        options_version(text);
        return EXIT_NOTHING_WRONG;
    }
    if (pipeline.jobs == 0)
        pipeline.jobs = sysconf(_SC_NPROCESSORS_ONLN);
    if (pipeline.jobs < 1)
        pipeline.jobs = 1;
    return pipeline_run(&pipeline, text);
}

/* Runs between opening the output and writing it. */
static int run_to_output(const struct options *options, struct text *error)
{
    struct output output;
    struct text text = {0};
    int status;

    output_catch_signals();
    if (!output_open(&output, options->value[OPTION_output], error)) {
        complain(error);
        return EXIT_UNUSABLE;
    }
    status = run(options, &output, &text);
    if (status == EXIT_UNUSABLE) {
        output_drop(&output); /* an older report is worth more than an empty one */
    } else if (output_write(&output, &text, error) == OUTPUT_FAILED) {
        complain(error);
        status = EXIT_UNUSABLE;
    }
    text_clear(&text);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct text error = {0};
    int status = EXIT_UNUSABLE;

    if (options_parse(&options, argc, argv))
        status = run_to_output(&options, &error);
    else
        complain(&options.error);
    text_clear(&error);
    options_clear(&options);
    return status;
}
