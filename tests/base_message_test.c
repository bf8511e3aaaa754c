/* message: which language is chosen, whatever the C library thinks of it. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/message.h"
#include "base/utf8.h"
#include "child.h"
#include "mo.h"

/* LL/LC_MESSAGES/synfin.mo for each of these; "open" is translated to the name.. */
static const char *const catalogues[] = {"ko", "pt_BR", "pt", "de@formal", "broken"};
static char dir[] = "/tmp/synfin-test-XXXXXX";

static void make_catalogue(const char *name)
{
	const struct mo_message messages[] = {{"", "Content-Type: text/plain; charset=UTF-8\n"}, {"open", name}};
	struct text path = {0}, file = {0};

	text_addf(&path, "%s/%s", dir, name);
	assert_int_equal(mkdir(text_string(&path), 0700), 0);
	text_add(&path, "/LC_MESSAGES");
	assert_int_equal(mkdir(text_string(&path), 0700), 0);
	text_add(&path, "/synfin.mo");
	mo_make(&file, messages, 2, false);
	if (!strcmp(name, "broken"))
		file.bytes[0] = 'x';
	mo_write(text_string(&path), &file);
	text_fini(&path);
	text_fini(&file);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	for (size_t i = 0; i < sizeof(catalogues) / sizeof(catalogues[0]); i++)
		make_catalogue(catalogues[i]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(catalogues) / sizeof(catalogues[0]); i++) {
		struct text path = {0};

		text_addf(&path, "%s/%s/LC_MESSAGES/synfin.mo", dir, catalogues[i]);
		unlink(path.bytes);
		*strrchr(path.bytes, '/') = '\0';
		rmdir(path.bytes);
		*strrchr(path.bytes, '/') = '\0';
		rmdir(path.bytes);
		text_fini(&path);
	}
	return rmdir(dir);
}

struct choice {
	const char *option;                                    /* --lang */
	const char *language, *lc_all, *lc_messages, *lang;    /* the environment; NULL: not set */
	const char *expected;                                  /* the language in force */
	int result;
};

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void choose(const void *context)
{
	const struct choice *c = context;

	set("LANGUAGE", c->language);
	set("LC_ALL", c->lc_all);
	set("LC_MESSAGES", c->lc_messages);
	set("LANG", c->lang);
	unsetenv("LC_CTYPE");
	child_expect_int(message_init(c->option, dir), c->result);
	child_expect_string(message_language(), c->expected);
	child_expect_string(message_get("open"), strcmp(c->expected, "en") ? c->expected : "open");
	child_expect_string(message_get("not in any catalogue"), "not in any catalogue");
	child_expect_string(message_get(""), "");
	/* Whatever the language, Hangul takes two columns. */
	child_expect_int(utf8_columns("열림"), 4);
}

static void choose_without_locales(const void *context)
{
	/* A directory that is there, and has no locales. */
	setenv("LOCPATH", dir, 1);
	choose(context);
}

static void check_choice(const struct choice *c)
{
	assert_int_equal(child_run(choose, c, NULL), 0);
	assert_int_equal(child_run(choose_without_locales, c, NULL), 0);
}
#define CHECK_CHOICE(...) check_choice(&(const struct choice){__VA_ARGS__})

static void test_option(void **state)
{
	(void)state;
	CHECK_CHOICE(.option = "ko", .lang = "C", .expected = "ko");
	CHECK_CHOICE(.option = "ko", .lang = "C.UTF-8", .expected = "ko");
	CHECK_CHOICE(.option = "ko", .lc_all = "POSIX", .expected = "ko");
	CHECK_CHOICE(.option = "ko", .language = "en", .lang = "en_US.UTF-8", .expected = "ko");
	CHECK_CHOICE(.option = "ko_KR.UTF-8", .expected = "ko");
	CHECK_CHOICE(.option = "ko_KP@x", .expected = "ko");
	CHECK_CHOICE(.option = "en", .lang = "ko_KR.UTF-8", .expected = "en");
	CHECK_CHOICE(.option = "C", .language = "ko", .expected = "en");
}

