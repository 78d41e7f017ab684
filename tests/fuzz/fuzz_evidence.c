/* SPDX-License-Identifier: MIT */
/* Every kind of evidence by content. Beyond "no crash": the result does not depend on chance, facts
 * come in line order and within the file, all text is clean UTF-8, and the log survives its own
 * codec. */
#include <assert.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "evidence/evidence.h"
#include "evidence/fact_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct converters *converters;

static int64_t count_lines(const uint8_t *data, size_t len)
{
    int64_t lines = 1;
    size_t i;

    for (i = 0; i < len; i++)
        lines += data[i] == '\n';
    return lines;
}

static void check_clean(const struct text *text)
{
    struct bytes all = {(const uint8_t *)text->at, text->len};

    assert(utf8_clean(all, NULL) == all.len);
}

static void check_codec(const struct observation *observation)
{
    struct log copy = {0};
    struct text wire = {0};
    struct reader reader;

    log_encode(&wire, observation);
    reader_init(&reader, (struct bytes){(const uint8_t *)wire.at + 4, wire.len - 4}, false);
    assert(log_decode(&copy, &reader));
    assert(copy.num == 1 && copy.at[0].kind == observation->kind);
    assert(record_equal(kind_type(observation->kind), copy.at[0].record, observation->record));
    log_clear(&copy);
    text_clear(&wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes content = {data, len};
    struct source base = {.capture = 7};
    struct log log = {0}, again = {0};
    struct text out = {0}, out_again = {0};
    int64_t lines = count_lines(data, len), before = 0;
    const char *kind;
    size_t i;

    if (converters == NULL)
        converters = converters_open();
    kind = evidence_read(&log, &base, content, converters);
    assert(log.num > 0);
    assert((kind == NULL) == (log.num == 1 && log.at[0].kind == KIND_problem));
    for (i = 0; i < log.num; i++) {
        const struct observation *o = &log.at[i];

        assert(o->source.capture == 7);
        assert(o->source.line >= 0 && o->source.line <= lines);
        if (i > 0 && o->source.line > 0) {
            assert(o->source.line >= before);
            before = o->source.line;
        }
        fact_json(&out, o, "f");
        record_dump(&out, kind_type(o->kind), o->record, 0);
        check_codec(o);
    }
    check_clean(&out);
    assert(evidence_read(&again, &base, content, converters) == kind);
    for (i = 0; i < again.num; i++) {
        fact_json(&out_again, &again.at[i], "f");
        record_dump(&out_again, kind_type(again.at[i].kind), again.at[i].record, 0);
    }
    assert(strcmp(text_str(&out), text_str(&out_again)) == 0);
    text_clear(&out);
    text_clear(&out_again);
    log_clear(&log);
    log_clear(&again);
    return 0;
}
