/*
 * Themes: every one shipped says how every role looks; mistakes are told with file, line and key; names that are not
 * there are told with those that are.
 */
#include "config.h"

#include <dirent.h>
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

#include "base/message.h"
#include "tui/theme.h"

static char home[] = "/tmp/synfin-theme-test-XXXXXX";

static void path_of(const char *name, struct text *path)
{
	text_clear(path);
	text_addf(path, "%s/synfin/themes/%s.theme", home, name);
}

static void write_theme(const char *name, const char *content)
{
	struct text path = {0};
	FILE *f;

	path_of(name, &path);
	f = fopen(text_string(&path), "w");
	assert_non_null(f);
	fputs(content, f);
	fclose(f);
	text_fini(&path);
}

static int make_home(void **state)
{
	struct text dir = {0};

	(void)state;
	assert_non_null(mkdtemp(home));
	text_addf(&dir, "%s/synfin", home);
	mkdir(text_string(&dir), 0700);
	text_add(&dir, "/themes");
	mkdir(text_string(&dir), 0700);
	text_fini(&dir);
	setenv("XDG_CONFIG_HOME", home, 1);
	return 0;
}

static int remove_home(void **state)
{
	static const char *const names[] = {"synfin/themes/mine.theme", "synfin/themes/dark.theme", "synfin/themes", "synfin", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct text path = {0};

		text_addf(&path, "%s/%s", home, names[i]);
		remove(text_string(&path));
		text_fini(&path);
	}
	return 0;
}

static void assert_complete(const struct theme *t, const char *file)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (!t->roles[i].given)
			fail_msg("%s says nothing of %s", file, role_name((enum role)i));
}

static void test_shipped_themes_are_complete(void **state)
{
	const char *top = getenv("top_srcdir");
	struct text dir = {0}, path = {0}, error = {0};
	const struct dirent *entry;
	unsigned count = 0;
	DIR *d;

	(void)state;
	text_addf(&dir, "%s/themes", top ? top : ".");
	d = opendir(text_string(&dir));
	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		struct theme t;
		char name[300];

		if (!strstr(entry->d_name, ".theme"))
			continue;
		text_clear(&path);
		text_addf(&path, "%s/%s", text_string(&dir), entry->d_name);
		if (theme_read(&t, text_string(&path), &error))
			fail_msg("%s", text_string(&error));
		snprintf(name, sizeof(name), "%s.theme", t.name);
		assert_string_equal(name, entry->d_name);
		count++;
	}
	closedir(d);
	assert_true(count >= 2);
	text_fini(&dir);
	text_fini(&path);
	text_fini(&error);
}

/*
 * theme_read() starts from the built-in theme: so that one has to be complete by itself, and the others are compared
 * as files.
 */
static void test_each_file_names_every_role(void **state)
{
	static const char *const names[] = {"dark", "light"};
	const char *top = getenv("top_srcdir");

	(void)state;
	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		struct text path = {0}, content = {0};
		char part[1024];
		size_t got;
		FILE *f;

		text_addf(&path, "%s/themes/%s.theme", top ? top : ".", names[n]);
		f = fopen(text_string(&path), "r");
		assert_non_null(f);
		while ((got = fread(part, 1, sizeof(part), f)) > 0)
			text_add_bytes(&content, part, got);
		fclose(f);
		for (unsigned i = 0; i < ROLE_COUNT; i++) {
			struct text line = {0};

			text_addf(&line, "\n%s = ", role_name((enum role)i));
			if (!strstr(text_string(&content), text_string(&line)))
				fail_msg("%s says nothing of %s", text_string(&path), role_name((enum role)i));
			text_fini(&line);
		}
		text_fini(&path);
		text_fini(&content);
	}
}

static void test_builtin(void **state)
{
	struct theme t;

	(void)state;
	theme_set_builtin(&t);
	assert_string_equal(t.name, "dark");
	assert_complete(&t, "built-in");
}

static void test_forms_of_a_role(void **state)
{
	struct text error = {0};
	struct theme t;

	(void)state;
	write_theme("mine", "[theme]\nname = mine\n[roles]\nwarning = bright-red , 214,#ffaf00, on blue, on 17, on #000040, bold,underline\n"
			    "text = default\n# a comment\ndim = dim\n");
	assert_int_equal(theme_load(&t, "mine", &error), 0);
	assert_string_equal(t.name, "mine");
	assert_int_equal(t.roles[ROLE_WARNING].fore.named, 9);
	assert_int_equal(t.roles[ROLE_WARNING].fore.indexed, 214);
	assert_int_equal(t.roles[ROLE_WARNING].fore.direct, 0xffaf00);
	assert_int_equal(t.roles[ROLE_WARNING].ground.named, 4);
	assert_int_equal(t.roles[ROLE_WARNING].ground.indexed, 17);
	assert_int_equal(t.roles[ROLE_WARNING].ground.direct, 0x40);
	assert_int_equal(t.roles[ROLE_WARNING].attributes, THEME_BOLD | THEME_UNDERLINE);
	assert_int_equal(t.roles[ROLE_TEXT].fore.named, COLOR_OWN);
	assert_int_equal(t.roles[ROLE_TEXT].ground.named, COLOR_NOT_GIVEN);
	assert_int_equal(t.roles[ROLE_DIM].attributes, THEME_DIM);
	assert_complete(&t, "mine"); /* the rest as built in */
	text_fini(&error);
}

