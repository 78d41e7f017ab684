/* SPDX-License-Identifier: MIT */
/* The n-th allocation fails, whoever asks for it: the program, libpcap, libkrb5, c-ares, expat,
 * json-c, the decompressors, iconv, the C library. In the workers over an input for each of those,
 * and in the process that judges, merges and writes captures anew. What comes of it is what would
 * have come anyway, or something is said: never a signal, a half-written file or less in silence.
 *
 * Some of all n, evenly; each one when KRBWHY_EVERY is set. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asn1/keyring.h"
#include "base/memory.h"
#include "cli/worker.h"
#include "evidence/evidence.h"
#include "harness.h"

/* The program itself, under another name. */
#define main krbwhy_main
#include "../../src/cli/main.c"
#undef main

enum { WORKER_RUNS = 15, PROGRAM_RUNS = 15, MOST_FILE = 1 << 20, MOST = 1 << 20 };

static const char out_of_memory[] = "krbwhy: out of memory";

/* ---- which allocation, of which process ---- */

static size_t fail_at;
static int forks, failing_fork; /* the n-th child fails; 0: none */

static void in_parent(void)
{
    forks++;
}

static void in_child(void)
{
    memory_fail_at(++forks == failing_fork ? fail_at : 0);
}

static void prepare(void)
{
    static bool done;

    if (!done)
        pthread_atfork(NULL, in_parent, in_child);
    done = true;
}

/* Calls `fails` with numbers from 1: all for which it is true, up to the first for which it is not;
 * of many about `runs`, evenly, unless KRBWHY_EVERY is set. Returns how many allocations there are.
 */
static size_t try_all(bool (*fails)(void *user, size_t n), void *user, size_t runs)
{
    size_t most = 1, least, n, stride;

    for (; fails(user, most); most *= 2)
        if (most > MOST)
            return most;
    for (least = most / 2; least + 1 < most;) {
        size_t middle = least + (most - least) / 2;

        if (fails(user, middle))
            least = middle;
        else
            most = middle;
    }
    stride = getenv("KRBWHY_EVERY") != NULL || least <= runs ? 1 : least / runs;
    for (n = 1 + least % stride; n <= least; n += stride)
        CHECK(fails(user, n));
    return least;
}

/* ---- stderr ---- */

struct errors {
    int was;
    FILE *file;
    char text[8192];
};

static void errors_begin(struct errors *errors)
{
    errors->file = tmpfile();
    errors->was = dup(STDERR_FILENO);
    dup2(fileno(errors->file), STDERR_FILENO);
}

static void errors_end(struct errors *errors)
{
    size_t len;

    dup2(errors->was, STDERR_FILENO);
    close(errors->was);
    rewind(errors->file);
    len = fread(errors->text, 1, sizeof(errors->text) - 1, errors->file);
    errors->text[len] = '\0';
    fclose(errors->file);
}

/* Lines of the program, and nothing of a sanitizer or of the C library. */
static bool is_orderly(const char *text)
{
    for (; *text != '\0'; text = strchr(text, '\n') + 1)
        if (strncmp(text, "krbwhy: ", 8) != 0 || strchr(text, '\n') == NULL)
            return false;
    return true;
}

static bool says_so(const struct errors *errors)
{
    return strncmp(errors->text, out_of_memory, sizeof(out_of_memory) - 1) == 0;
}

/* ---- a worker ---- */

struct delivery {
    struct text raw;
    char failure[256];
};

static void take_record(void *user, size_t index, struct bytes record)
{
    struct delivery *delivery = user;
    size_t shift;

    (void)index;
    for (shift = 32; shift > 0; shift -= 8)
        text_put_char(&delivery->raw, (char)(record.len >> (shift - 8)));
    text_put_bytes(&delivery->raw, record);
}

static void take_end(void *user, size_t index, const struct job_result *result)
{
    struct delivery *delivery = user;

    (void)index;
    snprintf(delivery->failure, sizeof(delivery->failure), "%s",
             result->failure == NULL ? "" : result->failure);
}

struct worker {
    const struct worker_setup *setup;
    const char *path;
    struct delivery whole;
};

static void run_worker(const struct worker *worker, size_t n, struct delivery *out,
                       struct errors *errors)
{
    const struct worker_taker taker = {take_record, take_end, out};
    const struct job job = {.path = worker->path};

