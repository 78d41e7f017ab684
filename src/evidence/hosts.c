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

static void read_hosts(const struct document *document)
{
    char text[ADDRESS_TEXT_ROOM];
    struct address address;
    struct cursor cursor;
    struct line line;
    struct bytes names;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line)) {
        if (is_comment(line.text))
            continue;
        if (!parse_entry(document, line.text, &address, &names)) {
            document_problem(document, line.number, "hosts-line",
                             "this line is not an address with names");
            continue;
        }
        while (span_trim(names).len > 0) {
            struct host_name name = {.name = document_text(document, span_word(&names)),
                                     .type = address.family == 4 ? "A" : "AAAA",
                                     .value = address_text(&address, text),
                                     .origin = "hosts"};

            document_fact(document, KIND_host_name, line.number, &name);
        }
    }
}

static int score_hosts(const struct document *document)
{
    struct address address;
    struct cursor cursor;
    struct line line;
    struct bytes names;
    size_t entries = 0, others = 0;
    bool header = false;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line)) {
        if (is_comment(line.text))
            header = header || span_has(line.text, "HOSTS file used by Microsoft TCP/IP");
        else if (parse_entry(document, line.text, &address, &names))
            entries++;
        else if (++others > 1000 && entries < others)
            return SCORE_NONE;
    }
    if (header)
        return others <= entries ? SCORE_SURE : SCORE_NONE;
    return entries > 0 && others * 4 <= entries ? 85 : SCORE_NONE;
}

const struct evidence_kind evidence_hosts = {"hosts", score_hosts, read_hosts};
