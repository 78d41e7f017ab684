/* SPDX-License-Identifier: MIT */
/* The n-th allocation fails, for every n of a run over a small capture with evidence and a keytab:
 * once in the process that judges, once in its workers. Each run is a child of its own. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/output.h"
#include "cli/pipeline.h"
#include "harness.h"

#define CASE "fixtures/reference-case/"

enum { MOST = 200000, UNTOUCHED = 7 };

static const char out_of_memory[] = "krbwhy: out of memory";

/* What workers of the children do: fail at this allocation; 0 never. */
static size_t worker_fails_at;

static void in_worker(void)
{
    memory_fail_at(worker_fails_at);
}

/* As the program does it, to a file in `folder`. The status of the program. */
static int whole_run(const char *folder)
{
    static const char *const paths[] = {CASE "reference-case.pcap", CASE "spns.ldf"};
    static const char *const evidence[] = {CASE "event4.txt"};
    static const char *const keytabs[] = {CASE "iis01.keytab"};
    const struct pipeline_options options = {.paths = paths,
                                             .num_paths = 2,
                                             .evidence = evidence,
                                             .num_evidence = 1,
                                             .keytabs = keytabs,
                                             .num_keytabs = 1,
                                             .one_case = true,
                                             .jobs = 1,
                                             .sink = report_sink("json")};
    struct text text = {0}, error = {0};
    struct output output;
    char path[128];
    int status;

    snprintf(path, sizeof(path), "%s/report.json", folder);
    output_catch_signals();
    if (!output_open(&output, path, &error))
        return EXIT_UNUSABLE;
    status = pipeline_run(&options, &text);
    if (status == EXIT_UNUSABLE)
        output_drop(&output);
    else if (output_write(&output, &text, &error) != OUTPUT_DONE)
        status = EXIT_UNUSABLE;
    text_clear(&text);
    text_clear(&error);
    return status;
}

struct aftermath {
    int status;       /* of waitpid */
    char error[4096]; /* what came on stderr */
    char *report;     /* heap; NULL: none */
    size_t report_len;
    size_t files; /* in the folder */
};

static size_t count_files(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t num = 0;

    while ((entry = readdir(dir)) != NULL)
        num += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return num;
}

static void collect(const char *folder, FILE *errors, struct aftermath *out)
{
    char path[128];
    FILE *file;
    size_t len;

    rewind(errors);
    len = fread(out->error, 1, sizeof(out->error) - 1, errors);
    out->error[len] = '\0';
    fclose(errors);
    out->files = count_files(folder);
    snprintf(path, sizeof(path), "%s/report.json", folder);
    out->report = NULL;
    file = fopen(path, "rb");
    if (file == NULL)
        return;
    out->report = malloc(1 << 20);
    out->report_len = fread(out->report, 1, 1 << 20, file);
    fclose(file);
    unlink(path);
}

static void run_child(const char *folder, size_t parent_at, size_t worker_at, struct aftermath *out)
{
    FILE *errors = tmpfile();
    pid_t child;

    fflush(stdout);
    worker_fails_at = 0;
    child = fork();
    if (child == 0) {
        int status;

        dup2(fileno(errors), STDERR_FILENO);
        worker_fails_at = worker_at;
        memory_fail_at(parent_at);
        status = whole_run(folder);
        memory_fail_at(0);
        _exit(status);
    }
    waitpid(child, &out->status, 0);
    collect(folder, errors, out);
}

/* Runs until n is behind the last allocation; the number of runs that failed. */
static void fail_everywhere(bool in_workers)
{
    char folder[] = "/tmp/krbwhy-memory-XXXXXX";
    struct aftermath whole, got;
    size_t n;

    if (mkdtemp(folder) == NULL) {
        test_skip("no folder for temporary files");
        return;
    }
    run_child(folder, 0, 0, &whole);
    CHECK(WIFEXITED(whole.status) && WEXITSTATUS(whole.status) == EXIT_FINDINGS);
    CHECK_STR(whole.error, "");
    CHECK(whole.report != NULL);
    for (n = 1; n < MOST; n++) {
        bool failed;

        run_child(folder, in_workers ? 0 : n, in_workers ? n : 0, &got);
        failed = strncmp(got.error, out_of_memory, sizeof(out_of_memory) - 1) == 0;
        if (!WIFEXITED(got.status) || strstr(got.error, "Sanitizer") != NULL)
            test_fail(__FILE__, __LINE__, "allocation %zu: %s", n, got.error);
        if (!failed) {
            CHECK_STR(got.error, "");
            CHECK(got.report_len == whole.report_len &&
                  memcmp(got.report, whole.report, whole.report_len) == 0);
        } else if (!in_workers) {
            /* Nothing, or all of it when only giving back was left. */
            CHECK_INT(WEXITSTATUS(got.status), EXIT_UNUSABLE);
            CHECK_INT(got.files, 0);
        } else {
            CHECK(strstr(got.error, "its worker ended early with status 2") != NULL);
            if (WEXITSTATUS(got.status) == EXIT_UNUSABLE) {
                CHECK_INT(got.files, 0); /* no worker left anything */
            } else {
                /* The report is whole, and says less. */
                CHECK(got.report != NULL && got.report_len > 2 &&
                      memcmp(got.report + got.report_len - 2, "}\n", 2) == 0);
                CHECK_INT(got.files, 1);
            }
        }
        free(got.report);
        if (!failed)
            break;
    }
    free(whole.report);
    CHECK(n > 40 && n < MOST);
    printf("# %zu allocations\n", n - 1);
    CHECK_INT(rmdir(folder), 0);
}

TEST(of_the_process_that_judges)
{
    pthread_atfork(NULL, NULL, in_worker);
    fail_everywhere(false);
}

TEST(of_the_workers)
{
    fail_everywhere(true);
}
