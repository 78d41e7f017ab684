/* SPDX-License-Identifier: MIT */
/* repadmin /showobjmeta: when and where the attributes of an object were last changed, as one DC
 * has it. The version of unicodePwd is the key version that the KDC counts. */
#include "evidence/kind.h"

struct state {
    const struct document *document;
    const char *object, *dc;
};

/* What bears on keys and names. */
static bool matters(struct bytes attribute)
{
    static const char *const names[] = {"unicodePwd",           "pwdLastSet",
                                        "servicePrincipalName", "userPrincipalName",
                                        "sAMAccountName",       "msDS-SupportedEncryptionTypes"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (span_is_nocase(attribute, names[i]))
            return true;
    return false;
}

static bool is_digits(struct bytes s, const char *also)
{
    size_t i;

    for (i = 0; i < s.len; i++)
        if (!span_digit(s.at[i]) && !span_among(s.at[i], also))
            return false;
    return s.len > 0;
}

/* "848324   Default-First-Site-Name\DC2   548926 2020-01-31 11:40:46    4 unicodePwd"; a site's
 * name may hold blanks, so that the row is read from its end. */
static bool parse_row(struct bytes text, struct bytes words[5], struct bytes *out_dsa)
{
    struct bytes usn;
    size_t i;

    for (i = 5; i > 0; i--) {
        words[i - 1] = span_last_word(text);
        text = span_trim_end(span_to(text, text.len - words[i - 1].len));
    }
    usn = span_word(&text);
    *out_dsa = span_trim(text);
    return is_digits(usn, "") && out_dsa->len > 0 && is_digits(words[0], "") &&
           is_digits(words[1], "-/.") && words[1].len > 7 && !is_digits(words[1], "") &&
           is_digits(words[2], ":.") && words[2].len > 4 && !is_digits(words[2], "") &&
           is_digits(words[3], "") && words[4].len > 1 && !is_digits(span_to(words[4], 1), "");
}

/* A row, which a console may have broken in front of its last columns. The cursor is moved behind
 * it then. */
static bool take_row(const struct document *document, struct cursor *cursor,
                     const struct line *line, struct bytes words[5], struct bytes *out_dsa)
{
    struct cursor ahead = *cursor;
    struct bytes text = line->text;
    struct line next;

    if (text.len < 30)
        return false;
    if (parse_row(text, words, out_dsa))
        return true;
    if (!span_digit(text.at[0]) || !cursor_take(&ahead, &next) || next.text.len == 0 ||
        next.text.len > 60)
        return false;
    text =
        bytes_of_text(arena_print(document->scratch, "%s %s", arena_text(document->scratch, text),
                                  arena_text(document->scratch, next.text)));
    if (!parse_row(text, words, out_dsa))
        return false;
    *cursor = ahead;
    return true;
}

static void take_command(struct state *state, struct bytes arguments)
{
    struct bytes word = argument_take(&arguments);

    state->object = state->dc = NULL;
    if (!span_has_nocase(word, "showobjmeta"))
        return;
    word = argument_take(&arguments);
    if (looks_like_dn(word)) {
        state->object = document_text(state->document, word);
        return;
    }
    state->dc = document_text(state->document, word);
    arguments = span_trim(arguments);
    while (arguments.len > 0 && (arguments.at[0] == '"' || span_ends(arguments, "\""))) {
        if (arguments.at[0] == '"')
            arguments = span_from(arguments, 1);
        else
            arguments.len--;
    }
    state->object = document_text(state->document, arguments);
}

static void take_line(struct state *state, struct cursor *cursor, const struct line *line)
{
    struct bytes arguments, words[5], dsa;
    struct repadmin row = {.object = state->object, .dc = state->dc};
    int64_t version;

    if (line_runs(line->text, "repadmin", &arguments)) {
        take_command(state, arguments);
        return;
    }
    if (!take_row(state->document, cursor, line, words, &dsa) || !matters(words[4]))
        return;
    row.attribute = document_text(state->document, words[4]);
    if (span_int(words[3], &version))
        row.version = optint(version);
    row.time = arena_print(state->document->scratch, "%s %s",
                           arena_text(state->document->scratch, words[1]),
                           arena_text(state->document->scratch, words[2]));
    row.dsa = document_text(state->document, dsa);
    document_fact(state->document, KIND_repadmin, line->number, &row);
}

static void read_repadmin(const struct document *document)
{
    struct state state = {.document = document};
    struct cursor cursor;
    struct line line;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line))
        take_line(&state, &cursor, &line);
}

static int score_repadmin(const struct document *document)
{
    struct bytes words[5], dsa;
    struct cursor cursor;
    struct line line;
    size_t rows = 0;

    cursor_init(&cursor, document);
    while (rows < 3 && cursor_take(&cursor, &line))
        rows += take_row(document, &cursor, &line, words, &dsa);
    return rows >= 3 ? SCORE_SURE : rows > 0 ? 60 : SCORE_NONE;
}

const struct evidence_kind evidence_repadmin = {"repadmin", score_repadmin, read_repadmin};
