/* log: lines go out one by one, wait while held, and never carry control characters. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "child.h"

static void say_plainly(const void *context)
{
	(void)context;
	log_line("one %d", 1);
	log_line("esc \x1b[31m and\nnewline");
}

static void test_lines(void **state)
{
	struct text errors = {0};

	(void)state;
	assert_int_equal(child_run(say_plainly, NULL, &errors), 0);
	assert_string_equal(text_string(&errors), "synfin: one 1\nsynfin: esc ?[31m and?newline\n");
	text_fini(&errors);
}

static void say_while_held(const void *context)
{
	log_hold(true);
	for (int i = 0; i < *(const int *)context; i++)
		log_line("line %d", i);
	fputs("screen\n", stderr);
	log_hold(false);
	log_line("after");
	log_hold(true);
	log_hold(false);
}

static void check_held(int count, int first, const char *dropped)
{
	struct text errors = {0}, expected = {0};

	assert_int_equal(child_run(say_while_held, &count, &errors), 0);
	text_addf(&expected, "screen\n%s", dropped);
	for (int i = first; i < count; i++)
		text_addf(&expected, "synfin: line %d\n", i);
	text_add(&expected, "synfin: after\n");
	assert_string_equal(text_string(&errors), text_string(&expected));
	text_fini(&errors);
	text_fini(&expected);
}

static void test_held(void **state)
{
	(void)state;
	check_held(0, 0, "");
	check_held(3, 0, "");
	check_held(64, 0, "");
	check_held(65, 1, "synfin: messages dropped before these: 1\n");
	check_held(200, 136, "synfin: messages dropped before these: 136\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