static void test_option_without_catalogue(void **state)
{
	(void)state;
	CHECK_CHOICE(.option = "xx", .lang = "ko_KR.UTF-8", .expected = "en", .result = -ENOENT);
	CHECK_CHOICE(.option = "", .lang = "ko_KR.UTF-8", .expected = "en", .result = -ENOENT);
	CHECK_CHOICE(.option = "korean", .expected = "en", .result = -ENOENT);
	CHECK_CHOICE(.option = "../ko", .expected = "en", .result = -ENOENT);
	CHECK_CHOICE(.option = "./ko", .expected = "en", .result = -ENOENT);
	CHECK_CHOICE(.option = "broken", .expected = "en", .result = -ENOENT);
	CHECK_CHOICE(.option = "ko_KR.AVeryLongCodesetNameThatIsNone", .expected = "en", .result = -ENOENT);
}

static void test_environment(void **state)
{
	(void)state;
	CHECK_CHOICE(.expected = "en");
	CHECK_CHOICE(.lang = "", .expected = "en");
	CHECK_CHOICE(.lang = "ko_KR.UTF-8", .expected = "ko");
	CHECK_CHOICE(.lang = "ko_KR", .expected = "ko");
	CHECK_CHOICE(.lang = "ko", .expected = "ko");
	CHECK_CHOICE(.lang = "C", .expected = "en");
	CHECK_CHOICE(.lang = "C.UTF-8", .expected = "en");
	CHECK_CHOICE(.lang = "POSIX", .expected = "en");
	CHECK_CHOICE(.lang = "fr_FR.UTF-8", .expected = "en");
	CHECK_CHOICE(.lc_messages = "ko_KR.UTF-8", .lang = "en_US.UTF-8", .expected = "ko");
	CHECK_CHOICE(.lc_all = "C", .lc_messages = "ko_KR.UTF-8", .lang = "ko_KR.UTF-8", .expected = "en");
	CHECK_CHOICE(.lc_all = "", .lc_messages = "", .lang = "ko_KR.UTF-8", .expected = "ko");
	CHECK_CHOICE(.lc_all = "ko_KR.UTF-8", .lang = "C", .expected = "ko");
}

static void test_language_list(void **state)
{
	(void)state;
	CHECK_CHOICE(.language = "ko", .lang = "C", .expected = "ko");
	CHECK_CHOICE(.language = "ko", .lang = "C.UTF-8", .expected = "ko");
	CHECK_CHOICE(.language = "ko:en", .expected = "ko");
	CHECK_CHOICE(.language = "en:ko", .lang = "ko_KR.UTF-8", .expected = "en");
	CHECK_CHOICE(.language = "fr:ko", .expected = "ko");
	CHECK_CHOICE(.language = "fr:broken:ko_KR.UTF-8:pt", .expected = "ko");
	CHECK_CHOICE(.language = "::ko", .expected = "ko");
	CHECK_CHOICE(.language = "../x:ko", .expected = "ko");
	CHECK_CHOICE(.language = "fr", .lang = "ko_KR.UTF-8", .expected = "en");
	CHECK_CHOICE(.language = "", .lang = "ko_KR.UTF-8", .expected = "ko");
}

static void test_variants(void **state)
{
	(void)state;
	CHECK_CHOICE(.lang = "pt_BR.UTF-8", .expected = "pt_BR");
	CHECK_CHOICE(.lang = "pt_BR.UTF-8@euro", .expected = "pt_BR");
	CHECK_CHOICE(.lang = "pt_PT.UTF-8", .expected = "pt");
	CHECK_CHOICE(.lang = "de_DE.UTF-8@formal", .expected = "de@formal");
	CHECK_CHOICE(.lang = "de_DE.UTF-8", .expected = "en");
	CHECK_CHOICE(.language = "pt_PT:ko", .expected = "pt");
}

struct terminal {
	const char *lc_all, *lc_ctype, *lang;
	bool utf8;
};

