/* SPDX-License-Identifier: MIT */
/* setspn -Q, -T, -F, -L, -X of any language. The words are translated, the shapes are not: a
 * distinguished name, names of services below it, a heading that ends in a colon. It names the DN,
 * never the account; that is at most in the command line. */
#include "evidence/kind.h"
#include "evidence/setspn_shape.h"

enum { INDENT = 8 }; /* how far the program indents SPNs, whatever a paste made of it */

/* What the lines so far mean for the next one. */
struct state {
    const struct document *document;
    struct cursor cursor;
    const char *account; /* -L ACCOUNT */
    const char *query;   /* -Q SPN */
    const char *domain;
    bool forest;
    bool checking;  /* the answer to a query is due */
    const char *dn; /* owner of the SPNs that follow */
    size_t dn_indent;
    const char *duplicate; /* SPN whose owners follow */
    int64_t duplicate_line;
    const char *owners[64];
    size_t num_owners;
};

/* ---- Long lines ---- */

static bool console_width(size_t columns)
{
    return columns == 80 || columns == 100 || columns == 120 || columns == 132;
}

/* Appends the next line to s when it is the rest of it, broken at the console's width. */
static struct bytes join_spn(struct state *state, const struct line *line)
{
    struct cursor ahead = state->cursor;
    struct line next;
    struct bytes rest;

    if (!cursor_take(&ahead, &next) || next.text.len == 0 || looks_like_dn(next.text) ||
        !console_width(line->text.len + INDENT))
        return line->text;
    rest = next.text;
    span_word(&rest);
    if (rest.len > 0 || next.indent > line->indent ||
        (next.indent == line->indent && line->indent > 0))
        return line->text;
    state->cursor = ahead;
    return bytes_of_text(arena_print(state->document->scratch, "%s%s",
                                     arena_text(state->document->scratch, line->text),
                                     arena_text(state->document->scratch, next.text)));
}

/* The line, with the next one appended when only both together hold a whole DN. `whole` says what
 * the two must be. */
static struct bytes join_dn(struct state *state, const struct line *line,
                            struct bytes (*whole)(struct bytes))
{
    struct cursor ahead = state->cursor;
    struct bytes text = line->text, both;
    struct line next;

    if (!cursor_take(&ahead, &next) || next.text.len == 0 || find_dn(next.text) == 0 ||
        next.indent > line->indent)
        return text;
    if (whole(text).len > 0 && !console_width(line->width) && !console_width(text.len))
        return text;
    both = bytes_of_text(arena_print(state->document->scratch, "%s%s",
                                     arena_text(state->document->scratch, line->raw),
                                     arena_text(state->document->scratch, next.raw)));
    both = span_trim(both);
    if (whole(both).len <= whole(text).len)
        return text;
    state->cursor = ahead;
    return both;
}

static struct bytes whole_dn(struct bytes s)
{
    return looks_like_dn(s) ? s : span_to(s, 0);
}

/* ---- Facts ---- */

static void add_owner(struct state *state, int64_t line, const char *spn, const char *dn)
{
    struct spn_owner owner = {.spn = spn,
                              .account = state->account,
                              .dn = dn,
                              .domain = state->domain,
                              .forest = state->forest};

    document_fact(state->document, KIND_spn_owner, line, &owner);
}

static void end_duplicate(struct state *state)
{
    struct spn_duplicate duplicate = {.spn = state->duplicate,
                                      .dns = {state->owners, state->num_owners},
                                      .forest = state->forest};

    if (state->duplicate != NULL && state->num_owners > 0)
        document_fact(state->document, KIND_spn_duplicate, state->duplicate_line, &duplicate);
    state->duplicate = NULL;
    state->num_owners = 0;
}

static void end_block(struct state *state)
{
    end_duplicate(state);
    state->dn = NULL;
}

/* ---- Lines ---- */

/* The account of an argument: DOM\name and name@dom without the domain. */
static const char *account_of(const struct state *state, struct bytes argument)
{
    size_t slash = span_find_last(argument, "\\"), at = span_find(argument, "@");

    if (slash != SIZE_MAX)
        argument = span_from(argument, slash + 1);
    else if (at != SIZE_MAX && at > 0)
        argument = span_to(argument, at);
    return document_text(state->document, argument);
}

static void start_command(struct state *state, struct bytes arguments)
{
    bool list = true;
    struct bytes word;

    end_block(state);
    state->account = state->query = state->domain = NULL;
    state->forest = state->checking = false;
    while ((word = argument_take(&arguments)).len > 0) {
        /* published commands have long dashes */
        if (span_starts(word, "\xE2\x80\x93"))
            word = span_from(word, 2);
        if (word.at[0] != '-' && word.at[0] != '/' && word.at[0] != 0x93) {
            if (list)
                state->account = account_of(state, word);
            continue;
        }
        list = false;
        word = span_from(word, 1);
        if (span_is_nocase(word, "L"))
            state->account = account_of(state, argument_take(&arguments));
        else if (span_is_nocase(word, "Q"))
            state->query = document_text(state->document, argument_take(&arguments));
        else if (span_is_nocase(word, "T"))
            argument_take(&arguments);
        else if (span_is_nocase(word, "F"))
            state->forest = true;
    }
}

