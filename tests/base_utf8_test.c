/* utf8: against the grammar of RFC 3629 section 4, written out once more here. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/message.h"
#include "base/utf8.h"

static int is_tail(unsigned char c)
{
	return c >= 0x80 && c <= 0xbf;
}

/* The length of the well-formed sequence that s begins with, by the grammar; 0: none. */
static size_t grammar_length(const unsigned char *s)
{
	if (s[0] <= 0x7f)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		return is_tail(s[1]) ? 2 : 0;
	if (s[0] == 0xe0)
		return s[1] >= 0xa0 && s[1] <= 0xbf && is_tail(s[2]) ? 3 : 0;
	if (s[0] == 0xed)
		return s[1] >= 0x80 && s[1] <= 0x9f && is_tail(s[2]) ? 3 : 0;
	if (s[0] >= 0xe1 && s[0] <= 0xef)
		return is_tail(s[1]) && is_tail(s[2]) ? 3 : 0;
	if (s[0] == 0xf0)
		return s[1] >= 0x90 && s[1] <= 0xbf && is_tail(s[2]) && is_tail(s[3]) ? 4 : 0;
	if (s[0] >= 0xf1 && s[0] <= 0xf3)
		return is_tail(s[1]) && is_tail(s[2]) && is_tail(s[3]) ? 4 : 0;
	if (s[0] == 0xf4)
		return s[1] >= 0x80 && s[1] <= 0x8f && is_tail(s[2]) && is_tail(s[3]) ? 4 : 0;
	return 0;
}

static void check_sequence(const unsigned char s[4])
{
	size_t expected = grammar_length(s);
	unsigned rune = 0;
	char again[4];

	for (size_t len = 1; len <= 4; len++) {
		size_t taken = utf8_decode((const char *)s, len, &rune);

		if (expected == 0 || expected > len) {
			assert_int_equal(taken, 1);
			assert_int_equal(rune, UTF8_INVALID);
		} else {
			assert_int_equal(taken, expected);
			assert_int_equal(utf8_encode(rune, again), expected);
			assert_memory_equal(again, s, expected);
		}
	}
}

static void test_all_pairs_with_edges(void **state)
{
	static const unsigned char edges[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};

	(void)state;
	for (unsigned pair = 0; pair < 0x10000; pair++)
		for (size_t i = 0; i < sizeof(edges); i++)
			for (size_t j = 0; j < sizeof(edges); j += 3) {
				const unsigned char s[4] = {pair >> 8, pair & 0xff, edges[i], edges[j]};

				check_sequence(s);
			}
}

static void test_every_rune(void **state)
{
	(void)state;
	for (unsigned rune = 0; rune <= 0x10ffff; rune++) {
		char bytes[4];
		unsigned back;
		size_t len = utf8_encode(rune, bytes);

		if (rune >= 0xd800 && rune <= 0xdfff) {
			assert_int_equal(len, 3);
			assert_memory_equal(bytes, "\xef\xbf\xbd", 3);
			continue;
		}
		assert_int_equal(utf8_decode(bytes, len, &back), len);
		assert_int_equal(back, rune);
	}
}

static void test_impossible_runes(void **state)
{
	char bytes[4];

	(void)state;
	assert_int_equal(utf8_encode(0x110000, bytes), 3);
	assert_memory_equal(bytes, "\xef\xbf\xbd", 3);
	assert_int_equal(utf8_encode(~0u, bytes), 3);
}

static void test_columns(void **state)
{
	(void)state;
	assert_int_equal(utf8_rune_columns('a'), 1);
	assert_int_equal(utf8_rune_columns(0x2500), 1);  /* ─ */
	assert_int_equal(utf8_rune_columns(0xac00), 2);  /* 가 */
	assert_int_equal(utf8_rune_columns(0x301), 0);   /* combining acute */
	assert_int_equal(utf8_rune_columns(0x00), 0);
	assert_int_equal(utf8_rune_columns(0x1b), 0);
	assert_int_equal(utf8_rune_columns(0x7f), 0);
	assert_int_equal(utf8_rune_columns(0x9b), 0);
	assert_int_equal(utf8_rune_columns(0xe000), 1);  /* private use */
	assert_int_equal(utf8_columns(""), 0);
	assert_int_equal(utf8_columns("a가b"), 4);
	assert_int_equal(utf8_columns("e\xcc\x81"), 1);
	assert_int_equal(utf8_columns("\xff"), 1);
}

static void test_fit(void **state)
{
	unsigned width;

	(void)state;
	assert_int_equal(utf8_fit("a가b", 0, &width), 0);
	assert_int_equal(width, 0);
	assert_int_equal(utf8_fit("a가b", 2, &width), 1);
	assert_int_equal(width, 1);
	assert_int_equal(utf8_fit("a가b", 3, &width), 4);
	assert_int_equal(width, 3);
	assert_int_equal(utf8_fit("a가b", 99, &width), 5);
	assert_int_equal(width, 4);
	/* A combining mark stays with its letter. */
	assert_int_equal(utf8_fit("e\xcc\x81x", 1, NULL), 3);
	assert_int_equal(utf8_fit("", 5, &width), 0);
	assert_int_equal(width, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_pairs_with_edges),
		cmocka_unit_test(test_every_rune),
		cmocka_unit_test(test_impossible_runes),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_fit),
	};

	message_init("en", NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
