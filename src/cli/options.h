/* SPDX-License-Identifier: MIT */
/* The command line, understood. */
#ifndef KRBWHY_CLI_OPTIONS_H
#define KRBWHY_CLI_OPTIONS_H

#include "base/text.h"
#include "report/report.h"

enum option_id {
#define OPTION(id, name, letter, argument, about) OPTION_##id,
#include "cli/options.def"
#undef OPTION
    OPTION_COUNT
};

/* A row of options.def. */
struct option_row {
    enum option_id id;
    const char *name; /* long name, without its dashes */
    char letter;      /* 0: none */
    const char *argument;
    const char *about;
};

extern const struct option_row option_rows[OPTION_COUNT];

/* Values in the order in which they were given; borrowed from argv. */
struct values {
    const char **at;
    size_t num;
};

/* All zero before options_parse; options_clear gives its memory back. */
struct options {
    bool given[OPTION_COUNT];
    const char *value[OPTION_COUNT]; /* the last one given; NULL without an argument */
    struct values paths, evidence, keytabs;
    const struct sink *sink; /* never NULL after a successful parse */
    long jobs;               /* 0: not given */
    size_t limit_memory;     /* 0: not given */
    long width;              /* 0: not given */
    enum colour_when { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER } colour;
    struct text error; /* one line without its end, when parsing failed */
};

/* Understands argv[1..argc-1]: short options, combined or with their value attached (-fjson), long
 * ones (--format json, --format=json), "--" before paths that begin with a dash. False, with one
 * line in out->error that names the option, when it cannot be understood. */
bool options_parse(struct options *out, int argc, char *const *argv);
void options_clear(struct options *options);

/* The text of --help and of --version, with the end of their last line. */
void options_help(struct text *out);
void options_version(struct text *out);

/* Names of all formats: "text, json or html". */
void options_put_formats(struct text *out);

#endif
