/* SPDX-License-Identifier: MIT */
/* The table of options as a person reads it. */
#include "cli/options.h"

const struct option_row option_rows[OPTION_COUNT] = {
#define OPTION(id, name, letter, argument, about) {OPTION_##id, name, letter, argument, about},
#include "cli/options.def"
#undef OPTION
};

enum { HELP_COLUMN = 26, HELP_WIDTH = 80 };

void options_put_formats(struct text *out)
{
    const struct sink *sink;

    for (sink = report_sinks; sink->name != NULL; sink++) {
        if (sink != report_sinks)
            text_put(out, (sink + 1)->name == NULL ? " or " : ", ");
        text_put(out, sink->name);
    }
}

/* Words of `about`, wrapped at `indent`, where the first line stands already; FORMATS stands for
 * their names. */
static void put_about(struct text *out, const char *about, size_t indent)
{
    size_t column = indent;
    struct text words = {0};
    const char *at;

    for (at = about; *at != '\0';) {
        if (strncmp(at, "FORMATS", 7) == 0) {
            options_put_formats(&words);
            at += 7;
        } else {
            text_put_char(&words, *at++);
        }
    }
    for (at = text_str(&words); *at != '\0'; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        struct bytes raw = {(const uint8_t *)at, len};

        if (column > indent && column + 1 + len > HELP_WIDTH) {
            text_putf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            text_put_char(out, ' ');
            column++;
        }
        text_put_bytes(out, raw);
        column += len;
        at += len;
    }
    text_put_char(out, '\n');
    text_clear(&words);
}

static void put_option(struct text *out, const struct option_row *row)
{
    struct text left = {0};

    if (row->letter != 0)
        text_putf(&left, "  -%c, --%s", row->letter, row->name);
    else
        text_putf(&left, "      --%s", row->name);
    if (row->argument != NULL)
        text_putf(&left, " %s", row->argument);
    if (left.len + 2 > HELP_COLUMN)
        text_putf(out, "%s\n%*s", text_str(&left), HELP_COLUMN, "");
    else
        text_putf(out, "%-*s", HELP_COLUMN, text_str(&left));
    put_about(out, row->about, HELP_COLUMN);
    text_clear(&left);
}

/* Items with commas between them: the one line that begins with `lead`. */
static void put_list(struct text *out, const char *lead, const char *const *items, size_t num)
{
    struct text line = {0};
    size_t i;

    text_put_char(out, '\n');
    text_put(&line, lead);
    for (i = 0; i < num; i++)
        text_putf(&line, " %s%s", items[i], i + 1 < num ? "," : ".");
    put_about(out, text_str(&line), 0);
    text_clear(&line);
}

/* What manual.def has for --help. */
static void put_manual(struct text *out)
{
    static const char *const fields[] = {
#define FIELD(name, about) name " (" about ")",
#include "cli/manual.def"
    };
    static const char *const statuses[] = {
#define STATUS(number, about) #number " " about,
#include "cli/manual.def"
    };
    static const char *const examples[] = {
#define EXAMPLE(command, about) command,
#include "cli/manual.def"
    };
    enum { NUM_EXAMPLES = 3 };
    size_t i;

    put_list(out, "Fields of a line of --brief, a tab between them, - for what is unknown:", fields,
             sizeof(fields) / sizeof(fields[0]));
    put_list(out, "Exit status:", statuses, sizeof(statuses) / sizeof(statuses[0]));
    text_put(out, "\nExamples:\n");
    for (i = 0; i < NUM_EXAMPLES; i++)
        text_putf(out, "  %s\n", examples[i]);
}

void options_help(struct text *out)
{
    size_t i;

    text_put(out,
             "usage: krbwhy [OPTION]... PATH...\n"
             "\n"
             "Reads network captures and says why a service did not accept a Kerberos ticket\n"
             "(KRB_AP_ERR_MODIFIED and its relatives), what shows it, and what to do about it.\n"
             "\n"
             "Each PATH is a capture (pcap, pcapng, Network Monitor; compressed or not), an\n"
             "evidence file, a directory, or - for standard input. Each capture is an incident\n"
             "of its own unless --case is given.\n"
             "\n"
             "Options:\n");
    for (i = 0; i < OPTION_COUNT; i++)
        put_option(out, &option_rows[i]);
    put_manual(out);
}

void options_version(struct text *out)
{
    text_put(out, "krbwhy " KRBWHY_VERSION "\n");
}