static void assert_mistake(const char *content, const char *wanted)
{
	struct text error = {0}, path = {0}, full = {0};
	struct theme t;

	write_theme("mine", content);
	path_of("mine", &path);
	text_addf(&full, "%s:%s", text_string(&path), wanted);
	assert_int_equal(theme_load(&t, "mine", &error), -EINVAL);
	assert_string_equal(text_string(&error), text_string(&full));
	assert_string_equal(t.name, "dark");
	text_fini(&error);
	text_fini(&path);
	text_fini(&full);
}

static void test_mistakes(void **state)
{
	(void)state;
	assert_mistake("[roles]\n\ntext = default\nwarnung = red\n", "4: warnung: no such role");
	assert_mistake("[roles]\ntext = defalt\n", "2: text: neither a colour nor an attribute: 'defalt'");
	assert_mistake("[roles]\ntext = red,\n", "2: text: a colour or an attribute is missing");
	assert_mistake("[roles]\ntext = 256\n", "2: text: neither a colour nor an attribute: '256'");
	assert_mistake("[roles]\ntext = -1\n", "2: text: neither a colour nor an attribute: '-1'");
	assert_mistake("[roles]\ntext = #12345\n", "2: text: neither a colour nor an attribute: '#12345'");
	assert_mistake("[roles]\ntext = #12345g\n", "2: text: neither a colour nor an attribute: '#12345g'");
	assert_mistake("[roles]\ntext = on\n", "2: text: neither a colour nor an attribute: 'on'");
	assert_mistake("[roles]\ntext = on bold\n", "2: text: neither a colour nor an attribute: 'on bold'");
	assert_mistake("[roles]\ntext = \033[31m\n", "2: text: neither a colour nor an attribute: '?[31m'");
	assert_mistake("[theme]\nnome = x\n", "2: nome: no such key; [theme] knows: name");
	assert_mistake("[rules]\ntext = red\n", "2: text: no such section; there are [theme] and [roles]: 'rules'");
	assert_mistake("text = red\n", "1: text: stands before the first section; colours belong under [roles]");
	assert_mistake("[roles]\ntext = red\nnonsense\nwarning = red\n", "3: neither [section] nor key = value");
}

static void test_all_mistakes_are_told(void **state)
{
	struct text error = {0}, content = {0}, path = {0};
	struct theme t;

	(void)state;
	text_add(&content, "[roles]\n");
	for (unsigned i = 0; i < 30; i++)
		text_add(&content, i % 2 ? "tex = red\n" : "text red\n");
	write_theme("mine", text_string(&content));
	path_of("mine", &path);
	assert_int_equal(theme_load(&t, "mine", &error), -EINVAL);
	assert_non_null(strstr(text_string(&error), ".theme:2: neither [section] nor key = value\n"));
	assert_non_null(strstr(text_string(&error), ".theme:21: tex: no such role\n"));
	assert_null(strstr(text_string(&error), ".theme:22:"));
	assert_string_equal(text_string(&error) + error.len - 5, ": +10");
	text_fini(&error);
	text_fini(&content);
	text_fini(&path);
}

/* None of these may be read, or waited for. */
static void assert_refused(const char *path, const char *wanted)
{
	struct text error = {0};
	struct theme t;

	assert_true(theme_load(&t, "odd", &error) < 0);
	assert_non_null(strstr(text_string(&error), wanted));
	assert_string_equal(t.name, "dark");
	text_fini(&error);
	assert_int_equal(remove(path), 0);
}

static void test_what_is_no_file(void **state)
{
	struct text path = {0};

	(void)state;
	path_of("odd", &path);
	assert_int_equal(symlink("/dev/zero", text_string(&path)), 0);
	assert_refused(text_string(&path), "is no regular file");
	assert_int_equal(mkfifo(text_string(&path), 0600), 0);
	assert_refused(text_string(&path), "is no regular file");
	assert_int_equal(mkdir(text_string(&path), 0700), 0);
	assert_refused(text_string(&path), "is a directory");
	write_theme("odd", "");
	assert_int_equal(truncate(text_string(&path), 65 * 1024), 0);
	assert_refused(text_string(&path), "is too large for a theme");
	write_theme("odd", "");
	assert_int_equal(truncate(text_string(&path), 1024), 0);
	assert_refused(text_string(&path), "is no text");
	text_fini(&path);
}

static void test_names(void **state)
{
	struct text error = {0};
	struct theme t;

	(void)state;
	write_theme("mine", "[roles]\ntext = red\n");
	assert_int_equal(theme_load(&t, "no-such", &error), -ENOENT);
	assert_non_null(strstr(text_string(&error), "there is no theme 'no-such'; there are: dark"));
	assert_non_null(strstr(text_string(&error), "mine"));
	assert_int_equal(theme_load(&t, "../themes/mine", &error), -ENOENT);
	assert_int_equal(theme_load(&t, "", &error), -ENOENT);
	text_clear(&error);
	assert_int_equal(theme_load(&t, NULL, &error), 0);
	assert_string_equal(t.name, "dark");
	write_theme("dark", "[theme]\nname = my own dark\n"); /* the person's own goes first */
	assert_int_equal(theme_load(&t, NULL, &error), 0);
	assert_string_equal(t.name, "my own dark");
	text_fini(&error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped_themes_are_complete),
		cmocka_unit_test(test_each_file_names_every_role),
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_forms_of_a_role),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_all_mistakes_are_told),
		cmocka_unit_test(test_what_is_no_file),
		cmocka_unit_test(test_names),
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, make_home, remove_home);
}
