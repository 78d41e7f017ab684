/* SPDX-License-Identifier: MIT */
/* What a process in the sandbox can still do, tried out in children: each ends with 0 when what it
 * tried went as it should, else with the number of the line that did not. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/sandbox.h"
#include "cli/worker.h"
#include "harness.h"

enum { UNAVAILABLE = 255 };

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            _exit(__LINE__ % 200 + 1);                                                             \
    } while (0)

#define MUST_BE_REFUSED(call)                                                                      \
    do {                                                                                           \
        errno = 0;                                                                                 \
        MUST((call) < 0 && errno == EPERM);                                                        \
    } while (0)

/* Runs `attempt` in a child in the sandbox: its input holds "input", what it writes to its output
 * is left in out[16]. Returns the status of waitpid(). */
static int confined(void (*attempt)(void), char *out)
{
    int input = memfd_create("input", MFD_CLOEXEC), ends[2], status = -1;
    ssize_t got;
    pid_t child;

    if (input < 0 || write(input, "input", 5) != 5 || lseek(input, 0, SEEK_SET) != 0 ||
        pipe(ends) != 0)
        return -1;
    child = fork();
    if (child == 0) {
        if (sandbox_enter(&input, 1, ends[1]) != NULL)
            _exit(UNAVAILABLE);
        attempt();
        _exit(0);
    }
    close(ends[1]);
    got = read(ends[0], out, 15);
    out[got < 0 ? 0 : got] = '\0';
    close(ends[0]);
    close(input);
    waitpid(child, &status, 0);
    return status;
}

static void check_confined(void (*attempt)(void), const char *output)
{
    char out[16];
    int status = confined(attempt, out);

    if (WIFEXITED(status) && WEXITSTATUS(status) == UNAVAILABLE) {
        test_skip("this kernel does not allow a sandbox");
        return;
    }
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 0);
    CHECK_STR(out, output);
}

