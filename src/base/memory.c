/* SPDX-License-Identifier: MIT */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"

static void (*failure_handler)(void);

_Noreturn void memory_exhausted(void)
{
    static const char line[] = "krbwhy: out of memory; use a smaller capture or raise the limit\n";
    void (*handler)(void) = failure_handler;

    failure_handler = NULL; /* a handler that fails itself must not come back here */
    if (handler != NULL)
        handler();
    if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
        _exit(2);
    _exit(2);
}

void *memory_take(size_t num, size_t size)
{
    void *fresh = calloc(num == 0 ? 1 : num, size == 0 ? 1 : size);

    if (fresh == NULL)
        memory_exhausted();
    return fresh;
}

void *memory_take_aligned(size_t size, size_t align)
{
    void *fresh = aligned_alloc(align, size);

    if (fresh == NULL)
        memory_exhausted();
    return fresh;
}

void *memory_grow(void *old, size_t num, size_t size)
{
    size_t total;
    void *fresh;

    if (!size_mul(num, size, &total))
        memory_exhausted();
    fresh = realloc(old, total == 0 ? 1 : total);
    if (fresh == NULL)
        memory_exhausted();
    return fresh;
}

void memory_on_failure(void (*handler)(void))
{
    failure_handler = handler;
}