    memset(out, 0, sizeof(*out));
    forks = 0;
    failing_fork = 1;
    fail_at = n;
    errors_begin(errors);
    worker_run(worker->setup, &job, 1, &taker);
    errors_end(errors);
}

/* What was sent is a beginning of the whole: the records are written as they are made. */
static bool is_beginning(const struct text *part, const struct text *whole)
{
    return part->len <= whole->len && memcmp(text_str(part), text_str(whole), part->len) == 0;
}

static bool worker_fails(void *user, size_t n)
{
    const struct worker *worker = user;
    struct delivery got;
    struct errors errors;
    bool failed;

    run_worker(worker, n, &got, &errors);
    failed = says_so(&errors);
    if (!is_orderly(errors.text) || !is_beginning(&got.raw, &worker->whole.raw) ||
        strcmp(got.failure, failed ? "its worker ended early with status 2" : "") != 0 ||
        (!failed && (errors.text[0] != '\0' || got.raw.len != worker->whole.raw.len)))
        test_fail(__FILE__, __LINE__, "%s, allocation %zu: %s\n# %s", worker->path, n, got.failure,
                  errors.text);
    text_clear(&got.raw);
    return failed;
}

static void fail_in_worker(const struct worker_setup *setup, const char *path)
{
    struct worker worker = {setup, path, {{0}, ""}};
    struct errors errors;
    size_t all;

    run_worker(&worker, 0, &worker.whole, &errors);
    CHECK(worker.whole.raw.len > 0);
    CHECK_STR(worker.whole.failure, "");
    CHECK_STR(errors.text, "");
    all = try_all(worker_fails, &worker, WORKER_RUNS);
    CHECK(all > 10 && all < MOST);
    printf("# %s: %zu allocations\n", path, all);
    text_clear(&worker.whole.raw);
}

#define SEEDS "tests/fuzz/seeds/"

static void fail_in_workers(const char *const *paths)
{
    struct worker_setup setup = {.jobs = 1};
    struct keyring *ring;
    struct arena arena = {0};

    prepare();
    ring = keyring_open();
    CHECK(ring != NULL);
    CHECK(keyring_add(ring, &arena, "fixtures/reference-case/iis01.keytab") == NULL);
    setup.keyring = ring;
    setup.converters = converters_open();
    for (; *paths != NULL; paths++)
        fail_in_worker(&setup, *paths);
    converters_close(setup.converters);
    keyring_close(ring);
    arena_clear(&arena);
}

TEST(of_workers_that_read_captures)
{
    static const char *const paths[] = {"fixtures/reference-case/reference-case.pcap",
                                        SEEDS "file/reference-netmon",
                                        SEEDS "file/reference-lz4",
                                        SEEDS "file/zstd-pcapng",
                                        SEEDS "capture/gzip-pcap",
                                        SEEDS "capture/xz-pcapng",
                                        SEEDS "capture/pcapng-mixed",
                                        SEEDS "rewrite/tamper.pcapng",
                                        NULL};

    fail_in_workers(paths);
}

TEST(of_workers_that_read_evidence)
{
    static const char *const paths[] = {
        SEEDS "evidence/event4-xml", SEEDS "evidence/event4-json", SEEDS "evidence/iis",
        SEEDS "evidence/cp932",      SEEDS "evidence/keytab",      SEEDS "evidence/klist-windows",
        SEEDS "evidence/ldif",       SEEDS "evidence/netmon",      NULL};

    fail_in_workers(paths);
}

/* ---- the whole program ---- */

struct file {
    const char *name;
    char *at; /* heap; NULL: there is none, or nothing in it */
    size_t len;
};

enum { NUM_FILES = 3 };

struct aftermath {
    int status; /* of waitpid */
    struct errors errors;
    struct file files[NUM_FILES];
    size_t num_others; /* in the folder */
};

struct program {
    const char *folder;
    const char *const *arguments; /* "@NAME" is a file in the folder */
    const char *names[2];         /* of the files that it writes; NULL: none */
    int which;                    /* process fails: 0 itself, else its n-th child */
    bool lines;                   /* it writes line by line */
    struct aftermath whole;
};