static void look_at_terminal(const void *context)
{
	const struct terminal *t = context;

	set("LC_ALL", t->lc_all);
	set("LC_CTYPE", t->lc_ctype);
	set("LANG", t->lang);
	message_init(NULL, dir);
	child_expect_int(message_terminal_is_utf8(), t->utf8);
	child_expect_int(utf8_columns("열림"), 4);
}

static void test_terminal(void **state)
{
	static const struct terminal terminals[] = {
		{.utf8 = false},
		{.lang = "C", .utf8 = false},
		{.lang = "POSIX", .utf8 = false},
		{.lang = "C.UTF-8", .utf8 = true},
		{.lang = "C.utf8", .utf8 = true},
		{.lang = "xx_XX.UTF-8", .utf8 = true},
		{.lang = "ko_KR.UTF-8@x", .utf8 = true},
		{.lang = "ko_KR.eucKR", .utf8 = false},
		{.lc_ctype = "en_US.ISO-8859-1", .lang = "C.UTF-8", .utf8 = false},
		{.lc_ctype = "C.UTF-8", .lang = "C", .utf8 = true},
		{.lc_all = "C", .lc_ctype = "C.UTF-8", .lang = "C.UTF-8", .utf8 = false},
		{.lc_all = "", .lc_ctype = "", .lang = "C.UTF-8", .utf8 = true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(terminals) / sizeof(terminals[0]); i++)
		if (child_run(look_at_terminal, &terminals[i], NULL) != 0) {
			print_message("# terminal %zu\n", i);
			fail();
		}
}

/* A language beyond ASCII, where the environment does not say that the terminal takes UTF-8. */
struct settling {
	const char *option, *lang;
	bool ascii, utf8;
	int result;
	const char *expected;
};

static void settle(const void *context)
{
	const struct settling *s = context;

	set("LC_ALL", NULL);
	set("LC_CTYPE", NULL);
	set("LANGUAGE", NULL);
	set("LANG", s->lang);
	message_init(s->option, dir);
	child_expect_int(message_settle_terminal(s->ascii), s->result);
	child_expect_int(message_terminal_is_utf8(), s->utf8);
	child_expect_string(message_language(), s->expected);
	child_expect_string(message_get("open"), strcmp(s->expected, "en") ? s->expected : "open");
}

static void test_settling(void **state)
{
	static const struct settling cases[] = {
		{.option = "ko", .lang = "C", .utf8 = true, .expected = "ko"},
		{.option = "ko", .utf8 = true, .expected = "ko"},
		{.option = "ko", .lang = "C", .ascii = true, .result = -EILSEQ, .expected = "en"},
		{.option = "ko", .lang = "ko_KR.EUC-KR", .result = -EILSEQ, .expected = "en"},
		{.lang = "ko_KR.EUC-KR", .result = -EILSEQ, .expected = "en"},
		{.option = "ko", .lang = "C.UTF-8", .ascii = true, .utf8 = true, .expected = "ko"},
		{.lang = "C", .expected = "en"},
		{.option = "en", .lang = "ko_KR.EUC-KR", .expected = "en"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (child_run(settle, &cases[i], NULL) != 0) {
			print_message("# case %zu\n", i);
			fail();
		}
}

/* The test stands in the build tree as the program does: one folder below share's. */
static void use_own_share(const void *context)
{
	(void)context;
	setenv("LANGUAGE", "ko", 1);
	child_expect_int(message_init(NULL, NULL), 0);
	child_expect_string(message_language(), "ko");
	child_expect_int(access(message_share_dir(), R_OK), 0);
	child_expect_string(strrchr(message_share_dir(), '.'), "./share");
}

static void test_own_share(void **state)
{
	(void)state;
	assert_int_equal(child_run(use_own_share, NULL, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_option),
		cmocka_unit_test(test_option_without_catalogue),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_language_list),
		cmocka_unit_test(test_variants),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_settling),
		cmocka_unit_test(test_own_share),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
