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

/* "... Status = 1311 0x51f ERROR_NO_LOGON_SERVERS": the decimal number. */
static bool take_status(struct bytes text, int64_t *out)
{
    size_t at = span_find(text, "Status = ");
    struct bytes rest = span_from(text, at == SIZE_MAX ? text.len : at + strlen("Status = "));

    return span_int(span_word(&rest), out) && span_starts(span_trim(rest), "0x");
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

static void take_line(struct state *state, const struct line *line)
{
    struct bytes text = line->text, arguments;
    int64_t status;

    if (line_runs(text, "nltest", &arguments)) {
        take_command(state, arguments);
    } else if (span_starts(text, "Trusted DC Name")) {
        const char *domain = state->line == 0 ? state->nltest.domain : NULL;
        struct bytes dc = span_trim(span_from(text, strlen("Trusted DC Name")));

        end_result(state);
        state->nltest.domain = domain;
        state->line = line->number;
        while (span_starts(dc, "\\"))
            dc = span_from(dc, 1);
        state->nltest.dc = document_text(state->document, dc);
    } else if (take_status(text, &status)) {
        if (state->line == 0)
            state->line = line->number;
        state->nltest.verified = state->nltest.verified || span_has(text, "Trust Verification");
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
        take_line(&state, &line);
    end_result(&state);
}

static int score_nltest(const struct document *document)
{
    struct cursor cursor;
    struct line line;
    int64_t status;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line))
        if ((span_starts(line.text, "Trusted DC") ||
             span_starts(line.text, "Trust Verification")) &&
            take_status(line.text, &status))
            return SCORE_SURE;
    return SCORE_NONE;
}

const struct evidence_kind evidence_nltest = {"nltest", score_nltest, read_nltest};
