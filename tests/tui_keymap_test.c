/* Keys of a person's own: what a binding takes, what it is refused for, and that every screen goes by it. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/message.h"
#include "base/utf8.h"
#include "tui/keymap_private.h"
#include "tui_scene.h"

static struct keymap k;
static struct text told;

static int start(void **state)
{
	(void)state;
	keymap_init(&k);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	text_fini(&told);
	return 0;
}

static int bind_in(unsigned file, unsigned line, const char *action, const char *keys)
{
	text_clear(&told);
	return keymap_bind(&k, action, keys, (struct keymap_place){.file = file, .line = line}, &told);
}

static void assert_bound(unsigned file, unsigned line, const char *action, const char *keys)
{
	assert_int_equal(bind_in(file, line, action, keys), 0);
	assert_string_equal(text_string(&told), "");
}

static void assert_refused(const char *action, const char *keys, const char *why)
{
	const struct keymap before = k;

	assert_int_equal(bind_in(1, 1, action, keys), -EINVAL);
	assert_string_equal(text_string(&told), why);
	assert_memory_equal(&before, &k, sizeof(k));
}

static void assert_keys(enum action action, const char *keys)
{
	char names[KEYMAP_NAMES_ROOM];

	assert_string_equal(keymap_names(&k, action, names), keys);
}

static void test_every_key_has_a_name(void **state)
{
	char name[KEY_NAME_ROOM];

	(void)state;
	for (unsigned key = 1; key < NAMED_KEY_NONE + 40; key++) {
		if ((key >= 0xd800 && key < 0xe000) || key == UTF8_INVALID || key == NAMED_KEY_NONE || key > NAMED_KEY_BACK_TAB)
			continue;
		key_to_name(key, name);
		assert_int_equal(key_from_name(name, strlen(name)), key);
	}
	assert_string_equal(key_to_name(';', name), "Semicolon");
	assert_string_equal(key_to_name(12, name), "Ctrl-L");
	assert_string_equal(key_to_name('p', name), "p");
	assert_string_equal(key_to_name(NAMED_KEY_BACK_TAB, name), "Shift-Tab");
	assert_int_equal(key_from_name("Ctrl-1", 6), KEY_CODE_NONE);
}

static void test_a_binding_replaces(void **state)
{
	(void)state;
	assert_bound(1, 3, "pause", "p \t P");
	assert_keys(ACTION_PAUSE, "p P");
	assert_int_equal(keymap_action(&k, 'p'), ACTION_PAUSE);
	assert_int_equal(keymap_action(&k, ' '), ACTION_NONE);
	assert_bound(1, 4, "panel", "");
	assert_keys(ACTION_PANEL, "");
	assert_int_equal(keymap_action(&k, 'v'), ACTION_NONE);
	assert_bound(2, 1, "pause", "x x X");
	assert_keys(ACTION_PAUSE, "x X");
}

static void test_what_is_written_takes_from_what_is_built_in(void **state)
{
	(void)state;
	assert_bound(1, 1, "pause", "v q");
	assert_keys(ACTION_PANEL, "F8");
	assert_keys(ACTION_QUIT, "F10");
	assert_bound(1, 2, "panel", "Space"); /* the two have changed places */
	assert_int_equal(keymap_action(&k, ' '), ACTION_PANEL);
	assert_bound(2, 9, "step", "v"); /* a stronger file */
	assert_keys(ACTION_PAUSE, "q");
}

static void test_twice_in_one_file_is_told_with_both_places(void **state)
{
	(void)state;
	assert_bound(1, 3, "pause", "p");
	assert_int_equal(bind_in(1, 7, "step", "p x"), 0);
	assert_string_equal(text_string(&told), "takes 'p' from 'pause' in line 3");
	assert_keys(ACTION_PAUSE, "");
	assert_keys(ACTION_STEP, "p x");
	assert_bound(1, 8, "live", "y");
	assert_int_equal(bind_in(1, 9, "clock", "y x"), 0);
	assert_string_equal(text_string(&told), "takes 'y' from 'live' in line 8; takes 'x' from 'step' in line 7");
}

