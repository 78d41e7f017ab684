/* SPDX-License-Identifier: MIT */
/* ipconfig and ipconfig /all of any language: who the machine is and which suffixes and servers it
 * asks. The first block of /all has its lines in a fixed order; in the blocks of the adapters the
 * untranslated words IP, IPv4, IPv6 and DNS tell what a value is. */
#include "base/address.h"
#include "evidence/displaydns.h"
#include "evidence/kind.h"

enum { MAX_VALUES = 64 };

struct values {
    const char *at[MAX_VALUES];
    size_t num;
};

enum block { BEFORE, MACHINE, ADAPTER };

/* Which list the value lines without a label continue. */
struct state {
    const struct document *document;
    enum block block;
    size_t row;        /* of the first block */
    size_t row_indent; /* of the rows; headings stand further out */
    int64_t line;
    struct machine machine;
    struct values search_list, suffixes, addresses, addresses6, dns_servers;
    struct values *open;
};

static void put_value(struct values *values, const char *value)
{
    size_t i;

    if (value == NULL || values->num == MAX_VALUES)
        return;
    for (i = 0; i < values->num; i++)
        if (strcmp(values->at[i], value) == 0)
            return;
    values->at[values->num++] = value;
}

/* "fe80::1%11(Preferred)" without zone and remark, as an address; NULL when it is none. */
static const char *address_of(const struct document *document, struct bytes value,
                              struct address *out)
{
    size_t end = size_min(size_min(span_find(value, "("), span_find(value, "%")),
                          size_min(span_find(value, "\xEF\xBC\x88"), value.len));
    char text[ADDRESS_TEXT_ROOM];

    value = span_trim(span_to(value, end));
    if (value.len == 0 || value.len >= ADDRESS_TEXT_ROOM ||
        !address_parse(arena_text(document->scratch, value), out))
        return NULL;
    return arena_text(document->scratch, bytes_of_text(address_text(out, text)));
}

/* Host name, primary suffix, node type, two yes or no, search list. */
static void take_machine_row(struct state *state, struct bytes value)
{
    const char *text = document_text(state->document, value);

    state->open = NULL;
    switch (state->row++) {
    case 0:
        state->machine.host = text;
        break;
    case 1:
        state->machine.primary_suffix = text;
        break;
    case 5:
        put_value(&state->search_list, text);
        state->open = &state->search_list;
        break;
    default:
        break;
    }
}

static void take_adapter_row(struct state *state, struct bytes label, struct bytes value)
{
    struct address address = {0};
    const char *text = address_of(state->document, value, &address);

    state->open = NULL;
    if (span_has(label, "DNS")) {
        if (text != NULL) {
            put_value(&state->dns_servers, text);
            state->open = &state->dns_servers;
        } else if (value.len > 0 && !span_has(value, " ")) {
            put_value(&state->suffixes, document_text(state->document, value));
        }
    } else if (text != NULL && address.family == 4 && span_has(label, "IP")) {
        put_value(&state->addresses, text);
    } else if (text != NULL && address.family == 6 && span_has(label, "IPv6")) {
        put_value(&state->addresses6, text);
    }
}

/* A further value of the row above, alone on its line. */
static void take_further(struct state *state, struct bytes value)
{
    struct address address;
    const char *text = address_of(state->document, value, &address);

    if (state->open == &state->dns_servers)
        put_value(&state->dns_servers, text);
    else if (state->open != NULL && !span_has(value, " "))
        put_value(state->open, document_text(state->document, value));
}

static void end_machine(struct state *state)
{
    struct machine *m = &state->machine;

    m->search_list = (struct text_list){state->search_list.at, state->search_list.num};
    m->suffixes = (struct text_list){state->suffixes.at, state->suffixes.num};
    m->addresses = (struct text_list){state->addresses.at, state->addresses.num};
    m->addresses6 = (struct text_list){state->addresses6.at, state->addresses6.num};
    m->dns_servers = (struct text_list){state->dns_servers.at, state->dns_servers.num};
    if (m->host != NULL || m->addresses.num > 0 || m->dns_servers.num > 0)
        document_fact(state->document, KIND_machine, state->line, m);
    memset(&state->machine, 0, sizeof(state->machine));
    state->search_list.num = state->suffixes.num = state->addresses.num = 0;
    state->addresses6.num = state->dns_servers.num = 0;
    state->open = NULL;
    state->block = BEFORE;
    state->row = 0;
    state->line = 0;
}

