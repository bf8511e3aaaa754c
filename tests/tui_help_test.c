/* The Help screen: what comes first, looking for words, and clicks. No terminal, but everything up to it. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/message.h"
#include "tui/key.h"
#include "tui_scene.h"

#define ROWS 30
#define COLUMNS 80

static int start(void **state)
{
	static struct stage t;

	stage_start(&t, &glyphs_ascii);
	scene_office(&t.scene);
	scene_curl(&t.scene, 100);
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

/* The row on the screen where these words are. */
static unsigned row_of(const char *picture, const char *words)
{
	const char *found = strstr(picture, words);
	unsigned row = 0;

	assert_non_null(found);
	for (; picture < found; picture++)
		row += *picture == '\n';
	return row;
}

/* First the screen's own group; no action is there twice, and none is left out. */
static void test_context_comes_first(void **state)
{
	struct stage *t = *state;
	const char *picture = keys(t, "F1");

	assert_int_equal(row_of(picture, "\n List\n") + 1, 2);
	assert_true(row_of(picture, "what happens next; again: the newest") < row_of(picture, "\n Screens\n"));
	picture = keys(t, "Esc Enter F1");
	assert_int_equal(row_of(picture, "\n Ladder\n") + 1, 2);
	assert_true(row_of(picture, "one step of the ladder back") < row_of(picture, "\n Screens\n"));
	picture = keys(t, "Esc T F1");
	assert_int_equal(row_of(picture, "\n Themes\n") + 1, 2);
}

static void test_every_action_is_there_once(void **state)
{
	static const char *const from[] = {"F1", "Esc Enter F1", "Esc T F1"};
	struct stage *t = *state;

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		unsigned counts[ACTION_COUNT] = {0};

		keys(t, from[i]);
		for (unsigned e = 0; e < HELP_ENTRIES_MAX && t->ui.help.entries[e].action; e++)
			counts[t->ui.help.entries[e].action]++;
		for (unsigned a = ACTION_NONE + 1; a < ACTION_COUNT; a++)
			if (counts[a] != 1)
				fail_msg("%s is there %u times after %s", action_info((enum action)a)->name, counts[a], from[i]);
	}
}

static void test_it_scrolls(void **state)
{
	struct stage *t = *state;
	const char *picture = stage_keys(t, "F1", 12, 40);

	assert_true(shows(picture, "\n List\n"));
	picture = stage_keys(t, "End", 12, 40);
	assert_true(shows(picture, "--all-netns"));
	assert_false(shows(picture, "\n List\n"));
	assert_true(shows(stage_keys(t, "Home", 12, 40), "\n List\n"));
	stage_keys(t, "PgDn PgDn PgDn PgDn PgDn PgUp Up Down", 12, 40);
	assert_true(shows(stage_paint(t, 60, 200), "\n List ")); /* no further than there is something */
	keys(t, "Esc");
	ui_key(&t->ui, NAMED_KEY_F1, t->scene.now_ns); /* in one go */
	assert_true(shows(keys(t, "End"), "--all-netns"));
}

static void test_search(void **state)
{
	struct stage *t = *state;

	assert_true(shows(keys(t, "F1 /"), "\n Search:\n"));
	assert_true(shows(keys(t, "l o s t"), "Search: lost"));
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "lost: notices"));
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "search the rows for a text"));
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "found: "));
	assert_false(t->ui.quit);
	keys(t, "q"); /* is a letter here */
	assert_false(t->ui.quit);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "No line of the help has these words."));
	assert_true(shows(keys(t, "Backspace Enter"), "lost: notices")); /* what was found stays */
	assert_false(shows(stage_paint(t, ROWS, COLUMNS), "\n Search:"));
	assert_true(shows(keys(t, "Esc"), "search the rows for a text")); /* Esc first leaves the search */
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "- Help -"));
	assert_true(shows(keys(t, "Esc"), " 1 List "));
	assert_true(shows(keys(t, "F1"), "search the rows for a text"));
}

static void test_escape_while_typing(void **state)
{
	struct stage *t = *state;

	assert_false(shows(keys(t, "F1 / l o s t"), "search the rows for a text"));
	assert_true(shows(keys(t, "Esc"), "search the rows for a text"));
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "- Help -"));
	keys(t, "F3 s t e p PgDn Up Down");
	ui_wheel(&t->ui, 2, t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "one step of the ladder back"));
	assert_true(shows(keys(t, "F1"), " 1 List ")); /* the key for help leaves all of it */
	assert_true(shows(keys(t, "F1"), "search the rows for a text"));
}

static void test_search_takes_what_is_pasted(void **state)
{
	struct stage *t = *state;

	keys(t, "F1 /");
	for (const char *c = "SORT by"; *c; c++)
		ui_pasted(&t->ui, (unsigned char)*c, t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "Search: SORT by"));
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "choose what the list is sorted by"));
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "found: 1"));
}

static void test_a_click_does_it(void **state)
{
	struct stage *t = *state;
	const char *picture = keys(t, "F1");

	ui_click(&t->ui, row_of(picture, "show or hide the live ladder"), 20, t->scene.now_ns);
	assert_true(t->ui.panel_hidden);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), " 1 List "));
	picture = keys(t, "F1 / t h e Space l a d d e r Space o f");
	ui_click(&t->ui, row_of(picture, "the ladder of this connection"), 20, t->scene.now_ns); /* while words are typed, too */
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "- Ladder "));
	picture = keys(t, "F1");
	ui_click(&t->ui, row_of(picture, "\n Ladder\n") + 1, 3, t->scene.now_ns); /* headings do nothing */
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "- Help -"));
	ui_click(&t->ui, row_of(picture, "back to the screen before"), 20, t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "- Ladder "));
	picture = keys(t, "F1");
	ui_click(&t->ui, row_of(picture, "leave synfin"), 20, t->scene.now_ns);
	assert_true(t->ui.quit);
}

static void test_every_size(void **state)
{
	static const char *const ways[] = {"F1", "/ t", "Enter", "Esc"};
	struct stage *t = *state;

	for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
		keys(t, ways[w]);
		for (unsigned rows = 1; rows < 44; rows += rows < 28 ? 1 : 5)
			for (unsigned columns = 1; columns < 220; columns += columns < 50 ? 3 : 17) {
				stage_paint(t, rows, columns);
				ui_click(&t->ui, rows > 3 ? 1 : 0, columns / 2, t->scene.now_ns);
			}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_context_comes_first),
		TEST(test_every_action_is_there_once),
		TEST(test_it_scrolls),
		TEST(test_search),
		TEST(test_escape_while_typing),
		TEST(test_search_takes_what_is_pasted),
		TEST(test_a_click_does_it),
		TEST(test_every_size),
#undef TEST
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
