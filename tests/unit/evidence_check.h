/* SPDX-License-Identifier: MIT */
/* Reads a vector as an evidence file and shows its facts as text, one line each. */
#ifndef KRBWHY_TESTS_EVIDENCE_CHECK_H
#define KRBWHY_TESTS_EVIDENCE_CHECK_H

#include <stdlib.h>

#include "evidence/evidence.h"
#include "evidence/fact_json.h"
#include "harness.h"

/* What a vector gave; clear with seen_clear. */
struct seen {
    const char *kind;
    struct log log;
    struct text facts; /* JSON lines, the file being "f" */
};

static inline void see_bytes(struct seen *seen, struct bytes content)
{
    static struct converters *converters; /* opening them for each prefix would take long */
    struct source base = {0};
    struct bytes exact = test_exact(content);
    size_t i;

    if (converters == NULL)
        converters = converters_open();
    memset(seen, 0, sizeof(*seen));
    seen->kind = evidence_read(&seen->log, &base, exact, converters);
    for (i = 0; i < seen->log.num; i++)
        fact_json(&seen->facts, &seen->log.at[i], "f");
    free((void *)(uintptr_t)exact.at);
}

static inline void seen_clear(struct seen *seen)
{
    log_clear(&seen->log);
    text_clear(&seen->facts);
}

static inline size_t seen_problems(const struct seen *seen)
{
    size_t num = 0, i;

    for (i = 0; i < seen->log.num; i++)
        num += seen->log.at[i].kind == KIND_problem;
    return num;
}

/* Every strict prefix must be read without a crash. Where `steady`, all facts of a prefix but the
 * last, which may be cut, are facts of the whole. */
static inline void check_prefixes(struct bytes content, bool steady)
{
    struct seen whole, part;
    size_t len, last, i, k;

    see_bytes(&whole, content);
    for (len = 0; len < content.len; len++) {
        struct bytes prefix = {content.at, len};

        see_bytes(&part, prefix);
        for (last = part.log.num; last > 0 && fact_event(part.log.at[last - 1].kind) == NULL;
             last--)
            continue;
        for (i = 0, k = 0; steady && i + 1 < last; i++) {
            const struct observation *p = &part.log.at[i];

            if (fact_event(p->kind) == NULL)
                continue;
            while (k < whole.log.num &&
                   !(whole.log.at[k].kind == p->kind &&
                     record_equal(kind_type(p->kind), whole.log.at[k].record, p->record)))
                k++;
            if (k == whole.log.num) {
                test_fail(__FILE__, __LINE__, "after %zu octets: %s", len, text_str(&part.facts));
                break;
            }
        }
        seen_clear(&part);
    }
    seen_clear(&whole);
}

/* The kind and all facts, exactly. NULL for no kind. */
#define CHECK_FACTS(content, want_kind, want_facts)                                                \
    do {                                                                                           \
        struct seen seen_;                                                                         \
        see_bytes(&seen_, bytes_of_text(content));                                                 \
        CHECK_STR(seen_.kind, want_kind);                                                          \
        CHECK_STR(text_str(&seen_.facts), want_facts);                                             \
        seen_clear(&seen_);                                                                        \
    } while (0)

/* One fact as fact_json prints it. */
#define FACT(event, line, rest)                                                                    \
    "{\"event\":\"" event "\",\"file\":\"f\",\"line\":" #line "," rest "}\n"

#endif
