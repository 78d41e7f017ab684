/* SPDX-License-Identifier: MIT */
/* Everything right of the wall, from what a worker may send: the parent joins, judges and renders
 * whatever comes, every text it prints is valid UTF-8 without controls, and rendering the same
 * again gives the same bytes. */
#include <stdlib.h>

#include "base/utf8.h"
#include "cli/worker.h"
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* tabs: between columns. */
static void check_harmless(const struct text *out, bool tabs)
{
    struct bytes rest = {(const uint8_t *)out->at, out->len};

    while (rest.len > 0) {
        uint32_t c;
        size_t used = utf8_take(rest, &c);

        /* U+FFFD may stand there, three octets long; what was ill-formed is shorter. */
        if ((c == 0xFFFD && used < 3) || (c < 0x20 && c != '\n' && !(tabs && c == '\t')) ||
            (c >= 0x7F && c < 0xA0))
            abort();
        rest.at += used;
        rest.len -= used;
    }
}

static void render_all(const struct report *report, const struct log *log)
{
    static const struct report_style style = {.width = 72};
    const struct sink *sink;
    struct text first = {0}, again = {0};

    for (sink = report_sinks; sink->name != NULL; sink++) {
        text_reset(&first);
        text_reset(&again);
        report_render(&first, sink, report, &style);
        report_render(&again, sink, report, &style);
        check_harmless(&first, strcmp(sink->name, "brief") == 0);
        if (first.len != again.len || memcmp(first.at, again.at, first.len) != 0)
            abort();
    }
    text_reset(&first);
    events_render(&first, report->inputs, report->num_inputs, log, true);
    check_harmless(&first, false);
    text_clear(&first);
    text_clear(&again);
}

/* ---- fields that a well-formed worker would not send ---- */

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Records stand in the log's own memory, so they may be written to in a test. */
static void twist_field(const struct field *field, void *at, uint32_t *state)
{
    static const char *const texts[] = {NULL, "",  "HTTP/",       "/",
                                        "$",  ".", "a\"\\\n|<b>", "\xC2\x9B[31m"};
    static const int64_t numbers[] = {0, 1, -1, INT64_MAX, INT64_MIN, 41, 7, 1000000000};
    int64_t number = numbers[next_random(state) % 8];

    switch (field->type) {
    case FIELD_INT:
    case FIELD_REF:
        *(int64_t *)at = number;
        break;
    case FIELD_OPTINT:
        ((struct optint *)at)->set = next_random(state) % 2;
        ((struct optint *)at)->value = number;
        break;
    case FIELD_BOOLEAN:
        *(bool *)at = !*(bool *)at;
        break;
    case FIELD_TEXT:
        *(const char **)at = texts[next_random(state) % 8];
        break;
    case FIELD_ADDRESS:
        ((struct address *)at)->family = 0;
        memset(((struct address *)at)->octet, 0, 16);
        break;
    case FIELD_DIGEST:
        memset(at, 0, sizeof(struct digest));
        break;
    case FIELD_INTS:
    case FIELD_TEXTS:
    case FIELD_LIST:
        if (((struct int_list *)at)->num > 0)
            ((struct int_list *)at)->num = next_random(state) % ((struct int_list *)at)->num;
        break;
    case FIELD_ONE:
        *(const void **)at = NULL;
        break;
    }
}

/* One field of the record, or of a record in it. */
static void twist_record(const struct record_type *type, char *record, uint32_t *state)
{
    size_t num = 0;
    const struct field *field;
    char *at;

    while (type->fields[num].name != NULL)
        num++;
    field = &type->fields[next_random(state) % num];
    at = record + field->offset;
    if (field->type == FIELD_ONE && *(char **)at != NULL && next_random(state) % 4 != 0)
        twist_record(field->of, *(char **)at, state);
    else if (field->type == FIELD_LIST && ((struct krb_list *)at)->num > 0 &&
             next_random(state) % 4 != 0)
        twist_record(field->of,
                     *(char **)at +
                         next_random(state) % ((struct krb_list *)at)->num * field->of->size,
                     state);
    else
        twist_field(field, at, state);
}

/* What a worker that is not trusted could have sent: every record goes through the pipe once more.
 */
static void send_again(struct log *to, const struct log *from)
{
    struct text wire = {0};
    size_t i;

    for (i = 0; i < from->num; i++) {
        struct reader reader;

        text_reset(&wire);
        log_encode(&wire, &from->at[i]);
        reader_init(&reader, (struct bytes){(const uint8_t *)wire.at + 4, wire.len - 4}, false);
        to->input = from->at[i].source.capture == 1;
        (void)log_decode(to, &reader); /* one with a bad reference is not taken */
    }
    text_clear(&wire);
}

static void twist(struct log *log, uint32_t state)
{
    uint32_t changes = state % 16;
    size_t i;

    while (changes-- > 0 && log->num > 0) {
        struct observation *o = &log->at[next_random(&state) % log->num];

        if (next_random(&state) % 4 == 0)
            twist_record(&source_type, (char *)&o->source, &state);
        else
            twist_record(kind_type(o->kind), (char *)o->record, &state);
    }
    for (i = 0; i < log->num; i++) {
        struct source *source = &log->at[i].source;

        if (source->capture < 0 || source->capture > 1) /* the parent's own number */
            source->capture = 0;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint32_t state = 2166136261u; /* FNV-1a of the input */
    size_t i;
    struct log log = {0}, twisted = {0};
    struct joined_case joined = {0};
    struct findings findings = {0};
    struct report_input inputs[2] = {{.path = "a.pcap"}, {.path = "b.txt", .evidence = true}};
    struct report_case cases[1] = {{&log, &joined, &findings}};
    struct report report = {inputs, 2, cases, 1, len % 2 == 0, false};
    const char *problem;

    worker_decode(&twisted, 0, (struct bytes){data, len}, &problem);
    worker_decode(&twisted, 1, (struct bytes){data, len}, &problem);
    for (i = 0; i < len; i++)
        state = (state ^ data[i]) * 16777619u;
    twist(&twisted, state | 1);
    send_again(&log, &twisted);
    case_join(&joined, &log);
    judge_case(&findings, &joined);
    render_all(&report, &log);
    findings_clear(&findings);
    case_clear(&joined);
    log_clear(&log);
    log_clear(&twisted);
    return 0;
}
