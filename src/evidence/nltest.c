/* SPDX-License-Identifier: MIT */
/* nltest /sc_verify and /sc_query: whether the machine's password still opens its secure channel.
 * Only sc_verify tries the password. "The command completed successfully" says nothing; the
 * constants are not translated. */
#include "evidence/kind.h"

struct state {
    const struct document *document;
    struct nltest nltest;
    int64_t line;
};

static void end_result(struct state *state)
{
    if (state->line > 0)
        document_fact(state->document, KIND_nltest, state->line, &state->nltest);
    memset(&state->nltest, 0, sizeof(state->nltest));
    state->line = 0;
}

/* "... Status = 1311 0x51f ERROR_NO_LOGON_SERVERS" in any language: the decimal number. */
static bool take_status(struct bytes text, int64_t *out)
{
    size_t at = span_find(text, " = ");
    struct bytes rest = span_from(text, at == SIZE_MAX ? text.len : at + strlen(" = "));
    struct bytes constant;
    int64_t same;

    if (!span_int(span_word(&rest), out) || !span_starts(span_trim(rest), "0x") ||
        !span_int(span_word(&rest), &same) || same != *out)
        return false;
    constant = span_trim(rest);
    return constant.len > 4 && constant.at[0] >= 'A' && constant.at[0] <= 'Z' &&
           span_has(constant, "_");
}

/* "Trusted DC Name \\\\dc1.test.com": what stands in front of the status lines, with only the
 * "Flags" above it. A line with a colon is none of it. */
static bool is_dc_line(const struct cursor *cursor, const struct line *line)
{
    int64_t status;
    struct line next;

    return line->text.len > 0 && !take_status(line->text, &status) && !span_has(line->text, ":") &&
           cursor_peek(cursor, &next) && take_status(next.text, &status);
}

static void take_command(struct state *state, struct bytes arguments)
{
    struct bytes word;

    end_result(state);
    while ((word = argument_take(&arguments)).len > 0) {
        size_t colon = span_find(word, ":");

        if (colon != SIZE_MAX && span_has_nocase(word, "/sc_"))
            state->nltest.domain = document_text(state->document, span_from(word, colon + 1));
    }
}

static void start_result(struct state *state, const struct line *line)
{
    const char *domain = state->line == 0 ? state->nltest.domain : NULL;
    struct bytes dc = span_last_word(line->text);

    end_result(state);
    state->nltest.domain = domain;
    state->line = line->number;
    if (!span_starts(dc, "\\\\"))
        return;
    state->nltest.dc = document_text(state->document, span_from(dc, 2));
}

static void take_line(struct state *state, const struct cursor *cursor, const struct line *line)
{
    struct bytes text = line->text, arguments;
    int64_t status;

    if (line_runs(text, "nltest", &arguments)) {
        take_command(state, arguments);
    } else if (is_dc_line(cursor, line)) {
        start_result(state, line);
    } else if (take_status(text, &status)) {
        if (state->line == 0)
            state->line = line->number;
        state->nltest.verified = state->nltest.status.set; /* the second one is the verification */
        state->nltest.status = optint(status);
    }
}

static void read_nltest(const struct document *document)
{
    struct state state = {.document = document};
    struct cursor cursor;
    struct line line;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line))
        take_line(&state, &cursor, &line);
    end_result(&state);
}

static int score_nltest(const struct document *document)
{
    struct cursor cursor;
    struct line line;
    int64_t status;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line))
        if (take_status(line.text, &status))
            return SCORE_SURE;
    return SCORE_NONE;
}

const struct evidence_kind evidence_nltest = {"nltest", score_nltest, read_nltest};
