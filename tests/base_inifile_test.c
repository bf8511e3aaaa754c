/* INI files: lines and their numbers, comments, mistakes; and what is no text file is not read, nor waited for. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/inifile.h"
#include "base/text.h"

static void take_section(void *context, const char *name, unsigned line)
{
	text_addf(context, "%u[%s]\n", line, name);
}

static void take_key(void *context, const char *section, const char *key, const char *value, unsigned line)
{
	text_addf(context, "%u%s%s|%s|%s\n", line, *section ? "@" : "", section, key, value);
}

static void take_mistake(void *context, const char *what, unsigned line)
{
	text_addf(context, "%u!%s\n", line, what);
}

static void assert_taken(const char *content, const char *wanted)
{
	struct text taken = {0};
	const struct inifile_taker taker = {.section = take_section, .key = take_key, .mistake = take_mistake, .context = &taken};

	inifile_take(content, &taker);
	assert_string_equal(text_string(&taken), wanted);
	text_fini(&taken);
}

static void test_lines(void **state)
{
	(void)state;
	assert_taken("", "");
	assert_taken("a = b", "1|a|b\n");
	assert_taken("a=b\r\n\r\n  c : d e \t\n", "1|a|b\n3|c|d e\n");
	assert_taken("\xef\xbb\xbf" "a = b\n", "1|a|b\n");
	assert_taken("a =\n", "1|a|\n");
	assert_taken("[keys]\n\ta = 1\n\tb = 2\n", "1[keys]\n2@keys|a|1\n3@keys|b|2\n"); /* indented lines are no continuations */
	assert_taken("a = = :\n", "1|a|= :\n");
	assert_taken("a = [ ]\n", "1|a|[ ]\n");
}

static void test_comments(void **state)
{
	(void)state;
	assert_taken("# a = b\n; a = b\n  # a\n", "");
	assert_taken("a = b ; c\nd = e;f\ng = #\nh = ;\ni = j\t; k ; l\n[keys] ; m\n", "1|a|b\n2|d|e;f\n3|g|#\n4|h|\n5|i|j\n6[keys]\n");
}

static void test_mistakes(void **state)
{
	struct text line = {0};

	(void)state;
	assert_taken("junk\na = b\n[keys\n= c\n: d\n[]\n[a] b\n",
		     "1!neither [section] nor key = value\n2|a|b\n3!neither [section] nor key = value\n4!neither [section] nor key = value\n"
		     "5!neither [section] nor key = value\n6!neither [section] nor key = value\n7!neither [section] nor key = value\n");
	text_add(&line, "a = ");
	for (unsigned i = 0; i < 300; i++)
		text_add(&line, "x");
	text_add(&line, "\nb = c\n#");
	for (unsigned i = 0; i < 300; i++) /* a comment may be long */
		text_add(&line, "x");
	assert_taken(text_string(&line), "1!the line is too long\n2|b|c\n");
	text_fini(&line);
}

/* A section longer than inih remembers still is one, and another than its beginning. */
static void test_long_section(void **state)
{
	(void)state;
	assert_taken("[keys                                                        x]\na = b\n",
		     "1[keys                                                        x]\n2@keys                                             |a|b\n");
}

/* ---- files ---- */

static char path[] = "/tmp/synfin-inifile-test-XXXXXX";

static void write_file(const char *bytes, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void assert_loads(int wanted, const char *content)
{
	char *text = NULL;
	unsigned line;

	assert_int_equal(inifile_load(path, &text, &line), wanted);
	assert_int_equal(line, 0);
	if (wanted == 0)
		assert_string_equal(text, content);
	free(text);
}

static void test_text(void **state)
{
	static char large[INIFILE_BYTES_MAX + 1];

	(void)state;
	assert_true(close(mkstemp(path)) == 0);
	assert_loads(0, "");
	write_file("a = b", 5);
	assert_loads(0, "a = b");
	write_file("가\xef\xbf\xbd", 6); /* a replacement character that is really there */
	assert_loads(0, "가\xef\xbf\xbd");
	memset(large, '#', sizeof(large));
	write_file(large, INIFILE_BYTES_MAX);
	large[INIFILE_BYTES_MAX] = '\0';
	assert_loads(0, large);
}

/* The first line that is none. */
static void assert_no_text_in(unsigned wanted)
{
	char *text = NULL;
	unsigned line = 0;

	assert_int_equal(inifile_load(path, &text, &line), -EILSEQ);
	assert_int_equal(line, wanted);
	assert_null(text);
}

static void test_no_text(void **state)
{
	static const char large[INIFILE_BYTES_MAX + 1] = "#";

	(void)state;
	write_file("a\0b", 3);
	assert_no_text_in(1);
	write_file("a = 가\nb = \xff\n\xff", 15);
	assert_no_text_in(2);
	write_file("\n\na = \xea\xb0", 8); /* cut short */
	assert_no_text_in(3);
	write_file(large, sizeof(large));
	assert_loads(-EFBIG, NULL);
	remove(path);
	assert_loads(-ENOENT, NULL);
}

static void test_no_file(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_loads(-EISDIR, NULL);
	assert_int_equal(remove(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_loads(-EINVAL, NULL);
	assert_int_equal(remove(path), 0);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_loads(-EINVAL, NULL);
	assert_int_equal(remove(path), 0);
	assert_int_equal(symlink(path, path), 0);
	assert_loads(-ELOOP, NULL);
	assert_int_equal(remove(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),   cmocka_unit_test(test_comments), cmocka_unit_test(test_mistakes), cmocka_unit_test(test_long_section),
		cmocka_unit_test(test_text),    cmocka_unit_test(test_no_text),  cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
