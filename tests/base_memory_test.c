/* memory: exhaustion leaves through the hook, with one line and status 1. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "child.h"

/* AddressSanitizer would end the program itself where malloc() should return NULL. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void hook(void)
{
	fputs("hook\n", stderr);
}

static void exhaust(const void *how)
{
	/* volatile: the compiler shall not see that it is too much. */
	volatile size_t huge = SIZE_MAX / 2;
	const char *name = how;

	memory_on_exhausted(hook);
	if (!strcmp(name, "get"))
		free(memory_get(huge));
	else if (!strcmp(name, "zeroed"))
		free(memory_get_zeroed(huge, 4));
	else
		free(memory_resize(NULL, huge, 4));
}

static void test_exhausted(void **state)
{
	static const char *const ways[] = {"get", "zeroed", "resize"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct text errors = {0};

		assert_int_equal(child_run(exhaust, ways[i], &errors), 1);
		/* A sanitizer may have its word before. */
		assert_non_null(strstr(text_string(&errors), "hook\nsynfin: out of memory\n"));
		text_fini(&errors);
	}
}

static void test_nothing_is_something(void **state)
{
	void *none = memory_get(0), *zeroed = memory_get_zeroed(0, 8);

	(void)state;
	assert_non_null(none);
	assert_non_null(zeroed);
	none = memory_resize(none, 0, 8);
	assert_non_null(none);
	free(none);
	free(zeroed);
}

static void test_contents(void **state)
{
	unsigned char *bytes = memory_get_zeroed(100, 7);
	char *copy = memory_copy_string("text");

	(void)state;
	for (size_t i = 0; i < 700; i++)
		assert_int_equal(bytes[i], 0);
	memset(bytes, 0x5a, 700);
	bytes = memory_resize(bytes, 1000, 70);
	for (size_t i = 0; i < 700; i++)
		assert_int_equal(bytes[i], 0x5a);
	assert_string_equal(copy, "text");
	free(bytes);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exhausted),
		cmocka_unit_test(test_nothing_is_something),
		cmocka_unit_test(test_contents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
