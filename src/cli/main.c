/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "cause/explain.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pipeline.h"
#include "cli/token.h"
#include "report/collect.h"
#include "report/merge.h"

/* Everything that is written. */
struct outputs {
    struct output report, annotate, extract;
};

static void complain(const struct text *line)
{
    fprintf(stderr, "krbwhy: %s\n", text_str(line));
}

/* --token. What is no token at all is a complaint, not a result. */
static int explain_token(const char *argument, struct text *text)
{
    struct text pasted = {0}, line = {0};
    size_t room = LIMIT_TOKEN_BYTES + 1; /* one more than is taken, to see that it is too long */
    uint8_t chunk[4096];
    int status;

    if (strcmp(argument, "-") == 0) {
        while (room > 0 && !feof(stdin) && !ferror(stdin)) {
            size_t got = fread(chunk, 1, size_min(room, sizeof(chunk)), stdin);

            text_put_bytes(&pasted, (struct bytes){chunk, got});
            room -= got;
        }
        if (room == 0) {
            text_putf(&line, "--token: more than %zu characters; the rest is left out",
                      LIMIT_TOKEN_BYTES);
            complain(&line);
            text_reset(&line);
            pasted.at[--pasted.len] = '\0';
        }
        argument = text_str(&pasted);
    }
    status = token_explain(text, argument);
    if (status != EXIT_NOTHING_WRONG) {
        while (text->len > 0 && text->at[text->len - 1] == '\n')
            text->at[--text->len] = '\0';
        text_put(&line, "--token: ");
        text_put(&line, text_str(text));
        complain(&line);
        text_reset(text);
    }
    text_clear(&pasted);
    text_clear(&line);
    return status;
}

/* --explain. */
static int explain_word(const char *argument, struct text *text)
{
    struct text line = {0};

    if (explain(text, argument))
        return EXIT_NOTHING_WRONG;
    text_put(&line, "--explain: nothing is known of \"");
    text_put_plain(&line, argument);
    text_put(&line, "\"; krbwhy --explain list shows what is");
    complain(&line);
    text_clear(&line);
    return EXIT_UNUSABLE;
}

/* --merge. */
static int merge_files(const struct options *options, const struct report_style *style,
                       struct text *text)
{
    struct merged merged = {0};
    int status = EXIT_UNUSABLE;
    size_t i;

    for (i = 0; i < options->paths.num; i++) {
        size_t damaged = merged.num_damaged;
        const char *error;

        if (!merged_read(&merged, options->paths.at[i], &error))
            pipeline_warn(options->paths.at[i], error);
        if (merged.num_damaged > damaged)
            pipeline_warn(options->paths.at[i], "has lines that are no result of krbwhy; left out");
    }
    merged_sort(&merged);
    if (merged.num > 0 && merged_render(&merged, options->sink->name, text, style))
        status = merged_num_findings(&merged) > 0 ? EXIT_FINDINGS : EXIT_NOTHING_WRONG;
    merged_clear(&merged);
    return status;
}

/* What the terminal wants, and what the command line says about it. */
static struct report_style style_of(const struct options *options, const struct output *output)
{
    struct report_style style = output_style(output);

    if (options->width != 0)
        style.width = (size_t)options->width;
    if (options->colour != COLOUR_AUTO)
        style.colour = options->colour == COLOUR_ALWAYS;
    style.ascii = options->given[OPTION_ascii];
    return style;
}

static void flush(void *user, struct text *text)
{
    output_append(user, text);
}

/* Fills `text` and returns the exit status. */
static int run(const struct options *options, struct outputs *outputs, struct text *text)
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
        .reassembly_bytes = options->limit_memory,
        .no_sandbox = options->given[OPTION_no_sandbox],
        .compare = options->given[OPTION_compare],
        .collect = options->value[OPTION_collect],
        .annotate = options->given[OPTION_annotate] ? &outputs->annotate : NULL,
        .extract = options->given[OPTION_extract] ? &outputs->extract : NULL,
        .redact = options->given[OPTION_redact],
        .resume = options->value[OPTION_resume],
        .flush = flush,
        .flush_user = &outputs->report,
        .sink = options->sink,
        .style = style_of(options, &outputs->report),
    };

    if (options->given[OPTION_help]) {
        options_help(text);
        return EXIT_NOTHING_WRONG;
    }
    if (options->given[OPTION_version]) {
        options_version(text);
        return EXIT_NOTHING_WRONG;
    }
    if (options->given[OPTION_merge])
        return merge_files(options, &pipeline.style, text);
    if (options->given[OPTION_token])
        return explain_token(options->value[OPTION_token], text);
    if (options->given[OPTION_explain])
        return explain_word(options->value[OPTION_explain], text);
    if (options->given[OPTION_collect] && options->paths.num == 0) {
        collect_render(text, options->value[OPTION_collect], NULL);
        return EXIT_NOTHING_WRONG;
    }
    if (pipeline.jobs == 0)
        pipeline.jobs = sysconf(_SC_NPROCESSORS_ONLN);
    if (pipeline.jobs < 1)
        pipeline.jobs = 1;
    return pipeline_run(&pipeline, text);
}

static void drop_all(struct outputs *outputs)
{
    output_drop(&outputs->report);
    output_drop(&outputs->annotate);
    output_drop(&outputs->extract);
}

static bool open_all(struct outputs *outputs, const struct options *options, struct text *error)
{
    outputs->report.fd = outputs->annotate.fd = outputs->extract.fd = -1;
    return output_open(&outputs->report, options->value[OPTION_output], error) &&
           (!options->given[OPTION_annotate] ||
            output_open_file(&outputs->annotate, "--annotate", options->value[OPTION_annotate],
                             error)) &&
           (!options->given[OPTION_extract] ||
            output_open_file(&outputs->extract, "--extract", options->value[OPTION_extract],
                             error));
}

static bool commit_all(struct outputs *outputs, const struct options *options,
                       const struct text *text, struct text *error)
{
    return (!options->given[OPTION_annotate] || output_commit(&outputs->annotate, error)) &&
           (!options->given[OPTION_extract] || output_commit(&outputs->extract, error)) &&
           output_write(&outputs->report, text, error) != OUTPUT_FAILED;
}

/* Runs between opening the outputs and writing them. */
static int run_to_output(const struct options *options, struct text *error)
{
    struct outputs outputs = {0};
    struct text text = {0};
    int status;

    output_catch_signals();
    if (!open_all(&outputs, options, error)) {
        complain(error);
        drop_all(&outputs);
        return EXIT_UNUSABLE;
    }
    status = run(options, &outputs, &text);
    if (status != EXIT_UNUSABLE && !commit_all(&outputs, options, &text, error)) {
        complain(error);
        status = EXIT_UNUSABLE;
    }
    if (status == EXIT_UNUSABLE)
        drop_all(&outputs); /* an older report is worth more than an empty one */
    text_clear(&text);
    return interrupt_signal() == 0 ? status : EXIT_PARTIAL + interrupt_signal();
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
