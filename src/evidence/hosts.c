/* SPDX-License-Identifier: MIT */
/* hosts: an address and its names a line. Nearly every line has to be one, else it is a list of
 * something else. The header that Windows ships is English everywhere. */
#include "base/address.h"
#include "evidence/kind.h"

/* 00-11-22-33-44-55: a table of addresses is no hosts file. */
static bool is_mac(struct bytes word)
{
    size_t i;

    if (word.len != 17)
        return false;
    for (i = 0; i < word.len; i++)
        if (i % 3 == 2 ? word.at[i] != '-' : !span_alnum(word.at[i]))
            return false;
    return true;
}

static bool is_host_name(struct bytes word)
{
    bool letter = false;
    size_t i;

    for (i = 0; i < word.len; i++) {
        if (!span_alnum(word.at[i]) && word.at[i] < 0x80 && !span_among(word.at[i], "-._"))
            return false;
        letter = letter || (!span_digit(word.at[i]) && word.at[i] != '.');
    }
    return letter && word.len < 256 && word.at[0] != '-' && word.at[0] != '.' && !is_mac(word);
}

/* "10.0.5.4 iis01.test.com iis01 # comment": the address, and the names left in *out_names. */
static bool parse_entry(const struct document *document, struct bytes text,
                        struct address *out_address, struct bytes *out_names)
{
    struct bytes rest = span_to(text, size_min(span_find(text, "#"), text.len)), names;
    struct bytes address = span_word(&rest);
    size_t zone = span_find(address, "%");
    bool named = false;

    if (address.len > 60 ||
        !address_parse(arena_text(document->scratch, span_to(address, size_min(zone, address.len))),
                       out_address))
        return false;
    for (names = rest; span_trim(names).len > 0; named = true)
        if (!is_host_name(span_word(&names)))
            return false;
    *out_names = rest;
    return named;
}

static bool is_comment(struct bytes text)
{
    return text.len == 0 || text.at[0] == '#';
}

/* "type C:\\Windows\\System32\\drivers\\etc\\hosts", "cat /etc/hosts": in a paste of several
 * commands the file begins below. */
static bool shows_hosts(struct bytes text)
{
    static const char *const programs[] = {"type", "cat", "more", "Get-Content", "gc"};
    struct bytes arguments;
    size_t i;

    if (!span_ends(text, "hosts") && !span_ends(text, "hosts\""))
        return false;
    for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        if (line_runs(text, programs[i], &arguments))
            return true;
    return false;
}

/* A prompt: something stands in front of a mark, and it is no comment. */
static bool is_prompt(struct bytes text)
{
    return text.len > 0 && !span_digit(text.at[0]) && text.at[0] != ':' && text.at[0] != '#' &&
           line_command(text).len < text.len;
}

static void put_names(const struct document *document, int64_t line, const struct address *address,
                      struct bytes names)
{
    char text[ADDRESS_TEXT_ROOM];

    while (span_trim(names).len > 0) {
        struct host_name name = {.name = document_text(document, span_word(&names)),
                                 .type = address->family == 4 ? "A" : "AAAA",
                                 .value = address_text(address, text),
                                 .origin = "hosts"};

        document_fact(document, KIND_host_name, line, &name);
    }
}

/* Counts of a walk over the document. */
struct count {
    size_t entries, others;
    bool header; /* the one that Windows ships */
};

/* Walks over the entries: of the whole file, or, `shown`, below the commands that show one. */
static struct count walk(const struct document *document, bool shown, bool dry)
{
    struct count count = {0, 0, false};
    struct address address;
    struct cursor cursor;
    struct line line;
    struct bytes names;
    bool inside = !shown;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line)) {
        if (shown && (shows_hosts(line.text) || is_prompt(line.text)))
            inside = shows_hosts(line.text);
        else if (is_comment(line.text))
            count.header =
                count.header || span_has(line.text, "HOSTS file used by Microsoft TCP/IP");
        else if (inside && parse_entry(document, line.text, &address, &names)) {
            count.entries++;
            if (!dry)
                put_names(document, line.number, &address, names);
        } else if (inside) {
            count.others++;
            if (!dry)
                document_problem(document, line.number, "hosts-line",
                                 "this line is not an address with names");
            else if (count.others > 1000 && count.entries < count.others)
                break;
        }
    }
    return count;
}

static bool is_whole_file(const struct document *document)
{
    struct count count = walk(document, false, true);

    return count.header ? count.others <= count.entries
                        : count.entries > 0 && count.others * 4 <= count.entries;
}

static void read_hosts(const struct document *document)
{
    walk(document, !is_whole_file(document), false);
}

static int score_hosts(const struct document *document)
{
    struct count shown;

    if (is_whole_file(document))
        return 85;
    if (!span_has(document->text, "hosts"))
        return SCORE_NONE;
    shown = walk(document, true, true);
    return shown.entries > 0 && shown.others <= shown.entries ? 70 : SCORE_NONE;
}

const struct evidence_kind evidence_hosts = {"hosts", score_hosts, read_hosts};