static void read_file(const char *folder, struct file *file)
{
    char path[256];
    FILE *in;

    file->at = NULL;
    file->len = 0;
    snprintf(path, sizeof(path), "%s/%s", folder, file->name == NULL ? "-" : file->name);
    in = fopen(path, "rb");
    if (in == NULL)
        return;
    file->at = malloc(MOST_FILE);
    file->len = fread(file->at, 1, MOST_FILE, in);
    fclose(in);
    unlink(path);
    if (file->len > 0)
        return;
    free(file->at);
    file->at = NULL;
}

/* Returns how many files were left in it. */
static size_t empty_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t num = 0;
    char path[512];

    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        unlink(path);
        num++;
    }
    closedir(dir);
    return num;
}

static int start(const struct program *program)
{
    static char texts[16][256];
    char *argv[17];
    int argc = 0;

    for (; program->arguments[argc] != NULL; argc++) {
        const char *from = program->arguments[argc];

        snprintf(texts[argc], sizeof(texts[argc]), "%s%s%s", from[0] == '@' ? program->folder : "",
                 from[0] == '@' ? "/" : "", from[0] == '@' ? from + 1 : from);
        argv[argc] = texts[argc];
    }
    argv[argc] = NULL;
    memory_fail_at(failing_fork == 0 ? fail_at : 0);
    return krbwhy_main(argc, argv);
}

static void redirect(const char *folder)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/stdout", folder);
    dup2(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666), STDOUT_FILENO);
}

static void run_program(const struct program *program, size_t n, struct aftermath *out)
{
    size_t i;
    pid_t child;

    fflush(stdout);
    errors_begin(&out->errors);
    failing_fork = -1;
    child = fork();
    if (child == 0) {
        int status;

        redirect(program->folder);
        forks = 0;
        failing_fork = program->which;
        fail_at = n;
        status = start(program);
        memory_fail_at(0);
        _exit(status);
    }
    waitpid(child, &out->status, 0);
    errors_end(&out->errors);
    for (i = 0; i < NUM_FILES; i++) {
        out->files[i].name = i == 0 ? "stdout" : program->names[i - 1];
        read_file(program->folder, &out->files[i]);
    }
    out->num_others = empty_folder(program->folder);
}

static void clear(struct aftermath *aftermath)
{
    size_t i;

    for (i = 0; i < NUM_FILES; i++)
        free(aftermath->files[i].at);
}

/* Ends as a JSON document, a page or a line does, or as a pcapng block. */
static bool is_whole(const struct file *file)
{
    uint32_t len;

    if (file->len < 12)
        return false;
    if (file->at[0] == '{')
        return file->at[file->len - 2] == '}' && file->at[file->len - 1] == '\n';
    if (file->at[0] == '<')
        return memcmp(file->at + file->len - 8, "</html>\n", 8) == 0;
    if (file->at[0] != 0x0A)
        return file->at[file->len - 1] == '\n';
    memcpy(&len, file->at + file->len - 4, 4);
    return len >= 12 && len <= file->len;
}

static bool same_file(const struct file *a, const struct file *b)
{
    return (a->at == NULL) == (b->at == NULL) && a->len == b->len &&
           (a->len == 0 || memcmp(a->at, b->at, a->len) == 0);
}

/* NULL, or what is wrong. */
static const char *judge_aftermath(const struct program *program, const struct aftermath *got)
{
    const struct aftermath *whole = &program->whole;
    bool failed = strcmp(got->errors.text, whole->errors.text) != 0;
    size_t i;

    if (!WIFEXITED(got->status))
        return "it ended by a signal";
    if (!is_orderly(got->errors.text))
        return "more than lines of the program";
    if (failed && strstr(got->errors.text, out_of_memory) == NULL)
        return "something else is said";
    if (WEXITSTATUS(got->status) != (failed ? EXIT_UNUSABLE : WEXITSTATUS(whole->status)))
        return "another exit status";
    for (i = 0; i < NUM_FILES; i++) {
        const struct file *file = &got->files[i];

        if (failed && program->lines && file->at != NULL && is_whole(file))
            continue; /* what was finished is kept */
        if (failed && file->at != NULL)
            return "a file was written";
        if (!failed && !same_file(&whole->files[i], file))
            return "less was written, and it was not said";
    }
    return got->num_others > 0 ? "a file of its own is left" : NULL;
}

