/* SPDX-License-Identifier: MIT */
/* krbwhy(1). Options, examples, exit statuses and variables come from the tables of --help. */
#include <ctype.h>
#include <string.h>

#include "pages.h"

/* ---- the language of manual pages ---- */

/* Is this hyphen the minus sign of an option, a command or a number? Elsewhere it stays a hyphen.
 */
static bool minus(const char *before, char c)
{
    return *before == ' ' || *before == '\0' || *before == '-' || *before == '(' || c == '-';
}

void roff_put(struct text *out, const char *str)
{
    char before = '\0';

    for (; *str != '\0'; before = *str++) {
        char one[2] = {before, '\0'};

        if (*str == '\\')
            text_put(out, "\\e");
        else if (*str == '-')
            text_put(out, minus(one, str[1]) ? "\\-" : "-");
        else if (*str == '\'')
            text_put(out, "\\(aq");
        else if (*str == '^' || *str == '~' || *str == '`')
            text_put(out, *str == '^' ? "\\(ha" : *str == '~' ? "\\(ti" : "\\(ga");
        else if (*str == '.' && before == '\0')
            text_put(out, "\\&.");
        else
            text_put_char(out, *str);
    }
}

void roff_macro(struct text *out, const char *macro, const char *argument)
{
    text_putf(out, ".%s", macro);
    if (argument != NULL) {
        text_put(out, " \"");
        roff_put(out, argument);
        text_put_char(out, '"');
    }
    text_put_char(out, '\n');
}

void roff_line(struct text *out, const char *str, bool bold)
{
    text_put(out, bold ? "\\fB" : "");
    roff_put(out, str);
    text_put(out, bold ? "\\fR\n" : "\n");
}

void roff_fill(struct text *out, const char *str)
{
    enum { WIDTH = 78 };
    size_t column = 0;

    for (; *str != '\0'; str += strspn(str, " ")) {
        size_t len = strcspn(str, " ");
        struct text word = {0}, escaped = {0};

        text_put_bytes(&word, (struct bytes){(const uint8_t *)str, len});
        roff_put(&escaped, text_str(&word));
        if (column > 0 && column + 1 + escaped.len > WIDTH) {
            text_put_char(out, '\n');
            column = 0;
        }
        text_put(out, column > 0 ? " " : "");
        text_put(out, text_str(&escaped));
        column += escaped.len + 1;
        /* a sentence ends where its line ends */
        if (str[len - 1] == '.' && str[len] != '\0') {
            text_put_char(out, '\n');
            column = 0;
        }
        str += len;
        text_clear(&word);
        text_clear(&escaped);
    }
    text_put_char(out, '\n');
}

static void put_paragraph(struct text *out, const char *str)
{
    roff_macro(out, "PP", NULL);
    roff_fill(out, str);
}

static void put_item(struct text *out, const char *term, const char *about)
{
    roff_macro(out, "TP", NULL);
    roff_line(out, term, true);
    roff_fill(out, about);
}

/* ---- sections ---- */

static void put_option(struct text *out, const struct option_row *row)
{
    struct text about = {0};
    const char *formats = strstr(row->about, "FORMATS");

    roff_macro(out, "TP", NULL);
    if (row->letter != 0)
        text_putf(out, "\\fB\\-%c\\fR, ", row->letter);
    text_put(out, "\\fB\\-\\-");
    roff_put(out, row->name);
    text_put(out, "\\fR");
    if (row->argument != NULL)
        text_putf(out, " \\fI%s\\fR", row->argument);
    text_put_char(out, '\n');
    if (formats != NULL) {
        text_put_bytes(&about,
                       (struct bytes){(const uint8_t *)row->about, (size_t)(formats - row->about)});
        options_put_formats(&about);
        text_put(&about, formats + strlen("FORMATS"));
    } else {
        text_put(&about, row->about);
    }
    text_put_char(&about, '.');
    about.at[0] = (char)toupper((unsigned char)about.at[0]);
    roff_fill(out, text_str(&about));
    text_clear(&about);
}

static void put_formats(struct text *out)
{
    const struct sink *sink;

    roff_macro(out, "SH", "FORMATS");
    for (sink = report_sinks; sink->name != NULL; sink++)
        put_item(out, sink->name, sink->about);
    put_paragraph(out, "The members of json and ndjson are described in krbwhy-json(5). A line of "
                       "brief has these fields, a "
                       "tab between them, - for what is unknown; new ones come last:");
#define FIELD(name, about) put_item(out, name, about);
#include "cli/manual.def"
}

static void put_status(struct text *out)
{
    roff_macro(out, "SH", "EXIT STATUS");
#define STATUS(number, about) put_item(out, #number, about);
#include "cli/manual.def"
    put_paragraph(out, "A damaged capture is analysed as far as it goes, and the exit status "
                       "follows its findings; one "
                       "unreadable file among others is a warning.");
}

static void put_examples(struct text *out)
{
    roff_macro(out, "SH", "EXAMPLES");
#define EXAMPLE(command, about) put_item(out, command, about);
#include "cli/manual.def"
}

