/* The reader of .mo files, above all of damaged ones; and which translations of a format are safe. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/catalogue.h"
#include "base/format.h"
#include "mo.h"

static const struct mo_message messages[] = {
	{"", "Content-Type: text/plain; charset=UTF-8\n"},
	{"%s has %u sockets", "%2$u개: %1$s"},
	{"closed", "닫힘"},
	{"open", "열림"},
	{"same", "same"},
	{"untranslated", ""},
};
#define COUNT (sizeof(messages) / sizeof(messages[0]))

static char path[] = "/tmp/synfin-test-XXXXXX";

static int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static struct catalogue *load(const struct text *file)
{
	struct catalogue *c = NULL;
	int error;

	mo_write(path, file);
	error = catalogue_load(path, &c);
	assert_true(error == 0 || error == -EBADMSG);
	assert_int_equal(error == 0, c != NULL);
	return c;
}

static void check_whole(bool swapped)
{
	struct text file = {0};
	struct catalogue *c;

	mo_make(&file, messages, COUNT, swapped);
	c = load(&file);
	assert_non_null(c);
	assert_string_equal(catalogue_find(c, "open"), "열림");
	assert_string_equal(catalogue_find(c, "closed"), "닫힘");
	assert_string_equal(catalogue_find(c, "same"), "same");
	assert_string_equal(catalogue_find(c, "%s has %u sockets"), "%2$u개: %1$s");
	assert_null(catalogue_find(c, "untranslated"));
	assert_null(catalogue_find(c, ""));
	assert_null(catalogue_find(c, "ope"));
	assert_null(catalogue_find(c, "opens"));
	assert_null(catalogue_find(c, "~"));
	assert_true(catalogue_is_sound(c));
	assert_string_not_equal(catalogue_probe(c), "same");
	catalogue_free(c);
	text_fini(&file);
}

static void test_both_byte_orders(void **state)
{
	(void)state;
	check_whole(false);
	check_whole(true);
	catalogue_free(NULL);
}

static void test_not_there(void **state)
{
	struct catalogue *c = NULL;
	struct text none = {0};

	(void)state;
	assert_int_equal(catalogue_load("/nonexistent/synfin.mo", &c), -ENOENT);
	assert_int_equal(catalogue_load("/", &c), -EBADMSG);
	assert_int_equal(catalogue_load("/dev/zero", &c), -EBADMSG);
	assert_null(load(&none));
}

static void test_empty(void **state)
{
	struct text file = {0};
	struct catalogue *c;

	(void)state;
	mo_make(&file, messages, 0, false);
	c = load(&file);
	assert_non_null(c);
	assert_null(catalogue_find(c, "open"));
	assert_null(catalogue_probe(c));
	catalogue_free(c);
	text_fini(&file);
}

/* Looks everything up, and prints the format with the arguments that the program would give it. */
static void use(const struct catalogue *c)
{
	char out[4096];

	for (size_t i = 1; i < COUNT; i++) {
		const char *found = catalogue_find(c, messages[i].text);

		if (found && i == 1) {
			/* That this is safe is what the test is about. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(out, sizeof(out), found, "program", 3u);
#pragma GCC diagnostic pop
		} else if (found) {
			snprintf(out, sizeof(out), "%s", found);
		}
	}
	if (catalogue_probe(c))
		assert_non_null(catalogue_find(c, catalogue_probe(c)));
}

static void test_cut_short(void **state)
{
	struct text file = {0};

	(void)state;
	mo_make(&file, messages, COUNT, false);
	for (size_t len = 0; len < file.len; len++) {
		struct text cut = {0};
		struct catalogue *c;

		text_add_bytes(&cut, file.bytes, len);
		c = load(&cut);
		if (c)
			use(c);
		catalogue_free(c);
		text_fini(&cut);
	}
	text_fini(&file);
}

static void test_each_byte_wrong(void **state)
{
	static const unsigned char wrong[] = {0x00, 0x01, 0x25, 0x73, 0x7f, 0x80, 0xff};
	struct text file = {0};

	(void)state;
	mo_make(&file, messages, COUNT, false);
	for (size_t at = 0; at < file.len; at++) {
		char kept = file.bytes[at];

		for (size_t i = 0; i < sizeof(wrong); i++) {
			struct catalogue *c;

			file.bytes[at] = (char)wrong[i];
			c = load(&file);
			if (c)
				use(c);
			catalogue_free(c);
		}
		file.bytes[at] = kept;
	}
	text_fini(&file);
}

static void test_random_numbers(void **state)
{
	struct text file = {0};
	unsigned seed = 5;

	(void)state;
	mo_make(&file, messages, COUNT, false);
	for (unsigned round = 0; round < 3000; round++) {
		struct text damaged = {0};
		struct catalogue *c;

		text_add_bytes(&damaged, file.bytes, file.len);
		/* Offsets and lengths just about the file's length are the interesting ones. */
		for (unsigned i = 0; i < 3; i++) {
			uint32_t number = (uint32_t)file.len - 20 + (uint32_t)rand_r(&seed) % 40;
			size_t field = 2 + (size_t)rand_r(&seed) % (5 + 4 * COUNT);

			memcpy(damaged.bytes + 4 * field, &number, sizeof(number));
		}
		c = load(&damaged);
		if (c)
			use(c);
		catalogue_free(c);
		text_fini(&damaged);
	}
	text_fini(&file);
}

static void test_unfit_translations_are_left_out(void **state)
{
	static const struct mo_message bad[] = {
		{"%s has %u sockets", "%u개 %s"},
		{"closed", "\x1b[31m"},
		{"good", "좋음"},
		{"open", "\xff"},
	};
	struct text file = {0};
	struct catalogue *c;

	(void)state;
	mo_make(&file, bad, 4, false);
	c = load(&file);
	assert_non_null(c);
	assert_null(catalogue_find(c, bad[0].text));
	assert_null(catalogue_find(c, "closed"));
	assert_null(catalogue_find(c, "open"));
	assert_string_equal(catalogue_find(c, "good"), "좋음");
	assert_false(catalogue_is_sound(c));
	catalogue_free(c);
	text_fini(&file);
}

static void test_formats(void **state)
{
	static const struct {
		const char *text, *translation;
		bool fits;
	} cases[] = {
		{"plain", "any", true},
		{"plain", "%s", false},
		{"plain", "100%", false},
		{"%s", "%s", true},
		{"%s", "none", false},
		{"%s", "%d", false},
		{"%d%%", "%%%d", true},
		{"%d", "%i", true},
		{"%d", "%u", false},
		{"%u", "%x", true},
		{"%ld", "%d", false},
		{"%ld", "%lld", false},
		{"%hd", "%hhd", false},
		{"%zu", "%zu", true},
		{"%.1f", "%f", true},
		{"%.*f", "%.*f", true},
		{"%.*f", "%f", false},
		{"%-*s|", "%*s", true},
		{"%-*.*s", "%*.*s", true},
		{"%s %u", "%2$u %1$s", true},
		{"%s %u", "%1$u %2$s", false},
		{"%s %u", "%2$u", false},
		{"%s %u", "%1$s %u", false},
		{"%s", "%1$s %1$s", true},
		{"%s", "%1$s %1$d", false},
		{"%*d", "%2$*1$d", true},
		{"%s", "%n", false},
		{"%s", "%s%n", false},
		{"%s", "%s %", false},
		{"%s", "%99999999999999999999$s", false},
		{"%s", "%0$s", false},
		{"%c", "%c", true},
		{"%p", "%p", true},
		{"%1$s", "%s", true},
		/* No format at all: nothing will be printed through it. */
		{"100%", "%s", true},
		{"5 %, of", "%s", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (format_fits(cases[i].text, cases[i].translation) != cases[i].fits) {
			print_message("# \"%s\" with \"%s\"\n", cases[i].text, cases[i].translation);
			fail();
		}
}

/* What the build has made of po/ko.po: the reader leaves nothing of it out. */
static void test_own_catalogue(void **state)
{
	struct catalogue *c = NULL;

	(void)state;
	assert_int_equal(catalogue_load("share/locale/ko/LC_MESSAGES/synfin.mo", &c), 0);
	assert_true(catalogue_is_sound(c));
	catalogue_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_byte_orders),
		cmocka_unit_test(test_not_there),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_each_byte_wrong),
		cmocka_unit_test(test_random_numbers),
		cmocka_unit_test(test_unfit_translations_are_left_out),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_own_catalogue),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
