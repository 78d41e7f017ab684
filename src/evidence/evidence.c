/* SPDX-License-Identifier: MIT */
#include "evidence/evidence.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/memory.h"
#include "evidence/decode.h"
#include "evidence/foreign.h"
#include "evidence/kind.h"
#include "evidence/unwrap.h"

const struct evidence_kind *const evidence_kinds[] = {
#define KIND(symbol) &evidence_##symbol,
#include "evidence/kinds.def"
#undef KIND
    NULL,
};

/* Forums and mail programs put an empty line behind every line. */
static bool is_doubled(const struct document *document, bool *out_too_long)
{
    struct cursor cursor;
    struct line line;
    size_t full = 0, alone = 0;
    bool before = false;

    cursor_init(&cursor, document);
    while (cursor_take(&cursor, &line)) {
        bool now = line.text.len > 0;

        full += now;
        alone += now && !before;
        before = now;
    }
    *out_too_long = reader_left(&cursor.reader) > 0;
    return full >= 6 && alone >= full - full / 8;
}

/* Runs every kind that is sure enough; the name of the one that is surest. */
static const char *read_kinds(const struct document *document, const char **names, size_t *num)
{
    const struct evidence_kind *const *kind;
    const char *best = NULL;
    int best_score = SCORE_ENOUGH - 1;

    for (kind = evidence_kinds; *kind != NULL; kind++) {
        int score = (*kind)->score(document);

        if (score < SCORE_ENOUGH)
            continue;
        names[(*num)++] = (*kind)->name;
        if (score > best_score) {
            best = (*kind)->name;
            best_score = score;
        }
        (*kind)->read(document);
    }
    return best;
}

/* By line, and by order of finding within a line: a sort that does not depend on addresses. */
static int by_line(const void *a, const void *b)
{
    const struct observation *x = a, *y = b;

    if (x->source.line != y->source.line)
        return x->source.line < y->source.line ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static size_t count_facts(const struct log *facts)
{
    size_t num = 0, i;

    for (i = 0; i < facts->num; i++)
        num += facts->at[i].kind != KIND_problem;
    return num;
}

static void publish(struct log *log, struct log *facts)
{
    size_t i;

    if (facts->num > 0)
        qsort(facts->at, facts->num, sizeof(*facts->at), by_line);
    for (i = 0; i < facts->num; i++)
        log_append(log, facts->at[i].kind, &facts->at[i].source, facts->at[i].record);
}

static void note(struct log *log, const struct source *base, const char *code, const char *message)
{
    struct problem problem = {.code = code, .message = message, .times = 1};

    log_append(log, KIND_problem, base, &problem);
}

static void note_limits(struct log *log, const struct document *document)
{
    if (*document->num_problems > LIMIT_PROBLEMS)
        note(log, document->base, "limit-problems",
             arena_print(document->scratch, "%zu more lines could not be read",
                         *document->num_problems - LIMIT_PROBLEMS));
    if (document->facts->full || log->full)
        note(log, document->base, "limit-observations",
             "the file holds too many facts; the later ones are left out");
}

static void note_unknown(struct log *log, const struct document *document)
{
    const char *name = foreign_name(document);

    if (name == NULL)
        note(log, document->base, "unknown-data", "no evidence of a known kind");
    else
        note(log, document->base, "unknown-evidence",
             arena_print(document->scratch, "no evidence of a known kind; it looks like %s", name));
}

static const char *read_document(struct log *log, const struct document *document)
{
    const char *names[32];
    size_t num = 0;
    const char *kind = read_kinds(document, names, &num);
    struct evidence_file file = {.kind = kind,
                                 .kinds = {names, num},
                                 .facts = (int64_t)count_facts(document->facts),
                                 .encoding =
                                     document->encoding == NULL ? "binary" : document->encoding};

    if (kind == NULL) {
        note_unknown(log, document);
        return NULL;
    }
    log_append(log, KIND_evidence_file, document->base, &file);
    publish(log, document->facts);
    note_limits(log, document);
    return kind;
}

const char *evidence_read(struct log *log, const struct source *base, struct bytes content,
                          struct converters *converters)
{
    struct converters *own = converters == NULL ? converters_open() : NULL;
    struct arena scratch = {0};
    struct log facts = {0};
    struct text text = {0};
    size_t problems = 0;
    struct document document = {.raw = content,
                                .facts = &facts,
                                .num_problems = &problems,
                                .scratch = &scratch,
                                .base = base};
    struct unwrapped unwrapped;
    const char *kind;
    bool too_long, wrapped;

    if (content.len > LIMIT_EVIDENCE_BYTES)
        document.raw.len = LIMIT_EVIDENCE_BYTES;
    document.encoding = decode_text(own != NULL ? own : converters, document.raw, &text);
    document.text = bytes_of_text(text_str(&text));
    document.text.len = text.len;
    document.doubled = is_doubled(&document, &too_long);
    wrapped = unwrapped_init(&unwrapped, &document);
    kind = read_document(log, wrapped ? &unwrapped.document : &document);
    if (wrapped)
        unwrapped_clear(&unwrapped);
    if (kind != NULL && (too_long || content.len > LIMIT_EVIDENCE_BYTES))
        note(log, base, "limit-evidence", "the file is too large; only its beginning was read");
    text_clear(&text);
    log_clear(&facts);
    arena_clear(&scratch);
    converters_close(own);
    return kind;
}
