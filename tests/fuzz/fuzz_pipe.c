/* SPDX-License-Identifier: MIT */
/* What workers send, as the process that judges takes it, from workers that lie. First octet: the
 * format and how it is read; second: which of four files are consecutive. Then per job an octet
 * (how the worker ended), a length in two octets, and the bytes that it sent. Every format is clean
 * text, one document a line where it is NDJSON, every warning is one printable line, and all of it
 * is the same again. */
#include "base/memory.h"
#include "base/reader.h"
#include "cli/run.h"
#include "cli/worker_parts.h"
#include "fuzz.h"

enum { NUM_FILES = 4, FAILED = 1, UNREADABLE = 2, UNCONFINED = 4 };

static const char *const names[NUM_FILES] = {"a.pcap", "a.pcap1", "a.pcap2", "b.txt"};

static void add_files(struct run *run, uint8_t follows)
{
    size_t i;

    run->inputs.at = memory_take(NUM_FILES, sizeof(*run->inputs.at));
    run->inputs.num = run->inputs.room = NUM_FILES;
    for (i = 0; i < NUM_FILES; i++) {
        run->inputs.at[i].path = names[i];
        if (i > 0 && (follows >> i & 1) != 0)
            run->inputs.at[i].follows = run->inputs.at[i - 1].follows + 1;
    }
}

struct sender {
    struct run *run;
    size_t job;
};

static void take_record(void *user, struct bytes record)
{
    const struct sender *sender = user;

    run_take_record(sender->run, sender->job, record);
}

static void take_results(struct run *run, struct reader *reader)
{
    size_t i;

    for (i = 0; i < run->num_jobs; i++) {
        uint8_t how = reader_left(reader) > 2 ? reader_u8(reader) : 0;
        size_t len = reader_left(reader) > 1 ? reader_be16(reader) : 0;
        bool unreadable = (how & UNREADABLE) != 0;
        struct bytes raw =
            reader_bytes(reader, unreadable ? 0 : size_min(len, reader_left(reader)));
        struct sender sender = {run, i};
        struct job_result result = {
            .any = raw.len > 0,
            .cut = worker_records(raw, take_record, &sender) < raw.len,
            .unreadable = unreadable,
            .unconfined = (how & UNCONFINED) != 0,
            .failure = (how & (FAILED | UNREADABLE)) != 0 ? "its worker ended" : NULL};

        run_take_result(run, i, &result);
    }
}

static void clear(struct run *run)
{
    size_t i;

    batch_clear(run);
    results_clear(run);
    for (i = 0; i < NUM_FILES; i++)
        text_clear(&run->keys[i]);
    memory_drop(run->keys);
    memory_drop(run->done);
    memory_drop(run->looked_at);
    memory_drop(run->order);
    memory_drop(run->class);
    memory_drop(run->lost);
    inputs_clear(&run->inputs);
}

static int play(const uint8_t *data, size_t len, struct text *out)
{
    static const char *const formats[] = {"text", "json", "ndjson", "markdown", "html", "brief"};
    struct pipeline_options options = {.sink = report_sink(formats[(data[0] & 7) % 6]),
                                       .one_case = (data[0] & 8) != 0,
                                       .all = (data[0] & 16) != 0,
                                       .events = (data[0] & 0x60) == 0x20,
                                       .compare = (data[0] & 0x60) == 0x40,
                                       .collect = (data[0] & 0x60) == 0x60 ? "client" : NULL};
    struct run run = {.options = &options, .out = out, .streams = streams_can(&options)};
    struct reader reader;
    size_t i;
    int status;

    add_files(&run, data[1]);
    streams_plan(&run);
    results_open(&run);
    reader_init(&reader, (struct bytes){data + 2, len - 2}, true);
    take_results(&run, &reader);
    if (run.streams)
        streams_advance(&run);
    for (i = 0; !run.streams && i < NUM_FILES; i++)
        run_warn(&run, i);
    status = run.num_streamed > 0 ? streams_finish(&run) : batch_finish(&run, out);
    assert(status == EXIT_NOTHING_WRONG || status == EXIT_FINDINGS || status == EXIT_UNUSABLE);
    if (options.collect == NULL) /* a script for Windows has its line ends */
        fuzz_check_lines(text_str(out), out->len, strcmp(options.sink->name, "brief") == 0);
    clear(&run);
    return status;
}

/* With what it would say on stderr. (A failed assertion says nothing then: see where it stands.) */
static int play_quietly(const uint8_t *data, size_t len, struct text *out)
{
    FILE *was = stderr;
    char *said = NULL;
    size_t said_len = 0;
    int status;

    stderr = open_memstream(&said, &said_len);
    status = play(data, len, out);
    fclose(stderr);
    stderr = was;
    fuzz_check_lines(said, said_len, false);
    assert(said_len == 0 || (strncmp(said, "krbwhy: ", 8) == 0 && said[said_len - 1] == '\n'));
    text_put_bytes(out, (struct bytes){(const uint8_t *)said, said_len});
    free(said);
    return status;
}

extern const unsigned fuzz_weight;
const unsigned fuzz_weight = 3;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct text out = {0}, again = {0};
    int status;

    if (len < 2)
        return 0;
    status = play_quietly(data, len, &out);
    assert(play_quietly(data, len, &again) == status);
    assert(out.len == again.len && memcmp(text_str(&out), text_str(&again), out.len) == 0);
    text_clear(&out);
    text_clear(&again);
    return 0;
}
