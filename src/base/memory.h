/* SPDX-License-Identifier: MIT */
/* Heap memory that is never NULL: a failed allocation ends the process with one clear line, also
 * one of a library (allocator.c; with the GNU C library). */
#ifndef KRBWHY_BASE_MEMORY_H
#define KRBWHY_BASE_MEMORY_H

#include <stddef.h>

/* num * size zeroed bytes; the caller owns them and returns them with memory_drop. Never NULL:
 * when memory or the product runs out, the failure handler runs and the process exits with 2. */
void *memory_take(size_t num, size_t size);

/* size bytes, not zeroed, on a boundary of `align` bytes, which is a power of two and divides size.
 * Ownership and failure as memory_take. */
void *memory_take_aligned(size_t size, size_t align);

/* Resizes `old` (may be NULL) to num * size bytes; the part that is new is not zeroed.
 * Ownership and failure as memory_take. */
void *memory_grow(void *old, size_t num, size_t size);

/* For a caller whose memory comes from elsewhere (a library) and ran out: fails as memory_take. */
_Noreturn void memory_exhausted(void);

void memory_drop(void *old); /* NULL is fine */

/* Called once, before the process exits, when memory runs out: removes half-written files.
 * Process-wide; the last call wins; NULL for none. */
void memory_on_failure(void (*handler)(void));

/* Tests only: the n-th allocation from now on fails (1 = the next one), whoever asks for it; 0
 * turns it off. */
void memory_fail_at(size_t n);

#endif
