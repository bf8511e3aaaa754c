/* digits: as printf has them, at each length's ends. */
#include "config.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/digits.h"

#define AHEAD 3 /* bytes before them that must stay as they are */

static void check(uint64_t value)
{
	char decimal[DIGITS_MAX + 1], hex[DIGITS_HEX_MAX + 1], out[AHEAD + DIGITS_MAX + 1];

	snprintf(decimal, sizeof decimal, "%" PRIu64, value);
	snprintf(hex, sizeof hex, "%" PRIx64, value);
	memset(out, '.', sizeof out);
	*digits_put(out + AHEAD, value) = '\0';
	assert_memory_equal(out, "...", AHEAD);
	assert_string_equal(out + AHEAD, decimal);
	*digits_put_hex(out + AHEAD, value) = '\0';
	assert_memory_equal(out, "...", AHEAD);
	assert_string_equal(out + AHEAD, hex);
}

static void test_as_printf(void **state)
{
	uint64_t ten = 1;

	(void)state;
	for (uint64_t value = 0; value <= 20000; value++)
		check(value);
	for (int digits = 1; digits <= DIGITS_MAX; digits++, ten *= 10) {
		check(ten - 1);
		check(ten);
		check(ten + 1);
		check(ten * 7 + 3);
	}
	for (int shift = 0; shift < 64; shift++) {
		check(UINT64_C(1) << shift);
		check((UINT64_C(1) << shift) - 1);
		check(UINT64_MAX >> shift);
	}
}

static void test_two(void **state)
{
	(void)state;
	for (unsigned value = 0; value < 100; value++) {
		char expected[12], out[3] = {0};

		snprintf(expected, sizeof expected, "%02u", value);
		assert_ptr_equal(digits_put_two(out, value), out + 2);
		assert_string_equal(out, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_printf),
		cmocka_unit_test(test_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
