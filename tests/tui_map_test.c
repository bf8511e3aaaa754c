/* The Map screen: what keys and clicks do, and its pictures. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/message.h"
#include "golden.h"
#include "map_scene.h"

#define ROWS 24
#define COLUMNS 80

static int start(void **state)
{
	static struct stage t;

	stage_start(&t, &glyphs_ascii);
	stage_paint(&t, ROWS, COLUMNS);
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

static void test_pictures(void **state)
{
	(void)state;
	map_scene_check("");
}

/* What wears which role. */
static void test_roles(void **state)
{
	struct text roles = {0};
	struct stage t;

	(void)state;
	stage_start(&t, &glyphs_unicode);
	stage_paint(&t, 34, 100);
	map_scene(&t, 34, 100);
	canvas_roles_to_text(&t.canvas, &roles);
	golden_check("tui_map_roles.txt", text_string(&roles));
	text_fini(&roles);
	stage_end(&t);
}

static void test_enter_lists_and_escape_shows_all_again(void **state)
{
	struct stage *t = *state;
	const char *picture;

	scene_office(&t->scene);
	assert_true(shows(keys(t, "4"), ">ESTABLISHED"));
	assert_true(shows(keys(t, "Down"), ">CLOSE_WAIT"));
	picture = keys(t, "Enter");
	assert_true(shows(picture, "CLOSE_WAIT only; Esc shows all states again"));
	assert_true(shows(picture, "filter: state close-wait  4/"));
	assert_int_equal(t->ui.list.count, 4);
	picture = keys(t, "Esc");
	assert_true(shows(picture, " 1 List "));
	assert_true(shows(picture, "all states again"));
	assert_null(t->ui.filter_text);
	assert_false(ui_leave_state(&t->ui));
	keys(t, "Esc");
	assert_false(t->ui.quit);
}

/* Each box with sockets in it has a filter of its own that finds them. */
static void test_every_state_has_its_list(void **state)
{
	struct stage *t = *state;

	for (unsigned s = 1; s < STATE_COUNT; s++)
		if (s != STATE_CLOSED)
			scene_was_there(&t->scene, s, (enum tcp_state)s, "10.0.0.5:80", "10.0.0.9:5000", 5000);
	scene_swept(&t->scene);
	for (unsigned s = 1; s < STATE_COUNT; s++) {
		keys(t, "4");
		t->ui.map.selected = (uint8_t)s;
		keys(t, "Enter");
		if (s == STATE_CLOSED) {
			assert_ptr_equal(ui_top(&t->ui), &view_map);
			continue;
		}
		assert_ptr_equal(ui_top(&t->ui), &view_list);
		assert_int_equal(t->ui.list.count, 1);
		assert_int_equal(list_conn(&t->ui.list, t->scene.model, 0), s);
	}
	keys(t, "Esc");
	assert_int_equal(t->ui.list.count, STATE_LIFE_COUNT);
}

/* A filter that was there before comes back, also after several states. */
static void test_filter_before_comes_back(void **state)
{
	struct filter_error error;
	struct stage *t = *state;

	scene_office(&t->scene);
	assert_true(ui_set_filter(&t->ui, "sport = :443", &error));
	keys(t, "4 Enter 4 Down Enter");
	assert_string_equal(t->ui.filter_text, "state close-wait");
	keys(t, "Esc");
	assert_string_equal(t->ui.filter_text, "sport = :443");
	assert_false(ui_leave_state(&t->ui));
	keys(t, "4 Enter");
	assert_true(ui_set_filter(&t->ui, "dport = :22", &error)); /* another way: there is nothing to come back to */
	keys(t, "Esc");
	assert_string_equal(t->ui.filter_text, "dport = :22");
}

/* A filter that a person has typed is not taken away because the map shows the same. */
static void test_typed_filter_stays(void **state)
{
	struct stage *t = *state;
	struct filter_error error;

	assert_true(ui_set_filter(&t->ui, "state close-wait", &error));
	assert_false(ui_list_state(&t->ui, "close-wait"));
	keys(t, "Esc Esc");
	assert_string_equal(t->ui.filter_text, "state close-wait");
	/* Nor is the way back forgotten by looking at the filter's line. */
	assert_true(ui_list_state(&t->ui, "listening"));
	keys(t, "f x Esc Esc");
	assert_string_equal(t->ui.filter_text, "state close-wait");
}

static void test_mouse(void **state)
{
	struct stage *t = *state;
	const struct map_box *b = &t->ui.map.layout.boxes[STATE_TIME_WAIT];

	scene_office(&t->scene);
	keys(t, "4");
	ui_click(&t->ui, b->row + 3u, b->column + 3u, t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), ">TIME_WAIT"));
	ui_click(&t->ui, 2, 2, t->scene.now_ns); /* beside all boxes */
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), ">TIME_WAIT"));
	ui_click(&t->ui, b->row + 3u, b->column + 3u, t->scene.now_ns);
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "filter: state time-wait"));
}

