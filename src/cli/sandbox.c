/* SPDX-License-Identifier: MIT */
#include "cli/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifndef WITH_ASAN
#define WITH_ASAN 0
#endif

/* The two descriptors, stderr, the second view of an input, and a little room. */
enum { MOST_DESCRIPTORS = 8 };

/* ---- Descriptors and limits ---- */

static int move_away(int fd, int from)
{
    int moved = fd < 0 ? fd : fcntl(fd, F_DUPFD, from);

    if (fd >= 0 && moved < 0)
        _exit(2); /* no descriptor left, and nobody to tell it to */
    return moved;
}

static void move_to(int fd, int place)
{
    if (fd >= 0 && dup2(fd, place) < 0)
        _exit(2);
}

static void move_descriptors(int *inputs, size_t num, int output)
{
    /* Out of the way of their places first: an input may be 1, and the output 0. */
    int first = SANDBOX_MORE + (int)num, out = move_away(output, first);
    size_t i;

    for (i = 0; i < num; i++)
        inputs[i] = move_away(inputs[i], first);
    move_to(out, SANDBOX_OUTPUT);
    for (i = 0; i < num; i++) {
        int place = i == 0 ? SANDBOX_INPUT : SANDBOX_MORE + (int)i - 1;

        if (inputs[i] < 0)
            close(place);
        move_to(inputs[i], place);
        inputs[i] = inputs[i] < 0 ? inputs[i] : place;
    }
    first = SANDBOX_MORE + (num < 2 ? 0 : (int)num - 1);
    if (close_range((unsigned)first, ~0u, 0) != 0)
        for (out = first; out < 1024 + first; out++)
            close(out); /* Linux before 5.9 */
}

static void limit(__rlimit_resource_t resource, rlim_t most)
{
    struct rlimit now, lower = {most, most};

    /* Only ever lowered: what cannot be is said by no one, seccomp stands behind it. */
    if (getrlimit(resource, &now) == 0 && (now.rlim_max == RLIM_INFINITY || now.rlim_max > most))
        (void)setrlimit(resource, &lower);
}

static bool is_file(int fd)
{
    struct stat where;

    return fstat(fd, &where) != 0 || S_ISREG(where.st_mode);
}

static void limit_resources(size_t num_inputs)
{
    limit(RLIMIT_CORE, 0); /* memory holds keys */
    limit(RLIMIT_NOFILE, MOST_DESCRIPTORS + num_inputs);
    /* Not when stderr goes to a file: a message would then end the process. Nor when the result is
     * one (--annotate, --extract). */
    if (!is_file(STDERR_FILENO) && !is_file(SANDBOX_OUTPUT))
        limit(RLIMIT_FSIZE, 0);
}

/* ---- Landlock (linux/landlock.h; landlock(7)) ---- */

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self  446
#endif

/* As of ABI 6; older kernels know a beginning of it. The headers may be older than the kernel. */
struct ruleset {
    uint64_t handled_access_fs, handled_access_net, scoped;
};

static const struct {
    long abi;
    size_t size;
    struct ruleset ruleset;
} rulesets[] = {
    /* From execute to make_sym; refer; truncate; TCP bind and connect; ioctl on devices; abstract
     * sockets and signals outside. */
    {6, 24, {0xFFFF, 3, 3}}, {5, 16, {0xFFFF, 3, 0}}, {4, 16, {0x7FFF, 3, 0}},
    {3, 8, {0x7FFF, 0, 0}},  {2, 8, {0x3FFF, 0, 0}},  {1, 8, {0x1FFF, 0, 0}},
};

/* All access is handled and no rule allows any. */
static const char *enter_landlock(void)
{
    long abi =
        syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
    size_t i = 0;
    long fd, entered;

    if (abi < 1)
        return NULL;
    while (rulesets[i].abi > abi)
        i++;
    fd = syscall(SYS_landlock_create_ruleset, &rulesets[i].ruleset, rulesets[i].size, 0u);
    if (fd < 0)
        return "Landlock";
    entered = syscall(SYS_landlock_restrict_self, (int)fd, 0u);
    close((int)fd);
    return entered == 0 ? NULL : "Landlock";
}

/* ---- seccomp (seccomp(2), libseccomp) ---- */

/* What a worker does: reads its input, writes to the pipe, and uses memory. */
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(lseek),
    SCMP_SYS(_llseek),
    SCMP_SYS(fstat),
    SCMP_SYS(fstat64),
    SCMP_SYS(fadvise64),
    SCMP_SYS(fadvise64_64),
    SCMP_SYS(dup),
    SCMP_SYS(close),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(ppoll_time64),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(futex_time64),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_gettime64),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(sysinfo), /* qsort of the C library asks how much memory there is */
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
#if WITH_ASAN
    SCMP_SYS(sigaltstack),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getrlimit),
    SCMP_SYS(prlimit64),
    SCMP_SYS(getrusage),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
#endif
};

/* Allowed with one of their arguments as it is here. */
static bool allow_by_argument(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp to_open = SCMP_A0(SCMP_CMP_LE, STDERR_FILENO, 0),
                              no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                              own_path = SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH),
                              own_statx = SCMP_A2(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH),
                              /* so that abort() ends with its own signal */
        self = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
    const struct {
        int call;
        struct scmp_arg_cmp argument;
    } rules[] = {
        {SCMP_SYS(write), to_open},       {SCMP_SYS(writev), to_open},   {SCMP_SYS(mmap), no_code},
        {SCMP_SYS(mmap2), no_code},       {SCMP_SYS(mprotect), no_code}, {SCMP_SYS(tgkill), self},
        {SCMP_SYS(newfstatat), own_path}, /* fstat() of newer C libraries */
        {SCMP_SYS(statx), own_statx},     /* the same where words have 32 bits */
    };
    size_t i;

    for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rules[i].call, 1, &rules[i].argument) <
            0)
            return false;
    return true;
}

static const char *enter_seccomp(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool built = filter != NULL && allow_by_argument(filter);
    size_t i;

    for (i = 0; built && i < sizeof(allowed) / sizeof(allowed[0]); i++)
        built = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, allowed[i], 0, NULL) == 0;
    if (built)
        built = seccomp_load(filter) == 0;
    if (filter != NULL)
        seccomp_release(filter);
    return built ? NULL : "seccomp";
}

const char *sandbox_enter(int *inputs, size_t num, int output)
{
    const char *landlock, *seccomp;

    move_descriptors(inputs, num, output);
    limit_resources(num);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return "giving up privileges";
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    landlock = enter_landlock();
    seccomp = enter_seccomp();
    return seccomp != NULL ? seccomp : landlock;
}