static void read_and_write(void)
{
    char buffer[8];
    struct stat stat;
    struct timespec now;
    void *memory;

    MUST(read(SANDBOX_INPUT, buffer, sizeof(buffer)) == 5);
    MUST(lseek(SANDBOX_INPUT, 1, SEEK_SET) == 1);
    MUST(pread(SANDBOX_INPUT, buffer, 2, 3) == 2 && memcmp(buffer, "ut", 2) == 0);
    MUST(fstat(SANDBOX_INPUT, &stat) == 0 && stat.st_size == 5);
    MUST(posix_fadvise(SANDBOX_INPUT, 0, 0, POSIX_FADV_SEQUENTIAL) == 0);
    MUST(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    memory = malloc((size_t)64 << 20);
    MUST(memory != NULL);
    memset(memory, 1, (size_t)64 << 20);
    free(memory);
    MUST(close(dup(SANDBOX_INPUT)) == 0);
    MUST(write(SANDBOX_OUTPUT, "done", 4) == 4);
}

TEST(its_input_can_be_read_and_its_output_written)
{
    check_confined(read_and_write, "done");
}

static void open_files(void)
{
    MUST_BE_REFUSED(open("/etc/passwd", O_RDONLY));
    MUST_BE_REFUSED(open("/dev/null", O_RDONLY));
    MUST_BE_REFUSED(open("new-file", O_WRONLY | O_CREAT, 0600));
    MUST_BE_REFUSED(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0));
    MUST_BE_REFUSED(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", NULL, (size_t)24));
    MUST_BE_REFUSED(unlink("/tmp/no-such-file"));
    MUST_BE_REFUSED(mkdir("/tmp/no-such-folder", 0700));
    MUST_BE_REFUSED(syscall(SYS_memfd_create, "x", 0u));
    MUST_BE_REFUSED(ftruncate(SANDBOX_INPUT, 0));
}

TEST(no_file_can_be_opened)
{
    check_confined(open_files, "");
}

static void reach_network(void)
{
    int ends[2];

    MUST_BE_REFUSED(socket(AF_INET, SOCK_STREAM, 0));
    MUST_BE_REFUSED(socket(AF_INET6, SOCK_DGRAM, 0));
    MUST_BE_REFUSED(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST_BE_REFUSED(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

TEST(no_network_can_be_reached)
{
    check_confined(reach_network, "");
}

static void start_programs(void)
{
    char *const arguments[] = {(char *)(uintptr_t) "true", NULL};

    MUST_BE_REFUSED(execve("/bin/true", arguments, arguments + 1));
    MUST_BE_REFUSED(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL));
    MUST_BE_REFUSED(syscall(SYS_clone3, NULL, (size_t)0));
    MUST_BE_REFUSED(kill(getppid(), 0));
    MUST_BE_REFUSED(kill(1, 0));
    MUST_BE_REFUSED(syscall(SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL));
    MUST_BE_REFUSED(syscall(SYS_setuid, 0));
}

TEST(no_program_can_be_started_and_no_process_touched)
{
    check_confined(start_programs, "");
}

/* ---- the same attempts in the sandbox and outside: outside they must not fail that way ---- */

struct open_how_all { /* linux/openat2.h */
    uint64_t flags, mode, resolve;
};

static long try_open(void)
{
    return open("/etc/passwd", O_RDONLY);
}

static long try_openat2(void)
{
    struct open_how_all how = {O_RDONLY, 0, 0};

    return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof(how));
}

static long try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_socketpair(void)
{
    int ends[2];

    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
}

static long try_fork(void)
{
    long child = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

    if (child == 0)
        _exit(0);
    return child;
}

static long try_exec(void)
{
    char *const arguments[] = {(char *)(uintptr_t) "true", NULL};

    execve("/bin/true", arguments, arguments + 1); /* ends with 0 */
    return -1;
}

static long try_ptrace(void)
{
    return syscall(SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL);
}

static long try_kill_parent(void)
{
    return kill(getppid(), 0);
}

static long try_write_to_parent(void)
{
    char octet = 0;
    struct iovec here = {&octet, 1}, there = {&octet, 0};

    return syscall(SYS_process_vm_writev, getppid(), &here, 1ul, &there, 1ul, 0ul);
}

static long try_pidfd(void)
{
    return syscall(434 /* pidfd_open */, getppid(), 0u);
}

static long try_memfd(void)
{
    return syscall(SYS_memfd_create, "x", 0u);
}

static long try_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
               ? -1
               : 0;
}

static long try_rights(void)
{
    return prctl(PR_SET_NAME, "other");
}

static long try_limits(void)
{
    struct rlimit now = {64, 64};

    return syscall(SYS_setrlimit, RLIMIT_NOFILE, &now);
}

/* What this kernel may not have, or refuses to everybody. */
static long try_io_uring(void)
{
    char parameters[120] = {0};

    return syscall(425 /* io_uring_setup */, 1u, parameters);
}

static long try_landlock(void)
{
    return syscall(444 /* landlock_create_ruleset */, NULL, (size_t)0, 1u);
}

static long try_bpf(void)
{
    char attributes[128] = {0};

    return syscall(SYS_bpf, 0, attributes, sizeof(attributes));
}

static long try_namespace(void)
{
    return unshare(CLONE_NEWUSER);
}

static const struct attempt {
    const char *name;
    long (*call)(void);
    bool everywhere; /* nobody is refused it without a sandbox */
} attempts[] = {
    {"open", try_open, true},
    {"openat2", try_openat2, true},
    {"socket", try_socket, true},
    {"socketpair", try_socketpair, true},
    {"fork", try_fork, true},
    {"execve", try_exec, true},
    {"ptrace", try_ptrace, true},
    {"kill of the parent", try_kill_parent, true},
    {"process_vm_writev", try_write_to_parent, false},
    {"pidfd_open", try_pidfd, false},
    {"memfd_create", try_memfd, true},
    {"mmap of code", try_code, true},
    {"prctl", try_rights, true},
    {"setrlimit", try_limits, true},
    {"io_uring_setup", try_io_uring, false},
    {"landlock_create_ruleset", try_landlock, false},
    {"bpf", try_bpf, false},
    {"unshare", try_namespace, false},
};

static const struct attempt *current;

/* Ends with 0 when the call succeeded, with its errno otherwise. */
static void attempt_current(void)
{
    errno = 0;
    _exit(current->call() >= 0 ? 0 : errno);
}

static int unconfined(void)
{
    int status = -1;
    pid_t child = fork();

    if (child == 0)
        attempt_current();
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(what_is_refused_is_possible_without)
{
    size_t i;

    for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
        char out[16];
        int status, outside;

        current = &attempts[i];
        status = confined(attempt_current, out);
        if (WIFEXITED(status) && WEXITSTATUS(status) == UNAVAILABLE) {
            test_skip("this kernel does not allow a sandbox");
            return;
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) != EPERM)
            test_fail(__FILE__, __LINE__, "%s is not refused: status %d", current->name, status);
        outside = unconfined();
        if (current->everywhere && outside != 0)
            test_fail(__FILE__, __LINE__, "%s fails without a sandbox too: %d", current->name,
                      outside);
        if (outside != 0)
            printf("# %s: this system gives %d without a sandbox\n", current->name, outside);
    }
}

