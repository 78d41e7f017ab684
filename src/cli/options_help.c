/* SPDX-License-Identifier: MIT */
/* The table of options as a person reads it. */
#include "cli/options.h"

const struct option_row option_rows[OPTION_COUNT] = {
#define OPTION(id, name, letter, argument, about) {OPTION_##id, name, letter, argument, about},
#include "cli/options.def"
#undef OPTION
};

void options_put_formats(struct text *out)
{
    const struct sink *sink;

    for (sink = report_sinks; sink->name != NULL; sink++) {
        if (sink != report_sinks)
            text_put(out, (sink + 1)->name == NULL ? " or " : ", ");
        text_put(out, sink->name);
    }
}

enum { HELP_COLUMN = 26, HELP_WIDTH = 80 };

/* Words of `about` from the help's second column on, wrapped; FORMATS stands for their names. */
static void put_about(struct text *out, const char *about)
{
    size_t column = HELP_COLUMN;
    struct text words = {0}, word = {0};
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

        if (column > HELP_COLUMN && column + 1 + len > HELP_WIDTH) {
            text_putf(out, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        } else if (column > HELP_COLUMN) {
            text_put_char(out, ' ');
            column++;
        }
        text_put_bytes(out, raw);
        column += len;
        at += len;
    }
    text_put_char(out, '\n');
    text_clear(&words);
    text_clear(&word);
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
    put_about(out, row->about);
    text_clear(&left);
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
    text_put(out, "\n"
                  "Fields of a line of --brief, a tab between them, - for what is unknown:\n"
                  "path, cause, confidence (confirmed, likely, possible, info), SPN, account that\n"
                  "tried to open the ticket, server (address:port), error code, and how often.\n"
                  "\n"
                  "Exit status: 0 nothing wrong was found, 1 there are findings, 2 the command\n"
                  "line was wrong or no input could be read, 130 interrupted.\n"
                  "\n"
                  "Examples:\n"
                  "  krbwhy web.pcapng\n"
                  "  krbwhy --case client.pcap server.pcap spns.ldf\n"
                  "  krbwhy -f json -o report.json captures/\n");
}

void options_version(struct text *out)
{
    text_put(out, "krbwhy " KRBWHY_VERSION "\n");
}
