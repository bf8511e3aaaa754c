/*
 * Memory that is there or the program ends.
 *
 * synfin cannot do its work without memory, and half of an event applied is worse than none. So running out leaves
 * through one hook: the screen sets it to give the terminal back before the one line on standard error is written.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* Sets up the allocator for what this program does. Call it first of all. */
void memory_tune(void);

/* Sets the function that runs before the program ends for lack of memory (NULL: none). It must not allocate. */
void memory_on_exhausted(void (*hook)(void));

/* The hook, one line on standard error, exit status 1. */
_Noreturn void memory_exhausted(void);

/* As malloc, calloc, reallocarray and strdup, but never NULL. A count times a size that overflows is exhaustion. */
void *memory_get(size_t bytes) __attribute__((malloc, returns_nonnull));
void *memory_get_zeroed(size_t count, size_t bytes) __attribute__((malloc, returns_nonnull));
void *memory_resize(void *old, size_t count, size_t bytes) __attribute__((returns_nonnull, warn_unused_result));
/* As aligned_alloc: `alignment` is a power of two, and `bytes` a multiple of it. */
void *memory_get_aligned(size_t alignment, size_t bytes) __attribute__((malloc, returns_nonnull));
char *memory_copy_string(const char *s) __attribute__((malloc, returns_nonnull));

#endif