static void test_refused(void **state)
{
	(void)state;
	assert_refused("paws", "p", "there is no such action; did you mean 'pause'?");
	assert_refused("make-coffee", "p", "there is no such action");
	assert_refused("", "p", "there is no such action");
	assert_refused("pause", "p Foo", "'Foo' is no key");
	assert_refused("pause", "F13", "'F13' is no key");
	assert_refused("pause", "Ctrl-1", "'Ctrl-1' is no key");
	assert_refused("pause", "버", "'버' is no key"); /* two keys */
	assert_refused("pause", "\xe2\x80\x8b", "'\xe2\x80\x8b' is no key");
	assert_refused("pause", "\x1b", "'\x1b' only ever goes back");
	assert_refused("pause", "\xc2\x85", "'\xc2\x85' is no key");
	assert_refused("pause", "Esc", "'Esc' only ever goes back");
	assert_refused("pause", "Ctrl-[", "'Ctrl-[' only ever goes back");
	assert_refused("pause", "Ctrl-C", "'Ctrl-C' is the terminal's own");
	assert_refused("quit", "q ctrl-z", "'ctrl-z' is the terminal's own");
	assert_refused("pause", "a b c d e i l", "more than 6 keys");
	assert_refused("back", "a b c d e i", "more than 6 keys"); /* with Esc */
}

/* As a terminal sends them. */
static void test_keys_that_are_the_same(void **state)
{
	(void)state;
	assert_bound(1, 1, "pause", "ㅔ Ctrl-J Ctrl-H Ctrl-I");
	assert_keys(ACTION_PAUSE, "p Enter Backspace Tab");
	assert_keys(ACTION_OPEN, "");
}

static void test_escape_stays(void **state)
{
	(void)state;
	assert_bound(1, 1, "back", "b");
	assert_keys(ACTION_BACK, "b Esc");
	assert_bound(1, 1, "back", "Esc Backspace");
	assert_keys(ACTION_BACK, "Esc Backspace");
	assert_int_equal(bind_in(1, 1, "back", " "), 0);
	assert_string_equal(text_string(&told), "'Esc' always goes back");
	assert_keys(ACTION_BACK, "Esc");
}

static void assert_mended(const char *action, unsigned line, const char *what)
{
	struct keymap_place place;
	const char *name = "";

	text_clear(&told);
	assert_true(keymap_mend(&k, &name, &place, &told));
	assert_string_equal(name, action);
	assert_int_equal(place.line, line);
	assert_string_equal(text_string(&told), what);
}

static void assert_whole(void)
{
	struct keymap_place place;
	const char *name;

	assert_false(keymap_mend(&k, &name, &place, &told));
}

static void test_help_and_quit_keep_a_key(void **state)
{
	(void)state;
	assert_whole();
	assert_bound(1, 2, "help", "");
	assert_bound(1, 3, "pause", "q F1");
	assert_bound(1, 4, "step", "F10");
	assert_mended("help", 2, "must have a key: it keeps '?'");
	assert_keys(ACTION_HELP, "? h");
	assert_mended("quit", 4, "takes 'q' from 'pause' in line 3; must have a key: it keeps 'q'");
	assert_keys(ACTION_QUIT, "q");
	assert_whole();
	assert_bound(1, 9, "quit", "Q"); /* not built in, but a key */
	assert_whole();
}

/* Help and quit cannot take from each other without end. */
static void test_mending_ends(void **state)
{
	(void)state;
	assert_bound(1, 1, "help", "q F10");
	assert_bound(1, 2, "quit", "F1 ? h");
	assert_whole();
	assert_bound(1, 3, "quit", "");
	assert_mended("quit", 3, "takes 'q' from 'help' in line 1; must have a key: it keeps 'q'");
	assert_whole();
	keymap_init(&k);
	assert_bound(1, 1, "help", "q");
	assert_bound(1, 2, "pause", "F10");
	assert_bound(1, 3, "quit", "");
	assert_mended("quit", 3, "takes 'q' from 'help' in line 1; must have a key: it keeps 'q'");
	assert_mended("help", 3, "must have a key: it keeps 'F1'");
	assert_whole();
}

