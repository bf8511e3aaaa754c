/* text: growing, padding, JSON. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/message.h"
#include "base/text.h"

static void test_empty(void **state)
{
	struct text t = {0};

	(void)state;
	assert_string_equal(text_string(&t), "");
	text_clear(&t);
	text_add(&t, "");
	assert_string_equal(text_string(&t), "");
	assert_int_equal(t.len, 0);
	text_fini(&t);
}

static void test_grows_and_keeps(void **state)
{
	struct text t = {0};
	const char *kept;

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		text_addf(&t, "%u,", i % 10);
		assert_int_equal(t.len, 2 * (i + 1));
		assert_int_equal(t.bytes[t.len], '\0');
	}
	for (unsigned i = 0; i < 10000; i++)
		assert_int_equal(t.bytes[2 * i], '0' + (int)(i % 10));
	kept = t.bytes;
	text_clear(&t);
	for (unsigned i = 0; i < 20000; i++)
		text_add_char(&t, 'x');
	assert_ptr_equal(t.bytes, kept);
	text_fini(&t);
	assert_null(t.bytes);
}

/* A format that exactly fills, or just overflows, what is left. */
static void test_format_at_the_edge(void **state)
{
	(void)state;
	for (int len = 50; len < 140; len++) {
		struct text t = {0};

		text_addf(&t, "%*s", len, "end");
		assert_int_equal(t.len, len);
		assert_int_equal(strlen(t.bytes), len);
		assert_string_equal(t.bytes + len - 3, "end");
		text_fini(&t);
	}
}

static void test_bytes_and_runes(void **state)
{
	struct text t = {0};

	(void)state;
	text_add_bytes(&t, "a\0b", 3);
	text_add_rune(&t, 0xac00);
	text_add_rune(&t, 0xd800);
	assert_int_equal(t.len, 9);
	assert_memory_equal(t.bytes, "a\0b\xea\xb0\x80\xef\xbf\xbd", 10);
	text_fini(&t);
}

static void check_padded(const char *s, unsigned columns, int right, const char *ellipsis, const char *expected)
{
	struct text t = {0};

	text_add_padded(&t, s, columns, right, ellipsis);
	assert_string_equal(text_string(&t), expected);
	text_fini(&t);
}

static void test_padded(void **state)
{
	(void)state;
	check_padded("abc", 5, 0, "~", "abc  ");
	check_padded("abc", 5, 1, "~", "  abc");
	check_padded("abcde", 5, 0, "~", "abcde");
	check_padded("abcdef", 5, 0, "~", "abcd~");
	check_padded("abcdef", 5, 0, "…", "abcd…");
	check_padded("abcdef", 2, 0, "...", "ab");
	check_padded("abcdef", 0, 0, "~", "");
	check_padded("", 3, 0, "~", "   ");
	/* A wide character that would be cut in half leaves a space. */
	check_padded("가나다", 6, 0, "~", "가나다");
	check_padded("가나다", 5, 0, "~", "가나~");
	check_padded("가나다", 4, 0, "~", "가~ ");
	check_padded("가나다", 4, 1, "~", " 가~");
}

static void check_ascii(const char *s, size_t from, const char *expected)
{
	struct text t = {0};

	text_add(&t, s);
	text_make_ascii(&t, from);
	assert_string_equal(text_string(&t), expected);
	assert_int_equal(t.len, strlen(expected));
	text_fini(&t);
}

static void test_ascii(void **state)
{
	(void)state;
	check_ascii("", 0, "");
	check_ascii("\033[1mnginx\033[m  1\n", 0, "\033[1mnginx\033[m  1\n");
	/* As many columns as before: two of a wide one, none of what stands on another. */
	check_ascii("café 한글 😀 e\u0301|", 0, "caf? ???? ?? e|");
	check_ascii("\xff\xed\x95", 0, "???");
	check_ascii("가나", 3, "가??");
	check_ascii("가", 3, "가");
}

static void test_json(void **state)
{
	struct text t = {0};

	(void)state;
	text_add_json(&t, "a\"b\\c\n\t\r\b\f\x01\x1f/가\x7f");
	assert_string_equal(text_string(&t), "a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001\\u001f/가\x7f");
	text_clear(&t);
	text_add_json(&t, "");
	assert_string_equal(text_string(&t), "");
	text_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_grows_and_keeps),
		cmocka_unit_test(test_format_at_the_edge),
		cmocka_unit_test(test_bytes_and_runes),
		cmocka_unit_test(test_padded),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_json),
	};

	message_init("en", NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
