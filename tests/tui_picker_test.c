/* The picker of themes: trying on, keeping, going back, mistakes, the mouse. No terminal, but everything up to it. */
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
#include "tui_scene.h"

#define ROWS 30
#define COLUMNS 100

static char home[] = "/tmp/synfin-picker-test-XXXXXX";

static void in_home(char path[128], const char *name)
{
	snprintf(path, 128, "%s/%s", home, name);
}

static void write_theme(const char *name, const char *content)
{
	char path[128];
	FILE *f;

	in_home(path, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(content, f);
	fclose(f);
}

static int make_home(void **state)
{
	char path[128];

	(void)state;
	assert_non_null(mkdtemp(home));
	in_home(path, "synfin");
	mkdir(path, 0700);
	in_home(path, "synfin/themes");
	mkdir(path, 0700);
	write_theme("synfin/themes/mine.theme", "[theme]\ndescription = as I like it\n[roles]\ntext = red\n");
	write_theme("synfin/themes/broken.theme", "[roles]\ntext = rde\n");
	setenv("XDG_CONFIG_HOME", home, 1);
	return 0;
}

static int remove_home(void **state)
{
	static const char *const names[] = {"synfin/themes/mine.theme", "synfin/themes/broken.theme", "synfin/themes/aaa.theme", "synfin/themes", "synfin", ""};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		in_home(path, names[i]);
		remove(path);
	}
	return 0;
}

static int start(void **state)
{
	static struct stage t;

	stage_start(&t, &glyphs_ascii);
	scene_office(&t.scene);
	stage_play_ms(&t, 1000, ROWS, COLUMNS);
	*state = &t;
	return 0;
}

static int stop(void **state)
{
	stage_end(*state);
	return 0;
}

static const char *keys(struct stage *t, const char *names)
{
	return stage_keys(t, names, ROWS, COLUMNS);
}

static bool shows(const char *picture, const char *words)
{
	return strstr(picture, words) != NULL;
}

static unsigned row_of(const char *picture, const char *words)
{
	const char *found = strstr(picture, words);
	unsigned row = 0;

	assert_non_null(found);
	for (; picture < found; picture++)
		row += *picture == '\n';
	return row;
}

static void test_it_begins_where_one_is(void **state)
{
	struct stage *t = *state;
	const char *picture = keys(t, "T");

	assert_true(shows(picture, "+- Themes -"));
	assert_true(shows(picture, ">* dark"));
	assert_true(shows(picture, "  mine                    yours"));
	assert_true(shows(picture, "! broken                  yours"));
	assert_true(shows(picture, "your terminal's own colours"));
	assert_false(t->ui.retheme);
	assert_true(shows(picture, " 1 List ")); /* the screen is there beside it */
}

static void test_trying_on_and_keeping(void **state)
{
	struct stage *t = *state;

	keys(t, "T Down");
	assert_true(t->ui.retheme);
	assert_string_equal(t->ui.theme.name, "dracula");
	assert_int_equal(t->ui.theme.roles[ROLE_TEXT].ground.direct, 0x282a36);
	t->ui.retheme = false;
	assert_true(shows(keys(t, "Enter"), "theme dracula until you quit; from the start: synfin --theme dracula"));
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "- Themes -"));
	assert_string_equal(t->ui.theme.name, "dracula");
	assert_string_equal(t->ui.theme_name, "dracula");
	assert_true(shows(keys(t, "T"), ">* dracula"));
}

static void test_escape_restores(void **state)
{
	struct stage *t = *state;

	keys(t, "T Down Down Down");
	assert_string_equal(t->ui.theme.name, "high-contrast");
	t->ui.retheme = false;
	assert_true(shows(keys(t, "Esc"), " 1 List "));
	assert_true(t->ui.retheme);
	assert_string_equal(t->ui.theme.name, "dark");
	assert_string_equal(t->ui.theme_name, "dark");
	keys(t, "T End T"); /* so does the key that opened it */
	assert_string_equal(t->ui.theme.name, "dark");
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "- Themes -"));
}

static void test_one_with_a_mistake_cannot_be_chosen(void **state)
{
	struct stage *t = *state;
	const char *picture = keys(t, "T Home Down");

	picture = keys(t, "Up");
	assert_string_equal(t->ui.theme.name, "catppuccin-mocha");
	t->ui.retheme = false;
	ui_click(&t->ui, row_of(picture, "! broken"), 70, t->scene.now_ns);
	picture = stage_paint(t, ROWS, COLUMNS);
	assert_true(shows(picture, "broken.theme:2: text: neither a"));
	assert_false(t->ui.retheme); /* the screen stays as it is */
	picture = keys(t, "Enter");
	assert_true(shows(picture, "a theme with mistakes cannot be chosen"));
	assert_true(shows(picture, "- Themes -"));
	keys(t, "Esc");
	assert_string_equal(t->ui.theme.name, "dark");
}

