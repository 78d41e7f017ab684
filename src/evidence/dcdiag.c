/* SPDX-License-Identifier: MIT */
/* dcdiag: one fact per test that ended. The names of the tests and the row of dots are not
 * translated; whether a test passed is told by English words only, and left open otherwise. */
#include "evidence/kind.h"

enum { DOTS = 10 };

struct state {
    const struct document *document;
    struct cursor cursor;
    struct optint error; /* of the test under way */
};

/* The tests of "dcdiag /?" (Windows Server 2003 to 2022) whose results are about one controller. */
static bool is_test(struct bytes word)
{
    static const char *const names[] = {"Advertising",
                                        "CheckSDRefDom",
                                        "CheckSecurityError",
                                        "Connectivity",
                                        "CrossRefValidation",
                                        "CutoffServers",
                                        "DcPromo",
                                        "DFSREvent",
                                        "DNS",
                                        "FrsEvent",
                                        "FrsSysVol",
                                        "FsmoCheck",
                                        "Intersite",
                                        "KccEvent",
                                        "KnowsOfRoleHolders",
                                        "LocatorCheck",
                                        "MachineAccount",
                                        "NCSecDesc",
                                        "NetLogons",
                                        "ObjectsReplicated",
                                        "OutboundSecureChannels",
                                        "RegisterInDNS",
                                        "Replications",
                                        "RidManager",
                                        "Services",
                                        "SysVolCheck",
                                        "SystemLog",
                                        "Topology",
                                        "VerifyEnterpriseReferences",
                                        "VerifyReferences",
                                        "VerifyReplicas"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (span_is_nocase(word, names[i]))
            return true;
    return false;
}

static struct bytes find_test(struct bytes text)
{
    struct bytes word;

    while ((word = span_word(&text)).len > 0) {
        while (word.len > 0 && span_among(word.at[word.len - 1], ".,:;"))
            word.len--;
        if (is_test(word))
            return word;
    }
    return word;
}

/* "......................... DC1 failed test X": what stands behind the dots; empty for others. */
static struct bytes behind_dots(struct bytes text)
{
    size_t dots = 0;

    while (dots < text.len && text.at[dots] == '.')
        dots++;
    return dots < DOTS ? span_to(text, 0) : span_trim(span_from(text, dots));
}

/* "error (1398).", "failed with error 1398,", "error 8453," */
static bool error_number(struct bytes text, int64_t *out)
{
    size_t at = span_find_nocase(text, "error "), len = 0;
    struct bytes rest = span_from(text, at == SIZE_MAX ? text.len : at + strlen("error "));

    if (span_starts(rest, "("))
        rest = span_from(rest, 1);
    if (span_starts(rest, "-"))
        len = 1;
    while (len < rest.len && span_digit(rest.at[len]))
        len++;
    return span_int(span_to(rest, len), out);
}

/* The sentence may go on in the next line. */
static struct bytes whole_sentence(struct state *state, struct bytes sentence)
{
    struct cursor ahead = state->cursor;
    struct line next;

    if (sentence.len == 0 || find_test(sentence).len > 0 || !cursor_take(&ahead, &next) ||
        find_test(next.text).len == 0 || next.text.len > 60)
        return sentence;
    state->cursor = ahead;
    return bytes_of_text(arena_print(state->document->scratch, "%s %s",
                                     arena_text(state->document->scratch, sentence),
                                     arena_text(state->document->scratch, next.text)));
}

static bool end_test(struct state *state, const struct line *line)
{
    struct bytes sentence = whole_sentence(state, behind_dots(line->text)), test, dc;
    struct dcdiag fact = {.error = state->error};
    size_t passed, failed;

    test = find_test(sentence);
    if (test.len == 0)
        return false;
    passed = span_find(sentence, " passed test ");
    failed = span_find(sentence, " failed test ");
    if (passed != failed)
        fact.passed = optint(passed < failed);
    fact.test = document_text(state->document, test);
    dc = span_to(sentence, size_min(passed, failed));
    if (dc.len < sentence.len)
        fact.dc = document_text(state->document, span_trim(dc));
    document_fact(state->document, KIND_dcdiag, line->number, &fact);
    state->error.set = false;
    return true;
}

static void take_line(struct state *state, const struct line *line)
{
    struct bytes label, value;
    int64_t number;

    if (end_test(state, line))
        return;
    if (split_label(line->text, &label, &value) && is_test(value))
        state->error.set = false;
    else if (!state->error.set && error_number(line->text, &number))
        state->error = optint(number);
}

static void read_dcdiag(const struct document *document)
{
    struct state state = {.document = document};
    struct line line;

    cursor_init(&state.cursor, document);
    while (cursor_take(&state.cursor, &line))
        take_line(&state, &line);
}

static int score_dcdiag(const struct document *document)
{
    struct state state = {.document = document};
    struct line line;

    if (!span_has(document->text, ".........."))
        return SCORE_NONE;
    cursor_init(&state.cursor, document);
    while (cursor_take(&state.cursor, &line))
        if (find_test(whole_sentence(&state, behind_dots(line.text))).len > 0)
            return SCORE_SURE;
    return SCORE_NONE;
}

const struct evidence_kind evidence_dcdiag = {"dcdiag", score_dcdiag, read_dcdiag};