static void put_environment(struct text *out)
{
    roff_macro(out, "SH", "ENVIRONMENT");
#define VARIABLE(name, about) put_item(out, name, about);
#include "cli/manual.def"
    put_paragraph(out, "Neither the locale nor the time zone changes a result.");
}

static void put_files(struct text *out)
{
    roff_macro(out, "SH", "FILES");
    roff_fill(out, "There is no configuration file: what is read is named on the command line. "
                   "Files for --output, "
                   "--annotate and --extract appear whole or not at all; they are written "
                   "beside their place under a "
                   "temporary name. The file of --resume grows by one line for each capture. "
                   "Neither krb5.conf nor a "
                   "credential cache of this machine is used.");
    put_item(out, "PREFIX/share/krbwhy/wireshark/krbwhy.lua",
             "Plugin for Wireshark, see its README in the same folder.");
    put_item(out, "PREFIX/share/krbwhy", "Scripts for many captures on many machines.");
    put_item(out, "PREFIX/share/doc/krbwhy", "Pages on every cause, decisions, the JSON schema.");
}

static void put_security(struct text *out)
{
    roff_macro(out, "SH", "SECURITY");
    roff_fill(out, "No report, in any format, carries octets of a ticket, authenticator, "
                   "pre-authentication, NTLM "
                   "response, cookie, password or key: a ticket is named by the SHA-256 of its "
                   "ciphertext. Reports do "
                   "carry names of people, computers and services, addresses and times; treat "
                   "them as you treat such "
                   "names. The file of --resume is a report.");
    put_paragraph(
        out,
        "--annotate and --extract write frames as they were captured, secrets included: whoever "
        "has them "
        "can guess passwords of accounts from tickets, and replay cookies. With --redact tickets, "
        "authenticators, NTLM responses, cookies and credentials are overwritten; names, addresses "
        "and the "
        "contents of messages stay, and so do secrets in compressed or encrypted data and "
        "passwords in "
        "forms. A script of --collect holds names only; what it collects should be looked through "
        "before it leaves the house.");
    put_paragraph(out, "A keytab given with --keytab is as good as a password. Its keys are tried "
                       "on tickets in memory and "
                       "written nowhere.");
    put_paragraph(out, "Captures are hostile input. Each is read by a process of its own that "
                       "cannot open files, reach "
                       "the network or start programs (unless --no-sandbox is given); when it "
                       "dies, that capture has a "
                       "problem and the others go on. Control characters, markup and formulas in "
                       "names are made harmless "
                       "in every format.");
}

void page_man(struct text *out, const char *date)
{
    size_t i;

    text_put(out, ".\\\" SPDX-License-Identifier: MIT\n.\\\" Made from the program's own tables; "
                  "not to be edited.\n");
    text_putf(out, ".TH KRBWHY 1 \"%s\" \"krbwhy " KRBWHY_VERSION "\" \"User Commands\"\n", date);
    text_put(
        out,
        ".nh\n.ad l\n.SH NAME\nkrbwhy \\- say why a service did not accept a Kerberos ticket\n");
    text_put(out, ".SH SYNOPSIS\n.B krbwhy\n[\\fIOPTION\\fR]... \\fIPATH\\fR...\n");
    roff_macro(out, "SH", "DESCRIPTION");
    roff_fill(out,
              "Reads network captures, offline, and says why a service did not accept a Kerberos "
              "ticket, above all for "
              "KRB_AP_ERR_MODIFIED (41): which account's key encrypted the ticket, which account "
              "tried to open it, why "
              "the two differ, the frames that show it, what speaks against it, what would settle "
              "it, and the command "
              "that repairs it.");
    put_paragraph(
        out,
        "Each PATH is a capture (pcap, pcapng, Network Monitor; also compressed with gzip, zstd, "
        "lz4 or xz), "
        "a file that travels with captures (output of setspn, an LDIF export, klist, ipconfig, "
        "applicationHost.config, an event, krb5.conf, hosts), a directory that holds such files, "
        "or - for "
        "standard input. Each capture is an incident of its own unless --case is given. Evidence "
        "named on "
        "the command line counts for all captures; evidence found in a directory, for the captures "
        "of its "
        "own folder.");
    put_paragraph(out, "How sure a finding is: confirmed needs proof, a key that opens the ticket "
                       "or evidence files that "
                       "leave one cause; likely needs the whole chain on the wire and no "
                       "look-alike left; possible is the "
                       "rest.");
    roff_macro(out, "SH", "OPTIONS");
    for (i = 0; i < OPTION_COUNT; i++)
        put_option(out, &option_rows[i]);
    put_formats(out);
    put_status(out);
    put_environment(out);
    put_files(out);
    put_examples(out);
    put_security(out);
    text_put(out, ".SH SEE ALSO\n.BR krbwhy-json (5),\n.BR tshark (1),\n.BR klist (1),\n.BR kvno "
                  "(1),\n.BR tcpdump (8)\n"
                  ".PP\nRFC 4120 (Kerberos), RFC 4559 (Negotiate in HTTP), RFC 4178 (SPNEGO).\n");
}
