/* Memory that is there or the program ends: see base/memory.h. Owns the hook that runs on the way out. */
#include "config.h"

#include "base/memory.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Tables of this size are walked at random: in small pages nearly each step would miss the TLB, and each page be faulted in by itself. */
#define TABLE_BYTES ((size_t)4 << 20)

/*
 * Large pieces go back to the system when they are freed: glibc would raise its own limit with each, and keep what an index of a million rows needed for
 * a moment. Small ones do not at once: batches come and go all the time, and each page that comes back has to be faulted in anew.
 */
#define LARGE_BYTES (256 * 1024)
#define KEPT_BYTES (4 * 1024 * 1024)

static void (*_Atomic exhausted_hook)(void);

void memory_tune(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
#endif
}

void memory_on_exhausted(void (*hook)(void))
{
	atomic_store(&exhausted_hook, hook);
}

_Noreturn void memory_exhausted(void)
{
	/* Not through stdio or the message look-up: both may allocate. */
	static const char line[] = "synfin: out of memory\n";
	void (*hook)(void) = atomic_exchange(&exhausted_hook, NULL);
	ssize_t ignored;

	if (hook)
		hook();
	ignored = write(STDERR_FILENO, line, sizeof(line) - 1);
	(void)ignored;
	_exit(1);
}

/* Asks for huge pages where there are some: an advice, so a kernel that has none is no error. The page where it begins may hold something else: no harm. */
static void *memory_in_huge_pages(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
	if (bytes >= TABLE_BYTES) {
		const size_t page = (size_t)sysconf(_SC_PAGESIZE), within = (uintptr_t)memory % page;

		madvise((char *)memory - within, (within + bytes) / page * page, MADV_HUGEPAGE);
	}
#endif
	return memory;
}

void *memory_get(size_t bytes)
{
	void *memory = malloc(bytes ? bytes : 1);

	if (!memory)
		memory_exhausted();
	return memory;
}

void *memory_get_aligned(size_t alignment, size_t bytes)
{
	void *memory = aligned_alloc(alignment, bytes);

	if (!memory)
		memory_exhausted();
	return memory;
}

void *memory_get_zeroed(size_t count, size_t bytes)
{
	void *memory = count && bytes ? calloc(count, bytes) : calloc(1, 1);

	if (!memory)
		memory_exhausted();
	return memory_in_huge_pages(memory, count * bytes);
}

void *memory_resize(void *old, size_t count, size_t bytes)
{
	/* realloc() to nothing may free and return NULL. */
	void *memory = count && bytes ? reallocarray(old, count, bytes) : realloc(old, 1);

	if (!memory)
		memory_exhausted();
	return memory_in_huge_pages(memory, count * bytes);
}

char *memory_copy_string(const char *s)
{
	size_t bytes = strlen(s) + 1;

	return memcpy(memory_get(bytes), s, bytes);
}