/* "Ethernet adapter Ethernet0:" */
static bool is_adapter(const struct line *line)
{
    struct bytes label, value;

    return !split_dotted(line->text, &label, &value) &&
           (span_ends(line->text, ":") || span_ends(line->text, "\xEF\xBC\x9A"));
}

/* The first row of /all is a host name, without which no block of the machine is begun. */
static bool is_host_row(struct bytes value)
{
    size_t i;

    for (i = 0; i < value.len; i++)
        if (!span_alnum(value.at[i]) && value.at[i] < 0x80 && !span_among(value.at[i], "-_."))
            return false;
    return value.len > 0;
}

/* The program fills with ". . ."; other texts have leaders of their own. */
static bool is_row(struct bytes text, struct bytes *out_label, struct bytes *out_value)
{
    return split_dotted(text, out_label, out_value) && span_has(text, ". . ") &&
           out_label->len > 0 && !span_starts(text, ".");
}

static bool is_dotted(struct bytes text)
{
    struct bytes label, value;

    return split_dotted(text, &label, &value);
}

/* Whether rows follow: prose that ends in a colon is no heading. */
static bool leads_to_rows(const struct cursor *cursor, const struct line *line)
{
    struct bytes label, value;
    struct line next;

    return cursor_peek(cursor, &next) &&
           (is_dotted(next.text) ||
            (next.indent > line->indent && split_label(next.text, &label, &value)));
}

/* "Windows IP Configuration", once more behind another output: a line further out than the rows,
 * and a host name below it. */
static bool is_title(const struct state *state, const struct cursor *cursor,
                     const struct line *line)
{
    struct bytes label, value;
    struct line next;

    return state->line > 0 && line->indent < state->row_indent && !is_adapter(line) &&
           cursor_peek(cursor, &next) && next.number > line->number + 1 &&
           is_row(next.text, &label, &value) && is_host_row(value) && !span_has(label, "DNS");
}

static void take_line(struct state *state, const struct cursor *cursor, const struct line *line)
{
    struct bytes label, value, arguments;

    if (line->text.len == 0)
        return;
    if (line_runs(line->text, "ipconfig", &arguments) || line_command(line->text).len == 0) {
        if (state->line > 0)
            end_machine(state);
    } else if (split_dotted(line->text, &label, &value) ||
               (state->block == ADAPTER && line->indent > 0 && !is_adapter(line) &&
                split_label(line->text, &label, &value))) {
        if (state->line == 0) {
            state->line = line->number;
            state->row_indent = line->indent;
        }
        if (state->block == BEFORE && is_row(line->text, &label, &value) && is_host_row(value) &&
            !span_has(label, "DNS"))
            state->block = MACHINE;
        if (state->block == MACHINE)
            take_machine_row(state, value);
        else if (state->block == ADAPTER)
            take_adapter_row(state, label, value);
    } else if (is_adapter(line)) {
        state->open = NULL;
        if (state->block == BEFORE ? leads_to_rows(cursor, line)
                                   : line->indent == 0 || line->indent < state->row_indent)
            state->block = ADAPTER;
    } else if (is_title(state, cursor, line)) {
        end_machine(state);
    } else {
        take_further(state, line->text);
    }
}

static void read_ipconfig(const struct document *document)
{
    struct state state = {.document = document};
    struct cursor cursor;
    struct line line;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line))
        if (!displaydns_skip(&cursor, &line))
            take_line(&state, &cursor, &line);
    end_machine(&state);
}

/* Rows of addresses below the heading of an adapter, or the block that begins /all. */
static int score_ipconfig(const struct document *document)
{
    struct bytes label, value;
    struct address address;
    struct cursor cursor;
    struct line line;
    size_t rows = 0, addresses = 0, block = 0;
    bool adapter = false;

    cursor_init(&cursor, document);
    while ((addresses == 0 || rows < 3) && cursor_take(&cursor, &line)) {
        if (displaydns_skip(&cursor, &line))
            continue;
        if (is_row(line.text, &label, &value)) {
            rows += adapter;
            block++;
            addresses +=
                adapter && span_has(label, "IP") && address_of(document, value, &address) != NULL;
        } else if (line.text.len > 0 && is_adapter(&line) && leads_to_rows(&cursor, &line)) {
            adapter = true;
        }
    }
    return rows >= 3 && addresses > 0 ? 80 : block >= 5 && adapter ? 55 : SCORE_NONE;
}

const struct evidence_kind evidence_ipconfig = {"ipconfig", score_ipconfig, read_ipconfig};
