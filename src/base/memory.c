/* Memory that is there or the program ends: see base/memory.h. Owns the hook that runs on the way out. */
#include "config.h"

#include "base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*_Atomic exhausted_hook)(void);

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
	return memory;
}

void *memory_resize(void *old, size_t count, size_t bytes)
{
	/* realloc() to nothing may free and return NULL. */
	void *memory = count && bytes ? reallocarray(old, count, bytes) : realloc(old, 1);

	if (!memory)
		memory_exhausted();
	return memory;
}

char *memory_copy_string(const char *s)
{
	size_t bytes = strlen(s) + 1;

	return memcpy(memory_get(bytes), s, bytes);
}
