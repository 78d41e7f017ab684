/* SPDX-License-Identifier: MIT */
/* Unit tests: TEST(name) { ... CHECK(...); } in any file; the harness finds and runs them all.
 * Prints one line a test: "ok NAME", "not ok NAME" or "skip NAME reason". */
#ifndef KRBWHY_TESTS_HARNESS_H
#define KRBWHY_TESTS_HARNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

struct test {
    const char *name;
    void (*run)(void);
    struct test *next;
};

void test_register(struct test *test);
void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void test_skip(const char *reason);

#define TEST(name)                                                                                 \
    static void test_##name(void);                                                                 \
    __attribute__((constructor)) static void register_##name(void)                                 \
    {                                                                                              \
        static struct test test = {#name, test_##name, NULL};                                      \
        test_register(&test);                                                                      \
    }                                                                                              \
    static void test_##name(void)

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            test_fail(__FILE__, __LINE__, "%s", #condition);                                       \
    } while (0)

#define CHECK_INT(got, want)                                                                       \
    do {                                                                                           \
        long long got_ = (long long)(got), want_ = (long long)(want);                              \
        if (got_ != want_)                                                                         \
            test_fail(__FILE__, __LINE__, "%s is %lld, not %lld", #got, got_, want_);              \
    } while (0)

#define CHECK_STR(got, want)                                                                       \
    do {                                                                                           \
        const char *got_ = (got), *want_ = (want);                                                 \
        if (got_ == NULL || want_ == NULL ? got_ != want_ : strcmp(got_, want_) != 0)              \
            test_fail(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #got,                        \
                      got_ == NULL ? "(null)" : got_, want_ == NULL ? "(null)" : want_);           \
    } while (0)

/* Bytes from hexadecimal ("30 05 a1", blanks ignored); the caller frees .at. */
struct bytes test_hex(const char *hex);

/* A copy in a heap block of exactly that size, so that ASan sees an overrun; the caller frees .at.
 */
struct bytes test_exact(struct bytes bytes);

#endif