static bool program_fails(void *user, size_t n)
{
    const struct program *program = user;
    struct aftermath got;
    const char *wrong;
    bool failed;

    run_program(program, n, &got);
    failed = strcmp(got.errors.text, program->whole.errors.text) != 0;
    wrong = judge_aftermath(program, &got);
    if (wrong != NULL)
        test_fail(__FILE__, __LINE__, "%s, process %d, allocation %zu: %s\n# %s",
                  program->arguments[1], program->which, n, wrong, got.errors.text);
    clear(&got);
    return failed;
}

/* The allocations of process `which`. lines: what it wrote line by line before stays. */
static void fail_in(const char *const *arguments, const char *first, const char *second, int which,
                    bool lines)
{
    char folder[] = "/tmp/krbwhy-memory-XXXXXX";
    struct program program = {
        .arguments = arguments, .names = {first, second}, .which = which, .lines = lines};
    size_t all;

    prepare();
    if (mkdtemp(folder) == NULL) {
        test_skip("no folder for temporary files");
        return;
    }
    program.folder = folder;
    run_program(&program, 0, &program.whole);
    CHECK(WIFEXITED(program.whole.status) && WEXITSTATUS(program.whole.status) < EXIT_UNUSABLE);
    CHECK(is_orderly(program.whole.errors.text));
    CHECK_INT(program.whole.num_others, 0);
    CHECK(program.whole.files[first == NULL ? 0 : 1].at != NULL);
    all = try_all(program_fails, &program, PROGRAM_RUNS);
    CHECK(all > 2 && all < MOST);
    printf("# %s, process %d: %zu allocations\n", arguments[1], which, all);
    clear(&program.whole);
    CHECK_INT(rmdir(folder), 0);
}

#define CASE "fixtures/reference-case/"

TEST(of_a_report)
{
    static const char *const arguments[] = {"krbwhy",
                                            "--case",
                                            "-fjson",
                                            "-j1",
                                            "-o",
                                            "@r.json",
                                            CASE "reference-case.pcap",
                                            CASE "spns.ldf",
                                            "-e",
                                            SEEDS "evidence/event4-xml",
                                            "-k",
                                            CASE "iis01.keytab",
                                            NULL};

    fail_in(arguments, "r.json", NULL, 0, false);
}

TEST(of_a_page)
{
    static const char *const arguments[] = {
        "krbwhy", "--format=html", "-o", "@r.html", CASE "reference-case.pcap", NULL};

    fail_in(arguments, "r.html", NULL, 0, false);
}

/* The capture is read by the first process that is started, and written anew by the two others. */
TEST(of_captures_written_anew)
{
    static const char *const arguments[] = {
        "krbwhy",    "--redact",  "--annotate", "@a.pcapng",
        "--extract", "@e.pcapng", "-fbrief",    CASE "reference-case.pcap",
        NULL};

    fail_in(arguments, "a.pcapng", "e.pcapng", 0, false);
    fail_in(arguments, "a.pcapng", "e.pcapng", 2, false);
    fail_in(arguments, "a.pcapng", "e.pcapng", 3, false);
}

TEST(of_results_merged)
{
    static const char *const arguments[] = {"krbwhy",  "--merge",           "-fjson", "-o",
                                            "@r.json", SEEDS "merge/small", NULL};

    fail_in(arguments, "r.json", NULL, 0, false);
}

TEST(of_a_run_that_can_go_on)
{
    static const char *const arguments[] = {
        "krbwhy", "--resume", "@s.ndjson", "-j1", "-fmarkdown", CASE "reference-case.pcap", NULL};

    fail_in(arguments, "s.ndjson", NULL, 0, true);
}

TEST(of_a_token)
{
    static const char *const arguments[] = {"krbwhy", "--token=TlRMTVNTUAABAAAAl4II4gAAAAAAAAAA",
                                            NULL};

    fail_in(arguments, NULL, NULL, 0, false);
}

TEST(of_a_page_of_words)
{
    static const char *const arguments[] = {"krbwhy", "--explain=41", NULL};

    fail_in(arguments, NULL, NULL, 0, false);
}