#ifdef __x86_64__
/* The other two doors of this machine: calls of 32-bit programs, and those of x32. */
static void call_as_i386(void)
{
    long got;

    __asm__ volatile("int $0x80" : "=a"(got) : "a"(5L /* open */), "b"(0L) : "memory");
    _exit(got == -EPERM ? EPERM : 0);
}

static void call_as_x32(void)
{
    errno = 0;
    syscall(0x40000000L | SYS_open, "/etc/passwd", O_RDONLY);
    _exit(errno);
}

static void check_closed(void (*call)(void))
{
    char out[16];
    int status = confined(call, out);

    if (WIFEXITED(status) && WEXITSTATUS(status) == UNAVAILABLE) {
        test_skip("this kernel does not allow a sandbox");
        return;
    }
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == EPERM || WEXITSTATUS(status) == ENOSYS);
}

TEST(no_call_comes_in_by_another_architecture)
{
    check_closed(call_as_i386);
    check_closed(call_as_x32);
}
#endif

static void make_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    MUST(page != MAP_FAILED);
    MUST_BE_REFUSED(mprotect(page, 4096, PROT_READ | PROT_EXEC));
    errno = 0;
    MUST(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
             MAP_FAILED &&
         errno == EPERM);
}

TEST(no_code_can_be_made)
{
    check_confined(make_code, "");
}

static void use_others(void)
{
    struct rlimit most;
    int fd, last = 0;

    /* Nothing but the three is open, and writing goes nowhere else. */
    for (fd = STDERR_FILENO + 1; fd < 100; fd++)
        MUST(close(fd) != 0 && errno == EBADF);
    fd = dup(SANDBOX_OUTPUT);
    MUST(fd == STDERR_FILENO + 1);
    MUST_BE_REFUSED(write(fd, "x", 1));
    while (fd >= 0) {
        last = fd;
        fd = dup(SANDBOX_INPUT);
    }
    MUST(errno == EMFILE && last < 16);
    MUST_BE_REFUSED(syscall(SYS_setrlimit, RLIMIT_NOFILE, &most));
}

TEST(nothing_else_is_open)
{
    check_confined(use_others, "");
}

static void fail_an_assertion(void)
{
    abort();
}

TEST(a_failed_assertion_still_ends_by_its_signal)
{
    char out[16];
    int status = confined(fail_an_assertion, out);

    if (WIFEXITED(status) && WEXITSTATUS(status) == UNAVAILABLE) {
        test_skip("this kernel does not allow a sandbox");
        return;
    }
    CHECK(WIFSIGNALED(status));
    CHECK_INT(WTERMSIG(status), SIGABRT);
}

/* Descriptors in each other's places. */
TEST(descriptors_are_moved_whatever_they_were)
{
    int input = memfd_create("input", 0), ends[2], status = -1;
    char out[8] = "";
    pid_t child;

    CHECK(write(input, "input", 5) == 5 && lseek(input, 0, SEEK_SET) == 0);
    CHECK_INT(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        char in[8];
        int moved = 1;

        MUST(dup2(input, 1) == 1 && dup2(ends[1], 0) == 0);
        (void)sandbox_enter(&moved, 1, 0);
        MUST(read(SANDBOX_INPUT, in, sizeof(in)) == 5);
        MUST(write(SANDBOX_OUTPUT, in, 5) == 5);
        _exit(0);
    }
    close(ends[1]);
    CHECK_INT(read(ends[0], out, 7), 5);
    CHECK_STR(out, "input");
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    close(ends[0]);
    close(input);
}

static void take_result(void *user, size_t index, const struct job_result *result)
{
    int *seen = user;

    *seen = index == 0 && result->unconfined && !result->unreadable && result->failure == NULL &&
            result->any && !result->cut;
}

static void skip_record(void *user, size_t index, struct bytes record)
{
    (void)user;
    (void)index;
    (void)record;
}

/* A kernel (here: a filter around everything) that refuses filters. */
TEST(without_the_kernels_help_it_goes_on_and_says_so)
{
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        const struct worker_setup setup = {.jobs = 1};
        const struct job job = {.path = "fixtures/reference-case/reference-case.pcap"};
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        int seen = 0;
        const struct worker_taker taker = {skip_record, take_result, &seen};

        MUST(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(seccomp), 0) == 0);
        MUST(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), 1,
                              SCMP_A0(SCMP_CMP_EQ, 22 /* PR_SET_SECCOMP */, 0)) == 0);
        if (seccomp_load(filter) != 0)
            _exit(UNAVAILABLE);
        seccomp_release(filter);
        worker_run(&setup, &job, 1, &taker);
        MUST(seen);
        _exit(0);
    }
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == UNAVAILABLE)
        test_skip("this kernel does not allow a sandbox");
    else
        CHECK_INT(status, 0);
}