static void test_mouse(void **state)
{
	struct stage *t = *state;
	const char *picture = keys(t, "T");

	ui_click(&t->ui, row_of(picture, "  nord "), 70, t->scene.now_ns);
	assert_string_equal(t->ui.theme.name, "nord");
	picture = stage_paint(t, ROWS, COLUMNS);
	assert_true(shows(picture, "- Themes -"));
	ui_click(&t->ui, row_of(picture, "  nord "), 10, t->scene.now_ns); /* beside the box: nothing */
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "- Themes -"));
	ui_wheel(&t->ui, 1, t->scene.now_ns);
	assert_string_equal(t->ui.theme.name, "solarized-dark");
	ui_wheel(&t->ui, -1, t->scene.now_ns);
	ui_click(&t->ui, row_of(picture, "  nord "), 70, t->scene.now_ns);
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "- Themes -"));
	assert_string_equal(t->ui.theme_name, "nord");
	keys(t, "T Down");
	stage_play_ms(t, UI_NOTICE_NS / 1000000 + 1000, ROWS, COLUMNS);
	ui_click(&t->ui, ROWS - 1, 14, t->scene.now_ns); /* "Esc As before" */
	assert_string_equal(t->ui.theme_name, "nord");
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "- Themes -"));
}

/* The list below goes on: it is what the theme is tried on. */
static void test_the_screen_goes_on(void **state)
{
	struct stage *t = *state;

	keys(t, "T");
	scene_curl(&t->scene, 100);
	stage_play_ms(t, 600, ROWS, COLUMNS);
	assert_int_equal(t->ui.panel.conn, 100);
	assert_true(ui_moves(&t->ui));
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "curl[4821]"));
}

/* Those that have come since are there when it is opened again. */
static void test_new_files(void **state)
{
	struct stage *t = *state;
	char path[128];

	assert_false(shows(keys(t, "T"), "aaa"));
	write_theme("synfin/themes/aaa.theme", "[roles]\ntext = blue\n");
	assert_true(shows(keys(t, "Esc T Home"), ">  aaa"));
	assert_int_equal(t->ui.theme.roles[ROLE_TEXT].fore.named, 4);
	in_home(path, "synfin/themes/aaa.theme");
	remove(path);
}

static void test_every_size(void **state)
{
	struct stage *t = *state;

	keys(t, "T");
	for (unsigned rows = 1; rows < 44; rows += rows < 28 ? 1 : 5)
		for (unsigned columns = 1; columns < 160; columns += columns < 50 ? 3 : 17) {
			const char *picture = stage_keys(t, rows % 2 ? "Down" : "PgDn", rows, columns);

			if (rows >= FRAME_LEAST_ROWS && columns >= FRAME_LEAST_COLUMNS)
				assert_true(shows(picture, "| >")); /* the cursor is in sight */
			if (rows % 7 == 0)
				stage_keys(t, "Home", rows, columns);
		}
}

/* Another screen is gone to, by its key or through help: what was only tried on is taken off. */
static void test_left_for_another_screen(void **state)
{
	struct stage *t = *state;
	char before[THEME_NAME_ROOM];

	snprintf(before, sizeof(before), "%s", t->ui.theme_name);
	stage_keys(t, "T Down Down", ROWS, COLUMNS);
	assert_string_not_equal(t->ui.theme_name, before);
	stage_keys(t, "4", ROWS, COLUMNS);
	assert_string_equal(t->ui.theme_name, before);
	stage_keys(t, "T Down F1 1", ROWS, COLUMNS);
	assert_string_equal(t->ui.theme_name, before);
}

/* The tabs below an open box cannot be clicked through it. */
static void test_nothing_is_clicked_through_it(void **state)
{
	struct stage *t = *state;
	uint8_t action;

	stage_keys(t, "T", 24, 40);
	for (unsigned row = 0; row + 1 < 24; row++)
		for (unsigned column = 0; column < 40; column++)
			assert_false(hot_spots_find(&t->ui.spots, row, column, &action));
	stage_keys(t, "Esc", 24, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_it_begins_where_one_is),
		TEST(test_trying_on_and_keeping),
		TEST(test_escape_restores),
		TEST(test_one_with_a_mistake_cannot_be_chosen),
		TEST(test_mouse),
		TEST(test_the_screen_goes_on),
		TEST(test_left_for_another_screen),
		TEST(test_nothing_is_clicked_through_it),
		TEST(test_new_files),
		TEST(test_every_size),
#undef TEST
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, make_home, remove_home);
}