static void test_arrows_and_letters_move(void **state)
{
	struct stage *t = *state;

	scene_swept(&t->scene);
	assert_true(shows(keys(t, "4 Left"), ">SYN_RECV"));
	assert_true(shows(keys(t, "j"), ">FIN_WAIT1"));
	assert_true(shows(keys(t, "k"), ">SYN_RECV"));
	assert_true(shows(keys(t, "Right Up Left"), ">LISTEN"));
	assert_true(shows(keys(t, "Up"), ">CLOSED"));
	assert_true(shows(keys(t, "Enter"), "there is no list of it"));
	assert_true(shows(keys(t, "4 End"), ">LAST_ACK"));
	assert_true(shows(stage_keys(t, "Home", 12, 40), "> LISTEN"));
	assert_true(shows(stage_keys(t, "End", 12, 40), "> TIME_WAIT"));
}

/* Frames only while a token is on its way; none with --no-animation, and none behind another screen. */
static void test_moves_only_with_tokens(void **state)
{
	struct stage *t = *state;

	scene_swept(&t->scene);
	keys(t, "4");
	assert_false(ui_moves(&t->ui));
	assert_int_equal(ui_wake_ns(&t->ui), INT64_MAX);
	scene_open(&t->scene, 100, STATE_SYN_SENT, "10.0.0.5:5000", "10.0.0.9:80", SIDE_LOCAL);
	assert_true(ui_moves(&t->ui));
	assert_true(shows(stage_play_ms(t, 240, ROWS, COLUMNS), "o-"));
	stage_play_ms(t, 400, ROWS, COLUMNS);
	assert_false(ui_moves(&t->ui));
	keys(t, "F1");
	scene_open(&t->scene, 101, STATE_SYN_SENT, "10.0.0.5:5001", "10.0.0.9:80", SIDE_LOCAL);
	stage_paint(t, ROWS, COLUMNS);
	assert_false(ui_moves(&t->ui));
	t->ui.animate = false;
	keys(t, "4");
	scene_open(&t->scene, 102, STATE_SYN_SENT, "10.0.0.5:5002", "10.0.0.9:80", SIDE_LOCAL);
	stage_paint(t, ROWS, COLUMNS);
	assert_false(ui_moves(&t->ui));
	assert_true(shows(stage_paint(t, ROWS, COLUMNS), "active open/SYN 0.8/s"));
}

static void test_pause(void **state)
{
	struct stage *t = *state;

	scene_swept(&t->scene);
	keys(t, "4");
	scene_open(&t->scene, 100, STATE_SYN_SENT, "10.0.0.5:5000", "10.0.0.9:80", SIDE_LOCAL);
	stage_play_ms(t, 200, ROWS, COLUMNS);
	assert_true(shows(keys(t, "Space"), " paused "));
	assert_false(ui_moves(&t->ui));
	stage_play_ms(t, 5000, ROWS, COLUMNS);
	assert_int_equal(t->ui.map.token_count, 1);
	assert_false(shows(keys(t, "Space"), " paused "));
	assert_true(ui_moves(&t->ui));
}

/* More at once than can be drawn: the edge says so, and its rate counts all. */
static void test_crowds(void **state)
{
	struct stage *t = *state;
	const char *picture;

	scene_swept(&t->scene);
	keys(t, "4");
	for (unsigned i = 0; i < 4000; i++)
		scene_open(&t->scene, 100 + i, STATE_SYN_SENT, "10.0.0.5:5000", "10.0.0.9:80", SIDE_LOCAL);
	picture = stage_paint(t, ROWS, COLUMNS);
	assert_true(shows(picture, ">>1000/s"));
	assert_false(shows(stage_play_ms(t, 1200, ROWS, COLUMNS), ">>1000/s"));
}

/* Every size there is, with something going on. */
static void test_every_size(void **state)
{
	struct stage *t = *state;

	map_scene(t, ROWS, COLUMNS);
	for (unsigned rows = 1; rows < 230; rows += rows < 64 ? 1 : 41)
		for (unsigned columns = 1; columns < 520; columns += columns < 110 ? 3 : 29) {
			const char *picture = stage_paint(t, rows, columns);

			assert_true(rows < FRAME_LEAST_ROWS || columns < FRAME_LEAST_COLUMNS || shows(picture, "ESTABLISHED"));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
		TEST(test_pictures),
		TEST(test_roles),
		TEST(test_enter_lists_and_escape_shows_all_again),
		TEST(test_every_state_has_its_list),
		TEST(test_filter_before_comes_back),
		TEST(test_typed_filter_stays),
		TEST(test_mouse),
		TEST(test_arrows_and_letters_move),
		TEST(test_moves_only_with_tokens),
		TEST(test_pause),
		TEST(test_crowds),
		TEST(test_every_size),
#undef TEST
	};

	message_init("en", "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
