/* SPDX-License-Identifier: MIT */
/* The allocator of the whole program, libraries included: what the C library gives, and the end of
 * the process where it gives nothing. Of the libraries that allocate by themselves, json-c and
 * libseccomp write through NULL then, and libkrb5 and libpcap return errors that look like those of
 * a damaged message. */
#include "base/memory.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static size_t fail_countdown;

/* Here, so that no program is linked without what stands below. */
void memory_drop(void *old)
{
    free(old);
}

void memory_fail_at(size_t n)
{
    fail_countdown = n;
}

#ifdef __GLIBC__

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif

/* What stands below. */
#ifdef WITH_ASAN
#define BELOW(name) __interceptor_##name
#else
#define BELOW(name) __libc_##name
#endif

void *BELOW(malloc)(size_t size);
void *BELOW(calloc)(size_t num, size_t size);
void *BELOW(realloc)(void *old, size_t size);
void *BELOW(memalign)(size_t align, size_t size);
void *memalign(size_t align, size_t size);

static bool fails(void)
{
    return fail_countdown != 0 && --fail_countdown == 0;
}

static void *checked(void *fresh)
{
    if (fresh == NULL)
        memory_exhausted();
    return fresh;
}

void *malloc(size_t size)
{
    return checked(fails() ? NULL : BELOW(malloc)(size));
}

void *calloc(size_t num, size_t size)
{
    return checked(fails() ? NULL : BELOW(calloc)(num, size));
}

/* NULL may mean that `old` was given back. */
void *realloc(void *old, size_t size)
{
    void *fresh = fails() ? NULL : BELOW(realloc)(old, size);

    return size == 0 && old != NULL ? fresh : checked(fresh);
}

void *memalign(size_t align, size_t size)
{
    return checked(fails() ? NULL : BELOW(memalign)(align, size));
}

void *aligned_alloc(size_t align, size_t size)
{
    return memalign(align, size);
}

int posix_memalign(void **out, size_t align, size_t size)
{
    if (align % sizeof(void *) != 0 || (align & (align - 1)) != 0 || align == 0)
        return EINVAL;
    *out = memalign(align, size);
    return 0;
}

#ifdef WITH_ASAN
/* AddressSanitizer has its own, which do not come here. */
char *strndup(const char *str, size_t most)
{
    size_t len = strnlen(str, most);
    char *copy = malloc(len + 1);

    memcpy(copy, str, len);
    copy[len] = '\0';
    return copy;
}

char *strdup(const char *str)
{
    return strndup(str, strlen(str));
}
#endif

#endif
