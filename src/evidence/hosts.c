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

/* The header that Windows ships is English everywhere. */
static bool is_header(struct bytes text)
{
    return span_has(text, "HOSTS file used by Microsoft TCP/IP");
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

/* Programs show or list hosts files under these words. */
static bool names_hosts(struct bytes text)
{
    size_t at = span_find_nocase(text, "hosts");

    return at != SIZE_MAX && (at == 0 || !span_alnum(text.at[at - 1])) &&
           (at + 5 == text.len || !span_alnum(text.at[at + 5]));
}

/* Counts of a walk over the document. */
struct count {
    size_t entries, others;
    bool header; /* the one that Windows ships */
};

/* Walks over all lines. */
static struct count walk(const struct document *document, bool dry)
{
    struct count count = {0, 0, false};
    struct address address;
    struct cursor cursor;
    struct line line;
    struct bytes names;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line)) {
        if (is_comment(line.text)) {
            count.header = count.header || is_header(line.text);
        } else if (parse_entry(document, line.text, &address, &names)) {
            count.entries++;
            if (!dry)
                put_names(document, line.number, &address, names);
        } else {
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
    struct count count = walk(document, true);

    return count.header ? count.others <= count.entries
                        : count.entries > 0 && count.others * 4 <= count.entries;
}

/* ---- Pasted among other things ---- */

/* A block: entries and comments without anything else between. */
struct block {
    struct cursor begin;
    size_t entries;
    bool header; /* of Windows, or the file is named above it */
};

/* Two entries and more are no chance; a single one needs the file's name or header beside it. */
static bool is_hosts(const struct block *block)
{
    return block->entries >= 2 || (block->entries == 1 && block->header);
}

static void put_block(const struct document *document, const struct block *block, int64_t end)
{
    struct cursor cursor = block->begin;
    struct address address;
    struct bytes names;
    struct line line;

    while (cursor_take(&cursor, &line) && line.number < end)
        if (!is_comment(line.text) && parse_entry(document, line.text, &address, &names))
            put_names(document, line.number, &address, names);
}

/* How many entries stand in blocks that are taken for a hosts file; `dry`: only counted. */
static size_t walk_blocks(const struct document *document, bool dry)
{
    struct block block = {.entries = 0};
    struct address address;
    struct cursor cursor;
    struct bytes names;
    struct line line;
    size_t entries = 0;

    cursor_init(&cursor, document);
    block.begin = cursor;
    while (cursor_take(&cursor, &line)) {
        if (is_comment(line.text)) {
            block.header = block.header || is_header(line.text);
        } else if (parse_entry(document, line.text, &address, &names)) {
            block.entries++;
        } else {
            if (is_hosts(&block) && !dry)
                put_block(document, &block, line.number);
            entries += is_hosts(&block) ? block.entries : 0;
            block = (struct block){.begin = cursor, .header = names_hosts(span_to(line.text, 400))};
        }
    }
    if (is_hosts(&block) && !dry)
        put_block(document, &block, INT64_MAX);
    return entries + (is_hosts(&block) ? block.entries : 0);
}

static void read_hosts(const struct document *document)
{
    if (is_whole_file(document))
        walk(document, false);
    else
        walk_blocks(document, false);
}

static int score_hosts(const struct document *document)
{
    if (is_whole_file(document))
        return 85;
    return walk_blocks(document, true) > 0 ? 70 : SCORE_NONE;
}

const struct evidence_kind evidence_hosts = {"hosts", score_hosts, read_hosts};