/* The whole as lines, taken line by line, is the same again, in whatever order it came to be. */
static void test_lines(void **state)
{
	struct keymap again;
	struct keymap_line line;
	unsigned count = 0;

	(void)state;
	assert_bound(1, 1, "pause", "v Semicolon # = : '");
	assert_bound(1, 2, "panel", "Space");
	assert_bound(1, 3, "top", "");
	assert_bound(1, 4, "back", "\" Esc b");
	keymap_init(&again);
	for (; keymap_line(&k, count, &line); count++) {
		text_clear(&told);
		assert_int_equal(keymap_bind(&again, line.action, line.keys, (struct keymap_place){.file = 1, .line = count + 1}, &told), 0);
		assert_string_equal(text_string(&told), "");
	}
	assert_int_equal(count, ACTION_COUNT - 1);
	for (unsigned i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
		assert_int_equal(k.actions[i].count, again.actions[i].count);
		assert_memory_equal(k.actions[i].keys, again.actions[i].keys, k.actions[i].count * sizeof(unsigned));
	}
	assert_int_equal(k.actions[ACTION_PAUSE].place.line, 1);
}

/* ---- on the screens ---- */

#define ROWS 30
#define COLUMNS 100

static void test_screens_go_by_it(void **state)
{
	static struct stage t;
	const char *picture;

	(void)state;
	assert_bound(1, 1, "pause", "p");
	assert_bound(1, 2, "open", "");
	assert_bound(1, 3, "help", "F5 h");
	assert_bound(1, 4, "list", "9");
	assert_bound(1, 5, "sort", "Shift-Tab Backspace F12");
	stage_start(&t, &glyphs_ascii);
	t.ui.keymap = k;
	scene_office(&t.scene);
	stage_play_ms(&t, 1000, ROWS, COLUMNS);
	picture = stage_paint(&t, ROWS, COLUMNS);
	assert_non_null(strstr(picture, " p Pause "));
	assert_non_null(strstr(picture, " F5 Help "));
	assert_non_null(strstr(picture, " 9 List "));
	assert_null(strstr(picture, "Space Pause"));
	assert_null(strstr(picture, "Enter Ladder"));
	stage_keys(&t, "Space Enter F1", ROWS, COLUMNS);
	assert_false(t.ui.paused);
	assert_ptr_equal(ui_top(&t.ui), &view_list);
	stage_keys(&t, "p", ROWS, COLUMNS);
	assert_true(t.ui.paused);
	stage_keys(&t, "ㅔ", ROWS, COLUMNS); /* the same key in Hangul mode */
	assert_false(t.ui.paused);
	stage_keys(&t, "페", ROWS, COLUMNS); /* v and p: the panel goes, and it pauses */
	assert_true(t.ui.paused && t.ui.panel_hidden);
	picture = stage_keys(&t, "F5", ROWS, COLUMNS);
	assert_ptr_equal(ui_top(&t.ui), &view_help);
	assert_non_null(strstr(stage_keys(&t, "/ t h i s Space p a g e", ROWS, COLUMNS), "F5 h "));
	picture = stage_keys(&t, "Esc / s o r t e d", ROWS, COLUMNS);
	assert_non_null(strstr(picture, "Shift-Tab ")); /* as far as there is room */
	for (unsigned i = 0; i < HELP_ENTRIES_MAX; i++)
		assert_int_not_equal(t.ui.help.entries[i].action, ACTION_OPEN);
	stage_keys(&t, "Enter", ROWS, COLUMNS);
	stage_keys(&t, "9", ROWS, COLUMNS);
	assert_ptr_equal(ui_top(&t.ui), &view_list);
	stage_end(&t);
}

static void test_first_look_of_the_list(void **state)
{
	const struct screen_config config = {.panel_hidden = true, .sorted = true, .sort = LIST_PEER, .inverted = true, .keymap = &k};
	struct ui ui;
	struct scene scene;

	(void)state;
	assert_bound(1, 1, "pause", "p");
	scene_start(&scene);
	ui_init(&ui, scene.model, &config);
	assert_true(ui.panel_hidden);
	assert_int_equal(ui.list.sort, LIST_PEER);
	assert_true(ui.list.inverted);
	assert_false(ui.list.warnings_first);
	ui_key(&ui, 'p', 0);
	assert_true(ui.paused);
	ui_fini(&ui);
	scene_end(&scene);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(test_every_key_has_a_name),
		TEST(test_a_binding_replaces),
		TEST(test_what_is_written_takes_from_what_is_built_in),
		TEST(test_twice_in_one_file_is_told_with_both_places),
		TEST(test_refused),
		TEST(test_keys_that_are_the_same),
		TEST(test_escape_stays),
		TEST(test_help_and_quit_keep_a_key),
		TEST(test_mending_ends),
		TEST(test_lines),
		TEST(test_screens_go_by_it),
		TEST(test_first_look_of_the_list),
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