static void start_check(struct state *state, struct bytes text, struct bytes domain)
{
    end_block(state);
    state->domain = document_text(state->document, domain);
    state->forest = state->forest || setspn_says_forest(text);
    state->checking = true;
}

/* A sentence. Behind "Checking domain" and with nothing found in between it is the answer "no". */
static void take_sentence(struct state *state, const struct line *line)
{
    struct spn_absent absent = {
        .spn = state->query, .domain = state->domain, .forest = state->forest};

    if (!setspn_is_sentence(line->text))
        return;
    end_block(state);
    if (!state->checking || (state->forest && setspn_says_forest(line->text)))
        return;
    state->checking = false;
    if (state->query != NULL && !span_has(line->text, "0x"))
        document_fact(state->document, KIND_spn_absent, line->number, &absent);
}

static void take_dn(struct state *state, const struct line *line, struct bytes dn)
{
    const char *text = document_text(state->document, dn);

    state->checking = false;
    if (state->duplicate == NULL) {
        state->dn = text;
        state->dn_indent = line->indent;
        return;
    }
    add_owner(state, line->number, state->duplicate, text);
    if (state->num_owners < sizeof(state->owners) / sizeof(state->owners[0]))
        state->owners[state->num_owners++] = text;
}

static void start_duplicate(struct state *state, const struct line *line, struct bytes spn)
{
    end_block(state);
    state->checking = false;
    state->account = NULL;
    state->duplicate = document_text(state->document, spn);
    state->duplicate_line = line->number;
}

static void take_line(struct state *state, const struct line *line)
{
    struct bytes arguments, text = line->text, found;

    if (text.len == 0 || span_is(text, "...") || span_is(text, "[...]"))
        return;
    if (line_runs(text, "setspn", &arguments)) {
        start_command(state, arguments);
    } else if (setspn_is_prompt(text)) {
        struct bytes none = {text.at, 0};

        start_command(state, none);
    } else if (find_dn(text) == 0 && !setspn_ends_in_colon(text)) {
        text = join_dn(state, line, whole_dn);
        if (looks_like_dn(text))
            take_dn(state, line, text);
        else
            end_block(state);
    } else if (state->dn != NULL && setspn_is_listed(line, state->dn_indent)) {
        add_owner(state, line->number, document_text(state->document, join_spn(state, line)),
                  state->dn);
    } else if ((found = setspn_duplicate_heading(text)).len > 0) {
        start_duplicate(state, line, found);
    } else if ((found = setspn_checked_domain(text)).len > 0) {
        start_check(state, text, found);
    } else if (find_dn(text) != SIZE_MAX) {
        end_block(state);
        text = join_dn(state, line, setspn_heading_dn);
        found = setspn_heading_dn(text);
        if (found.len > 0)
            take_dn(state, line, found); /* without a colon it is -S, -A, -D: an action */
    } else {
        take_sentence(state, line);
    }
}

static void read_setspn(const struct document *document)
{
    struct state state = {.document = document};
    struct line line;

    cursor_init(&state.cursor, document);
    while (cursor_take(&state.cursor, &line))
        take_line(&state, &line);
    end_block(&state);
}

static int score_line(struct cursor *cursor, const struct line *line)
{
    struct line next;

    if (line->text.len < 4)
        return SCORE_NONE;
    if (span_has(line->text, "ServicePrincipalName") && setspn_heading_dn(line->text).len > 0)
        return SCORE_SURE;
    if (!cursor_peek(cursor, &next))
        return setspn_checked_domain(line->text).len > 0 ? 55 : SCORE_NONE;
    if (looks_like_dn(line->text) && looks_like_spn(next.text))
        return 85;
    if (setspn_duplicate_heading(line->text).len > 0 && looks_like_dn(next.text))
        return SCORE_SURE;
    if (setspn_heading_dn(line->text).len > 0 && looks_like_spn(next.text))
        return 85;
    return setspn_checked_domain(line->text).len > 0 ? 75 : SCORE_NONE;
}

static int score_setspn(const struct document *document)
{
    struct cursor cursor;
    struct line line, before = {0};
    bool named = span_has_nocase(document->text, "setspn");
    int best = SCORE_NONE;

    cursor_init(&cursor, document);
    while (best < SCORE_SURE && cursor_take(&cursor, &line)) {
        int score = score_line(&cursor, &line);

        /* "Processing entry 0" above it, or the command somewhere */
        if (score == SCORE_NONE && best < 60 && setspn_is_count(line.text) &&
            (named || (before.text.len > 0 && span_digit(before.text.at[before.text.len - 1]))))
            score = 60;
        best = score > best ? score : best;
        if (line.text.len > 0)
            before = line;
    }
    return best;
}

const struct evidence_kind evidence_setspn = {"setspn", score_setspn, read_setspn};
