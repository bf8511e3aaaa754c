/*
 * The Help screen and the picker of themes as golden pictures, at three sizes or four and with both sets of glyphs. Built
 * once for each language.
 */
#include "config.h"

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
#include "golden.h"
#include "tui_scene.h"

static const struct {
	unsigned rows, columns;
} sizes[] = {{24, 80}, {12, 40}, {60, 200}, {30, 100}};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* What a person sees after these keys. */
static void check_screens(const char *name, const char *keys)
{
	for (size_t i = 0; i < SIZES; i++)
		for (int ascii = 0; ascii < 2; ascii++) {
			struct stage t;
			char file[96];

			stage_start(&t, ascii ? &glyphs_ascii : &glyphs_unicode);
			snprintf(file, sizeof(file), "tui_%s%s_%ux%u%s.txt", name, LANGUAGE[0] == 'e' ? "" : "_" LANGUAGE, sizes[i].columns, sizes[i].rows,
				 ascii ? "_ascii" : "");
			scene_office(&t.scene);
			scene_curl(&t.scene, 100);
			stage_play_ms(&t, 1000, sizes[i].rows, sizes[i].columns);
			golden_check(file, stage_keys(&t, keys, sizes[i].rows, sizes[i].columns));
			stage_end(&t);
		}
}

static void test_help(void **state)
{
	(void)state;
	check_screens("help", "F1");
}

static void test_help_of_ladder(void **state)
{
	(void)state;
	check_screens("help_ladder", "j Enter F1 PgDn");
}

static void test_help_narrowed(void **state)
{
	(void)state;
	check_screens("help_narrowed", "F1 / L a d d e r");
}

static void test_themes(void **state)
{
	(void)state;
	check_screens("themes", "T");
}

/* One of the person's own that has a mistake. */
static void test_themes_mistake(void **state)
{
	(void)state;
	check_screens("themes_mistake", "T j j j j j");
}

static char home[] = "/tmp/synfin-help-golden-XXXXXX";

static void in_home(char path[128], const char *name)
{
	snprintf(path, 128, "%s/%s", home, name);
}

static int make_home(void **state)
{
	char path[128];
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(home));
	in_home(path, "synfin");
	assert_int_equal(mkdir(path, 0700), 0);
	in_home(path, "synfin/themes");
	assert_int_equal(mkdir(path, 0700), 0);
	in_home(path, "synfin/themes/mine.theme");
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("[roles]\nwarning = rde\n", f);
	fclose(f);
	setenv("XDG_CONFIG_HOME", home, 1);
	return 0;
}

static int remove_home(void **state)
{
	static const char *const names[] = {"synfin/themes/mine.theme", "synfin/themes", "synfin", ""};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		in_home(path, names[i]);
		remove(path);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_help),   cmocka_unit_test(test_help_of_ladder),   cmocka_unit_test(test_help_narrowed),
		cmocka_unit_test(test_themes), cmocka_unit_test(test_themes_mistake),
	};
	const char *top = getenv("top_builddir");
	char catalogues[4096];

	snprintf(catalogues, sizeof(catalogues), "%s/share/locale", top ? top : ".");
	if (message_init(LANGUAGE, catalogues) != 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, make_home, remove_home);
}
