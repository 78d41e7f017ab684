/* SPDX-License-Identifier: MIT */
/* What workers send, taken as it comes: by the input that it is about, damage and limits said. */
#include "base/memory.h"
#include "cli/run.h"
#include "cli/worker.h"
#include "harness.h"

enum { NUM = 2 };

static struct input inputs[NUM];
static size_t order[NUM] = {0, 1};
static bool lost[NUM], done[NUM];
static enum input_class class[NUM];
static struct text keys[NUM];

static void open_run(struct run *run, const struct pipeline_options *options)
{
    memset(run, 0, sizeof(*run));
    memset(inputs, 0, sizeof(inputs));
    inputs[0].path = "a.pcap";
    inputs[1].path = "b.pcap";
    run->options = options;
    run->inputs.at = inputs;
    run->inputs.num = run->num_jobs = NUM;
    run->order = order;
    run->lost = lost;
    run->done = done;
    run->class = class;
    run->keys = keys;
    results_open(run);
}

/* An HTTP request of a frame that refers to the observation `request` of its writer. */
static void send(struct run *run, size_t job, int64_t frame, int64_t request)
{
    const struct http http = {.method = "GET", .request = request};
    const struct source source = {.frame = frame};
    const struct observation o = {.kind = KIND_http, .source = source, .http = &http};
    struct text wire = {0};

    log_encode(&wire, &o);
    run_take_record(run, job, (struct bytes){(const uint8_t *)wire.at + 4, wire.len - 4});
    text_clear(&wire);
}

static void send_file(struct run *run, size_t job)
{
    const struct capture_file file = {.format = "pcap"};
    const struct observation o = {.kind = KIND_capture_file, .capture_file = &file};
    struct text wire = {0};

    log_encode(&wire, &o);
    run_take_record(run, job, (struct bytes){(const uint8_t *)wire.at + 4, wire.len - 4});
    text_clear(&wire);
}

static void end(struct run *run, size_t job, bool cut)
{
    const struct job_result result = {.any = true, .cut = cut};

    run_take_result(run, job, &result);
}

static const struct observation *find(const struct log *log, enum kind kind, int64_t input)
{
    size_t i;

    for (i = 0; i < log->num; i++)
        if (log->at[i].kind == kind && log->at[i].source.capture == input)
            return &log->at[i];
    return NULL;
}

/* Two captures of one case, the first of which fills the log: both say what is left out. */
TEST(what_one_case_has_no_room_for_is_said_by_each_input)
{
    const struct pipeline_options options = {.one_case = true};
    const struct observation *said;
    struct run run;
    int64_t frame;

    open_run(&run, &options);
    run.logs[0].most = 3;
    for (frame = 1; frame <= 5; frame++)
        send(&run, 0, frame, 0);
    send_file(&run, 0);
    end(&run, 0, false);
    for (frame = 7; frame <= 8; frame++)
        send(&run, 1, frame, 0);
    send_file(&run, 1);
    end(&run, 1, false);
    CHECK_INT(run.logs[0].num, 3 + 2 + 2);
    said = find(&run.logs[0], KIND_problem, 0);
    CHECK(said != NULL && strcmp(said->problem->code, "limit-observations") == 0 &&
          said->problem->at_frame.value == 4);
    CHECK_STR(said->problem->message, "too many observations: 2 are left out, from here on");
    said = find(&run.logs[0], KIND_problem, 1);
    CHECK(said != NULL && said->problem->at_frame.value == 7);
    CHECK(find(&run.logs[0], KIND_capture_file, 1) != NULL);
    CHECK_INT(class[1], CLASS_CAPTURE);
    results_clear(&run);
}

TEST(at_the_limit_nothing_is_said)
{
    const struct pipeline_options options = {.one_case = true};
    struct run run;

    open_run(&run, &options);
    run.logs[0].most = 2;
    send(&run, 0, 1, 0);
    send(&run, 0, 2, 0);
    end(&run, 0, false);
    CHECK_INT(run.logs[0].num, 2);
    CHECK(!run.logs[0].full);
    results_clear(&run);
}

/* Records of two jobs come mixed; each refers to its own. */
TEST(jobs_do_not_touch_each_other)
{
    const struct pipeline_options options = {.one_case = false};
    struct log both = {0};
    struct run run;

    open_run(&run, &options);
    send(&run, 0, 1, 0);
    send(&run, 1, 11, 0);
    send(&run, 1, 12, 1);
    send(&run, 0, 2, 1);
    run_take_record(&run, 1, bytes_of_text("no record"));
    send(&run, 1, 13, 0); /* behind damage nothing counts */
    end(&run, 0, true);
    end(&run, 1, false);
    CHECK_INT(run.logs[0].num, 2);
    CHECK_INT(run.logs[1].num, 2);
    CHECK_INT(run.logs[1].at[1].http->request, 1);
    CHECK_INT(run.logs[1].at[1].source.capture, 1);
    CHECK_STR(run.taken[0].damaged, WORKER_CUT);
    CHECK_STR(run.taken[1].damaged, "the worker sent a damaged record");

    log_add(&both, &run.logs[0], 0);
    log_add(&both, &run.logs[1], 5);
    CHECK_INT(both.num, 4);
    CHECK_INT(both.at[3].http->request, 3);
    CHECK_INT(both.at[3].source.capture, 5);
    CHECK_INT(both.at[3].id, 4);
    CHECK_INT(run.logs[1].at[1].http->request, 1); /* shared, and not changed */
    log_clear(&both);
    results_clear(&run);
}
