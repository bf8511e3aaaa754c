/* clean: nothing bad comes through, nothing good is lost. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/utf8.h"

static void check_clean(const char *from, size_t len, const char *expected)
{
	char to[256];

	assert_int_equal(clean_copy(to, sizeof(to), from, len), strlen(expected));
	assert_string_equal(to, expected);
}

static void check_rune(unsigned rune, int good)
{
	char from[4], expected[5] = "?";
	size_t len = utf8_encode(rune, from);

	if (good) {
		memcpy(expected, from, len);
		expected[len] = '\0';
	}
	check_clean(from, len, expected);
}

static void check_range(unsigned first, unsigned last, int good)
{
	for (unsigned rune = first; rune <= last; rune++)
		check_rune(rune, good);
}

static void test_controls(void **state)
{
	(void)state;
	check_range(0x00, 0x1f, 0);
	check_range(0x20, 0x7e, 1);
	check_range(0x7f, 0x9f, 0);
	check_clean("\x1b[31mred\x1b]0;title\a\n", 18, "?[31mred?]0;title?");
	check_clean("\xc2\x9b" "31m", 5, "?31m");
}

static void test_directions(void **state)
{
	(void)state;
	check_rune(0x061c, 0);
	check_range(0x200e, 0x200f, 0);
	check_range(0x202a, 0x202e, 0);
	check_range(0x2066, 0x2069, 0);
	check_rune(0x05d0, 1); /* a letter that runs from right to left is a letter */
}

static void test_invisible(void **state)
{
	(void)state;
	check_range(0x200b, 0x200d, 0);
	check_rune(0x2060, 0);
	check_rune(0xfeff, 0);
	check_range(0x2028, 0x2029, 0);
	check_range(0xe0000, 0xe007f, 0);
	check_range(0xe0100, 0xe01ef, 0);
	check_range(0xfe00, 0xfe0f, 0);
	check_rune(0x00ad, 0);
	check_rune(0x3164, 0);
	check_rune(0x115f, 0);
	check_range(0xfff9, 0xfffb, 0);
	check_range(0xfdd0, 0xfdef, 0);
	for (unsigned plane = 0; plane <= 0x10; plane++)
		check_range(plane << 16 | 0xfffe, plane << 16 | 0xffff, 0);
}

static void test_good(void **state)
{
	static const char text[] = "nginx: 작업자 é ñ Ж 漢字 ─│► 🙂 \xef\xbf\xbd";

	(void)state;
	check_clean(text, sizeof(text) - 1, text);
	check_range(0xac00, 0xd7a3, 1);
	check_range(0x2500, 0x25ff, 1);
	check_clean("", 0, "");
}

static void test_invalid(void **state)
{
	(void)state;
	check_clean("a\xff" "b", 3, "a?b");
	check_clean("\xc0\xaf", 2, "??");
	check_clean("\xe0\x80\xaf", 3, "???");
	check_clean("\xed\xa0\x80", 3, "???");
	check_clean("\xf4\x90\x80\x80", 4, "????");
	check_clean("\xf0\x9f\x99", 3, "???");
	check_clean("\xea\xb0", 2, "??");
}

static void test_never_cut_in_half(void **state)
{
	char to[16];

	(void)state;
	assert_int_equal(clean_copy(to, 1, "abc", 3), 0);
	assert_string_equal(to, "");
	assert_int_equal(clean_copy(to, 3, "가나", 6), 0);
	assert_string_equal(to, "");
	assert_int_equal(clean_copy(to, 4, "가나", 6), 3);
	assert_string_equal(to, "가");
	assert_int_equal(clean_copy(to, 6, "가나", 6), 3);
	assert_int_equal(clean_copy(to, 7, "가나", 6), 6);
	assert_string_equal(to, "가나");
	/* What follows a rune that did not fit is not put in its place. */
	assert_int_equal(clean_copy(to, 4, "ab가c", 6), 2);
	assert_string_equal(to, "ab");
}

/* Whatever comes in: what comes out is clean, so that cleaning it again changes nothing. */
static void test_random_bytes(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		char from[64], to[64], again[64];
		size_t len = (size_t)rand_r(&seed) % sizeof(from), room = 1 + (size_t)rand_r(&seed) % sizeof(to);
		size_t written;

		for (size_t i = 0; i < len; i++)
			from[i] = (char)(rand_r(&seed) % 3 ? rand_r(&seed) : 0x80 | rand_r(&seed) % 0x40);
		written = clean_copy(to, room, from, len);
		assert_true(written < room);
		assert_int_equal(strlen(to), written);
		for (size_t i = 0; i < written;) {
			unsigned rune;
			size_t bytes = utf8_decode(to + i, written - i, &rune);

			assert_true(rune != UTF8_INVALID || bytes == 3);
			assert_true(rune >= 0x20);
			i += bytes;
		}
		assert_int_equal(clean_copy(again, sizeof(again), to, written), written);
		assert_string_equal(again, to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_directions),
		cmocka_unit_test(test_invisible),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_never_cut_in_half),
		cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
